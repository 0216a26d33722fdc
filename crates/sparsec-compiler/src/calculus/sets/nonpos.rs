//! Nonpositive entries: {y ≤ 0}.
//!
//! - Spellings: `y in nonpos`, `y <= 0`; of a matrix, by its entries
//! - Projection: min(v, 0)
//! - Support function: 0 where u ≥ 0, +∞ elsewhere
//! - Jacobian of the projection: diag(1 where v < 0, else 0)
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use crate::calculus::prelude::*;

pub(crate) static SET: Set = Set {
    name: "nonpos",
    file: include_str!("nonpos.rs"),
    sign: Sign::Nonpositive,
    meaning: Meaning::Bounds(|_| [expr::number(f64::NEG_INFINITY), expr::number(0.0)]),
    ..ANY
};

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::set(
            "y in nonpos",
            max,
            |u| indicator(u.iter().all(|u| *u >= 0.0)),
            |y| y.iter_mut().for_each(|y| *y = y.min(0.0)),
        ),
    ]
}
