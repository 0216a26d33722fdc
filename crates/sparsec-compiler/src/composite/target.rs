//! What a penalty or set acts on: entries of v, turned, scaled and shifted, or one row or a few rows of v.

use super::VarPart;
use super::affine::{Affine, Op, OpKind, Term};
use crate::calculus::Picked;
use crate::expr;
use crate::model::{Expr, LinearMap, QuantityId};
use sparsec_program::solver::Shape;

/// `scale · diag(weights) · turn(v_t) + shift`, v_t some entries of v.
#[derive(Clone, Debug)]
pub struct Target {
    /// First entry in v.
    pub offset: usize,
    /// Number of entries.
    pub len: usize,
    /// Which of the `within` entries from `offset` on, where they are not contiguous.
    pub picked: Option<Picked>,
    /// The entries are in another order than asked for.
    pub permuted: bool,
    /// An orthogonal map: the operations, applied in order.
    pub turn: Vec<Op>,
    /// Scalar factor.
    pub scale: Expr,
    /// Entrywise factors.
    pub weights: Option<Expr>,
    /// What is added.
    pub shift: Option<Expr>,
}

/// Rows applied to a contiguous part of v: `matrix · v[offset..offset + len]`.
#[derive(Clone, Debug)]
pub struct Rows {
    /// First entry in v.
    pub offset: usize,
    /// Number of entries.
    pub len: usize,
    /// k × len
    pub matrix: Expr,
}

/// The entries of an unknown that a contiguous slice takes, or `None` if it is not contiguous.
fn contiguous(rows: (usize, usize), cols: (usize, usize), input: Shape) -> Option<(usize, usize)> {
    let width = input.rows_cols().1;
    let whole = cols == (0, width);
    let one_row = rows.1 == rows.0 + 1;
    (whole || one_row).then(|| (rows.0 * width + cols.0, (rows.1 - rows.0) * (cols.1 - cols.0)))
}

/// Takes a contiguous leading slice off a chain: the part of the unknown, and what is left of the chain.
fn part(ops: &[Op], whole: Shape) -> (usize, usize, &[Op]) {
    if let Some(Op { kind: OpKind::Slice(rows, cols), input, .. }) = ops.first()
        && let Some((offset, len)) = contiguous(*rows, *cols, *input)
    {
        return (offset, len, &ops[1..]);
    }
    (0, whole.len(), ops)
}

/// Takes a leading slice of a matrix that is not contiguous off a chain: its entries, and what is left of the chain.
fn picked(ops: &[Op]) -> Option<(Vec<usize>, &[Op])> {
    let [Op { kind: OpKind::Slice(rows, cols), input, .. }, rest @ ..] = ops else {
        return None;
    };
    let width = input.rows_cols().1;
    let entries = (rows.0..rows.1).flat_map(|i| (cols.0..cols.1).map(move |j| i * width + j)).collect();
    contiguous(*rows, *cols, *input).is_none().then_some((entries, rest))
}

/// True for operations with Q Qᵀ = Qᵀ Q = I.
fn orthogonal(op: &Op) -> bool {
    matches!(op.kind, OpKind::Linear(LinearMap::Dct) | OpKind::Transpose)
}

fn find(vars: &[VarPart], id: QuantityId) -> Option<&VarPart> {
    vars.iter().find(|v| v.quantity == id)
}

/// The entries of v that an affine expression is, if it is that.
pub fn block(a: &Affine, vars: &[VarPart]) -> Option<Target> {
    let Some(term) = a.single() else {
        return stack(a, vars);
    };
    let var = find(vars, term.var)?;
    let (offset, len, chosen, rest) = match picked(&term.ops) {
        Some((entries, rest)) => {
            let len = entries.len();
            (0, len, Some(Picked { entries, within: var.shape.len() }), rest)
        }
        None => {
            let (offset, len, rest) = part(&term.ops, var.shape);
            (offset, len, None, rest)
        }
    };
    let (turn, rest) = rest.split_at(rest.iter().take_while(|op| orthogonal(op)).count());
    let weights = match rest {
        [] => None,
        [Op { kind: OpKind::Diagonal(d), .. }] => Some(d.clone()),
        _ => return None,
    };
    Some(Target {
        offset: var.offset + offset,
        len,
        picked: chosen,
        permuted: false,
        turn: turn.to_vec(),
        scale: term.scale.clone(),
        weights,
        shift: a.offset.clone(),
    })
}

/// Unknowns below each other that lie beside each other in v, all with one literal factor.
fn stack(a: &Affine, vars: &[VarPart]) -> Option<Target> {
    let scale = &a.terms.first()?.scale;
    let mut parts = Vec::new();
    for term in &a.terms {
        if expr::uniform(&term.scale)? != expr::uniform(scale)? {
            return None;
        }
        let var = find(vars, term.var)?;
        let (offset, len, rest) = part(&term.ops, var.shape);
        let [Op { kind: OpKind::Place(at), .. }] = rest else {
            return None;
        };
        parts.push((*at, var.offset + offset, len));
    }
    parts.sort_unstable_by_key(|(_, offset, _)| *offset);
    let (_, start, _) = *parts.first()?;
    let (mut end, mut permuted) = (0, false);
    for (at, offset, len) in parts {
        if offset != start + end {
            return None;
        }
        permuted |= at != end;
        end += len;
    }
    (end == a.shape.len()).then(|| Target {
        offset: start,
        len: end,
        picked: None,
        permuted,
        turn: Vec::new(),
        scale: scale.clone(),
        weights: None,
        shift: a.offset.clone(),
    })
}

/// Unknowns below each other apart: each with the place of its first entry, in order.
pub fn parts(a: &Affine) -> Option<Vec<(usize, Affine)>> {
    let mut parts: Vec<(usize, Affine)> = Vec::new();
    for term in &a.terms {
        let (Op { kind: OpKind::Place(at), input, .. }, ops) = term.ops.split_last()? else {
            return None;
        };
        let term = Term { ops: ops.to_vec(), ..term.clone() };
        match parts.iter_mut().find(|(from, _)| from == at) {
            Some((_, part)) if part.shape == *input => part.terms.push(term),
            Some(_) => return None,
            None => parts.push((*at, Affine { shape: *input, terms: vec![term], offset: None })),
        }
    }
    parts.sort_by_key(|(at, _)| *at);
    let mut end = 0;
    for (at, part) in &mut parts {
        let len = part.shape.len();
        if *at != end {
            return None;
        }
        end += len;
        part.offset = a.offset.as_ref().map(|o| expr::slice(o, *at, len));
    }
    (parts.len() > 1 && end == a.shape.len()).then_some(parts)
}

/// The rows that an affine expression is, applied to a part of v; the offset is left to the caller.
pub fn rows(a: &Affine, vars: &[VarPart]) -> Option<Rows> {
    let Some(term) = a.single() else {
        return sum_of_rows(a, vars);
    };
    let var = find(vars, term.var)?;
    let (offset, len, rest) = part(&term.ops, var.shape);
    let k = a.shape.len();
    // A single entry y[3] is a block already; it comes here only where the whole is asked for.
    if rest.is_empty() {
        return None;
    }
    let matrix = matrix_of(rest, len)?;
    let matrix = expr::scale(term.scale.clone(), expr::reshape(matrix, Shape::Matrix(k, len)));
    Some(Rows { offset: var.offset + offset, len, matrix })
}

/// The same of several terms: each unknown's matrices are added, and those of different unknowns stand beside each other.
fn sum_of_rows(a: &Affine, vars: &[VarPart]) -> Option<Rows> {
    let k = a.shape.len();
    let mut totals: Vec<Option<Expr>> = vec![None; vars.len()];
    for term in &a.terms {
        let i = vars.iter().position(|v| v.quantity == term.var)?;
        let len = vars[i].shape.len();
        let matrix = matrix_of(&term.ops, len)?;
        let matrix = expr::scale(term.scale.clone(), expr::reshape(matrix, Shape::Matrix(k, len)));
        totals[i] = Some(match totals[i].take() {
            None => matrix,
            Some(sum) => expr::add(sum, matrix),
        });
    }
    let first = totals.iter().position(Option::is_some)?;
    let last = totals.iter().rposition(Option::is_some)?;
    let zeros = |len: usize| expr::literal(vec![0.0; k * len], Shape::Matrix(k, len));
    let fill = |(total, var): (Option<Expr>, &VarPart)| total.unwrap_or_else(|| zeros(var.shape.len()));
    let parts: Vec<Expr> = totals.into_iter().zip(vars).map(fill).collect();
    let offset = vars[first].offset;
    let len = vars[last].offset + vars[last].shape.len() - offset;
    Some(Rows { offset, len, matrix: expr::beside(parts[first..=last].to_vec(), k) })
}

/// The matrix of a chain of operations on `len` entries, with as many rows as the result has entries.
fn matrix_of(ops: &[Op], len: usize) -> Option<Expr> {
    let k = ops.last().map_or(len, |op| op.output.len());
    if let Some(rows) = literal_rows(ops, len, k) {
        return Some(rows);
    }
    let (last, before) = ops.split_last()?;
    let n = last.input.len();
    let matrix = match (&last.kind, last.input) {
        (OpKind::Left(m), Shape::Vector(_) | Shape::Scalar) => m.clone(),
        (OpKind::Dot(d) | OpKind::Times(d), _) => d.clone(),
        (OpKind::Diagonal(d), _) => expr::diagonal(expr::reshape(d.clone(), Shape::Vector(n))),
        _ => return None,
    };
    let matrix = expr::reshape(matrix, Shape::Matrix(k, n));
    match before {
        [] => Some(matrix),
        _ => Some(expr::product(matrix, matrix_of(before, len)?, Shape::Matrix(k, len))),
    }
}

/// The matrix of a chain of operations whose data are literals: differences, running sums, sums of parts.
fn literal_rows(ops: &[Op], len: usize, k: usize) -> Option<Expr> {
    const MOST: usize = 1 << 22;
    if k.checked_mul(len)? > MOST {
        return None;
    }
    let mut matrix = vec![0.0; k * len];
    for j in 0..len {
        let mut x = vec![0.0; len];
        x[j] = 1.0;
        for op in ops {
            x = apply(op, &x)?;
        }
        for (i, v) in x.iter().enumerate() {
            matrix[i * len + j] = *v;
        }
    }
    Some(expr::literal(matrix, Shape::Matrix(k, len)))
}

/// One operation on numbers, for those that have only literals in them.
fn apply(op: &Op, x: &[f64]) -> Option<Vec<f64>> {
    let literal = |e: &Expr| expr::numbers(e, e.shape.len());
    Some(match &op.kind {
        OpKind::Sum => vec![x.iter().sum()],
        OpKind::Slice(rows, cols) => {
            let width = op.input.rows_cols().1;
            (rows.0..rows.1).flat_map(|i| x[i * width + cols.0..i * width + cols.1].to_vec()).collect()
        }
        OpKind::Place(at) => {
            let mut out = vec![0.0; op.output.len()];
            out[*at..*at + x.len()].copy_from_slice(x);
            out
        }
        OpKind::Left(m) => {
            let (m, (rows, inner)) = (literal(m)?, m.shape.rows_cols());
            let cols = x.len() / inner;
            let entry = |i: usize, j: usize| (0..inner).map(|l| m[i * inner + l] * x[l * cols + j]).sum();
            (0..rows * cols).map(|i| entry(i / cols, i % cols)).collect()
        }
        OpKind::Right(m) => {
            let (m, (inner, cols)) = (literal(m)?, m.shape.rows_cols());
            let rows = x.len() / inner;
            let entry = |i: usize, j: usize| (0..inner).map(|l| x[i * inner + l] * m[l * cols + j]).sum();
            (0..rows * cols).map(|i| entry(i / cols, i % cols)).collect()
        }
        OpKind::Transpose => {
            let (rows, cols) = op.input.rows_cols();
            (0..x.len()).map(|i| x[i % rows * cols + i / rows]).collect()
        }
        OpKind::Diagonal(d) => literal(d)?.iter().zip(x).map(|(d, x)| d * x).collect(),
        OpKind::Dot(d) => vec![literal(d)?.iter().zip(x).map(|(d, x)| d * x).sum()],
        OpKind::Linear(LinearMap::Diff(k)) => {
            let mut out = x.to_vec();
            for _ in 0..*k {
                out = out.windows(2).map(|w| w[1] - w[0]).collect();
            }
            out
        }
        OpKind::Linear(LinearMap::Cumsum) => {
            let mut sum = 0.0;
            x.iter()
                .map(|v| {
                    sum += v;
                    sum
                })
                .collect()
        }
        _ => return None,
    })
}
