//! `.npy`: one array as NumPy's `save` writes it, format versions 1 to 3, in C or Fortran order, in either byte order.
//!
//! | element type | becomes |
//! |---|---|
//! | `f8` | itself |
//! | `f4`, `f2` | the same number as f64 |
//! | `i1 i2 i4 u1 u2 u4` | the same number |
//! | `i8`, `u8` | the same number; beyond ±2^53 it is refused, because f64 would round it |
//! | `b1` | 0 or 1 |
//!
//! Complex numbers, text, dates and structured types are refused, and so are objects: they are pickles, and nothing here unpickles.
//! Bytes after the data are an error. Written files are version 1, `<f8`, in C order.

use super::Format;
use crate::array::{Array, describe, elements, reserve};
use crate::error::{Error, Kind, Place};
use crate::limits::MAX_HEADER_BYTES;

/// The registry's entry.
pub static FORMAT: Format = Format {
    name: "npy",
    extensions: &["npy"],
    container: false,
    doc: "One array as NumPy's `save` writes it (versions 1 to 3, C or Fortran order, any byte order). \
          Floats of 16, 32 and 64 bits, integers (up to 2^53 in size) and booleans are read; complex numbers, \
          text and objects are refused.",
    sniff: |bytes| bytes.starts_with(MAGIC),
    read: |bytes, _| read(bytes),
    write: |array, _| Ok(write(array)),
};

const MAGIC: &[u8] = b"\x93NUMPY";

/// Longest prefix of a file that can hold the header.
pub(crate) const MAX_PREFIX: usize = 12 + MAX_HEADER_BYTES;

/// What a header says.
pub(crate) struct Header {
    element: Element,
    fortran: bool,
    shape: Vec<usize>,
    /// Where the data starts.
    pub start: usize,
    /// Bytes of the data.
    pub bytes: usize,
}

/// Type of the entries.
#[derive(Clone, Copy)]
struct Element {
    kind: ElementKind,
    size: usize,
    big_endian: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum ElementKind {
    Float,
    Signed,
    Unsigned,
    Bool,
}

/// Reads a whole file.
pub fn read(bytes: &[u8]) -> Result<Array, Error> {
    let header = header(bytes)?;
    let data = &bytes[header.start..];
    if data.len() < header.bytes {
        return Err(Error::new(
            Kind::Truncated,
            format!(
                "shape {} needs {} bytes of data, but {} are there",
                describe(&header.shape),
                header.bytes,
                data.len()
            ),
        )
        .at(Place::Byte(bytes.len() as u64)));
    }
    if data.len() > header.bytes {
        return Err(Error::new(
            Kind::Malformed,
            format!("{} bytes follow the data of shape {}", data.len() - header.bytes, describe(&header.shape)),
        )
        .at(Place::Byte((header.start + header.bytes) as u64)));
    }
    decode(&header, data)
}

/// Reads the header; `bytes` may be a prefix of the file of at least [`MAX_PREFIX`] bytes.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, Error> {
    if bytes.is_empty() {
        return Err(Error::new(Kind::Empty, "the file is empty"));
    }
    let cut = |at: usize| Error::new(Kind::Truncated, "the file ends within its header").at(Place::Byte(at as u64));
    if !bytes.starts_with(MAGIC) {
        return Err(if MAGIC.starts_with(bytes) {
            cut(bytes.len())
        } else {
            Error::new(Kind::WrongFormat, "the bytes do not begin as an npy file does").at(Place::Byte(0))
        });
    }
    let &[major, minor] = bytes.get(6..8).ok_or_else(|| cut(bytes.len()))? else { return Err(cut(bytes.len())) };
    let (length, text_at) = match (major, minor) {
        (1, 0) => (word(bytes, 8, 2).ok_or_else(|| cut(bytes.len()))?, 10),
        (2 | 3, 0) => (word(bytes, 8, 4).ok_or_else(|| cut(bytes.len()))?, 12),
        _ => {
            let message = format!("npy version {major}.{minor} is not known; 1.0, 2.0 and 3.0 are");
            return Err(Error::new(Kind::Unsupported, message).at(Place::Byte(6)));
        }
    };
    if length > MAX_HEADER_BYTES {
        return Err(Error::new(
            Kind::TooLarge,
            format!("the header says that it has {length} bytes, at most {MAX_HEADER_BYTES} are read"),
        )
        .at(Place::Byte(8)));
    }
    let start = text_at + length;
    let text = bytes.get(text_at..start).ok_or_else(|| cut(bytes.len()))?;
    let fields = HeaderText { text, at: 0, base: text_at }.parse()?;
    let element = element(&fields.descr).map_err(|e| e.at(Place::Byte(text_at as u64)))?;
    let count = elements(&fields.shape).map_err(|e| e.at(Place::Byte(text_at as u64)))?;
    // Within the limits on elements and element size, no overflow is possible; checked all the same.
    let bytes = count
        .checked_mul(element.size)
        .ok_or_else(|| Error::new(Kind::TooLarge, format!("shape {} has too many bytes", describe(&fields.shape))))?;
    Ok(Header { element, fortran: fields.fortran, shape: fields.shape, start, bytes })
}

/// Turns the data's bytes (exactly as many as the header says) into numbers.
pub(crate) fn decode(header: &Header, data: &[u8]) -> Result<Array, Error> {
    let size = header.element.size;
    let count = header.bytes / size;
    let mut out: Vec<f64> = reserve(count)?;
    if header.fortran && header.shape.len() > 1 {
        // Strides of the file, in elements, per dimension.
        let mut strides = Vec::with_capacity(header.shape.len());
        let mut stride = 1usize;
        for &n in &header.shape {
            strides.push(stride);
            stride = stride.saturating_mul(n);
        }
        let mut index = vec![0usize; header.shape.len()];
        for _ in 0..count {
            let at: usize = index.iter().zip(&strides).map(|(i, s)| i * s).sum();
            out.push(number(header.element, &data[at * size..(at + 1) * size], at)?);
            for d in (0..index.len()).rev() {
                index[d] += 1;
                if index[d] < header.shape[d] {
                    break;
                }
                index[d] = 0;
            }
        }
    } else {
        for (i, bytes) in data.chunks_exact(size).enumerate() {
            out.push(number(header.element, bytes, i)?);
        }
    }
    Ok(Array { shape: header.shape.clone(), data: out })
}

/// Writes version 1, `<f8`, C order.
pub fn write(array: &Array) -> Vec<u8> {
    let mut out = write_header(&array.shape);
    out.reserve_exact(8 * array.data.len());
    for value in &array.data {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out
}

/// The bytes before the data of an array of this shape; the numbers follow as little-endian f64 in C order.
pub fn write_header(shape: &[usize]) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let shape = match sizes.as_slice() {
        [one] => format!("({one},)"),
        many => format!("({})", many.join(", ")),
    };
    let mut text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
    // The data starts at a multiple of 64 bytes.
    let unpadded = 10 + text.len() + 1;
    text.extend(std::iter::repeat_n(' ', unpadded.next_multiple_of(64) - unpadded));
    text.push('\n');
    let mut out = Vec::with_capacity(10 + text.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[1, 0]);
    out.extend_from_slice(&(text.len() as u16).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    out
}

/// A little-endian number of `size` bytes.
fn word(bytes: &[u8], at: usize, size: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + size)?;
    Some(bytes.iter().rev().fold(0, |value, &b| (value << 8) | usize::from(b)))
}

/// The element type of a `descr` such as `<f8`.
fn element(descr: &str) -> Result<Element, Error> {
    let refuse = |why: &str| {
        Err(Error::new(
            Kind::Unsupported,
            format!("element type '{descr}' is refused: {why}; floats, integers and booleans are read"),
        ))
    };
    let (order, rest) = match descr.as_bytes() {
        [order @ (b'<' | b'>' | b'|' | b'='), rest @ ..] => (*order, rest),
        rest => (b'|', rest),
    };
    let (letter, digits) = match rest {
        [letter, digits @ ..] => (*letter, digits),
        [] => return refuse("it is empty"),
    };
    let size = match digits {
        [] if letter == b'O' => 8,
        [d @ b'0'..=b'9'] => usize::from(d - b'0'),
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => usize::from(a - b'0') * 10 + usize::from(b - b'0'),
        _ if matches!(letter, b'U' | b'S' | b'V' | b'a') => 0,
        _ => return refuse("it is not an element type"),
    };
    let kind = match (letter, size) {
        (b'f', 2 | 4 | 8) => ElementKind::Float,
        (b'i', 1 | 2 | 4 | 8) => ElementKind::Signed,
        (b'u', 1 | 2 | 4 | 8) => ElementKind::Unsigned,
        (b'b', 1) => ElementKind::Bool,
        (b'c', _) => return refuse("it is complex"),
        (b'O', _) => return refuse("objects are pickles, and nothing here unpickles"),
        (b'U' | b'S' | b'a', _) => return refuse("it is text"),
        (b'M' | b'm', _) => return refuse("it is a date"),
        (b'V', _) => return refuse("it is a structure"),
        (b'f', _) => return refuse("floats of 16, 32 and 64 bits are read"),
        _ => return refuse("it is not an element type"),
    };
    if order == b'|' && size > 1 {
        return refuse("it does not say its byte order");
    }
    let big_endian = order == b'>' || (order == b'=' && cfg!(target_endian = "big"));
    Ok(Element { kind, size, big_endian })
}

/// One entry; `index` is its place in the file.
fn number(element: Element, bytes: &[u8], index: usize) -> Result<f64, Error> {
    let mut raw = 0u64;
    for i in 0..bytes.len() {
        let b = if element.big_endian { bytes[i] } else { bytes[bytes.len() - 1 - i] };
        raw = (raw << 8) | u64::from(b);
    }
    let exact = |value: f64, inside: bool, shown: String| {
        if inside {
            Ok(value)
        } else {
            Err(Error::new(
                Kind::Unsupported,
                format!("entry {index} is {shown}; integers beyond 2^53 would be rounded, so they are refused"),
            ))
        }
    };
    const LARGEST: u64 = 1 << 53;
    match (element.kind, element.size) {
        (ElementKind::Float, 8) => Ok(f64::from_bits(raw)),
        (ElementKind::Float, 4) => Ok(f64::from(f32::from_bits(raw as u32))),
        (ElementKind::Float, _) => Ok(half(raw as u16)),
        (ElementKind::Signed, size) => {
            let shift = 64 - 8 * size as u32;
            let value = ((raw << shift) as i64) >> shift;
            exact(value as f64, value.unsigned_abs() <= LARGEST, value.to_string())
        }
        (ElementKind::Unsigned, _) => exact(raw as f64, raw <= LARGEST, raw.to_string()),
        (ElementKind::Bool, _) => match raw {
            0 => Ok(0.0),
            1 => Ok(1.0),
            _ => Err(Error::new(Kind::Malformed, format!("entry {index} is byte {raw}, which is no boolean"))),
        },
    }
}

/// A 16-bit float.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let fraction = f64::from(bits & 0x3ff);
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

/// The three fields of a header.
struct Fields {
    descr: String,
    fortran: bool,
    shape: Vec<usize>,
}

/// Parser of the header's text, a Python dictionary with the keys `descr`, `fortran_order` and `shape` in any order.
struct HeaderText<'a> {
    text: &'a [u8],
    at: usize,
    /// Offset of the text in the file.
    base: usize,
}

impl HeaderText<'_> {
    fn parse(mut self) -> Result<Fields, Error> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.accept(b'}') {
            let key_at = self.at;
            let key = self.string()?;
            self.expect(b':')?;
            let twice = match key.as_str() {
                "descr" => descr.replace(self.descr()?).is_some(),
                "fortran_order" => fortran.replace(self.boolean()?).is_some(),
                "shape" => shape.replace(self.tuple()?).is_some(),
                _ => {
                    self.at = key_at;
                    return Err(self.error(format!("the header has an unknown key '{key}'")));
                }
            };
            if twice {
                self.at = key_at;
                return Err(self.error(format!("the header has the key '{key}' twice")));
            }
            if !self.accept(b',') {
                self.expect(b'}')?;
                break;
            }
        }
        self.blanks();
        if self.at != self.text.len() {
            return Err(self.error("the header goes on after its dictionary".into()));
        }
        let missing = |key: &str| Error::new(Kind::Malformed, format!("the header lacks the key '{key}'"));
        Ok(Fields {
            descr: descr.ok_or_else(|| missing("descr"))?,
            fortran: fortran.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }

    fn error(&self, message: String) -> Error {
        Error::new(Kind::Malformed, message).at(Place::Byte((self.base + self.at) as u64))
    }

    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(|b| matches!(b, b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    fn accept(&mut self, byte: u8) -> bool {
        self.blanks();
        let there = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.accept(byte) {
            Ok(())
        } else {
            Err(self.error(format!("the header is no dictionary of NumPy's: '{}' was expected", char::from(byte))))
        }
    }

    fn string(&mut self) -> Result<String, Error> {
        self.blanks();
        let quote = match self.text.get(self.at) {
            Some(&q @ (b'\'' | b'"')) => q,
            _ => return Err(self.error("a quoted text was expected in the header".into())),
        };
        let rest = &self.text[self.at + 1..];
        let Some(length) = rest.iter().position(|&b| b == quote) else {
            return Err(self.error("a quote in the header is never closed".into()));
        };
        let text = String::from_utf8_lossy(&rest[..length]).into_owned();
        if text.contains('\\') {
            return Err(self.error("the header has an escape, which no element type needs".into()));
        }
        self.at += length + 2;
        Ok(text)
    }

    fn descr(&mut self) -> Result<String, Error> {
        self.blanks();
        if self.text.get(self.at) == Some(&b'[') {
            let place = Place::Byte((self.base + self.at) as u64);
            return Err(Error::new(Kind::Unsupported, "a structured element type is refused").at(place));
        }
        self.string()
    }

    fn boolean(&mut self) -> Result<bool, Error> {
        self.blanks();
        for (word, value) in [(&b"True"[..], true), (b"False", false)] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.error("True or False was expected in the header".into()))
    }

    fn tuple(&mut self) -> Result<Vec<usize>, Error> {
        self.expect(b'(')?;
        let mut sizes = Vec::new();
        while !self.accept(b')') {
            sizes.push(self.size()?);
            if !self.accept(b',') {
                self.expect(b')')?;
                break;
            }
        }
        Ok(sizes)
    }

    fn size(&mut self) -> Result<usize, Error> {
        self.blanks();
        let digits = self.text[self.at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let text = std::str::from_utf8(&self.text[self.at..self.at + digits]).unwrap_or_default();
        let Ok(size) = text.parse::<usize>() else {
            return Err(if digits == 0 {
                self.error("a size was expected in the header's shape".into())
            } else {
                Error::new(Kind::TooLarge, format!("a size of {digits} digits is too large"))
                    .at(Place::Byte((self.base + self.at) as u64))
            });
        };
        self.at += digits;
        // Python 2 wrote long integers with an L.
        self.at += usize::from(self.text.get(self.at) == Some(&b'L'));
        Ok(size)
    }
}
