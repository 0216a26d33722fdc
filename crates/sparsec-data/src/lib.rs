//! Readers and writers of numerical data: `.npy`, `.npz`, CSV, and values written inline.
//!
//! Everything here works on bytes that the caller has read, or returns bytes for the caller to write; no file is opened.
//! Sizes that a file declares are never trusted: products are checked, compared with the bytes that are there and with
//! the constants of [`limits`], and only then is memory asked for.
//!
//! Each format is one file in `formats/` and one line in [`FORMATS`].

pub mod array;
pub mod error;
pub mod formats;
pub mod limits;
pub mod literal;

pub use array::Array;
pub use error::{Error, Kind, Place};
pub use formats::{FORMATS, Format, by_extension, by_name, detect, read};
