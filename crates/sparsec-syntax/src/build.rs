//! The pairs of the grammar to the syntax tree.
//!
//! Expressions arrive flat and become trees here by precedence. The depth of a tree is counted while it is built, so
//! that no later pass meets one that its stack cannot hold; long sums are balanced.

use pest::iterators::{Pair, Pairs};

use crate::ast::*;
use crate::diagnostic::Diagnostic;
use crate::diagnostics as codes;
use crate::limits::{LONG_SUM, MAX_TREE_DEPTH};
use crate::names;
use crate::parse::Rule;
use crate::parse::statement_word;
use crate::scan::{Scan, TokenKind, shorten};
use crate::span::Span;

/// An expression with what building it further needs to know.
struct Built {
    expr: Expr,
    depth: usize,
    /// Not in parentheses.
    bare: bool,
}

/// One element of a flat expression.
enum Item {
    Operand(Built),
    Operator(BinaryOp, Span),
    Sign(Span),
}

/// Builds one problem and collects what is wrong with it.
pub(crate) struct Builder<'s, 't> {
    scan: &'s Scan<'t>,
    /// Where the parsed text starts in the whole text.
    offset: usize,
    pub errors: Vec<Diagnostic>,
}

impl<'s, 't> Builder<'s, 't> {
    pub(crate) fn new(scan: &'s Scan<'t>, offset: usize) -> Self {
        Self { scan, offset, errors: Vec::new() }
    }

    /// The place of a pair. A rule that ends with something optional also spans the blanks and comments before what
    /// did not come; they are cut off.
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        let (start, mut end) = (span.start() + self.offset, span.end() + self.offset);
        // Before the end of the text such a rule ends with a blank or with the slash of a comment; most rules do not.
        let last = self.scan.text.as_bytes().get(end.wrapping_sub(1)).copied().unwrap_or(b' ');
        if end < self.scan.text.len() && last > b' ' && last < 0x7F && last != b'/' {
            return Span::new(start, end);
        }
        let tokens = &self.scan.tokens;
        let inside = tokens.partition_point(|token| token.span.start < end);
        if let Some(last) = tokens[..inside].iter().rev().find(|token| !token.is_comment()) {
            end = end.min(last.span.end).max(start);
        }
        Span::new(start, end)
    }

    fn text(&self, span: Span) -> &'t str {
        self.scan.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Reports an error; the statement has no tree then.
    fn fail<T>(&mut self, error: Diagnostic) -> Option<T> {
        self.errors.push(error);
        None
    }

    /// The grammar and this builder disagree, which no text should bring about.
    fn mismatch<T>(&mut self, span: Span) -> Option<T> {
        self.fail(
            Diagnostic::new(codes::E9901, "the grammar and the parser disagree about this text")
                .label(span, "here")
                .help("please report it with this text"),
        )
    }

    /// A whole problem.
    pub(crate) fn problem(&mut self, pairs: Pairs<'_, Rule>) -> Option<Problem> {
        let mut problem = Problem { name: None, docs: String::new(), statements: Vec::new(), span: Span::default() };
        let top = pairs.into_iter().next()?;
        let mut extent: Option<Span> = None;
        let mut body = top.into_inner();
        if let Some(wrapper) = body.peek().filter(|pair| pair.as_rule() == Rule::wrapper) {
            let span = self.span(&wrapper);
            problem.docs = self.docs(span.start);
            extent = Some(span);
            body = wrapper.into_inner();
        }
        for pair in body {
            match pair.as_rule() {
                Rule::name => problem.name = Some(self.ident(&pair)),
                Rule::kw_problem | Rule::open_brace | Rule::close_brace | Rule::EOI => {}
                _ => {
                    if let Some(statement) = self.statement(pair) {
                        problem.statements.push(statement);
                    }
                }
            }
        }
        let statements = problem.statements.iter().map(|statement| statement.span).reduce(Span::to);
        problem.span = extent.or(statements).unwrap_or_default();
        Some(problem)
    }

    /// One statement alone, for its errors.
    pub(crate) fn single(&mut self, pairs: Pairs<'_, Rule>) {
        for top in pairs {
            for pair in top.into_inner() {
                if pair.as_rule() != Rule::EOI {
                    self.statement(pair);
                }
            }
        }
    }

    /// The `///` comments that stand on lines of their own before `start`, since the last token.
    fn docs(&self, start: usize) -> String {
        let before = self.scan.tokens.partition_point(|token| token.span.start < start);
        let mut lines: Vec<&str> = Vec::new();
        for token in self.scan.tokens[..before].iter().rev() {
            let text = self.text(token.span);
            match token.kind {
                TokenKind::LineComment => {
                    let line = self.scan.text[..token.span.start].rsplit(['\n', '\r']).next().unwrap_or_default();
                    let alone = line.chars().all(|c| crate::scan::is_blank(c) || c == '\u{FEFF}');
                    if let Some(doc) = text.strip_prefix("///").filter(|doc| alone && !doc.starts_with('/')) {
                        lines.push(doc.strip_prefix(' ').unwrap_or(doc).trim_end());
                    }
                }
                TokenKind::BlockComment => {}
                TokenKind::Symbol if text == ";" => {}
                _ => break,
            }
        }
        lines.reverse();
        lines.join("\n")
    }

    fn statement(&mut self, pair: Pair<'_, Rule>) -> Option<Statement> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let inner = pair.into_inner();
        let kind = match rule {
            Rule::dims => StatementKind::Dim(self.each(inner, Rule::dim, Self::dim)?),
            Rule::consts => StatementKind::Const(self.each(inner, Rule::declaration, Self::declaration)?),
            Rule::params => StatementKind::Param(self.each(inner, Rule::declaration, Self::declaration)?),
            Rule::vars => StatementKind::Var(self.each(inner, Rule::declaration, Self::declaration)?),
            Rule::lets => StatementKind::Let(self.each(inner, Rule::definition, Self::definition)?),
            Rule::objective => self.objective(inner, span)?,
            Rule::subject => StatementKind::Subject(self.each(inner, Rule::constraint, Self::constraint)?),
            Rule::method => StatementKind::Solve(self.method(inner, span)?),
            _ => return self.mismatch(span),
        };
        Some(Statement { docs: self.docs(span.start), kind, span })
    }

    /// Builds each pair of a rule and reports the errors of all of them.
    fn each<T>(
        &mut self,
        pairs: Pairs<'_, Rule>,
        rule: Rule,
        build: fn(&mut Self, Pair<'_, Rule>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut built = Vec::new();
        let mut complete = true;
        for pair in pairs.filter(|pair| pair.as_rule() == rule) {
            match build(self, pair) {
                Some(item) => built.push(item),
                None => complete = false,
            }
        }
        complete.then_some(built)
    }

    fn ident(&self, pair: &Pair<'_, Rule>) -> Ident {
        let text = pair.as_str();
        Ident { text: text.to_owned(), canonical: names::canonical(text), span: self.span(pair) }
    }

    /// The name that a rule starts with.
    fn leading_name(&mut self, inner: &mut Pairs<'_, Rule>, span: Span) -> Option<Ident> {
        match inner.next() {
            Some(pair) if pair.as_rule() == Rule::name => Some(self.ident(&pair)),
            _ => self.mismatch(span),
        }
    }

    fn dim(&mut self, pair: Pair<'_, Rule>) -> Option<DimDecl> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let name = self.leading_name(&mut inner, span)?;
        let Some(value) = inner.find(|pair| pair.as_rule() == Rule::literal) else {
            return Some(DimDecl { name, value: None });
        };
        let value = self.literal(value)?;
        if matches!(value.kind, ExprKind::Array(_)) {
            return self.fail(
                Diagnostic::new(codes::E0101, format!("`{}` is a size, and a size is a number", name.text))
                    .label(value.span, "expected a whole number")
                    .help(format!("write `dim {} = 3`", name.text)),
            );
        }
        Some(DimDecl { name, value: Some(value) })
    }

    fn declaration(&mut self, pair: Pair<'_, Rule>) -> Option<Decl> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let name = self.leading_name(&mut inner, span)?;
        let (mut ty, mut domains, mut value) = (None, Vec::new(), None);
        for pair in inner {
            match pair.as_rule() {
                Rule::kind => ty = Some(self.kind(pair)?),
                Rule::domain => domains.push(self.domain(pair)?),
                Rule::literal => value = Some(Value::Literal(self.literal(pair)?)),
                Rule::load => {
                    let (path, key, span) = self.load(pair)?;
                    value = Some(Value::Load { path, key, span });
                }
                _ => {}
            }
        }
        match ty {
            Some(ty) => Some(Decl { name, ty, domains, value, span }),
            None => self.mismatch(span),
        }
    }

    fn definition(&mut self, pair: Pair<'_, Rule>) -> Option<LetDecl> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let name = self.leading_name(&mut inner, span)?;
        let value = self.next_expression(&mut inner, span)?;
        Some(LetDecl { name, value })
    }

    fn kind(&mut self, pair: Pair<'_, Rule>) -> Option<Type> {
        let span = self.span(&pair);
        let Some(pair) = pair.into_inner().next() else { return self.mismatch(span) };
        let rule = pair.as_rule();
        let mut sizes = Vec::new();
        for size in pair.into_inner().filter(|pair| pair.as_rule() == Rule::expression) {
            sizes.push(self.size(size)?);
        }
        let mut sizes = sizes.into_iter();
        let kind = match (rule, sizes.next(), sizes.next()) {
            (Rule::scalar, None, None) => TypeKind::Scalar,
            (Rule::vector, Some(n), None) => TypeKind::Vector(n),
            (Rule::matrix, Some(m), Some(n)) => TypeKind::Matrix(m, n),
            (Rule::sparse_matrix, Some(m), Some(n)) => TypeKind::SparseMatrix(m, n),
            _ => return self.mismatch(span),
        };
        Some(Type { kind, span })
    }

    /// A size: the name of a dim, or a number whose range is checked later.
    fn size(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        let size = self.expression(pair)?;
        let number = |expr: &Expr| matches!(expr.kind, ExprKind::Number(_));
        match &size.kind {
            ExprKind::Name(_) | ExprKind::Number(_) => Some(size),
            ExprKind::Negate(inner) if number(inner) => Some(size),
            _ => self.fail(
                Diagnostic::new(codes::E0101, "a size is the name of a `dim` or a whole number")
                    .label(size.span, "not a size")
                    .help("declare another `dim` for it"),
            ),
        }
    }

    fn domain(&mut self, pair: Pair<'_, Rule>) -> Option<Domain> {
        let span = self.span(&pair);
        let mut bound = "";
        let mut numbers = Vec::new();
        let mut word = None;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::bound => bound = pair.as_str(),
                Rule::signed => numbers.push(self.signed(pair)?.1),
                Rule::symmetric => word = Some(DomainKind::Symmetric),
                Rule::psd => word = Some(DomainKind::Psd),
                _ => {}
            }
        }
        let kind = match (word, bound, numbers.as_slice()) {
            (Some(word), ..) => word,
            (_, ">=" | "≥", [c]) => DomainKind::AtLeast(*c),
            (_, ">", [c]) => DomainKind::Above(*c),
            (_, "<=" | "≤", [c]) => DomainKind::AtMost(*c),
            (_, "<", [c]) => DomainKind::Below(*c),
            (_, "", [a, b]) => DomainKind::Between(*a, *b),
            _ => return self.mismatch(span),
        };
        Some(Domain { kind, span })
    }

    /// A number with its sign, as an expression and as a value.
    fn signed(&mut self, pair: Pair<'_, Rule>) -> Option<(Expr, f64)> {
        let span = self.span(&pair);
        let mut negative = false;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::sign => negative = true,
                Rule::number => {
                    let value = self.number(&pair)?;
                    let number = Expr { kind: ExprKind::Number(value), span: self.span(&pair) };
                    return Some(if negative {
                        (Expr { kind: ExprKind::Negate(Box::new(number)), span }, -value)
                    } else {
                        (number, value)
                    });
                }
                _ => {}
            }
        }
        self.mismatch(span)
    }

    fn number(&mut self, pair: &Pair<'_, Rule>) -> Option<f64> {
        let text = pair.as_str();
        if text == "inf" || text == "∞" {
            return Some(f64::INFINITY);
        }
        self.finite(text, self.span(pair))
    }

    fn finite(&mut self, text: &str, span: Span) -> Option<f64> {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Some(value),
            _ => self.fail(
                Diagnostic::new(codes::E0110, format!("the number {} is too large for f64", shorten(text)))
                    .label(span, "larger than 1.797e308"),
            ),
        }
    }

    /// A literal value. Lists are at most as deep as the scan allows brackets to be.
    fn literal(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        let span = self.span(&pair);
        let inner = pair.clone().into_inner();
        if inner.peek().is_some_and(|first| first.as_rule() != Rule::open_bracket) {
            return self.signed(pair).map(|(expr, _)| expr);
        }
        let entries = self.each(inner, Rule::literal, Self::literal)?;
        Some(Expr { kind: ExprKind::Array(entries), span })
    }

    fn load(&mut self, pair: Pair<'_, Rule>) -> Option<(String, Option<String>, Span)> {
        let span = self.span(&pair);
        let mut strings = pair
            .into_inner()
            .filter(|pair| pair.as_rule() == Rule::string)
            .map(|pair| pair.as_str().trim_matches('"').to_owned());
        let Some(path) = strings.next() else { return self.mismatch(span) };
        let key = strings.next();
        if path.is_empty() {
            return self.fail(
                Diagnostic::new(codes::E0101, "expected the path of a file, found an empty string")
                    .label(span, "no path")
                    .help("write `load(\"file.npy\")`"),
            );
        }
        Some((path, key, span))
    }

    /// A word between two places that starts a line and is meant for `subject to`, with the `that` of `such that`.
    fn such_that(&self, from: usize, to: usize) -> Option<Span> {
        let tokens: Vec<Span> =
            self.scan.tokens.iter().map(|token| token.span).filter(|s| from < s.start && s.start < to).collect();
        let at = tokens.iter().position(|s| {
            let before = self.scan.text[..s.start].trim_end_matches([' ', '\t']);
            before.ends_with(['\n', '\r']) && statement_word(self.text(*s)) == Some("subject to")
        })?;
        let next = tokens.get(at + 1).filter(|s| self.text(**s) == "that");
        Some(tokens[at].to(*next.unwrap_or(&tokens[at])))
    }

    fn objective(&mut self, inner: Pairs<'_, Rule>, span: Span) -> Option<StatementKind> {
        let mut sense = Sense::Minimize;
        let mut value = None;
        for pair in inner {
            match pair.as_rule() {
                Rule::kw_maximize => sense = Sense::Maximize,
                Rule::expression if value.is_none() => value = Some(self.expression(pair)?),
                Rule::relation => {
                    let relation = pair.as_str();
                    if let Some(place) = self.such_that(span.start, self.span(&pair).start) {
                        let word = self.text(place);
                        return self.fail(
                            Diagnostic::new(codes::E0114, format!("`{word}` starts no statement"))
                                .label(place, "expected a statement here")
                                .help("write `subject to`"),
                        );
                    }
                    return self.fail(
                        Diagnostic::new(
                            codes::E0113,
                            format!("an objective has no relation: `{relation}` cannot stand here"),
                        )
                        .label(self.span(&pair), "not in an objective")
                        .help("write `minimize E` and then `subject to E == c`"),
                    );
                }
                _ => {}
            }
        }
        match value {
            Some(value) => Some(StatementKind::Objective { sense, value }),
            None => self.mismatch(span),
        }
    }

    fn constraint(&mut self, pair: Pair<'_, Rule>) -> Option<Constraint> {
        let span = self.span(&pair);
        let mut sides = Vec::new();
        let mut relations: Vec<(Relation, Span)> = Vec::new();
        let mut set = None;
        let whole = pair.clone();
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::expression => sides.push(self.expression(pair)?),
                Rule::relation => relations.push((self.relation(&pair, &whole)?, self.span(&pair))),
                Rule::set => set = Some(self.set(pair)?),
                _ => {}
            }
        }
        let directions: Vec<Relation> = relations.iter().map(|(relation, _)| *relation).collect();
        let mut sides = sides.into_iter();
        let (first, second, third) = (sides.next(), sides.next(), sides.next());
        let kind = match (directions.as_slice(), set, first, second, third) {
            ([], Some(set), Some(value), None, None) => ConstraintKind::In { value, set },
            ([relation], None, Some(left), Some(right), None) => {
                ConstraintKind::Compare { left, relation: *relation, right }
            }
            ([Relation::LessEqual, Relation::LessEqual], None, Some(lower), Some(value), Some(upper))
            | ([Relation::GreaterEqual, Relation::GreaterEqual], None, Some(upper), Some(value), Some(lower)) => {
                ConstraintKind::Between { lower, value, upper }
            }
            ([], None, Some(value), ..) => {
                return self.fail(
                    Diagnostic::new(codes::E0113, "a constraint needs a relation")
                        .label(value.span, "says nothing about this expression")
                        .help("write `e <= f`, `e >= f`, `e == f`, `l <= e <= u` or `e in SET`"),
                );
            }
            _ => {
                let place = relations.get(1).map_or(span, |(_, place)| *place);
                let mut error = Diagnostic::new(codes::E0113, "these relations cannot be chained")
                    .label(place, "does not go on from the one before");
                if let Some((_, before)) = relations.first() {
                    error = error.label(*before, "the chain starts with this");
                }
                let lines = self.text(span).contains(['\n', '\r']);
                return self.fail(error.help(if lines {
                    "separate constraints with commas; a chain is `l <= e <= u` or `u >= e >= l`"
                } else {
                    "write `l <= e <= u` or `u >= e >= l`, or two constraints with a comma between"
                }));
            }
        };
        Some(Constraint { kind, span })
    }

    /// A relation of the constraint `whole`.
    fn relation(&mut self, pair: &Pair<'_, Rule>, whole: &Pair<'_, Rule>) -> Option<Relation> {
        let (span, text) = (self.span(pair), pair.as_str());
        let (message, instead) = match text {
            "<=" | "≤" => return Some(Relation::LessEqual),
            ">=" | "≥" => return Some(Relation::GreaterEqual),
            "==" | "=" => return Some(Relation::Equal),
            "<" => ("a strict relation has no meaning for a minimum".to_owned(), Some("<=")),
            ">" => ("a strict relation has no meaning for a minimum".to_owned(), Some(">=")),
            "=<" => ("`=<` is no relation".to_owned(), Some("<=")),
            "=>" => ("`=>` is no relation".to_owned(), Some(">=")),
            other => (format!("`{other}` does not describe a set that can be solved over"), None),
        };
        let help = match instead {
            Some(instead) => format!("write `{}`", repaired(whole).unwrap_or_else(|| instead.to_owned())),
            None => "write `<=`, `>=` or `==`".to_owned(),
        };
        self.fail(Diagnostic::new(codes::E0113, message).label(span, "not a relation of constraints").help(help))
    }

    fn set(&mut self, pair: Pair<'_, Rule>) -> Option<SetExpr> {
        let span = self.span(&pair);
        let mut name = None;
        let mut args = Vec::new();
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::interval => {
                    let mut inner = pair.into_inner();
                    let lower = self.next_expression(&mut inner, span)?;
                    let upper = self.next_expression(&mut inner, span)?;
                    return Some(SetExpr { kind: SetKind::Interval(lower, upper), span });
                }
                Rule::name => name = Some(self.ident(&pair)),
                Rule::arguments => args = self.each(pair.into_inner(), Rule::expression, Self::expression)?,
                _ => {}
            }
        }
        match name {
            Some(name) => Some(SetExpr { kind: SetKind::Named { name, args }, span }),
            None => self.mismatch(span),
        }
    }

    fn method(&mut self, inner: Pairs<'_, Rule>, span: Span) -> Option<Method> {
        let mut name = None;
        let mut options = Vec::new();
        for pair in inner {
            match pair.as_rule() {
                Rule::name => name = Some(self.ident(&pair)),
                Rule::options => options = self.each(pair.into_inner(), Rule::option, Self::option)?,
                _ => {}
            }
        }
        match name {
            Some(name) => Some(Method { span: Span::new(name.span.start, span.end), name, options }),
            None => self.mismatch(span),
        }
    }

    fn option(&mut self, pair: Pair<'_, Rule>) -> Option<MethodOption> {
        let span = self.span(&pair);
        let mut name = None;
        let mut value = None;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::name => name = Some(self.ident(&pair)),
                Rule::expression => value = Some(OptionValue::Expr(self.expression(pair)?)),
                Rule::load => {
                    let (path, key, span) = self.load(pair)?;
                    value = Some(OptionValue::Load { path, key, span });
                }
                _ => {}
            }
        }
        match value {
            Some(value) => Some(MethodOption { name, value, span }),
            None => self.mismatch(span),
        }
    }

    fn next_expression(&mut self, inner: &mut Pairs<'_, Rule>, span: Span) -> Option<Expr> {
        match inner.find(|pair| pair.as_rule() == Rule::expression) {
            Some(pair) => self.expression(pair),
            None => self.mismatch(span),
        }
    }

    fn expression(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        self.tree(pair).map(|built| built.expr)
    }

    /// The next of the pairs that is an expression, as a tree with its depth.
    fn next_tree(&mut self, inner: &mut Pairs<'_, Rule>, span: Span) -> Option<Built> {
        match inner.find(|pair| matches!(pair.as_rule(), Rule::expression | Rule::between_bars)) {
            Some(pair) => self.tree(pair),
            None => self.mismatch(span),
        }
    }

    // ------------------------------------------------------------------------------------------------- expressions

    /// Completes a node whose children are `depth` deep.
    fn node(&mut self, kind: ExprKind, span: Span, depth: usize) -> Option<Built> {
        let depth = depth + 1;
        if depth > MAX_TREE_DEPTH {
            return self.fail(
                Diagnostic::new(codes::E0104, format!("an expression of more than {MAX_TREE_DEPTH} nested operations"))
                    .label(span, "too many operations within one another")
                    .help("name a part with `let` and use the name"),
            );
        }
        Some(Built { expr: Expr { kind, span }, depth, bare: true })
    }

    fn binary(&mut self, op: BinaryOp, left: Built, right: Built) -> Option<Built> {
        let span = left.expr.span.to(right.expr.span);
        let depth = left.depth.max(right.depth);
        self.node(ExprKind::Binary(op, Box::new(left.expr), Box::new(right.expr)), span, depth)
    }

    /// `expression` or `between_bars`.
    fn tree(&mut self, pair: Pair<'_, Rule>) -> Option<Built> {
        let items = self.items(pair)?;
        Flat { items: items.into_iter() }.sum(self)
    }

    /// The signs, operands with their postfixes, and operators.
    fn items(&mut self, pair: Pair<'_, Rule>) -> Option<Vec<Item>> {
        let mut items: Vec<Item> = Vec::new();
        for pair in pair.into_inner() {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::sign => items.push(Item::Sign(span)),
                Rule::operator => {
                    let op = match pair.as_str() {
                        "+" => BinaryOp::Add,
                        "*" => BinaryOp::Multiply,
                        "/" => BinaryOp::Divide,
                        ".*" | "⊙" => BinaryOp::ElementMultiply,
                        "./" | "⊘" => BinaryOp::ElementDivide,
                        _ => BinaryOp::Subtract,
                    };
                    items.push(Item::Operator(op, span));
                }
                Rule::transpose | Rule::superscript | Rule::power | Rule::index => {
                    let Some(Item::Operand(operand)) = items.pop() else { return self.mismatch(span) };
                    let operand = self.postfix(operand, pair)?;
                    items.push(Item::Operand(operand));
                }
                _ => {
                    let operand = self.primary(pair)?;
                    items.push(Item::Operand(operand));
                }
            }
        }
        Some(items)
    }

    fn primary(&mut self, pair: Pair<'_, Rule>) -> Option<Built> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::number => {
                let value = self.number(&pair)?;
                self.node(ExprKind::Number(value), span, 0)
            }
            Rule::named => self.named(pair, span),
            Rule::group => {
                let mut inner = pair.into_inner();
                let built = self.next_tree(&mut inner, span)?;
                Some(Built { expr: Expr { kind: built.expr.kind, span }, depth: built.depth, bare: false })
            }
            Rule::inner => {
                let mut inner = pair.into_inner();
                let left = self.next_tree(&mut inner, span)?;
                let right = self.next_tree(&mut inner, span)?;
                let depth = left.depth.max(right.depth);
                self.node(ExprKind::Inner(Box::new(left.expr), Box::new(right.expr)), span, depth)
            }
            Rule::list => {
                let stacked = pair.clone().into_inner().any(|pair| pair.as_rule() == Rule::semicolon);
                let (entries, depth) = self.trees(pair.into_inner())?;
                let kind = if stacked { ExprKind::Stack(entries) } else { ExprKind::Array(entries) };
                self.node(kind, span, depth)
            }
            Rule::norm => self.norm(pair, span),
            _ => self.mismatch(span),
        }
    }

    /// All expressions of the pairs, and the depth of the deepest.
    fn trees(&mut self, pairs: Pairs<'_, Rule>) -> Option<(Vec<Expr>, usize)> {
        let mut entries = Vec::new();
        let mut depth = 0;
        for pair in pairs.filter(|pair| pair.as_rule() == Rule::expression) {
            let built = self.tree(pair)?;
            depth = depth.max(built.depth);
            entries.push(built.expr);
        }
        Some((entries, depth))
    }

    fn named(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<Built> {
        let mut inner = pair.into_inner();
        let name = self.leading_name(&mut inner, span)?;
        match inner.next() {
            Some(arguments) => {
                let (args, depth) = self.trees(arguments.into_inner())?;
                self.node(ExprKind::Apply(name, args), span, depth)
            }
            None => self.node(ExprKind::Name(name), span, 0),
        }
    }

    fn norm(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<Built> {
        let mut kind = NormKind::Plain;
        let mut body = None;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::between_bars => body = Some(self.tree(pair)?),
                Rule::norm_kind => kind = self.norm_kind(&pair)?,
                _ => {}
            }
        }
        match body {
            Some(body) => self.node(ExprKind::Norm(kind, Box::new(body.expr)), span, body.depth),
            None => self.fail(
                Diagnostic::new(codes::E0111, "nothing between the bars")
                    .label(span, "the second bar closes the first")
                    .help("a norm within a norm needs parentheses, `||(||y||)||`, or a name, `norm2(…)`"),
            ),
        }
    }

    fn norm_kind(&mut self, pair: &Pair<'_, Rule>) -> Option<NormKind> {
        let text = pair.as_str();
        let digits: String =
            text.trim_start_matches('_').chars().map(|c| names::subscript_digit(c).unwrap_or(c)).collect();
        match digits.as_str() {
            "1" => return Some(NormKind::One),
            "2" => return Some(NormKind::Two),
            "inf" | "∞" => return Some(NormKind::Infinity),
            "F" => return Some(NormKind::Frobenius),
            "*" | "nuc" => return Some(NormKind::Nuclear),
            _ => {}
        }
        let help = match digits.as_str() {
            "0" => "known are `_1`, `_2`, `_inf`, `_F` and `_*` (`_nuc`); the number of nonzeros is `card(e)`",
            "21" => "known are `_1`, `_2`, `_inf`, `_F` and `_*` (`_nuc`); the sum of the rows' norms is `norm21(A)`",
            "fro" => "the Frobenius norm is `||A||_F`",
            "p" | "3" | "4" => "known are `_1`, `_2`, `_inf`, `_F` and `_*` (`_nuc`); sums of powers are `lp(e, p)`",
            _ => "known are `||e||`, `||e||_1`, `||e||_2`, `||e||_inf`, `||A||_F` and `||A||_*` (`||A||_nuc`)",
        };
        let message = if digits.is_empty() {
            "`_` after a norm must name one".to_owned()
        } else {
            format!("there is no norm `{}`", shorten(text))
        };
        self.fail(Diagnostic::new(codes::E0111, message).label(self.span(pair), "unknown norm").help(help))
    }

    fn postfix(&mut self, operand: Built, pair: Pair<'_, Rule>) -> Option<Built> {
        let here = self.span(&pair);
        let span = operand.expr.span.to(here);
        let depth = operand.depth;
        match pair.as_rule() {
            Rule::transpose => self.node(ExprKind::Transpose(Box::new(operand.expr)), span, depth),
            Rule::index => {
                let items = self.each(pair.into_inner(), Rule::index_item, Self::index_item)?;
                let deepest = items.iter().map(|item| item.1).max().unwrap_or(0).max(depth);
                let items = items.into_iter().map(|item| item.0).collect();
                self.node(ExprKind::Index(Box::new(operand.expr), items), span, deepest)
            }
            rule => {
                if operand.bare && matches!(operand.expr.kind, ExprKind::Power(..)) {
                    return self.fail(
                        Diagnostic::new(codes::E0101, "a power of a power needs parentheses")
                            .label(here, "the second exponent")
                            .help(format!("write `({})^…`", shorten(self.text(operand.expr.span)))),
                    );
                }
                let exponent =
                    if rule == Rule::superscript { self.superscript(&pair)? } else { self.exponent(pair, here)? };
                let deepest = depth.max(exponent.depth);
                self.node(ExprKind::Power(Box::new(operand.expr), Box::new(exponent.expr)), span, deepest)
            }
        }
    }

    fn superscript(&mut self, pair: &Pair<'_, Rule>) -> Option<Built> {
        let span = self.span(pair);
        let digits: String = pair.as_str().chars().filter_map(names::superscript_digit).collect();
        let value = self.finite(digits.trim_start_matches('-'), span)?;
        let number = self.node(ExprKind::Number(value), span, 0)?;
        self.negated(number, digits.starts_with('-').then_some(span))
    }

    fn negated(&mut self, operand: Built, sign: Option<Span>) -> Option<Built> {
        match sign {
            Some(sign) => {
                let span = sign.to(operand.expr.span);
                self.node(ExprKind::Negate(Box::new(operand.expr)), span, operand.depth)
            }
            None => Some(operand),
        }
    }

    /// What follows `^`.
    fn exponent(&mut self, pair: Pair<'_, Rule>, here: Span) -> Option<Built> {
        let mut sign = None;
        for pair in pair.into_inner() {
            let span = self.span(&pair);
            let exponent = match pair.as_rule() {
                Rule::sign => {
                    sign = Some(span);
                    continue;
                }
                Rule::name => {
                    let name = self.ident(&pair);
                    self.node(ExprKind::Name(name), span, 0)?
                }
                _ => self.primary(pair)?,
            };
            return self.negated(exponent, sign);
        }
        self.mismatch(here)
    }

    fn index_item(&mut self, pair: Pair<'_, Rule>) -> Option<(IndexItem, usize)> {
        let span = self.span(&pair);
        let (mut before, mut after) = (None, None);
        let mut range = false;
        let mut depth = 0;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::range => range = true,
                Rule::expression => {
                    let built = self.tree(pair)?;
                    depth = depth.max(built.depth);
                    *(if range { &mut after } else { &mut before }) = Some(built.expr);
                }
                _ => {}
            }
        }
        match (range, before) {
            (true, before) => Some((IndexItem::Range(before, after), depth)),
            (false, Some(at)) => Some((IndexItem::At(at), depth)),
            (false, None) => self.mismatch(span),
        }
    }
}

/// A constraint with relations of the language in place of strict and misspelled ones, if it is short enough to be shown.
fn repaired(constraint: &Pair<'_, Rule>) -> Option<String> {
    const MOST: usize = 60;
    let text = constraint.as_str().trim();
    if text.len() > MOST || text.contains(['\n', '\r']) {
        return None;
    }
    let parts: Vec<&str> = constraint
        .clone()
        .into_inner()
        .map(|part| match (part.as_rule(), part.as_str().trim()) {
            (Rule::relation, "<" | "=<") => "<=",
            (Rule::relation, ">" | "=>") => ">=",
            (_, text) => text,
        })
        .collect();
    Some(parts.join(" "))
}

/// A flat expression on its way to a tree.
struct Flat {
    items: std::vec::IntoIter<Item>,
}

impl Flat {
    fn peek(&self) -> Option<&Item> {
        self.items.as_slice().first()
    }

    /// Terms with `+` and `-` between them.
    fn sum(&mut self, builder: &mut Builder<'_, '_>) -> Option<Built> {
        let mut terms = vec![(false, self.signed_product(builder)?)];
        while let Some(Item::Operator(op @ (BinaryOp::Add | BinaryOp::Subtract), _)) = self.peek() {
            let subtract = *op == BinaryOp::Subtract;
            self.items.next();
            terms.push((subtract, self.signed_product(builder)?));
        }
        if terms.len() > LONG_SUM {
            return Self::balanced(terms, builder);
        }
        let mut terms = terms.into_iter();
        let (_, mut sum) = terms.next()?;
        for (subtract, term) in terms {
            sum = builder.binary(if subtract { BinaryOp::Subtract } else { BinaryOp::Add }, sum, term)?;
        }
        Some(sum)
    }

    /// A long sum as a balanced tree: the same terms with the same signs, grouped otherwise. Where the right half
    /// starts with `-`, the half is subtracted and the signs within it change.
    fn balanced(mut terms: Vec<(bool, Built)>, builder: &mut Builder<'_, '_>) -> Option<Built> {
        if terms.len() == 1 {
            return terms.pop().map(|(_, term)| term);
        }
        let mut right = terms.split_off(terms.len() / 2);
        let subtract = right.first().is_some_and(|(subtract, _)| *subtract);
        if subtract {
            for (sign, _) in &mut right {
                *sign = !*sign;
            }
        }
        let left = Self::balanced(terms, builder)?;
        let right = Self::balanced(right, builder)?;
        builder.binary(if subtract { BinaryOp::Subtract } else { BinaryOp::Add }, left, right)
    }

    /// Signs and a product: the signs bind weaker than the product.
    fn signed_product(&mut self, builder: &mut Builder<'_, '_>) -> Option<Built> {
        let signs = self.signs();
        let product = self.product(builder)?;
        Self::negate(product, &signs, builder)
    }

    fn signs(&mut self) -> Vec<Span> {
        let mut signs = Vec::new();
        while let Some(Item::Sign(span)) = self.peek() {
            signs.push(*span);
            self.items.next();
        }
        signs
    }

    fn negate(mut operand: Built, signs: &[Span], builder: &mut Builder<'_, '_>) -> Option<Built> {
        for sign in signs.iter().rev() {
            operand = builder.negated(operand, Some(*sign))?;
        }
        Some(operand)
    }

    fn product(&mut self, builder: &mut Builder<'_, '_>) -> Option<Built> {
        let (mut product, _) = self.side_by_side(builder, true)?;
        loop {
            let op = match self.peek() {
                Some(Item::Operator(op, _)) if !matches!(op, BinaryOp::Add | BinaryOp::Subtract) => *op,
                _ => return Some(product),
            };
            self.items.next();
            let signs = self.signs();
            let times = matches!(op, BinaryOp::Multiply | BinaryOp::ElementMultiply);
            let (right, several) = self.side_by_side(builder, times)?;
            if op == BinaryOp::Divide && several {
                return Self::ambiguous(&product, &right, builder);
            }
            let right = Self::negate(right, &signs, builder)?;
            product = builder.binary(op, product, right)?;
        }
    }

    fn ambiguous(left: &Built, right: &Built, builder: &mut Builder<'_, '_>) -> Option<Built> {
        let span = left.expr.span.to(right.expr.span);
        let mut first = right.expr.span;
        let mut inner = &right.expr;
        while let ExprKind::Binary(BinaryOp::Juxtapose, left, _) = &inner.kind {
            first = left.span;
            inner = left;
        }
        let left = builder.text(left.expr.span);
        let quotient = builder.text(first);
        let all = builder.text(right.expr.span);
        let rest = all.get(quotient.len()..).unwrap_or_default().trim_start();
        let short = left.len() + all.len() <= 60 && !builder.text(span).contains(['\n', '\r']);
        let help = if short {
            format!("write `({left} / {quotient}) {rest}` or `{left} / ({all})`")
        } else {
            "put the quotient or the product in parentheses".to_owned()
        };
        builder.fail(
            Diagnostic::new(codes::E0112, "a quotient followed by a product can be read in two ways")
                .label(span, "ambiguous")
                .help(help),
        )
    }

    /// Operands side by side, and whether there were several. `coefficient`: a number divided by a number before the
    /// next operand counts as one.
    fn side_by_side(&mut self, builder: &mut Builder<'_, '_>, coefficient: bool) -> Option<(Built, bool)> {
        let mut product = self.operand(builder)?;
        let number = |built: &Built| built.bare && matches!(built.expr.kind, ExprKind::Number(_));
        if coefficient && number(&product) && self.quotient_of_numbers_follows() {
            self.items.next();
            let denominator = self.operand(builder)?;
            product = builder.binary(BinaryOp::Divide, product, denominator)?;
        }
        let mut last_number = number(&product);
        let mut several = false;
        while let Some(Item::Operand(_)) = self.peek() {
            let factor = self.operand(builder)?;
            if last_number && number(&factor) {
                let span = product.expr.span.to(factor.expr.span);
                return builder.fail(
                    Diagnostic::new(codes::E0101, "two numbers side by side")
                        .label(span, "an operator is missing")
                        .help("write `*` between them, or remove the blank within the number"),
                );
            }
            last_number = number(&factor);
            product = builder.binary(BinaryOp::Juxtapose, product, factor)?;
            several = true;
        }
        Some((product, several))
    }

    /// Whether `/`, a number and another operand come next.
    fn quotient_of_numbers_follows(&self) -> bool {
        matches!(
            self.items.as_slice(),
            [Item::Operator(BinaryOp::Divide, _), Item::Operand(number), Item::Operand(_), ..]
                if number.bare && matches!(number.expr.kind, ExprKind::Number(_))
        )
    }

    fn operand(&mut self, builder: &mut Builder<'_, '_>) -> Option<Built> {
        match self.items.next() {
            Some(Item::Operand(operand)) => Some(operand),
            Some(Item::Operator(_, span) | Item::Sign(span)) => builder.mismatch(span),
            None => builder.mismatch(Span::default()),
        }
    }
}
