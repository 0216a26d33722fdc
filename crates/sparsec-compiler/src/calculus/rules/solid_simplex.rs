//! y ≥ 0 and c Σ yᵢ ≤ s are y ≥ 0 and the l1 ball of radius s/c: on y ≥ 0 the sum is ‖y‖₁.
//!
//! - Condition: the coefficients of the halfspace are one number c > 0 of the text and it has no lower bound; y ≥ 0 is not shifted

use super::{Sum, SumRule, find};
use crate::calculus::sets::ball1::Ball1;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::sets::slab::Slab;
use crate::calculus::{Atom, head};
use crate::expr;
use sparsec_program::solver::Shape;
use std::sync::Arc;

pub struct SolidSimplex;

impl SumRule for SolidSimplex {
    fn name(&self) -> &'static str {
        "nonnegative with a bounded sum"
    }
    fn doc(&self) -> String {
        head(include_str!("solid_simplex.rs"))
    }
    fn source(&self) -> &'static str {
        "by definition of the l1 norm"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let cone = find(atoms, |a| a.plain_rule::<Bounds>().is_some_and(Bounds::is_nonneg))?;
        let row = find(atoms, |a| a.plain_rule::<Slab>().is_some())?;
        let slab = atoms[row].rule.is::<Slab>()?;
        let factor = expr::uniform(&slab.row).filter(|c| *c > 0.0)?;
        expr::uniform(&slab.lower).filter(|l| *l == f64::NEG_INFINITY)?;
        let radius = expr::scale(expr::number(1.0 / factor), expr::reshape(slab.upper.clone(), Shape::Scalar));
        let (text, own) = (format!("{} and {}", atoms[cone].at.text, atoms[row].at.text), atoms[row].at.text.clone());
        atoms[row].become_rule(Arc::new(Ball1 { radius }), own);
        Some(text)
    }
}
