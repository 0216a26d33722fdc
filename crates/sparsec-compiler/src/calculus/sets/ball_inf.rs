//! Max-norm ball: {|yᵢ| ≤ r}.
//!
//! - Spellings: `y in ball_inf(r)`, `norm_inf(y) <= r`; of a matrix, by its entries
//! - Projection: clip(v, −r, r)
//! - Support function: r ‖u‖₁
//! - Jacobian of the projection: diag(1 where |v| < r, else 0)
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use crate::calculus::prelude::*;
use sparsec_program::solver::Domain;

pub(crate) static SET: Set = Set {
    name: "ball_inf",
    file: include_str!("ball_inf.rs"),
    parameters: &[Parameter { name: "r", kind: ParameterKind::Scalar(Some(Domain::AtLeast(0.0))), optional: false }],
    meaning: Meaning::Bounds(|args| [expr::negate(argument(args, 0)), argument(args, 0)]),
    ..ANY
};

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::set(
            "y in ball_inf(0.6)",
            |y| norm_inf(y) - 0.6,
            |u| 0.6 * norm1(u),
            |y| y.iter_mut().for_each(|y| *y = y.clamp(-0.6, 0.6)),
        ),
    ]
}
