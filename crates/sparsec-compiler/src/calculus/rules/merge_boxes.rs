//! Two boxes are one: {l ≤ y ≤ u} ∩ {l' ≤ y ≤ u'} = {max(l, l') ≤ y ≤ min(u, u')}.
//!
//! - Condition: neither is shifted; bounds by scalars, by entries, and none (infinite) may be mixed

use super::{Sum, SumRule, find};
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::{Arg, Elementwise, Expr};
use sparsec_program::solver::Shape;

pub struct MergeBoxes;

fn bound(a: &Atom, i: usize) -> Expr {
    let open = if i == 0 { f64::NEG_INFINITY } else { f64::INFINITY };
    a.at.args.get(i).and_then(Arg::expr).cloned().unwrap_or_else(|| expr::number(open))
}

impl SumRule for MergeBoxes {
    fn name(&self) -> &'static str {
        "intersection of boxes"
    }
    fn doc(&self) -> String {
        head(include_str!("merge_boxes.rs"))
    }
    fn source(&self) -> &'static str {
        "elementary"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        let plain = |a: &Atom| a.facts().bounds && a.plain();
        let i = find(atoms, plain)?;
        let j = i + 1 + find(&atoms[i + 1..], plain)?;
        let other = atoms.remove(j);
        let n = atoms[i].at.rows * atoms[i].at.len;
        let args = [(0, Elementwise::Max), (1, Elementwise::Min)]
            .map(|(k, op)| Arg::Expr(expr::tighter(op, bound(&atoms[i], k), bound(&other, k), Shape::Vector(n))));
        let text = format!("{} and {}", atoms[i].at.text, other.at.text);
        atoms[i].at.args = args.to_vec();
        atoms[i].at.text = text.clone();
        Some(text)
    }
}
