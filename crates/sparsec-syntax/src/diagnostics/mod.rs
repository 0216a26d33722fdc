//! The registry of error codes: one file a code, one line here.
//!
//! A code's documentation says what it means, shows a smallest example, and how to repair it; it is what
//! `sparsec explain E0301` prints and what the manual's table is made of. In it, a block marked `sparse` raises
//! exactly that code and a block marked `sparse,fixed` is the repair.

use crate::diagnostic::Code;

mod macros;

/// What a file of this folder needs.
mod prelude {
    pub(super) use super::macros::code;
    pub(super) use crate::diagnostic::{Class, Code};
}

macros::registry! {
    e0101: E0101,
    e0102: E0102,
    e0103: E0103,
    e0104: E0104,
    e0105: E0105,
    e0106: E0106,
    e0107: E0107,
    e0108: E0108,
    e0109: E0109,
    e0110: E0110,
    e0111: E0111,
    e0112: E0112,
    e0113: E0113,
    e0114: E0114,
    e0115: E0115,
    e0201: E0201,
    e0202: E0202,
    e0203: E0203,
    e0204: E0204,
    e0205: E0205,
    e0206: E0206,
    e0207: E0207,
    e0208: E0208,
    e0209: E0209,
    e0210: E0210,
    e0211: E0211,
    e0301: E0301,
    e0302: E0302,
    e0303: E0303,
    e0304: E0304,
    e0305: E0305,
    e0306: E0306,
    e0307: E0307,
    e0308: E0308,
    e0309: E0309,
    e0310: E0310,
    e0401: E0401,
    e0402: E0402,
    e0403: E0403,
    e0404: E0404,
    e0405: E0405,
    e0406: E0406,
    e0407: E0407,
    e0501: E0501,
    e0502: E0502,
    e0503: E0503,
    e0504: E0504,
    e0505: E0505,
    e0506: E0506,
    e0507: E0507,
    e0601: E0601,
    e0701: E0701,
    e0801: E0801,
    e0901: E0901,
    e0902: E0902,
    e1001: E1001,
    e9901: E9901,
    w0201: W0201,
    w0202: W0202,
    w0301: W0301,
    w0302: W0302,
    w0303: W0303,
    w0305: W0305,
    w0401: W0401,
    w0402: W0402,
    w0601: W0601,
}

/// Reads a code as people write it: `E0312`, `e0312`, or `312` for an error.
fn canonical(text: &str) -> String {
    let text = text.trim();
    let (letter, digits) = match text.chars().next() {
        Some(letter @ ('E' | 'e' | 'W' | 'w')) => (letter.to_ascii_uppercase(), &text[1..]),
        _ => ('E', text),
    };
    format!("{letter}{digits:0>4}")
}

/// The code that `text` names: `E0312`, `e0312` or `312`.
pub fn find(text: &str) -> Option<&'static Code> {
    let wanted = canonical(text);
    CODES.iter().copied().find(|code| code.code == wanted)
}

/// The three codes that are nearest to `text`, which names none: those of the same class first.
pub fn nearest(text: &str) -> Vec<&'static Code> {
    let wanted = canonical(text);
    let number = |code: &str| code.get(1..).and_then(|digits| digits.parse::<i64>().ok());
    let target = number(&wanted).unwrap_or(0);
    let mut codes: Vec<_> = CODES.to_vec();
    codes.sort_by_key(|code| {
        let other_letter = !code.code.starts_with(wanted.get(..1).unwrap_or("E"));
        (other_letter, number(code.code).map_or(i64::MAX, |value| (value - target).abs()), code.code)
    });
    codes.truncate(3);
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_unique_and_explained() {
        for pair in CODES.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} before {}", pair[0].code, pair[1].code);
        }
        for code in CODES {
            assert!(code.explanation.len() > 60, "{} has no explanation", code.code);
            assert!(!code.explanation.starts_with(char::is_whitespace));
            assert!(!code.title.ends_with('.'));
        }
    }

    #[test]
    fn codes_belong_to_the_class_of_their_number() {
        use crate::diagnostic::Class;
        for code in CODES {
            let expected = match &code.code[..3] {
                "E01" => Class::Syntax,
                "E02" => Class::Name,
                "E03" => Class::Shape,
                "E04" => Class::Curvature,
                "E05" => Class::Data,
                "E06" => Class::Numeric,
                "E07" => Class::Backend,
                "E08" => Class::Macro,
                "E09" => Class::Usage,
                "E10" => Class::Output,
                "E99" => Class::Bug,
                _ => continue,
            };
            assert_eq!(code.class, expected, "{}", code.code);
        }
    }

    // Fault 145.
    #[test]
    fn codes_are_found_as_people_write_them() {
        assert_eq!(find("E0301"), Some(E0301));
        assert_eq!(find("e0301"), Some(E0301));
        assert_eq!(find("301"), Some(E0301));
        assert_eq!(find("w0201"), Some(W0201));
        assert_eq!(find("E9999"), None);
        assert_eq!(nearest("E9999")[0], E9901);
        assert_eq!(nearest("E0398")[0], E0401);
        assert_eq!(nearest("").len(), 3);
        assert_eq!(nearest("é").len(), 3);
    }

    #[test]
    fn every_file_of_the_folder_is_registered() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagnostics");
        for entry in std::fs::read_dir(folder).expect("the folder of codes") {
            let name = entry.expect("an entry").file_name().into_string().expect("a UTF-8 name");
            let stem = name.trim_end_matches(".rs");
            if !["mod", "macros"].contains(&stem) {
                assert_eq!(find(stem).map(|code| code.code.to_ascii_lowercase()).as_deref(), Some(stem));
            }
        }
    }
}
