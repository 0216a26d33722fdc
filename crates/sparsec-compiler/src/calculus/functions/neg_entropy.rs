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
pub fn xlogx(x: impl Into<Formula>) -> Formula {
    let x = x.into();
    x.le(0.0).then(0.0, &x * x.log())
}

/// Derivative x/(x + t) of the x with x + t log x = v + const; 0 at x = 0.
pub fn slope(x: View, t: Value) -> Formula {
    part_of(x, x + t)
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
        cx.b.sum(out, c * xlogx(x));
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[gamma, c]);
        let (arg, omega) = (cx.b.scratch("arg", v.len), cx.b.scratch("omega", v.len));
        cx.b.set(arg, v / t - 1.0 - t.log());
        cx.b.kernel(Kernel::WrightOmega, &[v.len], &[arg], &[omega]);
        cx.b.set(out, t.le(0.0).then(v.max(0.0), t * omega));
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[point.gamma, c]);
        cx.b.set(out, slope(point.x, t) * d);
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
            // c = 0 leaves the indicator of y ≥ 0.
            m.sum(value, c.le(0.0).then(0.0, c * (u / c - 1.0).exp()));
            m.store(above, c.le(0.0).then(u.max(0.0), 0.0));
        });
        cx.norm_to(violation, above);
    }
    fn violation(&self, cx: &mut Emit, _at: &Use, x: View, out: View) {
        cx.b.max(out, (-x).max(0.0));
    }
    fn flops(&self, at: &Use) -> usize {
        40 * at.rows * at.len
    }
}
