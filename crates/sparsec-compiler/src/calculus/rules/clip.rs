//! A separable convex homogeneous penalty on a box: prox of g + δ_[l, u] is clip(prox_g(v), l, u), entry by entry. In one dimension the
//! minimiser over an interval is the nearest point of it to the free minimiser.
//!
//! - Condition: one penalty and one box, the penalty a sum over entries with g(t y) = t g(y) for t ≥ 0 (`norm1`, also weighted or shifted);
//!   the box is not shifted

use super::SumRule;
use crate::calculus::{Atom, head};

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
        let (penalty, set) = if a.facts().bounds { (b, a) } else { (a, b) };
        let (p, s) = (penalty.facts(), set.facts());
        let fits = s.bounds && set.at.shift.is_none() && p.separable && p.homogeneous && !p.set;
        fits.then(|| vec![penalty.clone(), set.clone()])
    }
}
