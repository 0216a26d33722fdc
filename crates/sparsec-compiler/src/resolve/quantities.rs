//! Consts, params and vars: shapes, domains, values.

use super::dims::{Source, type_sizes};
use super::limits::MAX_ENTRIES;
use super::names::Meaning;
use super::{KnownShape, Resolver, expressions, kind_of, ops, values};
use crate::calculus::sets;
use crate::model::{Arg, Constraint, Expr, ExprKind, Quantity, QuantityId, QuantityKind, QuantityValue, SetUse};
use sparsec_program::solver::{Domain, Shape};
use sparsec_syntax::ast::{self, Decl, DomainKind, TypeKind, Value};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0210, E0301, E0303, E0304, E0305, E0306, E0310, E0502};
use sparsec_syntax::span::Span;

/// A const or param as declared, for a host that loads data before it resolves.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredData {
    /// As declared.
    pub name: String,
    /// Canonical ASCII name.
    pub canonical: String,
    /// Const or param.
    pub kind: QuantityKind,
    /// Whether the text gives a value, and where it is to be loaded from.
    pub value: DeclaredValue,
    /// Place of the name in its declaration.
    pub span: Span,
}

/// What the text says of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeclaredValue {
    /// Nothing: the host must bind data.
    Absent,
    /// A literal, which resolution reads.
    Literal,
    /// `load("path", "key")`
    Load {
        /// As written, relative to the problem's file.
        path: String,
        /// Member of a container.
        key: Option<String>,
        /// Place of the whole `load(…)`.
        span: Span,
    },
}

/// The consts and params of a problem in the order declared; of a name that is declared twice, the first.
pub fn declared(problem: &ast::Problem) -> Vec<DeclaredData> {
    let mut all: Vec<DeclaredData> = Vec::new();
    for (kind, decls) in problem.statements.iter().filter_map(|s| kind_of(&s.kind)) {
        if kind == QuantityKind::Var {
            continue;
        }
        for decl in decls {
            let value = match &decl.value {
                None => DeclaredValue::Absent,
                Some(Value::Literal(_)) => DeclaredValue::Literal,
                Some(Value::Load { path, key, span }) => {
                    DeclaredValue::Load { path: path.clone(), key: key.clone(), span: *span }
                }
            };
            if all.iter().any(|d| d.canonical == decl.name.canonical) {
                continue;
            }
            let (name, canonical) = (decl.name.text.clone(), decl.name.canonical.clone());
            all.push(DeclaredData { name, canonical, kind, value, span: decl.name.span });
        }
    }
    all
}

/// The shape of sizes, for comparison with a declaration.
fn sizes_of(shape: Shape) -> Vec<usize> {
    match shape {
        Shape::Scalar => Vec::new(),
        Shape::Vector(n) => vec![n],
        Shape::Matrix(m, n) => vec![m, n],
    }
}

/// `a scalar`, `a vector of length 5`, `a 3×5 matrix`, of sizes as data has them.
fn sizes_words(sizes: &[usize]) -> String {
    match sizes {
        [] => "a scalar".to_owned(),
        [n] => expressions::words(Shape::Vector(*n)),
        [m, n] => expressions::words(Shape::Matrix(*m, *n)),
        more => format!("an array of shape ({})", more.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}

impl<'a> Resolver<'a> {
    /// Enters every quantity whose shape is known; gives the constraints that domains of unknowns say.
    pub fn declare_quantities(&mut self) -> Vec<Constraint> {
        let mut constraints = Vec::new();
        let problem = self.problem;
        for statement in &problem.statements {
            let Some((kind, decls)) = kind_of(&statement.kind) else {
                continue;
            };
            for decl in decls {
                // Of a name declared twice the first counts.
                if self.scope.get(&decl.name.canonical).is_none_or(|named| named.span != decl.name.span) {
                    continue;
                }
                if let Some(quantity) = self.quantity(kind, decl, &statement.docs) {
                    let index = self.quantities.len();
                    if let Some(named) = self.scope.get_mut(&decl.name.canonical) {
                        named.meaning = Meaning::Quantity(index);
                    }
                    self.quantities.push(quantity);
                    if kind == QuantityKind::Var {
                        self.domain_constraints(QuantityId(index), decl, &mut constraints);
                    }
                }
            }
        }
        self.unknown_shapes();
        constraints
    }

    fn shape_of(&mut self, decl: &'a Decl) -> Option<Shape> {
        let mut sizes = Vec::new();
        let mut complete = true;
        for e in type_sizes(&decl.ty.kind) {
            match self.size(e, "a size") {
                Some(size) => sizes.push(size),
                None => complete = false,
            }
        }
        if !complete {
            return None;
        }
        let entries = sizes.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
        if entries.is_none_or(|n| n > MAX_ENTRIES) {
            let text = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
            self.error(
                Diagnostic::new(
                    E0304,
                    format!("`{}` has {text} entries, more than the limit of {MAX_ENTRIES}", decl.name.text),
                )
                .label(decl.ty.span, "too large"),
            );
            return None;
        }
        Some(match sizes[..] {
            [n] => Shape::Vector(n),
            [m, n] => Shape::Matrix(m, n),
            _ => Shape::Scalar,
        })
    }

    fn quantity(&mut self, kind: QuantityKind, decl: &'a Decl, docs: &str) -> Option<Quantity> {
        let shape = self.shape_of(decl)?;
        let name = &decl.name.text;
        let mut domains = Vec::new();
        for domain in &decl.domains {
            match domain.kind {
                DomainKind::AtLeast(c) if c > f64::NEG_INFINITY => domains.push(Domain::AtLeast(c)),
                DomainKind::Above(c) => domains.push(Domain::Above(c)),
                DomainKind::AtMost(c) if c < f64::INFINITY => domains.push(Domain::AtMost(c)),
                DomainKind::Below(c) => domains.push(Domain::Below(c)),
                DomainKind::Between(low, high) => {
                    if low > high && kind != QuantityKind::Var {
                        self.error(
                            Diagnostic::new(E0306, format!("no value of `{name}` lies in [{low}, {high}]"))
                                .label(domain.span, "an empty interval")
                                .help(format!("the lower bound comes first: in [{high}, {low}]")),
                        );
                        return None;
                    }
                    if low > f64::NEG_INFINITY {
                        domains.push(Domain::AtLeast(low));
                    }
                    if high < f64::INFINITY {
                        domains.push(Domain::AtMost(high));
                    }
                }
                DomainKind::AtLeast(_) | DomainKind::AtMost(_) => {}
                DomainKind::Symmetric | DomainKind::Psd => {
                    let word = if domain.kind == DomainKind::Psd { "psd" } else { "symmetric" };
                    if !matches!(shape, Shape::Matrix(m, n) if m == n) {
                        self.error(
                            Diagnostic::new(
                                E0301,
                                format!("`{name}` cannot be {word}: it is {}", expressions::words(shape)),
                            )
                            .label(domain.span, "only a square matrix can be")
                            .label(decl.ty.span, expressions::words(shape)),
                        );
                        return None;
                    }
                    domains.push(if domain.kind == DomainKind::Psd { Domain::Psd } else { Domain::Symmetric });
                }
            }
        }
        let mut quantity = Quantity {
            name: name.clone(),
            canonical: decl.name.canonical.clone(),
            docs: docs.to_owned(),
            kind,
            shape,
            domains,
            value: None,
            span: decl.name.span,
            demands: Vec::new(),
            allow_infinite: false,
        };
        if kind == QuantityKind::Var {
            if let Some(value) = &decl.value {
                let span = match value {
                    Value::Literal(e) => e.span,
                    Value::Load { span, .. } => *span,
                };
                self.error(
                    Diagnostic::new(E0210, format!("`{name}` is an unknown and takes no value"))
                        .label(span, "a value for an unknown")
                        .help(format!(
                            "declare it as `const` or `param`, or give a starting point with --start {name}=…"
                        )),
                );
            }
            return Some(quantity);
        }
        let known = self.options.shapes.iter().find(|s| s.name == decl.name.canonical);
        let mut fits = true;
        if let Some(known) = known {
            fits = self.check_data(decl, shape, known);
        }
        match &decl.value {
            None => {}
            Some(Value::Load { path, key, span }) => {
                quantity.value = Some(QuantityValue::Load { path: path.clone(), key: key.clone(), span: *span });
            }
            Some(Value::Literal(e)) => match values::literal(e, &|name| self.dim_size(name)) {
                Err(diagnostic) => {
                    self.error(diagnostic);
                }
                Ok(literal) if literal.sizes != sizes_of(shape) => {
                    // Data bound from outside replaces the literal, whatever its size.
                    if known.is_none() {
                        self.wrong_literal(decl, shape, &literal, e.span);
                        fits = false;
                    }
                }
                Ok(literal) => {
                    for (domain, written) in quantity.domains.clone().iter().map(|d| (*d, decl)) {
                        let place = domain_place(written, domain);
                        if let Err(diagnostic) =
                            values::check_domain(&literal, domain, &format!("`{name}`"), (place, "as declared here"))
                        {
                            self.error(diagnostic);
                        }
                    }
                    if let Some(at) = literal.values.iter().position(|v| v.is_infinite()) {
                        self.infinite.push((self.quantities.len(), literal.spans[at]));
                    }
                    quantity.value = Some(QuantityValue::Literal(literal.values));
                }
            },
        }
        fits.then_some(quantity)
    }

    /// A literal whose shape is not the declared one.
    fn wrong_literal(&mut self, decl: &Decl, shape: Shape, literal: &values::Literal, span: Span) {
        let name = &decl.name.text;
        let found = sizes_words(&literal.sizes);
        let declared = sizes_of(shape);
        if literal.sizes.len() == declared.len() {
            // The same number of axes: one of the sizes disagrees, and its dim says why.
            for (axis, e) in type_sizes(&decl.ty.kind).into_iter().enumerate() {
                let (Some(&have), Some(&want)) = (literal.sizes.get(axis), declared.get(axis)) else {
                    continue;
                };
                let ast::ExprKind::Name(dim) = &e.kind else {
                    continue;
                };
                if have == want {
                    continue;
                }
                let Some(dim) = self.dims.iter().find(|d| d.name.canonical == dim.canonical) else {
                    continue;
                };
                let (origin, dim_name) = (dim.origin(), dim.name.text.clone());
                let place = match &dim.source {
                    Source::Text(span) | Source::Literal { span, .. } | Source::Data { span, .. } => *span,
                    _ => dim.name.span,
                };
                self.error(
                    Diagnostic::new(E0303, format!("the value of `{name}` is {found}, but {origin}"))
                        .label(span, format!("{dim_name} would be {have}"))
                        .label(place, format!("{dim_name} is {want}"))
                        .help("correct the one that is wrong"),
                );
                return;
            }
        }
        let mut diagnostic =
            Diagnostic::new(E0305, format!("`{name}` is declared as {shape}, but its value is {found}"))
                .label(span, found)
                .label(decl.ty.span, "declared here");
        if literal.sizes.len() == 2 && literal.sizes.iter().rev().copied().eq(declared.iter().copied()) {
            diagnostic = diagnostic.help("the transpose would fit");
        } else if literal.sizes.is_empty() && !declared.is_empty() {
            diagnostic = diagnostic.help("a number is not spread: write out all entries, or load them from a file");
        }
        self.error(diagnostic);
    }

    /// Compares the shape of bound data with the declaration.
    fn check_data(&mut self, decl: &Decl, shape: Shape, known: &KnownShape) -> bool {
        let declared = sizes_of(shape);
        let fits = known.shape == declared
            || (shape == Shape::Scalar && known.shape.iter().product::<usize>() == 1 && known.shape.len() <= 1);
        if fits {
            return true;
        }
        let (name, from) = (&decl.name.text, &known.from);
        let found = sizes_words(&known.shape);
        let mut diagnostic = Diagnostic::new(
            E0502,
            format!("`{name}` is declared as {}, but {from} holds {found}", expressions::words(shape)),
        )
        .label(decl.ty.span, format!("declared here: {shape}"));
        // Where a size was taken from elsewhere, say where.
        for (axis, e) in type_sizes(&decl.ty.kind).into_iter().enumerate() {
            let ast::ExprKind::Name(dim) = &e.kind else {
                continue;
            };
            let Some(dim) = self.dims.iter().find(|d| d.name.canonical == dim.canonical) else {
                continue;
            };
            if known.shape.len() == declared.len() && known.shape.get(axis) == declared.get(axis) {
                continue;
            }
            match &dim.source {
                Source::Text(span) => diagnostic = diagnostic.label(*span, dim.origin()),
                Source::Data { span, name: other, .. } if other != name => {
                    diagnostic = diagnostic.label(*span, dim.origin())
                }
                Source::Literal { span, .. } => diagnostic = diagnostic.label(*span, dim.origin()),
                Source::Outside => diagnostic = diagnostic.label(dim.name.span, dim.origin()),
                _ => {}
            }
        }
        let column = matches!((shape, &known.shape[..]), (Shape::Vector(n), [1, k] | [k, 1]) if *k == n);
        let help = if declared.len() == 2 && known.shape.iter().rev().copied().eq(declared.iter().copied()) {
            format!(
                "transposed? The transpose of the data would fit: declare `{name}` the other way round and write {name}.T"
            )
        } else if let Some(help) = self.transposed_source(decl, &declared, known) {
            help
        } else if column {
            format!("a vector is not a matrix of one row or column: flatten the data, or declare `{name}` as a matrix")
        } else {
            "correct the declaration or the data".to_owned()
        };
        self.error(diagnostic.help(help));
        false
    }

    /// The help where a matrix gave a dim its size, and its transpose would have given the one that this data has.
    fn transposed_source(&self, decl: &Decl, declared: &[usize], known: &KnownShape) -> Option<String> {
        for (axis, e) in type_sizes(&decl.ty.kind).into_iter().enumerate() {
            let ast::ExprKind::Name(dim) = &e.kind else { continue };
            let dim = self.dims.iter().find(|d| d.name.canonical == dim.canonical)?;
            let (Source::Data { span, from, .. }, Some(want), Some(have)) =
                (&dim.source, declared.get(axis), known.shape.get(axis))
            else {
                continue;
            };
            if want == have {
                continue;
            }
            let all = self.problem.statements.iter().filter_map(|s| kind_of(&s.kind)).flat_map(|(_, decls)| decls);
            let source = all.into_iter().find(|other| other.name.span == *span)?;
            let shape = &self.options.shapes.iter().find(|s| s.name == source.name.canonical)?.shape;
            let sizes = type_sizes(&source.ty.kind);
            let named = |e: &ast::Expr| matches!(&e.kind, ast::ExprKind::Name(n) if n.canonical == dim.name.canonical);
            let fits = match (&sizes[..], &shape[..]) {
                ([rows, _], [_, n]) if named(rows) => n == have,
                ([_, cols], [m, _]) if named(cols) => m == have,
                _ => false,
            };
            if fits {
                let name = &source.name.text;
                return Some(format!("is `{name}` transposed? The transpose of {from} would fit"));
            }
        }
        None
    }

    /// Data shapes for names that are no const or param.
    fn unknown_shapes(&mut self) {
        let options = self.options;
        for known in &options.shapes {
            let named = self.scope.get(&known.name);
            let known_data = named.is_some_and(|named| matches!(named.what, "const" | "param"));
            if known_data {
                continue;
            }
            let message = match named {
                Some(named) => format!("`{}` is a {} and takes no data", named.text, named.what),
                None => format!("data is given for `{}`, which the problem does not declare", known.name),
            };
            let candidates: Vec<(&str, &str)> = self
                .scope
                .iter()
                .filter(|(_, named)| matches!(named.what, "const" | "param"))
                .map(|(canonical, named)| (canonical, named.text.as_str()))
                .collect();
            let help = match super::names::nearest(&known.name, candidates.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if candidates.is_empty() => "the problem has no const or param".to_owned(),
                None => {
                    format!(
                        "the problem's data are {}",
                        candidates.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(", ")
                    )
                }
            };
            self.error(Diagnostic::new(sparsec_syntax::diagnostics::E0901, message).help(help));
        }
    }

    /// The unknown itself, as an expression at a place.
    fn unknown_at(&self, id: QuantityId, span: Span) -> Expr {
        let mut e = self.quantity_expr(id);
        e.span = span;
        e
    }

    /// What the domains of an unknown say, as constraints.
    fn domain_constraints(&mut self, id: QuantityId, decl: &Decl, constraints: &mut Vec<Constraint>) {
        for domain in &decl.domains {
            let bound = |c: f64| ops::number(c, domain.span);
            let value = self.unknown_at(id, decl.name.span);
            let set = match domain.kind {
                DomainKind::AtLeast(c) | DomainKind::Above(c) => SetUse::Box(Some(bound(c)), None),
                DomainKind::AtMost(c) | DomainKind::Below(c) => SetUse::Box(None, Some(bound(c))),
                DomainKind::Between(low, high) => SetUse::Box(Some(bound(low)), Some(bound(high))),
                DomainKind::Symmetric => {
                    let shape = value.shape;
                    let transposed = ops::transpose(value.clone(), domain.span);
                    let difference = ops::subtract(value, transposed, domain.span, &self.quantities);
                    let zero = ops::fill(ops::number(0.0, domain.span), shape, domain.span);
                    constraints.push(Constraint { value: difference, set: SetUse::Equal(zero), span: domain.span });
                    continue;
                }
                DomainKind::Psd => match sets::find("psd") {
                    Some(set) => SetUse::Named(set, Vec::new()),
                    None => {
                        self.unsupported_set("psd", domain.span);
                        continue;
                    }
                },
            };
            constraints.push(Constraint { value, set, span: domain.span });
        }
    }

    /// Bounds that are used for something else as well must be finite.
    pub fn settle_infinite(&mut self, objective: Option<&Expr>, constraints: &[Constraint]) {
        let mut rest: Vec<&Expr> = objective.into_iter().collect();
        for constraint in constraints {
            rest.push(&constraint.value);
            match &constraint.set {
                SetUse::Named(_, args) => rest.extend(args.iter().filter_map(Arg::expr)),
                SetUse::Equal(rhs) => rest.push(rhs),
                SetUse::Box(low, high) => {
                    // A bound that is computed from the quantity is no bound by itself.
                    for bound in [low, high].into_iter().flatten() {
                        let mut e = bound;
                        while let ExprKind::Negate(a)
                        | ExprKind::Fill(a)
                        | ExprKind::Transpose(a)
                        | ExprKind::Slice { of: a, .. } = &e.kind
                        {
                            e = a;
                        }
                        if !matches!(e.kind, ExprKind::Quantity(_)) {
                            rest.push(e);
                        }
                    }
                }
            }
        }
        while let Some(e) = rest.pop() {
            if let ExprKind::Quantity(id) = e.kind
                && let Some(quantity) = self.quantities.get_mut(id.0)
            {
                quantity.allow_infinite = false;
            }
            rest.extend(ops::children(e));
        }
    }

    /// Infinite literals are allowed for quantities that are bounds only.
    pub fn refuse_infinite(&mut self) {
        for (index, span) in std::mem::take(&mut self.infinite) {
            let Some(quantity) = self.quantities.get(index) else {
                continue;
            };
            if !quantity.allow_infinite {
                let name = quantity.name.clone();
                self.error(
                    Diagnostic::new(E0310, format!("`{name}` holds an infinite value and is not a bound"))
                        .label(span, "infinite")
                        .help("inf is for bounds, as in `box(0, inf)` or `y <= u`"),
                );
            }
        }
    }

    /// A declared quantity as an expression, at its declaration.
    pub fn quantity_expr(&self, id: QuantityId) -> Expr {
        let quantity = &self.quantities[id.0];
        let (depends, curvature) = match quantity.kind {
            QuantityKind::Const => (crate::model::Depends::Const, crate::model::Curvature::Constant),
            QuantityKind::Param => (crate::model::Depends::Param, crate::model::Curvature::Constant),
            QuantityKind::Var => (crate::model::Depends::Var, crate::model::Curvature::Affine),
        };
        Expr {
            kind: ExprKind::Quantity(id),
            shape: quantity.shape,
            depends,
            sign: super::ranges::of_quantity(quantity).0.sign(),
            curvature,
            span: quantity.span,
        }
    }

    /// The place of a domain in a declaration.
    pub fn declared_type(&self, id: QuantityId) -> Option<Span> {
        let quantity = self.quantities.get(id.0)?;
        self.problem.statements.iter().filter_map(|s| kind_of(&s.kind)).flat_map(|(_, decls)| decls).find_map(|decl| {
            (decl.name.span == quantity.span).then(|| match decl.ty.kind {
                TypeKind::Scalar => decl.name.span,
                _ => decl.name.span.to(decl.ty.span),
            })
        })
    }
}

fn domain_place(decl: &Decl, domain: Domain) -> Span {
    decl.domains
        .iter()
        .find(|d| match (&d.kind, domain) {
            (DomainKind::AtLeast(a), Domain::AtLeast(b))
            | (DomainKind::Above(a), Domain::Above(b))
            | (DomainKind::AtMost(a), Domain::AtMost(b))
            | (DomainKind::Below(a), Domain::Below(b)) => *a == b,
            (DomainKind::Between(low, _), Domain::AtLeast(b)) => *low == b,
            (DomainKind::Between(_, high), Domain::AtMost(b)) => *high == b,
            (DomainKind::Symmetric, Domain::Symmetric) | (DomainKind::Psd, Domain::Psd) => true,
            _ => false,
        })
        .map_or(decl.span, |d| d.span)
}
