//! The expansion of a small problem, as a file to be read. `GOLDEN=write` writes it anew.
#![cfg(feature = "source")]

mod common;

use sparsec_rust::{Gate, Options, Precision, formatted, tokens};

#[test]
fn the_expansion_is_the_one_that_was_reviewed() {
    for precision in [Precision::F64, Precision::F32] {
        let options = Options { precision, gate: Gate::Cfg, comments: true, ..Options::default() };
        let text = formatted(tokens(&common::lasso("lasso", 6, 20), &options));
        let path = format!("{}/tests/golden/lasso_{}.rs", env!("CARGO_MANIFEST_DIR"), precision.name());
        if std::env::var_os("GOLDEN").is_some_and(|value| value == "write") {
            std::fs::write(&path, &text).expect("written");
        }
        let golden = std::fs::read_to_string(&path).expect("read");
        assert!(text == golden, "{path} differs; after a review, `GOLDEN=write` writes it");
    }
}
