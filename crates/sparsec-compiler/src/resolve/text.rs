//! Expressions of the text in the user's own spelling, for messages.

use sparsec_syntax::ast::{
    BinaryOp, ConstraintKind, Expr, ExprKind, IndexItem, NormKind, OptionValue, Problem, SetExpr, SetKind,
    StatementKind, Value,
};
use sparsec_syntax::span::Span;
use std::collections::HashMap;

/// Longest text that is quoted whole.
pub const MAX_QUOTE: usize = 60;

/// `1 row`, `2 rows`, `3 entries`
pub fn count(n: usize, word: &str) -> String {
    match (n, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (n, _) if word == "index" => format!("{n} indices"),
        (n, Some(stem)) => format!("{n} {stem}ies"),
        (n, None) => format!("{n} {word}s"),
    }
}

/// Which spelling of bars the text uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    ascii: bool,
}

impl Style {
    /// The spelling of the first norm with bars; ASCII where there is none.
    pub fn of(problem: &Problem) -> Self {
        let mut ascii = None;
        each_expression(problem, &mut |e| {
            if let (None, ExprKind::Norm(_, inner)) = (ascii, &e.kind) {
                ascii = Some(inner.span.start.saturating_sub(e.span.start) == 2);
            }
        });
        Style { ascii: ascii.unwrap_or(true) }
    }
}

/// What stands at a place of the text.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'a> {
    /// An expression.
    Expr(&'a Expr),
    /// The name before the bracket of `x(e)`.
    Name(&'a str),
}

/// Every expression of the problem by its place; of several at one place, the outermost.
pub fn index(problem: &Problem) -> HashMap<Span, Piece<'_>> {
    let mut pieces = HashMap::new();
    each_expression(problem, &mut |e| {
        pieces.entry(e.span).or_insert(Piece::Expr(e));
        if let ExprKind::Apply(name, _) = &e.kind {
            pieces.entry(name.span).or_insert(Piece::Name(&name.text));
        }
    });
    pieces
}

/// Text of one expression, shortened where it is long.
pub fn quote(e: &Expr, style: Style) -> String {
    let mut out = String::new();
    write_expr(&mut out, e, 0, style);
    if out.chars().count() > MAX_QUOTE {
        out = out.chars().take(MAX_QUOTE - 1).collect::<String>() + "…";
    }
    out
}

/// Calls `visit` with every expression of the problem, outer ones first, without recursion.
pub fn each_expression<'a>(problem: &'a Problem, visit: &mut dyn FnMut(&'a Expr)) {
    let mut rest: Vec<&Expr> = Vec::new();
    for statement in &problem.statements {
        let mut roots: Vec<&Expr> = Vec::new();
        match &statement.kind {
            StatementKind::Dim(dims) => roots.extend(dims.iter().filter_map(|d| d.value.as_ref())),
            StatementKind::Const(decls) | StatementKind::Param(decls) | StatementKind::Var(decls) => {
                for decl in decls {
                    if let Some(Value::Literal(e)) = &decl.value {
                        roots.push(e);
                    }
                }
            }
            StatementKind::Let(lets) => roots.extend(lets.iter().map(|l| &l.value)),
            StatementKind::Objective { value, .. } => roots.push(value),
            StatementKind::Subject(constraints) => {
                for constraint in constraints {
                    match &constraint.kind {
                        ConstraintKind::In { value, set } => {
                            roots.push(value);
                            roots.extend(set_arguments(set));
                        }
                        ConstraintKind::Compare { left, right, .. } => roots.extend([left, right]),
                        ConstraintKind::Between { lower, value, upper } => roots.extend([lower, value, upper]),
                    }
                }
            }
            StatementKind::Solve(method) => {
                for option in &method.options {
                    if let OptionValue::Expr(e) = &option.value {
                        roots.push(e);
                    }
                }
            }
        }
        rest.extend(roots.into_iter().rev());
        while let Some(e) = rest.pop() {
            visit(e);
            let mut inner = children(e);
            inner.reverse();
            rest.extend(inner);
        }
    }
}

/// The expressions in a set as written.
pub fn set_arguments(set: &SetExpr) -> Vec<&Expr> {
    match &set.kind {
        SetKind::Named { args, .. } => args.iter().collect(),
        SetKind::Interval(lower, upper) => vec![lower, upper],
    }
}

/// The expressions directly inside.
pub fn children(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Number(_) | ExprKind::Name(_) => Vec::new(),
        ExprKind::Negate(a) | ExprKind::Transpose(a) | ExprKind::Norm(_, a) => vec![a],
        ExprKind::Binary(_, a, b) | ExprKind::Power(a, b) | ExprKind::Inner(a, b) => vec![a, b],
        ExprKind::Apply(_, args) => args.iter().collect(),
        ExprKind::Array(items) | ExprKind::Stack(items) => items.iter().collect(),
        ExprKind::Index(a, items) => {
            let mut all: Vec<&Expr> = vec![a];
            for item in items {
                match item {
                    IndexItem::At(at) => all.push(at),
                    IndexItem::Range(from, to) => all.extend([from, to].into_iter().flatten()),
                }
            }
            all
        }
    }
}

/// Binding strength, as in the language: sum 1, sign 2, product 3, side by side 4, postfix 5.
fn strength(e: &Expr) -> u8 {
    match &e.kind {
        ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract, ..) => 1,
        ExprKind::Negate(_) => 2,
        ExprKind::Binary(BinaryOp::Juxtapose, ..) => 4,
        ExprKind::Binary(..) => 3,
        _ => 5,
    }
}

fn write_expr(out: &mut String, e: &Expr, least: u8, style: Style) {
    // Messages quote a line at most: what would be cut is not written.
    if out.len() > 4 * MAX_QUOTE {
        return;
    }
    let parenthesised = strength(e) < least;
    if parenthesised {
        out.push('(');
    }
    match &e.kind {
        ExprKind::Number(value) => {
            out.push_str(&super::display::number_text(*value));
        }
        ExprKind::Name(name) => out.push_str(&name.text),
        ExprKind::Negate(a) => {
            out.push('-');
            write_expr(out, a, 3, style);
        }
        ExprKind::Binary(op, a, b) => {
            let (text, left, right) = match op {
                BinaryOp::Add => (" + ", 1, 2),
                BinaryOp::Subtract => (" - ", 1, 2),
                BinaryOp::Multiply => ("*", 3, 4),
                BinaryOp::Divide => ("/", 3, 4),
                BinaryOp::ElementMultiply => (" .* ", 3, 4),
                BinaryOp::ElementDivide => (" ./ ", 3, 4),
                BinaryOp::Juxtapose => (" ", 4, 5),
            };
            write_expr(out, a, left, style);
            out.push_str(text);
            write_expr(out, b, right, style);
        }
        ExprKind::Power(a, k) => {
            write_expr(out, a, 5, style);
            match superscript(k) {
                Some(digit) => out.push(digit),
                None => {
                    out.push('^');
                    write_expr(out, k, 5, style);
                }
            }
        }
        ExprKind::Transpose(a) => {
            write_expr(out, a, 5, style);
            out.push_str(".T");
        }
        ExprKind::Norm(kind, a) => {
            let (bar, tail) = if style.ascii {
                let tail = match kind {
                    NormKind::Plain => "",
                    NormKind::One => "_1",
                    NormKind::Two => "_2",
                    NormKind::Infinity => "_inf",
                    NormKind::Frobenius => "_F",
                    NormKind::Nuclear => "_nuc",
                };
                ("||", tail)
            } else {
                let tail = match kind {
                    NormKind::Plain => "",
                    NormKind::One => "₁",
                    NormKind::Two => "₂",
                    NormKind::Infinity => "∞",
                    NormKind::Frobenius => "_F",
                    NormKind::Nuclear => "_*",
                };
                ("‖", tail)
            };
            out.push_str(bar);
            write_expr(out, a, 0, style);
            out.push_str(bar);
            out.push_str(tail);
        }
        ExprKind::Apply(name, args) => {
            out.push_str(&name.text);
            out.push('(');
            write_list(out, args, ", ", style);
            out.push(')');
        }
        ExprKind::Index(a, items) => {
            write_expr(out, a, 5, style);
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                match item {
                    IndexItem::At(at) => write_expr(out, at, 0, style),
                    IndexItem::Range(from, to) => {
                        if let Some(from) = from {
                            write_expr(out, from, 0, style);
                        }
                        out.push_str("..");
                        if let Some(to) = to {
                            write_expr(out, to, 0, style);
                        }
                    }
                }
            }
            out.push(']');
        }
        ExprKind::Array(items) => {
            out.push('[');
            write_list(out, items, ", ", style);
            out.push(']');
        }
        ExprKind::Stack(items) => {
            out.push('[');
            write_list(out, items, "; ", style);
            out.push(']');
        }
        ExprKind::Inner(a, b) => {
            out.push('⟨');
            write_expr(out, a, 0, style);
            out.push_str(", ");
            write_expr(out, b, 0, style);
            out.push('⟩');
        }
    }
    if parenthesised {
        out.push(')');
    }
}

/// `²`, where the exponent was written so: `^2` has a place of one byte for its 2.
fn superscript(k: &Expr) -> Option<char> {
    let ExprKind::Number(value) = k.kind else {
        return None;
    };
    let wide = k.span.end.saturating_sub(k.span.start) >= 2;
    match value {
        2.0 if wide => Some('²'),
        3.0 if wide => Some('³'),
        _ => None,
    }
}

fn write_list(out: &mut String, items: &[Expr], separator: &str, style: Style) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        if out.len() > 4 * MAX_QUOTE {
            return;
        }
        write_expr(out, item, 0, style);
    }
}
