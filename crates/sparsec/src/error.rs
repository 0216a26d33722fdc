//! Errors as values.

use sparsec_syntax::diagnostic::{Class, Code, Diagnostic};
use sparsec_syntax::lines::LineIndex;
use sparsec_syntax::span::Span;
use sparsec_syntax::{diagnostics, render};
use std::sync::Arc;

/// What went wrong: one diagnostic at least, each with its code, places in the problem's text and a way out.
///
/// Shown, by [`Display`](std::fmt::Display) and, for a `main` that returns it, by [`Debug`](std::fmt::Debug) alike, an error is a line
/// per diagnostic: code, message, line and column. [`Error::render`] shows the lines of the problem's text as well, and the way out.
///
/// ```
/// let error = sparsec::Problem::parse("var y: vector[3]\nminimize ‖y‖² +").unwrap_err();
/// assert_eq!(format!("{error:?}"), "E0101: expected an expression after `+` (line 2, column 15)");
/// println!("{}", error.render("problem.sparse"));
/// ```
#[derive(Clone)]
pub struct Error {
    /// In the order of their places; the first decides the exit code of the command line.
    pub diagnostics: Vec<Diagnostic>,
    /// The problem's text, to which the places belong.
    text: Option<Arc<str>>,
}

impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        self.diagnostics == other.diagnostics
    }
}

impl Eq for Error {}

impl Error {
    /// An error of one diagnostic.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Diagnostic::new(code, message).into()
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

    /// Remembers the problem's text, unless it is known, so that places can be shown.
    #[must_use]
    pub fn within(mut self, text: &Arc<str>) -> Self {
        self.text.get_or_insert_with(|| Arc::clone(text));
        self
    }

    /// The whole of the error for people: each diagnostic with the lines of the problem's text that it is about, marked, and the way
    /// out. `file` is what the text is called.
    pub fn render(&self, file: &str) -> String {
        let shown = |diagnostic: &Diagnostic| match &self.text {
            Some(text) => render::text(diagnostic, text, file, false),
            // Without the text there are no lines to mark.
            None => render::text(&Diagnostic { labels: Vec::new(), ..diagnostic.clone() }, "", file, false),
        };
        self.diagnostics.iter().map(shown).collect()
    }

    /// The class of the first diagnostic.
    pub fn class(&self) -> Class {
        self.diagnostics.first().map_or(Class::Bug, |d| d.code.class)
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic], text: None }
    }
}

impl From<Vec<Diagnostic>> for Error {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        if diagnostics.is_empty() {
            Self::internal("an error without a diagnostic")
        } else {
            Self { diagnostics, text: None }
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, diagnostic) in self.diagnostics.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
            if let (Some(text), Some(label)) = (&self.text, diagnostic.labels.first()) {
                let (line, column) = LineIndex::new(text).line_column(label.span.start);
                write!(f, " (line {line}, column {column})")?;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
