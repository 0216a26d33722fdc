//! Sums of elementwise functions of unknowns: each becomes a function of the registry.
//!
//! `sum(abs(e))` is `norm1(e)`, `sum(e^2)` is `sum_squares(e)`, `sum(w .* e^2)` is `sum_squares(sqrt(w) .* e)`, and the sum goes
//! through sums, signs and factors.

use super::{Resolver, ops};
use crate::model::{Arg, Elementwise, Expr, ExprKind, Sign};
use sparsec_program::solver::Shape;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0401, E0403};
use sparsec_syntax::span::Span;

/// True where an elementwise function or power of an unknown is not yet part of a sum.
pub fn has_elementwise(e: &Expr) -> bool {
    let mut rest = vec![e];
    while let Some(e) = rest.pop() {
        if !ops::has_unknown(e) {
            continue;
        }
        match &e.kind {
            ExprKind::Elementwise(..) | ExprKind::Power(..) => return true,
            // What a function holds has been checked when the function was called.
            ExprKind::Call(..) => {}
            _ => rest.extend(ops::children(e)),
        }
    }
    false
}

/// True where a sum has to be taken apart: an elementwise function of an unknown, or a function's value that is spread.
fn is_compound(e: &Expr) -> bool {
    has_elementwise(e) || {
        let mut rest = vec![e];
        let mut found = false;
        while let (false, Some(e)) = (found, rest.pop()) {
            if ops::is_affine(e) || matches!(e.kind, ExprKind::Call(..)) {
                continue;
            }
            found = matches!(e.kind, ExprKind::Fill(_));
            rest.extend(ops::children(e));
        }
        found
    }
}

impl Resolver<'_> {
    /// The sum of all entries.
    pub fn sum_of(&mut self, e: Expr, span: Span) -> Option<Expr> {
        if !is_compound(&e) {
            return match e.kind {
                // Σ over rows of norm2 is norm21.
                ExprKind::Call(function, args) if function.name == "norm2" => match args.into_iter().next() {
                    Some(Arg::Expr(Expr { kind: ExprKind::Rows(matrix), .. }))
                        if crate::calculus::functions::find("norm21").is_some() =>
                    {
                        self.call_named("norm21", vec![Arg::Expr(*matrix)], span)
                    }
                    Some(arg) => Some(ops::sum(ops::call(function, vec![arg], e.span), span)),
                    None => None,
                },
                _ => Some(ops::sum(e, span)),
            };
        }
        match e.kind {
            ExprKind::Negate(a) => self.sum_of(*a, span).map(|sum| ops::negate(sum, span)),
            ExprKind::Add(a, b) => {
                let (a, b) = (self.sum_of(*a, e.span), self.sum_of(*b, e.span));
                Some(ops::add(a?, b?, span, &self.quantities))
            }
            ExprKind::Subtract(a, b) => {
                let (a, b) = (self.sum_of(*a, e.span), self.sum_of(*b, e.span));
                Some(ops::subtract(a?, b?, span, &self.quantities))
            }
            ExprKind::Scale(scalar, a) if !ops::has_unknown(&scalar) => {
                let at = a.span;
                let sum = self.sum_of(*a, at)?;
                Some(ops::scale(*scalar, sum, span))
            }
            ExprKind::Transpose(a) => self.sum_of(*a, span),
            ExprKind::Fill(a) => {
                let length = e.shape.len();
                Some(ops::scale(ops::number(length as f64, span), *a, span))
            }
            ExprKind::Stack(parts) => {
                let mut sum: Option<Expr> = None;
                for part in parts {
                    let at = part.span;
                    let part = self.sum_of(part, at)?;
                    sum = Some(match sum {
                        None => part,
                        Some(sum) => ops::add(sum, part, span, &self.quantities),
                    });
                }
                sum
            }
            ExprKind::Power(a, 2) => self.call_named("sum_squares", vec![Arg::Expr(*a)], span),
            ExprKind::Elementwise(function, args) => self.sum_elementwise(function, args, e.span, span),
            ExprKind::ElementProduct(w, a) if !ops::has_unknown(&w) => self.weighted_sum(*w, *a, span),
            ExprKind::ElementQuotient(a, w) if !ops::has_unknown(&w) => {
                let (shape, at) = (w.shape, w.span);
                let inverse = ops::element_quotient(ops::fill(ops::number(1.0, at), shape, at), *w, at);
                self.weighted_sum(inverse, *a, span)
            }
            kind => {
                self.not_summable(&Expr { kind, ..e });
                None
            }
        }
    }

    /// `sum(f(e))` of one elementwise function; `at` is the place of `f(e)`.
    fn sum_elementwise(&mut self, function: Elementwise, args: Vec<Expr>, at: Span, span: Span) -> Option<Expr> {
        let mut args = args.into_iter();
        let a = args.next()?;
        match function {
            Elementwise::Abs => self.call_named("norm1", vec![Arg::Expr(a)], span),
            Elementwise::Square => self.call_named("sum_squares", vec![Arg::Expr(a)], span),
            Elementwise::Pos => self.call_named("sum_pos", vec![Arg::Expr(a)], span),
            Elementwise::Exp => self.sum_by_name("sum_exp", function, a, span),
            Elementwise::Log => self.sum_by_name("neg_log", function, a, span).map(|call| ops::negate(call, span)),
            Elementwise::Sqrt => self.sum_by_name("sum_sqrt", function, a, span),
            Elementwise::Max | Elementwise::Min => {
                let b = args.next()?;
                // max(a, b) = b + pos(a − b), min(a, b) = a − pos(a − b); with 0 on one side that side drops out.
                if !ops::is_affine(&a) || !ops::is_affine(&b) {
                    let text = self.text_at(at);
                    self.error(
                        Diagnostic::new(
                            E0403,
                            format!("{text} is beyond what this version solves: its sides must be affine"),
                        )
                        .label(at, "max and min of affine expressions only")
                        .help("apply it to products of data with unknowns, and sums of these"),
                    );
                    return None;
                }
                let zero = |e: &Expr| matches!(e.sign, Sign::Zero) && !ops::has_unknown(e);
                let (keep, difference) = match function {
                    Elementwise::Max if zero(&a) => (None, b),
                    Elementwise::Max if zero(&b) => (None, a),
                    Elementwise::Max => (Some(b.clone()), ops::subtract(a, b, at, &self.quantities)),
                    _ if zero(&b) => {
                        // min(a, 0) = −pos(−a)
                        let inner = ops::negate(a, at);
                        return self
                            .call_named("sum_pos", vec![Arg::Expr(inner)], span)
                            .map(|call| ops::negate(call, span));
                    }
                    _ => (Some(a.clone()), ops::subtract(a, b, at, &self.quantities)),
                };
                let positive = self.call_named("sum_pos", vec![Arg::Expr(difference)], span)?;
                let Some(keep) = keep else {
                    return Some(positive);
                };
                let keep = ops::sum(keep, span);
                Some(if function == Elementwise::Max {
                    ops::add(keep, positive, span, &self.quantities)
                } else {
                    ops::subtract(keep, positive, span, &self.quantities)
                })
            }
        }
    }

    /// The sum of an elementwise function as the function of that name, if there is one.
    fn sum_by_name(&mut self, name: &str, function: Elementwise, a: Expr, span: Span) -> Option<Expr> {
        if crate::calculus::functions::find(name).is_some() {
            return self.call_named(name, vec![Arg::Expr(a)], span);
        }
        let text = self.text_at(span);
        let written = super::curvature::elementwise_name(function);
        let (curvature, ..) = ops::elementwise_rule(function, a.sign);
        let curvature = if curvature == crate::model::Curvature::Concave { "concave" } else { "convex" };
        self.error(
            Diagnostic::new(
                E0403,
                format!("{text} is {curvature}, but this version has no rule for sums of `{written}`"),
            )
            .label(span, "no rule for it yet")
            .help("elementwise functions of unknowns with a rule are abs and square"),
        );
        None
    }

    /// `Σ wᵢ eᵢ`, w without unknowns.
    pub fn weighted_sum(&mut self, w: Expr, e: Expr, span: Span) -> Option<Expr> {
        if !is_compound(&e) {
            return Some(ops::dot(w, e, span));
        }
        match e.kind {
            ExprKind::Fill(a) => {
                let at = w.span;
                Some(ops::scale(ops::sum(w, at), *a, span))
            }
            ExprKind::Negate(a) => self.weighted_sum(w, *a, span).map(|sum| ops::negate(sum, span)),
            ExprKind::Scale(scalar, a) if !ops::has_unknown(&scalar) => {
                let sum = self.weighted_sum(w, *a, span)?;
                Some(ops::scale(*scalar, sum, span))
            }
            ExprKind::Add(a, b) => {
                let (a, b) = (self.weighted_sum(w.clone(), *a, span), self.weighted_sum(w, *b, span));
                Some(ops::add(a?, b?, span, &self.quantities))
            }
            ExprKind::Subtract(a, b) => {
                let (a, b) = (self.weighted_sum(w.clone(), *a, span), self.weighted_sum(w, *b, span));
                Some(ops::subtract(a?, b?, span, &self.quantities))
            }
            ExprKind::Power(a, 2) => self.weighted_call(w, *a, Elementwise::Square, e.span, span),
            ExprKind::Elementwise(function @ (Elementwise::Abs | Elementwise::Square | Elementwise::Pos), args) => {
                let a = args.into_iter().next()?;
                self.weighted_call(w, a, function, e.span, span)
            }
            kind => {
                self.not_summable(&Expr { kind, ..e });
                None
            }
        }
    }

    /// `Σ wᵢ f(aᵢ)` with the weights moved inside, for which their sign must be known.
    fn weighted_call(&mut self, w: Expr, a: Expr, function: Elementwise, at: Span, span: Span) -> Option<Expr> {
        let w = match w.sign {
            Sign::Zero => return Some(ops::number(0.0, span)),
            Sign::Nonnegative => w,
            Sign::Nonpositive => {
                let flipped = ops::negate(w, at);
                return self.weighted_call(flipped, a, function, at, span).map(|sum| ops::negate(sum, span));
            }
            Sign::Unknown => {
                let (w_text, text) = (self.text(&w), self.text_at(at));
                let help = self.sign_help(&w, ">= 0");
                self.error(
                    Diagnostic::new(E0401, format!("{text} is convex, but {w_text} is not known to be >= 0"))
                        .label(w.span, "its sign is not known")
                        .label(at, "convex")
                        .help(help),
                );
                return None;
            }
        };
        let (name, inside) = match function {
            Elementwise::Abs => ("norm1", w),
            Elementwise::Pos => ("sum_pos", w),
            _ => {
                let place = w.span;
                ("sum_squares", ops::elementwise(Elementwise::Sqrt, vec![w], place))
            }
        };
        let inner =
            if inside.shape == Shape::Scalar { ops::scale(inside, a, at) } else { ops::element_product(inside, a, at) };
        self.call_named(name, vec![Arg::Expr(inner)], span)
    }

    /// An elementwise function of an unknown where no rule takes it apart.
    pub fn not_summable(&mut self, e: &Expr) {
        let text = self.text(e);
        self.error(
            Diagnostic::new(E0403, format!("{text} is beyond what this version solves"))
                .label(e.span, "an elementwise function of an unknown, inside another operation")
                .help("elementwise functions of unknowns are summed: sum(abs(e)), sum(w .* e^2), sum(max(a, b))"),
        );
    }

    /// Refuses elementwise functions of unknowns that no sum has taken up.
    pub fn refuse_leftovers(&mut self, e: &Expr) -> bool {
        let mut fine = true;
        let mut rest = vec![e];
        while let Some(e) = rest.pop() {
            if !ops::has_unknown(e) {
                continue;
            }
            if matches!(e.kind, ExprKind::Elementwise(..) | ExprKind::Power(..)) {
                self.not_summable(e);
                fine = false;
                continue;
            }
            rest.extend(ops::children(e));
        }
        fine
    }
}
