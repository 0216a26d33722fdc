//! A separable convex homogeneous penalty on a box: clip after the prox, entry by entry.

use super::SumRule;
use crate::calculus::Atom;

pub struct ClipAfterSeparable;

impl SumRule for ClipAfterSeparable {
    fn name(&self) -> &'static str {
        "separable sum on a box"
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
