//! One penalty or set alone: its own prox.
//!
//! - Condition: nothing else without a gradient acts on the block; it may be shifted, and weighted where it is a sum over the |yᵢ|

use super::SumRule;
use crate::calculus::{Atom, head};

pub struct Single;

impl SumRule for Single {
    fn name(&self) -> &'static str {
        "single"
    }
    fn doc(&self) -> String {
        head(include_str!("single.rs"))
    }
    fn source(&self) -> &'static str {
        "by definition"
    }
    fn compose(&self, atoms: &[Atom]) -> Option<Vec<Atom>> {
        (atoms.len() == 1).then(|| atoms.to_vec())
    }
}
