//! Problem statements to programs: names, shapes, convexity, calculus, derivation, lowering.
//!
//! Each stage is a function from one type to the next: [`resolve::resolve`] (syntax tree to [`model::Model`]),
//! [`composite::normalise()`] (to [`composite::Composite`]), [`plan::plan`], [`derive::derive`], [`lower::lower()`] and [`lower::check::check`] (to a
//! [`sparsec_program::solver::SolverSpec`]); [`compile::compile`] runs them all. Nothing here opens a file, reads a clock or prints.

pub mod algorithms;
pub mod calculus;
pub mod compile;
pub mod composite;
pub mod derive;
pub mod expr;
pub mod language;
pub mod lower;
pub mod model;
pub mod plan;
pub mod resolve;
mod symbols;
pub mod text;

pub use compile::{Options, Stages, compile, compile_with};
