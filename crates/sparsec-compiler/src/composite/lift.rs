//! Penalties and sets on parts of an unknown that overlap, as ones on the whole that they cover.

use crate::calculus::sets::affine::Affine;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::sets::slab::Slab;
use crate::calculus::{Atom, Proxable, Use};
use crate::expr;
use crate::model::{Arg, Expr};
use sparsec_program::solver::Shape;

/// The atom on `total` entries of which it has those from `before` on; entries beside them are free. `None` where its prox is not one
/// of the kinds that leave entries alone.
///
/// - a weighted l1 norm has the weight 0 there
/// - bounds are infinite there; equal bounds are an equality of single entries
/// - rows of an equality or halfspace have coefficients 0 there
/// - groups have none of them
pub fn lift(atom: &Atom, before: usize, total: usize) -> Option<Atom> {
    let at = &atom.at;
    let len = at.rows * at.len;
    if (before, len) == (0, total) {
        return Some(atom.clone());
    }
    if at.rows != 1 || before + len > total {
        return None;
    }
    let pad = |e: Expr, value: f64| padded(e, len, before, total, value);
    let whole = Use { len: total, ..at.clone() };
    let facts = atom.facts();
    let arg = |i: usize| at.args.get(i).and_then(Arg::expr).cloned();
    let named = |rule: &dyn Proxable| atom.rule.name() == rule.name();
    if named(&Bounds) {
        let (lower, upper) = (arg(0)?, arg(1)?);
        if same(&lower, &upper) {
            let mut selection = vec![0.0; len * total];
            (0..len).for_each(|i| selection[i * total + before + i] = 1.0);
            let rows = expr::literal(selection, Shape::Matrix(len, total));
            let right = expr::reshape(expr::fill(lower, Shape::Vector(len)), Shape::Vector(len));
            let args = vec![Arg::Expr(rows), Arg::Expr(right)];
            return Some(Atom { rule: &Affine, at: Use { args, ..whole } });
        }
        let args = vec![Arg::Expr(pad(lower, f64::NEG_INFINITY)), Arg::Expr(pad(upper, f64::INFINITY))];
        return Some(Atom { rule: atom.rule, at: Use { args, ..whole } });
    }
    if named(&Affine) {
        let (matrix, right) = (arg(0)?, arg(1)?);
        let k = right.shape.len();
        let after = total - before - len;
        let zeros = |n: usize| expr::literal(vec![0.0; n * k], Shape::Matrix(n, k));
        let columns = [zeros(before), transposed(expr::reshape(matrix, Shape::Matrix(k, len))), zeros(after)];
        let columns = columns.into_iter().filter(|part| part.shape.rows_cols().0 > 0).collect();
        let rows = transposed(expr::stack(columns, Shape::Matrix(total, k)));
        return Some(Atom { rule: atom.rule, at: Use { args: vec![Arg::Expr(rows), Arg::Expr(right)], ..whole } });
    }
    if named(&Slab) {
        let mut args = at.args.clone();
        args[0] = Arg::Expr(pad(arg(0)?, 0.0));
        return Some(Atom { rule: atom.rule, at: Use { args, ..whole } });
    }
    if facts.linear_on_nonneg && facts.separable {
        let weights = pad(at.weights.clone().unwrap_or_else(|| expr::number(1.0)), 0.0);
        let shift = at.shift.clone().map(|s| pad(s, 0.0));
        return Some(Atom { rule: atom.rule, at: Use { weights: Some(weights), shift, ..whole } });
    }
    if let (true, [Arg::Groups(groups), ..]) = (facts.group_radial, at.args.as_slice()) {
        let moved = groups.iter().map(|g| g.iter().map(|i| i + before).collect()).collect();
        let mut args = at.args.clone();
        args[0] = Arg::Groups(moved);
        let shift = at.shift.clone().map(|s| pad(s, 0.0));
        return Some(Atom { rule: atom.rule, at: Use { args, shift, ..whole } });
    }
    None
}

/// `len` entries with others of one value around them.
fn padded(e: Expr, len: usize, before: usize, total: usize, value: f64) -> Expr {
    let around = |n: usize| expr::literal(vec![value; n], Shape::Vector(n));
    let inside = expr::reshape(expr::fill(e, Shape::Vector(len)), Shape::Vector(len));
    let parts = [around(before), inside, around(total - before - len)];
    expr::stack(parts.into_iter().filter(|p| !p.shape.is_empty()).collect(), Shape::Vector(total))
}

/// The transpose, of literals at once.
fn transposed(e: Expr) -> Expr {
    let (m, n) = e.shape.rows_cols();
    match &e.kind {
        crate::model::ExprKind::Literal(v) => {
            let values = (0..n * m).map(|i| v[i % m * n + i / m]).collect();
            expr::literal(values, Shape::Matrix(n, m))
        }
        _ => expr::transpose(e),
    }
}

/// True for one literal or one quantity on both sides.
fn same(a: &Expr, b: &Expr) -> bool {
    use crate::model::ExprKind::{Literal, Quantity};
    match (&a.kind, &b.kind) {
        (Literal(a), Literal(b)) => a == b,
        (Quantity(a), Quantity(b)) => a == b,
        _ => false,
    }
}
