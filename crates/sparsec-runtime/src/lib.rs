//! Numerical kernels and the solve loop that every executor of a sparsec program calls.
#![cfg_attr(not(any(test, feature = "std")), no_std)]

pub mod domain;
pub mod kernels;
pub use kernels::Kernel;

/// Number of partial results of every reduction; see the semantics of the array language.
pub const LANES: usize = 8;
