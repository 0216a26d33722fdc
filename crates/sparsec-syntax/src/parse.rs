//! Text to syntax tree.
//!
//! A text without faults is parsed at once by the grammar. When anything is wrong, each statement is parsed on its own,
//! so that one mistake does not hide the next.

use std::borrow::Cow;

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest_derive::Parser;

use crate::ast::Problem;
use crate::build::Builder;
use crate::diagnostic::Diagnostic;
use crate::diagnostics as codes;
use crate::limits::{MAX_REPORTED, MAX_TEXT_BYTES};
use crate::names::{self, RESERVED, STATEMENT_WORDS};
use crate::scan::{self, Scan, Segment, Token, TokenKind, byte_order_mark, shorten};
use crate::span::Span;

/// The grammar's rules.
#[allow(missing_docs)]
mod grammar {
    use super::Parser;

    #[derive(Parser)]
    #[grammar = "sparse.pest"]
    pub(crate) struct Grammar;
}
pub(crate) use grammar::{Grammar, Rule};

/// Parses one problem.
///
/// # Errors
/// Everything that is wrong with the text, sorted by place: one error for each statement at least, as far as they are
/// independent.
///
/// ```
/// let problem = sparsec_syntax::parse("var y: vector[3]  minimize ‖y‖²").unwrap();
/// assert_eq!(problem.statements.len(), 2);
/// ```
pub fn parse(text: &str) -> Result<Problem, Vec<Diagnostic>> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(vec![too_large(text.len())]);
    }
    parse_scanned(&scan::scan(text))
}

/// Parses one problem from bytes, which must be UTF-8; a byte-order mark at the start is skipped.
///
/// # Errors
/// As [`parse`], or the offset of the first byte that is not UTF-8.
pub fn parse_bytes(bytes: &[u8]) -> Result<Problem, Vec<Diagnostic>> {
    if bytes.len() > MAX_TEXT_BYTES {
        return Err(vec![too_large(bytes.len())]);
    }
    parse(decode(bytes)?)
}

/// The text that the bytes are.
///
/// # Errors
/// The offset of the first byte that is not UTF-8.
pub fn decode(bytes: &[u8]) -> Result<&str, Vec<Diagnostic>> {
    core::str::from_utf8(bytes).map_err(|error| {
        let start = error.valid_up_to();
        let byte = bytes.get(start).copied().unwrap_or_default();
        let (message, end) = match error.error_len() {
            Some(length) => (format!("the byte 0x{byte:02X} at offset {start} is not UTF-8"), start + length),
            None => (format!("the text ends within a character, at offset {start}"), bytes.len()),
        };
        vec![
            Diagnostic::new(codes::E0102, message)
                .label(Span::new(start, end), "not UTF-8")
                .help("save the file as UTF-8; a file of numbers is loaded with `load(\"…\")`"),
        ]
    })
}

fn too_large(length: usize) -> Diagnostic {
    Diagnostic::new(
        codes::E0103,
        format!("the text has {length} bytes, more than the limit of {MAX_TEXT_BYTES} (16 MiB)"),
    )
    .help("put data into a file of its own and `load` it")
}

/// Parses a text that has been scanned.
pub(crate) fn parse_scanned(scan: &Scan<'_>) -> Result<Problem, Vec<Diagnostic>> {
    let mut failure = None;
    if scan.errors.is_empty() {
        if !scan.tokens.iter().any(|token| !token.is_comment()) {
            return Err(vec![nothing(scan.text)]);
        }
        let offset = byte_order_mark(scan.text);
        match Grammar::parse(Rule::problem, &scan.text[offset..]) {
            Ok(pairs) => {
                let mut builder = Builder::new(scan, offset);
                let problem = builder.problem(pairs);
                let mut errors = builder.errors;
                return match problem {
                    Some(problem) if errors.is_empty() => {
                        if problem.statements.is_empty() {
                            return Err(vec![nothing(scan.text)]);
                        }
                        Ok(problem)
                    }
                    _ => Err(tidy(&mut errors)),
                };
            }
            Err(error) => failure = Some(error),
        }
    }
    let mut errors = scan.errors.clone();
    recover(scan, &mut errors);
    if let (Some(failure), true) = (failure, errors.is_empty()) {
        errors.push(explain(scan, &whole(scan), &failure, byte_order_mark(scan.text)));
    }
    Err(tidy(&mut errors))
}

/// Sorted by place, without repetition, and not too many.
fn tidy(errors: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
    let place = |error: &Diagnostic| error.labels.first().map_or(0, |label| label.span.start);
    errors.sort_by_key(place);
    errors.dedup_by_key(|error| place(error));
    errors.truncate(MAX_REPORTED);
    core::mem::take(errors)
}

fn nothing(text: &str) -> Diagnostic {
    let end = Span::new(text.len(), text.len());
    Diagnostic::new(codes::E0115, "no objective: the text states no problem")
        .label(end, "a problem is expected before this")
        .help("the smallest problem is `var y: vector[3]` and `minimize ||y||^2`")
}

/// All tokens as one segment.
fn whole(scan: &Scan<'_>) -> Segment {
    Segment { tokens: 0..scan.tokens.len(), keyword: false, faulty: false }
}

/// Parses statement by statement and collects what is wrong with each.
fn recover(scan: &Scan<'_>, errors: &mut Vec<Diagnostic>) {
    let patched = patched(scan);
    let mut first = true;
    for segment in &scan.segments {
        if errors.len() >= MAX_REPORTED {
            return;
        }
        let tokens: Vec<Token> =
            scan.tokens[segment.tokens.clone()].iter().copied().filter(|token| !token.is_comment()).collect();
        let (Some(start), Some(end)) = (tokens.first(), tokens.last()) else { continue };
        let head = core::mem::take(&mut first);
        if segment.faulty {
            continue;
        }
        if !segment.keyword {
            errors.extend(stray(scan, &tokens, head));
            continue;
        }
        let text = patched.get(start.span.start..end.span.end).unwrap_or_default();
        match Grammar::parse(Rule::single, text) {
            Ok(pairs) => {
                let mut builder = Builder::new(scan, start.span.start);
                builder.single(pairs);
                errors.append(&mut builder.errors);
            }
            Err(error) => errors.push(explain(scan, segment, &error, start.span.start)),
        }
    }
}

/// The text with every patch in its place, filled up with blanks so that all places stay the same.
fn patched<'t>(scan: &Scan<'t>) -> Cow<'t, str> {
    if scan.patches.is_empty() {
        return Cow::Borrowed(scan.text);
    }
    let mut text = String::with_capacity(scan.text.len());
    for (span, patch) in &scan.patches {
        if span.start < text.len() || patch.len() > span.end - span.start {
            continue;
        }
        text.push_str(scan.text.get(text.len()..span.start).unwrap_or_default());
        text.push_str(patch);
        text.extend(core::iter::repeat_n(' ', span.end - text.len()));
    }
    text.push_str(scan.text.get(text.len()..).unwrap_or_default());
    Cow::Owned(text)
}

/// What is wrong with text that starts with no statement's keyword: nothing where it is the wrapper's head or its end.
fn stray(scan: &Scan<'_>, tokens: &[Token], head: bool) -> Option<Diagnostic> {
    let words: Vec<&str> = tokens.iter().map(|token| slice(scan, token.span)).collect();
    let (token, word) = (tokens[0], words[0]);
    match words.as_slice() {
        ["}"] | [";"] => return None,
        ["problem", name, "{"] if head && tokens[1].kind == TokenKind::Word => {
            return RESERVED.contains(name).then(|| scan::reserved(name, tokens[1].span));
        }
        ["problem", rest @ ..] if head => {
            let place = tokens.get(1).map_or(token.span, |next| next.span);
            let missing = match rest {
                [] | ["{", ..] => "a name after `problem`",
                _ => "`{` after the problem's name",
            };
            return Some(
                Diagnostic::new(codes::E0101, format!("expected {missing}"))
                    .label(place, "not this")
                    .help("write `problem NAME { … }`, or leave the wrapper out"),
            );
        }
        ["problem", ..] => {
            return Some(
                Diagnostic::new(codes::E0109, "a second problem in one file")
                    .label(token.span, "a problem starts here")
                    .help("a file holds one problem: move the second into a file of its own"),
            );
        }
        _ => {}
    }
    Some(not_a_statement(token, word))
}

fn not_a_statement(token: Token, word: &str) -> Diagnostic {
    let error = Diagnostic::new(codes::E0114, format!("`{}` starts no statement", shorten(word)))
        .label(token.span, "expected a statement here");
    match statement_word(word) {
        Some(meant) => error.help(format!("did you mean `{meant}`?")),
        None => error.help(
            "statements start with `dim`, `const`, `param`, `var`, `let`, `minimize`, `maximize`, `subject to` or `solve with`",
        ),
    }
}

/// The keyword that a word could be meant for.
pub(crate) fn statement_word(word: &str) -> Option<&'static str> {
    let known = match word.to_lowercase().as_str() {
        "min" | "minimise" | "argmin" | "minimum" => Some("minimize"),
        "max" | "maximise" | "argmax" | "maximum" => Some("maximize"),
        "st" | "s" | "such" | "subjectto" | "constraints" | "constraint" | "subject" | "where" => Some("subject to"),
        "variable" | "variables" | "unknown" => Some("var"),
        "parameter" | "parameters" | "input" => Some("param"),
        "constant" | "data" => Some("const"),
        "dims" | "dimension" | "size" => Some("dim"),
        "using" | "solver" => Some("solve with"),
        _ => None,
    };
    known.or_else(|| {
        let near = names::nearest(&word.to_lowercase(), STATEMENT_WORDS.iter().copied())?;
        match near {
            "subject" => Some("subject to"),
            "solve" => Some("solve with"),
            _ => STATEMENT_WORDS.iter().find(|keyword| **keyword == near).copied(),
        }
    })
}

fn slice<'t>(scan: &Scan<'t>, span: Span) -> &'t str {
    scan.text.get(span.start..span.end).unwrap_or_default()
}

/// What the grammar would have gone on with, in words, and the bracket that is open.
struct Expectation {
    phrases: Vec<&'static str>,
    operand: bool,
    name: bool,
    follows_operand: bool,
}

fn expectation(error: &Error<Rule>) -> Expectation {
    let positives: &[Rule] = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => &[],
    };
    let has = |rule: Rule| positives.contains(&rule);
    let follows_operand = has(Rule::operator) || has(Rule::power);
    let operand = !follows_operand && (has(Rule::expression) || has(Rule::number) && has(Rule::name));
    let name = has(Rule::name) && !operand && !follows_operand
        || has(Rule::dim)
        || has(Rule::declaration)
        || has(Rule::definition);
    let mut phrases = Vec::new();
    let mut add = |condition: bool, phrase: &'static str| {
        if condition && !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    };
    add(operand, "an expression");
    add(follows_operand, "an operator");
    add(name && !has(Rule::set), "a name");
    add(has(Rule::set) || has(Rule::interval), "a set");
    add(has(Rule::kind), "a type (`scalar`, `vector[n]`, `matrix[m, n]`)");
    add(has(Rule::scalar) && !has(Rule::kind), "a type (`scalar`, `vector[n]`, `matrix[m, n]`)");
    add(has(Rule::kw_to), "`to`");
    add(has(Rule::kw_with), "`with`");
    add(has(Rule::domain) || has(Rule::bound), "a domain");
    add(has(Rule::string), "a path in quotes");
    add(!operand && !follows_operand && (has(Rule::literal) || has(Rule::signed) || has(Rule::number)), "a number");
    add(!operand && has(Rule::literal), "a list of numbers");
    add(has(Rule::kw_load) && !operand && !follows_operand || has(Rule::load) && has(Rule::literal), "`load(\"…\")`");
    add(has(Rule::relation) && !has(Rule::objective), "a relation");
    add(has(Rule::kw_in) && follows_operand, "`in`");
    add(has(Rule::colon), "`:`");
    add(has(Rule::equals), "`=`");
    add(has(Rule::open_paren) && !follows_operand && !operand, "`(`");
    add(has(Rule::open_bracket) && !operand && !follows_operand && !has(Rule::literal) && !has(Rule::interval), "`[`");
    add(has(Rule::comma), "`,`");
    add(has(Rule::semicolon) && !has(Rule::EOI), "`;`");
    add(has(Rule::close_paren), "`)`");
    add(has(Rule::close_bracket), "`]`");
    add(has(Rule::close_angle), "`⟩`");
    add(has(Rule::close_bar), "the closing bar");
    add(has(Rule::EOI), "the next statement");
    Expectation { phrases, operand, name, follows_operand }
}

/// `a, b or c`
fn list(phrases: &[&str]) -> String {
    match phrases {
        [] => "something else".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Puts the failure of the grammar in the user's terms.
fn explain(scan: &Scan<'_>, segment: &Segment, error: &Error<Rule>, offset: usize) -> Diagnostic {
    let at = offset
        + match error.location {
            InputLocation::Pos(at) => at,
            InputLocation::Span((start, _)) => start,
        };
    let tokens: Vec<Token> =
        scan.tokens[segment.tokens.clone()].iter().copied().filter(|token| !token.is_comment()).collect();
    let index = tokens.partition_point(|token| token.span.end <= at);
    let expected = expectation(error);
    if let ErrorVariant::CustomError { .. } = error.variant {
        // The grammar gives up before the stack of a small thread does.
        return Diagnostic::new(codes::E0104, "nested too deeply for the stack of this thread")
            .label(Span::new(at, at), "brackets within one another")
            .help("name a part with `let` and use the name");
    }
    let previous = index.checked_sub(1).and_then(|before| tokens.get(before)).copied();
    let previous_word = previous.map_or("", |token| slice(scan, token.span));
    let Some(token) = tokens.get(index).copied() else {
        return unfinished(scan, previous, previous_word, &expected);
    };
    let word = slice(scan, token.span);
    if let Some(place) = such_that(scan, &tokens, index) {
        return Diagnostic::new(codes::E0114, "`s.t.` starts no statement")
            .label(place, "expected a statement here")
            .help("write `subject to`");
    }
    if word == ":" && in_index(scan, &tokens[..index]) {
        let ends: Vec<&str> = [index.wrapping_sub(1), index + 1]
            .into_iter()
            .map(|at| tokens.get(at).map_or("", |token| slice(scan, token.span)))
            .map(|word| if word.chars().all(|c| c.is_alphanumeric() || c == '_') { word } else { "" })
            .collect();
        return Diagnostic::new(codes::E0101, "a range is not written with `:`")
            .label(token.span, "expected `..`")
            .help(format!("write `{}..{}`: ranges start at 0 and leave out their end", ends[0], ends[1]));
    }
    if token.kind == TokenKind::Word {
        if let Some(meant) = statement_word(previous_word)
            .filter(|_| (word == "to" || word == "with") && !STATEMENT_WORDS.contains(&previous_word))
        {
            return Diagnostic::new(codes::E0114, format!("`{previous_word} {word}` starts no statement"))
                .label(previous.map_or(token.span, |before| before.span.to(token.span)), "expected a statement here")
                .help(format!("did you mean `{meant}`?"));
        }
        if word == "load" && (expected.operand || expected.follows_operand) {
            return Diagnostic::new(codes::E0204, "`load` is no function of an expression")
                .label(token.span, "only allowed as a value")
                .help("declare the data, as in `const D: matrix[m, n] = load(\"D.npy\")`, and use its name");
        }
        if expected.name && RESERVED.contains(&word) {
            return scan::reserved(word, token.span);
        }
        if expected.operand && RESERVED.contains(&word) && word != "in" {
            return scan::reserved(word, token.span);
        }
        if !expected.operand && starts_line(scan.text, token.span.start) && word != "in" && word != "to" {
            return not_a_statement(token, word);
        }
    }
    if let Some(error) = known_mistake(token, word, previous, previous_word, &expected) {
        return error;
    }
    let found = format!("`{}`", shorten(word));
    Diagnostic::new(codes::E0101, format!("expected {}, found {found}", list(&expected.phrases)))
        .label(token.span, "not expected here")
}

/// The place of an `s.t.` that the token stands in, or is right behind.
fn such_that(scan: &Scan<'_>, tokens: &[Token], index: usize) -> Option<Span> {
    let word = |at: usize| tokens.get(at).map_or("", |token| slice(scan, token.span));
    let start =
        (index.saturating_sub(4)..=index).find(|at| [word(*at), word(at + 1), word(at + 2)] == ["s", ".", "t"])?;
    let last = if word(start + 3) == "." { start + 3 } else { start + 2 };
    Some(tokens.get(start)?.span.to(tokens.get(last)?.span))
}

/// True where the innermost open bracket is that of an index.
fn in_index(scan: &Scan<'_>, before: &[Token]) -> bool {
    let mut closed = 0_usize;
    for (at, token) in before.iter().enumerate().rev() {
        match slice(scan, token.span) {
            ")" | "]" => closed += 1,
            "(" | "[" if closed > 0 => closed -= 1,
            "(" => return false,
            "[" => {
                let previous =
                    at.checked_sub(1).and_then(|at| before.get(at)).map_or("", |token| slice(scan, token.span));
                return previous.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ')' || c == ']');
            }
            _ => {}
        }
    }
    false
}

/// The statement ends where something is missing.
fn unfinished(scan: &Scan<'_>, previous: Option<Token>, word: &str, expected: &Expectation) -> Diagnostic {
    let end = previous.map_or(scan.text.len(), |token| token.span.end);
    let place = previous.map_or(Span::new(end, end), |token| token.span);
    let missing = match word {
        "to" => "a constraint".to_owned(),
        _ => list(&expected.phrases),
    };
    let error = Diagnostic::new(codes::E0101, format!("expected {missing} after `{}`", shorten(word)))
        .label(place, format!("{missing} is missing after this"));
    match word {
        "to" => error.help("write a constraint, `subject to y >= 0` for example, or remove the statement"),
        "subject" => error.help("write `subject to`"),
        "solve" => error.help("write `solve with`"),
        "," => error.help("remove the comma, or go on after it"),
        _ => error,
    }
}

/// Whether only blanks stand before `at` on its line.
fn starts_line(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(|c| scan::is_blank(c) && c != '\n' && c != '\r');
    before.is_empty() || before.ends_with(['\n', '\r', '}', ';'])
}

/// Mistakes that people make often, with their repair.
fn known_mistake(
    token: Token,
    word: &str,
    previous: Option<Token>,
    previous_word: &str,
    expected: &Expectation,
) -> Option<Diagnostic> {
    let error = |message: String, label: &str, help: String| {
        Some(Diagnostic::new(codes::E0101, message).label(token.span, label.to_owned()).help(help))
    };
    let adjacent = previous.is_some_and(|before| before.span.end == token.span.start);
    match word {
        "**" => error("`**` is no operator".into(), "not an operator", "a power is written `^`".into()),
        "*" if previous_word == "*" && adjacent => {
            error("`**` is no operator".into(), "not an operator", "a power is written `^`".into())
        }
        "^" if previous_word == "." => {
            error("`.^` is no operator".into(), "not an operator", "`^` is elementwise already".into())
        }
        "|" => error(
            "a single bar has no meaning".into(),
            "expected `||`",
            "write `abs(e)` for absolute values and `||e||` for norms".into(),
        ),
        "!=" | "≠" => None,
        "." if expected.follows_operand => error(
            "a point must be followed by `T`, `*` or `/`".into(),
            "not a postfix",
            "write `D.T` for a transpose, `.*` and `./` for elementwise operators".into(),
        ),
        "_" if expected.follows_operand => error(
            "`_` cannot stand here".into(),
            "not an operator",
            "names start with a letter, and `_1`, `_inf`, `_F` follow the closing bar of a norm".into(),
        ),
        "+" if expected.operand => {
            error("a sign `+` before an operand has no meaning".into(), "expected an expression", "remove it".into())
        }
        "(" if previous_word == "vector" || previous_word == "matrix" => {
            error("sizes stand in square brackets".into(), "expected `[`", format!("write `{previous_word}[…]`"))
        }
        "=" | "==" | "<=" | ">=" | "<" | ">" | "≤" | "≥" | "∈" | "in" if expected.follows_operand => Some(
            Diagnostic::new(codes::E0113, format!("the relation `{word}` cannot stand here"))
                .label(token.span, "not in an expression")
                .help("relations stand behind `subject to`, as in `subject to sum(y) == 1, y >= 0`"),
        ),
        "||" | "‖" | "∥" if expected.operand && token.kind == TokenKind::CloseBar => error(
            "expected an expression before the closing bar".into(),
            "this bar closes the norm that is open",
            "finish the expression; if the bar was meant to open a norm, close the one before".into(),
        ),
        "+" | "-" | "−" | "*" | "/" | "^" if expected.phrases.contains(&"the next statement") => error(
            "a value is not computed".into(),
            "no operator can stand here",
            "write the number itself, or name the expression with `let`".into(),
        ),
        _ if expected.phrases == ["a number"] && matches!(previous_word, ">=" | "<=" | ">" | "<" | "≥" | "≤") => {
            error(
                format!("expected a number, found `{}`", shorten(word)),
                "a declared bound is a number",
                "write the bound behind `subject to`".into(),
            )
        }
        _ if expected.phrases == ["`[`"] && matches!(previous_word, "in" | "∈") => error(
            format!("expected `[`, found `{}`", shorten(word)),
            "a declared domain is an interval",
            format!("a set stands behind `subject to`, as in `subject to y in {}`", shorten(word)),
        ),
        "[" if expected.phrases == ["`:`"] => error(
            "expected `:`, found `[`".into(),
            "sizes belong to the type",
            format!("write `{previous_word}: vector[n]`, or `matrix[m, n]`"),
        ),
        _ if token.kind == TokenKind::Number && expected.name => error(
            format!("expected a name, found `{}`", shorten(word)),
            "expected a name",
            "names start with a letter".into(),
        ),
        _ if token.kind == TokenKind::Text && !expected.phrases.contains(&"a path in quotes") => error(
            "a string can only be the argument of `load`".into(),
            "not expected here",
            "write `load(\"file.npy\")` for data in a file".into(),
        ),
        _ => None,
    }
}
