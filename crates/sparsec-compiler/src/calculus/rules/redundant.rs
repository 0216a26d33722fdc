//! y ≥ 0 beside something that is finite for y ≥ 0 only says nothing new, and is dropped.
//!
//! - Condition: the other is a simplex or an entropy, and neither is shifted (two bounds are merged as boxes instead)

use super::{Sum, SumRule, find};
use crate::calculus::{Atom, head};

pub struct RedundantNonneg;

impl SumRule for RedundantNonneg {
    fn name(&self) -> &'static str {
        "redundant sign"
    }
    fn doc(&self) -> String {
        head(include_str!("redundant.rs"))
    }
    fn source(&self) -> &'static str {
        "elementary"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let i = find(atoms, |a| a.facts().nonneg && a.plain())?;
        let other = (0..atoms.len())
            .find(|&j| j != i && atoms[j].facts().implies_nonneg && !atoms[j].facts().bounds && atoms[j].plain())?;
        let gone = atoms[i].at.text.clone();
        let what = format!("{gone} follows from {}", atoms[other].at.text);
        atoms.remove(i);
        Some(what)
    }
}
