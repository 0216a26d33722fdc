//! Byte offsets to lines and columns.

use crate::scan::byte_order_mark;
use crate::span::Span;

/// Where the lines of a text start. Lines end with LF, CR LF or a lone CR.
#[derive(Clone, Debug)]
pub struct LineIndex<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> LineIndex<'t> {
    /// Finds the lines of a text.
    pub fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![byte_order_mark(text)];
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        Self { text, starts }
    }

    /// The number of lines; an empty text has one.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never: an empty text has one line.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Moves an offset into the text and onto the start of a character.
    fn clamp(&self, offset: usize) -> usize {
        let mut offset = offset.clamp(self.starts[0], self.text.len().max(self.starts[0]));
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    /// The line that holds a byte offset, from 0.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = self.clamp(offset);
        let line = self.line_of(offset);
        (line + 1, self.text[self.starts[line]..offset].chars().count() + 1)
    }

    /// The bytes of a line, counted from 0, without its end.
    pub(crate) fn line(&self, line: usize) -> Span {
        let start = self.starts[line];
        let next = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let end = start + self.text[start..next].trim_end_matches(['\n', '\r']).len();
        Span::new(start, end)
    }

    /// The byte offset of a line and a column, both from 1; the nearest one where there is no such place.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let line = self.line(line.clamp(1, self.starts.len()) - 1);
        self.text[line.start..line.end]
            .char_indices()
            .nth(column.saturating_sub(1))
            .map_or(line.end, |(at, _)| line.start + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_line_ends_count() {
        let index = LineIndex::new("a\nbé\r\nc\rd");
        assert_eq!(index.len(), 4);
        assert_eq!(index.line_column(0), (1, 1));
        assert_eq!(index.line_column(5), (2, 3));
        assert_eq!(index.line_column(7), (3, 1));
        assert_eq!(index.line_column(9), (4, 1));
        assert_eq!(index.line_column(10), (4, 2));
        assert_eq!(index.line_column(999), (4, 2));
        assert_eq!(index.offset(2, 2), 3);
        assert_eq!(index.offset(2, 99), 5);
        assert_eq!(LineIndex::new("").line_column(5), (1, 1));
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let index = LineIndex::new("\u{FEFF}ab");
        assert_eq!(index.line_column(3), (1, 1));
        assert_eq!(index.line_column(4), (1, 2));
        assert_eq!(index.line_column(0), (1, 1));
    }
}
