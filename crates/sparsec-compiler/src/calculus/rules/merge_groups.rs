//! Group norms on disjoint groups are one: a Σ u_G ‖y_G‖ + b Σ w_H ‖y_H‖ is the group norm with the groups of both and the weights a u and
//! b w.
//!
//! - Condition: no entry is in a group of both, and neither is shifted

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
        "disjoint groups"
    }
    fn doc(&self) -> String {
        head(include_str!("merge_groups.rs"))
    }
    fn source(&self) -> &'static str {
        "elementary"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let disjoint = |a: &Atom, b: &Atom| match (groups(a), groups(b)) {
            (Some(a), Some(b)) => {
                let taken: std::collections::HashSet<usize> = a.iter().flatten().copied().collect();
                b.iter().flatten().all(|i| !taken.contains(i))
            }
            _ => false,
        };
        let pairs = (0..atoms.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        let (i, j) = pairs.into_iter().find(|&(i, j)| disjoint(&atoms[i], &atoms[j]))?;
        let (first, second) = (groups(&atoms[i])?.clone(), groups(&atoms[j])?.clone());
        let parts = vec![weights(&atoms[i], first.len()), weights(&atoms[j], second.len())];
        let count = first.len() + second.len();
        let other = atoms.remove(j);
        let a = &mut atoms[i];
        a.at.args = vec![Arg::Groups([first, second].concat()), Arg::Expr(expr::stack(parts, Shape::Vector(count)))];
        a.at.coefficient = expr::number(1.0);
        a.at.text = format!("{} + {}", a.at.text, other.at.text);
        Some(a.at.text.clone())
    }
}
