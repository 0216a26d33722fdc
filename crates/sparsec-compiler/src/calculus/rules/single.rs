//! One penalty or set alone: its own prox.

use super::SumRule;
use crate::calculus::Atom;

pub struct Single;

impl SumRule for Single {
    fn name(&self) -> &'static str {
        "single"
    }
    fn source(&self) -> &'static str {
        "by definition"
    }
    fn compose(&self, atoms: &[Atom]) -> Option<Vec<Atom>> {
        (atoms.len() == 1).then(|| atoms.to_vec())
    }
}
