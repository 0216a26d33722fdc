//! What a penalty or set acts on: a block of v, scaled and shifted, or one row or a few rows of it.

use super::affine::{Affine, Op, OpKind};
use crate::expr;
use crate::model::{Expr, QuantityId};
use sparsec_program::solver::Shape;

/// `scale · diag(weights) · v[offset..offset + len] + shift`
#[derive(Clone, Debug)]
pub struct Target {
    /// The unknown.
    pub var: QuantityId,
    /// First entry within the unknown.
    pub offset: usize,
    /// Number of entries.
    pub len: usize,
    /// Scalar factor.
    pub scale: Expr,
    /// Entrywise factors.
    pub weights: Option<Expr>,
    /// What is added.
    pub shift: Option<Expr>,
}

/// The entries of an unknown that a contiguous slice takes, or `None` if it is not contiguous.
fn contiguous(rows: (usize, usize), cols: (usize, usize), input: Shape) -> Option<(usize, usize)> {
    let width = input.rows_cols().1;
    let whole = cols == (0, width);
    let one_row = rows.1 == rows.0 + 1;
    (whole || one_row).then(|| (rows.0 * width + cols.0, (rows.1 - rows.0) * (cols.1 - cols.0)))
}

/// Takes leading slices off a chain: the part of the unknown, and what is left of the chain.
fn part(ops: &[Op], whole: Shape) -> (usize, usize, &[Op]) {
    if let Some(Op { kind: OpKind::Slice(rows, cols), input, .. }) = ops.first()
        && let Some((offset, len)) = contiguous(*rows, *cols, *input)
    {
        return (offset, len, &ops[1..]);
    }
    (0, whole.len(), ops)
}

/// The block that an affine expression is, if it is one.
pub fn block(a: &Affine, whole: impl Fn(QuantityId) -> Shape) -> Option<Target> {
    let term = a.single()?;
    let (offset, len, rest) = part(&term.ops, whole(term.var));
    let weights = match rest {
        [] => None,
        [Op { kind: OpKind::Diagonal(d), .. }] => Some(d.clone()),
        _ => return None,
    };
    Some(Target { var: term.var, offset, len, scale: term.scale.clone(), weights, shift: a.offset.clone() })
}

/// The rows that an affine expression of a vector unknown is: A (k×len), applied to a block; the offset is left to the caller.
pub fn rows(a: &Affine, whole: impl Fn(QuantityId) -> Shape) -> Option<(QuantityId, usize, usize, Expr)> {
    let Some(term) = a.single() else {
        return sum_of_rows(a, whole);
    };
    let (offset, len, rest) = part(&term.ops, whole(term.var));
    let k = a.shape.len();
    let matrix = match rest {
        // A single entry y[3] is a block already; it comes here only where the whole is asked for.
        [] => return None,
        [Op { kind: OpKind::Left(m), input: Shape::Vector(_) | Shape::Scalar, .. }] => m.clone(),
        [Op { kind: OpKind::Dot(d), .. }] => expr::reshape(d.clone(), Shape::Matrix(1, len)),
        [Op { kind: OpKind::Sum, .. }] => expr::literal(vec![1.0; len], Shape::Matrix(1, len)),
        ops => literal_rows(ops, len, k)?,
    };
    let matrix = expr::reshape(matrix, Shape::Matrix(k, len));
    Some((term.var, offset, len, expr::scale(term.scale.clone(), matrix)))
}

/// The same of several terms in one unknown: their matrices over the whole of it are added.
fn sum_of_rows(a: &Affine, whole: impl Fn(QuantityId) -> Shape) -> Option<(QuantityId, usize, usize, Expr)> {
    let var = a.terms.first()?.var;
    let (len, k) = (whole(var).len(), a.shape.len());
    let mut total: Option<Expr> = None;
    for term in &a.terms {
        if term.var != var {
            return None;
        }
        let matrix = match term.ops.as_slice() {
            [Op { kind: OpKind::Left(m), input: Shape::Vector(_) | Shape::Scalar, .. }] => m.clone(),
            [Op { kind: OpKind::Dot(d), .. }] => d.clone(),
            ops => literal_rows(ops, len, k)?,
        };
        let matrix = expr::scale(term.scale.clone(), expr::reshape(matrix, Shape::Matrix(k, len)));
        total = Some(match total {
            None => matrix,
            Some(sum) => expr::add(sum, matrix),
        });
    }
    Some((var, 0, len, total?))
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
    use crate::model::{ExprKind, LinearMap};
    let literal = |e: &Expr| match &e.kind {
        ExprKind::Literal(v) => Some(v.clone()),
        _ => None,
    };
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
