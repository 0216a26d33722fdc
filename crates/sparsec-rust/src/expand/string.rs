//! Values of string literals.

use proc_macro2::Literal;

/// What is wrong with a literal that [`value`] does not read.
pub(super) const NOT_TEXT: &str = "a string literal is expected here: \"…\" or r#\"…\"#";

/// The text of a string literal, plain or raw; `None` for other literals.
pub(super) fn value(literal: &Literal) -> Option<String> {
    let text = literal.to_string();
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let inner = raw.get(hashes..raw.len().checked_sub(hashes)?)?;
        return Some(inner.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    }
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = String::with_capacity(inner.len());
    let mut letters = inner.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            value.push(letter);
            continue;
        }
        match letters.next()? {
            'n' => value.push('\n'),
            'r' => value.push('\r'),
            't' => value.push('\t'),
            '0' => value.push('\0'),
            'x' => {
                let digits: String = letters.by_ref().take(2).collect();
                value.push(char::from(u8::from_str_radix(&digits, 16).ok()?));
            }
            'u' => {
                let digits: String =
                    letters.by_ref().take_while(|c| *c != '}').filter(|c| !"{_".contains(*c)).collect();
                value.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
            }
            '\n' => while letters.next_if(|c| c.is_ascii_whitespace()).is_some() {},
            other => value.push(other),
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::value;
    use proc_macro2::Literal;

    // Fault 128.
    #[test]
    fn literals_are_read_as_rust_reads_them() {
        for (source, expected) in [
            (r#""plain""#, Some("plain")),
            (r##""a\n\"b\"\\ \u{3bb}\x41""##, Some("a\n\"b\"\\ λA")),
            (r###"r#"‖y‖² "quoted" \n"#"###, Some(r#"‖y‖² "quoted" \n"#)),
            (r#"r"raw""#, Some("raw")),
            ("\"a\\\n   b\"", Some("ab")),
            ("12", None),
            ("b\"bytes\"", None),
            ("'c'", None),
            ("c\"c\"", None),
        ] {
            let literal: Literal = source.parse().expect("a literal");
            assert_eq!(value(&literal).as_deref(), expected, "{source}");
        }
    }
}
