//! Tests of resolution: tables of problems, each shown with what becomes of it.

use super::{Options, resolve};
use crate::model::Model;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::{parse, render};
use std::fmt::Write;

fn try_resolve(source: &str, options: &Options) -> Result<Model, Vec<Diagnostic>> {
    let problem = parse(source)?;
    resolve(&problem, "untitled", options)
}

/// Source and outcome of every case, one after the other.
fn table(cases: &[&str]) -> String {
    table_with(cases, &Options::default())
}

fn table_with(cases: &[&str], options: &Options) -> String {
    let mut out = String::new();
    for source in cases {
        let source = dedent(source);
        let _ = writeln!(out, "{source}\n---");
        match try_resolve(&source, options) {
            Ok(model) => {
                let _ = write!(out, "{model}");
                for warning in &model.warnings {
                    let _ = writeln!(out, "{}", render::short(warning, &source, "p"));
                }
            }
            Err(errors) => {
                for error in &errors {
                    let _ = writeln!(out, "{}", render::text(error, &source, "p", false));
                }
            }
        }
        out.push_str("\n========\n");
    }
    out
}

/// Takes the indentation of the table away.
fn dedent(source: &str) -> String {
    let lines: Vec<&str> = source.lines().collect();
    let common =
        lines.iter().filter(|l| !l.trim().is_empty()).map(|l| l.len() - l.trim_start().len()).min().unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|l| l.get(common..).unwrap_or("")).collect();
    lines.join("\n").trim().to_owned()
}

/// Every problem file of the shared cases, where they are there: what resolves today, and what waits for functions to come.
#[test]
fn shared_cases_resolve() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/problems");
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let Ok(source) = std::fs::read_to_string(entry.path().join("problem.sparse")) else {
            continue;
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        println!("{name}:");
        match try_resolve(&source, &Options::default()) {
            Ok(model) => println!("{model}"),
            Err(errors) => {
                for error in &errors {
                    println!("{}", render::text(error, &source, "p", false));
                }
            }
        }
    }
}
