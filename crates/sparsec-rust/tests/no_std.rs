//! A crate without a standard library and without a heap that uses a generated solver.

mod common;

use common::folder;
use sparsec_rust::{Options, tokens};
use std::process::Command;

#[test]
fn fault_124_a_crate_without_std_and_alloc() {
    let folder = folder("no_std");
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/../sparsec-runtime");
    let path = "::sparsec_runtime".parse().expect("a path");
    let code = tokens(&common::lasso("lasso", 6, 20), &Options { runtime_path: path, ..Options::default() });
    let manifest = format!(
        "[package]\nname = \"bare\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nsparsec-runtime = {{ path = {runtime:?}, default-features = false }}\n"
    );
    let code = format!(
        "//! Bare.\n#![no_std]\n#![deny(warnings, missing_docs)]\n#![forbid(unsafe_code)]\n\n{code}\n\n\
         /// Solves in memory of the caller's.\n\
         pub fn solve(d: &[f64], x: &[f64], y: &mut [f64], storage: &mut [f64], workspace: &mut [f64]) -> bool {{\n\
             match Lasso::new_in(storage, d).and_then(|lasso| lasso.with_lambda(0.2).solve_into(x, y, workspace)) {{\n\
                 Ok(report) => report.status == sparsec_runtime::Status::Optimal,\n\
                 Err(_) => false,\n\
             }}\n\
         }}\n"
    );
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("written");
    std::fs::write(folder.join("src/lib.rs"), code).expect("written");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .current_dir(&folder)
        .args(["build", "--quiet", "--offline", "--target-dir", "target"])
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
