//! The convexity check: which rule fails on which part.
//!
//! The curvature of every expression is found where it is made ([`super::ops`]). Here an expression that must be convex or
//! concave is searched for the innermost parts that prevent it, each of which is explained.

use super::{Resolver, ops};
use crate::calculus::{Function, Monotone};
use crate::model::{Arg, Curvature, Elementwise, Expr, ExprKind, Sign};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::E0401;
use sparsec_syntax::span::Span;

/// What an expression must be convex or concave for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `minimize e`
    Minimum,
    /// `maximize e`
    Maximum,
}

impl Purpose {
    fn needs(self) -> &'static str {
        match self {
            Purpose::Minimum => "a minimum needs a convex objective",
            Purpose::Maximum => "a maximum needs a concave objective",
        }
    }
}

/// What lies between the whole expression and a part of it.
#[derive(Clone, Copy, Debug)]
struct Way {
    purpose: Purpose,
    wanted: Curvature,
    /// Whether signs, subtractions and negative factors turned the curvature around.
    flipped: bool,
    /// The outermost term that holds the part.
    term: Span,
}

fn name_of(curvature: Curvature) -> &'static str {
    match curvature {
        Curvature::Constant => "constant",
        Curvature::Affine => "affine",
        Curvature::Convex => "convex",
        Curvature::Concave => "concave",
        Curvature::Unknown => "neither convex nor concave by the rules",
    }
}

fn suits(found: Curvature, wanted: Curvature) -> bool {
    matches!(found, Curvature::Constant | Curvature::Affine) || found == wanted
}

impl Resolver<'_> {
    /// Reports every part that prevents the wanted curvature; true if there is none.
    pub fn require_curvature(&mut self, e: &Expr, wanted: Curvature, purpose: Purpose) -> bool {
        let before = self.diagnostics.len();
        self.search(e, Way { purpose, wanted, flipped: false, term: e.span });
        if self.diagnostics.len() == before && !suits(e.curvature, wanted) {
            // The search explains every case that the rules make; this is the general one.
            let text = self.text(e);
            self.error(
                Diagnostic::new(E0401, format!("{text} is {}, and {}", name_of(e.curvature), purpose.needs()))
                    .label(e.span, name_of(e.curvature)),
            );
        }
        suits(e.curvature, wanted)
    }

    fn search(&mut self, e: &Expr, way: Way) {
        if suits(e.curvature, way.wanted) || self.is_full() {
            return;
        }
        let flip = |way: Way| Way { wanted: ops::flip_curvature(way.wanted), flipped: !way.flipped, ..way };
        match &e.kind {
            ExprKind::Negate(a) => self.search(a, flip(Way { term: e.span, ..way })),
            ExprKind::Add(a, b) => {
                self.search(a, Way { term: a.span, ..way });
                self.search(b, Way { term: b.span, ..way });
            }
            ExprKind::Subtract(a, b) => {
                self.search(a, Way { term: a.span, ..way });
                self.search(b, flip(Way { term: b.span, ..way }));
            }
            ExprKind::Scale(a, b)
            | ExprKind::Product(a, b)
            | ExprKind::ElementProduct(a, b)
            | ExprKind::Dot(a, b)
            | ExprKind::Convolve(a, b) => {
                let (data, inner) = if ops::has_unknown(b) { (a, b) } else { (b, a) };
                self.search_scaled(data, inner, way, flip);
            }
            ExprKind::ElementQuotient(a, b) => self.search_scaled(b, a, way, flip),
            ExprKind::Sum(a)
            | ExprKind::Trace(a)
            | ExprKind::Fill(a)
            | ExprKind::Transpose(a)
            | ExprKind::Diag(a)
            | ExprKind::Slice { of: a, .. }
            | ExprKind::Rows(a)
            | ExprKind::Cols(a) => self.search(a, way),
            ExprKind::Linear(..) => self.report_linear(e),
            ExprKind::Stack(parts) => {
                for part in parts {
                    self.search(part, way);
                }
            }
            ExprKind::Call(function, args) => {
                let Some(Arg::Expr(inner)) = args.first() else {
                    return;
                };
                let outer = ops::function_curvature(function);
                self.search_function(
                    e,
                    function.name,
                    Some(*function),
                    outer,
                    (function.monotone)(inner.sign),
                    inner,
                    way,
                );
            }
            ExprKind::Elementwise(function, args) => {
                let Some(inner) = args.first() else { return };
                let (outer, _, monotone) = ops::elementwise_rule(*function, inner.sign);
                let name = elementwise_name(*function);
                let before = self.diagnostics.len();
                for arg in args {
                    let wanted = if outer == way.wanted { way.wanted } else { arg.curvature };
                    if !suits(arg.curvature, wanted) && monotone == Monotone::Increasing {
                        self.search(arg, Way { wanted, ..way });
                    }
                }
                if self.diagnostics.len() == before {
                    self.search_function(e, name, None, outer, monotone, inner, way);
                }
            }
            ExprKind::Power(inner, k) => {
                let monotone = if inner.sign == Sign::Nonnegative { Monotone::Increasing } else { Monotone::No };
                let outer = if k % 2 == 0 { Curvature::Convex } else { Curvature::Unknown };
                self.search_function(e, "a power", None, outer, monotone, inner, way);
            }
            ExprKind::Literal(_) | ExprKind::Quantity(_) => {}
        }
    }

    /// Data times an expression that is not affine: the sign of the data decides.
    fn search_scaled(&mut self, data: &Expr, inner: &Expr, way: Way, flip: impl Fn(Way) -> Way) {
        match data.sign {
            Sign::Zero | Sign::Nonnegative => self.search(inner, way),
            Sign::Nonpositive => self.search(inner, flip(way)),
            Sign::Unknown => {
                if matches!(inner.curvature, Curvature::Unknown) {
                    // The part has no curvature of its own: that is the error, whatever the factor.
                    self.search(inner, way);
                    return;
                }
                let (text, factor) = (self.text(inner), self.text(data));
                let wanted = if inner.curvature == way.wanted { ">= 0" } else { "<= 0" };
                let help = self.sign_help(data, wanted);
                self.error(
                    Diagnostic::new(
                        E0401,
                        format!(
                            "{text} is {}, but the sign of its factor {factor} is not known",
                            name_of(inner.curvature)
                        ),
                    )
                    .label(data.span, format!("not known to be {wanted}"))
                    .label(inner.span, name_of(inner.curvature))
                    .help(help),
                );
            }
        }
    }

    /// `declare λ: scalar >= 0`, with the domain that is wanted
    pub fn sign_help(&self, data: &Expr, wanted: &str) -> String {
        let mut rest = vec![data];
        let mut unsigned: Vec<String> = Vec::new();
        while let Some(e) = rest.pop() {
            if let ExprKind::Quantity(id) = e.kind
                && e.sign == Sign::Unknown
                && let Some(quantity) = self.quantities.get(id.0)
            {
                let declaration = format!("{}: {} {wanted}", quantity.name, self.type_text(id));
                if !unsigned.contains(&declaration) {
                    unsigned.push(declaration);
                }
            }
            rest.extend(ops::children(e));
        }
        if unsigned.is_empty() {
            return "the rules use declared domains and literals only: give the factor a name of its own with a domain"
                .to_owned();
        }
        unsigned.reverse();
        format!("declare {}", unsigned.join(" and "))
    }

    fn report_linear(&mut self, e: &Expr) {
        let text = self.text(e);
        self.error(
            Diagnostic::new(
                E0401,
                format!(
                    "not convex by the rules: {text} is a linear map with signs of an expression that is not affine"
                ),
            )
            .label(e.span, "its argument must be affine"),
        );
    }

    /// A function in the way: its own curvature is wrong, or its argument's.
    #[allow(clippy::too_many_arguments)] // One place that needs all of a function's rule.
    fn search_function(
        &mut self,
        e: &Expr,
        name: &str,
        function: Option<&'static Function>,
        outer: Curvature,
        monotone: Monotone,
        inner: &Expr,
        way: Way,
    ) {
        if outer != way.wanted {
            if e.curvature == outer || ops::is_affine(inner) {
                self.report_function(e, function, outer, way);
                return;
            }
        } else if monotone != Monotone::No {
            let wanted = match monotone {
                Monotone::Increasing => outer,
                _ => ops::flip_curvature(outer),
            };
            // Where the argument has a part with no curvature at all, that part is the reason.
            if inner.curvature == Curvature::Unknown {
                let before = self.diagnostics.len();
                self.search(inner, Way { wanted, ..way });
                if self.diagnostics.len() > before {
                    return;
                }
            }
        }
        let (text, inner_text) = (self.text(e), self.text(inner));
        let growth = match monotone {
            Monotone::Increasing => "it grows with its argument, which then must be",
            Monotone::Decreasing => "it falls with its argument, which then must be",
            Monotone::No => "it neither grows nor falls with its argument, which then must be affine",
        };
        let must = match (monotone, outer) {
            (Monotone::Increasing, outer) => format!(" affine or {}", name_of(outer)),
            (Monotone::Decreasing, outer) => {
                format!(" affine or {}", name_of(ops::flip_curvature(outer)))
            }
            (Monotone::No, _) => String::new(),
        };
        self.error(
            Diagnostic::new(E0401, format!("{text} is not {} by the rules", name_of(way.wanted)))
                .label(inner.span, format!("{inner_text} is {}", name_of(inner.curvature)))
                .label(e.span, format!("the rule for {name}, which is {}: {growth}{must}", name_of(outer)))
                .help("give it an argument as the rule needs it: products of data with unknowns, and sums of these, are affine"),
        );
    }

    /// A function whose curvature is the opposite of what its place needs.
    fn report_function(&mut self, e: &Expr, function: Option<&'static Function>, outer: Curvature, way: Way) {
        let text = self.text(e);
        let found = name_of(outer);
        let mut diagnostic = if way.flipped {
            let turned = name_of(ops::flip_curvature(outer));
            Diagnostic::new(
                E0401,
                format!("{text} is {found}, so that its negative is {turned}, and {}", way.purpose.needs()),
            )
            .label(e.span, format!("{found}, and taken with a minus"))
        } else {
            Diagnostic::new(E0401, format!("{text} is {found}, and {}", way.purpose.needs())).label(e.span, found)
        };
        if way.term != e.span && way.flipped {
            let term = self.text_at(way.term);
            diagnostic = diagnostic.label(way.term, format!("in the term {term}"));
        }
        let argument = text.trim_matches('`');
        let argument =
            argument.split_once('(').map_or("e", |(_, rest)| rest.strip_suffix(')').unwrap_or(rest)).to_owned();
        let help = match (function.map(|f| f.name), way.purpose, way.flipped) {
            (Some("entropy"), Purpose::Minimum, false) => {
                format!("entropy(e) = -Σ eᵢ log eᵢ is concave; the convex one is its negative: neg_entropy({argument})")
            }
            (Some("entropy"), Purpose::Maximum, true) => {
                format!(
                    "entropy(e) = -Σ eᵢ log eᵢ is concave already: take it with a plus, or subtract neg_entropy({argument})"
                )
            }
            (Some("neg_entropy"), Purpose::Maximum, false) => {
                format!("neg_entropy(e) = Σ eᵢ log eᵢ is convex; the concave one is its negative: entropy({argument})")
            }
            (Some("neg_entropy"), Purpose::Minimum, true) => {
                format!(
                    "neg_entropy(e) = Σ eᵢ log eᵢ is convex already: take it with a plus, or subtract entropy({argument})"
                )
            }
            (_, Purpose::Minimum, false) => "maximize it, or change its sign".to_owned(),
            (_, Purpose::Maximum, false) => "minimize it, or change its sign".to_owned(),
            (_, Purpose::Minimum | Purpose::Maximum, true) => "change the sign of the term".to_owned(),
        };
        diagnostic = diagnostic.help(help);
        self.error(diagnostic);
    }
}

/// Name of an elementwise function.
pub fn elementwise_name(function: Elementwise) -> &'static str {
    match function {
        Elementwise::Abs => "abs",
        Elementwise::Exp => "exp",
        Elementwise::Log => "log",
        Elementwise::Sqrt => "sqrt",
        Elementwise::Square => "square",
        Elementwise::Pos => "pos",
        Elementwise::Max => "max",
        Elementwise::Min => "min",
    }
}
