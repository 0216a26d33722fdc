//! y ≥ 0 beside something that is finite for y ≥ 0 only says nothing new, and is dropped.
//!
//! - Condition: the other is a simplex or an entropy, and neither is shifted (two bounds are merged as boxes instead)

use super::{Sum, SumRule, find};
use crate::calculus::sets::bounds::Bounds;
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
        let i = find(atoms, |a| a.plain_rule::<Bounds>().is_some_and(Bounds::is_nonneg))?;
        let implied = |a: &Atom| a.facts().nonnegative_domain && a.plain() && a.rule.is::<Bounds>().is_none();
        let other = (0..atoms.len()).find(|&j| j != i && implied(&atoms[j]))?;
        let what = format!("{} follows from {}", atoms[i].at.text, atoms[other].at.text);
        atoms.remove(i);
        Some(what)
    }
}
