//! A row ⟨a, y⟩ = b and bounds l ≤ y ≤ u have no common point where b lies outside
//! [Σ min(aᵢ lᵢ, aᵢ uᵢ), Σ max(aᵢ lᵢ, aᵢ uᵢ)]: the two become the empty set, and the answer is `infeasible`.
//!
//! - Condition: a, b, l and u are numbers of the text; the bounds are not shifted; b misses the interval by more than rounding

use super::{Sum, SumRule, find};
use crate::calculus::sets::affine::Affine;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::sets::empty::Empty;
use crate::calculus::{Atom, head};
use crate::expr;
use std::sync::Arc;

pub struct EmptyIntersection;

impl SumRule for EmptyIntersection {
    fn name(&self) -> &'static str {
        "contradiction"
    }
    fn doc(&self) -> String {
        head(include_str!("empty_intersection.rs"))
    }
    fn source(&self) -> &'static str {
        "interval arithmetic"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let one_row = |a: &Atom| a.plain_rule::<Affine>().is_some_and(|e| e.right.shape.len() == 1);
        let row = find(atoms, one_row)?;
        let set = find(atoms, |a| a.plain_rule::<Bounds>().is_some())?;
        let len = atoms[set].at.layout.entries();
        let (equality, bounds) = (atoms[row].rule.is::<Affine>()?, atoms[set].rule.is::<Bounds>()?);
        let (a, b) = (expr::numbers(&equality.matrix, len)?, expr::numbers(&equality.right, 1)?[0]);
        let (lower, upper) = (expr::numbers(&bounds.lower, len)?, expr::numbers(&bounds.upper, len)?);
        let (mut least, mut most, mut size) = (0.0, 0.0, b.abs());
        for ((a, l), u) in a.iter().zip(&lower).zip(&upper).filter(|((a, _), _)| **a != 0.0) {
            least += (a * l).min(a * u);
            most += (a * l).max(a * u);
            size += [a * l, a * u].into_iter().map(f64::abs).filter(|x| x.is_finite()).fold(0.0, f64::max);
        }
        // Rounding of the sums must not decide.
        let slack = 1e-12 * size;
        if least - slack <= b && b <= most + slack {
            return None;
        }
        let text = format!("{} and {}", atoms[row].at.text, atoms[set].at.text);
        atoms[row].become_rule(Arc::new(Empty), text.clone());
        atoms.remove(set);
        Some(format!("{text} have no common point"))
    }
}
