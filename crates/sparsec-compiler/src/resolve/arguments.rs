//! Further arguments of functions and sets: their kinds, shapes, domains and groups.

use super::expressions::words;
use super::limits::MAX_GROUPED;
use super::values::domain_text;
use super::{Resolver, ops, ranges, values};
use crate::calculus::{Parameter, ParameterKind};
use crate::model::{Arg, Expr, ExprKind, QuantityId};
use sparsec_program::solver::{Domain, Shape};
use sparsec_syntax::ast;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0301, E0304, E0306, E0307, E0308, E0401};
use sparsec_syntax::span::Span;

impl<'a> Resolver<'a> {
    /// Resolves the further arguments of a function or set on the expression `e`.
    pub fn parameters(
        &mut self,
        name: &str,
        parameters: &[Parameter],
        args: &'a [ast::Expr],
        e: &Expr,
    ) -> Option<Vec<Arg>> {
        // What a vector function sees: a row or column where `rows` or `cols` is taken.
        let unit = match (&e.kind, e.shape) {
            (ExprKind::Rows(_), Shape::Matrix(_, n)) | (ExprKind::Cols(_), Shape::Matrix(n, _)) => Shape::Vector(n),
            (_, shape) => shape,
        };
        let mut all: Vec<Option<Arg>> = Vec::new();
        let mut groups: Option<usize> = None;
        for (parameter, arg) in parameters.iter().zip(args) {
            let resolved = match parameter.kind {
                ParameterKind::Scalar(domain) => self.scalar_argument(name, parameter.name, arg, domain),
                ParameterKind::Bounds => {
                    self.bound(arg, unit, &format!("`{}` of {name}", parameter.name)).map(Arg::Expr)
                }
                ParameterKind::Vector(domain) => self.vector_argument(name, parameter.name, arg, unit, domain),
                ParameterKind::Square(domain) => self.square_argument(name, parameter.name, arg, unit, domain),
                ParameterKind::Groups => {
                    let found = self.groups(name, arg, unit);
                    groups = found.as_ref().map(Vec::len);
                    found.map(Arg::Groups)
                }
                ParameterKind::GroupWeights => match groups {
                    Some(count) => self.vector_argument(
                        name,
                        parameter.name,
                        arg,
                        Shape::Vector(count),
                        Some(Domain::AtLeast(0.0)),
                    ),
                    None => {
                        self.touch_names(arg);
                        None
                    }
                },
            };
            all.push(resolved);
        }
        all.into_iter().collect()
    }

    /// An argument without unknowns.
    fn data_argument(&mut self, name: &str, parameter: &str, arg: &'a ast::Expr) -> Option<Expr> {
        let e = self.expression(arg)?;
        if ops::has_unknown(&e) {
            let (text, unknown) = (self.quote(arg), self.an_unknown_in(&e).unwrap_or_default());
            self.error(
                Diagnostic::new(
                    E0401,
                    format!("`{parameter}` of {name} must be data, but `{text}` holds the unknown `{unknown}`"),
                )
                .label(arg.span, "holds an unknown")
                .help("unknowns stand in the first argument only"),
            );
            return None;
        }
        Some(e)
    }

    fn scalar_argument(
        &mut self,
        name: &str,
        parameter: &str,
        arg: &'a ast::Expr,
        domain: Option<Domain>,
    ) -> Option<Arg> {
        let e = self.data_argument(name, parameter, arg)?;
        if e.shape != Shape::Scalar {
            self.argument_shape(name, parameter, &e, "a scalar");
            return None;
        }
        if let Some(domain) = domain {
            self.demand_for(&e, domain, &format!("`{parameter}` of {name}"))?;
        }
        Some(Arg::Expr(e))
    }

    fn vector_argument(
        &mut self,
        name: &str,
        parameter: &str,
        arg: &'a ast::Expr,
        unit: Shape,
        domain: Option<Domain>,
    ) -> Option<Arg> {
        let e = self.data_argument(name, parameter, arg)?;
        let single = unit.len() == 1 && e.shape.len() == 1;
        if e.shape != unit && !single {
            self.argument_shape(name, parameter, &e, &words(unit));
            return None;
        }
        if let Some(domain) = domain {
            self.demand_for(&e, domain, &format!("`{parameter}` of {name}"))?;
        }
        Some(Arg::Expr(e))
    }

    fn square_argument(
        &mut self,
        name: &str,
        parameter: &str,
        arg: &'a ast::Expr,
        unit: Shape,
        domain: Domain,
    ) -> Option<Arg> {
        let e = self.data_argument(name, parameter, arg)?;
        let n = unit.len();
        if e.shape != Shape::Matrix(n, n) {
            self.argument_shape(name, parameter, &e, &words(Shape::Matrix(n, n)));
            return None;
        }
        self.demand_square(&e, domain, name)?;
        Some(Arg::Expr(e))
    }

    fn argument_shape(&mut self, name: &str, parameter: &str, e: &Expr, wanted: &str) {
        let text = self.text(e);
        let mut diagnostic = Diagnostic::new(
            E0301,
            format!("`{parameter}` of {name} must be {wanted}, but {text} is {}", words(e.shape)),
        )
        .label(e.span, words(e.shape));
        if let Some((id, _)) = self.origin(e, 0)
            && let Some(span) = self.declared_type(id)
        {
            let quantity = &self.quantities[id.0];
            diagnostic = diagnostic.label(span, format!("`{}` is {}", quantity.name, words(quantity.shape)));
        }
        self.error(diagnostic);
    }

    /// A bound: a scalar or something of the bounded shape, without unknowns; `inf` is allowed.
    pub fn bound(&mut self, arg: &'a ast::Expr, shape: Shape, what: &str) -> Option<Expr> {
        let e = self.side(arg)?;
        if ops::has_unknown(&e) {
            let text = self.quote(arg);
            self.error(
                Diagnostic::new(E0401, format!("{what} must be data, but `{text}` holds an unknown"))
                    .label(arg.span, "holds an unknown")
                    .help("bounds that hold unknowns are written with `<=` and `>=`"),
            );
            return None;
        }
        if e.shape != Shape::Scalar && e.shape != shape {
            let text = self.quote(arg);
            self.error(
                Diagnostic::new(
                    E0301,
                    format!("{what} must be a scalar or {}, but `{text}` is {}", words(shape), words(e.shape)),
                )
                .label(arg.span, words(e.shape)),
            );
            return None;
        }
        self.allow_infinite(&e);
        Some(e)
    }

    /// A side of a constraint, in which literals may be infinite.
    pub fn side(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        let literal = matches!(e.kind, ast::ExprKind::Number(_) | ast::ExprKind::Array(_))
            || matches!(&e.kind, ast::ExprKind::Negate(a) if matches!(a.kind, ast::ExprKind::Number(_)));
        if !literal {
            return self.expression(e);
        }
        self.touch_names(e);
        match values::literal(e, &|name| self.dim_size(name)) {
            Ok(literal) => {
                let shape = literal.shape();
                Some(ops::literal(literal.values, shape, e.span))
            }
            Err(diagnostic) => {
                self.error(diagnostic);
                None
            }
        }
    }

    /// A quantity that is a bound may be infinite.
    pub fn allow_infinite(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Quantity(id) => {
                if let Some(quantity) = self.quantities.get_mut(id.0) {
                    quantity.allow_infinite = true;
                }
            }
            ExprKind::Negate(a) | ExprKind::Fill(a) | ExprKind::Transpose(a) | ExprKind::Slice { of: a, .. } => {
                self.allow_infinite(a);
            }
            _ => {}
        }
    }

    /// Notes that a quantity must lie in a domain that its declaration does not promise.
    pub fn demand(&mut self, e: &Expr, domain: Domain) {
        match &e.kind {
            ExprKind::Quantity(id) => self.demand_of(*id, domain, e.span),
            ExprKind::Fill(a) | ExprKind::Transpose(a) | ExprKind::Diag(a) => self.demand(a, domain),
            _ => {}
        }
    }

    /// The same, unless the declarations say so already.
    pub fn demand_unless_known(&mut self, e: &Expr, domain: Domain) {
        if !ranges::of(e, &self.quantities).within(domain, ranges::strictness(e, &self.quantities)) {
            self.demand(e, domain);
        }
    }

    fn demand_of(&mut self, id: QuantityId, domain: Domain, span: Span) {
        if let Some(quantity) = self.quantities.get_mut(id.0)
            && !quantity.demands.iter().any(|(known, _)| *known == domain)
        {
            quantity.demands.push((domain, span));
        }
    }

    /// An argument in a domain: by literals and declarations, or demanded of the quantity when its data is bound.
    pub fn demand_for(&mut self, e: &Expr, domain: Domain, who: &str) -> Option<()> {
        if let ExprKind::Literal(entries) = &e.kind {
            let literal =
                values::Literal { sizes: Vec::new(), values: entries.clone(), spans: vec![e.span; entries.len()] };
            return match values::check_domain(&literal, domain, who, (e.span, "")) {
                Ok(()) => Some(()),
                Err(mut diagnostic) => {
                    diagnostic.labels.truncate(1);
                    diagnostic.help = None;
                    self.error(diagnostic);
                    None
                }
            };
        }
        let range = ranges::of(e, &self.quantities);
        if range.within(domain, ranges::strictness(e, &self.quantities)) {
            return Some(());
        }
        // Certainly outside: no data can repair it.
        let never = match domain {
            Domain::AtLeast(c) => range.high < c,
            Domain::Above(c) => range.high <= c,
            Domain::AtMost(c) => range.low > c,
            Domain::Below(c) => range.low >= c,
            _ => false,
        };
        if never {
            let text = self.text(e);
            self.error(
                Diagnostic::new(E0306, format!("{who} must be {}, and {text} never is", domain_text(domain)))
                    .label(e.span, "outside by its declaration"),
            );
            return None;
        }
        match &e.kind {
            ExprKind::Quantity(id) => self.demand_of(*id, domain, e.span),
            ExprKind::Fill(_) => self.demand(e, domain),
            _ => {
                let text = self.text(e);
                let help = format!(
                    "give it a name: a param declared as `scalar {}` is checked when it is bound",
                    domain_text(domain)
                );
                self.error(
                    Diagnostic::new(
                        E0306,
                        format!("{who} must be {}, and {text} is not known to be", domain_text(domain)),
                    )
                    .label(e.span, "nothing declared says so")
                    .help(help),
                );
                return None;
            }
        }
        Some(())
    }

    /// A square matrix that must be symmetric or psd.
    pub fn demand_square(&mut self, q: &Expr, domain: Domain, name: &str) -> Option<()> {
        if let ExprKind::Literal(entries) = &q.kind {
            let (n, m) = q.shape.rows_cols();
            let literal =
                values::Literal { sizes: vec![n, m], values: entries.clone(), spans: vec![q.span; entries.len()] };
            if let Err(mut diagnostic) =
                values::check_domain(&literal, domain, &format!("the matrix of {name}"), (q.span, ""))
            {
                diagnostic.labels.truncate(1);
                self.error(diagnostic);
                return None;
            }
            return Some(());
        }
        match self.is_psd(q) {
            Some(demands) => {
                for (id, span) in demands {
                    self.demand_of(id, domain, span);
                }
                Some(())
            }
            None => {
                let text = self.text(q);
                self.error(
                    Diagnostic::new(
                        E0401,
                        format!(
                            "{name} is convex where its matrix is {}, and {text} is not known to be",
                            domain_text(domain)
                        ),
                    )
                    .label(q.span, "nothing declared says so")
                    .help("declare the matrix itself as a const or param with `psd`, or write it as B.T*B"),
                );
                None
            }
        }
    }

    /// Whether a matrix is positive semidefinite by its form, if these quantities are.
    fn is_psd(&self, q: &Expr) -> Option<Vec<(QuantityId, Span)>> {
        match &q.kind {
            ExprKind::Quantity(id) => {
                let quantity = self.quantities.get(id.0)?;
                if quantity.domains.contains(&Domain::Psd) { Some(Vec::new()) } else { Some(vec![(*id, q.span)]) }
            }
            ExprKind::Transpose(a) => self.is_psd(a),
            ExprKind::Product(a, b) => match (&a.kind, &b.kind) {
                (ExprKind::Transpose(inner), _) if ops::same(inner, b) => Some(Vec::new()),
                (_, ExprKind::Transpose(inner)) if ops::same(a, inner) => Some(Vec::new()),
                _ => None,
            },
            ExprKind::Diag(a) if Self::is_nonnegative(a) => Some(Vec::new()),
            ExprKind::Scale(s, a) if Self::is_nonnegative(s) => self.is_psd(a),
            ExprKind::Add(a, b) => {
                let mut all = self.is_psd(a)?;
                all.extend(self.is_psd(b)?);
                Some(all)
            }
            _ => None,
        }
    }

    /// A group size that divides the length, or lists of indices that do not overlap.
    fn groups(&mut self, name: &str, arg: &'a ast::Expr, unit: Shape) -> Option<Vec<Vec<usize>>> {
        let n = unit.len();
        if n > MAX_GROUPED {
            self.error(
                Diagnostic::new(E0304, format!("{name} takes at most {MAX_GROUPED} entries, not {n}"))
                    .label(arg.span, "too many entries"),
            );
            return None;
        }
        let ast::ExprKind::Array(lists) = &arg.kind else {
            let size = self.integer(arg, "a group size")?;
            let divides = usize::try_from(size).ok().filter(|size| *size >= 1 && n.is_multiple_of(*size));
            let Some(size) = divides else {
                let message = if size < 1 {
                    format!("a group size must be at least 1, not {size}")
                } else {
                    format!("groups of {size} do not divide the {n} entries of {name}'s expression")
                };
                let divisors: Vec<String> =
                    (2..=n.min(64)).filter(|d| n.is_multiple_of(*d)).take(6).map(|d| d.to_string()).collect();
                let mut help = "list the groups: [[0, 1], [2, 3, 4]]".to_owned();
                if !divisors.is_empty() {
                    help = format!("sizes that divide {n} are {}; or {help}", divisors.join(", "));
                }
                self.error(Diagnostic::new(E0307, message).label(arg.span, "not a group size").help(help));
                return None;
            };
            return Some((0..n / size).map(|g| (g * size..(g + 1) * size).collect()).collect());
        };
        let mut owner: Vec<Option<Span>> = vec![None; n];
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for list in lists {
            let ast::ExprKind::Array(entries) = &list.kind else {
                let text = self.quote(list);
                self.error(
                    Diagnostic::new(E0307, format!("groups are lists of indices, and `{text}` is not a list"))
                        .label(list.span, "not a list")
                        .help("write [[0, 1], [2, 3, 4]], or a group size"),
                );
                return None;
            };
            let mut group = Vec::new();
            for entry in entries {
                let index = self.integer(entry, "an index")?;
                let Some(index) = usize::try_from(index).ok().filter(|index| *index < n) else {
                    self.error(
                        Diagnostic::new(
                            E0308,
                            format!(
                                "index {index} is out of range: the expression of {name} has {n} entries, from 0 to {}",
                                n - 1
                            ),
                        )
                        .label(entry.span, "out of range")
                        .help("indices start at 0"),
                    );
                    return None;
                };
                if let Some(before) = owner[index].replace(list.span) {
                    let same = before == list.span;
                    let message = if same {
                        format!("entry {index} is twice in one group")
                    } else {
                        format!("entry {index} is in two groups: overlapping groups come in a later version")
                    };
                    let mut diagnostic = Diagnostic::new(E0307, message).label(entry.span, "again here");
                    if !same {
                        diagnostic = diagnostic.label(before, "first in this group");
                    }
                    self.error(diagnostic.help("put every entry into one group at most"));
                    return None;
                }
                group.push(index);
            }
            if group.is_empty() {
                self.error(Diagnostic::new(E0307, "a group needs at least one entry").label(list.span, "empty"));
                return None;
            }
            groups.push(group);
        }
        if groups.is_empty() {
            self.error(Diagnostic::new(E0307, format!("{name} needs at least one group")).label(arg.span, "empty"));
            return None;
        }
        Some(groups)
    }

    /// The declared type of a quantity, in the text's own words.
    pub fn type_text(&self, id: QuantityId) -> String {
        let Some(quantity) = self.quantities.get(id.0) else {
            return "scalar".to_owned();
        };
        let decl = self.problem.statements.iter().filter_map(|s| super::kind_of(&s.kind)).flat_map(|(_, decls)| decls);
        for decl in decl {
            if decl.name.span == quantity.span {
                let sizes: Vec<String> =
                    super::dims::type_sizes(&decl.ty.kind).into_iter().map(|e| self.quote(e)).collect();
                return match &decl.ty.kind {
                    ast::TypeKind::Scalar => "scalar".to_owned(),
                    ast::TypeKind::Vector(_) => format!("vector[{}]", sizes.join(", ")),
                    ast::TypeKind::Matrix(..) => format!("matrix[{}]", sizes.join(", ")),
                    ast::TypeKind::SparseMatrix(..) => {
                        format!("sparse matrix[{}]", sizes.join(", "))
                    }
                };
            }
        }
        quantity.shape.to_string()
    }
}
