//! Beside a function that is finite for y ≥ 0 only, such as the negative entropy, or a set within y ≥ 0 with a row, the l1 norm c‖w ⊙ y‖₁ is
//! the linear term c⟨w, y⟩ for w ≥ 0. It leaves the prox.
//!
//! - Condition: the norm is not shifted or turned, and neither is the other function
//! - Beside bounds the norm stays: its prox goes first there, and it makes entries exactly 0

use super::{Sum, SumRule, find};
use crate::calculus::{Atom, head};

pub struct L1BesideEntropy;

impl SumRule for L1BesideEntropy {
    fn name(&self) -> &'static str {
        "l1 norm on y ≥ 0"
    }
    fn doc(&self) -> String {
        head(include_str!("l1_beside_entropy.rs"))
    }
    fn source(&self) -> &'static str {
        "‖y‖₁ = Σ yᵢ for y ≥ 0"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, sum: &mut Sum) -> Option<String> {
        let domain = |a: &Atom| {
            let facts = a.facts();
            facts.implies_nonneg && !facts.bounds && !facts.simplex && a.at.shift.is_none()
        };
        find(atoms, domain)?;
        let norm = find(atoms, |a| a.facts().linear_on_nonneg && a.plain())?;
        let atom = atoms.remove(norm);
        let what = format!("{} is linear there", atom.at.text);
        sum.linear.push(atom);
        Some(what)
    }
}
