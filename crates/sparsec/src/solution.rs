//! Answers.

use sparsec_program::solver::Shape;
use sparsec_runtime::Summary;
use sparsec_syntax::diagnostic::Diagnostic;
use std::time::Duration;

/// An unknown's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable<T> {
    /// As declared.
    pub name: String,
    /// Canonical ASCII name.
    pub canonical: String,
    /// As declared.
    pub shape: Shape,
    /// Row-major.
    pub values: Vec<T>,
}

/// A solve's answer: its [`Summary`] (to which it dereferences) and the unknowns.
#[derive(Clone, Debug)]
pub struct Solution<T> {
    /// What is known of the point.
    pub summary: Summary,
    /// The unknowns in the order declared.
    pub variables: Vec<Variable<T>>,
    /// Warnings of this solve alone.
    pub warnings: Vec<Diagnostic>,
    /// Time of the solve, the check included.
    pub time: Duration,
}

impl<T> Solution<T> {
    /// The values of an unknown, row-major, by its name as declared or in ASCII.
    pub fn get(&self, name: &str) -> Option<&[T]> {
        self.variable(name).map(|v| v.values.as_slice())
    }

    /// An unknown with its shape.
    pub fn variable(&self, name: &str) -> Option<&Variable<T>> {
        self.variables.iter().find(|v| v.name == name || v.canonical == name)
    }
}

impl<T> std::ops::Deref for Solution<T> {
    type Target = Summary;

    fn deref(&self) -> &Summary {
        &self.summary
    }
}
