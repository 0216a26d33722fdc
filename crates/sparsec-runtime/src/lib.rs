//! Numerical kernels and the solve loop that every executor of a sparsec program calls.
//!
//! * [`Float`]: f64 and f32, with the same bits from every configuration.
//! * [`Kernel`]: the table of kernels; [`kernels`] has them as plain functions too.
//! * [`drive`](drive::drive): the loop around a program's blocks.
//! * [`solve`]: the whole of a solve, from the loop to what may be claimed of the point it returns ([`verdict`]).
//! * [`domain`]: checks of data against its declaration.
//! * [`generated`]: what generated code calls besides.
//!
//! The crate is `no_std` without the feature `std`, allocates nothing and contains no unsafe code.
#![cfg_attr(not(any(test, feature = "std")), no_std)]

pub mod domain;
pub mod drive;
mod float;
pub mod generated;
pub mod kernels;
mod status;
pub mod verdict;

pub use drive::{Blocks, Control, Limits, Measure, Outcome, Progress, Reason, drive};
pub use float::Float;
pub use kernels::Kernel;
pub use status::Status;
pub use verdict::{Certificate, Claim, Findings, Solve, Summary, solve};

/// Number of partial results of every reduction; see the semantics of the array language.
pub const LANES: usize = 8;

/// For generated code: `if_alloc! { { items } else { items } }` is the first items where this crate has the feature `alloc`,
/// the second ones elsewhere.
#[cfg(feature = "alloc")]
#[macro_export]
macro_rules! if_alloc {
    ({ $($with:tt)* } else { $($without:tt)* }) => { $($with)* };
}

/// For generated code: `if_alloc! { { items } else { items } }` is the first items where this crate has the feature `alloc`,
/// the second ones elsewhere.
#[cfg(not(feature = "alloc"))]
#[macro_export]
macro_rules! if_alloc {
    ({ $($with:tt)* } else { $($without:tt)* }) => { $($without)* };
}
