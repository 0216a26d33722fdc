//! Negative entropy on the simplex is one atom: its conjugate is log-sum-exp, its maximiser softmax.
//!
//! - Condition: neither is shifted, and the simplex is taken over one vector, not over the rows of a matrix

use super::{Sum, SumRule, find};
use crate::calculus::sets::entropy_simplex::EntropySimplex;
use crate::calculus::{Atom, head};

pub struct EntropyOnSimplex;

impl SumRule for EntropyOnSimplex {
    fn name(&self) -> &'static str {
        "entropy on the simplex"
    }
    fn doc(&self) -> String {
        head(include_str!("entropy_on_simplex.rs"))
    }
    fn source(&self) -> &'static str {
        "Blondel, Martins & Niculae, Learning with Fenchel-Young Losses (2020)"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let set = find(atoms, |a| a.facts().simplex && a.plain())?;
        let entropy = find(atoms, |a| a.facts().entropy && a.plain())?;
        let text = format!("{} and {}", atoms[entropy].at.text, atoms[set].at.text);
        let args = atoms[set].at.args.clone();
        atoms[entropy].rule = &EntropySimplex;
        atoms[entropy].at.args = args;
        let shape = (atoms[set].at.rows, atoms[set].at.len, atoms[set].at.by_columns);
        let at = &mut atoms[entropy].at;
        (at.rows, at.len, at.by_columns) = shape;
        atoms[entropy].at.text = text.clone();
        atoms.remove(set);
        Some(text)
    }
}
