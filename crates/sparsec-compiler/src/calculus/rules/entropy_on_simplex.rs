//! Negative entropy on the simplex is one atom: its conjugate is log-sum-exp, its maximiser softmax.
//!
//! - Condition: neither is shifted; the simplex may be taken by rows or columns

use super::{Sum, SumRule, find};
use crate::calculus::functions::neg_entropy::NegEntropy;
use crate::calculus::sets::entropy_simplex::EntropySimplex;
use crate::calculus::sets::simplex::Simplex;
use crate::calculus::{Atom, head};
use std::sync::Arc;

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
        let set = find(atoms, |a| a.plain_rule::<Simplex>().is_some())?;
        let entropy = find(atoms, |a| a.plain_rule::<NegEntropy>().is_some())?;
        let text = format!("{} and {}", atoms[entropy].at.text, atoms[set].at.text);
        let radius = atoms[set].rule.is::<Simplex>()?.radius.clone();
        let layout = atoms[set].at.layout;
        let atom = &mut atoms[entropy];
        atom.rule = Arc::new(EntropySimplex { radius });
        (atom.at.layout, atom.at.text) = (layout, text.clone());
        atoms.remove(set);
        Some(text)
    }
}
