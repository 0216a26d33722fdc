//! Max norm: g(y) = maxᵢ |yᵢ|.
//!
//! - Spellings: `norm_inf(e)`, `‖e‖∞`, `||e||_inf`; of a matrix, over its entries; `sum(norm_inf(rows(Y)))` over its rows
//! - Domain: all of Rⁿ; convex, even, homogeneous, symmetric
//! - Prox: prox_{γ c g}(v) = v − P(v), P the projection on the l1 ball of radius γ c (Moreau)
//! - Conjugate: 0 where ‖u‖₁ ≤ c, +∞ elsewhere
//! - Jacobian of the prox: I minus that of the projection
//! - Source: Beck, *First-Order Methods in Optimization* (2017), example 6.48

use super::prelude::*;
use crate::calculus::sets::ball1::Ball1;
use crate::text::{coefficient_text, step_text};
use sparsec_runtime::Kernel;

/// maxᵢ |yᵢ|
#[derive(Debug)]
pub struct NormInf;

impl Function for NormInf {
    fn name(&self) -> &'static str {
        "norm_inf"
    }
    fn doc(&self) -> String {
        head(include_str!("norm_inf.rs"))
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
        Form::Proxable(&NormInf)
    }
    fn row_sum(&self) -> RowSum {
        RowSum::Rows
    }
}

/// |x|, entry by entry.
fn sizes(cx: &mut Emit, x: View) -> View {
    let size = cx.b.scratch("size", x.len);
    cx.b.set(size, x.abs());
    size
}

impl Proxable for NormInf {
    fn name(&self) -> &'static str {
        "norm_inf"
    }
    fn facts(&self, _at: &Use) -> Facts {
        Facts { homogeneous: true, absolute: true, symmetric: true, max_norm: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let c = cx.value(&at.coefficient);
        let size = sizes(cx, x);
        let tops = cx.row_max(size, at.rows, at.len);
        cx.b.sum(out, c * tops);
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[gamma, c]);
        let radius = cx.as_view(t);
        let (inside, work) = (cx.b.scratch("inside", v.len), cx.b.scratch("work", at.len));
        cx.b.kernel(Kernel::ProjectBall1, &[at.rows, at.len], &[v, radius], &[inside, work]);
        cx.b.set(out, v - inside);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[point.gamma, c]);
        let (inside, part) = (cx.b.scratch("inside", d.len), cx.b.scratch("part", d.len));
        cx.b.set(inside, point.v - point.x);
        let projected = ProxPoint { x: inside, ..*point };
        Ball1::jacobian_of_radius(cx, (at.rows, at.len), t, &projected, d, part);
        cx.b.set(out, d - part);
    }
    fn prox_text(&self, at: &Use) -> String {
        format!("v − project(v, l1 ball of radius {})", step_text(at))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("0 where ‖u‖₁ ≤ {}", coefficient_text(at))
    }
    fn gauge(&self, cx: &mut Emit, at: &Use, u: View, out: View) -> bool {
        let c = cx.value(&at.coefficient);
        let size = sizes(cx, u);
        let sums = cx.row_sums(size, at.rows, at.len);
        let largest = cx.b.scratch("largest", 1);
        cx.b.max(largest, sums);
        cx.b.set(out, part_of(largest, c));
        true
    }
    fn flops(&self, at: &Use) -> usize {
        10 * at.rows * at.len
    }
}
