//! Group norms on disjoint groups, or on the same ones, are one: a Σ u_G ‖y_G‖ + b Σ w_H ‖y_H‖ is the group norm with the groups of both and the weights a u and
//! b w. Over the same groups it is the group norm with the weights a u + b w.
//!
//! - Condition: the groups are the same, or no entry is in a group of both; neither norm is shifted

use super::{Sum, SumRule};
use crate::calculus::functions::group_norm::GroupNorm;
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::Expr;
use sparsec_program::solver::Shape;
use std::collections::HashSet;
use std::sync::Arc;

pub struct MergeGroups;

/// The weight of every group, coefficient and all.
fn weights(atom: &Atom) -> Option<Expr> {
    let norm = atom.rule.is::<GroupNorm>()?;
    let shape = Shape::Vector(norm.groups.len());
    let all = expr::fill(atom.at.coefficient.clone(), shape);
    Some(match &norm.weights {
        None => all,
        Some(w) => expr::element_product(all, expr::fill(w.clone(), shape)),
    })
}

impl SumRule for MergeGroups {
    fn name(&self) -> &'static str {
        "sum of group norms"
    }
    fn doc(&self) -> String {
        head(include_str!("merge_groups.rs"))
    }
    fn source(&self) -> &'static str {
        "elementary"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let mergeable = |a: &Atom, b: &Atom| match (a.plain_rule::<GroupNorm>(), b.plain_rule::<GroupNorm>()) {
            (Some(a), Some(b)) => {
                let taken: HashSet<usize> = a.groups.iter().flatten().copied().collect();
                a.groups == b.groups || b.groups.iter().flatten().all(|i| !taken.contains(i))
            }
            _ => false,
        };
        let pairs = (0..atoms.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        let (i, j) = pairs.into_iter().find(|&(i, j)| mergeable(&atoms[i], &atoms[j]))?;
        let (a, b) = (atoms[i].rule.is::<GroupNorm>()?, atoms[j].rule.is::<GroupNorm>()?);
        let (u, w) = (weights(&atoms[i])?, weights(&atoms[j])?);
        let (groups, weights) = match a.groups == b.groups {
            true => (a.groups.clone(), expr::add(u, w)),
            false => {
                let count = Shape::Vector(a.groups.len() + b.groups.len());
                ([a.groups.clone(), b.groups.clone()].concat(), expr::stack(vec![u, w], count))
            }
        };
        let text = format!("{} + {}", atoms[i].at.text, atoms[j].at.text);
        atoms.remove(j);
        atoms[i].become_rule(Arc::new(GroupNorm { groups, weights: Some(weights) }), text.clone());
        Some(text)
    }
}
