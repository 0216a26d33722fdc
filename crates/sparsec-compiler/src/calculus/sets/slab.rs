//! Halfspace and slab: {l ≤ ⟨a, y⟩ ≤ u} with one row a.
//!
//! - Spellings: `dot(a, y) <= b`, `l <= dot(a, y) <= u`, `sum(y) >= b`
//! - Projection: v − ((⟨a, v⟩ − clip(⟨a, v⟩, l, u))/‖a‖²) a
//! - Support function: max(l μ, u μ) where u' = μ a, +∞ elsewhere
//! - Jacobian of the projection: I inside, else I − a aᵀ/‖a‖²
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use crate::calculus::functions::prelude::*;
use crate::calculus::sets::bounds::outside;

/// The indicator of {l ≤ ⟨a, y⟩ ≤ u}; its arguments are a, l and u.
#[derive(Debug)]
pub struct Slab;

/// ‖a‖²
fn square(cx: &mut Emit, a: View) -> View {
    cx.memo("square", &[a], &[("row_square", 1)], |cx, out| {
        cx.b.sum(out[0], a.square());
    })[0]
}

/// ⟨a, x⟩
fn inner(cx: &mut Emit, a: View, x: View) -> View {
    let out = cx.b.scratch("inner", 1);
    cx.b.sum(out, a * x);
    out
}

impl Proxable for Slab {
    fn name(&self) -> &'static str {
        "halfspace"
    }
    fn facts(&self, _at: &Use) -> Facts {
        Facts { set: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _at: &Use, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, _gamma: Value, out: View) {
        let (a, lo, hi) = (cx.data_arg(at, 0), cx.arg_value(at, 1), cx.arg_value(at, 2));
        let (aa, av) = (square(cx, a), inner(cx, a, v));
        let mu = cx.b.scratch("mu", 1);
        cx.b.set(mu, aa.le(0.0).then(0.0, (av - av.max(lo).min(hi)) / aa));
        cx.b.set(out, v - mu * a);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let (a, lo, hi) = (cx.data_arg(at, 0), cx.arg_value(at, 1), cx.arg_value(at, 2));
        let (aa, av, ad) = (square(cx, a), inner(cx, a, point.v), inner(cx, a, d));
        let mu = cx.b.scratch("mu", 1);
        let along = ratio_or_zero(ad, aa);
        cx.b.set(mu, av.lt(lo).then(&along, av.gt(hi).then(&along, 0.0)));
        cx.b.set(out, d - mu * a);
    }
    fn recession(&self, cx: &mut Emit, at: &Use, d: View, out: View) {
        let (a, lo, hi) = (cx.data_arg(at, 0), cx.arg_value(at, 1), cx.arg_value(at, 2));
        let (aa, ad) = (square(cx, a), inner(cx, a, d));
        let mu = cx.b.scratch("mu", 1);
        let up = hi.lt(f64::INFINITY).then(ad.max(0.0), 0.0);
        let down = lo.gt(f64::NEG_INFINITY).then(ad.min(0.0), 0.0);
        cx.b.set(mu, ratio_or_zero(up + down, aa));
        cx.b.set(out, d - mu * a);
    }
    fn prox_text(&self, at: &Use) -> String {
        let a = arg_text(at, 0);
        format!("v − ((s − clip(s, {}, {}))/‖{a}‖²) {a}, s = ⟨{a}, v⟩", arg_text(at, 1), arg_text(at, 2))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("max({l} μ, {h} μ) where u = μ {a}", a = arg_text(at, 0), l = arg_text(at, 1), h = arg_text(at, 2))
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, _before: &[Atom], u: View, value: View, violation: View) {
        let (a, lo, hi) = (cx.data_arg(at, 0), cx.arg_value(at, 1), cx.arg_value(at, 2));
        let (aa, au) = (square(cx, a), inner(cx, a, u));
        let mu = cx.b.scratch("mu", 1);
        cx.b.map(1, |m| {
            let raw = aa.le(0.0).then(0.0, au / aa);
            // A multiplier towards a side without a bound is not dual feasible: it goes to the violation.
            let up = hi.lt(f64::INFINITY).then(raw.max(0.0), 0.0);
            let down = lo.gt(f64::NEG_INFINITY).then(raw.min(0.0), 0.0);
            m.store(mu, &up + &down);
            let (high, low) = (hi.lt(f64::INFINITY).then(hi, 0.0), lo.gt(f64::NEG_INFINITY).then(lo, 0.0));
            m.store(value, up * high + down * low);
        });
        let rest = cx.b.scratch("rest", u.len);
        cx.b.set(rest, u - mu * a);
        cx.norm_to(violation, rest);
    }
    fn violation(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let (a, lo, hi) = (cx.data_arg(at, 0), cx.arg_value(at, 1), cx.arg_value(at, 2));
        let ax = inner(cx, a, x);
        cx.b.set(out, outside(ax, lo, hi));
    }
    fn empty(&self, cx: &mut Emit, at: &Use, out: View) -> bool {
        let (a, lo, hi) = (cx.data_arg(at, 0), cx.arg_value(at, 1), cx.arg_value(at, 2));
        let aa = square(cx, a);
        // a = 0 leaves 0 in [l, u] or nothing.
        let flat = hi.lt(0.0).then(1.0, lo.gt(0.0).then(1.0, 0.0));
        cx.b.set(out, hi.lt(lo).then(1.0, 0.0).max(aa.le(0.0).then(flat, 0.0)));
        true
    }
}
