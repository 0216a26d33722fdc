//! Affine set: {A y = b}; a single row makes a hyperplane, b = 0 a subspace.
//!
//! - Spellings: `A*y == b`, `dot(a, y) == b`, `sum(y) == b`
//! - Projection: v − Qᵀ(Q v − q) with A = L Q, the rows of Q orthonormal, L q = b; dependent rows are found and dropped
//! - Support function: ⟨q, Q u⟩ where u is in the range of Aᵀ, +∞ elsewhere
//! - Jacobian of the projection: I − QᵀQ
//! - Inconsistent rows make it empty, which is found when the data is bound
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use crate::calculus::prelude::*;
use sparsec_program::solver::Shape;
use sparsec_runtime::Kernel;

/// The indicator of {A y = b}.
#[derive(Debug)]
pub struct Affine {
    /// A (k×n)
    pub matrix: Expr,
    /// b (length k)
    pub right: Expr,
}

/// Rows that are inconsistent by more than this, relative to the data, make the set empty.
const INCONSISTENT: f64 = 1e-9;

impl Affine {
    /// Q (k×n), q (k) and the inconsistency of the rows.
    fn factors(&self, cx: &mut Emit) -> [View; 3] {
        let (a, b) = (cx.data(&self.matrix), cx.data(&self.right));
        let (k, n) = (b.len, a.len / b.len);
        let [q, l] = cx.kernel_once(&["q", "l"], Kernel::RowSpace, &[k, n], &[a])[..] else { return [a, b, b] };
        let names = ["offsets", "inconsistency"];
        let [offsets, inconsistency] = cx.kernel_once(&names, Kernel::ForwardSolve, &[k], &[l, b])[..] else {
            return [a, b, b];
        };
        [q, offsets, inconsistency]
    }

    /// Qᵀ(Q v − q); without q that is the part of v in the row space.
    fn back(&self, cx: &mut Emit, v: View, with_offsets: bool) -> View {
        let [q, offsets, _] = self.factors(cx);
        let (k, n) = (offsets.len, v.len);
        let (rows, back) = (cx.b.scratch("rows", k), cx.b.scratch("back", n));
        cx.b.kernel(Kernel::Gemv, &[k, n], &[q, v], &[rows]);
        if with_offsets {
            cx.b.set(rows, rows - offsets);
        }
        cx.b.kernel(Kernel::GemvT, &[k, n], &[q, rows], &[back]);
        back
    }
}

impl Proxable for Affine {
    fn name(&self) -> &'static str {
        "affine"
    }
    fn facts(&self, _on: Layout) -> Facts {
        let subspace = expr::uniform(&self.right) == Some(0.0);
        Facts { set: true, nonnegative: true, homogeneous: subspace, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _on: Layout, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, _on: Layout, v: View, _t: Value, out: View) -> Kept {
        let back = self.back(cx, v, true);
        cx.b.set(out, v - back);
        Kept::new()
    }
    fn jacobian(&self, cx: &mut Emit, _on: Layout, _point: &ProxPoint) -> Symmetric {
        let [rows, offsets, _] = self.factors(cx);
        Symmetric::LowRank { diagonal: Value::Literal(1.0), rows, count: offsets.len, factor: Value::Literal(-1.0) }
    }
    fn recession(&self, cx: &mut Emit, _on: Layout, d: View, out: View) {
        let back = self.back(cx, d, false);
        cx.b.set(out, d - back);
    }
    fn tangent(&self, cx: &mut Emit, _on: Layout, _c: Value, x: View) -> Tangent {
        let [rows, offsets, _] = self.factors(cx);
        let (diagonal, factor) = (Value::Literal(1.0), Value::Literal(-1.0));
        Tangent::new(cx.zeros(x.len), Symmetric::LowRank { diagonal, rows, count: offsets.len, factor })
    }
    fn conjugate(&self, cx: &mut Emit, _on: Layout, _c: Value, u: View, value: View, outside: View) {
        let [q, offsets, _] = self.factors(cx);
        let (k, n) = (offsets.len, u.len);
        let (qu, back) = (cx.b.scratch("qu", k), cx.b.scratch("back", n));
        cx.b.kernel(Kernel::Gemv, &[k, n], &[q, u], &[qu]);
        cx.b.kernel(Kernel::GemvT, &[k, n], &[q, qu], &[back]);
        cx.b.sum(value, qu * offsets);
        cx.b.set(outside, u - back);
    }
    fn violation(&self, cx: &mut Emit, _on: Layout, x: View, sizes: View, out: View) {
        let (a, b) = (cx.data(&self.matrix), cx.data(&self.right));
        let [ax, size] = ["ax", "size"].map(|name| cx.b.scratch(name, b.len));
        cx.b.kernel(Kernel::Gemv, &[b.len, x.len], &[a, x], &[ax]);
        cx.b.kernel(Kernel::GemvSizes, &[b.len, x.len], &[a, sizes], &[size]);
        cx.b.max(out, ratio_or_zero((ax - b).abs(), size + b.abs()));
    }
    fn slackness(&self, cx: &mut Emit, _on: Layout, x: View, u: View, out: View) -> bool {
        // By the orthonormal rows: their multipliers are Q u.
        let [q, offsets, _] = self.factors(cx);
        let (k, n) = (offsets.len, u.len);
        let [qx, qu] = ["qx", "qu"].map(|name| cx.b.scratch(name, k));
        cx.b.kernel(Kernel::Gemv, &[k, n], &[q, x], &[qx]);
        cx.b.kernel(Kernel::Gemv, &[k, n], &[q, u], &[qu]);
        cx.b.sum(out, (qu * (qx - offsets)).abs());
        true
    }
    fn empty(&self, cx: &mut Emit, _on: Layout, out: View) -> bool {
        let [_, _, inconsistency] = self.factors(cx);
        cx.b.set(out, inconsistency.gt(INCONSISTENT).then(1.0, 0.0));
        true
    }
    fn padded(&self, to: &Picked) -> Option<Arc<dyn Proxable>> {
        let (k, len, before) = (self.right.shape.len(), to.entries.len(), to.run()?);
        let zeros = |n: usize| expr::literal(vec![0.0; n * k], Shape::Matrix(k, n));
        let matrix = expr::reshape(self.matrix.clone(), Shape::Matrix(k, len));
        let matrix = expr::beside(vec![zeros(before), matrix, zeros(to.within - before - len)], k);
        Some(Arc::new(Affine { matrix, right: self.right.clone() }))
    }
    fn data(&self) -> Vec<&Expr> {
        vec![&self.matrix, &self.right]
    }
    fn prox_text(&self, _words: &Words) -> String {
        "v − Qᵀ(Q v − q), A = L Q, L q = b".to_owned()
    }
    fn conjugate_text(&self, _words: &Words) -> String {
        "⟨q, Q u⟩ where u is in the range of Aᵀ".to_owned()
    }
    fn precomputed(&self) -> Option<String> {
        Some("A = L Q of the equalities".to_owned())
    }
    fn flops(&self, on: Layout) -> usize {
        4 * self.right.shape.len() * on.entries()
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::set(
            "dot([1, -1, 2, 0.5, 0, 1], y) == 2",
            |y| (dot(&A, y) - 2.0).abs(),
            |u| along(u).map_or(f64::INFINITY, |mu| 2.0 * mu),
            |y| onto(y, 2.0),
        ),
        Example::set(
            "dot([1, -1, 2, 0.5, 0, 1], y) == 0",
            |y| dot(&A, y).abs(),
            |u| indicator(along(u).is_some()),
            |y| onto(y, 0.0),
        ),
    ]
}

#[cfg(feature = "testing")]
const A: [f64; 6] = [1.0, -1.0, 2.0, 0.5, 0.0, 1.0];

/// μ where u = μ a.
#[cfg(feature = "testing")]
fn along(u: &[f64]) -> Option<f64> {
    use crate::calculus::oracle::*;
    let mu = dot(&A, u) / dot(&A, &A);
    u.iter().zip(A).all(|(u, a)| (u - mu * a).abs() <= 1e-9 * (1.0 + mu.abs())).then_some(mu)
}

#[cfg(feature = "testing")]
fn onto(y: &mut [f64], b: f64) {
    use crate::calculus::oracle::*;
    let mu = (dot(&A, y) - b) / dot(&A, &A);
    y.iter_mut().zip(A).for_each(|(y, a)| *y -= mu * a);
}
