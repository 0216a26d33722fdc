//! The two macros by which codes are written: `code!` in each file, `registry!` in the list of files.

/// Defines one code from its documentation, name, class and title.
macro_rules! code {
    ($(#[doc = $line:literal])+ $name:ident, $class:ident, $title:literal) => {
        $(#[doc = $line])+
        pub const $name: &Code = &Code {
            code: stringify!($name),
            class: Class::$class,
            title: $title,
            explanation: {
                const RAW: &str = concat!($($line, "\n"),+);
                const LENGTH: usize = crate::diagnostics::macros::stripped_length(RAW);
                const BYTES: [u8; LENGTH] = crate::diagnostics::macros::strip::<LENGTH>(RAW);
                match core::str::from_utf8(&BYTES) {
                    Ok(text) => text,
                    Err(_) => RAW,
                }
            },
        };
    };
}
pub(crate) use code;

/// Declares the files, exports their codes, and lists them in [`CODES`](super::CODES).
macro_rules! registry {
    ($($file:ident: $name:ident,)+) => {
        $(mod $file; pub use $file::$name;)+

        /// Every registered code, errors before warnings, by number.
        pub static CODES: &[&Code] = &[$($name),+];
    };
}
pub(crate) use registry;

/// Length of `raw` without the space that follows `///` on each line.
pub(crate) const fn stripped_length(raw: &str) -> usize {
    let bytes = raw.as_bytes();
    let (mut at, mut length, mut line_start) = (0, 0, true);
    while at < bytes.len() {
        if !(line_start && bytes[at] == b' ') {
            length += 1;
        }
        line_start = bytes[at] == b'\n';
        at += 1;
    }
    length
}

/// `raw` without the space that follows `///` on each line.
pub(crate) const fn strip<const LENGTH: usize>(raw: &str) -> [u8; LENGTH] {
    let bytes = raw.as_bytes();
    let mut stripped = [0; LENGTH];
    let (mut at, mut length, mut line_start) = (0, 0, true);
    while at < bytes.len() {
        if !(line_start && bytes[at] == b' ') {
            stripped[length] = bytes[at];
            length += 1;
        }
        line_start = bytes[at] == b'\n';
        at += 1;
    }
    stripped
}
