//! The error of the readers: plain, with the place in the file.

/// What is wrong with a file or value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Which kind of fault.
    pub kind: Kind,
    /// One clause in plain English.
    pub message: String,
    /// Where in the bytes.
    pub place: Option<Place>,
}

/// Kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// There are no bytes, or no rows.
    Empty,
    /// The bytes are of another format than the name says.
    WrongFormat,
    /// The bytes end before the data does.
    Truncated,
    /// A limit is exceeded.
    TooLarge,
    /// Well formed, but of a kind that is not read (complex numbers, objects, encryption).
    Unsupported,
    /// Not well formed.
    Malformed,
    /// A container lacks the member, or the member has to be named.
    Member,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Bytes from the start.
    Byte(u64),
    /// Line, from 1.
    Line(u64),
    /// Line and cell, both from 1.
    Cell(u64, u64),
}

impl Error {
    /// An error without a place.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), place: None }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            None => f.write_str(&self.message),
            Some(Place::Byte(byte)) => write!(f, "{} (at byte {byte})", self.message),
            Some(Place::Line(line)) => write!(f, "line {line}: {}", self.message),
            Some(Place::Cell(line, cell)) => write!(f, "line {line}, cell {cell}: {}", self.message),
        }
    }
}

impl std::error::Error for Error {}
