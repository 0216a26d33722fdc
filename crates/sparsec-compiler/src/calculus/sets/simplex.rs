//! Simplex: {y ≥ 0, Σ yᵢ = r}, r = 1 unless given.
//!
//! - Spellings: `y in simplex`, `y in simplex(r)`, `y >= 0, sum(y) == r`; `rows(Y) in simplex` for every row
//! - Projection: max(v − τ, 0) with the τ that makes the sum r
//! - Support function: r maxᵢ uᵢ
//! - Jacobian of the projection: diag(1_A) − 1_A 1_Aᵀ/|A| on the support A (1_A is the 0/1 indicator, not the output)
//! - `‖y‖₁` is the constant r on it and is dropped from the iteration
//! - Source: Duchi et al., *Efficient Projections onto the l1-Ball* (2008); Condat (2016)

use crate::calculus::functions::prelude::*;
use crate::expr;
use sparsec_program::solver::Domain;
use sparsec_runtime::Kernel;

/// {y ≥ 0, Σ yᵢ = r}
#[derive(Debug)]
pub struct Simplex;

impl SetRule for Simplex {
    fn name(&self) -> &'static str {
        "simplex"
    }
    fn doc(&self) -> String {
        head(include_str!("simplex.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Vector
    }
    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter { name: "r", kind: ParameterKind::Scalar(Some(Domain::AtLeast(0.0))), optional: true }]
    }
    fn sign(&self) -> Sign {
        Sign::Nonnegative
    }
    fn indicator(&self, args: &[Arg]) -> Indicator {
        let radius = args.first().cloned().unwrap_or_else(|| Arg::Expr(expr::number(1.0)));
        Indicator { atom: &Simplex, args: vec![radius], shift: None }
    }
}

/// `out = W d − W 1 (1ᵀ W d)/(1ᵀ W 1)` row by row, W = diag(slopes) ≥ 0: what a fixed sum leaves of separable slopes.
pub fn centred(cx: &mut Emit, (rows, len): (usize, usize), slopes: View, d: View, out: View) {
    let product = cx.b.scratch("product", d.len);
    cx.b.set(product, slopes * d);
    let (sums, weights) = (cx.row_sums(product, rows, len), cx.row_sums(slopes, rows, len));
    let means = cx.b.scratch("means", rows);
    cx.b.set(means, ratio_or_zero(sums, weights));
    let taken = cx.b.scratch("taken", d.len);
    cx.scale_rows_to(taken, means, slopes, rows, len);
    cx.b.set(out, product - taken);
}

impl Proxable for Simplex {
    fn name(&self) -> &'static str {
        "simplex"
    }
    fn facts(&self, _at: &Use) -> Facts {
        Facts { set: true, simplex: true, symmetric: true, implies_nonneg: true, sparse: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _at: &Use, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, _gamma: Value, out: View) {
        let radius = cx.arg_value(at, 0);
        let radius = cx.as_view(radius);
        let work = cx.b.scratch("work", at.len);
        cx.b.kernel(Kernel::ProjectSimplex, &[at.rows, at.len], &[v, radius], &[out, work]);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let slopes = cx.b.scratch("support", d.len);
        cx.b.set(slopes, point.x.gt(0.0).then(1.0, 0.0));
        centred(cx, (at.rows, at.len), slopes, d, out);
    }
    fn prox_text(&self, at: &Use) -> String {
        format!("max(v − τ, 0), τ such that the sum is {}", arg_text(at, 0))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("{} max u", arg_text(at, 0))
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, before: &[Atom], u: View, value: View, violation: View) {
        // What stands before is linear on the simplex: ⟨w, x⟩. So it tilts u.
        let tilted = cx.minus_weights(before, u);
        let radius = cx.arg_value(at, 0);
        let top = cx.row_max(tilted, at.rows, at.len);
        cx.b.sum(value, radius * top);
        cx.b.fill(violation, 0.0);
    }
    fn violation(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let radius = cx.arg_value(at, 0);
        let below = cx.b.scratch("below", 1);
        cx.b.max(below, -x);
        let sums = cx.row_sums(x, at.rows, at.len);
        let off = cx.b.scratch("off", 1);
        cx.b.max(off, (sums - radius).abs());
        cx.b.set(out, below.max(off).max(0.0));
    }
    fn empty(&self, cx: &mut Emit, at: &Use, out: View) -> bool {
        cx.negative_radius(at, out)
    }
    fn flops(&self, at: &Use) -> usize {
        8 * at.rows * at.len
    }
}
