//! Text of a problem to its syntax tree, diagnostics and formatting.
//!
//! This crate knows no shapes and no functions: it turns text into an [`ast::Problem`] whose nodes carry
//! their place in the text, and it renders [`diagnostic::Diagnostic`]s against that text.

pub mod ast;
pub mod diagnostic;
pub mod diagnostics;
pub mod span;
