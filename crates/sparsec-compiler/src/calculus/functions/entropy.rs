//! Shannon's entropy: f(y) = −Σ yᵢ log yᵢ on y ≥ 0. It is concave: maximise it, or minimise `neg_entropy`.
//!
//! - Spelling: `entropy(e)`
//! - Domain: y ≥ 0; concave, separable
//! - Everything else as for `neg_entropy`, with the sign turned

use super::neg_entropy::NegEntropy;
use super::prelude::*;

/// −Σ yᵢ log yᵢ
#[derive(Debug)]
pub struct Entropy;

impl Function for Entropy {
    fn name(&self) -> &'static str {
        "entropy"
    }
    fn doc(&self) -> String {
        head(include_str!("entropy.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Entries
    }
    fn curvature(&self) -> Curvature {
        Curvature::Concave
    }
    fn sign(&self) -> Sign {
        Sign::Unknown
    }
    fn monotone(&self, _argument: Sign) -> Monotone {
        Monotone::No
    }
    fn form(&self) -> Form {
        Form::Negated(&NegEntropy)
    }
}
