//! y ≥ 0 and c Σ yᵢ ≤ s are y ≥ 0 and the l1 ball of radius s/c: on y ≥ 0 the sum is ‖y‖₁.
//!
//! - Condition: the coefficients of the halfspace are one number c > 0 of the text and it has no lower bound; y ≥ 0 is not shifted

use super::{Sum, SumRule, find};
use crate::calculus::sets::ball1::Ball1;
use crate::calculus::sets::slab::Slab;
use crate::calculus::{Atom, Proxable, head};
use crate::expr;
use crate::model::Arg;
use sparsec_program::solver::Shape;

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
        let cone = find(atoms, |a| a.facts().nonneg && a.plain())?;
        let row = find(atoms, |a| a.rule.name() == Slab.name() && a.plain())?;
        let arg = |i: usize| atoms[row].at.args.get(i).and_then(Arg::expr).cloned();
        let factor = expr::uniform(&arg(0)?).filter(|c| *c > 0.0)?;
        expr::uniform(&arg(1)?).filter(|l| *l == f64::NEG_INFINITY)?;
        let radius = expr::scale(expr::number(1.0 / factor), expr::reshape(arg(2)?, Shape::Scalar));
        let text = format!("{} and {}", atoms[cone].at.text, atoms[row].at.text);
        atoms[row].rule = &Ball1;
        atoms[row].at.args = vec![Arg::Expr(radius)];
        Some(text)
    }
}
