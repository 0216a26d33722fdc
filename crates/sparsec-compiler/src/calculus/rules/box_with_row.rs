//! Bounds l ≤ y ≤ h and one row, ⟨a, y⟩ = b or b₀ ≤ ⟨a, y⟩ ≤ b₁, are one set whose projection has a single unknown number, the multiplier of
//! the row.
//!
//! On y ≥ 0 the l1 ball of radius r is such a row, Σ yᵢ ≤ r, and the simplex of radius r is Σ yᵢ = r.
//!
//! - Condition: there is one row, and the bounds are not shifted; y ≥ 0 with a sum is the simplex or the l1 ball instead

use super::{Sum, SumRule, find};
use crate::calculus::sets::affine::Affine;
use crate::calculus::sets::ball1::Ball1;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::sets::box_row::BoxRow;
use crate::calculus::sets::simplex::Simplex;
use crate::calculus::sets::slab::Slab;
use crate::calculus::{Atom, head};
use crate::expr;
use crate::model::{Elementwise, Expr};
use sparsec_program::solver::Shape;
use std::sync::Arc;

pub struct BoxWithRow;

/// a and [b₀, b₁] of one row; of a simplex, and on y ≥ 0 of an l1 ball, that of the sum.
fn row(atom: &Atom, nonnegative: bool) -> Option<(Expr, [Expr; 2])> {
    let n = atom.at.layout.vector_shape();
    let scalar = |e: &Expr| expr::reshape(e.clone(), Shape::Scalar);
    let ones = || expr::literal(vec![1.0; n.len()], n);
    if let Some(equality) = atom.plain_rule::<Affine>().filter(|e| e.right.shape.len() == 1) {
        let b = scalar(&equality.right);
        return Some((expr::reshape(equality.matrix.clone(), n), [b.clone(), b]));
    }
    if let Some(slab) = atom.plain_rule::<Slab>() {
        return Some((slab.row.clone(), [slab.lower.clone(), slab.upper.clone()]));
    }
    if atom.at.layout.count() != 1 {
        return None;
    }
    if let Some(simplex) = atom.plain_rule::<Simplex>() {
        let r = scalar(&simplex.radius);
        return Some((ones(), [r.clone(), r]));
    }
    let ball = atom.plain_rule::<Ball1>().filter(|_| nonnegative)?;
    Some((ones(), [expr::number(f64::NEG_INFINITY), scalar(&ball.radius)]))
}

impl SumRule for BoxWithRow {
    fn name(&self) -> &'static str {
        "bounds and one row"
    }
    fn doc(&self) -> String {
        head(include_str!("box_with_row.rs"))
    }
    fn source(&self) -> &'static str {
        "Beck, theorem 6.27"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        // Another set beside them has no rule with the two together.
        if atoms.iter().filter(|a| a.facts().set).count() != 2 {
            return None;
        }
        let set = find(atoms, |a| a.plain_rule::<Bounds>().is_some())?;
        let bounds = atoms[set].rule.is::<Bounds>()?;
        // With y ≥ 0 alone they are the simplex or the l1 ball.
        let nonnegative = bounds.is_nonnegative() && !bounds.is_nonneg();
        let other = find(atoms, |a| row(a, nonnegative).is_some())?;
        let (row, sides) = row(&atoms[other], nonnegative)?;
        let mut lower = bounds.lower.clone();
        if atoms[other].rule.is::<Simplex>().is_some() {
            lower = expr::tighter(Elementwise::Max, lower, expr::number(0.0), row.shape);
        }
        let text = format!("{} and {}", atoms[other].at.text, atoms[set].at.text);
        let rule = Arc::new(BoxRow { row, bounds: [lower, bounds.upper.clone()], sides });
        atoms[other].become_rule(rule, text.clone());
        atoms.remove(set);
        Some(text)
    }
}
