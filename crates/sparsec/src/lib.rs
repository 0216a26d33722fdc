//! A compiler from optimisation problems, as one writes them, to solvers.
//!
//! ```
//! # #[cfg(feature = "std")]
//! # fn main() -> Result<(), sparsec::Error> {
//! use sparsec::{Options, Problem, View};
//!
//! let problem = Problem::parse(
//!     "dim m = 2, n = 3
//!      const D: matrix[m, n]
//!      param x: vector[m]
//!      param λ: scalar >= 0 = 0.1
//!      var y: vector[n]
//!      minimize ‖x − D y‖² + λ ‖y‖₁",
//! )?;
//! let compiled = problem.compile::<f64>(&Options::default())?;
//! let d = [1.0, 0.0, 0.5, 0.0, 1.0, 0.5];
//! let solver = compiled.bind([("D", View::matrix(2, 3, &d))])?;
//! let solution = solver.solve(&[("x", View::from(&[1.0, 0.2]))])?;
//! assert_eq!(solution.status.as_str(), "optimal");
//! assert!(solution.gap <= 1e-8);
//! println!("{:?}", solution.get("y"));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "std"))]
//! # fn main() {}
//! ```
//!
//! # Stages
//!
//! [`Problem`] is text that has been parsed. [`Problem::compile`] fixes sizes, derives an algorithm and turns it into a
//! program: [`Compiled`]. [`Compiled::bind`] takes the consts, checks them and runs what depends on them alone: [`Solver`].
//! [`Solver::solve`] takes the params and returns a [`Solution`]. A solver is shared by threads as it is; each solve works in
//! a [`Workspace`] of its own.
//!
//! # What a status says
//!
//! The loop that finds a point never judges it. Afterwards a second, plain program, compiled from the problem as it was
//! written, is run in f64 on the data as it was given, and computes objective, gap and violation at the point that is
//! returned. Only its numbers make a [`Status::Optimal`].
//!
//! # Errors
//!
//! Every mistake is an [`Error`] with a code, the place in the problem's text and a way out; nothing is printed and nothing panics. Shown
//! by `{}` or `{:?}` it is a line per mistake with line and column, so that `main` may return it; [`Error::render`] marks the
//! place in the text.
//!
//! # Features
//!
//! * `std` (default): all of the above. Without it this crate is the macro and the `no_std` runtime of generated code.
//! * `jit` (default): native code at run time, on x86-64 and AArch64. Without it, or elsewhere, programs are interpreted.
//! * `alloc` (default): generated solvers keep their constants on the heap.
//! * `ndarray`: views and results as `ndarray` arrays.
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The examples of the README, as tests of the documentation.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../../../README.md")]
mod readme {}

pub use sparsec_macros::sparse_solver;
pub use sparsec_runtime as runtime;
pub use sparsec_runtime::{Certificate, Status, Summary};

#[cfg(feature = "std")]
mod backend;
#[cfg(feature = "std")]
mod batch;
#[cfg(feature = "std")]
mod checker;
#[cfg(feature = "std")]
mod compiled;
#[cfg(feature = "std")]
mod error;
#[cfg(feature = "std")]
pub mod files;
#[cfg(feature = "std")]
mod options;
#[cfg(feature = "std")]
mod problem;
#[cfg(feature = "std")]
mod solution;
#[cfg(feature = "std")]
mod solver;
#[cfg(feature = "std")]
mod view;
#[cfg(all(feature = "std", feature = "ndarray"))]
mod with_ndarray;

#[cfg(feature = "std")]
pub use {
    backend::{Backend, Real},
    batch::BatchRows,
    checker::Evaluation,
    compiled::Compiled,
    error::Error,
    options::Options,
    problem::{Given, Input, Problem},
    solution::{Solution, Variable},
    solver::{Request, Solver, Workspace},
    sparsec_compiler as compiler, sparsec_data as data, sparsec_program as program,
    sparsec_program::solver::{InputKind, Shape},
    sparsec_syntax as syntax,
    view::View,
};
