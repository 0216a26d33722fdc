//! The JSON documents: one for every run, whatever happens.
//!
//! Numbers are written so that they read back to the same bits; one that is not finite is `null`.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use sparsec::syntax::diagnostic::Diagnostic;
use sparsec::syntax::render::{JsonLabel, json_labels};
use sparsec::{Error, Shape};

/// Version of the documents.
pub const SCHEMA: u32 = 1;

/// The answer of one solve.
#[derive(serde::Serialize)]
pub struct Answer<'a> {
    pub schema: u32,
    pub problem: &'a str,
    pub status: &'a str,
    pub objective: f64,
    pub gap: f64,
    pub certificate: Option<String>,
    pub bound: f64,
    pub violation: f64,
    pub residual: f64,
    pub iterations: u64,
    pub algorithm: &'a str,
    pub backend: &'a str,
    pub dims: Map<'a, usize>,
    pub time: Time,
    pub solution: Map<'a, Values>,
    pub dual: Map<'a, Values>,
    pub warnings: Vec<Warning<'a>>,
}

/// A point's evaluation.
#[derive(serde::Serialize)]
pub struct Evaluated<'a> {
    pub schema: u32,
    pub problem: &'a str,
    pub objective: f64,
    pub terms: Vec<Term<'a>>,
    pub gradient: Map<'a, Values>,
    pub violation: f64,
    pub gap: f64,
    pub certificate: Option<String>,
    pub bound: f64,
    pub residual: f64,
    pub warnings: Vec<Warning<'a>>,
}

/// A term of the objective.
#[derive(serde::Serialize)]
pub struct Term<'a> {
    pub text: &'a str,
    pub value: f64,
}

/// What `check` found.
#[derive(serde::Serialize)]
pub struct Checked<'a> {
    pub schema: u32,
    pub problem: &'a str,
    pub warnings: Vec<Warning<'a>>,
}

/// An explanation.
#[derive(serde::Serialize)]
pub struct Explained<'a> {
    pub schema: u32,
    pub explanation: &'a str,
}

/// What `--help` or `--version` shows.
#[derive(serde::Serialize)]
pub struct Helped<'a> {
    pub schema: u32,
    pub help: &'a str,
}

/// Where the time went, in seconds.
#[derive(Clone, Copy, serde::Serialize)]
pub struct Time {
    pub compile_s: f64,
    pub solve_s: f64,
}

/// A warning.
#[derive(serde::Serialize)]
pub struct Warning<'a> {
    pub code: &'a str,
    pub message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<&'a str>,
}

/// An error as the document shows it.
#[derive(serde::Serialize)]
pub struct Fault<'a> {
    pub code: &'a str,
    pub message: &'a str,
    pub labels: Vec<Label>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<&'a str>,
}

/// A place in the text: bytes from 0, lines and columns from 1, columns in characters.
#[derive(serde::Serialize)]
pub struct Label {
    pub start: usize,
    pub end: usize,
    pub line: usize,
    pub column: usize,
    pub message: String,
}

/// The document of an error.
#[derive(serde::Serialize)]
pub struct Failed<'a> {
    pub schema: u32,
    pub error: Fault<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault<'a>>,
}

/// An object whose keys keep their order.
pub struct Map<'a, V>(pub Vec<(&'a str, V)>);

impl<V: Serialize> Serialize for Map<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// An unknown's value: a number, a list, or a list of rows.
pub struct Values {
    pub shape: Shape,
    pub values: Vec<f64>,
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.shape {
            Shape::Scalar => self.values.first().copied().unwrap_or(f64::NAN).serialize(serializer),
            Shape::Vector(_) => self.values.serialize(serializer),
            Shape::Matrix(rows, cols) => {
                let mut list = serializer.serialize_seq(Some(rows))?;
                for row in self.values.chunks(cols.max(1)) {
                    list.serialize_element(row)?;
                }
                list.end()
            }
        }
    }
}

fn labels(diagnostic: &Diagnostic, text: &str) -> Vec<Label> {
    let label = |l: JsonLabel| Label { start: l.start, end: l.end, line: l.line, column: l.column, message: l.message };
    json_labels(diagnostic, text).into_iter().map(label).collect()
}

/// Warnings for a document.
pub fn warnings<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>, text: &str) -> Vec<Warning<'a>> {
    let warning = |d: &'a Diagnostic| Warning {
        code: d.code.code,
        message: &d.message,
        labels: labels(d, text),
        help: d.help.as_deref(),
    };
    diagnostics.into_iter().map(warning).collect()
}

/// The document of an error.
pub fn failed<'a>(error: &'a Error, text: &str) -> Failed<'a> {
    let fault = |d: &'a Diagnostic| Fault {
        code: d.code.code,
        message: &d.message,
        labels: labels(d, text),
        help: d.help.as_deref(),
    };
    let mut faults = error.diagnostics.iter().map(fault);
    let unknown = Fault { code: "E9901", message: "an error without a diagnostic", labels: Vec::new(), help: None };
    Failed { schema: SCHEMA, error: faults.next().unwrap_or(unknown), errors: faults.collect() }
}

/// A document as text, with a line end.
pub fn text(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string(document).unwrap_or_else(|_| {
        // Every document is built of maps with text keys, numbers and lists, so this is never reached.
        format!(r#"{{"schema":{SCHEMA},"error":{{"code":"E9901","message":"the answer cannot be written as JSON","labels":[]}}}}"#)
    });
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // Fault 142.
    #[test]
    fn numbers_read_back_exactly_and_those_not_finite_are_null() {
        let values = Values { shape: Shape::Vector(4), values: vec![f64::NAN, f64::INFINITY, 0.1, -0.0] };
        assert_eq!(serde_json::to_string(&values).unwrap(), "[null,null,0.1,-0.0]");
        for value in [0.1 + 0.2, 5e-324, f64::MAX, 1.0 / 3.0, -1e-300, 123456789.125] {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), f64::to_bits(value), "{text}");
        }
        let matrix = Values { shape: Shape::Matrix(2, 2), values: vec![1.0, 2.0, 3.0, 4.0] };
        assert_eq!(serde_json::to_string(&matrix).unwrap(), "[[1.0,2.0],[3.0,4.0]]");
        let number = Values { shape: Shape::Scalar, values: vec![1.5] };
        assert_eq!(serde_json::to_string(&number).unwrap(), "1.5");
    }
}
