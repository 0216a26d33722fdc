//! The l1 norm c‖y‖₁ on the simplex of radius r is the constant c r, ‖w ⊙ y‖₁ the linear term ⟨w, y⟩ for w ≥ 0. Either way it leaves
//! the prox; the reported objective still has it.
//!
//! - Condition: neither the norm nor the simplex is shifted

use super::{Constant, Sum, SumRule, find};
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::Arg;

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
        let set = find(atoms, |a| a.facts().simplex && a.plain())?;
        let norm = find(atoms, |a| a.facts().linear_on_nonneg && a.plain())?;
        let radius = atoms[set].at.args.first().and_then(Arg::expr)?.clone();
        let rows = atoms[set].at.rows as f64;
        let atom = atoms.remove(norm);
        if atom.at.weights.is_some() {
            let what = format!("{} is linear there", atom.at.text);
            sum.linear.push(atom);
            return Some(what);
        }
        let total = expr::scale(expr::number(rows), radius);
        let value = expr::scale(atom.at.coefficient.clone(), total);
        let because = format!("{} is {} on the feasible set", atom.at.text, atom.at.names.expr(&value));
        sum.constants.push(Constant { atom, value, because: because.clone() });
        Some(because)
    }
}
