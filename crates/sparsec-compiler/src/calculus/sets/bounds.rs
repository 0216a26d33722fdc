//! Box: {l ≤ y ≤ u} entry by entry; l and u are scalars or of y's shape, and may be infinite.
//!
//! - Spellings: `y in box(l, u)`, `y in [l, u]`, `l <= y <= u`, `y >= l`; of a matrix, by its entries
//! - Projection: min(max(v, l), u)
//! - Support function: Σ max(lᵢ uᵢ', uᵢ uᵢ') (+∞ where an infinite bound is pulled)
//! - Jacobian of the projection: diag(1 where l < v < u, else 0)
//! - With the l1 norm or the negative entropy: clip after the prox
//! - Source: Bauschke & Combettes, *Convex Analysis and Monotone Operator Theory*, 2nd ed., proposition 24.47

use crate::calculus::functions::neg_entropy::xlogx;
use crate::calculus::functions::prelude::*;
use crate::expr;

/// {l ≤ y ≤ u} in problem files
#[derive(Debug)]
pub struct BoxSet;

/// The indicator of {l ≤ y ≤ u}; its two arguments are the bounds, literal infinities where there is none.
#[derive(Debug)]
pub struct Bounds;

impl SetRule for BoxSet {
    fn name(&self) -> &'static str {
        "box"
    }
    fn doc(&self) -> String {
        head(include_str!("bounds.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Entries
    }
    fn parameters(&self) -> &'static [Parameter] {
        &[
            Parameter { name: "l", kind: ParameterKind::Bounds, optional: false },
            Parameter { name: "u", kind: ParameterKind::Bounds, optional: false },
        ]
    }
    fn indicator(&self, args: &[Arg]) -> Indicator {
        Indicator { atom: &Bounds, args: args.to_vec(), shift: None }
    }
}

/// A missing or infinite literal lower (upper) bound.
fn unbounded(at: &Use, which: usize) -> bool {
    let inf = if which == 0 { f64::NEG_INFINITY } else { f64::INFINITY };
    at.args.get(which).and_then(Arg::expr).and_then(expr::uniform) == Some(inf)
}

impl Proxable for Bounds {
    fn name(&self) -> &'static str {
        "box"
    }
    fn facts(&self, at: &Use) -> Facts {
        let lower = at.args.first().and_then(Arg::expr).and_then(expr::uniform);
        let upper = at.args.get(1).and_then(Arg::expr).and_then(expr::uniform);
        let nonneg = lower == Some(0.0) && unbounded(at, 1);
        let nonpos = upper == Some(0.0) && unbounded(at, 0);
        Facts {
            set: true,
            separable: true,
            bounds: true,
            nonneg,
            implies_nonneg: lower.is_some_and(|l| l >= 0.0),
            homogeneous: nonneg || nonpos,
            symmetric: lower.is_some() && upper.is_some(),
            sparse: nonneg || nonpos,
            ..Facts::default()
        }
    }
    fn value(&self, cx: &mut Emit, _at: &Use, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, _gamma: Value, out: View) {
        let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
        let mut x = Formula::from(v);
        if !unbounded(at, 0) {
            x = x.max(lo);
        }
        if !unbounded(at, 1) {
            x = x.min(hi);
        }
        cx.b.set(out, x);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
        let mut x = Formula::from(d);
        if !unbounded(at, 0) {
            x = point.v.le(lo).then(0.0, x);
        }
        if !unbounded(at, 1) {
            x = point.v.ge(hi).then(0.0, x);
        }
        cx.b.set(out, x);
    }
    fn recession(&self, cx: &mut Emit, at: &Use, d: View, out: View) {
        let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
        let up = hi.lt(f64::INFINITY).then(0.0, d.max(0.0));
        let down = lo.gt(f64::NEG_INFINITY).then(0.0, d.min(0.0));
        cx.b.set(out, up + down);
    }
    fn prox_text(&self, at: &Use) -> String {
        match (unbounded(at, 0), unbounded(at, 1)) {
            (false, true) => format!("max(v, {})", arg_text(at, 0)),
            (true, false) => format!("min(v, {})", arg_text(at, 1)),
            _ => format!("clip(v, {}, {})", arg_text(at, 0), arg_text(at, 1)),
        }
    }
    fn conjugate_text(&self, at: &Use) -> String {
        let times = |bound: String| if bound == "0" { bound } else { format!("Σ {bound}·u") };
        match (unbounded(at, 0), unbounded(at, 1)) {
            (true, true) => "0 where u = 0".to_owned(),
            (false, true) => format!("{} where u ≤ 0", times(arg_text(at, 0))),
            (true, false) => format!("{} where u ≥ 0", times(arg_text(at, 1))),
            (false, false) => format!("Σ max({}·u, {}·u)", arg_text(at, 0), arg_text(at, 1)),
        }
    }
    fn gauge(&self, cx: &mut Emit, at: &Use, u: View, out: View) -> bool {
        let facts = self.facts(at);
        if !facts.homogeneous {
            return false;
        }
        let feasible = if facts.nonneg { u.le(0.0) } else { u.ge(0.0) };
        cx.b.max(out, feasible.then(0.0, f64::INFINITY));
        true
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, before: &[Atom], u: View, value: View, violation: View) {
        if let Some(entropy) = before.first().filter(|a| a.facts().entropy) {
            return conjugate_with_entropy(cx, at, entropy, u, value, violation);
        }
        // Entry by entry the supremum of u x − w|x − c| over [l, h]: at an end or at the point of [l, h] next to c.
        let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
        let l1 = before.first().map(|a| {
            let shift = a.at.shift.as_ref().map_or(Value::Literal(0.0), |s| cx.value(s));
            (cx.threshold(&a.at, Value::Literal(1.0)), shift)
        });
        let (w, c) = l1.unwrap_or_else(|| (0.0.into(), Value::Literal(0.0)));
        let square = cx.b.scratch("square", 1);
        cx.b.map(u.len, |m| {
            let phi = |x: &Formula| u * x - &w * (x - c).abs();
            let middle = c.max(lo).min(hi);
            let left = lo.gt(f64::NEG_INFINITY).then(lo, &middle);
            let right = hi.lt(f64::INFINITY).then(hi, &middle);
            m.sum(value, phi(&left).max(phi(&middle)).max(phi(&right)));
            let down = lo.gt(f64::NEG_INFINITY).then(0.0, (-(u + &w)).max(0.0));
            let up = hi.lt(f64::INFINITY).then(0.0, (u - &w).max(0.0));
            m.sum(square, (down + up).square());
        });
        cx.b.set(violation, square.sqrt());
    }
    fn violation(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
        cx.b.max(out, outside(x, lo, hi));
    }
    fn empty(&self, cx: &mut Emit, at: &Use, out: View) -> bool {
        let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
        let finite = |v: Value| matches!(v, Value::Literal(v) if v.is_finite());
        if (unbounded(at, 0) && (finite(hi) || unbounded(at, 1))) || (finite(lo) && unbounded(at, 1)) {
            return false;
        }
        cx.b.max(out, crossed(lo, hi));
        true
    }
    fn flops(&self, at: &Use) -> usize {
        2 * at.rows * at.len
    }
}

/// By how much x leaves [l, h]; 0 inside.
pub fn outside(x: View, l: impl Entries, h: impl Entries) -> Formula {
    (l.into() - x).max(x - h).max(0.0)
}

/// 1 where no number lies in [l, h], 0 where one does. None lies above +∞ or below −∞.
pub fn crossed(l: impl Entries, h: impl Entries) -> Formula {
    let crossed = h.lt(l).then(1.0, 0.0);
    let crossed = l.ge(f64::INFINITY).then(1.0, crossed);
    h.le(f64::NEG_INFINITY).then(1.0, crossed)
}

/// Σ sup { u x − c x log x : l ≤ x ≤ h } with 0 ≤ l, at the point of [l, h] next to exp(u/c − 1).
fn conjugate_with_entropy(cx: &mut Emit, at: &Use, entropy: &Atom, u: View, value: View, violation: View) {
    let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
    let c = cx.value(&entropy.at.coefficient);
    let square = cx.b.scratch("square", 1);
    cx.b.map(u.len, |m| {
        let free = (u / c - 1.0).exp();
        // Without a weight u x alone is left: an end, and what pulls at an infinite one is out of the domain.
        let end = u.gt(0.0).then(hi, lo);
        let pulled = u.gt(0.0).then(hi.lt(f64::INFINITY).then(0.0, u), 0.0);
        let end = pulled.gt(0.0).then(lo, end);
        let x = c.le(0.0).then(end, &free).max(lo).min(hi);
        let best = u * &x - c * xlogx(&x);
        // Between the bounds it is c x, which overflows to +∞ where the difference would be undefined.
        let inside = x.eq(free).then(c * &x, &best);
        m.sum(value, c.le(0.0).then(best, inside));
        m.sum(square, c.le(0.0).then(pulled, 0.0).square());
    });
    cx.b.set(violation, square.sqrt());
}
