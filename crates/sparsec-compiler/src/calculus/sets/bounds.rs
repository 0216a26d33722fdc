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
use sparsec_program::builder::{E, MapBuilder};
use sparsec_program::program::{Compare, ReduceOp};

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
        cx.b.map_to(out, |m| {
            let mut x = m.element(v);
            if !unbounded(at, 0) {
                let lo = lo.e(m);
                x = m.max(x, lo);
            }
            if !unbounded(at, 1) {
                let hi = hi.e(m);
                x = m.min(x, hi);
            }
            x
        });
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
        cx.b.map_to(out, |m| {
            let (v, zero) = (m.element(point.v), m.literal(0.0));
            let mut x = m.element(d);
            if !unbounded(at, 0) {
                let lo = lo.e(m);
                x = m.select(v, Compare::Le, lo, zero, x);
            }
            if !unbounded(at, 1) {
                let hi = hi.e(m);
                x = m.select(hi, Compare::Le, v, zero, x);
            }
            x
        });
    }
    fn recession(&self, cx: &mut Emit, at: &Use, d: View, out: View) {
        let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
        cx.b.map_to(out, |m| {
            let (d, lo, hi) = (m.element(d), lo.e(m), hi.e(m));
            let (zero, plus, minus) = (m.literal(0.0), m.literal(f64::INFINITY), m.literal(f64::NEG_INFINITY));
            let (up, down) = (m.max(d, zero), m.min(d, zero));
            let up = m.select(hi, Compare::Lt, plus, zero, up);
            let down = m.select(minus, Compare::Lt, lo, zero, down);
            m.add(up, down)
        });
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
        cx.b.reduce_to(out, ReduceOp::Max, u.len, |m| {
            let (u, zero, inf) = (m.element(u), m.literal(0.0), m.literal(f64::INFINITY));
            let (a, b) = if facts.nonneg { (u, zero) } else { (zero, u) };
            m.select(a, Compare::Le, b, zero, inf)
        });
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
        let square = cx.b.scratch("square", 1);
        cx.b.map(u.len, |m| {
            let (u, lo, hi) = (m.element(u), lo.e(m), hi.e(m));
            let (zero, plus, minus) = (m.literal(0.0), m.literal(f64::INFINITY), m.literal(f64::NEG_INFINITY));
            let (w, c) = match &l1 {
                Some((w, c)) => (w.e(m), c.e(m)),
                None => (zero, zero),
            };
            let above = m.max(c, lo);
            let middle = m.min(above, hi);
            let left = m.select(minus, Compare::Lt, lo, lo, middle);
            let right = m.select(hi, Compare::Lt, plus, hi, middle);
            let phi = |m: &mut MapBuilder, x| {
                let d = m.sub(x, c);
                let a = m.abs(d);
                let (ux, wa) = (m.mul(u, x), m.mul(w, a));
                m.sub(ux, wa)
            };
            let (a, b, d) = (phi(m, left), phi(m, middle), phi(m, right));
            let best = m.max(a, b);
            let best = m.max(best, d);
            m.reduce(ReduceOp::Sum, value, best);
            let (down, up) = (m.add(u, w), m.sub(u, w));
            let down = m.neg(down);
            let (down, up) = (m.max(down, zero), m.max(up, zero));
            let down = m.select(minus, Compare::Lt, lo, zero, down);
            let up = m.select(hi, Compare::Lt, plus, zero, up);
            let off = m.add(down, up);
            let off = m.square(off);
            m.reduce(ReduceOp::Sum, square, off);
        });
        cx.b.map_to(violation, |m| {
            let square = m.element(square);
            m.sqrt(square)
        });
    }
    fn violation(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
        cx.b.reduce_to(out, ReduceOp::Max, x.len, |m| {
            let (x, lo, hi) = (m.element(x), lo.e(m), hi.e(m));
            outside(m, x, lo, hi)
        });
    }
    fn empty(&self, cx: &mut Emit, at: &Use, out: View) -> bool {
        let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
        let finite = |v: Value| matches!(v, Value::Literal(v) if v.is_finite());
        if (unbounded(at, 0) && (finite(hi) || unbounded(at, 1))) || (finite(lo) && unbounded(at, 1)) {
            return false;
        }
        cx.b.reduce_to(out, ReduceOp::Max, at.rows * at.len, |m| {
            let (lo, hi) = (lo.e(m), hi.e(m));
            crossed(m, lo, hi)
        });
        true
    }
    fn flops(&self, at: &Use) -> usize {
        2 * at.rows * at.len
    }
}

/// By how much x leaves [l, h]; 0 inside.
pub fn outside(m: &mut MapBuilder, x: E, l: E, h: E) -> E {
    let zero = m.literal(0.0);
    let (below, above) = (m.sub(l, x), m.sub(x, h));
    let worst = m.max(below, above);
    m.max(worst, zero)
}

/// 1 where no number lies in [l, h], 0 where one does. None lies above +∞ or below −∞.
pub fn crossed(m: &mut MapBuilder, l: E, h: E) -> E {
    let (one, zero) = (m.literal(1.0), m.literal(0.0));
    let (plus, minus) = (m.literal(f64::INFINITY), m.literal(f64::NEG_INFINITY));
    let crossed = m.select(h, Compare::Lt, l, one, zero);
    let crossed = m.select(plus, Compare::Le, l, one, crossed);
    m.select(h, Compare::Le, minus, one, crossed)
}

/// Σ sup { u x − c x log x : l ≤ x ≤ h } with 0 ≤ l, at the point of [l, h] next to exp(u/c − 1).
fn conjugate_with_entropy(cx: &mut Emit, at: &Use, entropy: &Atom, u: View, value: View, violation: View) {
    let (lo, hi) = (cx.arg_value(at, 0), cx.arg_value(at, 1));
    let c = cx.value(&entropy.at.coefficient);
    let square = cx.b.scratch("square", 1);
    cx.b.map(u.len, |m| {
        let (u, lo, hi, c) = (m.element(u), lo.e(m), hi.e(m), c.e(m));
        let (one, zero, plus) = (m.literal(1.0), m.literal(0.0), m.literal(f64::INFINITY));
        let ratio = m.div(u, c);
        let less = m.sub(ratio, one);
        let free = m.exp(less);
        // Without a weight u x alone is left: an end, and what pulls at an infinite one is out of the domain.
        let end = m.select(zero, Compare::Lt, u, hi, lo);
        let pulled = m.select(hi, Compare::Lt, plus, zero, u);
        let pulled = m.select(zero, Compare::Lt, u, pulled, zero);
        let end = m.select(zero, Compare::Lt, pulled, lo, end);
        let x = m.select(c, Compare::Le, zero, end, free);
        let off = m.select(c, Compare::Le, zero, pulled, zero);
        let x = m.max(x, lo);
        let x = m.min(x, hi);
        let entropy = xlogx(m, x);
        let (ux, penalty) = (m.mul(u, x), m.mul(c, entropy));
        let best = m.sub(ux, penalty);
        // Between the bounds it is c x, which overflows to +∞ where the difference would be undefined.
        let inside = m.mul(c, x);
        let inside = m.select(x, Compare::Eq, free, inside, best);
        let best = m.select(c, Compare::Le, zero, best, inside);
        m.reduce(ReduceOp::Sum, value, best);
        let off = m.square(off);
        m.reduce(ReduceOp::Sum, square, off);
    });
    cx.b.map_to(violation, |m| {
        let square = m.element(square);
        m.sqrt(square)
    });
}
