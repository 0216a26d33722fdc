//! Application of functions: those that resolution turns into operations, and those of the registry.

use super::expressions::words;
use super::{Resolver, names, ops};
use crate::calculus::{Function, Takes, functions};
use crate::language;
use crate::model::{Arg, Curvature, Elementwise, Expr, ExprKind, LinearMap, Sign};
use sparsec_program::solver::{Domain, Shape};
use sparsec_syntax::ast::{self, Ident, NormKind};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0203, E0301, E0306, E0307, W0401};
use sparsec_syntax::span::Span;

impl<'a> Resolver<'a> {
    /// `f(e, …)`; the product `x(e)` of a quantity has been dealt with.
    #[inline(never)]
    pub fn apply(&mut self, e: &'a ast::Expr, name: &'a Ident, args: &'a [ast::Expr]) -> Option<Expr> {
        let span = e.span;
        if self.is_declared(name) && !(args.len() >= 2 && names::is_function(&name.canonical)) {
            self.scope.touch(&name.canonical);
            let what = self.scope.get(&name.canonical).map_or("quantity", |named| named.what);
            if self.scope.get(&name.canonical).is_some_and(|named| named.meaning != names::Meaning::Poisoned) {
                self.error(
                    Diagnostic::new(E0307, format!("`{}` is a {what}, not a function", name.text))
                        .label(name.span, format!("applied to {} arguments", args.len()))
                        .help("a product with one expression is x*e or x(e); entries are x[i]"),
                );
            }
            return None;
        }
        if let Some(word) = language::operation(&name.canonical) {
            return self.builtin(word.name, word.form, name, args, span);
        }
        match functions::find(&name.canonical) {
            Some(function) => self.call(function, name, args, span),
            None => self.rewritten(name, args, span),
        }
    }

    /// Functions that are others in disguise where they have no rule of their own, and unknown ones.
    #[inline(never)]
    fn rewritten(&mut self, name: &'a Ident, args: &'a [ast::Expr], span: Span) -> Option<Expr> {
        match (name.canonical.as_str(), args) {
            ("tv", [inner]) if functions::find("norm1").is_some() => {
                let inner = self.expression(inner)?;
                let difference = self.linear_map(LinearMap::Diff(1), inner, span)?;
                self.call_named("norm1", vec![Arg::Expr(difference)], span)
            }
            ("norm21", [inner]) if functions::find("norm2").is_some() => {
                let inner = self.expression(inner)?;
                self.expect_matrix(&inner, "norm21(A)")?;
                let at = inner.span;
                let rows = ops::by_rows(inner, true, at);
                let norms = self.call_named("norm2", vec![Arg::Expr(rows)], span)?;
                Some(ops::sum(norms, span))
            }
            _ => {
                self.unknown_function(name);
                // The arguments are looked at all the same, for their own errors and for what they use.
                for arg in args {
                    self.touch_names(arg);
                }
                None
            }
        }
    }

    fn unknown_function(&mut self, name: &Ident) {
        let canonical = name.canonical.as_str();
        if names::is_set(canonical) {
            self.error(
                Diagnostic::new(E0203, format!("`{}` is a set, not a function", name.text))
                    .label(name.span, "a set")
                    .help(format!("sets stand in constraints: subject to y in {canonical}")),
            );
            return;
        }
        if names::LANGUAGE.contains(&canonical) {
            self.unsupported_function(canonical, name.span);
            return;
        }
        if !self.unknown.insert(canonical.to_owned()) {
            return;
        }
        let help = match (names::nearest_function(canonical), self.scope.nearest(canonical)) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(near)) => format!("did you mean a product with `{near}`?"),
            (None, None) => "`sparsec explain functions` lists them all; a product is written with `*`".to_owned(),
        };
        self.error(
            Diagnostic::new(E0203, format!("there is no function `{}`, and no quantity of that name", name.text))
                .label(name.span, "unknown function")
                .help(help),
        );
    }

    /// A function of the language that has no rule yet; reported once.
    fn unsupported_function(&mut self, name: &str, span: Span) {
        if !self.unknown.insert(name.to_owned()) {
            return;
        }
        self.error(
            Diagnostic::new(E0203, format!("`{name}` is a function of the language that this version has no rule for"))
                .label(span, "no rule for it yet")
                .help("`sparsec explain functions` lists those that have one"),
        );
    }

    /// A call of a registered function by name, its arguments known to fit.
    pub fn call_named(&mut self, name: &str, args: Vec<Arg>, span: Span) -> Option<Expr> {
        match functions::find(name) {
            Some(function) => {
                self.note_nonconvex(function, span);
                Some(ops::call(function, args, span))
            }
            None => {
                self.unsupported_function(name, span);
                None
            }
        }
    }

    fn note_nonconvex(&mut self, function: &'static Function, span: Span) {
        if function.curvature == Curvature::Unknown && self.nonconvex.insert(function.name) {
            self.diagnostics.push(
                Diagnostic::new(W0401, format!("`{}` is not convex: the answer is a stationary point", function.name))
                    .label(span, "not convex"),
            );
        }
    }

    /// The number of arguments does not fit.
    fn wrong_count(&mut self, name: &Ident, form: &str, found: usize, span: Span) {
        let count = if found == 1 { "1 argument".to_owned() } else { format!("{found} arguments") };
        self.error(
            Diagnostic::new(E0307, format!("`{}` does not take {count}", name.text))
                .label(span, count)
                .help(format!("its form is {form}")),
        );
    }

    /// A function that becomes an operation.
    #[inline(never)]
    fn builtin(
        &mut self,
        known: &'static str,
        form: &str,
        name: &'a Ident,
        args: &'a [ast::Expr],
        span: Span,
    ) -> Option<Expr> {
        match (known, args) {
            ("dot", [a, b]) => {
                let (a, b) = (self.expression(a), self.expression(b));
                self.dot(a?, b?, span)
            }
            ("sum", [a]) => {
                let a = self.expression(a)?;
                self.sum_of(a, span)
            }
            ("mean", [a]) => {
                let a = self.expression(a)?;
                let n = a.shape.len();
                let sum = self.sum_of(a, span)?;
                Some(ops::scale(ops::number(1.0 / n as f64, span), sum, span))
            }
            ("trace", [a]) => {
                let a = self.expression(a)?;
                self.trace(a, span)
            }
            ("diag", [a]) => {
                let a = self.expression(a)?;
                let Shape::Vector(n) = a.shape else {
                    self.wrong_shape(
                        &a,
                        "diag(v) takes a vector",
                        "the diagonal of a matrix is not part of the language",
                    );
                    return None;
                };
                self.check_entries(n.checked_mul(n), span)?;
                Some(ops::diag(a, span))
            }
            ("ones" | "zeros", [_] | [_, _]) => {
                let sizes: Vec<Option<usize>> = args.iter().map(|a| self.size(a, "a size")).collect();
                let sizes: Vec<usize> = sizes.into_iter().collect::<Option<_>>()?;
                self.check_entries(sizes.iter().try_fold(1_usize, |p, s| p.checked_mul(*s)), span)?;
                let shape = match sizes[..] {
                    [m, n] => Shape::Matrix(m, n),
                    _ => Shape::Vector(sizes.first().copied()?),
                };
                Some(ops::fill(ops::number(if known == "ones" { 1.0 } else { 0.0 }, span), shape, span))
            }
            ("eye", [n]) => {
                let n = self.size(n, "a size")?;
                self.check_entries(n.checked_mul(n), span)?;
                Some(ops::diag(ops::fill(ops::number(1.0, span), Shape::Vector(n), span), span))
            }
            ("rows" | "cols", [_]) => {
                self.error(
                    Diagnostic::new(E0301, format!("{known}(…) is only an argument of vector functions and sets"))
                        .label(span, "not an expression by itself")
                        .help(format!("write norm2({known}(Y)), or {known}(Y) in simplex")),
                );
                None
            }
            ("diff", [a]) => {
                let a = self.expression(a)?;
                self.linear_map(LinearMap::Diff(1), a, span)
            }
            ("diff", [a, k]) => {
                let (a, order) = (self.expression(a), self.integer(k, "the order of a difference"));
                let (a, order) = (a?, order?);
                if order < 1 {
                    self.error(
                        Diagnostic::new(E0307, format!("the order of a difference must be at least 1, not {order}"))
                            .label(k.span, "not an order"),
                    );
                    return None;
                }
                self.linear_map(LinearMap::Diff(usize::try_from(order).ok()?), a, span)
            }
            ("cumsum", [a]) => {
                let a = self.expression(a)?;
                self.linear_map(LinearMap::Cumsum, a, span)
            }
            ("dct", [a]) => {
                let a = self.expression(a)?;
                self.linear_map(LinearMap::Dct, a, span)
            }
            ("grad2", [a]) => {
                let a = self.expression(a)?;
                self.linear_map(LinearMap::Grad2, a, span)
            }
            ("conv", [kernel, a]) => {
                let (kernel, a) = (self.expression(kernel), self.expression(a));
                self.convolution(kernel?, a?, span)
            }
            ("norm_fro", [a]) => {
                let a = self.expression(a)?;
                self.call_named("norm2", vec![Arg::Expr(a)], span)
            }
            ("max" | "min", [a]) => {
                let a = self.argument(a)?;
                if a.shape == Shape::Scalar {
                    return Some(Expr { span, ..a });
                }
                let Some(function) = functions::find("max") else {
                    self.unsupported_function(known, name.span);
                    return None;
                };
                if known == "max" {
                    self.check_takes(function, &a)?;
                    self.call_named("max", vec![Arg::Expr(a)], span)
                } else {
                    self.check_takes(function, &a)?;
                    let at = a.span;
                    let call = self.call_named("max", vec![Arg::Expr(ops::negate(a, at))], span)?;
                    Some(ops::negate(call, span))
                }
            }
            ("max" | "min", [a, b]) => {
                let (a, b) = (self.expression(a), self.expression(b));
                let function = if known == "max" { Elementwise::Max } else { Elementwise::Min };
                self.elementwise_pair(function, a?, b?, span)
            }
            ("abs", [a]) => self.elementwise(Elementwise::Abs, a, span),
            ("exp", [a]) => self.elementwise(Elementwise::Exp, a, span),
            ("log", [a]) => self.elementwise(Elementwise::Log, a, span),
            ("sqrt", [a]) => self.elementwise(Elementwise::Sqrt, a, span),
            ("square", [a]) => self.elementwise(Elementwise::Square, a, span),
            ("pos", [a]) => self.elementwise(Elementwise::Pos, a, span),
            _ => {
                for arg in args {
                    self.touch_names(arg);
                }
                self.wrong_count(name, form, args.len(), span);
                None
            }
        }
    }

    fn wrong_shape(&mut self, e: &Expr, needs: &str, help: &str) {
        let text = self.text(e);
        self.error(
            Diagnostic::new(E0301, format!("{needs}, but {text} is {}", words(e.shape)))
                .label(e.span, words(e.shape))
                .help(help),
        );
    }

    fn expect_matrix(&mut self, e: &Expr, form: &str) -> Option<()> {
        if matches!(e.shape, Shape::Matrix(..)) {
            return Some(());
        }
        self.wrong_shape(e, &format!("{form} takes a matrix"), "declare it as matrix[m, n]");
        None
    }

    fn trace(&mut self, a: Expr, span: Span) -> Option<Expr> {
        if !matches!(a.shape, Shape::Matrix(m, n) if m == n) {
            self.wrong_shape(&a, "trace(A) takes a square matrix", "the inner product of two matrices is dot(A, B)");
            return None;
        }
        // trace(Aᵀ B) is the inner product of A and B.
        if let ExprKind::Product(left, right) = &a.kind
            && let ExprKind::Transpose(inner) = &left.kind
            && inner.shape == right.shape
            && !(ops::has_unknown(inner) && ops::has_unknown(right) && !ops::same(inner, right))
        {
            return self.dot((**inner).clone(), (**right).clone(), span);
        }
        Some(ops::trace(a, span))
    }

    /// A linear map of a vector (of a matrix, for `grad2`).
    fn linear_map(&mut self, map: LinearMap, a: Expr, span: Span) -> Option<Expr> {
        let shape = match (map, a.shape) {
            (LinearMap::Diff(k), Shape::Vector(n)) if k < n => Shape::Vector(n - k),
            (LinearMap::Diff(k), Shape::Vector(n)) => {
                let text = self.text(&a);
                self.error(
                    Diagnostic::new(
                        E0301,
                        format!(
                            "a difference of order {k} needs at least {} entries, but {text} has {n}",
                            k.saturating_add(1)
                        ),
                    )
                    .label(a.span, words(a.shape)),
                );
                return None;
            }
            (LinearMap::Cumsum | LinearMap::Dct, Shape::Vector(n)) => Shape::Vector(n),
            (LinearMap::Grad2, Shape::Matrix(m, n)) => Shape::Matrix(m.checked_mul(2)?, n),
            (LinearMap::Grad2, _) => {
                self.wrong_shape(&a, "grad2(Y) takes a matrix", "differences of a vector are diff(y)");
                return None;
            }
            (map, _) => {
                let name = match map {
                    LinearMap::Diff(_) => "diff(y)",
                    LinearMap::Cumsum => "cumsum(y)",
                    _ => "dct(y)",
                };
                self.wrong_shape(
                    &a,
                    &format!("{name} takes a vector"),
                    "differences of a matrix in both directions are grad2(Y)",
                );
                return None;
            }
        };
        self.check_entries(Some(shape.len()), span)?;
        Some(ops::linear(map, a, shape, span))
    }

    fn convolution(&mut self, kernel: Expr, a: Expr, span: Span) -> Option<Expr> {
        let (Shape::Vector(k), Shape::Vector(n)) = (kernel.shape, a.shape) else {
            let wrong = if matches!(kernel.shape, Shape::Vector(_)) { &a } else { &kernel };
            self.wrong_shape(wrong, "conv(k, y) takes two vectors", "flatten it, or write the product with a matrix");
            return None;
        };
        let length = k.checked_add(n)? - 1;
        self.check_entries(Some(length), span)?;
        match (ops::has_unknown(&kernel), ops::has_unknown(&a)) {
            (true, true) => {
                let (kernel_text, text) = (self.text(&kernel), self.text(&a));
                self.error(
                    Diagnostic::new(
                        sparsec_syntax::diagnostics::E0401,
                        "not convex by the rules: a convolution of two expressions that both hold unknowns",
                    )
                    .label(kernel.span, format!("{kernel_text} holds an unknown"))
                    .label(a.span, format!("{text} holds an unknown"))
                    .help("make the kernel data"),
                );
                None
            }
            // Convolution commutes: the kernel is the side without unknowns.
            (true, false) => Some(ops::convolve(a, kernel, length, span)),
            _ => Some(ops::convolve(kernel, a, length, span)),
        }
    }

    #[inline(never)]
    fn elementwise(&mut self, function: Elementwise, a: &'a ast::Expr, span: Span) -> Option<Expr> {
        let a = self.expression(a)?;
        if let (Some(value), Shape::Scalar) = (ops::number_of(&a), a.shape) {
            let result = match function {
                Elementwise::Abs => value.abs(),
                Elementwise::Exp => value.exp(),
                Elementwise::Log if value > 0.0 => value.ln(),
                Elementwise::Sqrt if value >= 0.0 => value.sqrt(),
                Elementwise::Square => value * value,
                Elementwise::Pos => value.max(0.0),
                _ => f64::NAN,
            };
            if !result.is_finite() {
                let text = self.text_at(span);
                self.error(
                    Diagnostic::new(E0306, format!("{text} is not a finite number")).label(a.span, format!("{value}")),
                );
                return None;
            }
            return Some(ops::number(result, span));
        }
        if !ops::has_unknown(&a) {
            match function {
                Elementwise::Log => self.demand_unless_known(&a, Domain::Above(0.0)),
                Elementwise::Sqrt => self.demand_unless_known(&a, Domain::AtLeast(0.0)),
                _ => {}
            }
            return Some(ops::refine(ops::elementwise(function, vec![a], span), &self.quantities));
        }
        let result = match function {
            Elementwise::Square if ops::is_affine(&a) => ops::power(a, 2, span),
            _ => ops::elementwise(function, vec![a], span),
        };
        // Of a scalar it is a sum of one entry.
        if result.shape == Shape::Scalar { self.sum_of(result, span) } else { Some(result) }
    }

    fn elementwise_pair(&mut self, function: Elementwise, a: Expr, b: Expr, span: Span) -> Option<Expr> {
        let (a, b) = self.spread(a, b);
        if a.shape != b.shape {
            let name = super::curvature::elementwise_name(function);
            self.mismatch(format!("no {name} of {} and {}", words(a.shape), words(b.shape)), &a, &b);
            return None;
        }
        if let (Some(x), Some(y), Shape::Scalar) = (ops::number_of(&a), ops::number_of(&b), a.shape) {
            return Some(ops::number(if function == Elementwise::Max { x.max(y) } else { x.min(y) }, span));
        }
        let result = ops::elementwise(function, vec![a, b], span);
        if result.shape == Shape::Scalar && ops::has_unknown(&result) {
            self.sum_of(result, span)
        } else {
            Some(result)
        }
    }

    /// A scalar beside something larger is repeated to its shape.
    pub fn spread(&self, a: Expr, b: Expr) -> (Expr, Expr) {
        match (a.shape, b.shape) {
            (Shape::Scalar, Shape::Scalar) => (a, b),
            (Shape::Scalar, shape) => {
                let at = a.span;
                (ops::fill(a, shape, at), b)
            }
            (shape, Shape::Scalar) => {
                let at = b.span;
                (a, ops::fill(b, shape, at))
            }
            _ => (a, b),
        }
    }

    /// A norm with bars.
    #[inline(never)]
    pub fn norm(&mut self, kind: NormKind, inner: &'a ast::Expr, span: Span) -> Option<Expr> {
        let e = self.argument(inner)?;
        let by_rows = matches!(e.kind, ExprKind::Rows(_) | ExprKind::Cols(_));
        let matrix = matches!(e.shape, Shape::Matrix(..)) && !by_rows;
        let name = match kind {
            NormKind::One => "norm1",
            NormKind::Infinity => "norm_inf",
            NormKind::Two if matrix => "norm_spec",
            NormKind::Plain | NormKind::Frobenius | NormKind::Two => "norm2",
            NormKind::Nuclear => {
                if !matrix {
                    let text = self.text_at(span);
                    self.wrong_shape(
                        &e,
                        &format!("the nuclear norm {text} takes a matrix"),
                        "a vector has the norms of index 1, 2 and infinity",
                    );
                    return None;
                }
                "norm_nuc"
            }
        };
        self.call_named(name, vec![Arg::Expr(e)], span)
    }

    /// The expression of a function or set, for which `rows(Y)` and `cols(Y)` may stand.
    #[inline(never)]
    pub fn argument(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        if let ast::ExprKind::Apply(name, args) = &e.kind
            && let [inner] = &args[..]
            && (self.is_builtin(name, "rows") || self.is_builtin(name, "cols"))
        {
            let inner = self.expression(inner)?;
            self.expect_matrix(&inner, &format!("{}(Y)", name.text))?;
            return Some(ops::by_rows(inner, name.canonical == "rows", e.span));
        }
        self.expression(e)
    }

    /// The form of a registered function, for messages.
    pub fn form(name: &str, parameters: &[crate::calculus::Parameter], expression: bool) -> String {
        let mut parts: Vec<String> = Vec::new();
        if expression {
            parts.push("e".to_owned());
        }
        parts.extend(
            parameters.iter().map(|p| if p.optional { format!("{} (optional)", p.name) } else { p.name.to_owned() }),
        );
        if parts.is_empty() { name.to_owned() } else { format!("{name}({})", parts.join(", ")) }
    }

    /// Refuses shapes that a function does not take.
    fn check_takes(&mut self, function: &'static Function, e: &Expr) -> Option<()> {
        let name = function.name;
        let by_rows = matches!(e.kind, ExprKind::Rows(_) | ExprKind::Cols(_));
        let matrix = matches!(e.shape, Shape::Matrix(..));
        let fits = match function.takes {
            _ if name == "norm2" => !matrix || by_rows,
            Takes::Entries => true,
            Takes::Vector => !matrix || by_rows,
            Takes::Matrix => matrix && !by_rows,
        };
        if fits {
            return Some(());
        }
        let text = self.plain(e);
        if name == "norm2" {
            let help = format!(
                "of a matrix there are norm_fro({text}), norm_spec({text}), and norm2(rows({text})) for every row"
            );
            self.wrong_shape(e, "norm2 takes a vector", &help);
        } else if function.takes == Takes::Vector {
            let help = format!("take it row by row or column by column, with rows({text}) or cols({text})");
            self.wrong_shape(e, &format!("{name} takes a vector"), &help);
        } else {
            self.wrong_shape(e, &format!("{name} takes a matrix"), "declare it as matrix[m, n]");
        }
        None
    }

    /// A call of a function of the registry.
    #[inline(never)]
    fn call(
        &mut self,
        function: &'static Function,
        name: &'a Ident,
        args: &'a [ast::Expr],
        span: Span,
    ) -> Option<Expr> {
        let parameters = function.parameters;
        let least = 1 + parameters.iter().filter(|p| !p.optional).count();
        if args.len() < least || args.len() > 1 + parameters.len() {
            for arg in args {
                self.touch_names(arg);
            }
            self.wrong_count(name, &Self::form(&name.text, parameters, true), args.len(), span);
            return None;
        }
        let first = args.first().and_then(|first| self.argument(first));
        let Some(first) = first else {
            for arg in args.iter().skip(1) {
                self.touch_names(arg);
            }
            return None;
        };
        self.check_takes(function, &first)?;
        let mut all = Vec::new();
        let further = self.parameters(&name.text, parameters, &args[1..], &first);
        all.push(Arg::Expr(first));
        all.extend(further?);
        self.note_nonconvex(function, span);
        Some(ops::call(function, all, span))
    }

    /// `⟨e, Q e⟩` as `quad_form(e, Q)`.
    pub fn quad_form(&mut self, e: Expr, q: Expr, span: Span) -> Option<Expr> {
        // Symmetric, so that its transpose is itself.
        let q = match q.kind {
            ExprKind::Transpose(inner) => *inner,
            kind => Expr { kind, ..q },
        };
        self.demand_square(&q, Domain::Psd, "quad_form")?;
        self.call_named("quad_form", vec![Arg::Expr(e), Arg::Expr(q)], span)
    }

    /// True for signs that are certainly ≥ 0.
    pub fn is_nonnegative(e: &Expr) -> bool {
        matches!(e.sign, Sign::Zero | Sign::Nonnegative)
    }
}
