//! `let` names: resolved once each, in the order of their dependence, and copied where they are used.

use super::limits::{MAX_DEPTH, MAX_NODES};
use super::names::Meaning;
use super::{Resolver, ops, text};
use crate::model::Expr;
use sparsec_syntax::ast::{self, BinaryOp, ExprKind, LetDecl};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0209, E0309};
use sparsec_syntax::span::Span;

/// A `let` and what it stands for.
#[derive(Debug)]
pub struct Let<'a> {
    decl: &'a LetDecl,
    /// The value once resolved; `None` before, and where it has an error.
    value: Option<Expr>,
    /// Operations in the value.
    nodes: usize,
    /// Uses that are still to come: the last one takes the value, the others copy it.
    uses: usize,
}

impl<'a> Let<'a> {
    /// A let as declared.
    pub fn new(decl: &'a LetDecl) -> Self {
        Let { decl, value: None, nodes: 0, uses: 0 }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

impl<'a> Resolver<'a> {
    /// Resolves every let after those that it uses; names that use each other in a circle are errors.
    pub fn resolve_lets(&mut self) {
        self.count_uses();
        let uses: Vec<Vec<usize>> = self.lets.iter().map(|l| self.lets_in(&l.decl.value)).collect();
        let mut marks = vec![Mark::New; self.lets.len()];
        for start in 0..self.lets.len() {
            if marks[start] != Mark::New {
                continue;
            }
            marks[start] = Mark::Open;
            let mut path: Vec<(usize, usize)> = vec![(start, 0)];
            while let Some((at, next)) = path.last_mut() {
                let at = *at;
                match uses[at].get(*next).copied() {
                    Some(used) => {
                        *next += 1;
                        match marks[used] {
                            Mark::New => {
                                marks[used] = Mark::Open;
                                path.push((used, 0));
                            }
                            Mark::Open => {
                                let first = path.iter().position(|(open, _)| *open == used).unwrap_or(0);
                                let cycle: Vec<usize> = path[first..].iter().map(|(open, _)| *open).collect();
                                self.report_cycle(&cycle);
                            }
                            Mark::Done => {}
                        }
                    }
                    None => {
                        path.pop();
                        marks[at] = Mark::Done;
                        self.resolve_let(at);
                    }
                }
            }
        }
    }

    fn lets_in(&self, e: &ast::Expr) -> Vec<usize> {
        let mut found = Vec::new();
        let mut rest = vec![e];
        while let Some(e) = rest.pop() {
            if let ExprKind::Name(name) | ExprKind::Apply(name, _) = &e.kind
                && let Some(Meaning::Let(index)) = self.scope.get(&name.canonical).map(|named| named.meaning)
            {
                found.push(index);
            }
            rest.extend(text::children(e));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn report_cycle(&mut self, cycle: &[usize]) {
        const MOST: usize = 6;
        let names: Vec<String> = cycle.iter().map(|i| self.lets[*i].decl.name.text.clone()).collect();
        let mut diagnostic = match &names[..] {
            [one] => Diagnostic::new(E0209, format!("`{one}` is defined by itself")),
            more => {
                let shown = more.iter().take(MOST).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let rest = match more.len().saturating_sub(MOST) {
                    0 => String::new(),
                    n => format!(" and {n} more"),
                };
                Diagnostic::new(E0209, format!("{shown}{rest} are defined by each other in a circle"))
            }
        };
        for (index, at) in cycle.iter().enumerate() {
            let to = &names[(index + 1) % names.len()];
            let name = &self.lets[*at].decl.name;
            if index < MOST {
                diagnostic = diagnostic.label(name.span, format!("uses `{to}`"));
            }
            if let Some(named) = self.scope.get_mut(&name.canonical) {
                named.meaning = Meaning::Poisoned;
                named.used = true;
            }
        }
        self.error(diagnostic.help("a let names an expression; an unknown quantity is declared with `var`"));
    }

    fn resolve_let(&mut self, index: usize) {
        let decl = self.lets[index].decl;
        if self.scope.get(&decl.name.canonical).is_some_and(|named| named.meaning == Meaning::Poisoned) {
            return;
        }
        let value = self.expression(&decl.value);
        match value {
            Some(value) if self.check_expanded(&value) => {
                self.lets[index].nodes = ops::measure(&value).0;
                self.lets[index].value = Some(value);
            }
            _ => {
                if let Some(named) = self.scope.get_mut(&decl.name.canonical) {
                    named.meaning = Meaning::Poisoned;
                }
            }
        }
    }

    /// A use of a let: its value, at the place of use.
    pub fn let_expr(&mut self, index: usize, span: Span) -> Option<Expr> {
        let found = self.lets.get_mut(index)?;
        found.uses = found.uses.saturating_sub(1);
        if found.uses == 0 {
            return found.value.take().map(|value| Expr { span, ..value });
        }
        let before = self.nodes;
        self.nodes = before.saturating_add(found.nodes);
        if self.nodes <= MAX_NODES {
            return found.value.clone().map(|value| Expr { span, ..value });
        }
        if before <= MAX_NODES {
            self.error(
                Diagnostic::new(E0309, format!("copies of lets have more than {MAX_NODES} operations together"))
                    .label(span, "the limit is reached with this use")
                    .help("a let is copied wherever it is used: use it once, or load what it computes from data as a const"),
            );
        }
        None
    }

    /// Counts how often each let is used.
    fn count_uses(&mut self) {
        let mut uses = vec![0_usize; self.lets.len()];
        text::each_expression(self.problem, &mut |e| {
            if let ExprKind::Name(name) | ExprKind::Apply(name, _) = &e.kind
                && let Some(Meaning::Let(index)) = self.scope.get(&name.canonical).map(|named| named.meaning)
            {
                uses[index] += 1;
            }
        });
        for (found, uses) in self.lets.iter_mut().zip(uses) {
            found.uses = uses;
        }
    }

    /// Refuses an expression that nests too deep after expansion.
    pub fn check_expanded(&mut self, e: &Expr) -> bool {
        let (_, depth) = ops::measure(e);
        if depth > MAX_DEPTH {
            self.error(
                Diagnostic::new(
                    E0309,
                    format!("more than {MAX_DEPTH} operations nest in each other once every let is expanded"),
                )
                .label(e.span, format!("{depth} deep"))
                .help("a let is copied wherever it is used: shorten the chain, or load what it computes from data as a const"),
            );
            return false;
        }
        true
    }

    /// Refuses text whose operations nest too deep for the passes to come; long sums are no nesting.
    pub fn check_depth(&mut self) -> bool {
        let mut too_deep: Option<Span> = None;
        let mut roots: Vec<&ast::Expr> = Vec::new();
        // The visitor goes through all expressions; the outermost ones are those not seen inside another.
        let mut inner: usize = 0;
        text::each_expression(self.problem, &mut |e| {
            if inner == 0 {
                roots.push(e);
                inner = count(e);
            }
            inner -= 1;
        });
        for root in roots {
            let mut rest: Vec<(&ast::Expr, usize)> = vec![(root, 1)];
            while let Some((e, depth)) = rest.pop() {
                if depth > MAX_DEPTH {
                    too_deep = Some(too_deep.map_or(
                        e.span,
                        |other: Span| {
                            if e.span.start < other.start { e.span } else { other }
                        },
                    ));
                    continue;
                }
                if is_sum(e) {
                    let (mut terms, mut at) = (Vec::new(), e);
                    while let ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract, left, right) = &at.kind {
                        terms.push(&**right);
                        at = left;
                    }
                    terms.push(at);
                    let levels = terms.len().ilog2() as usize + 1;
                    rest.extend(terms.into_iter().map(|term| (term, depth + levels)));
                } else {
                    rest.extend(text::children(e).into_iter().map(|child| (child, depth + 1)));
                }
            }
        }
        if let Some(span) = too_deep {
            self.error(
                Diagnostic::new(E0309, format!("operations nest deeper than {MAX_DEPTH}"))
                    .label(span, "the limit is reached here")
                    .help("name a part of the expression with `let`"),
            );
        }
        too_deep.is_none()
    }
}

/// Number of expressions in it, itself included.
fn count(e: &ast::Expr) -> usize {
    let (mut n, mut rest) = (0, vec![e]);
    while let Some(e) = rest.pop() {
        n += 1;
        rest.extend(text::children(e));
    }
    n
}

/// True for `a + b` and `a − b`.
pub fn is_sum(e: &ast::Expr) -> bool {
    matches!(e.kind, ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract, ..))
}
