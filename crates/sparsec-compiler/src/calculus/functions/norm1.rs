//! l1 norm: g(y) = Σ |yᵢ|; weighted: `norm1(w .* y)` = Σ |wᵢ yᵢ|.
//!
//! - Spellings: `norm1(e)`, `‖e‖₁`, `||e||_1`, `sum(abs(e))`; of a matrix, over its entries
//! - Domain: all of Rⁿ; convex, even, homogeneous, separable
//! - Prox: prox_{γ c g}(v)ᵢ = sign(vᵢ) max(|vᵢ| − γ c wᵢ, 0), the soft threshold
//! - Conjugate: 0 where |uᵢ| ≤ c wᵢ for every i, +∞ elsewhere
//! - Jacobian of the prox: diag(1 where |vᵢ| > γ c wᵢ, else 0)
//! - On the simplex it is the constant Σ yᵢ and is dropped; with weights it is linear there
//! - Source: Beck, *First-Order Methods in Optimization* (2017), example 6.8

use super::prelude::*;
use crate::text::step_text;
use crate::lower::Threshold;
use sparsec_program::builder::{E, MapBuilder};
use sparsec_program::program::{Compare, ReduceOp};

/// Σ |wᵢ yᵢ|
#[derive(Debug)]
pub struct Norm1;

impl Function for Norm1 {
    fn name(&self) -> &'static str {
        "norm1"
    }
    fn doc(&self) -> String {
        head(include_str!("norm1.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Entries
    }
    fn curvature(&self) -> Curvature {
        Curvature::Convex
    }
    fn sign(&self) -> Sign {
        Sign::Nonnegative
    }
    fn monotone(&self, argument: Sign) -> Monotone {
        even_monotone(argument)
    }
    fn form(&self) -> Form {
        Form::Proxable(&Norm1)
    }
}

/// sign(v) max(|v| − t, 0), written so that a NaN survives.
pub fn soft(m: &mut MapBuilder, v: E, t: E) -> E {
    let zero = m.literal(0.0);
    let over = m.sub(v, t);
    let under = m.add(v, t);
    let pos = m.max(over, zero);
    let neg = m.min(under, zero);
    m.add(pos, neg)
}

impl Proxable for Norm1 {
    fn name(&self) -> &'static str {
        "norm1"
    }
    fn facts(&self, _at: &Use) -> Facts {
        Facts {
            separable: true,
            homogeneous: true,
            absolute: true,
            symmetric: true,
            linear_on_nonneg: true,
            sparse: true, ..Facts::default()
        }
    }
    fn value(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let w = cx.threshold(at, Value::Literal(1.0));
        cx.sum_to(out, x.len, |m| {
            let x = m.element(x);
            let a = m.abs(x);
            w.times(m, a)
        });
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View) {
        let t: Threshold = cx.threshold(at, gamma);
        cx.b.map_to(out, |m| {
            let v = m.element(v);
            let t = t.e(m);
            soft(m, v, t)
        });
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let t = cx.threshold(at, point.gamma);
        cx.b.map_to(out, |m| {
            let (v, d, zero) = (m.element(point.v), m.element(d), m.literal(0.0));
            let (size, t) = (m.abs(v), t.e(m));
            m.select(size, Compare::Lt, t, zero, d)
        });
    }
    fn prox_text(&self, at: &Use) -> String {
        match &at.weights {
            None => format!("soft(v, {})", step_text(at)),
            Some(_) => format!("soft(vᵢ, {}·wᵢ)", step_text(at)),
        }
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("0 where ‖u‖∞ ≤ {}", crate::text::coefficient_text(at))
    }
    fn gauge(&self, cx: &mut Emit, at: &Use, u: View, out: View) -> bool {
        let w = cx.threshold(at, Value::Literal(1.0));
        cx.b.reduce_to(out, ReduceOp::Max, u.len, |m| {
            let (u, zero) = (m.element(u), m.literal(0.0));
            let (a, w) = (m.abs(u), w.e(m));
            let ratio = m.div(a, w);
            m.select(a, Compare::Le, zero, zero, ratio)
        });
        true
    }
    fn flops(&self, at: &Use) -> usize {
        5 * at.rows * at.len
    }
}
