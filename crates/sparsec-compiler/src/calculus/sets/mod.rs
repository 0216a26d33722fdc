//! Sets: one file and one line each.

use super::{Indicator, Meaning, Set};
use crate::expr;
use crate::model::SetUse;
use bounds::Bounds;
use std::sync::Arc;

macro_rules! sets {
    (named: $($file:ident),*; made_by_rules: $($made:ident),*) => {
        $(pub mod $file;)*
        $(pub mod $made;)*
        /// All sets, in the order of the reference page.
        pub static SETS: &[&Set] = &[$(&$file::SET),*];

        /// Uses of every set with plain definitions, for the laws.
        #[cfg(feature = "testing")]
        pub fn examples() -> Vec<super::oracle::Example> {
            vec![$($file::examples(),)* $($made::examples()),*].concat()
        }
    };
}

sets! {
    named: simplex, nonneg, nonpos, bounds, ball1, ball2, ball_inf;
    made_by_rules: affine, box_row, empty, entropy_simplex, slab
}

/// The set of that name or alias.
pub fn find(name: &str) -> Option<&'static Set> {
    SETS.iter().copied().find(|s| s.name == name || s.aliases.contains(&name))
}

/// The indicator of a set as used in a constraint.
pub fn indicator(set: &SetUse) -> Indicator {
    let open = |e: &Option<crate::model::Expr>, infinity: f64| e.clone().unwrap_or_else(|| expr::number(infinity));
    let bounds = match set {
        SetUse::Box(l, u) => [open(l, f64::NEG_INFINITY), open(u, f64::INFINITY)],
        SetUse::Equal(r) => [r.clone(), r.clone()],
        SetUse::Named(set, args) => match set.meaning {
            Meaning::Bounds(bounds) => bounds(args),
            Meaning::Indicator(indicator) => return indicator(args),
        },
    };
    let [lower, upper] = bounds;
    Indicator { rule: Arc::new(Bounds { lower, upper }), centre: None }
}
