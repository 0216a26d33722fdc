//! From the syntax tree to the model: names, sizes, shapes, signs and curvature.
//!
//! Names may be used before they are declared: the order of statements does not matter, except that consts and params keep
//! theirs. Strict bounds of an unknown (`var y: scalar > 0`) are taken as closed ones, since a minimum over an open set need
//! not exist; of data they are kept.
//!
//! Resolution holds no data. It reads literals of the text, declared domains, and the shapes of data that a host has loaded.
//! Errors are collected: an expression with an error is left out of further checks, so that one mistake is reported once.

mod arguments;
mod calls;
mod constraints;
mod curvature;
mod dims;
mod display;
mod expressions;
mod lets;
pub mod limits;
mod method;
mod names;
mod ops;
mod products;
mod quantities;
mod ranges;
mod sums;
mod text;
mod values;

#[cfg(test)]
mod tests;

use crate::model::{Constraint, Expr, Method, Model, Quantity, QuantityKind};
use names::{Meaning, Scope};
use sparsec_program::solver::Shape;
use sparsec_syntax::ast::{self, Ident, StatementKind};
use sparsec_syntax::diagnostic::{Diagnostic, Severity};
use sparsec_syntax::diagnostics::{E0201, E0202, E0204, E0206, E0207, E0208, E0211, E0301, W0201, W0202};
use sparsec_syntax::limits::MAX_REPORTED;
use sparsec_syntax::span::Span;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use text::Style;

pub use display::Shown;
pub use method::algorithm;
pub use names::LANGUAGE as NAMES;
pub use quantities::{DeclaredData, DeclaredValue, declared};

/// What is known besides the text.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Sizes given outside the text (`--dim`, the macro's head), by declared or canonical name.
    pub dims: Vec<(String, usize)>,
    /// Shapes of data that is bound or loaded.
    pub shapes: Vec<KnownShape>,
}

/// How the help for a size that nothing declares begins, for hosts that have another place for sizes.
pub const UNDECLARED_SIZE: &str = "declare the size";

/// The shape of one quantity's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownShape {
    /// Canonical name of the quantity.
    pub name: String,
    /// Its sizes; none for a scalar.
    pub shape: Vec<usize>,
    /// Where the data is from, for messages: `file D.npy`.
    pub from: String,
}

/// Resolves a problem: looks up every name, finds every shape, and verifies convexity by rules.
///
/// `default_name` is the problem's name where the text gives none. The errors are sorted by their place and hold no
/// warnings; those of a problem without errors are in [`Model::warnings`].
pub fn resolve(problem: &ast::Problem, default_name: &str, options: &Options) -> Result<Model, Vec<Diagnostic>> {
    let mut resolver = Resolver::new(problem, options);
    let model = resolver.run(default_name);
    let (errors, mut warnings): (Vec<_>, Vec<_>) =
        resolver.diagnostics.into_iter().partition(|d| d.code.severity() == Severity::Error);
    if let (Some(mut model), true) = (model, errors.is_empty()) {
        sort(&mut warnings);
        model.warnings = warnings;
        return Ok(model);
    }
    let mut errors = errors;
    sort(&mut errors);
    if errors.is_empty() {
        // Every path that yields no model reports why; should one not, this says so instead of panicking.
        errors.push(Diagnostic::new(
            sparsec_syntax::diagnostics::E9901,
            "resolution ended without a model and without an error",
        ));
    }
    Err(errors)
}

/// By place, without repetitions.
fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        let place = |d: &Diagnostic| d.labels.first().map(|label| (label.span.start, label.span.end));
        (place(a), a.code.code, &a.message).cmp(&(place(b), b.code.code, &b.message))
    });
    diagnostics.dedup();
}

/// The state of resolution.
struct Resolver<'a> {
    problem: &'a ast::Problem,
    options: &'a Options,
    style: Style,
    scope: Scope,
    dims: Vec<dims::Dim<'a>>,
    quantities: Vec<Quantity>,
    lets: Vec<lets::Let<'a>>,
    diagnostics: Vec<Diagnostic>,
    errors: usize,
    /// Expressions by place, made when a message first quotes one.
    pieces: OnceCell<HashMap<Span, text::Piece<'a>>>,
    unknown: HashSet<String>,
    nodes: usize,
    nonconvex: HashSet<&'static str>,
    /// Places of infinite literals that are given to quantities, to be refused unless these are bounds.
    infinite: Vec<(usize, Span)>,
}

impl<'a> Resolver<'a> {
    fn new(problem: &'a ast::Problem, options: &'a Options) -> Self {
        Resolver {
            problem,
            options,
            style: Style::of(problem),
            scope: Scope::default(),
            dims: Vec::new(),
            quantities: Vec::new(),
            lets: Vec::new(),
            diagnostics: Vec::new(),
            errors: 0,
            pieces: OnceCell::new(),
            unknown: HashSet::new(),
            nodes: 0,
            nonconvex: HashSet::new(),
            infinite: Vec::new(),
        }
    }

    fn error(&mut self, diagnostic: Diagnostic) {
        if !self.is_full() {
            self.errors += 1;
            self.diagnostics.push(diagnostic);
        }
    }

    /// True once as many errors are known as are reported.
    fn is_full(&self) -> bool {
        self.errors >= MAX_REPORTED
    }

    /// An expression of the text, in the user's spelling.
    fn quote(&self, e: &ast::Expr) -> String {
        text::quote(e, self.style)
    }

    /// The text at a place, in the user's spelling, where an expression stands there.
    fn quote_at(&self, span: Span) -> Option<String> {
        match self.pieces.get_or_init(|| text::index(self.problem)).get(&span)? {
            text::Piece::Expr(e) => Some(text::quote(e, self.style)),
            text::Piece::Name(name) => Some((*name).to_owned()),
        }
    }

    /// The text of a resolved expression; of one that stands nowhere by itself, its formula.
    fn plain(&self, e: &Expr) -> String {
        if self.is_full() {
            return String::new();
        }
        self.quote_at(e.span).unwrap_or_else(|| display::short_text(e, &self.quantities, text::MAX_QUOTE))
    }

    /// The same between backticks.
    fn text(&self, e: &Expr) -> String {
        format!("`{}`", self.plain(e))
    }

    /// The text at a place between backticks, or "this expression".
    fn text_at(&self, span: Span) -> String {
        if self.is_full() {
            return String::new();
        }
        self.quote_at(span).map_or_else(|| "this expression".to_owned(), |text| format!("`{text}`"))
    }

    fn run(&mut self, default_name: &str) -> Option<Model> {
        if !self.check_depth() {
            return None;
        }
        self.declare_all();
        self.solve_dims();
        let domain_constraints = self.declare_quantities();
        self.resolve_lets();
        let mut objective: Option<(ast::Sense, Option<Expr>, Span)> = None;
        let mut constraints: Vec<Constraint> = Vec::new();
        let mut method: Option<Method> = None;
        let mut method_span: Option<Span> = None;
        // Domains of unknowns come where they are declared, so before or between the constraints of the text.
        let mut domain_constraints = domain_constraints.into_iter().peekable();
        for statement in &self.problem.statements {
            while domain_constraints.peek().is_some_and(|c| c.span.start < statement.span.start) {
                constraints.extend(domain_constraints.next());
            }
            match &statement.kind {
                StatementKind::Objective { sense, value } => {
                    if let Some((_, _, first)) = &objective {
                        let first = *first;
                        self.error(
                            Diagnostic::new(E0207, "a problem has one objective, this one has two")
                                .label(value.span, "the second")
                                .label(first, "the first")
                                .help("add the two up, with a weight that says how much each matters"),
                        );
                        continue;
                    }
                    let resolved = self.objective(*sense, value);
                    objective = Some((*sense, resolved, value.span));
                }
                StatementKind::Subject(all) => {
                    for constraint in all {
                        self.constraint(constraint, &mut constraints);
                    }
                }
                StatementKind::Solve(written) => {
                    if let Some(first) = method_span {
                        self.error(
                            Diagnostic::new(E0211, "a problem has one `solve with`, this one has two")
                                .label(written.span, "the second")
                                .label(first, "the first")
                                .help("keep one of the two"),
                        );
                        continue;
                    }
                    method_span = Some(written.span);
                    method = self.method(written);
                }
                _ => {}
            }
        }
        constraints.extend(domain_constraints);
        let end = Span::new(self.problem.span.end, self.problem.span.end);
        if objective.is_none() {
            self.error(
                Diagnostic::new(E0206, "the problem has no objective")
                    .label(end, "expected `minimize` or `maximize` before the end")
                    .help("add a statement such as `minimize ||y||^2`"),
            );
        }
        let has_var = self.problem.statements.iter().any(|s| matches!(&s.kind, StatementKind::Var(d) if !d.is_empty()));
        if !has_var {
            self.error(
                Diagnostic::new(E0208, "the problem has no unknown")
                    .label(end, "expected a `var` statement before the end")
                    .help("declare what is sought, such as `var y: vector[n]`"),
            );
        }
        self.settle_infinite(objective.as_ref().and_then(|(_, e, _)| e.as_ref()), &constraints);
        self.refuse_infinite();
        self.warn_unused();
        let (sense, objective, _) = objective?;
        Some(Model {
            name: self.problem.name.as_ref().map_or_else(|| default_name.to_owned(), |name| name.text.clone()),
            docs: self.problem.docs.clone(),
            dims: self.dims.iter().filter_map(|d| Some((d.name.text.clone(), d.value?))).collect(),
            quantities: std::mem::take(&mut self.quantities),
            sense,
            objective: objective?,
            constraints,
            method,
            warnings: Vec::new(),
        })
    }

    /// Enters every declared name.
    fn declare_all(&mut self) {
        let problem = self.problem;
        for statement in &problem.statements {
            match &statement.kind {
                StatementKind::Dim(dims) => {
                    for dim in dims {
                        if self.declare(&dim.name, "dim", Meaning::Dim(self.dims.len())) {
                            self.dims.push(dims::Dim::new(dim));
                        }
                    }
                }
                StatementKind::Const(decls) => self.declare_decls(decls, "const"),
                StatementKind::Param(decls) => self.declare_decls(decls, "param"),
                StatementKind::Var(decls) => self.declare_decls(decls, "var"),
                StatementKind::Let(lets) => {
                    for decl in lets {
                        if self.declare(&decl.name, "let", Meaning::Let(self.lets.len())) {
                            self.lets.push(lets::Let::new(decl));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn declare_decls(&mut self, decls: &[ast::Decl], what: &'static str) {
        for decl in decls {
            // The meaning is entered when the shape is known.
            self.declare(&decl.name, what, Meaning::Poisoned);
        }
    }

    /// Enters one name; false if that was an error.
    fn declare(&mut self, name: &Ident, what: &'static str, meaning: Meaning) -> bool {
        if names::RESERVED.contains(&name.canonical.as_str()) {
            self.error(
                Diagnostic::new(E0204, format!("`{}` is a word of the language and cannot be a name", name.text))
                    .label(name.span, "reserved")
                    .help(format!("choose another name, such as {0}_ or {0}1", name.text)),
            );
            return false;
        }
        if let Err(first) = self.scope.declare(name, what, meaning) {
            let (text, span) = (first.text.clone(), first.span);
            let message = if text == name.text {
                format!("`{text}` is declared twice")
            } else {
                format!("`{}` and `{text}` are one name, declared twice", name.text)
            };
            self.error(
                Diagnostic::new(E0202, message)
                    .label(name.span, "declared again")
                    .label(span, "first declared here")
                    .help("rename one of the two"),
            );
            return false;
        }
        if names::is_function_or_set(&name.canonical) {
            self.diagnostics.push(
                Diagnostic::new(
                    W0202,
                    format!("`{0}` is also a function or set; here it means this {what}", name.text),
                )
                .label(name.span, format!("`{}(e)` is now a product", name.text))
                .help("rename it if you want the function as well"),
            );
        }
        true
    }

    /// Reports a size that nothing declares; once.
    fn unknown_size(&mut self, name: &Ident) {
        let before = self.diagnostics.len();
        self.unknown_name(name);
        let near = self.scope.nearest(&name.canonical).is_some();
        if let (Some(diagnostic), false) = (self.diagnostics.get_mut(before), near) {
            diagnostic.help = Some(format!("{UNDECLARED_SIZE}: `dim {}`, with a value or without", name.text));
        }
    }

    /// Reports a name that nothing declares; once.
    fn unknown_name(&mut self, name: &Ident) {
        if self.is_full() || !self.unknown.insert(name.canonical.clone()) {
            return;
        }
        let mut diagnostic = Diagnostic::new(E0201, format!("`{}` is not declared", name.text));
        if let Some(near) = self.scope.nearest(&name.canonical) {
            let declared = self.scope.iter().find(|(_, named)| named.text == near).map(|(_, named)| named.span);
            diagnostic = diagnostic.label(name.span, "not declared");
            if let Some(span) = declared {
                diagnostic = diagnostic.label(span, format!("`{near}` is declared here"));
            }
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if names::is_function(&name.canonical) {
            diagnostic = Diagnostic::new(E0201, format!("`{}` is a function and needs its argument", name.text))
                .label(name.span, "a function, not a quantity")
                .help(format!("write {}(…), or declare a quantity of that name", name.text));
        } else {
            diagnostic = diagnostic.label(name.span, "not declared").help(self.scope.listing());
        }
        self.error(diagnostic);
    }

    /// The objective: a scalar, convex for a minimum, concave for a maximum.
    fn objective(&mut self, sense: ast::Sense, value: &'a ast::Expr) -> Option<Expr> {
        let e = self.expression(value)?;
        if e.shape != Shape::Scalar {
            let text = self.quote(value);
            let verb = if sense == ast::Sense::Minimize { "minimize" } else { "maximize" };
            let mut diagnostic = Diagnostic::new(
                E0301,
                format!("the objective must be a scalar, but `{text}` is {}", expressions::words(e.shape)),
            )
            .label(value.span, expressions::words(e.shape));
            diagnostic = diagnostic.help(format!("take a norm or a sum: `{verb} sum({text})`"));
            self.error(diagnostic);
            return None;
        }
        if !self.check_expanded(&e) {
            return None;
        }
        let wanted = match sense {
            ast::Sense::Minimize => crate::model::Curvature::Convex,
            ast::Sense::Maximize => crate::model::Curvature::Concave,
        };
        let purpose = match sense {
            ast::Sense::Minimize => curvature::Purpose::Minimum,
            ast::Sense::Maximize => curvature::Purpose::Maximum,
        };
        (self.require_curvature(&e, wanted, purpose) && self.refuse_leftovers(&e)).then_some(e)
    }

    /// Warnings for declarations that nothing uses.
    fn warn_unused(&mut self) {
        let unused: Vec<Diagnostic> = self
            .scope
            .iter()
            .filter(|(_, named)| !named.used)
            .take(MAX_REPORTED)
            .map(|(_, named)| {
                Diagnostic::new(W0201, format!("{} `{}` is declared and never used", named.what, named.text))
                    .label(named.span, "never used")
                    .help("remove the declaration, or use it")
            })
            .collect();
        self.diagnostics.extend(unused);
    }
}

/// Kind of a quantity by its statement.
fn kind_of(statement: &StatementKind) -> Option<(QuantityKind, &Vec<ast::Decl>)> {
    match statement {
        StatementKind::Const(decls) => Some((QuantityKind::Const, decls)),
        StatementKind::Param(decls) => Some((QuantityKind::Param, decls)),
        StatementKind::Var(decls) => Some((QuantityKind::Var, decls)),
        _ => None,
    }
}
