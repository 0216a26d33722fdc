//! l1 ball: {‖y‖₁ ≤ r}.
//!
//! - Spellings: `y in ball1(r)`, `norm1(y) <= r`, `‖y‖₁ ≤ r`; `rows(Y) in ball1(r)` for every row
//! - Projection: v inside; else sign(v) times the projection of |v| on the simplex of radius r
//! - Support function: r ‖u‖∞
//! - Jacobian of the projection: I inside; else diag(1_A) − s_A s_Aᵀ/|A|, s the signs on the support A
//! - Source: Duchi et al., *Efficient Projections onto the l1-Ball* (2008)

use crate::calculus::prelude::*;
use sparsec_program::solver::Domain;
use sparsec_runtime::Kernel;

pub(crate) static SET: Set = Set {
    name: "ball1",
    file: include_str!("ball1.rs"),
    parameters: &[Parameter { name: "r", kind: ParameterKind::Scalar(Some(Domain::AtLeast(0.0))), optional: false }],
    meaning: Meaning::Indicator(|args| Indicator { rule: Arc::new(Ball1 { radius: argument(args, 0) }), centre: None }),
    ..ANY
};

/// {‖y‖₁ ≤ r}
#[derive(Debug)]
pub struct Ball1 {
    /// r ≥ 0
    pub radius: Expr,
}

impl Proxable for Ball1 {
    fn name(&self) -> &'static str {
        "ball1"
    }
    fn facts(&self, on: Layout) -> Facts {
        let symmetric = on.count() == 1;
        Facts { set: true, nonnegative: true, absolute: true, symmetric, sparse: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _on: Layout, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, on: Layout, v: View, _t: Value, out: View) -> Kept {
        let (radius, work) = (cx.number(&self.radius), cx.b.scratch("work", on.len()));
        cx.b.kernel(Kernel::ProjectBall1, &[on.count(), on.len()], &[v, radius], &[out, work]);
        Kept::new()
    }
    fn jacobian(&self, cx: &mut Emit, on: Layout, point: &ProxPoint) -> Symmetric {
        let radius = cx.value(&self.radius);
        Symmetric::onto_l1_ball(cx, on, radius, point.v, point.x)
    }
    fn tangent(&self, cx: &mut Emit, on: Layout, _c: Value, x: View) -> Tangent {
        let least = (1.0 - NEAR) * cx.value(&self.radius);
        let sign = x.lt(0.0).then(-1.0, x.gt(0.0).then(1.0, 0.0));
        let [size, direction, support] = ["size", "signs", "support"].map(|name| cx.b.scratch(name, x.len));
        cx.b.map(x.len, |m| {
            m.store(size, x.abs());
            m.store(support, sign.abs());
            m.store(direction, sign);
        });
        let (sizes, counts) = (cx.row_sums(size, on), cx.row_sums(support, on));
        let inside = cx.entries("inside", on.count(), sizes.lt(least).then(1.0, 0.0));
        let factor = cx.entries("factor", on.count(), inside.gt(0.0).then(0.0, -ratio_or_zero(1.0, counts)));
        let inside = cx.rows_to_entries(inside, on);
        let diagonal = Value::View(cx.entries("smooth", x.len, support.max(inside)));
        let (factor, parts) = (Value::View(factor), Parts::Vectors(on));
        Tangent::new(cx.zeros(x.len), Symmetric::Blocks { diagonal, direction, factor, parts })
    }
    fn conjugate(&self, cx: &mut Emit, on: Layout, _c: Value, u: View, value: View, outside: View) {
        let (radius, sizes) = (cx.value(&self.radius), cx.entries("size", u.len, u.abs()));
        let tops = cx.row_max(sizes, on);
        cx.b.sum(value, radius * tops);
        cx.b.fill(outside, 0.0);
    }
    fn extent(&self, cx: &mut Emit) -> Option<Formula> {
        Some(cx.value(&self.radius).into())
    }
    fn violation(&self, cx: &mut Emit, on: Layout, x: View, _sizes: View, out: View) {
        let (radius, sizes) = (cx.value(&self.radius), cx.entries("size", x.len, x.abs()));
        let sums = cx.row_sums(sizes, on);
        cx.b.max(out, part_of(sums - radius, radius));
    }
    fn empty(&self, cx: &mut Emit, _on: Layout, out: View) -> bool {
        cx.negative(&self.radius, out)
    }
    fn scaled(&self, _on: Layout, s: &Expr) -> Option<Scaled> {
        let radius = expr::scale(expr::number(1.0 / expr::nonzero(s)?.abs()), self.radius.clone());
        Some(Scaled { coefficient: expr::number(1.0), rule: Some(Arc::new(Ball1 { radius })), factor: 1.0 })
    }
    fn data(&self) -> Vec<&Expr> {
        vec![&self.radius]
    }
    fn prox_text(&self, words: &Words) -> String {
        format!("v where ‖v‖₁ ≤ {r}, else soft(v, τ), τ such that ‖·‖₁ is {r}", r = words.data(&self.radius))
    }
    fn conjugate_text(&self, words: &Words) -> String {
        format!("{} ‖u‖∞", words.data(&self.radius))
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
        Example::set("y in ball1(1.5)", |y| norm1(y) - 1.5, |u| 1.5 * norm_inf(u), |y| shrink(y, norm1, 1.5)),
        Example::set(
            "cols(Y) in ball1(0.8)",
            |y| max(&columns(y).iter().map(|c| norm1(c) - 0.8).collect::<Vec<_>>()),
            |u| over_columns(u, |u| 0.8 * norm_inf(u)),
            |y| each_column(y, |y| shrink(y, norm1, 0.8)),
        ),
    ]
}
