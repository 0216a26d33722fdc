//! Bounds with one row: {l ≤ y ≤ h, b₀ ≤ ⟨a, y⟩ ≤ b₁}; b₀ = b₁ makes the row an equality.
//!
//! - Spellings: bounds and one equality or inequality of scalars on the same unknowns, such as `0 <= y <= 0.1, sum(y) == 1`
//! - Projection: clip(v − μ a, l, h), μ such that ⟨a, ·⟩ meets its bound (0 if it does at μ = 0), found by sorting
//! - Support function: min over μ of Σ max(lᵢ tᵢ, hᵢ tᵢ) + max(b₀ μ, b₁ μ), t = u − μ a
//! - Jacobian of the projection: diag(1_F), F the entries strictly between their bounds, less a_F a_Fᵀ/‖a_F‖² where the row holds with
//!   equality
//! - Source: Beck, *First-Order Methods in Optimization* (2017), theorem 6.27

use crate::calculus::prelude::*;
use sparsec_runtime::Kernel;

/// The indicator of {l ≤ y ≤ h, b₀ ≤ ⟨a, y⟩ ≤ b₁}.
#[derive(Debug)]
pub struct BoxRow {
    /// a
    pub row: Expr,
    /// l and h
    pub bounds: [Expr; 2],
    /// b₀ and b₁
    pub sides: [Expr; 2],
}

/// A row counts as out of reach beyond this, relative to the magnitudes of what is summed: more than the rounding of the sums.
const UNREACHABLE: f64 = 1e-12;

impl BoxRow {
    /// a, l and h by their entries, and (b₀, b₁).
    fn parts(&self, cx: &mut Emit) -> [View; 4] {
        let a = cx.data(&self.row);
        let [l, h] = [0, 1].map(|i| cx.value(&self.bounds[i]));
        let [low, high] = [0, 1].map(|i| cx.value(&self.sides[i]));
        [a, cx.joined(&[(l, a.len)]), cx.joined(&[(h, a.len)]), cx.joined(&[(low, 1), (high, 1)])]
    }

    /// For `explain`: a, l, h, b₀ and b₁.
    fn texts(&self, words: &Words) -> [String; 5] {
        let ([l, h], [low, high]) = (&self.bounds, &self.sides);
        [&self.row, l, h, low, high].map(|e| words.data(e))
    }
}

/// `out =` the projection of v; its multiplier, and 1 where the row holds with equality.
fn project(cx: &mut Emit, v: View, [a, l, h, b]: [View; 4], out: View) -> View {
    let (multiplier, work) = (cx.b.scratch("multiplier", 2), cx.b.scratch("work", 2 * v.len));
    cx.b.kernel(Kernel::ProjectBoxRow, &[v.len], &[v, a, l, h, b], &[out, multiplier, work]);
    multiplier
}

impl Proxable for BoxRow {
    fn name(&self) -> &'static str {
        "box with a row"
    }
    fn facts(&self, _on: Layout) -> Facts {
        let nonnegative_domain = expr::uniform(&self.bounds[0]).is_some_and(|l| l >= 0.0);
        Facts { set: true, nonnegative: true, nonnegative_domain, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _on: Layout, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, _on: Layout, v: View, _t: Value, out: View) -> Kept {
        let parts = self.parts(cx);
        vec![project(cx, v, parts, out)]
    }
    fn jacobian(&self, cx: &mut Emit, _on: Layout, point: &ProxPoint) -> Symmetric {
        let ([a, l, h, _], x) = (self.parts(cx), point.x);
        let [free, active] = ["free", "free_row"].map(|name| cx.b.scratch(name, x.len));
        let square = cx.b.scratch("square", 1);
        cx.b.map(x.len, |m| {
            let between = |f: Formula| l.lt(x).then(x.lt(h).then(f, 0.0), 0.0);
            m.store(free, between(1.0.into()));
            m.store(active, between(a.into()));
            m.sum(square, between(a.into()).square());
        });
        let holds = point.kept[0].slice(1, 1);
        let factor = cx.entries("factor", 1, -(holds * ratio_or_zero(1.0, square)));
        Symmetric::LowRank { diagonal: Value::View(free), rows: active, count: 1, factor: Value::View(factor) }
    }
    fn recession(&self, cx: &mut Emit, _on: Layout, d: View, out: View) {
        // The recession cone is such a set itself, with each finite bound at 0.
        let [a, l, h, b] = self.parts(cx);
        let [l, h, b] = [l, h, b].map(|of| cx.entries("cone", of.len, of.abs().lt(f64::INFINITY).then(0.0, of)));
        project(cx, d, [a, l, h, b], out);
    }
    fn conjugate(&self, cx: &mut Emit, _on: Layout, _c: Value, u: View, value: View, outside: View) {
        let ([a, l, h, b], work) = (self.parts(cx), cx.b.scratch("work", u.len));
        cx.b.kernel(Kernel::SupportBoxRow, &[u.len], &[u, a, l, h, b], &[value, outside, work]);
    }
    fn tangent(&self, cx: &mut Emit, _on: Layout, _c: Value, x: View) -> Tangent {
        let [a, l, h, b] = self.parts(cx);
        let [free, active] = ["free", "free_row"].map(|name| cx.b.scratch(name, x.len));
        let [square, inner, size] = ["square", "inner", "size"].map(|name| cx.b.scratch(name, 1));
        cx.b.map(x.len, |m| {
            let inside = |f: Formula| l.lt(x).then(x.lt(h).then(f, 0.0), 0.0);
            m.store(free, inside(1.0.into()));
            m.store(active, inside(a.into()));
            m.sum(square, inside(a.into()).square());
            m.sum(inner, a * x);
            m.sum(size, (a * x).abs());
        });
        let [low, high] = [b.slice(0, 1), b.slice(1, 1)];
        let across = -ratio_or_zero(1.0, square);
        let factor = between(inner, [low, high], NEAR * size).gt(0.0).then(0.0, across);
        let (diagonal, factor) = (Value::View(free), Value::View(cx.entries("factor", 1, factor)));
        Tangent::new(cx.zeros(x.len), Symmetric::LowRank { diagonal, rows: active, count: 1, factor })
    }
    fn extent(&self, cx: &mut Emit) -> Option<Formula> {
        let [l, h] = [0, 1].map(|i| cx.value(&self.bounds[i]));
        Some(l.abs().max(h.abs()))
    }
    fn violation(&self, cx: &mut Emit, _on: Layout, x: View, sizes: View, out: View) {
        let [a, l, h, b] = self.parts(cx);
        let [inner, size, off] = ["inner", "size", "outside"].map(|name| cx.b.scratch(name, 1));
        cx.b.map(x.len, |m| {
            m.max(off, outside(x, sizes, l, h));
            m.sum(inner, a * x);
            m.sum(size, (a * sizes).abs());
        });
        cx.b.set(out, outside(inner, size, b.slice(0, 1), b.slice(1, 1)).max(off));
    }
    fn empty(&self, cx: &mut Emit, on: Layout, out: View) -> bool {
        let [a, l, h, b] = self.parts(cx);
        let [least, most, size, disjoint] = ["least", "most", "size", "crossed"].map(|name| cx.b.scratch(name, 1));
        cx.b.map(on.entries(), |m| {
            let low = a.eq(0.0).then(0.0, (a * l).min(a * h));
            let high = a.eq(0.0).then(0.0, (a * l).max(a * h));
            m.sum(least, &low);
            m.sum(most, &high);
            let finite = |x: Formula| x.abs().lt(f64::INFINITY).then(x.abs(), 0.0);
            m.sum(size, finite(low).max(finite(high)));
            m.max(disjoint, crossed(l, h));
        });
        let (low, high) = (b.slice(0, 1), b.slice(1, 1));
        let slack = |side: View| UNREACHABLE * (size + side.abs());
        let over = (most + slack(low)).lt(low).then(1.0, 0.0);
        let under = (high + slack(high)).lt(least).then(1.0, over);
        cx.b.set(out, crossed(low, high).max(under).max(disjoint));
        true
    }
    fn data(&self) -> Vec<&Expr> {
        let ([l, h], [low, high]) = (&self.bounds, &self.sides);
        vec![&self.row, l, h, low, high]
    }
    fn prox_text(&self, words: &Words) -> String {
        let [a, l, h, low, high] = self.texts(words);
        let side = if low == high { format!("⟨{a}, ·⟩ = {low}") } else { format!("{low} ≤ ⟨{a}, ·⟩ ≤ {high}") };
        format!("clip(v − μ {a}, {l}, {h}), μ such that {side}")
    }
    fn conjugate_text(&self, words: &Words) -> String {
        let [a, l, h, low, high] = self.texts(words);
        let row = if low == high { format!("{low} μ") } else { format!("max({low} μ, {high} μ)") };
        format!("min over μ of Σ max({l}·t, {h}·t) + {row}, t = u − μ {a}")
    }
    fn flops(&self, on: Layout) -> usize {
        40 * on.entries()
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::set(
            "0 <= y <= 0.4, sum(y) == 1",
            |y| off_simplex(y, 1.0).max(max(y) - 0.4),
            |u| support(u, (0.0, 0.4), (1.0, 1.0)),
            |y| onto(y, (0.0, 0.4), (1.0, 1.0)),
        ),
        Example::set(
            "-1 <= y <= 0.5, -1 <= dot([1, 1, 1, 1, 1, 1], y) <= 0.7",
            |y| (norm_inf(&y.iter().map(|y| y + 0.25).collect::<Vec<_>>()) - 0.75).max(sum(y) - 0.7).max(-1.0 - sum(y)),
            |u| support(u, (-1.0, 0.5), (-1.0, 0.7)),
            |y| onto(y, (-1.0, 0.5), (-1.0, 0.7)),
        ),
    ]
}

/// min over μ of Σ max(l t, h t) + max(b₀ μ, b₁ μ), t = u − μ.
#[cfg(feature = "testing")]
fn support(u: &[f64], (l, h): (f64, f64), (low, high): (f64, f64)) -> f64 {
    let of = |mu: f64| u.iter().map(|u| (l * (u - mu)).max(h * (u - mu))).sum::<f64>() + (low * mu).max(high * mu);
    let size = 1.0 + crate::calculus::oracle::norm_inf(u);
    crate::calculus::oracle::least(of, -10.0 * size, 10.0 * size)
}

/// The projection, by bisection on the multiplier.
#[cfg(feature = "testing")]
fn onto(y: &mut [f64], (l, h): (f64, f64), (low, high): (f64, f64)) {
    let at = |mu: f64| y.iter().map(|y| (y - mu).clamp(l, h)).collect::<Vec<f64>>();
    let free: f64 = at(0.0).iter().sum();
    let target = free.clamp(low, high);
    let size = 1.0 + crate::calculus::oracle::norm_inf(y);
    let (mut left, mut right) = (-2.0 * size, 2.0 * size);
    for _ in 0..200 {
        let middle = 0.5 * (left + right);
        if at(middle).iter().sum::<f64>() > target { left = middle } else { right = middle }
    }
    let point = at(if free == target { 0.0 } else { right });
    y.copy_from_slice(&point);
}
