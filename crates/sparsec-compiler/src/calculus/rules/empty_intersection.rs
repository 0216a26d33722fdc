//! A row ⟨a, y⟩ = b and bounds l ≤ y ≤ u have no common point where b lies outside
//! [Σ min(aᵢ lᵢ, aᵢ uᵢ), Σ max(aᵢ lᵢ, aᵢ uᵢ)]: the two become the empty set, and the answer is `infeasible`.
//!
//! - Condition: a, b, l and u are numbers of the text; the bounds are not shifted; b misses the interval by more than rounding

use super::{Sum, SumRule, find};
use crate::calculus::sets::empty::Empty;
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::Arg;

pub struct EmptyIntersection;

fn arg(a: &Atom, i: usize, len: usize) -> Option<Vec<f64>> {
    expr::numbers(a.at.args.get(i)?.expr()?, len)
}

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
        let row = find(atoms, |a| {
            a.facts().affine && a.at.args.get(1).and_then(Arg::expr).is_some_and(|b| b.shape.len() == 1)
        })?;
        let bounds = find(atoms, |a| a.facts().bounds && a.plain())?;
        let len = atoms[bounds].at.rows * atoms[bounds].at.len;
        let (a, b) = (arg(&atoms[row], 0, len)?, arg(&atoms[row], 1, 1)?[0]);
        let (lower, upper) = (arg(&atoms[bounds], 0, len)?, arg(&atoms[bounds], 1, len)?);
        let (mut least, mut most) = (0.0, 0.0);
        for ((a, l), u) in a.iter().zip(&lower).zip(&upper).filter(|((a, _), _)| **a != 0.0) {
            least += (a * l).min(a * u);
            most += (a * l).max(a * u);
        }
        // Rounding of the sums must not decide.
        let slack = 1e-12 * b.abs().max(1.0) * len as f64;
        if least - slack <= b && b <= most + slack {
            return None;
        }
        let text = format!("{} and {}", atoms[row].at.text, atoms[bounds].at.text);
        atoms[row].rule = &Empty;
        atoms[row].at.args = Vec::new();
        atoms[row].at.text = text.clone();
        atoms.remove(bounds);
        Some(format!("{text} have no common point"))
    }
}
