//! Stand-alone files: compiled by plain rustc, with and without a standard library, and run.
#![cfg(feature = "source")]

mod common;

use common::{folder, rustc};
use sparsec_rust::{Precision, source};

#[test]
fn compiles_alone() {
    for precision in [Precision::F64, Precision::F32] {
        let folder = folder(&format!("alone_{}", precision.name()));
        let text = source(&common::lasso("lasso", 6, 20), precision);
        std::fs::write(folder.join("lasso.rs"), &text).expect("written");
        rustc(&folder, "lasso.rs", &["--crate-type", "lib"]);
        rustc(&folder, "lasso.rs", &["--crate-type", "lib", "--cfg", "no_std"]);
        rustc(&folder, "lasso.rs", &["--crate-type", "lib", "--cfg", "no_std", "--cfg", "no_alloc"]);
    }
}
