//! Snapshots of errors as they are shown: the source and the rendered errors together.

use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::{diagnostics, parse, render, span::Span};

fn rendered(source: &str) -> String {
    let errors = parse(source).expect_err("the text is wrong");
    let shown: Vec<String> = errors.iter().map(|error| render::text(error, source, "problem.sparse", false)).collect();
    let source = source.replace('\r', "<CR>").replace('\u{202E}', "<U+202E>");
    format!("{source}\n----\n{}", shown.join("\n"))
}

macro_rules! snapshots {
    ($($name:ident: $source:literal)+) => {
        $(#[test] fn $name() { insta::assert_snapshot!(stringify!($name), rendered($source)); })+
    };
}

snapshots! {
    unclosed_bracket: "problem broken {\n    dim n = 3\n    var y: vector[n\n    minimize ||y||^2\n}\n"
    unclosed_bar: "minimize ||x - (y|| + 1\nsubject to y >= 0"
    wrong_closer: "minimize f(a, [b, c)\n"
    quotient_and_product: "minimize a / 2 b + λ‖y‖₁"
    relation_in_objective: "minimize ||y||^2 == 3"
    chain_both_ways: "minimize y\nsubject to 0 <= y >= 1, a < y"
    missing_comma: "minimize y\nsubject to sum(y) == 1\n    y >= 0"
    unknown_norm: "minimize ‖y‖₃ + 1"
    norm_in_norm: "minimize || ||y|| ||"
    look_alike: "param х: vector[3]\nvar y: vector[3]\nminimize y"
    reserved_name: "var let: vector[3], in: scalar\nminimize y"
    misspelled_keyword: "vra y: vector[3]\nminimise ||y||^2\nsubjct to y >= 0"
    wide_characters_and_tabs: "\tlet 数 = λ\u{A0}+ – 1\t+ x²"
    bidirectional_control: "var y: scalar // \u{202E}evil\nminimize y"
    text_after_the_end: "problem p {\n    minimize y\n}\nsubject to y >= 0\n"
    comment_not_closed: "minimize y /* never\nsubject to y >= 0"
    nothing: "// nothing yet\n"
    several: "dim n = 1e999\nvar y vector[n]\nminimize y +\nsubject to\nsolve fista"
    value_is_not_computed: "const c: scalar = 1/2\nparam x: scalar >= a\nminimize y ** 2"
    set_or_size_in_a_declaration: "var y: vector[3] in simplex\nparam x[3]\nminimize ||x - y||^2"
    such_that: "minimize ||y||^2 s.t. y >= 1"
    such_that_in_words: "var y: vector[3]\nminimize ||y||^2\nsuch that y >= 1"
    range_with_a_colon: "minimize ||x[0:2]||^2 + sum(y[:n])"
    strict_relations: "minimize y\nsubject to b > 1, 0 < b < 5\n"
    carriage_returns: "var y: scalar\rminimize y)\rsolve with auto"
}

#[test]
fn many_labels() {
    let source = "param x: vector[20]\nconst D: matrix[30, 50]\n\n\nvar y: vector[50]\nminimize ||x - D*y||^2 + 1\n";
    let at = |text: &str, from: usize| {
        let start = source[from..].find(text).expect("the text") + from;
        Span::new(start, start + text.len())
    };
    let objective = source.find("minimize").expect("the objective");
    let error = Diagnostic::new(diagnostics::E0301, "cannot subtract a vector of length 30 from one of length 20")
        .label(at("-", objective), "lengths 20 and 30")
        .label(at("x", objective), "length 20")
        .label(at("D*y", objective), "length 30")
        .label(at("x: vector[20]", 0), "declared here")
        .label(at("D: matrix[30, 50]", 0), "declared here")
        .help("declare D as matrix[20, 50], or x as vector[30]");
    insta::assert_snapshot!("many_labels", render::text(&error, source, "lasso.sparse", false));
    insta::assert_snapshot!(
        "many_labels_in_color",
        render::text(&error, source, "lasso.sparse", true).replace('\x1b', "ESC")
    );
    insta::assert_snapshot!("short", render::short(&error, source, "lasso.sparse"));
}

#[test]
fn without_labels_and_in_long_lines() {
    let error =
        Diagnostic::new(diagnostics::E0501, "the parameter x has no value").help("give it with `--set x=x.npy`");
    insta::assert_snapshot!("no_labels", render::text(&error, "", "lasso.sparse", false));
    let long = format!("minimize {}) + {}", "y + ".repeat(60), "z + ".repeat(60));
    insta::assert_snapshot!("long_line", rendered(&long).split("----\n").nth(1).unwrap_or_default());
}
