//! The l1 norm c‖y‖₁ on the simplex of radius r is the constant c r, ‖w ⊙ y‖₁ the linear term ⟨w, y⟩ for w ≥ 0. Either way it leaves
//! the prox; the reported objective still has it.
//!
//! - Condition: neither the norm nor the simplex is shifted

use super::{Constant, Linear, Sum, SumRule, find};
use crate::calculus::functions::norm1::Norm1;
use crate::calculus::sets::simplex::Simplex;
use crate::calculus::{Atom, head};
use crate::expr;

pub struct ConstantOnSimplex;

impl SumRule for ConstantOnSimplex {
    fn name(&self) -> &'static str {
        "l1 norm on the simplex"
    }
    fn doc(&self) -> String {
        head(include_str!("constant_on_simplex.rs"))
    }
    fn source(&self) -> &'static str {
        "‖y‖₁ = Σ yᵢ for y ≥ 0"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, sum: &mut Sum) -> Option<String> {
        let set = find(atoms, |a| a.plain_rule::<Simplex>().is_some())?;
        let norm = find(atoms, |a| a.plain_rule::<Norm1>().is_some())?;
        let (radius, rows) = (atoms[set].rule.is::<Simplex>()?.radius.clone(), atoms[set].at.layout.count());
        let weights = atoms[norm].rule.is::<Norm1>()?.weights.clone();
        let atom = atoms.remove(norm);
        let coefficient = atom.at.coefficient.clone();
        if weights.is_some() {
            sum.linear.push(Linear { coefficient, weights });
            return Some(format!("{} is linear there", atom.at.text));
        }
        let value = expr::scale(coefficient, expr::scale(expr::number(rows as f64), radius));
        let because = format!("{} is {} on the feasible set", atom.at.text, atom.at.names.expr(&value));
        sum.constants.push(Constant { atom, value, because: because.clone() });
        Some(because)
    }
}
