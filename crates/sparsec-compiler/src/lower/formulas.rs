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
