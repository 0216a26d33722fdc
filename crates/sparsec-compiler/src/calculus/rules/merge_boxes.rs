//! Two boxes are one: {l ≤ y ≤ u} ∩ {l' ≤ y ≤ u'} = {max(l, l') ≤ y ≤ min(u, u')}.
//!
//! - Condition: neither is shifted; bounds by scalars, by entries, and none (infinite) may be mixed

use super::{Sum, SumRule, find};
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::Elementwise;
use std::sync::Arc;

pub struct MergeBoxes;

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
        let is_box = |a: &Atom| a.plain_rule::<Bounds>().is_some();
        let i = find(atoms, is_box)?;
        let j = i + 1 + find(&atoms[i + 1..], is_box)?;
        let shape = atoms[i].at.layout.vector_shape();
        let (a, b) = (atoms[i].rule.is::<Bounds>()?, atoms[j].rule.is::<Bounds>()?);
        let lower = expr::tighter(Elementwise::Max, a.lower.clone(), b.lower.clone(), shape);
        let upper = expr::tighter(Elementwise::Min, a.upper.clone(), b.upper.clone(), shape);
        let text = format!("{} and {}", atoms[i].at.text, atoms[j].at.text);
        atoms.remove(j);
        atoms[i].become_rule(Arc::new(Bounds { lower, upper }), text.clone());
        Some(text)
    }
}
