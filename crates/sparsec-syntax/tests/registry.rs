//! The grammar's link, and the examples in the explanations of the codes.

use sparsec_syntax::diagnostic::{Class, Code};
use sparsec_syntax::diagnostics::CODES;
use sparsec_syntax::parse;

#[test]
fn the_grammar_is_one_file() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/sparse.pest");
    let top = concat!(env!("CARGO_MANIFEST_DIR"), "/../../grammar/sparse.pest");
    let own = std::fs::read(here).expect("the crate's grammar");
    // A link that was checked out as a text file holds a path instead.
    assert!(own.starts_with(b"//! The grammar"), "{here} is no grammar");
    if let Ok(shared) = std::fs::read(top) {
        assert_eq!(own, shared);
    }
}

/// The blocks of an explanation that are marked with `mark`.
fn blocks<'c>(code: &'c Code, mark: &str) -> Vec<&'c str> {
    let fence = format!("```{mark}\n");
    code.explanation.split(fence.as_str()).skip(1).map(|rest| rest.split("\n```").next().unwrap_or_default()).collect()
}

#[test]
fn every_example_raises_its_code_and_every_repair_parses() {
    for code in CODES {
        let by_parser = code.class == Class::Syntax || ["E0204", "E0205"].contains(&code.code);
        for example in blocks(code, "sparse") {
            match parse(example) {
                Ok(_) => assert!(!by_parser, "{} is not raised by\n{example}", code.code),
                Err(found) => {
                    assert!(by_parser, "{}: its example does not parse: {found:?}", code.code);
                    let codes: Vec<_> = found.iter().map(|error| error.code.code).collect();
                    assert!(codes.iter().all(|found| *found == code.code), "{}: {codes:?}", code.code);
                }
            }
        }
        for repair in blocks(code, "sparse,fixed") {
            assert!(parse(repair).is_ok(), "{}: {:?}", code.code, parse(repair).err());
        }
    }
}
