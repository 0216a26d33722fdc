//! Two equalities are one: A y = b and C y = d are [A; C] y = [b; d].
//!
//! - Condition: both are on the same block of unknowns

use super::{Sum, SumRule, find};
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::{Arg, Expr};
use sparsec_program::solver::Shape;

pub struct StackEqualities;

fn parts(a: &Atom) -> Option<(Expr, Expr)> {
    Some((a.at.args.first()?.expr()?.clone(), a.at.args.get(1)?.expr()?.clone()))
}

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
        let i = find(atoms, |a| a.facts().affine)?;
        let j = i + 1 + find(&atoms[i + 1..], |a| a.facts().affine)?;
        let ((a, b), (c, d)) = (parts(&atoms[i])?, parts(&atoms[j])?);
        let other = atoms.remove(j);
        let (n, k) = (a.shape.rows_cols().1, b.shape.len() + d.shape.len());
        let matrix = expr::stack(vec![a, c], Shape::Matrix(k, n));
        let rhs = expr::stack(vec![b, d], Shape::Vector(k));
        let text = format!("{} and {}", atoms[i].at.text, other.at.text);
        atoms[i].at.args = vec![Arg::Expr(matrix), Arg::Expr(rhs)];
        atoms[i].at.text = text.clone();
        Some(text)
    }
}
