//! Euclidean norm: g(y) = ‖y‖₂, not squared (`‖y‖²` is `sum_squares`).
//!
//! - Spellings: `norm2(e)`, `‖e‖`, `‖e‖₂`, `||e||`; of a matrix, the Frobenius norm `norm_fro(A)`, `‖A‖_F`
//! - Domain: all of Rⁿ; convex, homogeneous, radial
//! - Prox: prox_{γ c g}(v) = max(0, 1 − γ c/‖v‖) v, and 0 at v = 0
//! - Conjugate: 0 where ‖u‖₂ ≤ c, +∞ elsewhere
//! - Jacobian of the prox: 0 where ‖v‖ < γ c, else (1 − γ c/‖v‖) I + γ c v vᵀ/‖v‖³
//! - Source: Beck, *First-Order Methods in Optimization* (2017), example 6.19

use super::prelude::*;
use crate::text::{coefficient_text, step_text};
use sparsec_runtime::Kernel;

/// ‖y‖₂
#[derive(Debug)]
pub struct Norm2;

impl Function for Norm2 {
    fn name(&self) -> &'static str {
        "norm2"
    }
    fn aliases(&self) -> &'static [&'static str] {
        &["norm_fro"]
    }
    fn doc(&self) -> String {
        head(include_str!("norm2.rs"))
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
        Form::Proxable(&Norm2)
    }
    fn row_sum(&self) -> RowSum {
        RowSum::Groups
    }
    fn row_values(&self, cx: &mut Emit, at: &Use, x: View, out: View) -> bool {
        cx.b.kernel(Kernel::RowNorms, &[at.rows, at.len], &[x], &[out]);
        true
    }
}

impl Proxable for Norm2 {
    fn name(&self) -> &'static str {
        "norm2"
    }
    fn facts(&self, _at: &Use) -> Facts {
        Facts { homogeneous: true, radial: true, absolute: true, symmetric: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let c = cx.value(&at.coefficient);
        let norms = cx.row_norms(x, at.rows, at.len);
        cx.b.sum(out, c * norms);
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[gamma, c]);
        let norm = cx.norm(v);
        let factor = cx.b.scratch("shrink", 1);
        cx.b.set(factor, shrink_factor(norm, t));
        cx.b.set(out, factor * v);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[point.gamma, c]);
        let norm = cx.norm(point.v);
        // With n = v/‖v‖ and s = t/‖v‖: J d = (1 − s) d + s ⟨n, d⟩ n.
        let (direction, along) = (cx.b.scratch("direction", d.len), cx.b.scratch("along", 1));
        cx.b.map(d.len, |m| {
            let n = ratio_or_zero(point.v, norm);
            m.store(direction, &n);
            m.sum(along, n * d);
        });
        let s = ratio_or_zero(t, norm);
        cx.b.set(out, norm.lt(t).then(0.0, (1.0 - &s) * d + &s * (along * direction)));
    }
    fn prox_text(&self, at: &Use) -> String {
        format!("max(0, 1 − {}/‖v‖) v", step_text(at))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("0 where ‖u‖ ≤ {}", coefficient_text(at))
    }
    fn gauge(&self, cx: &mut Emit, at: &Use, u: View, out: View) -> bool {
        let c = cx.value(&at.coefficient);
        let norm = cx.norm(u);
        cx.b.set(out, part_of(norm, c));
        true
    }
}
