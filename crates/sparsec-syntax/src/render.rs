//! Diagnostics as text: with the lines they are about, in one line, or as the labels of a JSON document.

use core::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::lines::LineIndex;
use crate::span::Span;

/// Columns of a source line that are shown at most; longer lines are shown around the primary label.
const MAX_COLUMNS: usize = 120;

/// Columns shown before the label of a line that is cut.
const COLUMNS_BEFORE: usize = 40;

/// A tab is shown as this many blanks.
const TAB: &str = "    ";

/// A label with everything that a JSON document says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonLabel {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line of the first byte, from 1.
    pub line: usize,
    /// Column of the first byte in characters, from 1.
    pub column: usize,
    /// What is said about the place.
    pub message: String,
}

/// The labels with lines and columns, the primary one first.
pub fn json_labels(diagnostic: &Diagnostic, source: &str) -> Vec<JsonLabel> {
    let index = LineIndex::new(source);
    diagnostic
        .labels
        .iter()
        .map(|label| {
            let span = trimmed(label.span, source);
            let (line, column) = index.line_column(span.start);
            JsonLabel { start: span.start, end: span.end, line, column, message: label.message.clone() }
        })
        .collect()
}

/// `file:line:column: error[E0301]: message`, or without a place where the diagnostic has none.
pub fn short(diagnostic: &Diagnostic, source: &str, file: &str) -> String {
    let what = format!("{}[{}]: {}", severity(diagnostic), diagnostic.code.code, visible(&diagnostic.message));
    match diagnostic.labels.first() {
        Some(label) => {
            let (line, column) = LineIndex::new(source).line_column(trimmed(label.span, source).start);
            format!("{}:{line}:{column}: {what}", visible(file))
        }
        None => format!("{}: {what}", visible(file)),
    }
}

/// A place without the blanks at its ends; one of blanks alone stays as it is.
fn trimmed(span: Span, source: &str) -> Span {
    let text = source.get(span.start..span.end).unwrap_or_default();
    match text.trim() {
        "" => span,
        inner => {
            let start = span.start + (text.len() - text.trim_start().len());
            Span::new(start, start + inner.len())
        }
    }
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Colours, or none.
struct Paint {
    color: bool,
}

#[derive(Clone, Copy)]
enum Ink {
    Error,
    Warning,
    Frame,
    Secondary,
    Bold,
    Help,
}

impl Paint {
    fn paint(&self, ink: Ink, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Error => "1;31",
            Ink::Warning => "1;33",
            Ink::Frame | Ink::Secondary => "1;34",
            Ink::Bold => "1",
            Ink::Help => "1;36",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// The diagnostic with the lines that it is about, the exact tokens underlined, each label with its message, and the
/// way out. Ends with a newline. With `color`, ANSI escapes are added.
pub fn text(diagnostic: &Diagnostic, source: &str, file: &str, color: bool) -> String {
    let paint = Paint { color };
    let primary = match diagnostic.code.severity() {
        Severity::Error => Ink::Error,
        Severity::Warning => Ink::Warning,
    };
    let head = format!("{}[{}]", severity(diagnostic), diagnostic.code.code);
    let message = format!(": {}", visible(&diagnostic.message));
    let mut out = format!("{}{}\n", paint.paint(primary, &head), paint.paint(Ink::Bold, &message));
    let mut diagnostic = diagnostic.clone();
    for label in &mut diagnostic.labels {
        label.span = trimmed(label.span, source);
    }
    let diagnostic = &diagnostic;
    let index = LineIndex::new(source);
    let lines = label_lines(diagnostic, &index);
    let gutter = lines.last().map_or(1, |(line, _)| (line + 1).to_string().len());
    let blank = " ".repeat(gutter);
    if let Some(label) = diagnostic.labels.first() {
        let (line, column) = index.line_column(label.span.start);
        let place = format!("{}:{line}:{column}", visible(file));
        let _ = writeln!(out, "{blank}{} {place}", paint.paint(Ink::Frame, "-->"));
        let bar = paint.paint(Ink::Frame, "|");
        let _ = writeln!(out, "{blank} {bar}");
        let mut before: Option<usize> = None;
        for (line, labels) in &lines {
            match before {
                Some(last) if *line == last + 2 => {
                    let between = Row::new(source, index.line(last + 1), &[]);
                    let number = paint.paint(Ink::Frame, &format!("{:>gutter$}", last + 2));
                    let _ = writeln!(out, "{}", format!("{number} {bar} {}", between.shown).trim_end());
                }
                Some(last) if *line > last + 1 => {
                    let _ = writeln!(out, "{}", paint.paint(Ink::Frame, "..."));
                }
                _ => {}
            }
            before = Some(*line);
            let row = Row::new(source, index.line(*line), labels);
            let number = paint.paint(Ink::Frame, &format!("{:>gutter$}", line + 1));
            let _ = writeln!(out, "{}", format!("{number} {bar} {}", row.shown).trim_end());
            for under in row.underlines(&paint, primary) {
                let _ = writeln!(out, "{blank} {bar} {under}");
            }
        }
        let _ = writeln!(out, "{blank} {bar}");
    } else if !file.is_empty() {
        let _ = writeln!(out, "{blank}{} {}", paint.paint(Ink::Frame, "-->"), visible(file));
    }
    let equals = paint.paint(Ink::Frame, "=");
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "{blank} {equals} {}: {}", paint.paint(Ink::Help, "help"), visible(help));
    }
    let more = format!("sparsec explain {}", diagnostic.code.code);
    let _ = writeln!(out, "{blank} {equals} {}: {more}", paint.paint(Ink::Bold, "more"));
    out
}

/// The labels of each line that has some, lines in order; the flag marks the primary one.
fn label_lines<'d>(diagnostic: &'d Diagnostic, index: &LineIndex<'_>) -> Vec<(usize, Vec<(&'d Label, bool)>)> {
    let mut lines: Vec<(usize, Vec<(&Label, bool)>)> = Vec::new();
    for (number, label) in diagnostic.labels.iter().enumerate() {
        let line = index.line_column(label.span.start).0 - 1;
        match lines.iter_mut().find(|(other, _)| *other == line) {
            Some((_, labels)) => labels.push((label, number == 0)),
            None => lines.push((line, vec![(label, number == 0)])),
        }
    }
    lines.sort_by_key(|(line, _)| *line);
    lines
}

/// A character as it is shown: nothing that moves the cursor, hides or reorders text.
fn shown(c: char) -> char {
    let hidden = c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{AD}' | '\u{61C}');
    if hidden { '\u{FFFD}' } else { c }
}

/// A text in one line with what cannot be seen replaced; newlines stay where help has several lines.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { ' ' } else { shown(c) }).collect()
}

/// A marked range of columns.
struct Mark<'d> {
    start: usize,
    end: usize,
    message: &'d str,
    primary: bool,
}

/// A source line as it is shown, with its marks.
struct Row<'d> {
    shown: String,
    marks: Vec<Mark<'d>>,
}

impl<'d> Row<'d> {
    fn new(source: &str, line: Span, labels: &[(&'d Label, bool)]) -> Self {
        // Byte offset and column of each character, and what is printed for it.
        let mut cells: Vec<(usize, usize, String)> = Vec::new();
        let mut column = 0;
        for (offset, c) in source[line.start..line.end].char_indices() {
            let text = if c == '\t' { TAB.to_owned() } else { shown(c).to_string() };
            let width = if c == '\t' { TAB.len() } else { shown(c).width().unwrap_or(0) };
            cells.push((line.start + offset, column, text));
            column += width;
        }
        let total = column;
        let column_of = |offset: usize| {
            let cell = cells.partition_point(|(at, ..)| *at < offset);
            cells.get(cell).map_or(total, |(_, column, _)| *column)
        };
        let mut marks: Vec<Mark<'d>> = labels
            .iter()
            .map(|(label, primary)| {
                let start = column_of(label.span.start);
                let end = column_of(label.span.end.min(line.end)).max(start + 1);
                Mark { start, end, message: &label.message, primary: *primary }
            })
            .collect();
        let mut from = 0;
        let focus = marks.iter().find(|mark| mark.primary).or(marks.first()).map_or(0, |mark| mark.start);
        if total > MAX_COLUMNS && focus > COLUMNS_BEFORE {
            from = focus - COLUMNS_BEFORE;
        }
        let to = from + MAX_COLUMNS;
        let mut text = String::new();
        // A mark of its own where the line is cut, which takes one column on either side.
        let shift = usize::from(from > 0);
        if from > 0 {
            text.push('…');
        }
        let mut width = from;
        for (_, column, cell) in &cells {
            if *column >= from && *column < to {
                text.push_str(&" ".repeat(column.saturating_sub(width)));
                text.push_str(cell);
                width = column + cell.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>();
            }
        }
        if total > to {
            text.push('…');
        }
        for mark in &mut marks {
            mark.start = mark.start.clamp(from, to) - from + shift;
            mark.end = (mark.end.clamp(from, to) - from + shift).max(mark.start + 1);
        }
        marks.sort_by_key(|mark| (mark.start, mark.end));
        Row { shown: text.trim_end().to_owned(), marks }
    }

    /// The lines below: underlines with the message of the last mark beside them, then the other messages from right
    /// to left, each below its mark.
    fn underlines(&self, paint: &Paint, primary: Ink) -> Vec<String> {
        let ink = |mark: &Mark| if mark.primary { primary } else { Ink::Secondary };
        let sign = |mark: &Mark| if mark.primary { "^" } else { "-" };
        let mut first = String::new();
        let mut column = 0;
        let end = self.marks.iter().map(|mark| mark.end).max().unwrap_or(0);
        // Where marks overlap the primary one is on top, then the one that starts later.
        let owner = |column: usize| {
            self.marks
                .iter()
                .enumerate()
                .filter(|(_, mark)| mark.start <= column && column < mark.end)
                .max_by_key(|(number, mark)| (mark.primary, *number))
        };
        while column < end {
            let here = owner(column).map(|(number, _)| number);
            let start = column;
            while column < end && owner(column).map(|(number, _)| number) == here {
                column += 1;
            }
            match here.and_then(|number| self.marks.get(number)) {
                Some(mark) => first.push_str(&paint.paint(ink(mark), &sign(mark).repeat(column - start))),
                None => first.push_str(&" ".repeat(column - start)),
            }
        }
        let Some((last, others)) = self.marks.split_last() else { return Vec::new() };
        let beside = others.iter().all(|other| other.end <= last.start);
        let hanging: Vec<&Mark> = if beside { others.iter().collect() } else { self.marks.iter().collect() };
        if beside && !last.message.is_empty() {
            let _ = write!(first, " {}", paint.paint(ink(last), &visible(last.message)));
        }
        let mut rows = vec![first];
        let hanging: Vec<&Mark> = hanging.into_iter().filter(|mark| !mark.message.is_empty()).collect();
        let stems = |below: &[&Mark]| {
            let mut row = String::new();
            let mut column = 0;
            for mark in below {
                if mark.start >= column {
                    row.push_str(&" ".repeat(mark.start - column));
                    row.push_str(&paint.paint(ink(mark), "|"));
                    column = mark.start + 1;
                }
            }
            (row, column)
        };
        for count in (1..=hanging.len()).rev() {
            let (row, column) = stems(&hanging[..count - 1]);
            let mark = hanging[count - 1];
            if count == hanging.len() {
                rows.push(stems(&hanging).0);
            }
            let gap = if mark.start >= column { mark.start - column } else { 1 };
            rows.push(format!("{row}{}{}", " ".repeat(gap), paint.paint(ink(mark), &visible(mark.message))));
        }
        rows
    }
}
