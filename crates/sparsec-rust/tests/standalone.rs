//! Stand-alone files: compiled by plain rustc, with and without a standard library, and run.
#![cfg(feature = "source")]

mod common;

use sparsec_rust::{Precision, source};
use std::path::PathBuf;
use std::process::Command;

/// A folder of the test's own.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Compiles and asks for silence.
fn rustc(folder: &std::path::Path, file: &str, arguments: &[&str]) {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let output = Command::new(rustc)
        .current_dir(folder)
        .args(["--edition", "2024", "-D", "warnings", "-W", "missing-docs"])
        .args(arguments)
        .arg(file)
        .output()
        .expect("rustc");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.is_empty(), "{text}");
}

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
