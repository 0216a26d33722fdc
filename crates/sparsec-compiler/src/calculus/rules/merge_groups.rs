//! Group norms on disjoint groups, or on the same ones, are one: a Σ u_G ‖y_G‖ + b Σ w_H ‖y_H‖ is the group norm with the groups of both and the weights a u and
//! b w. Over the same groups it is the group norm with the weights a u + b w.
//!
//! - Condition: the groups are the same, or no entry is in a group of both; neither norm is shifted

use super::{Sum, SumRule};
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::{Arg, Expr};
use sparsec_program::solver::Shape;

pub struct MergeGroups;

fn groups(a: &Atom) -> Option<&Vec<Vec<usize>>> {
    match a.at.args.first() {
        Some(Arg::Groups(groups)) if a.facts().group_radial && a.plain() => Some(groups),
        _ => None,
    }
}

/// The weight of every group, coefficient and all.
fn weights(a: &Atom, count: usize) -> Expr {
    let shape = Shape::Vector(count);
    let all = expr::fill(a.at.coefficient.clone(), shape);
    match a.at.args.get(1).and_then(Arg::expr) {
        None => all,
        Some(w) => expr::element_product(all, expr::fill(w.clone(), shape)),
    }
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
        let mergeable = |a: &Atom, b: &Atom| match (groups(a), groups(b)) {
            (Some(a), Some(b)) => {
                let taken: std::collections::HashSet<usize> = a.iter().flatten().copied().collect();
                a == b || b.iter().flatten().all(|i| !taken.contains(i))
            }
            _ => false,
        };
        let pairs = (0..atoms.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        let (i, j) = pairs.into_iter().find(|&(i, j)| mergeable(&atoms[i], &atoms[j]))?;
        let (first, second) = (groups(&atoms[i])?.clone(), groups(&atoms[j])?.clone());
        let (u, w) = (weights(&atoms[i], first.len()), weights(&atoms[j], second.len()));
        let (all, weights) = match first == second {
            true => (first, expr::add(u, w)),
            false => {
                let count = Shape::Vector(first.len() + second.len());
                ([first, second].concat(), expr::stack(vec![u, w], count))
            }
        };
        let other = atoms.remove(j);
        let a = &mut atoms[i];
        a.at.args = vec![Arg::Groups(all), Arg::Expr(weights)];
        a.at.coefficient = expr::number(1.0);
        a.at.text = format!("{} + {}", a.at.text, other.at.text);
        Some(a.at.text.clone())
    }
}
