//! Affine expressions as sums of chains of linear operations on single unknowns.

use crate::expr;
use crate::model::{Depends, Expr, ExprKind, LinearMap, QuantityId};
use sparsec_program::solver::Shape;
use sparsec_syntax::span::Span;

/// Σ terms + offset.
#[derive(Clone, Debug)]
pub struct Affine {
    /// Shape of the value.
    pub shape: Shape,
    /// The parts that hold an unknown.
    pub terms: Vec<Term>,
    /// The part that holds none, of the value's shape.
    pub offset: Option<Expr>,
}

/// scale · ops(unknown), the operations applied in order.
#[derive(Clone, Debug)]
pub struct Term {
    /// Which unknown.
    pub var: QuantityId,
    /// Scalar factor without unknowns.
    pub scale: Expr,
    /// The operations.
    pub ops: Vec<Op>,
}

/// A linear operation with the shapes it maps between.
#[derive(Clone, Debug)]
pub struct Op {
    /// Which.
    pub kind: OpKind,
    /// Shape it takes.
    pub input: Shape,
    /// Shape it gives.
    pub output: Shape,
}

/// Linear operations. The expressions in them hold no unknown.
#[derive(Clone, Debug)]
pub enum OpKind {
    /// M x
    Left(Expr),
    /// X M
    Right(Expr),
    /// d .* x
    Diagonal(Expr),
    /// ⟨a, x⟩
    Dot(Expr),
    /// x d of a scalar x and data d
    Times(Expr),
    /// Σ entries
    Sum,
    /// Rows and columns `a..b` of a vector or matrix
    Slice((usize, usize), (usize, usize)),
    /// x at this entry of a longer vector of zeros
    Place(usize),
    /// Transpose of a matrix (of a vector: a matrix of one row)
    Transpose,
    /// A scalar repeated
    Fill,
    /// A named linear map
    Linear(LinearMap),
    /// Full convolution with a kernel
    Convolve(Expr),
}

/// An expression that is affine but has no chain of operations here.
#[derive(Clone, Debug)]
pub struct Unsupported {
    /// Where.
    pub span: Span,
    /// What.
    pub what: &'static str,
}

impl Term {
    /// On what the data in it depends.
    pub fn depends(&self) -> Depends {
        let of = |e: &Expr| e.depends;
        let op = |op: &Op| match &op.kind {
            OpKind::Left(e) | OpKind::Right(e) | OpKind::Diagonal(e) | OpKind::Dot(e) | OpKind::Times(e) => of(e),
            OpKind::Convolve(e) => of(e),
            _ => Depends::Literal,
        };
        self.ops.iter().map(op).fold(of(&self.scale), Depends::max)
    }
}

impl Affine {
    fn constant(e: Expr) -> Self {
        Affine { shape: e.shape, terms: Vec::new(), offset: Some(e) }
    }

    /// Applies an operation to every term; the offset is mapped by `data`.
    fn then(self, kind: OpKind, output: Shape, data: impl FnOnce(Expr) -> Expr) -> Self {
        let input = self.shape;
        let push = |mut t: Term| {
            t.ops.push(Op { kind: kind.clone(), input, output });
            t
        };
        Affine { shape: output, terms: self.terms.into_iter().map(push).collect(), offset: self.offset.map(data) }
    }

    /// c · this
    pub fn scaled(self, c: &Expr) -> Self {
        let terms = self.terms.into_iter().map(|t| Term { scale: expr::scale(c.clone(), t.scale), ..t }).collect();
        Affine { terms, offset: self.offset.map(|o| expr::scale(c.clone(), o)), ..self }
    }

    fn plus(self, other: Affine) -> Self {
        let offset = match (self.offset, other.offset) {
            (Some(a), Some(b)) => Some(expr::add(a, b)),
            (a, b) => a.or(b),
        };
        let mut terms = self.terms;
        for t in other.terms {
            // Equal unknowns under no operation are collected: y − 2 y.
            match terms.iter_mut().find(|s| s.var == t.var && s.ops.is_empty() && t.ops.is_empty()) {
                Some(same) => same.scale = expr::add(same.scale.clone(), t.scale),
                None => terms.push(t),
            }
        }
        Affine { terms, offset, ..self }
    }

    /// The one term, where there is exactly one.
    pub fn single(&self) -> Option<&Term> {
        match self.terms.as_slice() {
            [t] => Some(t),
            _ => None,
        }
    }
}

/// The chains of an affine expression.
pub fn affine(e: &Expr) -> Result<Affine, Unsupported> {
    if e.depends != Depends::Var {
        return Ok(Affine::constant(e.clone()));
    }
    let has_var = |e: &Expr| e.depends == Depends::Var;
    let rebuild = |kind: ExprKind| Expr { kind, depends: Depends::Param, ..e.clone() };
    match &e.kind {
        ExprKind::Quantity(id) => Ok(Affine {
            shape: e.shape,
            terms: vec![Term { var: *id, scale: expr::number(1.0), ops: Vec::new() }],
            offset: None,
        }),
        ExprKind::Negate(a) => Ok(affine(a)?.scaled(&expr::number(-1.0))),
        ExprKind::Add(a, b) => Ok(affine(a)?.plus(affine(b)?)),
        ExprKind::Subtract(a, b) => Ok(affine(a)?.plus(affine(b)?.scaled(&expr::number(-1.0)))),
        ExprKind::Scale(s, a) if !has_var(s) => Ok(affine(a)?.scaled(s)),
        ExprKind::Scale(s, a) => {
            let data = (**a).clone();
            let of_offset = data.clone();
            Ok(affine(s)?.then(OpKind::Times(data), e.shape, |o| expr::scale(o, of_offset)))
        }
        ExprKind::Product(a, b) if !has_var(a) => {
            let m = (**a).clone();
            Ok(affine(b)?.then(OpKind::Left(m.clone()), e.shape, |o| expr::product(m, o, e.shape)))
        }
        ExprKind::Product(a, b) => {
            let m = (**b).clone();
            Ok(affine(a)?.then(OpKind::Right(m.clone()), e.shape, |o| expr::product(o, m, e.shape)))
        }
        ExprKind::ElementProduct(a, b) => {
            let (d, x) = if has_var(a) { (b, a) } else { (a, b) };
            let d = (**d).clone();
            Ok(affine(x)?.then(OpKind::Diagonal(d.clone()), e.shape, |o| expr::element_product(d, o)))
        }
        ExprKind::ElementQuotient(a, b) => {
            let inner = affine(a)?;
            match (&b.kind, b.shape) {
                (ExprKind::Fill(s), _) => Ok(inner.scaled(&expr::reciprocal((**s).clone()))),
                (_, Shape::Scalar) => Ok(inner.scaled(&expr::reciprocal((**b).clone()))),
                _ => {
                    let ones = expr::fill(expr::number(1.0), b.shape);
                    let d = expr::element_quotient(ones, (**b).clone());
                    Ok(inner.then(OpKind::Diagonal(d.clone()), e.shape, |o| expr::element_product(d, o)))
                }
            }
        }
        ExprKind::Power(a, 1) => affine(a),
        ExprKind::Transpose(a) => {
            Ok(affine(a)?.then(OpKind::Transpose, e.shape, |o| rebuild(ExprKind::Transpose(Box::new(o)))))
        }
        ExprKind::Dot(a, b) => {
            let (d, x) = if has_var(a) { (b, a) } else { (a, b) };
            let d = (**d).clone();
            Ok(affine(x)?.then(OpKind::Dot(d.clone()), e.shape, |o| rebuild(ExprKind::Dot(Box::new(d), Box::new(o)))))
        }
        ExprKind::Sum(a) => Ok(affine(a)?.then(OpKind::Sum, e.shape, |o| rebuild(ExprKind::Sum(Box::new(o))))),
        ExprKind::Trace(a) => {
            let (n, _) = a.shape.rows_cols();
            let eye = (0..n * n).map(|i| if i % (n + 1) == 0 { 1.0 } else { 0.0 }).collect();
            let eye = expr::literal(eye, a.shape);
            Ok(affine(a)?.then(OpKind::Dot(eye), e.shape, |o| rebuild(ExprKind::Trace(Box::new(o)))))
        }
        ExprKind::Slice { of, rows, cols } => {
            let (rows, cols) = (*rows, *cols);
            Ok(affine(of)?
                .then(OpKind::Slice(rows, cols), e.shape, |o| rebuild(ExprKind::Slice { of: Box::new(o), rows, cols })))
        }
        ExprKind::Stack(parts) => stacked(e, parts),
        ExprKind::Fill(a) => Ok(affine(a)?.then(OpKind::Fill, e.shape, |o| expr::fill(o, e.shape))),
        ExprKind::Linear(map, a) => {
            let map = *map;
            Ok(affine(a)?.then(OpKind::Linear(map), e.shape, |o| rebuild(ExprKind::Linear(map, Box::new(o)))))
        }
        ExprKind::Convolve(k, a) => {
            let k = (**k).clone();
            Ok(affine(a)?
                .then(OpKind::Convolve(k.clone()), e.shape, |o| rebuild(ExprKind::Convolve(Box::new(k), Box::new(o)))))
        }
        ExprKind::Diag(_) => Err(Unsupported { span: e.span, what: "diag of an unknown" }),
        _ => Err(Unsupported { span: e.span, what: "this expression of unknowns" }),
    }
}

/// Parts below each other: each is placed at its own rows.
fn stacked(e: &Expr, parts: &[Expr]) -> Result<Affine, Unsupported> {
    let (mut at, mut terms, mut offsets) = (0, Vec::new(), Vec::new());
    for part in parts {
        let a = affine(part)?;
        for mut t in a.terms {
            t.ops.push(Op { kind: OpKind::Place(at), input: part.shape, output: e.shape });
            terms.push(t);
        }
        offsets.push(a.offset);
        at += part.shape.len();
    }
    let offset = offsets.iter().any(Option::is_some).then(|| {
        let fill =
            |(o, p): (Option<Expr>, &Expr)| o.unwrap_or_else(|| expr::literal(vec![0.0; p.shape.len()], p.shape));
        expr::stack(offsets.into_iter().zip(parts).map(fill).collect(), e.shape)
    });
    Ok(Affine { shape: e.shape, terms, offset })
}
