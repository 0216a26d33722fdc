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
pub fn soft(v: View, t: &Formula) -> Formula {
    (v - t).max(0.0) + (v + t).min(0.0)
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
        cx.b.sum(out, w * x.abs());
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View) {
        let t = cx.threshold(at, gamma);
        cx.b.set(out, soft(v, &t));
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let t = cx.threshold(at, point.gamma);
        cx.b.set(out, point.v.abs().lt(t).then(0.0, d));
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
        cx.b.max(out, part_of(u.abs(), w));
        true
    }
    fn flops(&self, at: &Use) -> usize {
        5 * at.rows * at.len
    }
}
