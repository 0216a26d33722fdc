//! Text for people: errors, warnings, numbers, arrays.

use crate::args::ColorChoice;
use crate::session::Source;
use sparsec::Shape;
use sparsec::syntax::diagnostic::Diagnostic;
use std::fmt::Write;
use std::io::IsTerminal;

/// Whether a stream gets colours.
pub fn colors(choice: ColorChoice, stream: &impl IsTerminal) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            stream.is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                && std::env::var_os("TERM").is_none_or(|v| v != "dumb")
        }
    }
}

/// Diagnostics with the lines that they point to, or a line each where `--format short` asks for it.
pub fn diagnostics(diagnostics: &[Diagnostic], source: &Source, color: bool) -> String {
    let mut text = String::new();
    let short = crate::wants("short");
    for diagnostic in diagnostics {
        if short {
            text.push_str(&sparsec::syntax::render::short(diagnostic, &source.text, &source.name));
            text.push('\n');
            continue;
        }
        text.push_str(&sparsec::syntax::render::text(diagnostic, &source.text, &source.name, color));
    }
    text
}

/// A number for people: as many digits as it takes, without an exponent where that is short.
pub fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let size = value.abs();
    let mut buffer = String::new();
    // Writing to a string cannot fail.
    let _ = if (1e-4..1e15).contains(&size) { write!(buffer, "{value}") } else { write!(buffer, "{value:e}") };
    buffer
}

/// A duration for people.
pub fn seconds(time: std::time::Duration) -> String {
    let s = time.as_secs_f64();
    if s < 1e-3 {
        format!("{:.1} µs", s * 1e6)
    } else if s < 1.0 {
        format!("{:.1} ms", s * 1e3)
    } else {
        format!("{s:.2} s")
    }
}

/// Entries that are shown where not all are.
const SHOWN: usize = 8;

/// A value on one line: its shape, how many entries are not zero, and the entries; all of them, or the first.
pub fn values(shape: Shape, values: &[f64], all: bool) -> String {
    if shape == Shape::Scalar {
        return values.first().map_or_else(String::new, |v| number(*v));
    }
    let nonzero = values.iter().filter(|v| **v != 0.0).count();
    let mut text = format!("{shape}, {nonzero} of {} not zero:", values.len());
    let list = |values: &[f64], shown: usize| {
        let mut entries: Vec<String> = values.iter().take(shown).map(|v| number(*v)).collect();
        if values.len() > shown {
            entries.push("…".to_owned());
        }
        format!("[{}]", entries.join(", "))
    };
    let shown = if all { usize::MAX } else { SHOWN };
    match shape {
        Shape::Matrix(_, cols) => {
            let rows = values.chunks(cols.max(1));
            let more = rows.len() > shown;
            let mut lines: Vec<String> = rows.take(shown).map(|row| format!("\n      {}", list(row, shown))).collect();
            if more {
                lines.push("\n      …".to_owned());
            }
            text.push_str(&lines.concat());
        }
        _ => text.push_str(&format!(" {}", list(values, shown))),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // Fault 144.
    #[test]
    fn values_are_abridged() {
        let long: Vec<f64> = (0..1_000_000).map(f64::from).collect();
        let text = values(Shape::Vector(long.len()), &long, false);
        assert!(text.len() < 200 && text.contains("999999 of 1000000 not zero") && text.ends_with(", …]"), "{text}");
        assert!(values(Shape::Vector(long.len()), &long, true).ends_with(", 999999]"));
        assert_eq!(values(Shape::Matrix(1, 2), &[0.0, 1.5], true), "matrix[1, 2], 1 of 2 not zero:\n      [0, 1.5]");
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!(number(0.1), "0.1");
        assert_eq!(number(-0.0), "0");
        assert_eq!(number(1.5e-10), "1.5e-10");
        assert_eq!(number(f64::INFINITY), "inf");
    }
}
