//! The reference pages come from the registries, the crates' arrows go down only, and links between documents resolve.

use sparsec_compiler::algorithms::ALGORITHMS;
use sparsec_compiler::calculus::functions::FUNCTIONS;
use sparsec_compiler::calculus::rules::RULES;
use sparsec_compiler::calculus::sets::SETS;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A page of entries: a heading each, then the text of its file.
fn page(title: &str, about: &str, entries: impl Iterator<Item = (String, String)>) -> String {
    let mut out = format!("# {title}\n\n{about}\n");
    for (name, text) in entries {
        let _ = write!(out, "\n## `{name}`\n\n{}\n", text.trim());
    }
    out
}

fn pages() -> BTreeMap<&'static str, String> {
    let functions = FUNCTIONS.iter().map(|f| (f.name().to_owned(), f.doc()));
    let sets = SETS.iter().map(|s| (s.name().to_owned(), s.doc()));
    let algorithms = ALGORITHMS.iter().map(|a| (a.name().to_owned(), a.doc()));
    let rules = RULES.iter().map(|r| (r.name().to_owned(), format!("Source: {}", r.source())));
    let codes = sparsec_syntax::diagnostics::CODES;
    let codes = codes
        .iter()
        .map(|c| (c.code.to_owned(), format!("**{}** (exit {})\n\n{}", c.title, c.class.exit_code(), c.explanation)));
    BTreeMap::from([
        ("functions.md", page("Functions", "Also by `sparsec explain NAME`.", functions)),
        ("sets.md", page("Sets", "Also by `sparsec explain NAME`.", sets)),
        (
            "algorithms.md",
            page("Algorithms", "Chosen by `solve with NAME(options)`; `auto` is the default.", algorithms),
        ),
        (
            "rules.md",
            page("Rules for sums", "What makes the prox of several penalties and sets on one unknown known.", rules),
        ),
        ("errors.md", page("Errors and warnings", "Also by `sparsec explain CODE`.", codes)),
    ])
}

/// `UPDATE_REFERENCE=1 cargo test -p sparsec-cli --test documents` writes the pages.
#[test]
fn the_reference_is_printed_from_the_registries() {
    let folder = root().join("docs/reference");
    for (name, text) in pages() {
        let path = folder.join(name);
        if std::env::var_os("UPDATE_REFERENCE").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "docs/reference/{name} is stale: run UPDATE_REFERENCE=1 cargo test -p sparsec-cli --test documents"
        );
    }
}

/// What each crate may depend on, of ours.
const ARROWS: &[(&str, &[&str])] = &[
    ("sparsec-runtime", &[]),
    ("sparsec-data", &[]),
    ("sparsec-syntax", &[]),
    ("sparsec-program", &["sparsec-runtime"]),
    ("sparsec-compiler", &["sparsec-syntax", "sparsec-program", "sparsec-runtime"]),
    ("sparsec-cranelift", &["sparsec-program", "sparsec-runtime"]),
    ("sparsec-rust", &["sparsec-compiler", "sparsec-syntax", "sparsec-program", "sparsec-runtime"]),
    ("sparsec-macros", &["sparsec-rust"]),
    (
        "sparsec",
        &[
            "sparsec-macros",
            "sparsec-runtime",
            "sparsec-compiler",
            "sparsec-cranelift",
            "sparsec-data",
            "sparsec-program",
            "sparsec-syntax",
        ],
    ),
];

#[test]
fn the_arrows_between_crates_go_down_only() {
    for (name, allowed) in ARROWS {
        let manifest = std::fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        let mut section = "";
        for line in manifest.lines().map(str::trim) {
            if line.starts_with('[') {
                section = line;
            } else if section == "[dependencies]" && line.starts_with("sparsec") {
                let used = line.split(['.', ' ', '=']).next().unwrap_or(line);
                assert!(allowed.contains(&used), "{name} depends on {used}, which is not below it");
            }
        }
    }
}

#[test]
fn links_between_documents_resolve() {
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !link.contains("://") {
                assert!(root().join(link).exists(), "{name} links to {link}, which is not there");
            }
        }
    }
}

#[test]
fn unsafe_code_stands_in_the_jit_alone() {
    fn files(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                files(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root().join("crates")).unwrap().flatten() {
        if entry.file_name() != "sparsec-cranelift" {
            files(&entry.path().join("src"), &mut all);
        }
    }
    for path in all {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.lines().filter(|l| !l.trim_start().starts_with("//"));
        for line in code {
            let found = line.contains("unsafe {") || line.contains("unsafe fn") || line.contains("unsafe impl");
            assert!(!found, "{}: {line}", path.display());
        }
    }
}
