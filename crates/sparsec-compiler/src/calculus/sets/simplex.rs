//! Simplex: {y ≥ 0, Σ yᵢ = r}, r = 1 unless given.
//!
//! - Spellings: `y in simplex`, `y in simplex(r)`, `y >= 0, sum(y) == r`; `rows(Y) in simplex` for every row
//! - Projection: max(v − τ, 0) with the τ that makes the sum r
//! - Support function: r maxᵢ uᵢ
//! - Jacobian of the projection: diag(1_A) − 1_A 1_Aᵀ/|A| on the support A (1_A is the 0/1 indicator, not the output)
//! - `‖y‖₁` is the constant r on it and is dropped from the iteration
//! - Source: Duchi et al., *Efficient Projections onto the l1-Ball* (2008); Condat (2016)

use crate::calculus::prelude::*;
use sparsec_program::solver::Domain;
use sparsec_runtime::Kernel;

pub(crate) static SET: Set = Set {
    name: "simplex",
    file: include_str!("simplex.rs"),
    takes: Takes::Vector,
    parameters: &[Parameter { name: "r", kind: ParameterKind::Scalar(Some(Domain::AtLeast(0.0))), optional: true }],
    sign: Sign::Nonnegative,
    meaning: Meaning::Indicator(|args| {
        let radius = args.first().and_then(Arg::expr).cloned().unwrap_or_else(|| expr::number(1.0));
        Indicator { rule: Arc::new(Simplex { radius }), centre: None }
    }),
    ..ANY
};

/// {y ≥ 0, Σ yᵢ = r}
#[derive(Debug)]
pub struct Simplex {
    /// r ≥ 0
    pub radius: Expr,
}

impl Proxable for Simplex {
    fn name(&self) -> &'static str {
        "simplex"
    }
    fn facts(&self, on: Layout) -> Facts {
        let symmetric = on.count() == 1;
        Facts { set: true, nonnegative: true, symmetric, nonnegative_domain: true, sparse: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _on: Layout, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, on: Layout, v: View, _t: Value, out: View) -> Kept {
        let (radius, work) = (cx.number(&self.radius), cx.b.scratch("work", on.len()));
        cx.b.kernel(Kernel::ProjectSimplex, &[on.count(), on.len()], &[v, radius], &[out, work]);
        Kept::new()
    }
    fn jacobian(&self, cx: &mut Emit, on: Layout, point: &ProxPoint) -> Symmetric {
        let support = cx.entries("support", point.x.len, point.x.gt(0.0).then(1.0, 0.0));
        Symmetric::of_fixed_sum(cx, on, support)
    }
    fn conjugate(&self, cx: &mut Emit, on: Layout, _c: Value, u: View, value: View, outside: View) {
        let (radius, tops) = (cx.value(&self.radius), cx.row_max(u, on));
        cx.b.sum(value, radius * tops);
        cx.b.fill(outside, 0.0);
    }
    fn tangent(&self, cx: &mut Emit, on: Layout, _c: Value, x: View) -> Tangent {
        let support = cx.entries("support", x.len, x.gt(0.0).then(1.0, 0.0));
        Tangent::new(cx.zeros(x.len), Symmetric::of_fixed_sum(cx, on, support))
    }
    fn extent(&self, cx: &mut Emit) -> Option<Formula> {
        Some(cx.value(&self.radius).into())
    }
    fn violation(&self, cx: &mut Emit, on: Layout, x: View, sizes: View, out: View) {
        cx.off_simplex(on, &self.radius, x, sizes, out);
    }
    fn empty(&self, cx: &mut Emit, _on: Layout, out: View) -> bool {
        cx.negative(&self.radius, out)
    }
    fn scaled(&self, _on: Layout, s: &Expr) -> Option<Scaled> {
        let s = expr::nonzero(s)?;
        let radius = expr::scale(expr::number(1.0 / s.abs()), self.radius.clone());
        Some(Scaled { coefficient: expr::number(1.0), rule: Some(Arc::new(Simplex { radius })), factor: s.signum() })
    }
    fn data(&self) -> Vec<&Expr> {
        vec![&self.radius]
    }
    fn prox_text(&self, words: &Words) -> String {
        format!("max(v − τ, 0), τ such that the sum is {}", words.data(&self.radius))
    }
    fn conjugate_text(&self, words: &Words) -> String {
        format!("{} max u", words.data(&self.radius))
    }
    fn flops(&self, on: Layout) -> usize {
        8 * on.entries()
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::set("y in simplex", |y| off_simplex(y, 1.0), max, |y| onto_simplex(y, 1.0)),
        Example::set("y in simplex(2.5)", |y| off_simplex(y, 2.5), |u| 2.5 * max(u), |y| onto_simplex(y, 2.5)),
        Example::set(
            "rows(Y) in simplex(2)",
            |y| over_rows(y, |y| off_simplex(y, 2.0)),
            |u| over_rows(u, |u| 2.0 * max(u)),
            |y| each_row(y, |y| onto_simplex(y, 2.0)),
        ),
        Example::set(
            "cols(Y) in simplex",
            |y| over_columns(y, |y| off_simplex(y, 1.0)),
            |u| over_columns(u, max),
            |y| each_column(y, |y| onto_simplex(y, 1.0)),
        ),
    ]
}
