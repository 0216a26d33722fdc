//! CSV: a table of numbers in text, one row a line.
//!
//! * UTF-8, a byte-order mark at the start is skipped; lines end with LF, CRLF or CR.
//! * Cells are separated by commas; where the first row has none, by semicolons; else by tabs; else by blanks.
//! * Blank lines and lines that start with `#` are skipped.
//! * The first row is a header, and skipped, where none of its cells is a number.
//! * Blanks around a cell and one pair of double quotes are removed. A cell is a decimal number, `inf`, `-inf` or `nan`;
//!   an empty cell (so also a separator at the end of a line), `NA` or any other word is an error that says where.
//! * All rows must have the same number of cells. A file of one column is a vector, any other a matrix.
//!
//! Written files have commas, no header, and numbers that read back to the same bits.

use super::Format;
use crate::array::{Array, describe};
use crate::error::{Error, Kind, Place};
use crate::limits::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_ELEMENTS};
use std::fmt::Write;

/// The registry's entry.
pub static FORMAT: Format = Format {
    name: "csv",
    extensions: &["csv", "tsv", "txt"],
    container: false,
    doc: "A table of numbers in text: cells separated by commas, semicolons, tabs or blanks. The first row is a header, and \
          skipped, where none of its cells is a number; blank lines and lines that start with `#` are skipped. Every row has \
          the same number of cells; one column is a vector.",
    sniff: |_| false,
    read: |bytes, _| read(bytes),
    write: |array, _| write(array),
};

/// Reads a table.
pub fn read(bytes: &[u8]) -> Result<Array, Error> {
    if bytes.is_empty() {
        return Err(Error::new(Kind::Empty, "the file is empty"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut separator = None;
    let mut header_seen = false;
    let mut columns = None;
    let mut data = Vec::new();
    let mut rows = 0usize;
    for (number, line) in lines(bytes) {
        let trimmed = line.trim_ascii();
        if trimmed.is_empty() || trimmed.starts_with(b"#") {
            continue;
        }
        let separator = *separator.get_or_insert_with(|| Separator::of(trimmed));
        let line = if let Separator::Blanks = separator { trimmed } else { line };
        let first = columns.is_none() && !header_seen;
        if first && is_header(line, separator, number)? {
            header_seen = true;
            continue;
        }
        let start = data.len();
        each_cell(line, separator, number, |place, cell| {
            if data.len() == MAX_ELEMENTS {
                return Err(
                    Error::new(Kind::TooLarge, format!("the table has more than {MAX_ELEMENTS} numbers")).at(place)
                );
            }
            data.push(value(cell).map_err(|e| e.at(place))?);
            Ok(())
        })?;
        let found = data.len() - start;
        let expected = *columns.get_or_insert(found);
        if found != expected {
            let message = format!("{found} cells, but the rows before have {expected}");
            return Err(Error::new(Kind::Malformed, message).at(Place::Line(number)));
        }
        rows += 1;
    }
    match columns {
        None => Err(Error::new(Kind::Empty, if header_seen { "no rows, only a header" } else { "no rows" })),
        Some(1) => Ok(Array { shape: vec![rows], data }),
        Some(columns) => Ok(Array { shape: vec![rows, columns], data }),
    }
}

/// Writes numbers (one to a line for a vector), rows to a line.
pub fn write(array: &Array) -> Result<Vec<u8>, Error> {
    let columns = match array.shape.as_slice() {
        [] | [_] => 1,
        [_, columns] => *columns,
        more => {
            let message = format!("an array of shape {} is no table", describe(more));
            return Err(Error::new(Kind::Unsupported, message));
        }
    };
    let mut text = String::new();
    for (i, value) in array.data.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{value:?}");
        text.push(if (i + 1) % columns.max(1) == 0 { '\n' } else { ',' });
    }
    Ok(text.into_bytes())
}

/// What stands between two cells.
#[derive(Clone, Copy)]
enum Separator {
    Byte(u8),
    Blanks,
}

impl Separator {
    fn of(line: &[u8]) -> Self {
        b",;\t".iter().find(|s| line.contains(s)).map_or(Self::Blanks, |&s| Self::Byte(s))
    }
}

/// Lines with their numbers from 1; LF, CRLF and CR end one.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut rest = Some(bytes);
    let mut number = 0;
    std::iter::from_fn(move || {
        let bytes = rest?;
        number += 1;
        match bytes.iter().position(|&b| b == b'\n' || b == b'\r') {
            Some(at) => {
                let width = if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
                rest = Some(&bytes[at + width..]);
                Some((number, &bytes[..at]))
            }
            None => {
                rest = None;
                Some((number, bytes))
            }
        }
    })
}

/// Calls `each` for every cell of a line with its place.
fn each_cell<'a>(
    line: &'a [u8],
    separator: Separator,
    number: u64,
    mut each: impl FnMut(Place, &'a [u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut rest = Some(line);
    let mut cell = 0u64;
    while let Some(bytes) = rest {
        cell += 1;
        let place = Place::Cell(number, cell);
        if cell > MAX_COLUMNS as u64 {
            return Err(Error::new(Kind::TooLarge, format!("the row has more than {MAX_COLUMNS} cells")).at(place));
        }
        // A quote opens only at the start of a cell; within it separators are text.
        let body = bytes.trim_ascii_start();
        let quoted = if body.first() == Some(&b'"') {
            let skipped = bytes.len() - body.len();
            let close = body[1..].iter().position(|&b| b == b'"');
            let close = close.ok_or_else(|| Error::new(Kind::Malformed, "a quote is never closed").at(place))?;
            skipped + close + 2
        } else {
            0
        };
        let end = bytes[quoted..].iter().position(|&b| match separator {
            Separator::Byte(s) => b == s,
            Separator::Blanks => b == b' ' || b == b'\t',
        });
        let (text, next) = match end {
            Some(end) => (&bytes[..quoted + end], Some(&bytes[quoted + end + 1..])),
            None => (bytes, None),
        };
        rest = match separator {
            Separator::Byte(_) => next,
            Separator::Blanks => next.map(<[u8]>::trim_ascii_start),
        };
        let text = text.trim_ascii();
        if text.len() > MAX_CELL_BYTES {
            let message = format!("the cell has {} bytes, at most {MAX_CELL_BYTES} are read", text.len());
            return Err(Error::new(Kind::TooLarge, message).at(place));
        }
        let text = match text {
            [b'"', inner @ .., b'"'] => inner.trim_ascii(),
            text => text,
        };
        each(place, text)?;
    }
    Ok(())
}

fn is_header(line: &[u8], separator: Separator, number: u64) -> Result<bool, Error> {
    let (mut numbers, mut words) = (0usize, 0usize);
    each_cell(line, separator, number, |_, cell| {
        match value(cell) {
            Ok(_) => numbers += 1,
            Err(_) if cell.is_empty() => {}
            Err(e) if e.kind == Kind::TooLarge => numbers += 1,
            Err(_) => words += 1,
        }
        Ok(())
    })?;
    Ok(numbers == 0 && words > 0)
}

fn value(cell: &[u8]) -> Result<f64, Error> {
    if cell.is_empty() {
        return Err(Error::new(Kind::Malformed, "the cell is empty"));
    }
    let text = std::str::from_utf8(cell).map_err(|_| Error::new(Kind::Malformed, "the cell is not UTF-8"))?;
    crate::literal::number(text)
}
