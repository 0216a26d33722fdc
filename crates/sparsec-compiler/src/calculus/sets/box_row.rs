//! Bounds with one row: {l ≤ y ≤ h, b₀ ≤ ⟨a, y⟩ ≤ b₁}; b₀ = b₁ makes the row an equality.
//!
//! - Spellings: bounds and one equality or inequality of scalars on the same unknowns, such as `0 <= y <= 0.1, sum(y) == 1`
//! - Projection: clip(v − μ a, l, h), μ such that ⟨a, ·⟩ meets its bound (0 if it does at μ = 0), found by sorting
//! - Support function: min over μ of Σ max(lᵢ tᵢ, hᵢ tᵢ) + max(b₀ μ, b₁ μ), t = u − μ a
//! - Jacobian of the projection: diag(1_F), F the entries strictly between their bounds, less a_F a_Fᵀ/‖a_F‖² where the row holds with
//!   equality
//! - Source: Beck, *First-Order Methods in Optimization* (2017), theorem 6.27

use crate::calculus::functions::prelude::*;
use crate::calculus::sets::bounds::{crossed, outside};
use crate::expr;
use sparsec_runtime::Kernel;

/// The indicator of {l ≤ y ≤ h, b₀ ≤ ⟨a, y⟩ ≤ b₁}; its arguments are a, l, h, b₀ and b₁.
#[derive(Debug)]
pub struct BoxRow;

/// A row counts as out of reach beyond this, relative to the size of what is summed.
const UNREACHABLE: f64 = 1e-9;

/// a, l and h by their entries, and (b₀, b₁).
fn parts(cx: &mut Emit, at: &Use) -> [View; 4] {
    let n = at.rows * at.len;
    let a = cx.data_arg(at, 0);
    let [l, h, low, high] = [1, 2, 3, 4].map(|i| cx.arg_value(at, i));
    [a, cx.joined(&[(l, n)]), cx.joined(&[(h, n)]), cx.joined(&[(low, 1), (high, 1)])]
}

impl Proxable for BoxRow {
    fn name(&self) -> &'static str {
        "box with a row"
    }
    fn facts(&self, at: &Use) -> Facts {
        let lower = at.args.get(1).and_then(Arg::expr).and_then(expr::uniform);
        Facts { set: true, implies_nonneg: lower.is_some_and(|l| l >= 0.0), ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _at: &Use, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, _gamma: Value, out: View) {
        let [a, l, h, b] = parts(cx, at);
        project(cx, v, [a, l, h, b], out);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let [a, l, h, b] = parts(cx, at);
        let x = cx.b.scratch("projection", d.len);
        let multiplier = project(cx, point.v, [a, l, h, b], x);
        let (free, row) = (cx.b.scratch("free", d.len), cx.b.scratch("free_row", d.len));
        let (inner, square) = (cx.b.scratch("inner", 1), cx.b.scratch("square", 1));
        cx.b.map(d.len, |m| {
            let between = |f: View| l.lt(x).then(x.lt(h).then(f, 0.0), 0.0);
            m.store(free, between(d));
            m.store(row, between(a));
            m.sum(inner, between(a) * d);
            m.sum(square, between(a).square());
        });
        let holds = multiplier.slice(1, 1);
        cx.b.set(out, free - holds * ratio_or_zero(inner, square) * row);
    }
    fn recession(&self, cx: &mut Emit, at: &Use, d: View, out: View) {
        // The recession cone is such a set itself, with each finite bound at 0.
        let [a, l, h, b] = parts(cx, at);
        let [l, h, b] = [l, h, b].map(|of| {
            let cone = cx.b.scratch("cone", of.len);
            cx.b.set(cone, of.abs().lt(f64::INFINITY).then(0.0, of));
            cone
        });
        project(cx, d, [a, l, h, b], out);
    }
    fn prox_text(&self, at: &Use) -> String {
        let [a, l, h, low, high] = [0, 1, 2, 3, 4].map(|i| arg_text(at, i));
        let side =
            if low == high { format!("⟨{a}, ·⟩ = {low}") } else { format!("{low} ≤ ⟨{a}, ·⟩ ≤ {high}") };
        format!("clip(v − μ {a}, {l}, {h}), μ such that {side}")
    }
    fn conjugate_text(&self, at: &Use) -> String {
        let [a, l, h, low, high] = [0, 1, 2, 3, 4].map(|i| arg_text(at, i));
        let row = if low == high { format!("{low} μ") } else { format!("max({low} μ, {high} μ)") };
        format!("min over μ of Σ max({l}·t, {h}·t) + {row}, t = u − μ {a}")
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, _before: &[Atom], u: View, value: View, violation: View) {
        let [a, l, h, b] = parts(cx, at);
        let (both, work) = (cx.b.scratch("support", 2), cx.b.scratch("work", u.len));
        cx.b.kernel(Kernel::SupportBoxRow, &[u.len], &[u, a, l, h, b], &[both, work]);
        cx.b.copy(value, both.slice(0, 1));
        cx.b.copy(violation, both.slice(1, 1));
    }
    fn violation(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let [a, l, h, b] = parts(cx, at);
        let (inner, off) = (cx.b.scratch("inner", 1), cx.b.scratch("outside", 1));
        cx.b.map(x.len, |m| {
            m.max(off, outside(x, l, h));
            m.sum(inner, a * x);
        });
        cx.b.set(out, outside(inner, b.slice(0, 1), b.slice(1, 1)).max(off));
    }
    fn empty(&self, cx: &mut Emit, at: &Use, out: View) -> bool {
        let [a, l, h, b] = parts(cx, at);
        let names = ["least", "most", "size", "crossed"];
        let [least, most, size, disjoint] = names.map(|name| cx.b.scratch(name, 1));
        cx.b.map(at.rows * at.len, |m| {
            let low = a.eq(0.0).then(0.0, (a * l).min(a * h));
            let high = a.eq(0.0).then(0.0, (a * l).max(a * h));
            m.sum(least, &low);
            m.sum(most, &high);
            let finite = |x: Formula| x.abs().lt(f64::INFINITY).then(x.abs(), 0.0);
            m.max(size, finite(low).max(finite(high)));
            m.max(disjoint, crossed(l, h));
        });
        let (low, high) = (b.slice(0, 1), b.slice(1, 1));
        let slack = UNREACHABLE * size.max(1.0);
        let over = (most + &slack).lt(low).then(1.0, 0.0);
        let under = high.lt(least - &slack).then(1.0, over);
        cx.b.set(out, high.lt(low).then(1.0, under).max(disjoint));
        true
    }
    fn flops(&self, at: &Use) -> usize {
        40 * at.rows * at.len
    }
}

/// `out =` the projection of v; its multiplier, and 1 where the row holds with equality.
fn project(cx: &mut Emit, v: View, [a, l, h, b]: [View; 4], out: View) -> View {
    let (multiplier, work) = (cx.b.scratch("multiplier", 2), cx.b.scratch("work", 2 * v.len));
    cx.b.kernel(Kernel::ProjectBoxRow, &[v.len], &[v, a, l, h, b], &[out, multiplier, work]);
    multiplier
}
