//! The registry of data formats: one file each.

use crate::array::Array;
use crate::error::{Error, Kind};

pub mod csv;
pub mod npy;
pub mod npz;

/// A data format.
#[derive(Debug)]
pub struct Format {
    /// Its name in messages.
    pub name: &'static str,
    /// File name extensions, lower case, without the dot.
    pub extensions: &'static [&'static str],
    /// True where a file holds several arrays, each with a key.
    pub container: bool,
    /// What the format is and which conversions are made: the file's documentation.
    pub doc: &'static str,
    /// True where the first bytes are those of this format; text formats say false.
    pub sniff: fn(&[u8]) -> bool,
    /// Reads an array; the key chooses a container's member.
    pub read: fn(&[u8], Option<&str>) -> Result<Array, Error>,
    /// Writes an array; the key names a container's member.
    pub write: fn(&Array, Option<&str>) -> Result<Vec<u8>, Error>,
}

/// All formats.
pub static FORMATS: &[&Format] = &[&npy::FORMAT, &npz::FORMAT, &csv::FORMAT];

/// The format of a name.
pub fn by_name(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name).copied()
}

/// The format of an extension (any case, without the dot).
pub fn by_extension(extension: &str) -> Option<&'static Format> {
    let extension = extension.to_ascii_lowercase();
    FORMATS.iter().find(|f| f.extensions.contains(&extension.as_str())).copied()
}

/// The format that the first bytes show.
pub fn detect(bytes: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().find(|f| (f.sniff)(bytes)).copied()
}

/// Reads an array from the bytes of a file whose name ends in `extension`.
///
/// Where the name says one format and the bytes another, that is an error; without a known extension the bytes decide,
/// and bytes that show nothing are taken for CSV.
pub fn read(bytes: &[u8], extension: Option<&str>, key: Option<&str>) -> Result<Array, Error> {
    if bytes.is_empty() {
        return Err(Error::new(Kind::Empty, "the file is empty"));
    }
    if is_pickle(bytes) {
        return Err(Error::new(Kind::Unsupported, "a Python pickle is refused: reading one would run what is in it"));
    }
    let named = extension.and_then(by_extension);
    let shown = detect(bytes);
    let format = match (named, shown) {
        (Some(named), Some(shown)) if named.name != shown.name => {
            return Err(Error::new(
                Kind::WrongFormat,
                format!("the name says {}, but the bytes are those of {}", named.name, shown.name),
            ));
        }
        (Some(named), None) if named.name != csv::FORMAT.name => {
            let found = if looks_like_text(bytes) { "text" } else { "something else" };
            return Err(Error::new(
                Kind::WrongFormat,
                format!("the name says {}, but the bytes are {found}", named.name),
            ));
        }
        (Some(format), _) | (None, Some(format)) => format,
        (None, None) => &csv::FORMAT,
    };
    if key.is_some() && !format.container {
        return Err(Error::new(
            Kind::Member,
            format!("a file of format {} has no members to choose from", format.name),
        ));
    }
    (format.read)(bytes, key)
}

/// A pickle of protocol 2 or later starts with its protocol and ends with a stop mark.
fn is_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=5, .., b'.'])
}

fn looks_like_text(bytes: &[u8]) -> bool {
    bytes.iter().take(512).all(|&b| b >= 0x20 || matches!(b, b'\n' | b'\r' | b'\t'))
}
