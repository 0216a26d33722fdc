//! A separable convex penalty on a box: prox of g + δ_[l, u] is clip(prox_g(v), l, u), entry by entry. In one dimension the
//! minimiser over an interval is the nearest point of it to the free minimiser.
//!
//! - Condition: one penalty and one box, the penalty the l1 norm, also weighted or shifted, or the negative entropy: the box knows the
//!   conjugate of its sum with these; the box is not shifted

use super::SumRule;
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::{Arg, Elementwise};
use sparsec_program::solver::Shape;

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
        let l1 = p.separable && p.linear_on_nonneg && p.homogeneous;
        let entropy = p.entropy && penalty.plain();
        let fits = s.bounds && set.plain() && !p.set && (l1 || entropy);
        let mut set = set.clone();
        if let (true, true, Some(lower)) = (fits, entropy, set.at.args.first().and_then(Arg::expr)) {
            // A box below the domain is empty.
            let n = Shape::Vector(set.at.rows * set.at.len);
            set.at.args[0] = Arg::Expr(expr::tighter(Elementwise::Max, lower.clone(), expr::number(0.0), n));
        }
        fits.then(|| vec![penalty.clone(), set])
    }
}
