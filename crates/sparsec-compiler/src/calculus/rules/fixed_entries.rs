//! Entries that are fixed beside an equality are rows of an equality themselves: y_K = b is S y = b with the rows S of the identity.
//!
//! - Condition: the entries' two bounds are one, and an equality acts on the same block

use super::SumRule;
use crate::calculus::sets::affine::Affine;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::{Argument, Atom, Layout, Picked, Use, head};
use crate::expr;
use sparsec_program::solver::Shape;
use std::sync::Arc;

pub struct FixedEntries;

impl SumRule for FixedEntries {
    fn name(&self) -> &'static str {
        "fixed entries"
    }
    fn doc(&self) -> String {
        head(include_str!("fixed_entries.rs"))
    }
    fn source(&self) -> &'static str {
        "elementary"
    }
    fn padded(&self, atom: &Atom, to: &Picked, beside: &[&Atom]) -> Option<Atom> {
        let bounds = atom.plain_rule::<Bounds>().filter(|b| expr::same(&b.lower, &b.upper))?;
        if !beside.iter().any(|other| other.rule.is::<Affine>().is_some()) {
            return None;
        }
        let (k, n) = (to.entries.len(), to.within);
        let mut selection = vec![0.0; k * n];
        to.entries.iter().enumerate().for_each(|(row, i)| selection[row * n + i] = 1.0);
        let matrix = expr::literal(selection, Shape::Matrix(k, n));
        let right = expr::reshape(expr::fill(bounds.lower.clone(), Shape::Vector(k)), Shape::Vector(k));
        let at = Use { layout: Layout::vector(n), ..atom.at.clone() };
        Some(Atom { rule: Arc::new(Affine { matrix, right }), at, argument: Argument::itself() })
    }
}
