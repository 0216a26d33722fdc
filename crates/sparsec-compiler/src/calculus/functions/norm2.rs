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
use sparsec_program::program::{Compare, ReduceOp};
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
        cx.sum_to(out, at.rows, |m| {
            let norm = m.element(norms);
            c.times(m, norm)
        });
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[gamma, c]);
        let norm = cx.norm(v);
        let factor = cx.b.scratch("shrink", 1);
        cx.b.map_to(factor, |m| {
            let (norm, t) = (m.element(norm), t.e(m));
            crate::lower::shrink_factor(m, norm, t)
        });
        cx.scale_to(out, factor, v);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[point.gamma, c]);
        let norm = cx.norm(point.v);
        // With n = v/‖v‖ and s = t/‖v‖: J d = (1 − s) d + s ⟨n, d⟩ n.
        let (direction, along) = (cx.b.scratch("direction", d.len), cx.b.scratch("along", 1));
        cx.b.map(d.len, |m| {
            let (v, norm, d) = (m.element(point.v), m.scalar(norm), m.element(d));
            let n = crate::lower::ratio_or_zero(m, v, norm);
            m.store(direction, n);
            let nd = m.mul(n, d);
            m.reduce(ReduceOp::Sum, along, nd);
        });
        cx.b.map_to(out, |m| {
            let (n, norm, along, d) = (m.element(direction), m.scalar(norm), m.scalar(along), m.element(d));
            let (t, one, zero) = (t.e(m), m.literal(1.0), m.literal(0.0));
            let s = crate::lower::ratio_or_zero(m, t, norm);
            let across = m.sub(one, s);
            let (across, along) = (m.mul(across, d), m.mul(along, n));
            let along = m.mul(s, along);
            let sum = m.add(across, along);
            m.select(norm, Compare::Lt, t, zero, sum)
        });
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
        cx.ratio_to(out, norm, c);
        true
    }
}
