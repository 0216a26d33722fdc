//! Penalties and sets on some entries of v, as ones on a longer part that holds them.

use super::target::Picked;
use crate::calculus::functions::group_norm::GroupNorm;
use crate::calculus::sets::affine::Affine;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::sets::slab::Slab;
use crate::calculus::{Atom, Proxable, Use};
use crate::expr;
use crate::model::{Arg, Expr};
use sparsec_program::solver::Shape;

/// The atom on all entries of the vector in which its own are picked; the others are free. `None` where its prox is not one of the
/// kinds that leave entries alone.
///
/// - a weighted l1 norm has the weight 0 there
/// - bounds are infinite there; equal bounds beside other equalities are rows of an equality (`as_rows`)
/// - rows of an equality or halfspace have coefficients 0 there
/// - groups have none of them, and the l2 norm is one group
pub fn lift(atom: &Atom, to: &Picked, as_rows: bool) -> Option<Atom> {
    let at = &atom.at;
    let (len, total) = (at.rows * at.len, to.within);
    let named = |rule: &dyn Proxable| atom.rule.name() == rule.name();
    let arg = |i: usize| at.args.get(i).and_then(Arg::expr).cloned();
    // Bounds and rows have no shift: it is in their arguments.
    let with = |args: Vec<Expr>| {
        let args = args.into_iter().map(Arg::Expr).collect();
        Use { args, rows: 1, len: total, by_columns: false, ..at.clone() }
    };
    if as_rows && named(&Bounds) && at.turn.is_empty() {
        let (lower, upper) = (arg(0)?, arg(1)?);
        if expr::same(&lower, &upper) {
            let mut selection = vec![0.0; len * total];
            to.entries.iter().enumerate().for_each(|(k, i)| selection[k * total + i] = 1.0);
            let rows = expr::literal(selection, Shape::Matrix(len, total));
            let right = expr::reshape(expr::fill(lower, Shape::Vector(len)), Shape::Vector(len));
            return Some(Atom { rule: &Affine, at: with(vec![rows, right]) });
        }
    }
    if len == total {
        return Some(atom.clone());
    }
    if at.rows != 1 || !at.turn.is_empty() {
        return None;
    }
    let facts = atom.facts();
    let shift = match &at.shift {
        Some(s) => Some(padded(s, to, 0.0)?),
        None => None,
    };
    let whole = Use { shift, len: total, ..at.clone() };
    if named(&Bounds) {
        let (lower, upper) = (padded(&arg(0)?, to, f64::NEG_INFINITY)?, padded(&arg(1)?, to, f64::INFINITY)?);
        return Some(Atom { rule: atom.rule, at: with(vec![lower, upper]) });
    }
    if named(&Affine) {
        let (matrix, right) = (arg(0)?, arg(1)?);
        let (k, before) = (right.shape.len(), to.run()?);
        let zeros = |n: usize| expr::literal(vec![0.0; n * k], Shape::Matrix(k, n));
        let parts = vec![zeros(before), expr::reshape(matrix, Shape::Matrix(k, len)), zeros(total - before - len)];
        return Some(Atom { rule: atom.rule, at: with(vec![expr::beside(parts, k), right]) });
    }
    if named(&Slab) {
        let mut args = at.args.clone();
        args[0] = Arg::Expr(padded(&arg(0)?, to, 0.0)?);
        return Some(Atom { rule: atom.rule, at: Use { args, ..whole } });
    }
    if facts.linear_on_nonneg && facts.separable {
        let weights = padded(&at.weights.clone().unwrap_or_else(|| expr::number(1.0)), to, 0.0)?;
        return Some(Atom { rule: atom.rule, at: Use { weights: Some(weights), ..whole } });
    }
    if let (true, [Arg::Groups(groups), ..]) = (facts.group_radial, at.args.as_slice()) {
        let moved = groups.iter().map(|g| g.iter().map(|i| to.entries[*i]).collect()).collect();
        let mut args = at.args.clone();
        args[0] = Arg::Groups(moved);
        return Some(Atom { rule: atom.rule, at: Use { args, ..whole } });
    }
    if facts.radial && facts.homogeneous && !facts.set {
        let args = vec![Arg::Groups(vec![to.entries.clone()])];
        return Some(Atom { rule: &GroupNorm, at: Use { args, ..whole } });
    }
    None
}

/// The picked entries with others of one value around and between them; `None` for data on entries that are not contiguous.
fn padded(e: &Expr, to: &Picked, value: f64) -> Option<Expr> {
    let len = to.entries.len();
    if let Some(inside) = expr::numbers(e, len) {
        let mut all = vec![value; to.within];
        to.entries.iter().zip(inside).for_each(|(i, x)| all[*i] = x);
        return Some(expr::literal(all, Shape::Vector(to.within)));
    }
    let before = to.run()?;
    let around = |n: usize| expr::literal(vec![value; n], Shape::Vector(n));
    let inside = expr::reshape(expr::fill(e.clone(), Shape::Vector(len)), Shape::Vector(len));
    let parts = [around(before), inside, around(to.within - before - len)];
    Some(expr::stack(parts.into_iter().filter(|p| !p.shape.is_empty()).collect(), Shape::Vector(to.within)))
}
