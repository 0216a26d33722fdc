//! The sum of the l2 norms of the rows (or columns) of a matrix is the group norm of the rows: Σ wᵢ ‖Yᵢ‖ with the entries of row i as group i.
//!
//! - Condition: the norm is neither shifted nor turned

use super::SumRule;
use crate::calculus::functions::group_norm::GroupNorm;
use crate::calculus::functions::norm2::Norm2;
use crate::calculus::{Argument, Atom, Use, head};
use std::sync::Arc;

pub struct RowsAsGroups;

impl SumRule for RowsAsGroups {
    fn name(&self) -> &'static str {
        "rows as groups"
    }
    fn doc(&self) -> String {
        head(include_str!("rows_as_groups.rs"))
    }
    fn source(&self) -> &'static str {
        "by definition of the group norm"
    }
    fn alone(&self, atom: &Atom) -> Option<Atom> {
        let norm = atom.plain_rule::<Norm2>().filter(|_| atom.at.layout.count() > 1)?;
        let groups = atom.at.layout.vectors();
        let rule = Arc::new(GroupNorm { groups, weights: norm.weights.clone() });
        let at = Use { layout: atom.at.layout.flat(), ..atom.at.clone() };
        Some(Atom { rule, at, argument: Argument::itself() })
    }
}
