//! Typing of expressions: each operation checks the shapes of its parts and explains what does not fit.

use super::names::{self, Meaning};
use super::text::count;
use super::{Resolver, lets, ops, sums, values};
use crate::model::{Expr, ExprKind, QuantityId};
use sparsec_program::solver::Shape;
use sparsec_syntax::ast::{self, BinaryOp, IndexItem};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0301, E0308, E0310};
use sparsec_syntax::span::Span;

/// Sums of at most this many terms keep the order in which they were written.
const LONG_SUM: usize = 48;

/// A shape in words: `a scalar`, `a vector of length 20`, `a 20×50 matrix`.
pub fn words(shape: Shape) -> String {
    match shape {
        Shape::Scalar => "a scalar".to_owned(),
        Shape::Vector(n) => format!("a vector of length {n}"),
        Shape::Matrix(m, n) => format!("a {m}×{n} matrix"),
    }
}

/// A postfix that belongs to the bracket of `x(e)^2` when `x` is a quantity.
pub enum Postfix<'a> {
    /// `^2`
    Power(&'a ast::Expr),
    /// `.T`
    Transpose,
    /// `[0..3]`
    Index(&'a [IndexItem]),
}

impl<'a> Resolver<'a> {
    /// Resolves an expression; `None` where an error has been reported.
    ///
    /// The arms are functions of their own, so that the frame of this one, which nests with the text, stays small.
    pub fn expression(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        match &e.kind {
            ast::ExprKind::Number(value) => self.number(*value, e.span),
            ast::ExprKind::Name(name) => self.name(name).map(|found| Expr { span: e.span, ..found }),
            ast::ExprKind::Negate(_) => self.negation(e),
            ast::ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract, ..) => self.sum(e),
            ast::ExprKind::Binary(BinaryOp::Juxtapose, ..) => self.side_by_side(e),
            ast::ExprKind::Binary(..) => self.products(e),
            ast::ExprKind::Power(..)
            | ast::ExprKind::Transpose(_)
            | ast::ExprKind::Index(..)
            | ast::ExprKind::Apply(..) => self.postfix(e),
            ast::ExprKind::Norm(kind, a) => self.norm(*kind, a, e.span),
            ast::ExprKind::Array(_) => self.array(e),
            ast::ExprKind::Stack(parts) => self.stack(parts, e.span),
            ast::ExprKind::Inner(a, b) => self.inner(a, b, e.span),
        }
    }

    fn number(&mut self, value: f64, span: Span) -> Option<Expr> {
        if value.is_finite() {
            return Some(ops::number(value, span));
        }
        self.infinite_outside_bounds(span, "infinite");
        None
    }

    fn infinite_outside_bounds(&mut self, span: Span, label: &str) {
        self.error(
            Diagnostic::new(E0310, "an infinite number can only be a bound")
                .label(span, label)
                .help("inf is for bounds, as in `box(0, inf)` or `y <= inf`"),
        );
    }

    /// `-e`, `- -e`, …
    #[inline(never)]
    fn negation(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        let mut spans = Vec::new();
        let mut at = e;
        while let ast::ExprKind::Negate(inner) = &at.kind {
            spans.push(at.span);
            at = inner;
        }
        let mut value = self.expression(at)?;
        for span in spans.into_iter().rev() {
            value = match value.kind {
                // −(−e) is e.
                ExprKind::Negate(inner) => Expr { span, ..*inner },
                kind => ops::negate(Expr { kind, ..value }, span),
            };
        }
        Some(value)
    }

    /// `a * b / c …` from left to right; all factors are resolved, so that each reports its own errors.
    #[inline(never)]
    fn products(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        let mut factors: Vec<(BinaryOp, &'a ast::Expr, Span)> = Vec::new();
        let mut at = e;
        while let ast::ExprKind::Binary(op, left, right) = &at.kind
            && !matches!(op, BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Juxtapose)
        {
            factors.push((*op, right, at.span));
            at = left;
        }
        let mut product = self.expression(at);
        for (op, factor, span) in factors.into_iter().rev() {
            let factor = self.expression(factor);
            product = match (product, factor) {
                (Some(a), Some(b)) => match op {
                    BinaryOp::Multiply => self.multiply(a, b, span),
                    BinaryOp::Divide => self.divide(a, b, span),
                    BinaryOp::ElementMultiply => self.element_multiply(a, b, span),
                    _ => self.element_divide(a, b, span),
                },
                _ => None,
            };
        }
        product
    }

    /// Powers, transposes, indices and applications, from the inside out.
    #[inline(never)]
    fn postfix(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        let mut postfixes: Vec<(Postfix<'a>, Span)> = Vec::new();
        let mut at = e;
        let mut value = loop {
            if let Some((name, argument, inner)) = self.product_in_disguise(at) {
                break self.disguised(name, argument, &inner, at.span)?;
            }
            let (postfix, base): (_, &'a ast::Expr) = match &at.kind {
                ast::ExprKind::Power(base, exponent) => (Postfix::Power(exponent), base),
                ast::ExprKind::Transpose(base) => (Postfix::Transpose, base),
                ast::ExprKind::Index(base, items) => (Postfix::Index(items), base),
                ast::ExprKind::Apply(name, args) => break self.apply(at, name, args)?,
                _ => break self.expression(at)?,
            };
            postfixes.push((postfix, at.span));
            at = base;
        };
        for (postfix, span) in postfixes.into_iter().rev() {
            value = match postfix {
                Postfix::Power(exponent) => self.power(value, exponent, span)?,
                Postfix::Transpose => ops::transpose(value, span),
                Postfix::Index(items) => self.index(value, items, span)?,
            };
        }
        Some(value)
    }

    #[inline(never)]
    fn disguised(
        &mut self,
        name: &'a ast::Ident,
        argument: &'a ast::Expr,
        postfixes: &[Postfix<'a>],
        span: Span,
    ) -> Option<Expr> {
        let left = self.name(name);
        let right = self.with_postfixes(argument, postfixes);
        self.multiply(left?, right?, span)
    }

    #[inline(never)]
    fn array(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        let literal = values::literal(e, &|name| self.dim_size(name));
        self.touch_names(e);
        match literal {
            Ok(literal) if literal.values.iter().all(|v| v.is_finite()) => {
                let shape = literal.shape();
                Some(ops::literal(literal.values, shape, e.span))
            }
            Ok(_) => {
                self.infinite_outside_bounds(e.span, "holds an infinite number");
                None
            }
            Err(diagnostic) => {
                self.error(diagnostic);
                None
            }
        }
    }

    #[inline(never)]
    fn inner(&mut self, a: &'a ast::Expr, b: &'a ast::Expr, span: Span) -> Option<Expr> {
        let (left, right) = (self.expression(a), self.expression(b));
        self.dot(left?, right?, span)
    }

    /// What a name stands for, at the place of use.
    pub fn name(&mut self, name: &ast::Ident) -> Option<Expr> {
        self.scope.touch(&name.canonical);
        match self.scope.get(&name.canonical).map(|named| named.meaning) {
            Some(Meaning::Quantity(index)) => {
                let mut e = self.quantity_expr(QuantityId(index));
                e.span = name.span;
                Some(e)
            }
            Some(Meaning::Let(index)) => self.let_expr(index, name.span),
            Some(Meaning::Dim(index)) => {
                let size = self.dims.get(index)?.value?;
                Some(ops::number(size as f64, name.span))
            }
            Some(Meaning::Poisoned) => None,
            None => {
                self.unknown_name(name);
                None
            }
        }
    }

    /// True if a name is declared as anything.
    pub fn is_declared(&self, name: &ast::Ident) -> bool {
        self.scope.get(&name.canonical).is_some()
    }

    /// `x(e)` of a declared `x` is a product, and in `x(e)^2` the power belongs to the bracket.
    pub fn product_in_disguise(&self, e: &'a ast::Expr) -> Option<(&'a ast::Ident, &'a ast::Expr, Vec<Postfix<'a>>)> {
        let mut postfixes = Vec::new();
        let mut at = e;
        // In parentheses, `(x(e))^2`, the power is that of the product: then a part starts before the name does.
        let mut starts: Vec<usize> = Vec::new();
        loop {
            if !std::ptr::eq(at, e) {
                starts.push(at.span.start);
            }
            at = match &at.kind {
                ast::ExprKind::Apply(name, args) => {
                    let [argument] = &args[..] else { return None };
                    if !self.is_declared(name) || starts.iter().any(|start| *start != name.span.start) {
                        return None;
                    }
                    postfixes.reverse();
                    return Some((name, argument, postfixes));
                }
                ast::ExprKind::Power(base, exponent) => {
                    postfixes.push(Postfix::Power(exponent));
                    base
                }
                ast::ExprKind::Transpose(base) => {
                    postfixes.push(Postfix::Transpose);
                    base
                }
                ast::ExprKind::Index(base, items) => {
                    postfixes.push(Postfix::Index(items));
                    base
                }
                _ => return None,
            };
        }
    }

    pub fn with_postfixes(&mut self, argument: &'a ast::Expr, postfixes: &[Postfix<'a>]) -> Option<Expr> {
        let mut e = self.expression(argument)?;
        for postfix in postfixes {
            let span = e.span;
            e = match postfix {
                Postfix::Power(exponent) => self.power(e, exponent, span.to(exponent.span))?,
                Postfix::Transpose => ops::transpose(e, span),
                Postfix::Index(items) => self.index(e, items, span)?,
            };
        }
        Some(e)
    }

    /// `a + b − c …`: all terms are resolved, so that each reports its own errors.
    #[inline(never)]
    fn sum(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        let mut written: Vec<(BinaryOp, &'a ast::Expr, Span)> = Vec::new();
        let mut at = e;
        while lets::is_sum(at) {
            let ast::ExprKind::Binary(op, left, right) = &at.kind else {
                break;
            };
            written.push((*op, right, at.span));
            at = left;
        }
        let first = self.expression(at);
        let mut terms: Vec<(BinaryOp, Expr, Span)> = Vec::new();
        let (mut complete, mut reported) = (first.is_some(), false);
        // The shape that the others are compared with is that of the first term that is no scalar: scalars are spread.
        let mut model: Option<Expr> = first.clone();
        if let Some(first) = first {
            terms.push((BinaryOp::Add, first, at.span));
        }
        for (op, right, span) in written.into_iter().rev() {
            let Some(term) = self.expression(right) else {
                complete = false;
                continue;
            };
            match &model {
                Some(scalar) if scalar.shape == Shape::Scalar => model = Some(term.clone()),
                Some(model) if term.shape != Shape::Scalar && model.shape != term.shape => {
                    // One report a sum: the terms after it may all agree with this one.
                    if !reported {
                        let model = model.clone();
                        self.sum_mismatch(op, &model, &term);
                        reported = true;
                    }
                    complete = false;
                    continue;
                }
                Some(_) => {}
                None => model = Some(term.clone()),
            }
            terms.push((op, term, span));
        }
        if !complete {
            return None;
        }
        if terms.len() <= LONG_SUM {
            let mut all = terms.into_iter();
            let (_, mut sum, _) = all.next()?;
            for (op, term, span) in all {
                let (left, term) = self.spread(sum, term);
                sum = match op {
                    BinaryOp::Subtract => ops::subtract(left, term, span, &self.quantities),
                    _ => ops::add(left, term, span, &self.quantities),
                };
            }
            return Some(sum);
        }
        // A long sum becomes a balanced tree, so that no later pass nests deep.
        let mut level: Vec<Expr> = terms
            .into_iter()
            .map(|(op, term, _)| {
                if op == BinaryOp::Subtract {
                    let span = term.span;
                    ops::negate(term, span)
                } else {
                    term
                }
            })
            .collect();
        while level.len() > 1 {
            let mut next = Vec::with_capacity(level.len().div_ceil(2));
            let mut pairs = level.into_iter();
            while let Some(a) = pairs.next() {
                next.push(match pairs.next() {
                    Some(b) => {
                        let span = a.span.to(b.span);
                        let (a, b) = self.spread(a, b);
                        ops::add(a, b, span, &self.quantities)
                    }
                    None => a,
                });
            }
            level = next;
        }
        level.pop().map(|sum| Expr { span: e.span, ..sum })
    }

    fn sum_mismatch(&mut self, op: BinaryOp, a: &Expr, b: &Expr) {
        let (a_words, b_words) = (words(a.shape), words(b.shape));
        let message = match op {
            BinaryOp::Subtract => format!("cannot subtract {b_words} from {a_words}"),
            _ => format!("cannot add {b_words} to {a_words}"),
        };
        self.mismatch(message, a, b);
    }

    /// A shape error between two parts: both places, where their sizes were declared, and a way out.
    pub fn mismatch(&mut self, message: String, a: &Expr, b: &Expr) {
        if self.is_full() {
            return;
        }
        let (a_text, b_text) = (self.text(a), self.text(b));
        let mut diagnostic = Diagnostic::new(E0301, message)
            .label(b.span, format!("{b_text} is {}", words(b.shape)))
            .label(a.span, format!("{a_text} is {}", words(a.shape)));
        let (a_rows, b_rows) = (self.origin(a, 0), self.origin(b, 0));
        for origin in [&b_rows, &a_rows] {
            if let Some((id, _)) = origin
                && let Some(span) = self.declared_type(*id)
                && !diagnostic.labels.iter().any(|l| l.span == span)
            {
                let quantity = &self.quantities[id.0];
                diagnostic = diagnostic.label(span, format!("`{}` is {}", quantity.name, words(quantity.shape)));
            }
        }
        let help = match (a.shape, b.shape) {
            (Shape::Scalar, other) => Some(self.spread_help(a, other)),
            (other, Shape::Scalar) => Some(self.spread_help(b, other)),
            (Shape::Vector(m), Shape::Vector(n)) => {
                let options: Vec<String> = [(b_rows, m), (a_rows, n)]
                    .into_iter()
                    .filter_map(|(origin, size)| {
                        let (id, axis) = origin?;
                        let quantity = self.quantities.get(id.0)?;
                        let shape = match (quantity.shape, axis) {
                            (Shape::Vector(_), _) => Shape::Vector(size),
                            (Shape::Matrix(_, columns), 0) => Shape::Matrix(size, columns),
                            (Shape::Matrix(rows, _), _) => Shape::Matrix(rows, size),
                            (Shape::Scalar, _) => return None,
                        };
                        Some(format!("{} as {shape}", quantity.name))
                    })
                    .collect();
                match &options[..] {
                    [] => None,
                    some => Some(format!("declare {}", some.join(", or "))),
                }
            }
            (Shape::Matrix(m, n), Shape::Matrix(p, q)) if (m, n) == (q, p) => {
                Some("transpose one of the two with .T".to_owned())
            }
            (Shape::Matrix(..), Shape::Vector(_)) | (Shape::Vector(_), Shape::Matrix(..)) => Some(
                "a vector is not a matrix of one column: declare both alike, or take a row or column with Y[.., 0]"
                    .to_owned(),
            ),
            _ => None,
        };
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        self.error(diagnostic);
    }

    fn spread_help(&self, scalar: &Expr, shape: Shape) -> String {
        let text = self.plain(scalar);
        let ones = match shape {
            Shape::Matrix(m, n) => format!("ones({}, {})", self.size_text(m), self.size_text(n)),
            other => format!("ones({})", self.size_text(other.len())),
        };
        let spread = match ops::number_of(scalar) {
            Some(1.0) => ones,
            _ if text.contains([' ', '+', '-']) => format!("({text})*{ones}"),
            _ => format!("{text}*{ones}"),
        };
        format!("a scalar is not spread here: write {spread}")
    }

    /// A size by the name of its dim, if there is just one of that size.
    fn size_text(&self, size: usize) -> String {
        let mut named = self.dims.iter().filter(|d| d.value == Some(size));
        match (named.next(), named.next()) {
            (Some(dim), None) => dim.name.text.clone(),
            _ => size.to_string(),
        }
    }

    /// The quantity, and its axis, that an axis of an expression has its size from.
    pub fn origin(&self, e: &Expr, axis: usize) -> Option<(QuantityId, usize)> {
        match &e.kind {
            ExprKind::Quantity(id) => Some((*id, axis)),
            ExprKind::Negate(a) | ExprKind::Power(a, _) => self.origin(a, axis),
            ExprKind::Add(a, _)
            | ExprKind::Subtract(a, _)
            | ExprKind::ElementProduct(a, _)
            | ExprKind::ElementQuotient(a, _) => self.origin(a, axis),
            ExprKind::Scale(_, a) => self.origin(a, axis),
            ExprKind::Product(a, b) => {
                if axis == 0 {
                    self.origin(a, 0)
                } else {
                    self.origin(b, 1)
                }
            }
            ExprKind::Transpose(a) => self.origin(a, 1 - axis.min(1)),
            ExprKind::Elementwise(_, args) => args.first().and_then(|a| self.origin(a, axis)),
            _ => None,
        }
    }

    /// `[a; b]`
    #[inline(never)]
    fn stack(&mut self, parts: &'a [ast::Expr], span: Span) -> Option<Expr> {
        let resolved: Vec<Option<Expr>> = parts.iter().map(|part| self.expression(part)).collect();
        let resolved: Vec<Expr> = resolved.into_iter().collect::<Option<_>>()?;
        let mut length = 0_usize;
        for part in &resolved {
            match part.shape {
                Shape::Scalar | Shape::Vector(_) => length = length.checked_add(part.shape.len())?,
                Shape::Matrix(..) => {
                    let text = self.text(part);
                    self.error(
                        Diagnostic::new(
                            E0301,
                            format!("[a; b] stacks vectors and scalars, but {text} is {}", words(part.shape)),
                        )
                        .label(part.span, words(part.shape))
                        .help("stack the products of the matrices with the unknown: [A*y; B*y]"),
                    );
                    return None;
                }
            }
        }
        self.check_entries(Some(length), span)?;
        Some(ops::stack(resolved, length, span))
    }

    /// Refuses results that have more entries than the limit.
    pub fn check_entries(&mut self, entries: Option<usize>, span: Span) -> Option<()> {
        if entries.is_some_and(|n| n <= super::limits::MAX_ENTRIES) {
            return Some(());
        }
        self.error(
            Diagnostic::new(
                sparsec_syntax::diagnostics::E0304,
                format!("this expression has more than {} entries", super::limits::MAX_ENTRIES),
            )
            .label(span, "too large"),
        );
        None
    }

    /// `y[3]`, `y[0..10]`, `Y[0..4, ..]`
    fn index(&mut self, e: Expr, items: &'a [IndexItem], span: Span) -> Option<Expr> {
        let axes = match e.shape {
            Shape::Scalar => 0,
            Shape::Vector(_) => 1,
            Shape::Matrix(..) => 2,
        };
        if items.len() != axes {
            let text = self.text(&e);
            let help = match axes {
                0 => "a scalar has no entries to choose from; a product with a bracket needs `*`".to_owned(),
                1 => "a vector takes one index or range, such as y[3] or y[0..10]".to_owned(),
                _ => "a matrix takes two, such as Y[3, ..] for a row".to_owned(),
            };
            self.error(
                Diagnostic::new(
                    E0308,
                    format!("{} for {text}, which is {}", count(items.len(), "index"), words(e.shape)),
                )
                .label(span, count(items.len(), "index"))
                .label(e.span, words(e.shape))
                .help(help),
            );
            return None;
        }
        let (rows, cols) = e.shape.rows_cols();
        let mut ranges = Vec::new();
        for (axis, item) in items.iter().enumerate() {
            let length = if axis == 0 { rows } else { cols };
            ranges.push(self.index_item(item, length, &e, axis, span));
        }
        let ranges: Vec<((usize, usize), bool)> = ranges.into_iter().collect::<Option<_>>()?;
        match ranges[..] {
            [((from, to), single)] => {
                let shape = if single { Shape::Scalar } else { Shape::Vector(to - from) };
                self.sliced(e, (from, to), (0, 1), shape, span)
            }
            [(rows, row), (cols, col)] => {
                let (m, n) = (rows.1 - rows.0, cols.1 - cols.0);
                let shape = match (row, col) {
                    (true, true) => Shape::Scalar,
                    (true, false) => Shape::Vector(n),
                    (false, true) => Shape::Vector(m),
                    (false, false) => Shape::Matrix(m, n),
                };
                self.sliced(e, rows, cols, shape, span)
            }
            _ => None,
        }
    }

    /// A part of an expression; of elementwise functions of unknowns, the function of the part.
    fn sliced(
        &mut self,
        e: Expr,
        rows: (usize, usize),
        cols: (usize, usize),
        shape: Shape,
        span: Span,
    ) -> Option<Expr> {
        if !sums::has_elementwise(&e) {
            return Some(ops::slice(e, rows, cols, shape, span));
        }
        let part = |resolver: &mut Self, e: Expr| resolver.sliced(e, rows, cols, shape, span);
        let sliced = match e.kind {
            ExprKind::Power(a, k) => ops::power(part(self, *a)?, k, span),
            ExprKind::Elementwise(function, args) => {
                let args: Vec<Option<Expr>> = args.into_iter().map(|a| part(self, a)).collect();
                ops::elementwise(function, args.into_iter().collect::<Option<_>>()?, span)
            }
            ExprKind::Negate(a) => return part(self, *a).map(|a| ops::negate(a, span)),
            ExprKind::Scale(scalar, a) => return part(self, *a).map(|a| ops::scale(*scalar, a, span)),
            ExprKind::Add(a, b) => {
                let (a, b) = (part(self, *a), part(self, *b));
                return Some(ops::add(a?, b?, span, &self.quantities));
            }
            ExprKind::Subtract(a, b) => {
                let (a, b) = (part(self, *a), part(self, *b));
                return Some(ops::subtract(a?, b?, span, &self.quantities));
            }
            kind => return Some(ops::slice(Expr { kind, ..e }, rows, cols, shape, span)),
        };
        if shape == Shape::Scalar && ops::has_unknown(&sliced) { self.sum_of(sliced, span) } else { Some(sliced) }
    }

    /// The range of one index, and whether it is a single entry.
    fn index_item(
        &mut self,
        item: &'a IndexItem,
        length: usize,
        of: &Expr,
        axis: usize,
        span: Span,
    ) -> Option<((usize, usize), bool)> {
        let place = match item {
            IndexItem::At(at) => at.span,
            IndexItem::Range(Some(from), Some(to)) => from.span.to(to.span),
            IndexItem::Range(Some(one), None) | IndexItem::Range(None, Some(one)) => one.span,
            IndexItem::Range(None, None) => span,
        };
        let (from, to, single) = match item {
            IndexItem::At(at) => {
                let at = self.integer(at, "an index")?;
                (at, at.checked_add(1)?, true)
            }
            IndexItem::Range(from, to) => {
                let from = match from {
                    Some(from) => self.integer(from, "the start of a range"),
                    None => Some(0),
                };
                let to = match to {
                    Some(to) => self.integer(to, "the end of a range"),
                    None => i128::try_from(length).ok(),
                };
                (from?, to?, false)
            }
        };
        let what = match (of.shape, axis) {
            (Shape::Matrix(..), 0) => "rows",
            (Shape::Matrix(..), _) => "columns",
            _ => "entries",
        };
        let valid = from >= 0 && to <= length as i128 && from < to;
        if !valid {
            let text = self.text(of);
            let message = if single {
                format!("index {from} is out of range: {text} has {length} {what}, from 0 to {}", length - 1)
            } else if from >= to && from >= 0 && to <= length as i128 {
                format!("the range {from}..{to} is empty")
            } else {
                format!("the range {from}..{to} goes beyond {text}, which has {length} {what}")
            };
            let help = if single {
                "indices start at 0".to_owned()
            } else {
                format!("ranges start at 0 and leave out their end: all of it is 0..{length}")
            };
            self.error(
                Diagnostic::new(E0308, message).label(place, "out of range").label(of.span, words(of.shape)).help(help),
            );
            return None;
        }
        Some(((usize::try_from(from).ok()?, usize::try_from(to).ok()?), single))
    }

    /// Whether a name is a function that is not hidden by a declaration.
    pub fn is_builtin(&self, name: &ast::Ident, builtin: &str) -> bool {
        name.canonical == builtin && !self.is_declared(name) && names::is_function(builtin)
    }
}
