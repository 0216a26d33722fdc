//! Max norm: g(y) = maxᵢ |yᵢ|.
//!
//! - Spellings: `norm_inf(e)`, `‖e‖∞`, `||e||_inf`; of a matrix, over its entries; `sum(norm_inf(rows(Y)))` over its rows
//! - Domain: all of Rⁿ; convex, even, homogeneous, symmetric
//! - Prox: prox_{γ c g}(v) = v − P(v), P the projection on the l1 ball of radius γ c (Moreau)
//! - Conjugate: 0 where ‖u‖₁ ≤ c, +∞ elsewhere
//! - Jacobian of the prox: I minus that of the projection
//! - Source: Beck, *First-Order Methods in Optimization* (2017), example 6.48

use crate::calculus::prelude::*;
use sparsec_runtime::Kernel;

pub(crate) static FUNCTION: Function = Function {
    name: "norm_inf",
    file: include_str!("norm_inf.rs"),
    sign: Sign::Nonnegative,
    monotone: Monotone::even,
    over_rows: RowSum::Rows,
    form: Form::Proxable(|_| Arc::new(NormInf)),
    ..CONVEX
};

/// maxᵢ |yᵢ|
#[derive(Debug)]
pub struct NormInf;

impl Proxable for NormInf {
    fn name(&self) -> &'static str {
        "norm_inf"
    }
    fn facts(&self, on: Layout) -> Facts {
        let symmetric = on.count() == 1;
        Facts { homogeneous: true, absolute: true, nonnegative: true, symmetric, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, on: Layout, x: View, out: View) {
        let sizes = cx.entries("size", x.len, x.abs());
        let tops = cx.row_max(sizes, on);
        cx.b.sum(out, tops);
    }
    fn prox(&self, cx: &mut Emit, on: Layout, v: View, t: Value, out: View) -> Kept {
        let radius = cx.as_view(t);
        let (inside, work) = (cx.b.scratch("inside", v.len), cx.b.scratch("work", on.len()));
        cx.b.kernel(Kernel::ProjectBall1, &[on.count(), on.len()], &[v, radius], &[inside, work]);
        cx.b.set(out, v - inside);
        vec![inside]
    }
    fn jacobian(&self, cx: &mut Emit, on: Layout, point: &ProxPoint) -> Symmetric {
        Symmetric::onto_l1_ball(cx, on, point.t, point.v, point.kept[0]).complement(cx, on.entries())
    }
    fn tangent(&self, cx: &mut Emit, on: Layout, c: Value, x: View) -> Tangent {
        // Every slope has its entries, of the sign of x, where |x| is largest, and |entries| of sum c.
        let sizes = cx.entries("size", x.len, x.abs());
        let tops = cx.row_max(sizes, on);
        let tops = cx.rows_to_entries(tops, on);
        let least = (1.0 - NEAR) * tops;
        let sign = x.abs().lt(least).then(0.0, x.lt(0.0).then(-1.0, x.gt(0.0).then(1.0, 0.0)));
        let [direction, largest] = ["signs", "largest"].map(|name| cx.b.scratch(name, x.len));
        cx.b.map(x.len, |m| {
            m.store(largest, sign.abs());
            m.store(direction, sign);
        });
        let counts = cx.row_sums(largest, on);
        let factor = cx.entries("factor", on.count(), ratio_or_zero(1.0, counts));
        let slope = cx.per_row(on, c * factor);
        let slope = cx.entries("slope", x.len, slope * direction);
        // At 0 no entry is free.
        let others = cx.entries("others", x.len, tops.gt(0.0).then(1.0 - largest, 0.0));
        let (diagonal, factor, parts) = (Value::View(others), Value::View(factor), Parts::Vectors(on));
        Tangent { slope, within: Symmetric::Blocks { diagonal, direction, factor, parts }, by_entries: false }
    }
    fn gauge(&self, cx: &mut Emit, on: Layout, c: Value, u: View, out: View) -> bool {
        let sizes = cx.entries("size", u.len, u.abs());
        let sums = cx.row_sums(sizes, on);
        cx.b.max(out, part_of(sums, c));
        true
    }
    fn prox_text(&self, words: &Words) -> String {
        format!("v − project(v, l1 ball of radius {})", words.t)
    }
    fn conjugate_text(&self, words: &Words) -> String {
        format!("0 where ‖u‖₁ ≤ {}", words.c)
    }
    fn flops(&self, on: Layout) -> usize {
        10 * on.entries()
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::penalty("1.1*norm_inf(y)", |y| 1.1 * norm_inf(y), |u| indicator(norm1(u) <= 1.1)),
        Example::penalty("0.6*sum(norm_inf(rows(Y)))", |y| 0.6 * over_rows(y, norm_inf), |u| {
            over_rows(u, |u| indicator(norm1(u) <= 0.6))
        }),
        Example::penalty("0.6*sum(norm_inf(cols(Y)))", |y| 0.6 * over_columns(y, norm_inf), |u| {
            over_columns(u, |u| indicator(norm1(u) <= 0.6))
        }),
    ]
}
