//! Text of a problem to its syntax tree, diagnostics and formatting.
//!
//! This crate knows no shapes and no functions: it turns text into an [`ast::Problem`] whose nodes carry
//! their place in the text, and it renders [`diagnostic::Diagnostic`]s against that text.

pub mod ast;
mod build;
pub mod diagnostic;
pub mod diagnostics;
pub mod format;
pub mod limits;
pub mod lines;
pub mod names;
mod parse;
pub mod render;
mod scan;
pub mod span;

pub use parse::{decode, parse, parse_bytes};
mod same;
