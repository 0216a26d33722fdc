//! Bounds of rows of the unknowns: {v : A v + o = b} is an affine set, {v : l ≤ ⟨a, v⟩ + o ≤ u} a slab.
//!
//! - Condition: the two bounds are one, or there is one row

use super::SumRule;
use crate::calculus::sets::affine::Affine;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::sets::slab::Slab;
use crate::calculus::{Atom, Proxable, head};
use crate::expr;
use crate::model::Expr;
use sparsec_program::solver::Shape;
use std::sync::Arc;

pub struct RowsOfBounds;

impl SumRule for RowsOfBounds {
    fn name(&self) -> &'static str {
        "bounds of rows"
    }
    fn doc(&self) -> String {
        head(include_str!("rows_of_bounds.rs"))
    }
    fn source(&self) -> &'static str {
        "by definition"
    }
    fn preimage(&self, atom: &Atom, matrix: &Expr, offset: Option<&Expr>) -> Option<Arc<dyn Proxable>> {
        let bounds = atom.plain_rule::<Bounds>()?;
        let (k, n) = matrix.shape.rows_cols();
        let less_offset = |e: &Expr, shape: Shape| {
            let infinite = expr::uniform(e).is_some_and(f64::is_infinite);
            let moved = match offset {
                Some(o) if !infinite => expr::add(expr::fill(e.clone(), o.shape), expr::negate(o.clone())),
                _ => e.clone(),
            };
            expr::reshape(expr::fill(moved, shape), shape)
        };
        if expr::same(&bounds.lower, &bounds.upper) {
            let right = less_offset(&bounds.lower, Shape::Vector(k));
            return Some(Arc::new(Affine { matrix: matrix.clone(), right }));
        }
        if k != 1 {
            return None;
        }
        let row = expr::reshape(matrix.clone(), Shape::Vector(n));
        let [lower, upper] = [&bounds.lower, &bounds.upper].map(|e| less_offset(e, Shape::Scalar));
        Some(Arc::new(Slab { row, lower, upper }))
    }
}
