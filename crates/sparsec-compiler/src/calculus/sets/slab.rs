//! Halfspace and slab: {l ≤ ⟨a, y⟩ ≤ u} with one row a.
//!
//! - Spellings: `dot(a, y) <= b`, `l <= dot(a, y) <= u`, `sum(y) >= b`
//! - Projection: v − ((⟨a, v⟩ − clip(⟨a, v⟩, l, u))/‖a‖²) a
//! - Support function: max(l μ, u μ) where u' = μ a, +∞ elsewhere
//! - Jacobian of the projection: I inside, else I − a aᵀ/‖a‖²
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use crate::calculus::prelude::*;

/// The indicator of {l ≤ ⟨a, y⟩ ≤ u}.
#[derive(Debug)]
pub struct Slab {
    /// a
    pub row: Expr,
    /// l; a literal −∞ where there is none.
    pub lower: Expr,
    /// u; a literal +∞ where there is none.
    pub upper: Expr,
}

/// ⟨a, x⟩
fn inner(cx: &mut Emit, a: View, x: View) -> View {
    let out = cx.b.scratch("inner", 1);
    cx.b.sum(out, a * x);
    out
}

impl Slab {
    /// a with ‖a‖², and the bounds.
    fn parts(&self, cx: &mut Emit) -> ([View; 2], [Value; 2]) {
        let a = cx.data(&self.row);
        let square = cx.sum_once("row_square", a.square());
        ([a, square], [cx.value(&self.lower), cx.value(&self.upper)])
    }
}

impl Proxable for Slab {
    fn name(&self) -> &'static str {
        "halfspace"
    }
    fn facts(&self, _on: Layout) -> Facts {
        Facts { set: true, nonnegative: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _on: Layout, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, _on: Layout, v: View, _t: Value, out: View) -> Kept {
        let ([a, aa], [l, u]) = self.parts(cx);
        let av = inner(cx, a, v);
        let mu = cx.entries("mu", 1, aa.le(0.0).then(0.0, (av - av.max(l).min(u)) / aa));
        cx.b.set(out, v - mu * a);
        vec![av]
    }
    fn jacobian(&self, cx: &mut Emit, _on: Layout, point: &ProxPoint) -> Symmetric {
        let (([a, aa], [l, u]), av) = (self.parts(cx), point.kept[0]);
        let across = -ratio_or_zero(1.0, aa);
        let factor = cx.entries("factor", 1, av.lt(l).then(&across, av.gt(u).then(&across, 0.0)));
        Symmetric::LowRank { diagonal: Value::Literal(1.0), rows: a, count: 1, factor: Value::View(factor) }
    }
    fn recession(&self, cx: &mut Emit, _on: Layout, d: View, out: View) {
        let ([a, aa], [l, u]) = self.parts(cx);
        let ad = inner(cx, a, d);
        let up = u.lt(f64::INFINITY).then(ad.max(0.0), 0.0);
        let down = l.gt(f64::NEG_INFINITY).then(ad.min(0.0), 0.0);
        let mu = cx.entries("mu", 1, ratio_or_zero(up + down, aa));
        cx.b.set(out, d - mu * a);
    }
    fn tangent(&self, cx: &mut Emit, _on: Layout, _c: Value, x: View) -> Tangent {
        let ([a, aa], sides) = self.parts(cx);
        let [ax, size] = ["inner", "size"].map(|name| cx.b.scratch(name, 1));
        cx.b.map(x.len, |m| {
            m.sum(ax, a * x);
            m.sum(size, (a * x).abs());
        });
        let across = -ratio_or_zero(1.0, aa);
        let factor = Value::View(cx.entries("factor", 1, between(ax, sides, NEAR * size).gt(0.0).then(0.0, across)));
        let diagonal = Value::Literal(1.0);
        Tangent::new(cx.zeros(x.len), Symmetric::LowRank { diagonal, rows: a, count: 1, factor })
    }
    fn conjugate(&self, cx: &mut Emit, _on: Layout, _c: Value, u: View, value: View, outside: View) {
        let ([a, aa], [low, high]) = self.parts(cx);
        let (au, mu) = (inner(cx, a, u), cx.b.scratch("mu", 1));
        cx.b.map(1, |m| {
            let raw = aa.le(0.0).then(0.0, au / aa);
            // A multiplier towards a side without a bound is not dual feasible: it goes to the violation.
            let up = high.lt(f64::INFINITY).then(raw.max(0.0), 0.0);
            let down = low.gt(f64::NEG_INFINITY).then(raw.min(0.0), 0.0);
            m.store(mu, &up + &down);
            let high = high.lt(f64::INFINITY).then(high, 0.0);
            let low = low.gt(f64::NEG_INFINITY).then(low, 0.0);
            m.store(value, up * high + down * low);
        });
        cx.b.set(outside, u - mu * a);
    }
    fn violation(&self, cx: &mut Emit, _on: Layout, x: View, sizes: View, out: View) {
        let ([a, _], [l, u]) = self.parts(cx);
        let (ax, size) = (inner(cx, a, x), cx.b.scratch("size", 1));
        cx.b.sum(size, (a * sizes).abs());
        cx.b.set(out, outside(ax, size, l, u));
    }
    fn empty(&self, cx: &mut Emit, _on: Layout, out: View) -> bool {
        let ([_, aa], [l, u]) = self.parts(cx);
        // a = 0 leaves 0 in [l, u] or nothing.
        let flat = u.lt(0.0).then(1.0, l.gt(0.0).then(1.0, 0.0));
        cx.b.set(out, crossed(l, u).max(aa.le(0.0).then(flat, 0.0)));
        true
    }
    fn padded(&self, to: &Picked) -> Option<Arc<dyn Proxable>> {
        let row = expr::padded(&self.row, to, 0.0)?;
        Some(Arc::new(Slab { row, lower: self.lower.clone(), upper: self.upper.clone() }))
    }
    fn data(&self) -> Vec<&Expr> {
        vec![&self.row, &self.lower, &self.upper]
    }
    fn prox_text(&self, words: &Words) -> String {
        let [a, l, u] = [&self.row, &self.lower, &self.upper].map(|e| words.data(e));
        format!("v − ((s − clip(s, {l}, {u}))/‖{a}‖²) {a}, s = ⟨{a}, v⟩")
    }
    fn conjugate_text(&self, words: &Words) -> String {
        let [a, l, u] = [&self.row, &self.lower, &self.upper].map(|e| words.data(e));
        format!("max({l} μ, {u} μ) where u = μ {a}")
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::set(
            "dot([1, -1, 2, 0.5, 0, 1], y) <= -1",
            |y| dot(&A, y) + 1.0,
            |u| along(u).filter(|mu| *mu >= 0.0).map_or(f64::INFINITY, |mu| -mu),
            |y| clip(y, f64::NEG_INFINITY, -1.0),
        ),
        Example::set(
            "-0.5 <= dot([1, -1, 2, 0.5, 0, 1], y) <= 1",
            |y| (dot(&A, y) - 1.0).max(-0.5 - dot(&A, y)),
            |u| along(u).map_or(f64::INFINITY, |mu| mu.max(-0.5 * mu)),
            |y| clip(y, -0.5, 1.0),
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
fn clip(y: &mut [f64], low: f64, high: f64) {
    use crate::calculus::oracle::*;
    let inner = dot(&A, y);
    let mu = (inner - inner.max(low).min(high)) / dot(&A, &A);
    y.iter_mut().zip(A).for_each(|(y, a)| *y -= mu * a);
}
