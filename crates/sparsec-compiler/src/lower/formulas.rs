//! Formulas that many rules use, safe at their edges.

use sparsec_program::formula::{Entries, Formula};
use sparsec_program::program::View;

/// max(0, 1 − t/norm), 0 where the norm is 0.
pub fn shrink_factor(norm: impl Into<Formula>, t: impl Into<Formula>) -> Formula {
    let norm = norm.into();
    norm.eq(0.0).then(0.0, (1.0 - t.into() / &norm).max(0.0))
}

/// a/b, 0 where b is 0.
pub fn ratio_or_zero(a: impl Into<Formula>, b: impl Into<Formula>) -> Formula {
    let b = b.into();
    b.eq(0.0).then(0.0, a.into() / &b)
}

/// a/b, 0 where a ≤ 0, also for b = 0.
pub fn part_of(a: impl Into<Formula>, b: impl Into<Formula>) -> Formula {
    let a = a.into();
    a.le(0.0).then(0.0, &a / b)
}

/// x log x, with 0 at 0 (and at the −0 and denormal dust a projection may leave below it).
pub fn xlogx(x: impl Into<Formula>) -> Formula {
    let x = x.into();
    x.le(0.0).then(0.0, &x * x.log())
}

/// p log(p/q) − p + q for p ≥ 0 and q ≥ 0 with its logarithm (which does not underflow): the terms of Kullback and Leibler's divergence,
/// each no less than 0. Nothing cancels where p and q are close: with d = p/q − 1 and r = d/(2 + d) it is
/// q ((1 + d) log(1 + d) − d) = 2 q (r² + (1 + r)(r³/3 + r⁵/5 + …))/(1 − r).
pub fn divergence(p: impl Into<Formula>, q: impl Into<Formula>, log_q: impl Into<Formula>) -> Formula {
    const CLOSE: f64 = 0.1;
    let (p, q, log_q) = (p.into(), q.into(), log_q.into());
    let d = ratio_or_zero(&p - &q, &q);
    let r = &d / (2.0 + &d);
    // |r| ≤ 1/19 there, so the first term that is left out is below 1e-17 of the sum.
    let s = r.square();
    let tail = [13.0, 11.0, 9.0, 7.0, 5.0, 3.0].into_iter().fold(Formula::from(0.0), |sum, k| 1.0 / k + &s * sum);
    let series = 2.0 * &q * (&s + (1.0 + &r) * (&s * &r * tail)) / (1.0 - &r);
    let plain = (xlogx(&p) - p.le(0.0).then(0.0, &p * log_q)) - &p + &q;
    d.abs().le(CLOSE).then(q.gt(0.0).then(series, &plain), &plain)
}

/// A point counts as on a border that is this near, relative to the size of the set: nearer than the rounding of single precision.
pub const NEAR: f64 = 1e-6;

/// 1 where l < x < h by more than `slack`, 0 elsewhere.
pub fn between(x: View, [l, h]: [impl Entries; 2], slack: impl Into<Formula>) -> Formula {
    let slack = slack.into();
    (x - &slack).gt(l).then((x + slack).lt(h).then(1.0, 0.0), 0.0)
}

/// By how much x leaves [l, h], relative to the magnitudes of what x is the sum of and the bound; 0 inside.
pub fn outside(x: View, sizes: impl Into<Formula>, l: impl Entries, h: impl Entries) -> Formula {
    let sizes = sizes.into();
    let below = ratio_or_zero((l.into() - x).max(0.0), &sizes + x.lt(l).then(l.abs(), 0.0));
    let above = ratio_or_zero((x - h).max(0.0), sizes + x.gt(h).then(h.abs(), 0.0));
    below.max(above)
}

/// 1 where no number lies in [l, h], 0 where one does. None lies above +∞ or below −∞; bounds that cross by rounding alone touch.
pub fn crossed(l: impl Entries, h: impl Entries) -> Formula {
    let crossed = (l.into() - h).gt(4.0 * f64::EPSILON * (l.abs() + h.abs())).then(1.0, 0.0);
    let crossed = l.ge(f64::INFINITY).then(1.0, crossed);
    h.le(f64::NEG_INFINITY).then(1.0, crossed)
}
