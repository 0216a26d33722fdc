//! Diagnostics: what is wrong, where, and what to do about it.
//!
//! A diagnostic is a value. Nothing below the command line prints one.

use crate::span::Span;

/// Stage or cause that a code belongs to; it decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// E01xx, exit 3.
    Syntax,
    /// E02xx, exit 3.
    Name,
    /// E03xx, exit 3.
    Shape,
    /// E04xx, exit 3.
    Curvature,
    /// E05xx, exit 4.
    Data,
    /// E06xx, exit 7.
    Numeric,
    /// E07xx, exit 3.
    Backend,
    /// E08xx, exit 3.
    Macro,
    /// E09xx, exit 2.
    Usage,
    /// E10xx: a result that cannot be written, exit 74.
    Output,
    /// E99xx: a fault of sparsec itself, exit 70.
    Bug,
}

impl Class {
    /// The exit status of the command line.
    pub const fn exit_code(self) -> u8 {
        match self {
            Class::Usage => 2,
            Class::Syntax | Class::Name | Class::Shape | Class::Curvature | Class::Backend | Class::Macro => 3,
            Class::Data => 4,
            Class::Numeric => 7,
            Class::Bug => 70,
            Class::Output => 74,
        }
    }
}

/// Errors stop; warnings are reported and the solve goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// `E….`
    Error,
    /// `W….`
    Warning,
}

/// A registered code: one file each in `diagnostics/`, one line in its registry.
#[derive(Debug)]
pub struct Code {
    /// `E0203` or `W0301`; never reused.
    pub code: &'static str,
    /// Which kind of fault.
    pub class: Class,
    /// A few words.
    pub title: &'static str,
    /// What it means, a smallest example, how to repair it: Markdown, from the file's documentation.
    pub explanation: &'static str,
}

impl Code {
    /// Errors start with `E`, warnings with `W`.
    pub fn severity(&self) -> Severity {
        if self.code.starts_with('W') { Severity::Warning } else { Severity::Error }
    }

    /// The exit status of the command line where this is the first error; a warning leaves it alone.
    pub fn exit_code(&self) -> Option<u8> {
        match self.severity() {
            Severity::Warning => None,
            // As a shell reports a process that Ctrl-C has ended.
            Severity::Error if self.code == "E0902" => Some(130),
            Severity::Error => Some(self.class.exit_code()),
        }
    }

    /// `E0301: shapes do not match (exit 3)`, or `(a warning)`.
    pub fn heading(&self) -> String {
        let end = self.exit_code().map_or_else(|| "a warning".to_owned(), |code| format!("exit {code}"));
        format!("{}: {} ({end})", self.code, self.title)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Code {}

/// A place in the text and what is to be said about it. The first label of a diagnostic is the primary one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What; may be empty.
    pub message: String,
}

/// One error or warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its registered code.
    pub code: &'static Code,
    /// One sentence in the user's own terms.
    pub message: String,
    /// Primary place first; data and usage errors may have none.
    pub labels: Vec<Label>,
    /// The way out.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without places or help.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), labels: Vec::new(), help: None }
    }

    /// Adds a place.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// Adds the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl core::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", self.code.code, self.message)
    }
}

impl core::error::Error for Diagnostic {}
