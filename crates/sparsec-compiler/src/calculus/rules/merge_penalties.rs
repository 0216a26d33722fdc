//! Two uses of one function are one with their weights added: a g(y) + b g(y) = (a + b) g(y), and entry by entry
//! ‖u ⊙ y‖₁ + ‖w ⊙ y‖₁ = ‖(u + w) ⊙ y‖₁ for weights ≥ 0.
//!
//! - Condition: the function has no further arguments and neither use is shifted; both are over the same rows

use super::{Sum, SumRule};
use crate::calculus::{Atom, head};
use crate::expr;
use sparsec_program::solver::Shape;

pub struct MergePenalties;

impl SumRule for MergePenalties {
    fn name(&self) -> &'static str {
        "sum of equal penalties"
    }
    fn doc(&self) -> String {
        head(include_str!("merge_penalties.rs"))
    }
    fn source(&self) -> &'static str {
        "elementary"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let mergeable = |a: &Atom| !a.facts().set && a.at.args.is_empty() && a.plain();
        let (i, j) = (0..atoms.len()).flat_map(|j| (0..j).map(move |i| (i, j))).find(|&(i, j)| {
            let (a, b) = (&atoms[i], &atoms[j]);
            mergeable(a) && mergeable(b) && a.rule.name() == b.rule.name() && a.at.rows == b.at.rows
        })?;
        let b = atoms.remove(j);
        let a = &mut atoms[i];
        let n = a.at.rows * a.at.len;
        let weights = |x: &Atom| match &x.at.weights {
            None => x.at.coefficient.clone(),
            Some(w) => {
                let c = expr::fill(x.at.coefficient.clone(), w.shape);
                expr::element_product(c, w.clone())
            }
        };
        if a.at.weights.is_none() && b.at.weights.is_none() {
            a.at.coefficient = expr::add(a.at.coefficient.clone(), b.at.coefficient.clone());
        } else {
            let shape = Shape::Vector(n);
            let total = expr::add(expr::fill(weights(a), shape), expr::fill(weights(&b), shape));
            a.at.coefficient = expr::number(1.0);
            a.at.weights = Some(total);
        }
        a.at.text = format!("{} + {}", a.at.text, b.at.text);
        Some(a.at.text.clone())
    }
}
