//! Two uses of one function are one with their coefficients added: a g(y) + b g(y) = (a + b) g(y).
//!
//! - Condition: the two have the same further arguments and weights, neither is shifted, and both are of the same vectors: the whole, the rows
//!   or the columns

use super::{Sum, SumRule};
use crate::calculus::{Atom, head};
use crate::expr;

pub struct MergePenalties;

impl SumRule for MergePenalties {
    fn name(&self) -> &'static str {
        "sum of equal penalties"
    }
    fn doc(&self) -> String {
        head(include_str!("merge_penalties.rs"))
    }
    fn source(&self) -> &'static str {
        "elementary"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let same = |a: &Atom, b: &Atom| {
            !a.facts().set && a.plain() && b.plain() && a.at.layout == b.at.layout && a.rule.same(&*b.rule)
        };
        let pairs = (0..atoms.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        let (i, j) = pairs.into_iter().find(|&(i, j)| same(&atoms[i], &atoms[j]))?;
        let other = atoms.remove(j);
        let at = &mut atoms[i].at;
        at.coefficient = expr::add(at.coefficient.clone(), other.at.coefficient);
        at.text = format!("{} + {}", at.text, other.at.text);
        Some(at.text.clone())
    }
}
