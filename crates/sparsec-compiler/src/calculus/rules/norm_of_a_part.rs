//! The l2 norm of some entries of a vector is the group norm of the vector with those entries as its one group.
//!
//! - Condition: the norm is not turned

use super::SumRule;
use crate::calculus::functions::group_norm::GroupNorm;
use crate::calculus::functions::norm2::Norm2;
use crate::calculus::{Argument, Atom, Layout, Picked, Use, head};
use crate::expr;
use std::sync::Arc;

pub struct NormOfAPart;

impl SumRule for NormOfAPart {
    fn name(&self) -> &'static str {
        "l2 norm of a part"
    }
    fn doc(&self) -> String {
        head(include_str!("norm_of_a_part.rs"))
    }
    fn source(&self) -> &'static str {
        "by definition of the group norm"
    }
    fn padded(&self, atom: &Atom, to: &Picked, _beside: &[&Atom]) -> Option<Atom> {
        let fits = !to.all() && atom.at.layout.count() == 1;
        let norm = atom.rule.is::<Norm2>().filter(|_| fits && atom.argument.turn.is_empty())?;
        let shift = match &atom.argument.shift {
            Some(c) => Some(expr::padded(c, to, 0.0)?),
            None => None,
        };
        let rule = Arc::new(GroupNorm { groups: vec![to.entries.clone()], weights: norm.weights.clone() });
        let at = Use { layout: Layout::vector(to.within), ..atom.at.clone() };
        Some(Atom { rule, at, argument: Argument { shift, ..atom.argument.clone() } })
    }
}
