//! Nonnegative entries: {y ≥ 0}.
//!
//! - Spellings: `y in nonneg`, `y >= 0`, `var y: vector[n] >= 0`; of a matrix, by its entries
//! - Projection: max(v, 0)
//! - Support function: 0 where u ≤ 0, +∞ elsewhere
//! - Jacobian of the projection: diag(1 where v > 0, else 0)
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use crate::calculus::prelude::*;

pub(crate) static SET: Set = Set {
    name: "nonneg",
    file: include_str!("nonneg.rs"),
    sign: Sign::Nonnegative,
    meaning: Meaning::Bounds(|_| [expr::number(0.0), expr::number(f64::INFINITY)]),
    ..ANY
};

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::set("y in nonneg", |y| max(y.iter().map(|y| -y).collect::<Vec<_>>().as_slice()), |u| indicator(max(u) <= 0.0), onto_nonneg),
    ]
}
