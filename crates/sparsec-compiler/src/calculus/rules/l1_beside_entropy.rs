//! Beside a function that is finite for y ≥ 0 only, such as the negative entropy, or a set within y ≥ 0 with a row, the l1 norm c‖w ⊙ y‖₁ is
//! the linear term c⟨w, y⟩ for w ≥ 0. It leaves the prox.
//!
//! - Condition: the norm is not shifted or turned, and neither is the other function
//! - Beside bounds the norm stays: its prox goes first there, and it makes entries exactly 0

use super::{Linear, Sum, SumRule, find};
use crate::calculus::functions::norm1::Norm1;
use crate::calculus::sets::bounds::Bounds;
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
        let other = |a: &Atom| a.facts().nonnegative_domain && a.argument.shift.is_none() && a.rule.is::<Bounds>().is_none();
        find(atoms, other)?;
        let norm = find(atoms, |a| a.plain_rule::<Norm1>().is_some())?;
        let weights = atoms[norm].rule.is::<Norm1>()?.weights.clone();
        let atom = atoms.remove(norm);
        sum.linear.push(Linear { coefficient: atom.at.coefficient.clone(), weights });
        Some(format!("{} is linear there", atom.at.text))
    }
}
