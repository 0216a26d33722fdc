//! Products, quotients and powers.

use super::expressions::words;
use super::{Resolver, ops, ranges, values};
use crate::calculus::functions;
use crate::model::{Arg, Curvature, Expr, ExprKind, Sign};
use sparsec_program::solver::{Domain, Shape};
use sparsec_syntax::ast::{self, BinaryOp};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0301, E0306, E0401, E0403, E0406};
use sparsec_syntax::span::Span;

/// The text of the transpose of a text.
fn transposed(text: &str) -> String {
    match text.strip_suffix(".T") {
        Some(inner) => inner.to_owned(),
        None if text.contains([' ', '*', '+', '-', '/']) => format!("({text}).T"),
        None => format!("{text}.T"),
    }
}

/// Largest exponent.
const MAX_EXPONENT: f64 = 1000.0;

impl<'a> Resolver<'a> {
    /// `2 D y`: the factors from left to right, the brackets of `x(e)` among them.
    #[inline(never)]
    pub fn side_by_side(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        let mut factors: Vec<&'a ast::Expr> = Vec::new();
        let mut at = e;
        while let ast::ExprKind::Binary(BinaryOp::Juxtapose, left, right) = &at.kind {
            factors.push(right);
            at = left;
        }
        factors.push(at);
        let mut resolved: Vec<Option<Expr>> = Vec::new();
        for factor in factors.into_iter().rev() {
            match self.product_in_disguise(factor) {
                Some((name, argument, postfixes)) => {
                    resolved.push(self.name(name));
                    resolved.push(self.with_postfixes(argument, &postfixes));
                }
                None => resolved.push(self.expression(factor)),
            }
        }
        let mut factors = resolved.into_iter().collect::<Option<Vec<Expr>>>()?.into_iter();
        let mut product = factors.next()?;
        for factor in factors {
            let span = product.span.to(factor.span);
            product = self.multiply(product, factor, span)?;
        }
        Some(Expr { span: e.span, ..product })
    }

    /// A product by its shapes.
    pub fn multiply(&mut self, a: Expr, b: Expr, span: Span) -> Option<Expr> {
        match (a.shape, b.shape) {
            (Shape::Scalar, _) | (_, Shape::Scalar) => {
                if ops::has_unknown(&a) && ops::has_unknown(&b) {
                    return self.product_of_unknowns(a, b, span);
                }
                let (scalar, other) = if a.shape == Shape::Scalar && !(b.shape == Shape::Scalar && ops::has_unknown(&a))
                {
                    (a, b)
                } else {
                    (b, a)
                };
                Some(ops::scale(scalar, other, span))
            }
            (Shape::Vector(_), Shape::Vector(_)) => {
                let (x, y) = (self.plain(&a), self.plain(&b));
                self.error(
                    Diagnostic::new(E0301, format!("cannot multiply {} with {}", words(a.shape), words(b.shape)))
                        .label(b.span, format!("`{y}` is {}", words(b.shape)))
                        .label(a.span, format!("`{x}` is {}", words(a.shape)))
                        .help(format!("the inner product is dot({x}, {y}), the elementwise one {x} .* {y}")),
                );
                None
            }
            (Shape::Vector(m), Shape::Matrix(1, n)) => {
                if ops::has_unknown(&a) && ops::has_unknown(&b) {
                    return self.product_of_unknowns(a, b, span);
                }
                self.check_entries(m.checked_mul(n), span)?;
                Some(ops::product(ops::column(a), b, Shape::Matrix(m, n), span))
            }
            (Shape::Vector(m), Shape::Matrix(p, _)) => {
                let (x, y) = (self.plain(&a), self.plain(&b));
                let mut diagnostic =
                    Diagnostic::new(E0301, format!("cannot multiply {} with {}", words(a.shape), words(b.shape)))
                        .label(a.span, format!("`{x}` is {}", words(a.shape)))
                        .label(b.span, format!("`{y}` is {}", words(b.shape)));
                if m == p {
                    diagnostic = diagnostic.help(format!("write {y}.T*{x}, or {x}.T*{y} for a row"));
                }
                self.error(diagnostic);
                None
            }
            (Shape::Matrix(m, n), _) => {
                let (inner, columns) = match b.shape {
                    Shape::Vector(k) => (k, None),
                    other => (other.rows_cols().0, Some(other.rows_cols().1)),
                };
                if inner != n {
                    self.product_mismatch(&a, &b, m, n);
                    return None;
                }
                // Scalars and signs go to the front.
                let a = match a.kind {
                    ExprKind::Scale(scalar, inner) if !ops::has_unknown(&scalar) => {
                        let product = self.multiply(*inner, b, span)?;
                        return Some(ops::scale(*scalar, product, span));
                    }
                    ExprKind::Negate(inner) => {
                        return self.multiply(*inner, b, span).map(|product| ops::negate(product, span));
                    }
                    kind => Expr { kind, ..a },
                };
                if ops::has_unknown(&a)
                    && ops::has_unknown(&b)
                    && !matches!(&a.kind, ExprKind::Transpose(v) if matches!(v.shape, Shape::Vector(_)))
                {
                    return self.product_of_unknowns(a, b, span);
                }
                let shape = match columns {
                    None => Shape::Vector(m),
                    Some(p) => Shape::Matrix(m, p),
                };
                self.check_entries(m.checked_mul(columns.unwrap_or(1)), span)?;
                match a.kind {
                    // A row times something: xᵀ y is a number, xᵀ A is the row (Aᵀ x)ᵀ.
                    ExprKind::Transpose(v) if matches!(v.shape, Shape::Vector(_)) => match b.shape {
                        Shape::Vector(_) => self.dot(*v, b, span),
                        _ => {
                            let b_span = b.span;
                            let product = self.multiply(ops::transpose(b, b_span), *v, span)?;
                            Some(ops::transpose(product, span))
                        }
                    },
                    // A product of matrices is applied from the right.
                    ExprKind::Product(left, right) if columns.is_none() => {
                        let inner_span = right.span.to(b.span);
                        let product = self.multiply(*right, b, inner_span)?;
                        if product.shape == Shape::Scalar {
                            // (u vᵀ) y = (vᵀ y) u
                            return Some(ops::scale(product, ops::vector_of_column(*left), span));
                        }
                        self.multiply(*left, product, span)
                    }
                    kind => Some(ops::product(Expr { kind, ..a }, b, shape, span)),
                }
            }
        }
    }

    fn product_mismatch(&mut self, a: &Expr, b: &Expr, m: usize, n: usize) {
        let (x, y) = (self.plain(a), self.plain(b));
        let mut diagnostic = Diagnostic::new(
            E0301,
            format!(
                "cannot multiply {} with {}: {} meet {}",
                words(a.shape),
                words(b.shape),
                super::text::count(n, "column"),
                super::text::count(b.shape.rows_cols().0, "row")
            ),
        )
        .label(a.span, format!("`{x}` is {}", words(a.shape)))
        .label(b.span, format!("`{y}` is {}", words(b.shape)));
        for origin in [self.origin(a, 1), self.origin(b, 0)] {
            if let Some((id, _)) = origin
                && let Some(span) = self.declared_type(id)
                && !diagnostic.labels.iter().any(|l| l.span == span)
            {
                let quantity = &self.quantities[id.0];
                diagnostic = diagnostic.label(span, format!("`{}` is {}", quantity.name, words(quantity.shape)));
            }
        }
        if m == b.shape.rows_cols().0 {
            diagnostic = diagnostic.help(format!("the transpose would fit: {}*{y}", transposed(&x)));
        } else if matches!(b.shape, Shape::Matrix(p, q) if q == n && p != n) {
            diagnostic = diagnostic.help(format!("the transpose would fit: {x}*{}", transposed(&y)));
        }
        self.error(diagnostic);
    }

    /// Products of two expressions with unknowns are squares, quadratic forms, or errors.
    fn product_of_unknowns(&mut self, a: Expr, b: Expr, span: Span) -> Option<Expr> {
        if a.shape == Shape::Scalar && b.shape == Shape::Scalar && ops::is_affine(&a) && ops::same(&a, &b) {
            return self.call_named("sum_squares", vec![Arg::Expr(a)], span);
        }
        let (x, y) = (self.plain(&a), self.plain(&b));
        let unknown = |resolver: &Self, e: &Expr| {
            resolver.an_unknown_in(e).map_or_else(|| "an unknown".to_owned(), |name| format!("the unknown `{name}`"))
        };
        let (of_a, of_b) = (unknown(self, &a), unknown(self, &b));
        self.error(
            Diagnostic::new(E0401, "not convex by the rules: a product of two expressions that both hold unknowns")
                .label(span, "this product")
                .label(a.span, format!("`{x}` holds {of_a}"))
                .label(b.span, format!("`{y}` holds {of_b}"))
                .help("make one side data (`const` or `param`); a square is sum_squares(e), a quadratic form quad_form(e, Q)"),
        );
        None
    }

    /// The name of one of the unknowns in an expression.
    pub fn an_unknown_in(&self, e: &Expr) -> Option<String> {
        let mut rest = vec![e];
        while let Some(e) = rest.pop() {
            if let ExprKind::Quantity(id) = e.kind
                && ops::has_unknown(e)
            {
                return self.quantities.get(id.0).map(|q| q.name.clone());
            }
            rest.extend(ops::children(e));
        }
        None
    }

    /// `⟨a, b⟩`
    pub fn dot(&mut self, a: Expr, b: Expr, span: Span) -> Option<Expr> {
        if a.shape != b.shape {
            self.mismatch(format!("no inner product of {} with {}", words(a.shape), words(b.shape)), &a, &b);
            return None;
        }
        match (ops::has_unknown(&a), ops::has_unknown(&b)) {
            (true, true) => {
                if ops::is_affine(&a) && ops::same(&a, &b) {
                    return self.call_named("sum_squares", vec![Arg::Expr(a)], span);
                }
                if !ops::is_affine(&a) || !ops::is_affine(&b) {
                    return self.product_of_unknowns(a, b, span);
                }
                // ⟨e, Bᵀ B e⟩ is a sum of squares, ⟨e, Q e⟩ a quadratic form.
                for (e, image) in [(&a, &b), (&b, &a)] {
                    if let ExprKind::Product(left, right) = &image.kind
                        && let (ExprKind::Transpose(outer), ExprKind::Product(inner, of)) = (&left.kind, &right.kind)
                        && ops::same(outer, inner)
                        && ops::same(of, e)
                    {
                        return self.call_named("sum_squares", vec![Arg::Expr((**right).clone())], span);
                    }
                    if let Some(q) = ops::factor_before(image, e)
                        && functions::find("quad_form").is_some()
                    {
                        let (e, q) = (e.clone(), q);
                        return self.quad_form(e, q, span);
                    }
                }
                self.product_of_unknowns(a, b, span)
            }
            _ if a.shape == Shape::Scalar => self.multiply(a, b, span),
            (false, false) => Some(ops::dot(a, b, span)),
            (true, false) => self.weighted_sum(b, a, span),
            (false, true) => self.weighted_sum(a, b, span),
        }
    }

    /// `a .* b`
    pub fn element_multiply(&mut self, a: Expr, b: Expr, span: Span) -> Option<Expr> {
        if a.shape == Shape::Scalar || b.shape == Shape::Scalar {
            return self.multiply(a, b, span);
        }
        if a.shape != b.shape {
            self.mismatch(format!("cannot multiply {} with {} entry by entry", words(a.shape), words(b.shape)), &a, &b);
            return None;
        }
        match (ops::has_unknown(&a), ops::has_unknown(&b)) {
            (true, true) if ops::is_affine(&a) && ops::same(&a, &b) => Some(ops::power(a, 2, span)),
            (true, true) => self.product_of_unknowns(a, b, span),
            // Data on the left.
            (true, false) => Some(ops::element_product(b, a, span)),
            _ => Some(ops::element_product(a, b, span)),
        }
    }

    /// `a / b`: the divisor is a scalar without unknowns.
    pub fn divide(&mut self, a: Expr, b: Expr, span: Span) -> Option<Expr> {
        if b.shape != Shape::Scalar {
            let (x, y) = (self.plain(&a), self.plain(&b));
            let mut diagnostic = Diagnostic::new(E0301, format!("cannot divide by {}", words(b.shape)))
                .label(b.span, format!("`{y}` is {}", words(b.shape)));
            if a.shape == b.shape || a.shape == Shape::Scalar {
                diagnostic = diagnostic.help(format!("entry by entry it is {} ./ {}", x, y));
            }
            self.error(diagnostic);
            return None;
        }
        self.check_divisor(&b)?;
        if let (Some(x), Some(y)) = (ops::number_of(&a), ops::number_of(&b)) {
            let filled = ops::number(x / y, span);
            return Some(ops::fill(filled, a.shape, span));
        }
        if ops::has_unknown(&a) || a.depends == crate::model::Depends::Literal && a.shape != Shape::Scalar {
            let inverse = match ops::number_of(&b) {
                Some(y) => ops::number(1.0 / y, b.span),
                None => {
                    let at = b.span;
                    ops::element_quotient(ops::number(1.0, at), b, at)
                }
            };
            return Some(ops::scale(inverse, a, span));
        }
        let shape = a.shape;
        let at = b.span;
        Some(ops::element_quotient(a, ops::fill(b, shape, at), span))
    }

    /// `a ./ b`
    pub fn element_divide(&mut self, a: Expr, b: Expr, span: Span) -> Option<Expr> {
        if b.shape == Shape::Scalar {
            return self.divide(a, b, span);
        }
        if a.shape != b.shape && a.shape != Shape::Scalar {
            self.mismatch(format!("cannot divide {} by {} entry by entry", words(a.shape), words(b.shape)), &a, &b);
            return None;
        }
        self.check_divisor(&b)?;
        let (shape, at) = (b.shape, a.span);
        let a = if a.shape == Shape::Scalar { ops::fill(a, shape, at) } else { a };
        Some(ops::element_quotient(a, b, span))
    }

    /// A divisor holds no unknown and no zero.
    fn check_divisor(&mut self, b: &Expr) -> Option<()> {
        if ops::has_unknown(b) {
            let text = self.text(b);
            let name = self.an_unknown_in(b).unwrap_or_default();
            self.error(
                Diagnostic::new(E0401, "not convex by the rules: a quotient whose divisor holds an unknown")
                    .label(b.span, format!("{text} holds the unknown `{name}`"))
                    .help("divide by data only"),
            );
            return None;
        }
        if let ExprKind::Literal(values) = &b.kind
            && values.contains(&0.0)
        {
            self.error(Diagnostic::new(E0306, "division by zero").label(b.span, "this is 0"));
            return None;
        }
        if !ranges::of(b, &self.quantities).nonzero {
            self.demand(b, Domain::Nonzero);
        }
        Some(())
    }

    /// `e^k`
    pub fn power(&mut self, base: Expr, exponent: &'a ast::Expr, span: Span) -> Option<Expr> {
        let value = values::number(exponent, &|_| None);
        let k = match value {
            Some(k) if (0.0..=MAX_EXPONENT).contains(&k) && k.fract() == 0.0 => k as u32,
            _ => {
                let (text, inner) = (self.quote(exponent), self.plain(&base));
                let mut diagnostic = Diagnostic::new(
                    E0406,
                    format!(
                        "the exponent must be a whole number from 0 to {MAX_EXPONENT}, written as a literal, not {text}"
                    ),
                )
                .label(exponent.span, "not such a number");
                diagnostic = match value {
                    Some(0.5) => diagnostic.help(format!("the square root is sqrt({inner})")),
                    Some(k) if k > 0.0 && k < 1.0 => {
                        diagnostic.help(format!("Σ |eᵢ|^{k} is lp({inner}, {k}), the square root sqrt({inner})"))
                    }
                    Some(k) if k < 0.0 => {
                        diagnostic.help(format!("write a quotient, 1/{inner}; roots are sqrt(e) and lp(e, p)"))
                    }
                    _ => diagnostic.help("roots and other powers have names: sqrt(e), lp(e, p)"),
                };
                self.error(diagnostic);
                return None;
            }
        };
        match k {
            0 => return Some(ops::fill(ops::number(1.0, span), base.shape, span)),
            1 => return Some(Expr { span, ..base }),
            _ => {}
        }
        if !ops::has_unknown(&base) {
            return Some(match (ops::number_of(&base), base.shape) {
                (Some(value), Shape::Scalar) => ops::number(value.powi(k as i32), span),
                _ => ops::power(base, k, span),
            });
        }
        match base.kind {
            ExprKind::Call(function, args) => self.power_of_call(function, args, k, base.shape, span),
            _ if ops::is_affine(&base) && k == 2 => {
                if base.shape == Shape::Scalar {
                    self.call_named("sum_squares", vec![Arg::Expr(base)], span)
                } else {
                    Some(ops::power(base, 2, span))
                }
            }
            _ => {
                let powered = ops::power(base, k, span);
                let text = self.text_at(span);
                if powered.curvature == Curvature::Unknown {
                    self.error(
                        Diagnostic::new(E0401, format!("not convex by the rules: {text}"))
                            .label(span, "an even power keeps convexity of an affine expression, an odd one only where that is nonnegative")
                            .help("squares are written e^2 or sum_squares(e)"),
                    );
                } else {
                    self.error(
                        Diagnostic::new(E0403, format!("{text} is convex, but this version solves squares only"))
                            .label(span, format!("power {k} of an expression with unknowns"))
                            .help("squares are written e^2 or sum_squares(e)"),
                    );
                }
                None
            }
        }
    }

    /// Powers of norms and other functions.
    fn power_of_call(
        &mut self,
        function: &'static crate::calculus::Function,
        args: Vec<Arg>,
        k: u32,
        _shape: Shape,
        span: Span,
    ) -> Option<Expr> {
        if function.name == "norm2" && k == 2 {
            return self.call_named("sum_squares", args, span);
        }
        let suffix = match k {
            2 => "_squared",
            3 => "_cubed",
            _ => "_power",
        };
        if let Some(power) = functions::find(&format!("{}{suffix}", function.name)).filter(|_| k <= 3) {
            return Some(ops::call(power, args, span));
        }
        let (name, text) = (function.name, self.text_at(span));
        let call = ops::call(function, args, span);
        let convex = call.curvature == Curvature::Convex && call.sign == Sign::Nonnegative;
        if convex {
            self.error(
                Diagnostic::new(E0403, format!("{text} is convex, but this version has no rule for a power of {name}"))
                    .label(span, format!("power {k} of {name}"))
                    .help("with a rule are norm2(e)^2 = sum_squares(e), and every function without a power"),
            );
        } else {
            self.error(
                Diagnostic::new(E0401, format!("not convex by the rules: {text}"))
                    .label(span, "a power keeps convexity where its base is convex and nonnegative")
                    .help("with a rule are norm2(e)^2 = sum_squares(e), and every function without a power"),
            );
        }
        None
    }
}
