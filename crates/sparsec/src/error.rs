//! Errors as values.

use sparsec_syntax::diagnostic::{Class, Code, Diagnostic};
use sparsec_syntax::diagnostics;
use sparsec_syntax::span::Span;

/// What went wrong: one diagnostic at least, each with its code, places in the problem's text and a way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// In the order of their places; the first decides the exit code of the command line.
    pub diagnostics: Vec<Diagnostic>,
}

impl Error {
    /// An error of one diagnostic.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { diagnostics: vec![Diagnostic::new(code, message)] }
    }

    /// A fault of sparsec itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::from(Diagnostic::new(diagnostics::E9901, message).help("this is a fault of sparsec; please report it"))
    }

    /// Adds a way out to every diagnostic that has none.
    #[must_use]
    pub fn help(mut self, help: &str) -> Self {
        for diagnostic in &mut self.diagnostics {
            diagnostic.help.get_or_insert_with(|| help.to_owned());
        }
        self
    }

    /// Adds a place to every diagnostic that has none.
    #[must_use]
    pub fn at(mut self, span: Option<Span>, message: &str) -> Self {
        if let Some(span) = span {
            for diagnostic in self.diagnostics.iter_mut().filter(|d| d.labels.is_empty()) {
                *diagnostic = diagnostic.clone().label(span, message);
            }
        }
        self
    }

    /// The class of the first diagnostic.
    pub fn class(&self) -> Class {
        self.diagnostics.first().map_or(Class::Bug, |d| d.code.class)
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic] }
    }
}

impl From<Vec<Diagnostic>> for Error {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        if diagnostics.is_empty() { Self::internal("an error without a diagnostic") } else { Self { diagnostics } }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, diagnostic) in self.diagnostics.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
