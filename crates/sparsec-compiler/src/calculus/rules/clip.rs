//! A separable convex penalty on a box: prox of g + δ_[l, u] is clip(prox_g(v), l, u), entry by entry. In one dimension the
//! minimiser over an interval is the nearest point of it to the free minimiser, and so is the maximiser in the conjugate.
//!
//! - Condition: one penalty, a sum over the entries (weighted or shifted, not scaled), and one box, which is not shifted; a penalty that is finite
//!   for y ≥ 0 only is not shifted either

use super::SumRule;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::{Atom, head};
use crate::expr;
use crate::lower::Emit;
use crate::model::Elementwise;
use sparsec_program::formula::{Entries, Value};
use sparsec_program::program::View;
use std::sync::Arc;

pub struct ClipAfterSeparable;

impl SumRule for ClipAfterSeparable {
    fn name(&self) -> &'static str {
        "separable sum on a box"
    }
    fn doc(&self) -> String {
        head(include_str!("clip.rs"))
    }
    fn source(&self) -> &'static str {
        "Bauschke & Combettes, proposition 24.47"
    }
    fn compose(&self, atoms: &[Atom]) -> Option<Vec<Atom>> {
        let [a, b] = atoms else { return None };
        let (penalty, set) = if a.plain_rule::<Bounds>().is_some() { (b, a) } else { (a, b) };
        let bounds = set.plain_rule::<Bounds>()?;
        let facts = penalty.facts();
        let argument = &penalty.argument;
        let unturned = argument.turn.is_empty() && argument.factor == 1.0;
        if !facts.separable || facts.set || !unturned || (facts.nonnegative_domain && argument.shift.is_some()) {
            return None;
        }
        let mut set = set.clone();
        if facts.nonnegative_domain {
            // A box below the domain is empty.
            let shape = set.at.layout.vector_shape();
            let lower = expr::tighter(Elementwise::Max, bounds.lower.clone(), expr::number(0.0), shape);
            set.rule = Arc::new(Bounds { lower, upper: bounds.upper.clone() });
        }
        Some(vec![penalty.clone(), set])
    }
    fn conjugate(&self, cx: &mut Emit, steps: &[Atom], u: View, value: View, outside: View) {
        let [penalty, set] = steps else { return };
        let (Some(g), Some(bounds)) = (penalty.rule.separable(), set.rule.is::<Bounds>()) else { return };
        // About the centre s of the penalty: sup over x in [l − s, h − s] of u x − c g(x), and u s. The supremum is at the point of the
        // box next to where u x − c g(x) is largest, which is infinitely far out where u is no slope of c g.
        let c = cx.value(&penalty.at.coefficient);
        let s = penalty.argument.shift.as_ref().map_or(Value::Literal(0.0), |s| cx.value(s));
        let [l, h] = [&bounds.lower, &bounds.upper].map(|e| cx.value(e));
        let [l, h] = [l, h].map(|bound| if s == Value::Literal(0.0) { bound.into() } else { bound - s });
        let [low, high] = g.slopes(cx, c);
        // What pulls at a side without a bound is not in the domain.
        let over = h.lt(f64::INFINITY).then(0.0, (u - &high).max(0.0));
        let under = l.gt(f64::NEG_INFINITY).then(0.0, (&low - u).max(0.0));
        let pulled = u - &over + &under;
        let inside = u.max(&low).min(&high);
        let free = g.maximiser(cx, c, &inside);
        let nearest = free.max(&l).min(&h);
        let x = pulled.gt(&high).then(&h, pulled.lt(&low).then(&l, nearest));
        let attained = pulled.eq(&inside).then(x.eq(free).then(1.0, 0.0), 0.0);
        let there = &pulled * &x - c * g.value(cx, &x);
        let best = attained.gt(0.0).then(g.conjugate(cx, c, &inside), there) + &pulled * s;
        cx.b.map(u.len, |m| {
            m.sum(value, best);
            m.store(outside, over - under);
        });
    }
}
