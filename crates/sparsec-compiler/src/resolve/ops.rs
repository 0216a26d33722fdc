//! Construction of resolved expressions: what each operation does to shape, dependence, sign and curvature.
//!
//! The functions here trust that shapes fit; [`super::expressions`] checks and explains.

use super::ranges;
use crate::calculus::{Function, Monotone};
pub use crate::expr::{children, same};
use crate::model::{Arg, Curvature, Depends, Elementwise, Expr, ExprKind, LinearMap, Quantity, Sign};
use sparsec_program::solver::Shape;
use sparsec_syntax::span::Span;

/// A scalar literal.
pub fn number(value: f64, span: Span) -> Expr {
    literal(vec![value], Shape::Scalar, span)
}

/// A literal of any shape.
pub fn literal(values: Vec<f64>, shape: Shape, span: Span) -> Expr {
    let sign = match (values.iter().all(|v| *v >= 0.0), values.iter().all(|v| *v <= 0.0)) {
        (true, true) => Sign::Zero,
        (true, false) => Sign::Nonnegative,
        (false, true) => Sign::Nonpositive,
        (false, false) => Sign::Unknown,
    };
    Expr {
        kind: ExprKind::Literal(values),
        shape,
        depends: Depends::Literal,
        sign,
        curvature: Curvature::Constant,
        span,
    }
}

/// The value of a scalar literal.
pub fn number_of(e: &Expr) -> Option<f64> {
    match &e.kind {
        ExprKind::Literal(values) if e.shape == Shape::Scalar => values.first().copied(),
        ExprKind::Fill(inner) => number_of(inner),
        _ => None,
    }
}

/// The opposite sign.
pub fn flip_sign(sign: Sign) -> Sign {
    match sign {
        Sign::Nonnegative => Sign::Nonpositive,
        Sign::Nonpositive => Sign::Nonnegative,
        other => other,
    }
}

/// Sign of a sum.
pub fn add_signs(a: Sign, b: Sign) -> Sign {
    match (a, b) {
        (Sign::Zero, other) | (other, Sign::Zero) => other,
        (a, b) if a == b => a,
        _ => Sign::Unknown,
    }
}

/// Sign of a product.
pub fn multiply_signs(a: Sign, b: Sign) -> Sign {
    match (a, b) {
        (Sign::Zero, _) | (_, Sign::Zero) => Sign::Zero,
        (Sign::Unknown, _) | (_, Sign::Unknown) => Sign::Unknown,
        (a, b) if a == b => Sign::Nonnegative,
        _ => Sign::Nonpositive,
    }
}

/// Curvature of `−e`.
pub fn flip_curvature(curvature: Curvature) -> Curvature {
    match curvature {
        Curvature::Convex => Curvature::Concave,
        Curvature::Concave => Curvature::Convex,
        other => other,
    }
}

/// Curvature of a sum.
pub fn add_curvatures(a: Curvature, b: Curvature) -> Curvature {
    use Curvature::{Affine, Constant, Unknown};
    match (a, b) {
        (Constant, other) | (other, Constant) => other,
        (Affine, other) | (other, Affine) => other,
        (a, b) if a == b => a,
        _ => Unknown,
    }
}

/// Curvature of data of this sign times an expression of this curvature.
pub fn scale_curvature(sign: Sign, curvature: Curvature) -> Curvature {
    match (curvature, sign) {
        (Curvature::Constant | Curvature::Affine, _) => curvature,
        (_, Sign::Zero | Sign::Nonnegative) => curvature,
        (_, Sign::Nonpositive) => flip_curvature(curvature),
        (_, Sign::Unknown) => Curvature::Unknown,
    }
}

/// Curvature of a function of this curvature and monotonicity, of an expression of that curvature.
pub fn compose(function: Curvature, monotone: Monotone, inner: Curvature) -> Curvature {
    use Curvature::{Affine, Concave, Constant, Convex, Unknown};
    match (inner, function, monotone) {
        (Constant, _, _) => Constant,
        (Affine, _, _) => function,
        (Convex, Convex, Monotone::Increasing) | (Concave, Convex, Monotone::Decreasing) => Convex,
        (Concave, Concave, Monotone::Increasing) | (Convex, Concave, Monotone::Decreasing) => Concave,
        _ => Unknown,
    }
}

/// True for constants and affine expressions.
pub fn is_affine(e: &Expr) -> bool {
    matches!(e.curvature, Curvature::Constant | Curvature::Affine)
}

/// True if an unknown is in it.
pub fn has_unknown(e: &Expr) -> bool {
    e.depends == Depends::Var
}

fn constant_if_data(depends: Depends, curvature: Curvature) -> Curvature {
    if depends == Depends::Var { curvature } else { Curvature::Constant }
}

fn make(kind: ExprKind, shape: Shape, depends: Depends, sign: Sign, curvature: Curvature, span: Span) -> Expr {
    Expr { kind, shape, depends, sign, curvature: constant_if_data(depends, curvature), span }
}

/// `−e`
pub fn negate(e: Expr, span: Span) -> Expr {
    match e.kind {
        ExprKind::Literal(values) => literal(values.into_iter().map(|v| -v).collect(), e.shape, span),
        _ => {
            let (shape, depends, sign, curvature) =
                (e.shape, e.depends, flip_sign(e.sign), flip_curvature(e.curvature));
            make(ExprKind::Negate(Box::new(e)), shape, depends, sign, curvature, span)
        }
    }
}

/// `a + b` of equal shapes.
pub fn add(a: Expr, b: Expr, span: Span, quantities: &[Quantity]) -> Expr {
    if let (Some(x), Some(y), Shape::Scalar) = (number_of(&a), number_of(&b), a.shape) {
        return number(x + y, span);
    }
    let (shape, depends) = (a.shape, a.depends.max(b.depends));
    let sign = add_signs(a.sign, b.sign);
    let curvature = add_curvatures(a.curvature, b.curvature);
    refine(make(ExprKind::Add(Box::new(a), Box::new(b)), shape, depends, sign, curvature, span), quantities)
}

/// `a − b` of equal shapes.
pub fn subtract(a: Expr, b: Expr, span: Span, quantities: &[Quantity]) -> Expr {
    if let (Some(x), Some(y), Shape::Scalar) = (number_of(&a), number_of(&b), a.shape) {
        return number(x - y, span);
    }
    let (shape, depends) = (a.shape, a.depends.max(b.depends));
    let sign = add_signs(a.sign, flip_sign(b.sign));
    let curvature = add_curvatures(a.curvature, flip_curvature(b.curvature));
    refine(make(ExprKind::Subtract(Box::new(a), Box::new(b)), shape, depends, sign, curvature, span), quantities)
}

/// Sharpens an unknown sign by the bounds of the parts.
pub fn refine(mut e: Expr, quantities: &[Quantity]) -> Expr {
    if e.sign == Sign::Unknown {
        e.sign = ranges::of(&e, quantities).sign();
    }
    e
}

/// Curvature of a bilinear operation of which at most one side holds an unknown.
fn bilinear(a: &Expr, b: &Expr) -> Curvature {
    match (has_unknown(a), has_unknown(b)) {
        (false, false) => Curvature::Constant,
        (false, true) => scale_curvature(a.sign, b.curvature),
        (true, false) => scale_curvature(b.sign, a.curvature),
        (true, true) => Curvature::Unknown,
    }
}

fn binary(kind: fn(Box<Expr>, Box<Expr>) -> ExprKind, a: Expr, b: Expr, shape: Shape, span: Span) -> Expr {
    let (depends, sign, curvature) = (a.depends.max(b.depends), multiply_signs(a.sign, b.sign), bilinear(&a, &b));
    make(kind(Box::new(a), Box::new(b)), shape, depends, sign, curvature, span)
}

/// True where a function of the registry stands in an expression.
fn has_call(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Call(..)) || children(e).into_iter().any(has_call)
}

/// A scalar times anything; literals fold.
pub fn scale(scalar: Expr, e: Expr, span: Span) -> Expr {
    if let Some(factor) = number_of(&scalar) {
        if factor == 1.0 {
            return Expr { span, ..e };
        }
        // A function keeps its domain: 0 f(y) is +∞ outside it.
        if factor == 0.0 && !has_call(&e) {
            return fill(number(0.0, span), e.shape, span);
        }
        match e.kind {
            ExprKind::Literal(values) => {
                return literal(values.into_iter().map(|v| factor * v).collect(), e.shape, span);
            }
            ExprKind::Scale(inner, of) if number_of(&inner).is_some() => {
                let inner = number_of(&inner).unwrap_or(1.0);
                let folded = number(factor * inner, scalar.span);
                let shape = of.shape;
                return binary(ExprKind::Scale, folded, *of, shape, span);
            }
            _ => {}
        }
    }
    let shape = e.shape;
    // b ones(n) is b repeated, so that however it is written the same program is made.
    if let ExprKind::Fill(inner) = e.kind {
        let scaled = match number_of(&inner) {
            Some(_) => scale(*inner, scalar, span),
            None => scale(scalar, *inner, span),
        };
        return fill(scaled, shape, span);
    }
    binary(ExprKind::Scale, scalar, e, shape, span)
}

/// Matrix times vector or matrix.
pub fn product(a: Expr, b: Expr, shape: Shape, span: Span) -> Expr {
    binary(ExprKind::Product, a, b, shape, span)
}

/// `a .* b`
pub fn element_product(a: Expr, b: Expr, span: Span) -> Expr {
    let shape = a.shape;
    binary(ExprKind::ElementProduct, a, b, shape, span)
}

/// `a ./ b`, b without unknowns.
pub fn element_quotient(a: Expr, b: Expr, span: Span) -> Expr {
    let (shape, depends, sign) = (a.shape, a.depends.max(b.depends), multiply_signs(a.sign, b.sign));
    let curvature = scale_curvature(b.sign, a.curvature);
    make(ExprKind::ElementQuotient(Box::new(a), Box::new(b)), shape, depends, sign, curvature, span)
}

/// `e^k` elementwise, k ≥ 2, of data or as an intermediate step of an unknown.
pub fn power(e: Expr, k: u32, span: Span) -> Expr {
    let even = k.is_multiple_of(2);
    let sign = match e.sign {
        Sign::Zero => Sign::Zero,
        Sign::Nonnegative => Sign::Nonnegative,
        _ if even => Sign::Nonnegative,
        other => other,
    };
    let monotone = match e.sign {
        Sign::Nonnegative | Sign::Zero => Monotone::Increasing,
        Sign::Nonpositive if even => Monotone::Decreasing,
        _ => Monotone::No,
    };
    let outer = if even || e.sign == Sign::Nonnegative { Curvature::Convex } else { Curvature::Unknown };
    let (shape, depends, curvature) = (e.shape, e.depends, compose(outer, monotone, e.curvature));
    make(ExprKind::Power(Box::new(e), k), shape, depends, sign, curvature, span)
}

/// Keeps sign and curvature: a linear map with coefficients ≥ 0.
fn nonnegative_map(kind: fn(Box<Expr>) -> ExprKind, e: Expr, shape: Shape, span: Span) -> Expr {
    let (depends, sign, curvature) = (e.depends, e.sign, e.curvature);
    make(kind(Box::new(e)), shape, depends, sign, curvature, span)
}

/// Transpose; that of a transpose is what it was.
pub fn transpose(e: Expr, span: Span) -> Expr {
    if let ExprKind::Transpose(inner) = e.kind {
        return Expr { span, ..*inner };
    }
    let shape = match e.shape {
        Shape::Scalar => return Expr { span, ..e },
        Shape::Vector(n) => Shape::Matrix(1, n),
        Shape::Matrix(m, n) => Shape::Matrix(n, m),
    };
    nonnegative_map(ExprKind::Transpose, e, shape, span)
}

/// A vector as a matrix of one column.
pub fn column(e: Expr) -> Expr {
    match e.shape {
        Shape::Vector(n) => {
            let span = e.span;
            let row = nonnegative_map(ExprKind::Transpose, e, Shape::Matrix(1, n), span);
            nonnegative_map(ExprKind::Transpose, row, Shape::Matrix(n, 1), span)
        }
        _ => e,
    }
}

/// A matrix of one column as a vector.
pub fn vector_of_column(e: Expr) -> Expr {
    let (rows, span) = (e.shape.rows_cols().0, e.span);
    match e.kind {
        ExprKind::Transpose(row) => match row.kind {
            ExprKind::Transpose(v) => Expr { span, ..*v },
            kind => {
                let row = Expr { kind, ..*row };
                slice(row, (0, 1), (0, rows), Shape::Vector(rows), span)
            }
        },
        kind => slice(Expr { kind, ..e }, (0, rows), (0, 1), Shape::Vector(rows), span),
    }
}

/// The matrix Q in an expression `Q e`, given `e`: the product of all matrices before it.
pub fn factor_before(image: &Expr, e: &Expr) -> Option<Expr> {
    let ExprKind::Product(left, right) = &image.kind else {
        return None;
    };
    if has_unknown(left) {
        return None;
    }
    if same(right, e) {
        return Some((**left).clone());
    }
    let rest = factor_before(right, e)?;
    let shape = Shape::Matrix(left.shape.rows_cols().0, rest.shape.rows_cols().1);
    let span = left.span.to(rest.span);
    Some(product((**left).clone(), rest, shape, span))
}

/// Inner product.
pub fn dot(a: Expr, b: Expr, span: Span) -> Expr {
    binary(ExprKind::Dot, a, b, Shape::Scalar, span)
}

/// Sum of all entries of an affine expression, of data, or of a function taken row by row.
pub fn sum(e: Expr, span: Span) -> Expr {
    match (&e.kind, e.shape) {
        (_, Shape::Scalar) => Expr { span, ..e },
        (ExprKind::Literal(values), _) => number(values.iter().sum(), span),
        _ => nonnegative_map(ExprKind::Sum, e, Shape::Scalar, span),
    }
}

/// Sum of the diagonal.
pub fn trace(e: Expr, span: Span) -> Expr {
    nonnegative_map(ExprKind::Trace, e, Shape::Scalar, span)
}

/// A part of a vector or matrix.
pub fn slice(e: Expr, rows: (usize, usize), cols: (usize, usize), shape: Shape, span: Span) -> Expr {
    let (depends, sign, curvature) = (e.depends, e.sign, e.curvature);
    make(ExprKind::Slice { of: Box::new(e), rows, cols }, shape, depends, sign, curvature, span)
}

/// Parts below each other.
pub fn stack(parts: Vec<Expr>, length: usize, span: Span) -> Expr {
    let depends = parts.iter().map(|p| p.depends).max().unwrap_or(Depends::Literal);
    let sign = parts.iter().map(|p| p.sign).reduce(add_signs).unwrap_or(Sign::Zero);
    let curvature = parts.iter().map(|p| p.curvature).reduce(add_curvatures).unwrap_or(Curvature::Constant);
    make(ExprKind::Stack(parts), Shape::Vector(length), depends, sign, curvature, span)
}

/// Diagonal matrix.
pub fn diag(e: Expr, span: Span) -> Expr {
    let n = e.shape.len();
    nonnegative_map(ExprKind::Diag, e, Shape::Matrix(n, n), span)
}

/// A scalar repeated.
pub fn fill(e: Expr, shape: Shape, span: Span) -> Expr {
    if shape == Shape::Scalar {
        return e;
    }
    nonnegative_map(ExprKind::Fill, e, shape, span)
}

/// A linear map without a matrix.
pub fn linear(map: LinearMap, e: Expr, shape: Shape, span: Span) -> Expr {
    let sign = match (map, e.sign) {
        (_, Sign::Zero) => Sign::Zero,
        (LinearMap::Cumsum, sign) => sign,
        _ => Sign::Unknown,
    };
    let curvature = match map {
        LinearMap::Cumsum => e.curvature,
        _ => scale_curvature(Sign::Unknown, e.curvature),
    };
    let depends = e.depends;
    make(ExprKind::Linear(map, Box::new(e)), shape, depends, sign, curvature, span)
}

/// Convolution with a kernel without unknowns.
pub fn convolve(kernel: Expr, e: Expr, length: usize, span: Span) -> Expr {
    binary(ExprKind::Convolve, kernel, e, Shape::Vector(length), span)
}

/// `rows(Y)` or `cols(Y)`.
pub fn by_rows(e: Expr, rows: bool, span: Span) -> Expr {
    let shape = e.shape;
    nonnegative_map(if rows { ExprKind::Rows } else { ExprKind::Cols }, e, shape, span)
}

/// What an elementwise function does: curvature, sign of its values, monotonicity for an argument of that sign.
pub fn elementwise_rule(function: Elementwise, argument: Sign) -> (Curvature, Sign, Monotone) {
    let even = match argument {
        Sign::Zero | Sign::Nonnegative => Monotone::Increasing,
        Sign::Nonpositive => Monotone::Decreasing,
        Sign::Unknown => Monotone::No,
    };
    match function {
        Elementwise::Abs | Elementwise::Square => (Curvature::Convex, Sign::Nonnegative, even),
        Elementwise::Exp | Elementwise::Pos => (Curvature::Convex, Sign::Nonnegative, Monotone::Increasing),
        Elementwise::Log => (Curvature::Concave, Sign::Unknown, Monotone::Increasing),
        Elementwise::Sqrt => (Curvature::Concave, Sign::Nonnegative, Monotone::Increasing),
        Elementwise::Max => (Curvature::Convex, Sign::Unknown, Monotone::Increasing),
        Elementwise::Min => (Curvature::Concave, Sign::Unknown, Monotone::Increasing),
    }
}

/// An elementwise function of one or two expressions of one shape.
pub fn elementwise(function: Elementwise, args: Vec<Expr>, span: Span) -> Expr {
    let shape = args.first().map_or(Shape::Scalar, |a| a.shape);
    let depends = args.iter().map(|a| a.depends).max().unwrap_or(Depends::Literal);
    let argument = args.first().map_or(Sign::Unknown, |a| a.sign);
    let (outer, mut sign, monotone) = elementwise_rule(function, argument);
    let inner = args.iter().map(|a| a.curvature).reduce(add_curvatures).unwrap_or(Curvature::Constant);
    let nonnegative = |s: Sign| matches!(s, Sign::Nonnegative | Sign::Zero);
    let nonpositive = |s: Sign| matches!(s, Sign::Nonpositive | Sign::Zero);
    match function {
        Elementwise::Max if args.iter().any(|a| nonnegative(a.sign)) => sign = Sign::Nonnegative,
        Elementwise::Max if args.iter().all(|a| nonpositive(a.sign)) => sign = Sign::Nonpositive,
        Elementwise::Min if args.iter().any(|a| nonpositive(a.sign)) => sign = Sign::Nonpositive,
        Elementwise::Min if args.iter().all(|a| nonnegative(a.sign)) => sign = Sign::Nonnegative,
        _ => {}
    }
    let curvature = compose(outer, monotone, inner);
    make(ExprKind::Elementwise(function, args), shape, depends, sign, curvature, span)
}

/// Curvature that a function has for the rules: one that is listed as nonconvex is accepted as it is.
pub fn function_curvature(function: &Function) -> Curvature {
    match function.curvature {
        Curvature::Unknown => Curvature::Convex,
        known => known,
    }
}

/// A call of a function of the registry.
pub fn call(function: &'static Function, args: Vec<Arg>, span: Span) -> Expr {
    let mut depends = Depends::Literal;
    for arg in &args {
        if let Arg::Expr(e) = arg {
            depends = depends.max(e.depends);
        }
    }
    let (shape, inner, argument) = match args.first() {
        Some(Arg::Expr(e)) => {
            let shape = match (&e.kind, e.shape) {
                (ExprKind::Rows(_), Shape::Matrix(m, _)) => Shape::Vector(m),
                (ExprKind::Cols(_), Shape::Matrix(_, n)) => Shape::Vector(n),
                _ => Shape::Scalar,
            };
            (shape, e.curvature, e.sign)
        }
        _ => (Shape::Scalar, Curvature::Constant, Sign::Unknown),
    };
    let curvature = compose(function_curvature(function), (function.monotone)(argument), inner);
    make(ExprKind::Call(function, args), shape, depends, function.sign, curvature, span)
}

/// Number of operations, and how deep they nest.
pub fn measure(e: &Expr) -> (usize, usize) {
    let (mut nodes, mut deepest) = (0_usize, 0_usize);
    let mut rest = vec![(e, 1_usize)];
    while let Some((e, depth)) = rest.pop() {
        nodes += 1;
        deepest = deepest.max(depth);
        rest.extend(children(e).into_iter().map(|child| (child, depth + 1)));
    }
    (nodes, deepest)
}
