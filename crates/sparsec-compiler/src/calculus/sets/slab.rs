//! Halfspace and slab: {l ≤ ⟨a, y⟩ ≤ u} with one row a.
//!
//! - Spellings: `dot(a, y) <= b`, `l <= dot(a, y) <= u`, `sum(y) >= b`
//! - Projection: v − ((⟨a, v⟩ − clip(⟨a, v⟩, l, u))/‖a‖²) a
//! - Support function: max(l μ, u μ) where u' = μ a, +∞ elsewhere
//! - Jacobian of the projection: I inside, else I − a aᵀ/‖a‖²
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use crate::calculus::functions::prelude::*;
use crate::calculus::sets::bounds::outside;
use sparsec_program::program::Compare;

/// The indicator of {l ≤ ⟨a, y⟩ ≤ u}; its arguments are a, l and u.
#[derive(Debug)]
pub struct Slab;

/// ‖a‖²
fn square(cx: &mut Emit, a: View) -> View {
    cx.memo("square", &[a], &[("row_square", 1)], |cx, out| {
        cx.sum_to(out[0], a.len, |m| {
            let a = m.element(a);
            m.square(a)
        });
    })[0]
}

/// ⟨a, x⟩
fn inner(cx: &mut Emit, a: View, x: View) -> View {
    let out = cx.b.scratch("inner", 1);
    cx.sum_to(out, a.len, |m| {
        let (a, x) = (m.element(a), m.element(x));
        m.mul(a, x)
    });
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
        cx.b.map_to(mu, |m| {
            let (aa, av, lo, hi, zero) = (m.element(aa), m.element(av), lo.e(m), hi.e(m), m.literal(0.0));
            let above = m.max(av, lo);
            let target = m.min(above, hi);
            let off = m.sub(av, target);
            let mu = m.div(off, aa);
            m.select(aa, Compare::Le, zero, zero, mu)
        });
        cx.b.map_to(out, |m| {
            let (v, a, mu) = (m.element(v), m.element(a), m.scalar(mu));
            let back = m.mul(mu, a);
            m.sub(v, back)
        });
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let (a, lo, hi) = (cx.data_arg(at, 0), cx.arg_value(at, 1), cx.arg_value(at, 2));
        let (aa, av, ad) = (square(cx, a), inner(cx, a, point.v), inner(cx, a, d));
        let mu = cx.b.scratch("mu", 1);
        cx.b.map_to(mu, |m| {
            let (aa, av, ad, lo, hi) = (m.element(aa), m.element(av), m.element(ad), lo.e(m), hi.e(m));
            let zero = m.literal(0.0);
            let mu = crate::lower::ratio_or_zero(m, ad, aa);
            let above = m.select(hi, Compare::Lt, av, mu, zero);
            m.select(av, Compare::Lt, lo, mu, above)
        });
        cx.b.map_to(out, |m| {
            let (d, a, mu) = (m.element(d), m.element(a), m.scalar(mu));
            let back = m.mul(mu, a);
            m.sub(d, back)
        });
    }
    fn recession(&self, cx: &mut Emit, at: &Use, d: View, out: View) {
        let (a, lo, hi) = (cx.data_arg(at, 0), cx.arg_value(at, 1), cx.arg_value(at, 2));
        let (aa, ad) = (square(cx, a), inner(cx, a, d));
        let mu = cx.b.scratch("mu", 1);
        cx.b.map_to(mu, |m| {
            let (aa, ad, lo, hi) = (m.element(aa), m.element(ad), lo.e(m), hi.e(m));
            let (zero, plus, minus) = (m.literal(0.0), m.literal(f64::INFINITY), m.literal(f64::NEG_INFINITY));
            let (up, down) = (m.max(ad, zero), m.min(ad, zero));
            let up = m.select(hi, Compare::Lt, plus, up, zero);
            let down = m.select(minus, Compare::Lt, lo, down, zero);
            let off = m.add(up, down);
            crate::lower::ratio_or_zero(m, off, aa)
        });
        cx.b.map_to(out, |m| {
            let (d, a, mu) = (m.element(d), m.element(a), m.scalar(mu));
            let back = m.mul(mu, a);
            m.sub(d, back)
        });
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
            let (aa, au, lo, hi, zero) = (m.element(aa), m.element(au), lo.e(m), hi.e(m), m.literal(0.0));
            let (plus, minus) = (m.literal(f64::INFINITY), m.literal(f64::NEG_INFINITY));
            let raw = m.div(au, aa);
            let raw = m.select(aa, Compare::Le, zero, zero, raw);
            // A multiplier towards a side without a bound is not dual feasible: it goes to the violation.
            let up = m.max(raw, zero);
            let up = m.select(hi, Compare::Lt, plus, up, zero);
            let down = m.min(raw, zero);
            let down = m.select(minus, Compare::Lt, lo, down, zero);
            let used = m.add(up, down);
            m.store(mu, used);
            let finite_hi = m.select(hi, Compare::Lt, plus, hi, zero);
            let finite_lo = m.select(minus, Compare::Lt, lo, lo, zero);
            let (a, b) = (m.mul(up, finite_hi), m.mul(down, finite_lo));
            let sum = m.add(a, b);
            m.store(value, sum);
        });
        let rest = cx.b.scratch("rest", u.len);
        cx.b.map_to(rest, |m| {
            let (u, a, mu) = (m.element(u), m.element(a), m.scalar(mu));
            let part = m.mul(mu, a);
            m.sub(u, part)
        });
        cx.norm_to(violation, rest);
    }
    fn violation(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let (a, lo, hi) = (cx.data_arg(at, 0), cx.arg_value(at, 1), cx.arg_value(at, 2));
        let ax = inner(cx, a, x);
        cx.b.map_to(out, |m| {
            let (ax, lo, hi) = (m.element(ax), lo.e(m), hi.e(m));
            outside(m, ax, lo, hi)
        });
    }
    fn empty(&self, cx: &mut Emit, at: &Use, out: View) -> bool {
        let (a, lo, hi) = (cx.data_arg(at, 0), cx.arg_value(at, 1), cx.arg_value(at, 2));
        let aa = square(cx, a);
        cx.b.map_to(out, |m| {
            let (aa, lo, hi, zero, one) = (m.element(aa), lo.e(m), hi.e(m), m.literal(0.0), m.literal(1.0));
            let crossed = m.select(hi, Compare::Lt, lo, one, zero);
            // a = 0 leaves 0 in [l, u] or nothing.
            let above = m.select(zero, Compare::Lt, lo, one, zero);
            let below = m.select(hi, Compare::Lt, zero, one, above);
            let flat = m.select(aa, Compare::Le, zero, below, zero);
            m.max(crossed, flat)
        });
        true
    }
}
