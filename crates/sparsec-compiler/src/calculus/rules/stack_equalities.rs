//! Two equalities are one: A y = b and C y = d are [A; C] y = [b; d].
//!
//! - Condition: both are on the same block of unknowns

use super::{Sum, SumRule, find};
use crate::calculus::sets::affine::Affine;
use crate::calculus::{Atom, head};
use crate::expr;
use sparsec_program::solver::Shape;
use std::sync::Arc;

pub struct StackEqualities;

impl SumRule for StackEqualities {
    fn name(&self) -> &'static str {
        "equalities stacked"
    }
    fn doc(&self) -> String {
        head(include_str!("stack_equalities.rs"))
    }
    fn source(&self) -> &'static str {
        "elementary"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let is_equality = |a: &Atom| a.plain_rule::<Affine>().is_some();
        let i = find(atoms, is_equality)?;
        let j = i + 1 + find(&atoms[i + 1..], is_equality)?;
        let (a, b) = (atoms[i].rule.is::<Affine>()?, atoms[j].rule.is::<Affine>()?);
        let (n, k) = (a.matrix.shape.rows_cols().1, a.right.shape.len() + b.right.shape.len());
        let matrix = expr::stack(vec![a.matrix.clone(), b.matrix.clone()], Shape::Matrix(k, n));
        let right = expr::stack(vec![a.right.clone(), b.right.clone()], Shape::Vector(k));
        let text = format!("{} and {}", atoms[i].at.text, atoms[j].at.text);
        atoms.remove(j);
        atoms[i].become_rule(Arc::new(Affine { matrix, right }), text.clone());
        Some(text)
    }
}
