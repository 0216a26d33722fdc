//! y ≥ 0 and c Σ yᵢ = b are the simplex of radius b/c. A negative entropy implies y ≥ 0, and stays.
//!
//! - Condition: the coefficients of the equality are one number c ≠ 0 of the text, there is one equality, and b/c is not known to be
//!   negative; y ≥ 0 is not shifted

use super::{Sum, SumRule, find};
use crate::calculus::sets::simplex::Simplex;
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::Arg;
use sparsec_program::solver::Shape;

pub struct SimplexFromSum;

impl SumRule for SimplexFromSum {
    fn name(&self) -> &'static str {
        "nonnegative with a fixed sum"
    }
    fn doc(&self) -> String {
        head(include_str!("simplex_from_sum.rs"))
    }
    fn source(&self) -> &'static str {
        "by definition of the simplex"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let cone = find(atoms, |a| (a.facts().nonneg || a.facts().entropy) && a.plain())?;
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
        if atoms[cone].facts().nonneg {
            atoms.remove(cone);
        }
        Some(text)
    }
}
