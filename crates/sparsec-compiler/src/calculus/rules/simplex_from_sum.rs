//! y ≥ 0 and c Σ yᵢ = b are the simplex of radius b/c. A negative entropy implies y ≥ 0, and stays.
//!
//! - Condition: the coefficients of the equality are one number c ≠ 0 of the text, there is one equality, and b/c is not known to be
//!   negative; y ≥ 0 is not shifted

use super::{Sum, SumRule, find};
use crate::calculus::functions::neg_entropy::NegEntropy;
use crate::calculus::sets::affine::Affine;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::sets::simplex::Simplex;
use crate::calculus::{Atom, head};
use crate::expr;
use sparsec_program::solver::Shape;
use std::sync::Arc;

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
        let is_cone = |a: &Atom| a.plain_rule::<Bounds>().is_some_and(Bounds::is_nonneg);
        let cone = find(atoms, |a| is_cone(a) || a.plain_rule::<NegEntropy>().is_some())?;
        let row = find(atoms, |a| a.plain_rule::<Affine>().is_some())?;
        let equality = atoms[row].rule.is::<Affine>()?;
        let factor = expr::nonzero(&equality.matrix).filter(|_| equality.right.shape.len() == 1)?;
        let radius = expr::scale(expr::number(1.0 / factor), expr::reshape(equality.right.clone(), Shape::Scalar));
        // A negative sum leaves the set empty; that is for the equality's own check to say.
        if expr::uniform(&radius).is_some_and(|r| r < 0.0) {
            return None;
        }
        let text = format!("{} and {}", atoms[cone].at.text, atoms[row].at.text);
        atoms[row].become_rule(Arc::new(Simplex { radius }), text.clone());
        if is_cone(&atoms[cone]) {
            atoms.remove(cone);
        }
        Some(text)
    }
}
