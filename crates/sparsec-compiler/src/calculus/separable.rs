//! Sums of functions of one entry each: everything follows from a few formulas of that entry.

use super::{Facts, Kept, Layout, Picked, ProxPoint, Proxable, Scaled, Symmetric, Tangent, Words};
use crate::lower::Emit;
use crate::lower::formulas::part_of;
use crate::model::Expr;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::View;
use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

/// g(x) = Σ gᵢ(xᵢ), written for an entry; convex. What is computed of it as a [`Proxable`] follows from these formulas.
pub trait Separable: Any + Debug + Send + Sync {
    /// Name in `explain`.
    fn name(&self) -> &'static str;
    /// What may be relied on, `separable` and (where it is finite for some) `maximiser` apart.
    fn facts(&self) -> Facts;
    /// gᵢ(x)
    fn value(&self, cx: &mut Emit, x: &Formula) -> Formula;
    /// argmin t gᵢ(x) + ½(x − v)², t ≥ 0. A NaN in v has to come out as one.
    fn prox(&self, cx: &mut Emit, v: View, t: Value) -> Formula;
    /// The derivative of the prox at an evaluated one, in [0, 1]; either side's at a kink.
    fn slope(&self, cx: &mut Emit, point: &ProxPoint) -> Formula;
    /// All slopes of c gᵢ: dom (c gᵢ)* = [low, high].
    fn slopes(&self, cx: &mut Emit, c: Value) -> [Formula; 2];
    /// ∂(c gᵢ)(x) = [low, high], infinite at the ends of the domain. A homogeneous function has one slope on each side of 0.
    fn subdifferential(&self, cx: &mut Emit, c: Value, x: View) -> [Formula; 2] {
        let [low, high] = self.slopes(cx, c);
        [x.gt(0.0).then(&high, &low), x.lt(0.0).then(&low, &high)]
    }
    /// A maximiser of u x − c gᵢ(x), for a slope u of c gᵢ; 0 for a homogeneous function.
    fn maximiser(&self, _cx: &mut Emit, _c: Value, _u: &Formula) -> Formula {
        0.0.into()
    }
    /// (c gᵢ)*(u) for a slope u of c gᵢ, where that can be said better than at the maximiser.
    fn conjugate(&self, cx: &mut Emit, c: Value, u: &Formula) -> Formula {
        let x = self.maximiser(cx, c, u);
        u * &x - c * self.value(cx, &x)
    }
    /// By how much x is outside of the domain, relative to the magnitudes of what it is the sum of and the border.
    fn outside(&self, _cx: &mut Emit, _x: View, _sizes: View) -> Option<Formula> {
        None
    }
    /// 1 where the domain is empty, 0 where not; `None` where it never is.
    fn empty(&self, _cx: &mut Emit) -> Option<Formula> {
        None
    }
    /// See [`Proxable::extent`].
    fn extent(&self, _cx: &mut Emit) -> Option<Formula> {
        None
    }
    /// Every slope has a maximiser, given by the formula, for c > 0.
    fn has_maximiser(&self) -> bool {
        false
    }
    /// See [`Proxable::scaled`].
    fn scaled(&self, _s: &Expr) -> Option<Scaled> {
        None
    }
    /// See [`Proxable::weighted`].
    fn weighted(&self, _w: &Expr, _positive: bool) -> Option<Arc<dyn Proxable>> {
        None
    }
    /// See [`Proxable::shifted`].
    fn shifted(&self, _c: &Expr) -> Option<Arc<dyn Proxable>> {
        None
    }
    /// See [`Proxable::part`].
    fn part(&self, _from: usize, _len: usize) -> Option<Arc<dyn Proxable>> {
        None
    }
    /// See [`Proxable::padded`].
    fn padded(&self, _to: &Picked) -> Option<Arc<dyn Proxable>> {
        None
    }
    /// See [`Proxable::data`].
    fn data(&self) -> Vec<&Expr> {
        Vec::new()
    }
    /// See [`Proxable::prox_text`].
    fn prox_text(&self, words: &Words) -> String;
    /// See [`Proxable::conjugate_text`].
    fn conjugate_text(&self, words: &Words) -> String;
    /// Floating-point operations of the prox of an entry.
    fn flops(&self) -> usize {
        5
    }
}

impl<T: Separable> Proxable for T {
    fn name(&self) -> &'static str {
        Separable::name(self)
    }
    fn facts(&self, _on: Layout) -> Facts {
        Facts { separable: true, maximiser: self.has_maximiser(), ..Separable::facts(self) }
    }
    fn value(&self, cx: &mut Emit, on: Layout, x: View, out: View) {
        if Separable::facts(self).set {
            return cx.b.fill(out, 0.0);
        }
        let value = Separable::value(self, cx, &x.into());
        cx.b.sum_over(out, on.entries(), value);
    }
    fn prox(&self, cx: &mut Emit, _on: Layout, v: View, t: Value, out: View) -> Kept {
        let x = Separable::prox(self, cx, v, t);
        cx.b.set(out, x);
        Kept::new()
    }
    fn jacobian(&self, cx: &mut Emit, on: Layout, point: &ProxPoint) -> Symmetric {
        let slope = self.slope(cx, point);
        Symmetric::diagonal(cx, on.entries(), slope)
    }
    fn conjugate(&self, cx: &mut Emit, _on: Layout, c: Value, u: View, value: View, outside: View) {
        let [low, high] = self.slopes(cx, c);
        let inside = u.max(low).min(high);
        let best = Separable::conjugate(self, cx, c, &inside);
        cx.b.map(u.len, |m| {
            m.sum(value, best);
            m.store(outside, u - inside);
        });
    }
    fn tangent(&self, cx: &mut Emit, _on: Layout, c: Value, x: View) -> Tangent {
        let [low, high] = self.subdifferential(cx, c, x);
        let [slope, smooth] = ["slope", "smooth"].map(|name| cx.b.scratch(name, x.len));
        // Where there is one slope alone.
        let one = |f: Formula| low.eq(&high).then(low.abs().lt(f64::INFINITY).then(f, 0.0), 0.0);
        cx.b.map(x.len, |m| {
            m.store(slope, one(low.clone()));
            m.store(smooth, one(1.0.into()));
        });
        Tangent::new(slope, Symmetric::Diagonal(Value::View(smooth)))
    }
    fn gauge(&self, cx: &mut Emit, _on: Layout, c: Value, u: View, out: View) -> bool {
        let facts = Separable::facts(self);
        if !facts.homogeneous {
            return false;
        }
        let [low, high] = self.slopes(cx, c);
        let scale = match facts.absolute {
            true => part_of(u.abs(), high),
            // low ≤ 0, whose zero may have either sign.
            false => part_of(u, high).max(part_of(-u, low.abs())),
        };
        cx.b.max(out, scale);
        true
    }
    fn maximiser(&self, cx: &mut Emit, _on: Layout, c: Value, u: View, out: View) {
        let x = Separable::maximiser(self, cx, c, &u.into());
        cx.b.set(out, x);
    }
    fn recession(&self, cx: &mut Emit, _on: Layout, d: View, out: View) {
        // Towards a side on which the slopes have no bound g grows faster than linearly, or ends.
        let [low, high] = self.slopes(cx, Value::Literal(1.0));
        let up = high.lt(f64::INFINITY).then(d.max(0.0), 0.0);
        let down = low.gt(f64::NEG_INFINITY).then(d.min(0.0), 0.0);
        cx.b.set(out, up + down);
    }
    fn recession_value(&self, cx: &mut Emit, on: Layout, d: View, out: View) {
        let [low, high] = self.slopes(cx, Value::Literal(1.0));
        // 0 · ∞ is 0 here: such a d has no entry on that side.
        let up = d.gt(0.0).then(high * d, 0.0);
        let down = d.lt(0.0).then(low * d, 0.0);
        cx.b.sum_over(out, on.entries(), up + down);
    }
    fn violation(&self, cx: &mut Emit, _on: Layout, x: View, sizes: View, out: View) {
        match self.outside(cx, x, sizes) {
            Some(off) => cx.b.max(out, off.max(0.0)),
            None => cx.b.fill(out, 0.0),
        }
    }
    fn extent(&self, cx: &mut Emit) -> Option<Formula> {
        Separable::extent(self, cx)
    }
    fn empty(&self, cx: &mut Emit, _on: Layout, out: View) -> bool {
        match Separable::empty(self, cx) {
            Some(empty) => {
                cx.b.max(out, empty);
                true
            }
            None => false,
        }
    }
    fn separable(&self) -> Option<&dyn Separable> {
        Some(self)
    }
    fn scaled(&self, on: Layout, s: &Expr) -> Option<Scaled> {
        Separable::scaled(self, s).or_else(|| super::proxable::scaled(self, on, s))
    }
    fn weighted(&self, w: &Expr, positive: bool) -> Option<Arc<dyn Proxable>> {
        Separable::weighted(self, w, positive)
    }
    fn shifted(&self, c: &Expr) -> Option<Arc<dyn Proxable>> {
        Separable::shifted(self, c)
    }
    fn part(&self, from: usize, len: usize) -> Option<Arc<dyn Proxable>> {
        Separable::part(self, from, len)
    }
    fn padded(&self, to: &Picked) -> Option<Arc<dyn Proxable>> {
        Separable::padded(self, to)
    }
    fn data(&self) -> Vec<&Expr> {
        Separable::data(self)
    }
    fn prox_text(&self, words: &Words) -> String {
        Separable::prox_text(self, words)
    }
    fn conjugate_text(&self, words: &Words) -> String {
        Separable::conjugate_text(self, words)
    }
    fn flops(&self, on: Layout) -> usize {
        Separable::flops(self) * on.entries()
    }
}
