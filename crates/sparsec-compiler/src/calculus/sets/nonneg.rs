//! Nonnegative entries: {y ≥ 0}.
//!
//! - Spellings: `y in nonneg`, `y >= 0`, `var y: vector[n] >= 0`; of a matrix, by its entries
//! - Projection: max(v, 0)
//! - Support function: 0 where u ≤ 0, +∞ elsewhere
//! - Jacobian of the projection: diag(1 where v > 0, else 0)
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use super::bounds::Bounds;
use crate::calculus::functions::prelude::*;
use crate::expr;

/// See the file's head.
#[derive(Debug)]
pub struct Nonneg;

impl SetRule for Nonneg {
    fn name(&self) -> &'static str {
        "nonneg"
    }
    fn doc(&self) -> String {
        head(include_str!("nonneg.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Entries
    }
    fn sign(&self) -> Sign {
        Sign::Nonnegative
    }
    fn indicator(&self, _args: &[Arg]) -> Indicator {
        let args = [expr::number(0.0), expr::number(f64::INFINITY)].map(Arg::Expr).to_vec();
        Indicator { atom: &Bounds, args, shift: None }
    }
}
