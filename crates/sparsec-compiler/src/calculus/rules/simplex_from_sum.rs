//! `y >= 0` and `sum(y) == r` are the simplex of radius r.

use super::{Sum, SumRule, find};
use crate::calculus::Atom;
use crate::calculus::sets::simplex::Simplex;
use crate::expr;
use crate::model::Arg;
use sparsec_program::solver::Shape;

pub struct SimplexFromSum;

impl SumRule for SimplexFromSum {
    fn name(&self) -> &'static str {
        "nonnegative with a fixed sum"
    }
    fn source(&self) -> &'static str {
        "by definition of the simplex"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let cone = find(atoms, |a| a.facts().nonneg && a.at.shift.is_none())?;
        let row = find(atoms, |a| a.facts().affine)?;
        let matrix = atoms[row].at.args.first()?.expr()?.clone();
        let rhs = atoms[row].at.args.get(1)?.expr()?.clone();
        let factor = expr::uniform(&matrix).filter(|f| *f != 0.0 && rhs.shape.len() == 1)?;
        let scalar = expr::reshape(rhs, Shape::Scalar);
        let radius = expr::scale(expr::number(1.0 / factor), scalar);
        // A negative sum leaves the set empty; that is for the equality's own check to say.
        if expr::uniform(&radius).is_some_and(|r| r < 0.0) {
            return None;
        }
        let text = format!("{} and {}", atoms[cone].at.text, atoms[row].at.text);
        atoms[row].rule = &Simplex;
        atoms[row].at.args = vec![Arg::Expr(radius)];
        atoms[row].at.text = text.clone();
        atoms.remove(cone);
        Some(text)
    }
}
