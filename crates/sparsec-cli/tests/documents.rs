//! The reference pages come from the registries, the crates' arrows go down only, and links between documents resolve.

use sparsec_compiler::algorithms::ALGORITHMS;
use sparsec_compiler::calculus::functions::FUNCTIONS;
use sparsec_compiler::calculus::rules::RULES;
use sparsec_compiler::calculus::sets::SETS;
use sparsec_compiler::language::{self, Kind, WORDS};
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
    let functions = FUNCTIONS.iter().map(|f| (f.name.to_owned(), f.doc()));
    let sets = SETS.iter().map(|s| (s.name.to_owned(), s.doc()));
    let algorithms = ALGORITHMS.iter().map(|a| (a.name().to_owned(), a.doc()));
    let rules = RULES.iter().map(|r| (r.name().to_owned(), format!("{}- Source: {}", r.doc(), r.source())));
    let codes = sparsec_syntax::diagnostics::CODES;
    let codes = codes.iter().map(|c| {
        let end = c.exit_code().map_or_else(|| "a warning".to_owned(), |code| format!("exit {code}"));
        (c.code.to_owned(), format!("**{}** ({end})\n\n{}", c.title, c.explanation))
    });
    BTreeMap::from([
        (
            "functions.md",
            page(
                "Functions",
                "Also by `sparsec explain NAME`. How they stand in a problem is in [the language](../language.md).",
                functions,
            ),
        ),
        (
            "sets.md",
            page(
                "Sets",
                "Also by `sparsec explain NAME`. How they stand in a problem is in [the language](../language.md).",
                sets,
            ),
        ),
        (
            "algorithms.md",
            page(
                "Algorithms",
                "Chosen by `solve with NAME(options)`; `auto` is the default. What the options take is in [the language](../language.md#the-algorithm).",
                algorithms,
            ),
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
    let pages = pages().into_iter().map(|(name, text)| (format!("docs/reference/{name}"), text));
    for (name, text) in pages.chain([("docs/language.md".to_owned(), language::page())]) {
        let path = root().join(&name);
        if std::env::var_os("UPDATE_REFERENCE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{name} is stale: run UPDATE_REFERENCE=1 cargo test -p sparsec-cli --test documents");
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
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/language.md"] {
        let path = root().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !link.contains("://") {
                assert!(path.parent().unwrap().join(link).exists(), "{name} links to {link}, which is not there");
            }
        }
    }
}

#[test]
fn the_changelog_lists_every_command() {
    let text = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let listed = text.split("The command line:").nth(1).and_then(|rest| rest.split("\n- ").next()).unwrap();
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_sparsec")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    for command in commands.lines().filter(|l| l.starts_with("  ") && !l.starts_with("   ")) {
        let name = command.split_whitespace().next().unwrap();
        assert!(name == "help" || listed.contains(&format!("`{name}`")), "CHANGELOG.md does not list `{name}`");
    }
}

#[test]
fn what_ends_a_command_is_what_the_pages_say() {
    use sparsec_syntax::diagnostics::{E0301, E0902, W0303};
    assert_eq!(E0301.exit_code(), Some(3));
    assert_eq!(E0902.exit_code(), Some(130));
    assert_eq!(W0303.exit_code(), None);
    let page = &pages()["errors.md"];
    assert!(page.contains("**tolerance below the precision** (a warning)"));
    assert!(!page.contains("## `W") || !page.split("## `W").skip(1).any(|entry| entry.contains("** (exit")));
}

#[test]
fn the_formats_that_are_said_to_be_read_are_those_of_the_registry() {
    let text = sparsec_syntax::diagnostics::E0507.explanation;
    let listed = text.split("Read are").nth(1).and_then(|rest| rest.split("with real entries").next()).unwrap();
    let mut listed: Vec<&str> = listed.split('`').filter(|word| word.starts_with('.')).map(|word| &word[1..]).collect();
    let mut known: Vec<&str> = sparsec::data::FORMATS.iter().flat_map(|f| f.extensions).copied().collect();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
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

/// The blocks of a Markdown text with the info string `mark`.
fn blocks<'t>(text: &'t str, mark: &str) -> Vec<&'t str> {
    let fence = format!("```{mark}\n");
    text.split(fence.as_str()).skip(1).map(|rest| rest.split("\n```").next().unwrap_or_default()).collect()
}

/// Every code that a text meets on the whole way, warnings too: parsed, compiled, bound, and solved where all its data stands in it;
/// behind them the status, unless that is `optimal`.
fn outcome(text: &str) -> Vec<&'static str> {
    let codes = |e: sparsec::Error| {
        let mut codes: Vec<&str> = e.diagnostics.iter().map(|d| d.code.code).collect();
        codes.dedup();
        codes
    };
    let problem = match sparsec::Problem::parse(text) {
        Ok(problem) => problem,
        Err(e) => return codes(e),
    };
    let compiled = match problem.compile::<f64>(&sparsec::Options::new().backend(sparsec::Backend::Interpreter)) {
        Ok(compiled) => compiled,
        Err(e) => return codes(e),
    };
    let mut found: Vec<&str> = compiled.warnings().iter().map(|d| d.code.code).collect();
    if !text.contains("load(") {
        match compiled.bind([]).and_then(|solver| solver.solve(&[])) {
            Ok(solution) => {
                found.extend(solution.warnings.iter().map(|d| d.code.code));
                found.push(solution.status.as_str());
            }
            Err(e) => found.extend(codes(e)),
        }
    }
    found.dedup();
    found.retain(|what| *what != "optimal");
    found
}

#[test]
fn every_example_of_a_code_raises_it_and_every_repair_is_solved() {
    for code in sparsec_syntax::diagnostics::CODES {
        for example in blocks(code.explanation, "sparse") {
            assert_eq!(outcome(example), [code.code], "of\n{example}");
        }
        for repair in blocks(code.explanation, "sparse,fixed") {
            assert_eq!(outcome(repair), [""; 0], "{}'s repair:\n{repair}", code.code);
        }
        let marks = code.explanation.matches("```sparse").count();
        let known = blocks(code.explanation, "sparse").len() + blocks(code.explanation, "sparse,fixed").len();
        assert_eq!(marks, known, "{} has a block of another kind", code.code);
    }
}

/// The info strings and bodies of all fenced blocks.
fn fenced(text: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = text.split("```").collect();
    assert!(parts.len() % 2 == 1, "a block is not closed");
    parts.iter().skip(1).step_by(2).filter_map(|block| block.split_once('\n')).collect()
}

/// ```` ```sparse ```` is solved without a warning; ```` ```sparse,WHAT ```` ends with that code or status.
#[test]
fn every_block_of_the_language_page_does_what_it_says() {
    for (mark, text) in fenced(&language::page()) {
        match mark.split_once(',') {
            None if mark == "sparse" => assert_eq!(outcome(text), [""; 0], "of\n{text}"),
            Some(("sparse", what)) => assert_eq!(outcome(text), [what], "of\n{text}"),
            Some(("text", "means")) => text.lines().for_each(|line| {
                let (written, meant) = line.split_once("  ").unwrap();
                assert_eq!(tree(written), tree(meant.trim()), "{line}");
            }),
            None if mark == "text" => {}
            _ => panic!("a block marked {mark}"),
        }
    }
}

/// An expression with all its brackets, products of both kinds alike.
fn tree(text: &str) -> String {
    use sparsec_syntax::ast::{BinaryOp, Expr, ExprKind, StatementKind};
    fn show(e: &Expr) -> String {
        match &e.kind {
            ExprKind::Number(value) => value.to_string(),
            ExprKind::Name(name) => name.canonical.clone(),
            ExprKind::Negate(a) => format!("(-{})", show(a)),
            ExprKind::Binary(op, a, b) => {
                let op = if *op == BinaryOp::Juxtapose { BinaryOp::Multiply } else { *op };
                format!("({} {op:?} {})", show(a), show(b))
            }
            ExprKind::Power(a, b) => format!("({}^{})", show(a), show(b)),
            ExprKind::Transpose(a) => format!("({}.T)", show(a)),
            other => panic!("{other:?}"),
        }
    }
    let problem = sparsec_syntax::parse(&format!("let e = {text}")).unwrap();
    match &problem.statements[0].kind {
        StatementKind::Let(lets) => show(&lets[0].value),
        _ => panic!("{text}"),
    }
}

#[test]
fn every_word_has_an_example_that_is_solved_and_holds_it() {
    for word in WORDS.iter().filter(|w| !w.example.is_empty()) {
        let wanted: [&str; 0] = [];
        let found = outcome(word.example);
        let shrinks = word.example.contains("sigshrink");
        let network = word.example.contains("unrolled") && !word.example.contains("fallback = true");
        if shrinks || network {
            assert_eq!(found, ["approximate"], "{}", word.name);
        } else {
            assert_eq!(found, wanted, "{}:\n{}", word.name, word.example);
        }
        assert!(word.example.contains(word.name), "{}", word.name);
    }
    for word in WORDS {
        assert!(!word.text.ends_with('.') && word.form.contains(word.name), "{}", word.name);
        assert!(
            !word.example.is_empty() || matches!(word.kind, Kind::Status | Kind::Answer) || word.name == "tv",
            "{}",
            word.name
        );
    }
}

#[test]
fn the_table_of_words_is_complete() {
    let names = |kind| language::of(kind).map(|w| w.name).collect::<Vec<_>>();
    let mut options: Vec<&str> =
        ALGORITHMS.iter().flat_map(|a| a.options()).copied().chain(["tol", "max_iter"]).collect();
    options.sort_unstable();
    options.dedup();
    let mut known = names(Kind::Option);
    known.sort_unstable();
    assert_eq!(known, options);
    assert_eq!(names(Kind::Status), sparsec::Status::ALL.map(|s| s.as_str()));
    for word in sparsec_syntax::names::RESERVED.iter().filter(|w| !["to", "with"].contains(*w)) {
        assert!(language::explain(word).is_some(), "{word}");
    }
    // Every exit code that an error can have, and no other.
    let mut exits: Vec<u8> = sparsec_syntax::diagnostics::CODES.iter().filter_map(|c| c.exit_code()).collect();
    exits.retain(|code| sparsec::Status::ALL.iter().all(|status| status.exit_code() != *code));
    exits.sort_unstable();
    exits.dedup();
    assert_eq!(language::EXITS.iter().map(|(code, _)| *code).collect::<Vec<_>>(), exits);
}

#[test]
fn explain_knows_every_name_that_it_lists() {
    let explain = |args: &[&str]| {
        let done =
            std::process::Command::new(env!("CARGO_BIN_EXE_sparsec")).arg("explain").args(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let list = explain(&["list"]);
    assert_eq!(list, explain(&[]));
    for line in list.lines().filter_map(|line| line.strip_prefix("  ")) {
        let rule = RULES.iter().any(|r| r.name() == line);
        for name in if rule { vec![line] } else { line.split(", ").collect() } {
            assert!(explain(&[name]).len() > 10, "{name}");
        }
    }
    for line in list.lines().filter_map(|line| line.strip_suffix(':')).filter(|kind| !kind.contains(' ')) {
        assert!(explain(&[line]).starts_with("- `"), "{line}");
    }
    assert_eq!(explain(&["language"]).trim_end(), language::page().trim_end());
    assert!(explain(&["sum"]).contains("sum(abs(y))"));
    assert!(explain(&["mcp"]).contains("no rule in this version"));
}

/// LaTeX that every engine takes: symbols are commands, and what opens is closed.
#[test]
fn derivations_in_latex_are_ascii() {
    let mut seen = 0;
    for entry in std::fs::read_dir(root().join("examples")).unwrap().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "sparse") {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sparsec"));
            let output = command.arg("explain").arg(&path).args(["--format", "latex"]).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let odd: Vec<char> = text.chars().filter(|c| !c.is_ascii()).collect();
            assert!(output.status.success() && odd.is_empty(), "{path:?}: {odd:?}");
            let unescaped = text.replace("\\{", "").replace("\\}", "");
            assert_eq!(unescaped.matches('{').count(), unescaped.matches('}').count(), "{path:?}");
            assert!(text.contains("\\textsuperscript{T}") || text.contains("\\ensuremath{"), "{path:?}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen} examples");
}
