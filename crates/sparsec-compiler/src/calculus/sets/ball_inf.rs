//! Max-norm ball: {|yᵢ| ≤ r}.
//!
//! - Spellings: `y in ball_inf(r)`, `norm_inf(y) <= r`; of a matrix, by its entries
//! - Projection: clip(v, −r, r)
//! - Support function: r ‖u‖₁
//! - Jacobian of the projection: diag(1 where |v| < r, else 0)
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use super::bounds::Bounds;
use crate::calculus::functions::prelude::*;
use crate::expr;
use sparsec_program::solver::Domain;

/// {‖y‖∞ ≤ r}
#[derive(Debug)]
pub struct BallInf;

impl SetRule for BallInf {
    fn name(&self) -> &'static str {
        "ball_inf"
    }
    fn doc(&self) -> String {
        head(include_str!("ball_inf.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Entries
    }
    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter { name: "r", kind: ParameterKind::Scalar(Some(Domain::AtLeast(0.0))), optional: false }]
    }
    fn indicator(&self, args: &[Arg]) -> Indicator {
        let radius = args.first().and_then(Arg::expr).cloned().unwrap_or_else(|| expr::number(1.0));
        let args = vec![Arg::Expr(expr::negate(radius.clone())), Arg::Expr(radius)];
        Indicator { atom: &Bounds, args, shift: None }
    }
}
