//! Values written inline: `0.1`, `-inf`, `[1, 2, 3]`, `[[1, 2], [3, 4]]`.

use crate::array::Array;
use crate::error::{Error, Kind, Place};
use crate::limits::MAX_LITERAL_BYTES;

/// Reads a number, a list of numbers or a list of lists of one length.
pub fn parse(text: &str) -> Result<Array, Error> {
    if text.len() > MAX_LITERAL_BYTES {
        let message = format!("the value has {} bytes, at most {MAX_LITERAL_BYTES} are read; use a file", text.len());
        return Err(Error::new(Kind::TooLarge, message));
    }
    let mut parser = Parser { text, at: 0 };
    let array = if parser.accept('[') {
        if parser.peek() == Some('[') { parser.matrix()? } else { Array::vector(parser.list()?) }
    } else {
        Array::scalar(parser.number()?)
    };
    parser.blanks();
    if parser.at < text.len() {
        return Err(parser.error("the value goes on after its end"));
    }
    Ok(array)
}

/// A decimal number, `inf` or `nan` (any case), with a sign or without. A finite number too large for f64 is an error.
pub fn number(text: &str) -> Result<f64, Error> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ["inf", "infinity", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        let value = if unsigned.eq_ignore_ascii_case("nan") { f64::NAN } else { f64::INFINITY };
        return Ok(if text.starts_with('-') { -value } else { value });
    }
    // Rust reads a number wherever these characters make one; anything else is a word.
    let plain = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse::<f64>() {
        Ok(value) if plain && value.is_finite() => Ok(value),
        Ok(_) if plain => Err(Error::new(Kind::TooLarge, format!("{} is too large for f64", shown(text)))),
        _ => Err(Error::new(Kind::Malformed, format!("'{}' is not a number", shown(text)))),
    }
}

/// The first characters of a text, for messages.
fn shown(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn error(&self, message: &str) -> Error {
        Error::new(Kind::Malformed, message).at(Place::Byte(self.at as u64))
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn peek(&mut self) -> Option<char> {
        self.blanks();
        self.text[self.at..].chars().next()
    }

    fn accept(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += if there { wanted.len_utf8() } else { 0 };
        there
    }

    fn number(&mut self) -> Result<f64, Error> {
        self.blanks();
        let rest = &self.text[self.at..];
        let end = rest.find([',', '[', ']']).unwrap_or(rest.len());
        let place = Place::Byte(self.at as u64);
        let word = rest[..end].trim();
        if word.is_empty() {
            return Err(self.error("a number is missing"));
        }
        let value = number(word).map_err(|e| e.at(place))?;
        self.at += end;
        Ok(value)
    }

    /// Numbers up to `]`; the `[` has been read.
    fn list(&mut self) -> Result<Vec<f64>, Error> {
        let mut values = Vec::new();
        loop {
            values.push(self.number()?);
            if self.accept(']') {
                return Ok(values);
            }
            if !self.accept(',') {
                return Err(self.error("a list needs commas between its numbers and ']' at its end"));
            }
        }
    }

    /// Rows up to `]`; the outer `[` has been read.
    fn matrix(&mut self) -> Result<Array, Error> {
        let mut data = Vec::new();
        let (mut rows, mut columns) = (0, 0);
        loop {
            let at = self.at;
            if !self.accept('[') {
                return Err(self.error("a list of rows needs '[' before each row"));
            }
            let row = self.list()?;
            if rows > 0 && row.len() != columns {
                self.at = at;
                let message = format!("row {rows} has {} numbers, but the rows before have {columns}", row.len());
                return Err(self.error(&message));
            }
            columns = row.len();
            rows += 1;
            data.extend(row);
            if self.accept(']') {
                return Ok(Array { shape: vec![rows, columns], data });
            }
            if !self.accept(',') {
                return Err(self.error("a list of rows needs commas between them and ']' at its end"));
            }
        }
    }
}
