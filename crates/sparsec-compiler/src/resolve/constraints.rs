//! Constraints: sets by name, bounds, equalities, and norms below a number.

use super::expressions::words;
use super::{Resolver, names, ops};
use crate::calculus::{Takes, sets};
use crate::model::{Arg, Constraint, Curvature, Elementwise, Expr, ExprKind, SetUse};
use sparsec_program::solver::{Domain, Shape};
use sparsec_syntax::ast::{self, ConstraintKind, Ident, Relation, SetExpr, SetKind};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0203, E0301, E0307, E0401, E0403, E0407, W0401};
use sparsec_syntax::span::Span;

impl<'a> Resolver<'a> {
    /// Resolves one constraint of the text, which may become two.
    pub fn constraint(&mut self, constraint: &'a ast::Constraint, out: &mut Vec<Constraint>) {
        let span = constraint.span;
        match &constraint.kind {
            ConstraintKind::In { value, set } => {
                if let Some(found) = self.membership(value, set, span) {
                    out.push(found);
                }
            }
            ConstraintKind::Compare { left, relation, right } => {
                if let Some(found) = self.comparison(left, *relation, right, span) {
                    out.push(found);
                }
            }
            ConstraintKind::Between { lower, value, upper } => {
                let (low, e, high) = (self.side(lower), self.side(value), self.side(upper));
                let (Some(low), Some(e), Some(high)) = (low, e, high) else {
                    return;
                };
                if !ops::has_unknown(&low) && !ops::has_unknown(&high) && ops::is_affine(&e) && ops::has_unknown(&e) {
                    let fits = |bound: &Expr| bound.shape == Shape::Scalar || bound.shape == e.shape;
                    if fits(&low) && fits(&high) {
                        self.allow_infinite(&low);
                        self.allow_infinite(&high);
                        if self.check_expanded(&e) {
                            out.push(Constraint { value: e, set: SetUse::Box(Some(low), Some(high)), span });
                        }
                        return;
                    }
                }
                let below = (Expr { ..low }, e.clone(), Self::operator(lower.span, value.span));
                let above = (e, Expr { ..high }, Self::operator(value.span, upper.span));
                for (small, large, operator) in [below, above] {
                    if let Some(found) = self.relation(small, Relation::LessEqual, large, operator, span) {
                        out.push(found);
                    }
                }
            }
        }
    }

    /// The place of the operator between two expressions.
    fn operator(left: Span, right: Span) -> Span {
        if left.end < right.start { Span::new(left.end, right.start) } else { left.to(right) }
    }

    fn comparison(
        &mut self,
        left: &'a ast::Expr,
        relation: Relation,
        right: &'a ast::Expr,
        span: Span,
    ) -> Option<Constraint> {
        let (a, b) = (self.side(left), self.side(right));
        self.relation(a?, relation, b?, Self::operator(left.span, right.span), span)
    }

    fn relation(&mut self, a: Expr, relation: Relation, b: Expr, operator: Span, span: Span) -> Option<Constraint> {
        if !self.check_expanded(&a) || !self.check_expanded(&b) {
            return None;
        }
        if !ops::has_unknown(&a) && !ops::has_unknown(&b) {
            self.error(
                Diagnostic::new(E0407, "a constraint must hold an unknown")
                    .label(span, "only data")
                    .help("what data must satisfy is said where it is declared: param s: scalar >= 0"),
            );
            return None;
        }
        match relation {
            Relation::LessEqual => self.at_most(a, b, operator, span),
            Relation::GreaterEqual => self.at_most(b, a, operator, span),
            Relation::Equal => self.equal(a, b, operator, span),
        }
    }

    /// Reports shapes of sides that differ and cannot be spread.
    fn sides_fit(&mut self, a: &Expr, b: &Expr) -> bool {
        if a.shape == b.shape || a.shape == Shape::Scalar || b.shape == Shape::Scalar {
            return true;
        }
        self.mismatch(format!("cannot compare {} with {}", words(a.shape), words(b.shape)), a, b);
        false
    }

    /// `a <= b`
    fn at_most(&mut self, a: Expr, b: Expr, operator: Span, span: Span) -> Option<Constraint> {
        if ops::is_affine(&a) && ops::is_affine(&b) {
            if !self.sides_fit(&a, &b) {
                return None;
            }
            return Some(match (ops::has_unknown(&a), ops::has_unknown(&b)) {
                (true, false) => {
                    self.allow_infinite(&b);
                    let value = self.widen(a, &b);
                    Constraint { value, set: SetUse::Box(None, Some(b)), span }
                }
                (false, _) => {
                    self.allow_infinite(&a);
                    let value = self.widen(b, &a);
                    Constraint { value, set: SetUse::Box(Some(a), None), span }
                }
                (true, true) => {
                    let (a, b) = self.spread(a, b);
                    let value = ops::subtract(b, a, span, &self.quantities);
                    Constraint { value, set: SetUse::Box(Some(ops::number(0.0, operator)), None), span }
                }
            });
        }
        self.convex_at_most(a, b, operator, span)
    }

    /// A scalar with unknowns beside a vector bound is repeated.
    fn widen(&self, value: Expr, bound: &Expr) -> Expr {
        if value.shape == Shape::Scalar {
            let at = value.span;
            ops::fill(value, bound.shape, at)
        } else {
            value
        }
    }

    /// `f(e) <= r` of a convex f, or `f(e) >= r` of a concave one.
    fn convex_at_most(&mut self, a: Expr, b: Expr, operator: Span, span: Span) -> Option<Constraint> {
        // The side that is not affine must be convex below, concave above.
        for (side, wanted, place) in [(&a, Curvature::Convex, "below"), (&b, Curvature::Concave, "above")] {
            if ops::is_affine(side) || side.curvature == wanted {
                continue;
            }
            let text = self.text(side);
            let found = match side.curvature {
                Curvature::Convex => "convex",
                Curvature::Concave => "concave",
                _ => "neither convex nor concave by the rules",
            };
            let needs = if place == "below" { "smaller side must be convex" } else { "larger side must be concave" };
            let mut diagnostic =
                Diagnostic::new(E0401, format!("this constraint is not convex: {text} is {found}, and the {needs}"))
                    .label(
                        operator,
                        format!("keeps {text} {} a bound", if place == "below" { "below" } else { "above" }),
                    )
                    .label(side.span, found);
            if side.curvature == Curvature::Convex {
                diagnostic = diagnostic.help(format!(
                    "the points with {text} at most a number form a convex set, those with at least one do not"
                ));
            }
            self.error(diagnostic);
            return None;
        }
        if ops::has_unknown(&a) && ops::has_unknown(&b) {
            let (x, y) = (self.plain(&a), self.plain(&b));
            self.error(
                Diagnostic::new(
                    E0403,
                    format!(
                        "`{} <= {}` is convex, but both sides hold unknowns, which this version does not solve",
                        x, y
                    ),
                )
                .label(operator, "both sides hold unknowns")
                .label(a.span, "not affine")
                .help("bound a norm by data: norm2(e) <= r"),
            );
            return None;
        }
        let (function_side, bound, upper) = if ops::is_affine(&b) { (a, b, true) } else { (b, a, false) };
        self.known_level_set(function_side, bound, upper, operator, span)
    }

    /// Level sets with a projection: norm balls, absolute values, the largest entry.
    fn known_level_set(
        &mut self,
        side: Expr,
        bound: Expr,
        upper: bool,
        operator: Span,
        span: Span,
    ) -> Option<Constraint> {
        let side_span = side.span;
        match side.kind {
            // −f(e) >= −r is f(e) <= r.
            ExprKind::Negate(inner) => {
                let at = bound.span;
                self.known_level_set(*inner, ops::negate(bound, at), !upper, operator, span)
            }
            ExprKind::Scale(factor, inner) if ops::number_of(&factor).is_some_and(|c| c != 0.0) => {
                let c = ops::number_of(&factor).unwrap_or(1.0);
                let at = bound.span;
                let bound = ops::scale(ops::number(1.0 / c, at), bound, at);
                self.known_level_set(*inner, bound, upper == (c > 0.0), operator, span)
            }
            ExprKind::Call(function, args) if upper => {
                let name = function.name;
                let set = match name {
                    "norm1" => Some("ball1"),
                    "norm2" | "sum_squares" => Some("ball2"),
                    "norm_inf" => Some("ball_inf"),
                    _ => None,
                };
                let inner = match args.first() {
                    Some(Arg::Expr(inner)) if ops::is_affine(inner) => Some(inner.clone()),
                    _ => None,
                };
                match (set, inner, name) {
                    (Some(set), Some(inner), _) => {
                        if bound.shape != Shape::Scalar {
                            let text = self.text(&bound);
                            self.error(
                                Diagnostic::new(
                                    E0301,
                                    format!(
                                        "the bound of a norm must be a scalar, but {text} is {}",
                                        words(bound.shape)
                                    ),
                                )
                                .label(bound.span, words(bound.shape)),
                            );
                            return None;
                        }
                        let Some(set) = sets::find(set) else {
                            self.unsupported_set(set, span);
                            return None;
                        };
                        self.demand_for(&bound, Domain::AtLeast(0.0), "the bound of a norm")?;
                        // ‖e‖² ≤ r is ‖e‖ ≤ √r.
                        let bound = match (name, ops::number_of(&bound), bound.span) {
                            ("sum_squares", Some(r), at) => ops::number(r.sqrt(), at),
                            ("sum_squares", None, at) => ops::elementwise(Elementwise::Sqrt, vec![bound], at),
                            _ => bound,
                        };
                        Some(Constraint { value: inner, set: SetUse::Named(set, vec![Arg::Expr(bound)]), span })
                    }
                    // max(e) <= c bounds every entry.
                    (None, Some(inner), "max") if bound.shape == Shape::Scalar => {
                        self.allow_infinite(&bound);
                        Some(Constraint { value: inner, set: SetUse::Box(None, Some(bound)), span })
                    }
                    _ => {
                        let text = self.text_at(side_span);
                        let diagnostic = Diagnostic::new(
                            E0403,
                            format!("the points with {text} at most a number form a convex set, but this version does not solve it"),
                        )
                        .label(operator, "not a form with a rule")
                        .label(side_span, "convex");
                        let help = "with a rule are norm1(e) <= r, norm2(e) <= r, norm_inf(e) <= r, sum_squares(e) <= r and max(e) <= r";
                        self.error(diagnostic.help(help));
                        None
                    }
                }
            }
            // |e| <= c entry by entry.
            ExprKind::Elementwise(Elementwise::Abs, args)
                if upper
                    && args.first().is_some_and(|a| {
                        ops::is_affine(a) && (bound.shape == Shape::Scalar || bound.shape == a.shape)
                    }) =>
            {
                let value = args.into_iter().next()?;
                self.allow_infinite(&bound);
                let at = bound.span;
                let lower = ops::negate(bound.clone(), at);
                Some(Constraint { value, set: SetUse::Box(Some(lower), Some(bound)), span })
            }
            _ => {
                let text = self.text_at(side_span);
                let way = if upper { "at most" } else { "at least" };
                self.error(
                    Diagnostic::new(E0403, format!("the points with {text} {way} a number form a convex set, but this version does not solve it"))
                        .label(operator, "not a form with a rule")
                        .help("with a rule are norm1(e) <= r, norm2(e) <= r, norm_inf(e) <= r and max(e) <= r"),
                );
                None
            }
        }
    }

    /// `a == b`
    fn equal(&mut self, a: Expr, b: Expr, operator: Span, span: Span) -> Option<Constraint> {
        for side in [&a, &b] {
            if !ops::is_affine(side) {
                let text = self.text(side);
                self.error(
                    Diagnostic::new(
                        E0401,
                        format!(
                            "this constraint is not convex: both sides of an equality must be affine, and {text} is not"
                        ),
                    )
                    .label(operator, "an equality")
                    .label(side.span, "not affine")
                    .help("a convex function may be bounded from above: norm2(e) <= r"),
                );
                return None;
            }
            if let ExprKind::Literal(values) = &side.kind
                && values.iter().any(|v| !v.is_finite())
            {
                self.error(
                    Diagnostic::new(
                        sparsec_syntax::diagnostics::E0310,
                        "an infinite number can only be a bound, not equal to something",
                    )
                    .label(side.span, "infinite"),
                );
                return None;
            }
        }
        if !self.sides_fit(&a, &b) {
            return None;
        }
        let (a, b) = self.spread(a, b);
        let (value, rhs) = match (ops::has_unknown(&a), ops::has_unknown(&b)) {
            (true, false) => (a, b),
            (false, true) => (b, a),
            _ => {
                let shape = a.shape;
                let value = ops::subtract(a, b, span, &self.quantities);
                (value, ops::fill(ops::number(0.0, operator), shape, operator))
            }
        };
        Some(Constraint { value, set: SetUse::Equal(rhs), span })
    }

    /// `e in SET`
    fn membership(&mut self, value: &'a ast::Expr, set: &'a SetExpr, span: Span) -> Option<Constraint> {
        let e = self.argument(value);
        let Some(e) = e else {
            for arg in super::text::set_arguments(set) {
                self.touch_names(arg);
            }
            return None;
        };
        if !ops::is_affine(&e) {
            let text = self.quote(value);
            self.error(
                Diagnostic::new(E0401, format!("what lies in a set must be affine, and `{text}` is not"))
                    .label(value.span, "not affine")
                    .help("a norm of it may be bounded: norm2(e) <= r"),
            );
            return None;
        }
        if !ops::has_unknown(&e) {
            self.error(
                Diagnostic::new(E0407, "a constraint must hold an unknown")
                    .label(span, "only data")
                    .help("what data must satisfy is said where it is declared: param s: scalar >= 0"),
            );
            return None;
        }
        if !self.check_expanded(&e) {
            return None;
        }
        let unit = match (&e.kind, e.shape) {
            (ExprKind::Rows(_), Shape::Matrix(_, n)) | (ExprKind::Cols(_), Shape::Matrix(n, _)) => Shape::Vector(n),
            (_, shape) => shape,
        };
        match &set.kind {
            SetKind::Interval(lower, upper) => {
                let (low, high) = (self.bound(lower, unit, "a bound"), self.bound(upper, unit, "a bound"));
                self.boxed(e, Some(low?), Some(high?), span)
            }
            SetKind::Named { name, args } => match (name.canonical.as_str(), &args[..]) {
                ("nonneg", []) => {
                    let zero = ops::number(0.0, set.span);
                    self.boxed(e, Some(zero), None, span)
                }
                ("nonpos", []) => {
                    let zero = ops::number(0.0, set.span);
                    self.boxed(e, None, Some(zero), span)
                }
                ("box", [lower, upper]) => {
                    let (low, high) =
                        (self.bound(lower, unit, "a bound of box"), self.bound(upper, unit, "a bound of box"));
                    self.boxed(e, Some(low?), Some(high?), span)
                }
                ("nonneg" | "nonpos" | "box", _) => {
                    let form =
                        if name.canonical == "box" { "box(lower, upper)".to_owned() } else { name.canonical.clone() };
                    self.set_count(name, &form, args.len());
                    None
                }
                (canonical, _) => {
                    let Some(found) = sets::find(canonical) else {
                        self.unknown_set(name);
                        for arg in args {
                            self.touch_names(arg);
                        }
                        return None;
                    };
                    let parameters = found.parameters;
                    let least = parameters.iter().filter(|p| !p.optional).count();
                    if args.len() < least || args.len() > parameters.len() {
                        for arg in args {
                            self.touch_names(arg);
                        }
                        self.set_count(name, &Self::form(&name.text, parameters, false), args.len());
                        return None;
                    }
                    let takes = found.takes;
                    let by_rows = matches!(e.kind, ExprKind::Rows(_) | ExprKind::Cols(_));
                    let matrix = matches!(e.shape, Shape::Matrix(..));
                    let text = self.quote(value);
                    if takes == Takes::Vector && matrix && !by_rows {
                        self.error(
                            Diagnostic::new(
                                E0301,
                                format!("`{}` is a set of vectors, but `{text}` is {}", name.text, words(e.shape)),
                            )
                            .label(value.span, words(e.shape))
                            .help(format!(
                                "take it row by row or column by column: rows({text}) in {0}, cols({text}) in {0}",
                                name.text
                            )),
                        );
                        return None;
                    }
                    if takes == Takes::Matrix && (!matrix || by_rows) {
                        self.error(
                            Diagnostic::new(
                                E0301,
                                format!("`{}` is a set of matrices, but `{text}` is {}", name.text, words(unit)),
                            )
                            .label(value.span, words(unit)),
                        );
                        return None;
                    }
                    let args = self.parameters(&name.text, parameters, args, &e)?;
                    if names_nonconvex(found.name) && self.nonconvex.insert(found.name) {
                        self.diagnostics.push(
                            Diagnostic::new(
                                W0401,
                                format!("`{}` is not convex: the answer is a stationary point", name.text),
                            )
                            .label(set.span, "not convex"),
                        );
                    }
                    Some(Constraint { value: e, set: SetUse::Named(found, args), span })
                }
            },
        }
    }

    /// A box: bounds that are scalars hold for every entry, whether by rows or not.
    fn boxed(&mut self, e: Expr, low: Option<Expr>, high: Option<Expr>, span: Span) -> Option<Constraint> {
        let value = match e.kind {
            ExprKind::Rows(inner) | ExprKind::Cols(inner) => {
                if [&low, &high].into_iter().flatten().any(|bound| bound.shape != Shape::Scalar) {
                    self.error(
                        Diagnostic::new(E0403, "bounds that differ along a row are not part of this version")
                            .label(e.span, "row by row or column by column")
                            .help("give the bounds as a matrix of the same shape"),
                    );
                    return None;
                }
                Expr { span: e.span, ..*inner }
            }
            kind => Expr { kind, ..e },
        };
        Some(Constraint { value, set: SetUse::Box(low, high), span })
    }

    fn set_count(&mut self, name: &Ident, form: &str, found: usize) {
        let count = if found == 1 { "1 argument".to_owned() } else { format!("{found} arguments") };
        self.error(
            Diagnostic::new(E0307, format!("`{}` does not take {count}", name.text))
                .label(name.span, count)
                .help(format!("its form is {form}")),
        );
    }

    /// A set of the language that has no rule yet; reported once.
    pub fn unsupported_set(&mut self, name: &str, span: Span) {
        if !self.unknown.insert(name.to_owned()) {
            return;
        }
        self.error(
            Diagnostic::new(E0203, format!("`{name}` is a set of the language that this version has no rule for"))
                .label(span, "no rule for it yet")
                .help(format!("sets with a rule are {}", names::all_sets())),
        );
    }

    fn unknown_set(&mut self, name: &Ident) {
        let canonical = name.canonical.as_str();
        if names::LANGUAGE.contains(&canonical) && !names::is_function(canonical) {
            self.unsupported_set(canonical, name.span);
            return;
        }
        let mut diagnostic =
            Diagnostic::new(E0203, format!("there is no set `{}`", name.text)).label(name.span, "unknown set");
        diagnostic = match names::nearest_set(canonical) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if names::is_function(canonical) => {
                diagnostic.help(format!("{canonical} is a function: write {canonical}(e) <= r"))
            }
            None => diagnostic.help(format!("sets are {}", names::all_sets())),
        };
        self.error(diagnostic);
    }
}

/// Sets that are listed as nonconvex.
fn names_nonconvex(name: &str) -> bool {
    matches!(name, "sphere" | "binary" | "stiefel" | "card" | "rank")
}
