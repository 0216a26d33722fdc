//! Names of the generated code: from the problem's names, valid in Rust, and each used once in its scope.

use proc_macro2::{Ident, Span};
use std::collections::BTreeSet;

/// Words that Rust keeps for itself, the prelude's derives aside.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "Self", "static", "struct", "super", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "_",
];

/// An identifier; a keyword gets a trailing `_`.
pub(crate) fn ident(name: &str) -> Ident {
    if KEYWORDS.contains(&name) {
        return Ident::new(&format!("{name}_"), Span::call_site());
    }
    Ident::new(name, Span::call_site())
}

/// The ASCII letters, digits and `_` of a name in its canonical form; everything else becomes `_`.
fn ascii(name: &str) -> String {
    sparsec_syntax::names::canonical(name).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// `patch_coder` is `PatchCoder`, `my-lasso` is `MyLasso`, `2d` is `Problem2d`.
pub fn type_name(problem: &str) -> String {
    let mut camel = String::new();
    for word in ascii(problem).split('_') {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    if camel.is_empty() || camel.starts_with(|c: char| c.is_ascii_digit()) {
        camel.insert_str(0, "Problem");
    }
    if KEYWORDS.contains(&camel.as_str()) {
        camel.push('_');
    }
    camel
}

/// `__sparsec_patch_coder`: the private module around a solver. No user writes such a name.
pub(crate) fn module_name(problem: &str) -> Ident {
    Ident::new(&format!("__sparsec_{}", ascii(problem)), Span::call_site())
}

/// Hands out names that are new in one scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope(BTreeSet<String>);

impl Scope {
    /// A scope in which the names of `taken` mean something already.
    pub(crate) fn new(taken: &[&str]) -> Self {
        Self(taken.iter().map(|&name| name.to_owned()).collect())
    }

    /// `wanted`, with as many `_` after it as make it new.
    pub(crate) fn name(&mut self, wanted: &str) -> Ident {
        let mut name = ident(wanted).to_string();
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        Ident::new(&name, Span::call_site())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_upper_camel_case() {
        for (problem, expected) in [
            ("patch_coder", "PatchCoder"),
            ("patch_coder_f32", "PatchCoderF32"),
            ("lasso", "Lasso"),
            ("my-lasso", "MyLasso"),
            ("2d", "Problem2d"),
            ("", "Problem"),
            ("_", "Problem"),
            ("self", "Self_"),
            ("λ_path", "LambdaPath"),
        ] {
            assert_eq!(type_name(problem), expected);
        }
    }

    #[test]
    fn names_of_a_scope_differ() {
        let mut scope = Scope::new(&["workspace"]);
        let names: Vec<String> =
            ["workspace", "y", "y", "type", "type_"].iter().map(|n| scope.name(n).to_string()).collect();
        assert_eq!(names, ["workspace_", "y", "y_", "type_", "type__"]);
    }
}
