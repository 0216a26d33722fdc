//! l1 ball: {‖y‖₁ ≤ r}.
//!
//! - Spellings: `y in ball1(r)`, `norm1(y) <= r`, `‖y‖₁ ≤ r`; `rows(Y) in ball1(r)` for every row
//! - Projection: v inside; else sign(v) times the projection of |v| on the simplex of radius r
//! - Support function: r ‖u‖∞
//! - Jacobian of the projection: I inside; else diag(1_A) − s_A s_Aᵀ/|A|, s the signs on the support A
//! - Source: Duchi et al., *Efficient Projections onto the l1-Ball* (2008)

use crate::calculus::functions::prelude::*;
use sparsec_program::solver::Domain;
use sparsec_runtime::Kernel;

/// {‖y‖₁ ≤ r}
#[derive(Debug)]
pub struct Ball1;

impl SetRule for Ball1 {
    fn name(&self) -> &'static str {
        "ball1"
    }
    fn doc(&self) -> String {
        head(include_str!("ball1.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Entries
    }
    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter { name: "r", kind: ParameterKind::Scalar(Some(Domain::AtLeast(0.0))), optional: false }]
    }
    fn indicator(&self, args: &[Arg]) -> Indicator {
        Indicator { atom: &Ball1, args: args.to_vec(), shift: None }
    }
}

impl Ball1 {
    /// `out = J d` for the projection of rows on the ball of this radius.
    pub fn jacobian_of_radius(
        cx: &mut Emit,
        (rows, len): (usize, usize),
        radius: Value,
        point: &ProxPoint,
        d: View,
        out: View,
    ) {
        let (size, signs) = (cx.b.scratch("size", d.len), cx.b.scratch("signs", d.len));
        let (support, product) = (cx.b.scratch("support", d.len), cx.b.scratch("product", d.len));
        cx.b.map(d.len, |m| {
            let x = point.x;
            let sign = x.lt(0.0).then(-1.0, x.gt(0.0).then(1.0, 0.0));
            m.store(size, point.v.abs());
            m.store(signs, &sign);
            m.store(support, sign.abs());
            m.store(product, sign * d);
        });
        let sizes = cx.row_sums(size, rows, len);
        let (counts, sums) = (cx.row_sums(support, rows, len), cx.row_sums(product, rows, len));
        let (inside, means) = (cx.b.scratch("inside", rows), cx.b.scratch("means", rows));
        cx.b.map(rows, |m| {
            m.store(inside, sizes.le(radius).then(1.0, 0.0));
            m.store(means, ratio_or_zero(sums, counts));
        });
        let (spread_inside, taken) = (cx.b.scratch("spread_inside", d.len), cx.b.scratch("taken", d.len));
        let ones = cx.table("ones", vec![1.0; d.len]);
        cx.scale_rows_to(spread_inside, inside, ones, rows, len);
        cx.scale_rows_to(taken, means, signs, rows, len);
        cx.b.set(out, spread_inside.gt(0.0).then(d, support * d - taken));
    }
}

impl Proxable for Ball1 {
    fn name(&self) -> &'static str {
        "ball1"
    }
    fn facts(&self, _at: &Use) -> Facts {
        Facts { set: true, symmetric: true, absolute: true, l1_ball: true, sparse: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _at: &Use, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, _gamma: Value, out: View) {
        let radius = cx.arg_value(at, 0);
        let radius = cx.as_view(radius);
        let work = cx.b.scratch("work", at.len);
        cx.b.kernel(Kernel::ProjectBall1, &[at.rows, at.len], &[v, radius], &[out, work]);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let radius = cx.arg_value(at, 0);
        Self::jacobian_of_radius(cx, (at.rows, at.len), radius, point, d, out);
    }
    fn prox_text(&self, at: &Use) -> String {
        format!("v where ‖v‖₁ ≤ {r}, else soft(v, τ), τ such that ‖·‖₁ is {r}", r = arg_text(at, 0))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("{} ‖u‖∞", arg_text(at, 0))
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, before: &[Atom], u: View, value: View, violation: View) {
        // (h + δ_C)*(u) = min_z h*(z) + r ‖u − z‖∞; h is separable, so its prox at 1 is that nearest difference in every norm.
        let rest = cx.prox_at_one(before, u);
        let size = cx.b.scratch("size", rest.len);
        cx.b.set(size, rest.abs());
        let radius = cx.arg_value(at, 0);
        let top = cx.row_max(size, at.rows, at.len);
        cx.b.sum(value, radius * top);
        cx.b.fill(violation, 0.0);
    }
    fn violation(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let radius = cx.arg_value(at, 0);
        let size = cx.b.scratch("size", x.len);
        cx.b.set(size, x.abs());
        let sums = cx.row_sums(size, at.rows, at.len);
        cx.b.max(out, (sums - radius).max(0.0));
    }
    fn empty(&self, cx: &mut Emit, at: &Use, out: View) -> bool {
        cx.negative_radius(at, out)
    }
    fn flops(&self, at: &Use) -> usize {
        10 * at.rows * at.len
    }
}
