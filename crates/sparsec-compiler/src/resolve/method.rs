//! `solve with NAME(options)`.

use super::{Options, Resolver, names, values};
use crate::model::{Method, MethodOption, OptionValue};
use sparsec_syntax::ast::{self, ExprKind, StatementKind};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0405, E0901};

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

/// An algorithm that a caller asks for, as it stands behind `solve with`: `fista`, `homotopy(layers = 30)`.
///
/// # Errors
/// What is wrong with it, as usage errors without places: the text is not the problem's.
pub fn algorithm(text: &str) -> Result<Method, Vec<Diagnostic>> {
    const HELP: &str = "an algorithm is written as behind `solve with`: fista, or homotopy(layers = 30)";
    let usage = |diagnostics: Vec<Diagnostic>| -> Vec<Diagnostic> {
        let plain = |d: Diagnostic| Diagnostic { code: E0901, labels: Vec::new(), ..d };
        diagnostics.into_iter().map(plain).collect()
    };
    let wrong = |why: &str| vec![Diagnostic::new(E0901, format!("`{text}` is no algorithm{why}")).help(HELP)];
    let problem = sparsec_syntax::parse(&format!("solve with {text}"))
        .map_err(|errors| wrong(&errors.first().map_or(String::new(), |e| format!(": {}", e.message))))?;
    let [ast::Statement { kind: StatementKind::Solve(written), .. }] = &problem.statements[..] else {
        return Err(wrong(""));
    };
    let options = Options::default();
    let mut resolver = Resolver::new(&problem, &options);
    let method = resolver.method(written);
    if !resolver.diagnostics.is_empty() {
        return Err(usage(std::mem::take(&mut resolver.diagnostics)));
    }
    Ok(method.unwrap_or_else(|| Method { name: "auto".to_owned(), span: written.name.span, options: Vec::new() }))
}

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
