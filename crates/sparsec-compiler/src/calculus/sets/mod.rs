//! Sets: one file and one line each.

use super::SetRule;

pub mod affine;
pub mod box_row;
pub mod empty;
pub mod entropy_simplex;
pub mod slab;

macro_rules! sets {
    ($($file:ident :: $name:ident),* $(,)?) => {
        $(pub mod $file;)*
        /// All sets, in the order of the reference page.
        pub static SETS: &[&dyn SetRule] = &[$(&$file::$name),*];
    };
}

sets! {
    simplex::Simplex,
    nonneg::Nonneg,
    nonpos::Nonpos,
    bounds::BoxSet,
    ball1::Ball1,
    ball2::Ball2,
    ball_inf::BallInf,
}

/// The set of that name or alias.
pub fn find(name: &str) -> Option<&'static dyn SetRule> {
    SETS.iter().copied().find(|s| s.name() == name || s.aliases().contains(&name))
}
