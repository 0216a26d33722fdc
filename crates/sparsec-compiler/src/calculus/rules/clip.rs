//! A separable convex homogeneous penalty on a box: prox of g + δ_[l, u] is clip(prox_g(v), l, u), entry by entry. In one dimension the
//! minimiser over an interval is the nearest point of it to the free minimiser.
//!
//! - Condition: one penalty and one box, the penalty the l1 norm, also weighted or shifted, since the box knows the conjugate of
//!   its sum with that alone; the box is not shifted

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
        // The box knows the conjugate of its sum with the l1 norm alone.
        let fits = s.bounds && set.at.shift.is_none() && p.separable && p.linear_on_nonneg && p.homogeneous && !p.set;
        fits.then(|| vec![penalty.clone(), set.clone()])
    }
}
