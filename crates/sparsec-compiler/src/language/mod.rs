//! The words of the language, in one table.
//!
//! Resolution takes the names of operations from it, `sparsec explain NAME` its texts, and the reference page
//! ([`page`], `docs/language.md`) its lists. Functions, sets, algorithms and rules have registries of their own; the page and
//! [`listing`] take theirs from there.

mod words;

pub use words::WORDS;

use crate::algorithms::ALGORITHMS;
use crate::calculus::{functions::FUNCTIONS, rules::RULES, sets::SETS};
use sparsec_runtime::Status;
use sparsec_syntax::diagnostics::CODES;
use sparsec_syntax::format::{Style, format};
use std::fmt::Write;

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Starts a statement.
    Statement,
    /// Says what a quantity is.
    Type,
    /// Follows a type.
    Domain,
    /// Is a value.
    Value,
    /// A function that becomes an operation.
    Operation,
    /// A function that is written with others.
    Shorthand,
    /// An algorithm that chooses one.
    Choice,
    /// An option of algorithms.
    Option,
    /// How a solve ended.
    Status,
    /// A number or text of an answer.
    Answer,
}

/// A word of the language.
#[derive(Debug)]
pub struct Word {
    /// As written; of several words, their statement's.
    pub name: &'static str,
    /// Where it stands.
    pub kind: Kind,
    /// How it is used.
    pub form: &'static str,
    /// What it means, without a full stop.
    pub text: &'static str,
    /// A smallest problem with it; empty where there is none.
    pub example: &'static str,
}

/// All words of a kind.
pub fn of(kind: Kind) -> impl Iterator<Item = &'static Word> {
    WORDS.iter().filter(move |word| word.kind == kind)
}

/// The operation of that name.
pub fn operation(name: &str) -> Option<&'static Word> {
    of(Kind::Operation).find(|word| word.name == name)
}

/// What `explain NAME` says of a word: its form, its meaning and an example.
pub fn explain(name: &str) -> Option<String> {
    let named = |word: &&Word| word.name == name || word.name.split(' ').next() == Some(name);
    let mut texts: Vec<String> = WORDS
        .iter()
        .filter(named)
        .map(|word| {
            let mut text = match status(word) {
                Some(status) => format!("{}: a status, exit {}: {}.", word.form, status.exit_code(), word.text),
                None if word.kind == Kind::Answer => format!("{}: a part of an answer: {}.", word.form, word.text),
                None => format!("{}: {}.", word.form, word.text),
            };
            if word.kind == Kind::Option {
                let _ = write!(text, "\n\nAn option of {}.", takers(word.name));
            }
            if !word.example.is_empty() {
                let _ = write!(text, "\n\n```sparse\n{}\n```", word.example);
            }
            text
        })
        .collect();
    if texts.is_empty() && without_a_rule().any(|later| later == name) {
        texts.push(format!(
            "{name}: a name of the language that has no rule in this version; using it is an error (E0203)."
        ));
    }
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// Names of functions and sets that the language has and this version has no rule for.
pub fn without_a_rule() -> impl Iterator<Item = &'static str> {
    let known = |name: &str| {
        crate::calculus::functions::find(name).is_some()
            || crate::calculus::sets::find(name).is_some()
            || WORDS.iter().any(|word| word.name == name && matches!(word.kind, Kind::Operation | Kind::Shorthand))
    };
    crate::resolve::NAMES.iter().copied().filter(move |name| !known(name))
}

/// The names that `explain` knows here, by kind.
pub fn kinds() -> Vec<(&'static str, Vec<&'static str>)> {
    let words = |kind: Kind| of(kind).map(|word| word.name).collect::<Vec<_>>();
    let named =
        |name: &'static str, aliases: &'static [&'static str]| std::iter::once(name).chain(aliases.iter().copied());
    let mut algorithms = words(Kind::Choice);
    algorithms.extend(ALGORITHMS.iter().map(|a| a.name()));
    let mut operations = words(Kind::Operation);
    operations.extend(words(Kind::Shorthand));
    vec![
        ("statements", words(Kind::Statement)),
        ("types", words(Kind::Type)),
        ("domains", words(Kind::Domain)),
        ("values", words(Kind::Value)),
        ("operations", operations),
        ("functions", FUNCTIONS.iter().flat_map(|f| named(f.name, f.aliases)).collect()),
        ("sets", SETS.iter().flat_map(|s| named(s.name, s.aliases)).collect()),
        ("algorithms", algorithms),
        ("options", words(Kind::Option)),
        ("statuses", words(Kind::Status)),
        ("answers", words(Kind::Answer)),
        ("rules", RULES.iter().map(|r| r.name()).collect()),
        ("codes", CODES.iter().map(|c| c.code).collect()),
        ("without a rule in this version", without_a_rule().collect()),
    ]
}

fn status(word: &Word) -> Option<Status> {
    Status::ALL.into_iter().find(|status| word.kind == Kind::Status && status.as_str() == word.name)
}

/// The algorithms that take an option.
fn takers(option: &str) -> String {
    if matches!(option, "tol" | "max_iter") {
        return "every algorithm".to_owned();
    }
    let all = ALGORITHMS.iter().filter(|a| a.options().contains(&option));
    all.map(|a| format!("`{}`", a.name())).collect::<Vec<_>>().join(", ")
}

/// What a process that ends with an exit code below 128 says of it, besides those of the statuses.
pub const EXITS: &[(u8, &str)] = &[
    (2, "the command line is wrong: an option that is none, a value that it does not take"),
    (3, "the problem's text is wrong, its algorithm does not fit, or a backend cannot be had"),
    (4, "the data is wrong: missing, of another shape, not finite, out of its domain"),
    (74, "the result cannot be written"),
];

/// Spellings that are one: as written in ASCII.
const SPELLINGS: &[&str] = &[
    "lambda*||y||_1",
    "x1 + mu2",
    "||x - D*y||^2",
    "||y||_2",
    "||y||_inf",
    "||Y||_F",
    "||Y||_nuc",
    "D.T*x",
    "w .* y ./ v",
    "dot(a, y)",
    "y^12",
];

/// The same of constraints.
const RELATIONS: &[&str] = &["0 <= y", "y >= a", "y in simplex"];

/// Lines `ASCII    Unicode`, as `fmt` writes both.
fn spellings() -> String {
    let pair = |before: &str, text: &&str| {
        let of = |style| format(&format!("{before}{text}"), style).unwrap_or_default();
        let (ascii, unicode) = (of(Style::Ascii), of(Style::Unicode));
        let cut = |line: &str| line.trim_end().strip_prefix(before).unwrap_or(line).to_owned();
        (cut(&ascii), cut(&unicode))
    };
    let expressions = SPELLINGS.iter().map(|text| pair("minimize ", text));
    let constraints = RELATIONS.iter().map(|text| pair("subject to ", text));
    let lines = expressions.chain(constraints).map(|(ascii, unicode)| format!("{ascii:<20} {unicode}\n"));
    format!("```text\n{}```\n", lines.collect::<String>())
}

fn words(kind: Kind) -> String {
    of(kind).map(|word| format!("- `{}`: {}\n", word.form.replace(" or ", "` or `"), word.text)).collect()
}

/// A list of entries with the first sentence of their documentation.
fn entries(all: impl Iterator<Item = (&'static str, String)>) -> String {
    all.map(|(name, doc)| format!("- `{name}`: {}\n", first_sentence(&doc, name))).collect()
}

/// The first sentence of a text, without the name that it may start with and without a full stop.
fn first_sentence(doc: &str, name: &str) -> String {
    let lines: Vec<&str> = doc.lines().take_while(|line| !line.is_empty() && !line.starts_with("- ")).collect();
    let paragraph = lines.join(" ");
    let sentence = paragraph.split(". ").next().unwrap_or_default();
    let sentence = sentence.strip_prefix(&format!("`{name}`: ")).unwrap_or(sentence);
    sentence.strip_suffix('.').unwrap_or(sentence).to_owned()
}

fn algorithms() -> String {
    let entry = |a: &&dyn crate::algorithms::Algorithm| {
        let options: Vec<String> = ["tol", "max_iter"].iter().chain(a.options()).map(|o| format!("`{o}`")).collect();
        format!("- `{}`: {}; {}\n", a.name(), first_sentence(&a.doc(), a.name()), options.join(", "))
    };
    format!("{}{}", words(Kind::Choice), ALGORITHMS.iter().map(entry).collect::<String>())
}

fn statuses() -> String {
    let line = |word: &Word| {
        let exit = status(word).map_or(0, Status::exit_code);
        format!("- `{}` (exit {exit}): {}\n", word.name, word.text)
    };
    of(Kind::Status).map(line).collect()
}

fn exits() -> String {
    EXITS.iter().map(|(code, text)| format!("- exit {code}: {text}\n")).collect()
}

/// The names of one kind with a line each: what `explain functions` prints.
pub fn list(kind: &str) -> Option<String> {
    Some(match kind {
        "statements" => words(Kind::Statement),
        "types" => words(Kind::Type),
        "domains" => words(Kind::Domain),
        "values" => words(Kind::Value),
        "operations" => words(Kind::Operation) + &words(Kind::Shorthand),
        "functions" => entries(FUNCTIONS.iter().map(|f| (f.name, f.doc()))),
        "sets" => entries(SETS.iter().map(|s| (s.name, s.doc()))),
        "algorithms" => algorithms(),
        "options" => words(Kind::Option),
        "statuses" => statuses(),
        "answers" => words(Kind::Answer),
        "rules" => entries(RULES.iter().map(|r| (r.name(), r.doc()))),
        "codes" => CODES.iter().map(|c| format!("- `{}`: {}\n", c.code, c.title)).collect(),
        _ => return None,
    })
}

/// The reference page: its text with the lists filled in, each where `{{KIND}}` stands.
pub fn page() -> String {
    let mut page = String::new();
    for line in include_str!("page.md").lines() {
        let list = match line.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
            Some("exits") => Some(exits()),
            Some("spellings") => Some(spellings()),
            Some(kind) => list(kind),
            None => None,
        };
        match list {
            Some(list) => page.push_str(&list),
            None => {
                page.push_str(line);
                page.push('\n');
            }
        }
    }
    page
}

/// Every name that can be explained, by kind.
pub fn listing(formats: impl Iterator<Item = &'static str>) -> String {
    let mut kinds = kinds();
    kinds.insert(kinds.len() - 1, ("formats", formats.collect()));
    let mut out = String::new();
    for (kind, names) in kinds {
        // Names of rules have commas in them.
        let _ = writeln!(out, "{kind}:\n  {}\n", names.join(if kind == "rules" { "\n  " } else { ", " }));
    }
    out.push_str("`sparsec explain NAME` explains one of them, `sparsec explain KIND` lists a kind, `sparsec explain language` is the\n\
                  whole of the language, and `sparsec explain FILE` how a problem is solved.\n");
    out
}
