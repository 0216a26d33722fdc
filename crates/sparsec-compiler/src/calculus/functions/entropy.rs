//! Shannon's entropy: f(y) = −Σ yᵢ log yᵢ on y ≥ 0. It is concave: maximise it, or minimise `neg_entropy`.
//!
//! - Spelling: `entropy(e)`
//! - Domain: y ≥ 0; concave, separable
//! - Everything else as for `neg_entropy`, with the sign turned

use super::neg_entropy;
use crate::calculus::prelude::*;

pub(crate) static FUNCTION: Function = Function {
    name: "entropy",
    file: include_str!("entropy.rs"),
    curvature: Curvature::Concave,
    form: Form::Negated(&neg_entropy::FUNCTION),
    ..CONVEX
};

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::penalty(
            "-2*entropy(y)",
            |y| 2.0 * y.iter().map(|y| xlogx(*y)).sum::<f64>(),
            |u| u.iter().map(|u| 2.0 * (u / 2.0 - 1.0).exp()).sum(),
        )
        .within(onto_nonneg),
    ]
}
