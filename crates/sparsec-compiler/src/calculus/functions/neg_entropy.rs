//! Negative entropy: g(y) = Σ yᵢ log yᵢ on y ≥ 0 (0 log 0 = 0); minus Shannon's `entropy`.
//!
//! - Spelling: `neg_entropy(e)`
//! - Domain: y ≥ 0; convex, separable
//! - Prox: prox_{γ c g}(v) = t ω(v/t − 1 − log t), t = γ c, ω Wright's function (ω + log ω = its argument)
//! - Conjugate: c Σ exp(uᵢ/c − 1)
//! - Jacobian of the prox: diag(yᵢ/(yᵢ + t)) at the prox y
//! - With a linear term on the simplex its minimiser is softmax
//! - Source: Combettes & Pesquet, *Proximal Splitting Methods in Signal Processing* (2011), table 10.2

use super::prelude::*;
use crate::text::{coefficient_text, step_text};
use sparsec_program::builder::{E, MapBuilder};
use sparsec_program::program::{Compare, ReduceOp};
use sparsec_runtime::Kernel;

/// Σ yᵢ log yᵢ
#[derive(Debug)]
pub struct NegEntropy;

impl Function for NegEntropy {
    fn name(&self) -> &'static str {
        "neg_entropy"
    }
    fn doc(&self) -> String {
        head(include_str!("neg_entropy.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Entries
    }
    fn curvature(&self) -> Curvature {
        Curvature::Convex
    }
    fn sign(&self) -> Sign {
        Sign::Unknown
    }
    fn monotone(&self, _argument: Sign) -> Monotone {
        Monotone::No
    }
    fn form(&self) -> Form {
        Form::Proxable(&NegEntropy)
    }
}

/// x log x with 0 at 0 (and at the −0 and denormal dust a projection may leave below it).
pub fn xlogx(m: &mut MapBuilder, x: E) -> E {
    let zero = m.literal(0.0);
    let log = m.log(x);
    let value = m.mul(x, log);
    m.select(x, Compare::Le, zero, zero, value)
}

/// Derivative x/(x + t) of the x with x + t log x = v + const; 0 at x = 0.
pub fn slope(m: &mut MapBuilder, x: E, t: E) -> E {
    let zero = m.literal(0.0);
    let sum = m.add(x, t);
    let ratio = m.div(x, sum);
    m.select(x, Compare::Le, zero, zero, ratio)
}

impl Proxable for NegEntropy {
    fn name(&self) -> &'static str {
        "neg_entropy"
    }
    fn facts(&self, _at: &Use) -> Facts {
        Facts { separable: true, symmetric: true, implies_nonneg: true, entropy: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let c = cx.value(&at.coefficient);
        cx.sum_to(out, x.len, |m| {
            let x = m.element(x);
            let value = xlogx(m, x);
            c.times(m, value)
        });
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[gamma, c]);
        let (arg, omega) = (cx.b.scratch("arg", v.len), cx.b.scratch("omega", v.len));
        cx.b.map_to(arg, |m| {
            let (v, t, one) = (m.element(v), t.e(m), m.literal(1.0));
            let ratio = m.div(v, t);
            let log = m.log(t);
            let less = m.sub(ratio, one);
            m.sub(less, log)
        });
        cx.b.kernel(Kernel::WrightOmega, &[v.len], &[arg], &[omega]);
        cx.b.map_to(out, |m| {
            let (omega, t, v, zero) = (m.element(omega), t.e(m), m.element(v), m.literal(0.0));
            let value = m.mul(t, omega);
            let clipped = m.max(v, zero);
            m.select(t, Compare::Le, zero, clipped, value)
        });
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[point.gamma, c]);
        cx.b.map_to(out, |m| {
            let (x, d, t) = (m.element(point.x), m.element(d), t.e(m));
            let slope = slope(m, x, t);
            m.mul(slope, d)
        });
    }
    fn prox_text(&self, at: &Use) -> String {
        format!("t ω(v/t − 1 − log t), t = {}", step_text(at))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        let c = coefficient_text(at);
        format!("{c}·Σ exp(u/{c} − 1)")
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, _before: &[Atom], u: View, value: View, violation: View) {
        let c = cx.value(&at.coefficient);
        let above = cx.b.scratch("above", u.len);
        cx.b.map(u.len, |m| {
            let (u, c, one, zero) = (m.element(u), c.e(m), m.literal(1.0), m.literal(0.0));
            let ratio = m.div(u, c);
            let less = m.sub(ratio, one);
            let e = m.exp(less);
            let ce = m.mul(c, e);
            // c = 0 leaves the indicator of y ≥ 0.
            let ce = m.select(c, Compare::Le, zero, zero, ce);
            m.reduce(ReduceOp::Sum, value, ce);
            let over = m.max(u, zero);
            let over = m.select(c, Compare::Le, zero, over, zero);
            m.store(above, over);
        });
        cx.norm_to(violation, above);
    }
    fn violation(&self, cx: &mut Emit, _at: &Use, x: View, out: View) {
        cx.b.reduce_to(out, ReduceOp::Max, x.len, |m| {
            let (x, zero) = (m.element(x), m.literal(0.0));
            let below = m.neg(x);
            m.max(below, zero)
        });
    }
    fn flops(&self, at: &Use) -> usize {
        40 * at.rows * at.len
    }
}
