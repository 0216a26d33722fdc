//! Max norm: g(y) = maxᵢ |yᵢ|.
//!
//! - Spellings: `norm_inf(e)`, `‖e‖∞`, `||e||_inf`; of a matrix, over its entries
//! - Domain: all of Rⁿ; convex, even, homogeneous, symmetric
//! - Prox: prox_{γ c g}(v) = v − P(v), P the projection on the l1 ball of radius γ c (Moreau)
//! - Conjugate: 0 where ‖u‖₁ ≤ c, +∞ elsewhere
//! - Jacobian of the prox: I minus that of the projection
//! - Source: Beck, *First-Order Methods in Optimization* (2017), example 6.48

use super::prelude::*;
use crate::text::coefficient_text;
use sparsec_program::program::ReduceOp;
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
        let top = cx.b.scratch("top", 1);
        cx.b.reduce_to(top, ReduceOp::Max, x.len, |m| {
            let x = m.element(x);
            m.abs(x)
        });
        cx.b.map_to(out, |m| {
            let top = m.element(top);
            c.times(m, top)
        });
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[gamma, c]);
        let radius = cx.as_view(t);
        let (inside, work) = (cx.b.scratch("inside", v.len), cx.b.scratch("work", v.len));
        cx.b.kernel(Kernel::ProjectBall1, &[1, v.len], &[v, radius], &[inside, work]);
        cx.b.map_to(out, |m| {
            let (v, p) = (m.element(v), m.element(inside));
            m.sub(v, p)
        });
    }
    fn prox_text(&self, at: &Use) -> String {
        format!("v − project(v, l1 ball of radius γ·{})", coefficient_text(at))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("0 where ‖u‖₁ ≤ {}", coefficient_text(at))
    }
    fn gauge(&self, cx: &mut Emit, at: &Use, u: View, out: View) -> bool {
        let c = cx.value(&at.coefficient);
        let sum = cx.b.scratch("sum", 1);
        cx.sum_to(sum, u.len, |m| {
            let u = m.element(u);
            m.abs(u)
        });
        cx.ratio_to(out, sum, c);
        true
    }
    fn flops(&self, at: &Use) -> usize {
        10 * at.len
    }
}
