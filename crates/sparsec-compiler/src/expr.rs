//! Making expressions of data: what normalisation and the rules synthesise from the declared ones.
//!
//! Every constructor folds literals, so that `1·λ` stays `λ` and `−0.5·2` is `−1`.

use crate::calculus::Picked;
use crate::model::{Arg, Curvature, Depends, Elementwise, Expr, ExprKind, Sign};
use sparsec_program::solver::Shape;
use sparsec_syntax::span::Span;
use std::hash::{Hash, Hasher};

fn make(kind: ExprKind, shape: Shape, depends: Depends, sign: Sign, span: Span) -> Expr {
    Expr { kind, shape, depends, sign, curvature: Curvature::Constant, span }
}

fn sign_of(values: &[f64]) -> Sign {
    if values.iter().all(|v| *v == 0.0) {
        Sign::Zero
    } else if values.iter().all(|v| *v >= 0.0) {
        Sign::Nonnegative
    } else if values.iter().all(|v| *v <= 0.0) {
        Sign::Nonpositive
    } else {
        Sign::Unknown
    }
}

/// A number.
pub fn number(value: f64) -> Expr {
    literal(vec![value], Shape::Scalar)
}

/// Row-major numbers of a shape.
pub fn literal(values: Vec<f64>, shape: Shape) -> Expr {
    let sign = sign_of(&values);
    make(ExprKind::Literal(values), shape, Depends::Literal, sign, Span::default())
}

/// The literal value that all entries share, if the expression is one.
pub fn uniform(e: &Expr) -> Option<f64> {
    match &e.kind {
        ExprKind::Literal(v) => v.iter().all(|x| x == &v[0]).then(|| v[0]),
        ExprKind::Fill(inner) => uniform(inner),
        ExprKind::Negate(inner) => uniform(inner).map(|v| -v),
        _ => None,
    }
}

/// The entries, where all are known in the text; one number is repeated to `len` of them.
pub fn numbers(e: &Expr, len: usize) -> Option<Vec<f64>> {
    match (&e.kind, uniform(e)) {
        (_, Some(value)) => Some(vec![value; len]),
        (ExprKind::Literal(v), None) if v.len() == len => Some(v.clone()),
        _ => None,
    }
}

/// The sign of a product.
pub fn product_sign(a: Sign, b: Sign) -> Sign {
    use Sign::{Nonnegative, Nonpositive, Unknown, Zero};
    match (a, b) {
        (Zero, _) | (_, Zero) => Zero,
        (Unknown, _) | (_, Unknown) => Unknown,
        (Nonnegative, Nonnegative) | (Nonpositive, Nonpositive) => Nonnegative,
        _ => Nonpositive,
    }
}

fn negative_sign(a: Sign) -> Sign {
    match a {
        Sign::Nonnegative => Sign::Nonpositive,
        Sign::Nonpositive => Sign::Nonnegative,
        s => s,
    }
}

/// −e
pub fn negate(e: Expr) -> Expr {
    if let ExprKind::Literal(v) = &e.kind {
        return Expr { span: e.span, ..literal(v.iter().map(|x| -x).collect(), e.shape) };
    }
    if let ExprKind::Negate(inner) = e.kind {
        return *inner;
    }
    let (shape, depends, sign, span) = (e.shape, e.depends, negative_sign(e.sign), e.span);
    make(ExprKind::Negate(Box::new(e)), shape, depends, sign, span)
}

/// Scalar `s` times `e`.
pub fn scale(s: Expr, e: Expr) -> Expr {
    match uniform(&s) {
        Some(1.0) => return e,
        Some(-1.0) => return negate(e),
        Some(c) => match e.kind {
            ExprKind::Literal(v) => return literal(v.iter().map(|x| c * x).collect(), e.shape),
            // c (d f) = (c d) f
            ExprKind::Scale(d, f) if uniform(&d).is_some() => {
                return scale(number(c * uniform(&d).unwrap_or(1.0)), *f);
            }
            ExprKind::Negate(f) => return scale(number(-c), *f),
            ExprKind::Fill(f) => return fill(scale(s, *f), e.shape),
            kind => {
                let e = Expr { kind, ..e };
                return scale_node(s, e);
            }
        },
        None => {}
    }
    if let (Shape::Scalar, Some(_)) = (e.shape, uniform(&e)) {
        return scale(e, s);
    }
    scale_node(s, e)
}

fn scale_node(s: Expr, e: Expr) -> Expr {
    let (shape, depends) = (e.shape, s.depends.max(e.depends));
    let (sign, span) = (product_sign(s.sign, e.sign), e.span);
    make(ExprKind::Scale(Box::new(s), Box::new(e)), shape, depends, sign, span)
}

/// a + b of one shape.
pub fn add(a: Expr, b: Expr) -> Expr {
    if uniform(&a) == Some(0.0) {
        return b;
    }
    if uniform(&b) == Some(0.0) {
        return a;
    }
    if let (ExprKind::Literal(x), ExprKind::Literal(y)) = (&a.kind, &b.kind) {
        return literal(x.iter().zip(y).map(|(x, y)| x + y).collect(), a.shape);
    }
    let (shape, depends, span) = (a.shape, a.depends.max(b.depends), a.span);
    let sign = if a.sign == b.sign { a.sign } else { Sign::Unknown };
    if let ExprKind::Negate(b) = b.kind {
        return make(ExprKind::Subtract(Box::new(a), b), shape, depends, sign, span);
    }
    make(ExprKind::Add(Box::new(a), Box::new(b)), shape, depends, sign, span)
}

/// 1/s of a scalar.
pub fn reciprocal(s: Expr) -> Expr {
    if let Some(v) = uniform(&s) {
        return number(1.0 / v);
    }
    let (depends, sign, span) = (s.depends, s.sign, s.span);
    make(ExprKind::ElementQuotient(Box::new(number(1.0)), Box::new(s)), Shape::Scalar, depends, sign, span)
}

/// |e|
pub fn abs(e: Expr) -> Expr {
    if matches!(e.sign, Sign::Nonnegative | Sign::Zero) {
        return e;
    }
    if let ExprKind::Literal(v) = &e.kind {
        return literal(v.iter().map(|x| x.abs()).collect(), e.shape);
    }
    if let ExprKind::Negate(inner) = e.kind {
        return abs(*inner);
    }
    let (shape, depends, span) = (e.shape, e.depends, e.span);
    make(ExprKind::Elementwise(Elementwise::Abs, vec![e]), shape, depends, Sign::Nonnegative, span)
}

/// Elementwise max or min of two bounds: scalars, or data of `shape`.
pub fn tighter(op: Elementwise, a: Expr, b: Expr, shape: Shape) -> Expr {
    if let (Some(x), Some(y)) = (uniform(&a), uniform(&b)) {
        return number(if op == Elementwise::Max { x.max(y) } else { x.min(y) });
    }
    let loose = if op == Elementwise::Max { f64::NEG_INFINITY } else { f64::INFINITY };
    if uniform(&a) == Some(loose) {
        return b;
    }
    if uniform(&b) == Some(loose) {
        return a;
    }
    let shape = if a.shape == Shape::Scalar && b.shape == Shape::Scalar { Shape::Scalar } else { shape };
    let (a, b) = (fill(a, shape), fill(b, shape));
    let (depends, span) = (a.depends.max(b.depends), a.span);
    make(ExprKind::Elementwise(op, vec![a, b]), shape, depends, Sign::Unknown, span)
}

/// A scalar repeated to a shape; data of that shape is left as it is.
pub fn fill(e: Expr, shape: Shape) -> Expr {
    if e.shape != Shape::Scalar || shape == Shape::Scalar {
        return e;
    }
    if let Some(v) = uniform(&e) {
        return literal(vec![v; shape.len()], shape);
    }
    let (depends, sign, span) = (e.depends, e.sign, e.span);
    make(ExprKind::Fill(Box::new(e)), shape, depends, sign, span)
}

/// a .* b of one shape.
pub fn element_product(a: Expr, b: Expr) -> Expr {
    if uniform(&a) == Some(1.0) {
        return b;
    }
    if uniform(&b) == Some(1.0) {
        return a;
    }
    let (shape, depends, span) = (a.shape, a.depends.max(b.depends), a.span);
    let sign = product_sign(a.sign, b.sign);
    make(ExprKind::ElementProduct(Box::new(a), Box::new(b)), shape, depends, sign, span)
}

/// a ./ b of one shape.
pub fn element_quotient(a: Expr, b: Expr) -> Expr {
    if uniform(&b) == Some(1.0) {
        return a;
    }
    if let (Some(x), Some(y)) = (uniform(&a), uniform(&b)) {
        return fill(number(x / y), a.shape);
    }
    let (shape, depends, span) = (a.shape, a.depends.max(b.depends), a.span);
    let sign = product_sign(a.sign, b.sign);
    make(ExprKind::ElementQuotient(Box::new(a), Box::new(b)), shape, depends, sign, span)
}

/// Rows below each other: vectors as one longer vector, matrices of equal width as one taller matrix (row-major, so
/// stacking their entries is stacking their rows).
pub fn stack(parts: Vec<Expr>, shape: Shape) -> Expr {
    let depends = parts.iter().map(|p| p.depends).max().unwrap_or(Depends::Literal);
    if let Some(values) = parts
        .iter()
        .map(|p| match &p.kind {
            ExprKind::Literal(v) => Some(v.clone()),
            _ => None,
        })
        .collect::<Option<Vec<_>>>()
    {
        return literal(values.concat(), shape);
    }
    let span = parts.first().map_or(Span::default(), |p| p.span);
    make(ExprKind::Stack(parts), shape, depends, Sign::Unknown, span)
}

/// The same entries under another shape.
pub fn reshape(e: Expr, shape: Shape) -> Expr {
    if e.shape == shape {
        return e;
    }
    if let Some(value) = uniform(&e) {
        return literal(vec![value; shape.len()], shape);
    }
    Expr { shape, ..stack(vec![e], shape) }
}

/// Transpose of a matrix of data; of literals at once.
pub fn transpose(e: Expr) -> Expr {
    let (m, n) = e.shape.rows_cols();
    if let ExprKind::Literal(v) = &e.kind {
        return literal((0..n * m).map(|i| v[i % m * n + i / m]).collect(), Shape::Matrix(n, m));
    }
    let (depends, sign, span) = (e.depends, e.sign, e.span);
    make(ExprKind::Transpose(Box::new(e)), Shape::Matrix(n, m), depends, sign, span)
}

/// Product of matrices of data, or of a matrix and a vector, with the result's shape.
pub fn product(a: Expr, b: Expr, shape: Shape) -> Expr {
    let (depends, span) = (a.depends.max(b.depends), b.span);
    make(ExprKind::Product(Box::new(a), Box::new(b)), shape, depends, Sign::Unknown, span)
}

/// The diagonal matrix of a vector of data.
pub fn diagonal(e: Expr) -> Expr {
    let (n, depends, sign, span) = (e.shape.len(), e.depends, e.sign, e.span);
    make(ExprKind::Diag(Box::new(e)), Shape::Matrix(n, n), depends, sign, span)
}

/// `len` entries of a vector of data, from one on.
pub fn slice(e: &Expr, from: usize, len: usize) -> Expr {
    let shape = Shape::Vector(len);
    if let ExprKind::Literal(v) = &e.kind {
        return literal(v[from..from + len].to_vec(), shape);
    }
    let kind = ExprKind::Slice { of: Box::new(e.clone()), rows: (from, from + len), cols: (0, 1) };
    make(kind, shape, e.depends, e.sign, e.span)
}

/// Matrices of k rows beside each other; those without columns are left out.
pub fn beside(parts: Vec<Expr>, k: usize) -> Expr {
    let total = parts.iter().map(|p| p.shape.rows_cols().1).sum();
    let columns: Vec<Expr> = parts.into_iter().filter(|p| p.shape.rows_cols().1 > 0).map(transpose).collect();
    transpose(stack(columns, Shape::Matrix(total, k)))
}

/// Entries `from..from + len` of one value for all entries, or of data with a value for each.
pub fn part(e: &Expr, from: usize, len: usize) -> Expr {
    match uniform(e) {
        Some(x) => number(x),
        None if e.shape == Shape::Scalar => e.clone(),
        None => slice(e, from, len),
    }
}

/// The picked entries with others of one value around and between them; `None` for data on entries that are not contiguous.
pub fn padded(e: &Expr, to: &Picked, value: f64) -> Option<Expr> {
    let len = to.entries.len();
    if let Some(inside) = numbers(e, len) {
        let mut all = vec![value; to.within];
        to.entries.iter().zip(inside).for_each(|(i, x)| all[*i] = x);
        return Some(literal(all, Shape::Vector(to.within)));
    }
    let before = to.run()?;
    let around = |n: usize| literal(vec![value; n], Shape::Vector(n));
    let inside = reshape(fill(e.clone(), Shape::Vector(len)), Shape::Vector(len));
    let parts = [around(before), inside, around(to.within - before - len)];
    Some(stack(parts.into_iter().filter(|p| !p.shape.is_empty()).collect(), Shape::Vector(to.within)))
}

/// The value of a literal factor that is neither 0 nor infinite.
pub fn nonzero(e: &Expr) -> Option<f64> {
    uniform(e).filter(|x| *x != 0.0 && x.is_finite())
}

/// An expression by its structure: equal and hashed alike wherever it stands in the text.
#[derive(Clone, Debug)]
pub struct Structure(pub Expr);

impl PartialEq for Structure {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

impl Eq for Structure {}

impl Hash for Structure {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(&self.0, state);
    }
}

/// True if two expressions are the same formula, places apart.
pub fn same(a: &Expr, b: &Expr) -> bool {
    let bits = |x: &[f64], y: &[f64]| x.iter().map(|x| x.to_bits()).eq(y.iter().map(|y| y.to_bits()));
    let node = match (&a.kind, &b.kind) {
        (ExprKind::Literal(x), ExprKind::Literal(y)) => bits(x, y),
        (ExprKind::Quantity(x), ExprKind::Quantity(y)) => x == y,
        (ExprKind::Power(_, j), ExprKind::Power(_, k)) => j == k,
        (ExprKind::Linear(f, _), ExprKind::Linear(g, _)) => f == g,
        (ExprKind::Slice { rows: r, cols: c, .. }, ExprKind::Slice { rows: s, cols: d, .. }) => r == s && c == d,
        (ExprKind::Elementwise(f, _), ExprKind::Elementwise(g, _)) => f == g,
        (ExprKind::Call(f, x), ExprKind::Call(g, y)) => {
            let same_arg = |(x, y): (&Arg, &Arg)| match (x, y) {
                (Arg::Groups(x), Arg::Groups(y)) => x == y,
                (Arg::Integer(x), Arg::Integer(y)) => x == y,
                // Compared as children.
                (Arg::Expr(_), Arg::Expr(_)) => true,
                _ => false,
            };
            std::ptr::eq(*f, *g) && x.len() == y.len() && x.iter().zip(y).all(same_arg)
        }
        (x, y) => std::mem::discriminant(x) == std::mem::discriminant(y),
    };
    let (x, y) = (children(a), children(b));
    node && a.shape == b.shape && x.len() == y.len() && x.into_iter().zip(y).all(|(x, y)| same(x, y))
}

fn hash<H: Hasher>(e: &Expr, state: &mut H) {
    std::mem::discriminant(&e.kind).hash(state);
    e.shape.hash(state);
    match &e.kind {
        ExprKind::Literal(x) => x.iter().for_each(|x| x.to_bits().hash(state)),
        ExprKind::Quantity(id) => id.hash(state),
        ExprKind::Power(_, k) => k.hash(state),
        ExprKind::Linear(map, _) => map.hash(state),
        ExprKind::Slice { rows, cols, .. } => (rows, cols).hash(state),
        ExprKind::Elementwise(f, _) => f.hash(state),
        ExprKind::Call(f, _) => f.name.hash(state),
        _ => {}
    }
    children(e).into_iter().for_each(|e| hash(e, state));
}

/// The expressions directly inside.
pub fn children(e: &Expr) -> Vec<&Expr> {
    use ExprKind as K;
    match &e.kind {
        K::Literal(_) | K::Quantity(_) => Vec::new(),
        K::Negate(a)
        | K::Power(a, _)
        | K::Transpose(a)
        | K::Sum(a)
        | K::Trace(a)
        | K::Slice { of: a, .. }
        | K::Diag(a)
        | K::Fill(a)
        | K::Linear(_, a)
        | K::Rows(a)
        | K::Cols(a) => vec![a],
        K::Add(a, b)
        | K::Subtract(a, b)
        | K::Scale(a, b)
        | K::Product(a, b)
        | K::ElementProduct(a, b)
        | K::ElementQuotient(a, b)
        | K::Dot(a, b)
        | K::Convolve(a, b) => vec![a, b],
        K::Stack(parts) | K::Elementwise(_, parts) => parts.iter().collect(),
        K::Call(_, args) => args.iter().filter_map(Arg::expr).collect(),
    }
}
