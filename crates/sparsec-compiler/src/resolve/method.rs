//! `solve with NAME(options)`.

use super::{Resolver, names, values};
use crate::model::{Method, MethodOption, OptionValue};
use sparsec_syntax::ast::{self, ExprKind};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::E0405;

/// Algorithms of the language; which of them fits a problem is decided in planning.
pub const ALGORITHMS: &[&str] = &[
    "auto",
    "closed_form",
    "ista",
    "fista",
    "projected_gradient",
    "steepest_descent",
    "conjugate_gradient",
    "homotopy",
    "newton",
    "active_set",
    "cd",
    "working_set",
    "admm",
    "pdhg",
    "condat_vu",
    "davis_yin",
    "frank_wolfe",
    "unrolled",
];

impl Resolver<'_> {
    /// The algorithm and its options; `None` for `auto` without options, and where there is an error.
    pub fn method(&mut self, written: &ast::Method) -> Option<Method> {
        let name = written.name.canonical.as_str();
        if !ALGORITHMS.contains(&name) {
            let help = match names::nearest(name, ALGORITHMS.iter().map(|a| (*a, *a))) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("algorithms are {}", ALGORITHMS.join(", ")),
            };
            self.error(
                Diagnostic::new(E0405, format!("there is no algorithm `{}`", written.name.text))
                    .label(written.name.span, "unknown algorithm")
                    .help(help),
            );
            return None;
        }
        let mut options: Vec<MethodOption> = Vec::new();
        for option in &written.options {
            let Some(option_name) = &option.name else {
                self.error(
                    Diagnostic::new(E0405, format!("options of {name} are given by name"))
                        .label(option.span, "a value without a name")
                        .help(format!("write {name}(tol = 1e-8)")),
                );
                continue;
            };
            if let Some(first) = options.iter().find(|o| o.name == option_name.canonical) {
                let first = first.span;
                self.error(
                    Diagnostic::new(E0405, format!("option `{}` is given twice", option_name.text))
                        .label(option.span, "given again")
                        .label(first, "first given here")
                        .help("keep one of the two"),
                );
                continue;
            }
            if let Some(value) = self.option_value(&option_name.text, option) {
                options.push(MethodOption { name: option_name.canonical.clone(), span: option.span, value });
            }
        }
        if name == "auto" && options.is_empty() {
            return None;
        }
        Some(Method { name: name.to_owned(), span: written.name.span, options })
    }

    fn option_value(&mut self, name: &str, option: &ast::MethodOption) -> Option<OptionValue> {
        let e = match &option.value {
            ast::OptionValue::Load { path, key, .. } => {
                return Some(OptionValue::Load(path.clone(), key.clone()));
            }
            ast::OptionValue::Expr(e) => e,
        };
        if let ExprKind::Name(word) = &e.kind {
            if let Some(size) = self.dim_size(&word.canonical) {
                self.scope.touch(&word.canonical);
                return Some(OptionValue::Number(size as f64));
            }
            self.scope.touch(&word.canonical);
            return Some(OptionValue::Word(word.canonical.clone()));
        }
        if let Some(value) = values::number(e, &|name| self.dim_size(name)) {
            self.touch_names(e);
            return Some(OptionValue::Number(value));
        }
        if let ExprKind::Apply(word, args) = &e.kind {
            let numbers: Option<Vec<f64>> =
                args.iter().map(|arg| values::number(arg, &|name| self.dim_size(name))).collect();
            if let Some(numbers) = numbers {
                for arg in args {
                    self.touch_names(arg);
                }
                return Some(OptionValue::Call(word.canonical.clone(), numbers));
            }
        }
        let text = self.quote(e);
        let help = if name == "shrink" {
            "shrinkages by name are soft, hard, firm(a, b), garrote and sigshrink(tau)"
        } else {
            "an option is a number, a word, a word with numbers such as sigshrink(10), or load(\"file\")"
        };
        self.error(
            Diagnostic::new(E0405, format!("option `{name}` does not take `{text}`"))
                .label(e.span, "not a value of an option")
                .help(help),
        );
        None
    }
}
