//! Two weighted l1 norms are one with their weights added: a‖u ⊙ y‖₁ + b‖w ⊙ y‖₁ = ‖(a u + b w) ⊙ y‖₁ for a, b, u, w ≥ 0.
//!
//! - Condition: neither is shifted

use super::{Sum, SumRule};
use crate::calculus::functions::norm1::Norm1;
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::Expr;
use sparsec_program::solver::Shape;
use std::sync::Arc;

pub struct MergeL1;

/// The weight of every entry, coefficient and all.
fn weights(atom: &Atom) -> Option<Expr> {
    let shape: Shape = atom.at.layout.vector_shape();
    let c = expr::fill(atom.at.coefficient.clone(), shape);
    Some(match &atom.rule.is::<Norm1>()?.weights {
        None => c,
        Some(w) => expr::element_product(c, expr::reshape(expr::fill(w.clone(), shape), shape)),
    })
}

impl SumRule for MergeL1 {
    fn name(&self) -> &'static str {
        "sum of weighted l1 norms"
    }
    fn doc(&self) -> String {
        head(include_str!("merge_l1.rs"))
    }
    fn source(&self) -> &'static str {
        "elementary"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let is_norm = |i: &usize| atoms[*i].plain_rule::<Norm1>().is_some();
        let [i, j, ..] = (0..atoms.len()).filter(is_norm).collect::<Vec<_>>()[..] else { return None };
        let total = expr::add(weights(&atoms[i])?, weights(&atoms[j])?);
        let text = format!("{} + {}", atoms[i].at.text, atoms[j].at.text);
        atoms.remove(j);
        atoms[i].become_rule(Arc::new(Norm1 { weights: Some(total) }), text.clone());
        Some(text)
    }
}
