//! The expansion of `sparse_solver!`: head and visibility, then the problem as tokens, as a string or as a file.
//!
//! Everything that can be wrong becomes `compile_error!` under the tokens that are wrong: those of the problem through
//! the table that [`flatten`] makes along with the text.

mod failure;
mod flatten;
mod input;
mod string;

use crate::{Options, Precision, solver};
use failure::Failure;
use input::{Body, Input};
use proc_macro2::TokenStream;
use quote::quote;
use sparsec_syntax::ast::{DimDecl, Ident, Problem, Statement, StatementKind, Value};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::E0801;
use sparsec_syntax::names::canonical;
use sparsec_syntax::span::Span;

/// Gives the bytes of a file of the user's crate, by its path from the manifest's folder, or says why not.
pub type Files<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'a;

/// The expansion of `sparse_solver! { input }`. Never panics: what is wrong becomes `compile_error!`.
pub fn expand(input: TokenStream, files: &Files<'_>) -> TokenStream {
    match Input::parse(input) {
        Ok(input) => expansion(&input, files),
        Err(failure) => failure.tokens(),
    }
}

fn expansion(input: &Input, files: &Files<'_>) -> TokenStream {
    match &input.body {
        Body::Tokens(tokens) => {
            let text = flatten::flatten(tokens);
            let errors = |diagnostics: Vec<Diagnostic>| {
                let failures = diagnostics.iter().map(|diagnostic| failure::in_tokens(diagnostic, &text, input));
                failures.map(Failure::tokens).collect()
            };
            match sparsec_syntax::parse(&text.text) {
                Ok(problem) => solver_or(input, &problem, "", errors),
                Err(diagnostics) => errors(diagnostics),
            }
        }
        Body::Text(literal) => {
            let Some(value) = string::value(literal) else {
                return Failure::at(literal.span(), string::NOT_TEXT).tokens();
            };
            let errors = |diagnostics: Vec<Diagnostic>| {
                let failures = diagnostics.iter().map(|d| failure::in_text(d, &value, "text", input, literal.span()));
                failures.map(Failure::tokens).collect()
            };
            match sparsec_syntax::parse(&value) {
                Ok(problem) => solver_or(input, &problem, "", errors),
                Err(diagnostics) => errors(diagnostics),
            }
        }
        Body::File(literal) => {
            let Some(path) = string::value(literal) else {
                return Failure::at(literal.span(), string::NOT_TEXT).tokens();
            };
            if let Err(why) = input::check_path(&path) {
                return Failure::at(literal.span(), &why).tokens();
            }
            let bytes = match files(&path) {
                Ok(bytes) => bytes,
                Err(why) => return Failure::at(literal.span(), &format!("`{path}` cannot be read: {why}")).tokens(),
            };
            let shown = String::from_utf8_lossy(&bytes);
            let errors = |diagnostics: Vec<Diagnostic>| {
                let failures = diagnostics.iter().map(|d| failure::in_text(d, &shown, &path, input, literal.span()));
                failures.map(Failure::tokens).collect()
            };
            let code = match sparsec_syntax::parse_bytes(&bytes) {
                Ok(problem) => solver_or(input, &problem, &path, errors),
                Err(diagnostics) => errors(diagnostics),
            };
            // The compiler then knows that the expansion depends on the file.
            quote! {
                #code
                const _: &[u8] =
                    ::core::include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #path));
            }
        }
    }
}

/// The solver of a problem; `file` is the path of its file, if it has one, whose name then is the problem's.
fn solver_or(
    input: &Input,
    problem: &Problem,
    file: &str,
    errors: impl Fn(Vec<Diagnostic>) -> TokenStream,
) -> TokenStream {
    if problem.name.is_none() && file.is_empty() {
        return Failure::at(input.body.span(), input::UNNAMED).tokens();
    }
    let outside = loads_outside(problem, file);
    if !outside.is_empty() {
        return errors(outside);
    }
    let options = sparsec_compiler::Options {
        dims: input.dims.iter().map(|dim| (dim.name.to_string(), dim.value)).collect(),
        single: input.precision == Precision::F32,
        ..Default::default()
    };
    let problem = with_dims(problem, input);
    match sparsec_compiler::compile(&problem, input::stem(file), &options) {
        Ok(stages) => {
            let mut spec = stages.spec;
            spec.docs = documentation(&input.docs, &spec.docs, &stages.warnings);
            let options = Options {
                precision: input.precision,
                visibility: input.visibility.clone(),
                runtime_path: input.runtime.clone().unwrap_or_else(|| quote!(::sparsec::runtime)),
                ..Options::default()
            };
            solver::tokens(&spec, &options)
        }
        Err(diagnostics) => errors(diagnostics),
    }
}

/// An error for every `load("…")` whose path leads out of the crate's folder. No data is read while a crate is compiled, and
/// nothing there shall look as if it were.
fn loads_outside(problem: &Problem, file: &str) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    for statement in &problem.statements {
        let (StatementKind::Const(decls) | StatementKind::Param(decls)) = &statement.kind else { continue };
        for decl in decls {
            if let Some(Value::Load { path, span, .. }) = &decl.value
                && !input::stays_inside(file, path)
            {
                let message =
                    format!("`{path}` leads out of the crate's folder, which data of a macro's problem may not");
                let help = format!(
                    "leave `= load(…)` out and pass the numbers of `{}` to the solver, or name a file of the crate",
                    decl.name.text
                );
                wrong.push(Diagnostic::new(E0801, message).label(*span, "outside").help(help));
            }
        }
    }
    wrong
}

/// The problem with the sizes of the head declared in front, where it does not declare them itself.
fn with_dims(problem: &Problem, input: &Input) -> Problem {
    let mut problem = problem.clone();
    let declared = |name: &str| {
        problem.statements.iter().any(|statement| match &statement.kind {
            StatementKind::Dim(dims) => dims.iter().any(|dim| dim.name.canonical == name),
            _ => false,
        })
    };
    let dims: Vec<DimDecl> = input
        .dims
        .iter()
        .map(|dim| dim.name.to_string())
        .map(|text| Ident { canonical: canonical(&text), text, span: Span::default() })
        .filter(|name| !declared(&name.canonical))
        .map(|name| DimDecl { name, value: None })
        .collect();
    if !dims.is_empty() {
        let (docs, span) = (String::new(), Span::default());
        problem.statements.insert(0, Statement { docs, kind: StatementKind::Dim(dims), span });
    }
    problem
}

/// What stands before the visibility, the problem's own lines, and what the compiler warned of.
fn documentation(before: &str, own: &str, warnings: &[Diagnostic]) -> String {
    let mut docs =
        [before.trim(), own.trim()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
    if !warnings.is_empty() {
        docs.push_str("\n\n# Warnings\n");
        for warning in warnings {
            docs.push_str(&format!("\n* {}: {}", warning.code.code, warning.message));
        }
    }
    docs
}
