//! Corrections by an orthonormal basis of the columns that are asked.
//!
//! With B = √W A_J and Bᵀ = Rᵀ Q the dual points move by √W Q R⁻ᵀ δ, which needs no BᵀB: two rounds reach rounding at every condition. Rows n of tangents
//! whose multipliers are free (the sum on a simplex, equalities) stand below B, with a weight: an extra dual entry, whose value nobody asks for.

use super::{Asks, Moves, Point, State, parts};
use crate::calculus::{By, Layout, Metric, Parts, Symmetric};
use crate::composite::affine::{Affine, Op, OpKind};
use crate::composite::{Composite, SmoothTerm};
use crate::lower::Emit;
use crate::lower::atoms::BlockTangent;
use crate::lower::emit::{Key, Whole};
use crate::lower::linear::Piece;
use crate::lower::terms::sum_of;
use crate::model::{Depends, ExprKind};
use sparsec_program::builder::when;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::{Compare, View};
use sparsec_runtime::Kernel;

/// No factor of more floating-point operations is made.
const MOST_FLOPS: f64 = 5e10;

/// Nor one that takes more memory, in bytes.
const MOST_BYTES: f64 = 1e9;

/// Up to this many operations a factor is made at once, beyond them where conjugate gradients fail.
const CHEAP_FLOPS: f64 = 2e8;

/// Dual entries of the losses of a form, and unknowns.
fn sizes(form: &Composite) -> (usize, usize) {
    (form.losses().map(|t| t.affine.shape.len()).sum(), form.len)
}

/// Floating-point operations and bytes of a factor.
fn cost(form: &Composite) -> (f64, f64) {
    let (m, n) = sizes(form);
    let (m, n, most) = (m as f64, n as f64, m.min(n) as f64);
    (2.0 * m * most * most, 8.0 * (2.0 * m * n + most * m + most * most))
}

/// What a factor for the repair of a dual point takes, and when it is made.
#[derive(Clone, Copy, Debug)]
pub struct RepairCost {
    /// Dual entries; none where no loss has a dual point of its own.
    pub rows: usize,
    /// Unknowns.
    pub columns: usize,
    /// Floating-point operations.
    pub flops: f64,
    /// Bytes.
    pub bytes: f64,
    /// No factor of more operations is made.
    pub most_flops: f64,
    /// Nor one of more bytes.
    pub most_bytes: f64,
    /// When.
    pub factor: Factor,
}

/// When a factor is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Once for a set of consts.
    Once,
    /// At every check that needs it.
    PerCheck,
    /// The same, after conjugate gradients have failed.
    AfterIterations,
    /// It would take too much.
    Never,
}

/// What repair takes for a form.
pub fn repair_cost(form: &Composite) -> RepairCost {
    let ((rows, columns), (flops, bytes)) = (sizes(form), cost(form));
    RepairCost { rows, columns, flops, bytes, most_flops: MOST_FLOPS, most_bytes: MOST_BYTES, factor: when_made(form) }
}

/// When a factor for a form is made.
pub(super) fn when_made(form: &Composite) -> Factor {
    match (affordable(form), cheap(form)) {
        (false, _) => Factor::Never,
        (true, false) => Factor::AfterIterations,
        (true, true) if constant(form) => Factor::Once,
        (true, true) => Factor::PerCheck,
    }
}

/// True where all is asked of quadratics whose data are consts: the factor is a const too.
fn constant(form: &Composite) -> bool {
    form.blocks.iter().all(|b| b.sum.steps.is_empty())
        && form.losses().all(|t| t.rule.quadratic().is_some() && t.depends() <= Depends::Const)
}

/// True where a factor can be made.
pub fn affordable(form: &Composite) -> bool {
    let (flops, bytes) = cost(form);
    flops <= MOST_FLOPS && bytes <= MOST_BYTES
}

/// True where making one costs nothing to speak of, and says all that is to be said.
fn cheap(form: &Composite) -> bool {
    let by_entries = form
        .blocks
        .iter()
        .flat_map(|b| &b.sum.steps)
        .all(|a| a.argument.turn.is_empty() && (a.rule.separable().is_some() || a.at.layout.count() == 1));
    cost(form).0 <= CHEAP_FLOPS && by_entries
}

/// True for a tangent of entries and rows.
pub(super) fn takes(tangent: &BlockTangent) -> bool {
    let takes = |on: Layout, within: &Symmetric| match within {
        Symmetric::Diagonal(_) => true,
        Symmetric::Blocks { parts: Parts::Vectors(_), .. } => on.count() == 1 && on.by != By::Columns,
        Symmetric::LowRank { .. } => on.by != By::Columns,
        Symmetric::Blocks { .. } | Symmetric::Dense { .. } => false,
    };
    tangent.by_entries && tangent.within.iter().all(|(atom, within)| takes(atom.at.layout, within))
}

/// The maps of all losses as one matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    /// A, m×n
    matrix: View,
    /// b
    offset: View,
    /// l
    linear: View,
}

/// Rows whose multipliers are free.
#[derive(Clone, Copy, Debug)]
struct Free {
    offset: usize,
    rows: View,
    count: usize,
    factor: Value,
}

/// A factor and where it is kept.
#[derive(Debug)]
pub(super) struct Direct {
    rows: Rows,
    m: usize,
    n: usize,
    most: usize,
    free: Vec<Free>,
    /// Rows of `free`, at least one.
    more: usize,
    /// Row k is the k-th basis vector; R; the columns with their scales.
    basis: [View; 3],
    /// √w of every row.
    roots: View,
    /// It is never made again.
    constant: bool,
}

impl Direct {
    pub(super) fn new(cx: &mut Emit<'_>, point: &Point<'_>, asks: &Asks, rows: Rows) -> Self {
        let form = point.form;
        let (m, n) = sizes(form);
        let mut free = Vec::new();
        for ((_, block, _), tangent) in point.blocks().zip(&asks.tangents) {
            for (_, within) in tangent.iter().flat_map(|t| &t.within) {
                let (rows, count, factor) = match *within {
                    Symmetric::LowRank { rows, count, factor, .. } => (rows, count, factor),
                    Symmetric::Blocks { direction, factor, .. } => (direction, 1, factor),
                    _ => continue,
                };
                free.push(Free { offset: block.offset, rows, count, factor });
            }
        }
        let more = free.iter().map(|f| f.count).sum::<usize>().max(1);
        let most = (m + more).min(n);
        let constant = constant(form);
        let lens = [("basis", most, m + more), ("r", most, most), ("which", 2 * most + 1, 1), ("roots", m + more, 1)];
        if constant {
            let all = cx.once(Key::Whole(Whole::Basis), Depends::Const, &lens, |cx, out| {
                let zero = cx.table("zero", vec![0.0]);
                let [live, chosen] = [m, n].map(|len| {
                    let ones = cx.b.scratch("ones", len);
                    cx.b.fill(ones, 1.0);
                    ones
                });
                factor(cx, point, rows.matrix, &[], (live, zero), chosen, [out[0], out[1], out[2], out[3]]);
            });
            let (basis, roots) = ([all[0], all[1], all[2]], all[3]);
            return Direct { rows, m, n, most, free, more, basis, roots, constant };
        }
        let room = |cx: &mut Emit<'_>, (name, rows, cols): (&str, usize, usize)| cx.b.scratch(name, rows * cols);
        let [q, r, which, roots] = lens.map(|len| room(cx, len));
        for of in [q, r, which, roots] {
            cx.b.fill(of, 0.0);
        }
        Direct { rows, m, n, most, free, more, basis: [q, r, which], roots, constant }
    }

    /// `u = −(Aᵀ z + l)`, summed in twice the precision.
    pub(super) fn slopes_twice(&self, cx: &mut Emit<'_>, state: &State) {
        let (s, work) = (cx.b.scratch("slope", self.n), cx.b.scratch("work", self.n));
        let inputs = [self.rows.matrix, state.z, self.rows.linear];
        cx.b.kernel(Kernel::GemvTTwice, &[self.m, self.n], &inputs, &[s, work]);
        cx.b.set(state.u, -s);
    }

    pub(super) fn solve(&self, cx: &mut Emit<'_>, point: &Point<'_>, asks: &Asks, state: &State) -> Moves {
        let total = self.m + self.more;
        if !self.constant {
            cx.branch(when(0.0, Compare::Lt, state.stale), |cx| {
                let chosen = cx.entries("chosen", self.n, asks.smooth.max(state.joined));
                let [q, r, which] = self.basis;
                let room = [q, r, which, self.roots];
                factor(cx, point, self.rows.matrix, &self.free, (state.live, state.coarse), chosen, room);
                cx.b.fill(state.stale, 0.0);
            });
        }
        let [along, e, work] = [("along", total), ("e", self.n), ("work", self.most)].map(|(n, l)| cx.b.scratch(n, l));
        let [q, r, which] = self.basis;
        cx.b.kernel(Kernel::NormalSolve, &[total, self.n, self.most], &[q, r, which, state.missed], &[along, e, work]);
        let mut offset = 0;
        let mut dual = Vec::new();
        for loss in &point.losses {
            let len = loss.t.len;
            let moved = cx.b.scratch("moved", len);
            let metric = loss.term.rule.metric(cx, loss.term.at.layout, loss.coefficient, loss.t, state.coarse);
            if let Metric::Form(..) = metric {
                let (image, rows) = (cx.b.scratch("image", len), self.rows.matrix.slice(offset * self.n, len * self.n));
                cx.b.kernel(Kernel::Gemv, &[len, self.n], &[rows, e], &[image]);
                cx.metric_times(&metric, loss.term.at.layout, image, moved);
                cx.b.set(moved, -moved);
            } else {
                let (root, along) = (self.roots.slice(offset, len), along.slice(offset, len));
                cx.b.set(moved, -(root * along));
            }
            dual.push(moved);
            offset += len;
        }
        Moves { dual, primal: e }
    }
}

/// The basis of the chosen columns of √W A with the free rows below it. `room` is for q, r, which and the roots.
fn factor(
    cx: &mut Emit<'_>,
    point: &Point<'_>,
    matrix: View,
    free: &[Free],
    (live, coarse): (View, View),
    chosen: View,
    [q, r, which, roots]: [View; 4],
) {
    let (m, n) = sizes(point.form);
    let more = free.iter().map(|f| f.count).sum::<usize>().max(1);
    let most = (m + more).min(n);
    let metrics: Vec<Metric<'_>> =
        point.losses.iter().map(|l| l.term.rule.metric(cx, l.term.at.layout, l.coefficient, l.t, coarse)).collect();
    let plain = metrics.iter().all(|metric| matches!(metric, Metric::Diagonal(_)));
    let rows = if plain { matrix } else { cx.b.scratch("rows", m * n) };
    let mut offset = 0;
    for ((loss, metric), live) in point.losses.iter().zip(&metrics).zip(parts(point, live)) {
        let (len, on) = (loss.t.len, loss.term.at.layout);
        let (root, from) = (roots.slice(offset, len), matrix.slice(offset * n, len * n));
        let to = rows.slice(offset * n, len * n);
        match *metric {
            Metric::Diagonal(w) => {
                cx.b.set(root, (w * live).max(0.0).sqrt());
                if !plain {
                    cx.b.copy(to, from);
                }
            }
            Metric::FixedSum(w) => {
                let weights = cx.entries("weights", len, w * live);
                cx.b.set(root, weights.sqrt());
                let work = cx.b.scratch("work", n);
                cx.b.kernel(Kernel::CentreRows, &[on.count(), on.len(), n], &[from, weights], &[to, work]);
            }
            Metric::Form(w, form) => {
                cx.b.set(root, w.max(0.0).sqrt());
                let form = cx.data(form);
                let root_of = cx.kernel_once(&["root"], Kernel::PsdRoot, &[len], &[form])[0];
                cx.b.kernel(Kernel::GemmNn, &[len, len, n], &[root_of, from], &[to]);
            }
        }
        offset += len;
    }
    let below = cx.b.scratch("free_rows", more * n);
    cx.b.fill(below, 0.0);
    cx.b.fill(roots.slice(m, more), 1.0);
    if !free.is_empty() {
        // As large as the rest of the columns together.
        let (norms, weight) = (cx.b.scratch("norms", m), cx.b.scratch("weight", 1));
        cx.b.kernel(Kernel::RowNorms, &[m, n], &[rows], &[norms]);
        cx.b.sum(weight, (norms * roots.slice(0, m)).square());
        let mut row = 0;
        for f in free {
            let len = f.rows.len / f.count;
            let scaled = cx.entries("free", f.rows.len, (10.0 * (-f.factor).max(0.0).sqrt() * weight.sqrt()) * f.rows);
            let at = cx.table("place", vec![row as f64, f.offset as f64]);
            cx.b.kernel(Kernel::PlaceBlock, &[f.count, len, more, n], &[scaled, at], &[below]);
            row += f.count;
        }
    }
    let work = cx.b.scratch("work", (m + more + most) * 64);
    cx.b.kernel(Kernel::ColumnSpace, &[m, more, n, most], &[rows, below, roots, chosen], &[q, r, which, work]);
}

impl Emit<'_> {
    /// The maps of all losses as one matrix, with what they add.
    pub(super) fn rows(&mut self, point: &Point<'_>) -> Rows {
        let form = point.form;
        let (m, n) = sizes(form);
        let linear = self.b.scratch("linear", n);
        self.adjoint_sum(form, &[], 1.0, linear);
        let terms: Vec<&SmoothTerm> = point.losses.iter().map(|l| l.term).collect();
        let offsets: Vec<(Value, usize)> = terms
            .iter()
            .map(|t| {
                let value = t.affine.offset.as_ref().map_or(Value::Literal(0.0), |o| self.value(o));
                (value, t.affine.shape.len())
            })
            .collect();
        let offset = self.joined(&offsets);
        if let [only] = terms[..]
            && let Some(matrix) = self.as_it_is(form, &only.affine)
        {
            return Rows { matrix, offset, linear };
        }
        let level = terms.iter().flat_map(|t| &t.affine.terms).map(|t| t.depends()).max().unwrap_or(Depends::Literal);
        let matrix = self.once(Key::Whole(Whole::Rows), level, &[("all_rows", m, n)], |cx, out| {
            cx.b.fill(out[0], 0.0);
            let mut row = 0;
            for term in &terms {
                cx.place_rows(form, &term.affine, row, out[0]);
                row += term.affine.shape.len();
            }
        })[0];
        Rows { matrix, offset, linear }
    }

    /// A matrix in memory that is all of an affine expression's map.
    fn as_it_is(&mut self, form: &Composite, a: &Affine) -> Option<View> {
        let [term] = &a.terms[..] else { return None };
        let [Op { kind: OpKind::Left(matrix), input, .. }] = &term.ops[..] else { return None };
        let whole = form.part(term.var)?.shape.len() == form.len && input.rows_cols().1 == 1;
        let plain = whole && self.value(&term.scale) == Value::Literal(1.0);
        (plain && !matches!(matrix.kind, ExprKind::Transpose(_))).then(|| self.data(matrix))
    }

    /// Puts the map of an affine expression into a matrix, from a row on.
    fn place_rows(&mut self, form: &Composite, a: &Affine, row: usize, into: View) {
        let m = a.shape.len();
        let height = into.len / form.len;
        for part in &form.vars {
            let terms: Vec<_> = a.terms.iter().filter(|t| t.var == part.quantity).collect();
            let len = part.shape.len();
            match terms[..] {
                [] => {}
                [term] if matches!(&term.ops[..], [Op { kind: OpKind::Left(_), input, .. }] if input.rows_cols().1 == 1) =>
                {
                    let OpKind::Left(matrix) = &term.ops[0].kind else { continue };
                    let (matrix, scale) = (self.data(matrix), self.value(&term.scale));
                    let block = self.entries("block", matrix.len, scale * matrix);
                    let at = self.table("place", vec![row as f64, part.offset as f64]);
                    self.b.kernel(Kernel::PlaceBlock, &[m, len, height, form.len], &[block, at], &[into]);
                }
                _ => {
                    // Column by column or row by row, whichever are fewer.
                    let by_columns = len <= m;
                    let count = if by_columns { len } else { m };
                    let (k, at) = (self.b.scratch("k", 1), self.b.scratch("place", 2));
                    self.b.fill(k, 0.0);
                    self.repeat(count, None, |cx| {
                        let unit = cx.b.scratch("unit", count);
                        cx.b.kernel(Kernel::Unit, &[count], &[k], &[unit]);
                        let mut pieces = Vec::new();
                        for term in &terms {
                            let ops = term.ops.iter();
                            let view = match by_columns {
                                true => ops.fold(unit, |x, op| cx.forward_op(op, x)),
                                false => ops.rev().fold(unit, |x, op| cx.adjoint_op(op, x)),
                            };
                            pieces.push(Piece { scale: cx.value(&term.scale), view });
                        }
                        let image = cx.entries("image", if by_columns { m } else { len }, sum_of(None, &pieces));
                        let start = [row as f64, part.offset as f64];
                        let along = usize::from(by_columns);
                        cx.b.set(at.slice(along, 1), start[along] + k);
                        cx.b.fill(at.slice(1 - along, 1), start[1 - along]);
                        let shape = if by_columns { [m, 1] } else { [1, len] };
                        let dims = [shape[0], shape[1], height, form.len];
                        cx.b.kernel(Kernel::PlaceBlock, &dims, &[image, at], &[into]);
                        cx.b.set(k, k + 1.0);
                    });
                }
            }
        }
    }

    /// The losses at the point again, with A v + b summed in twice the precision.
    pub(super) fn evaluate_twice(&mut self, point: &Point<'_>, rows: &Rows) {
        let (m, n) = sizes(point.form);
        let (t, work) = (self.b.scratch("t", m), self.b.scratch("work", 2 * n));
        self.b.kernel(Kernel::GemvTwice, &[m, n], &[rows.matrix, point.v, rows.offset], &[t, work]);
        for (loss, t) in point.losses.iter().zip(parts(point, t)) {
            self.b.copy(loss.t, t);
            let value = self.smooth_value(loss.term, t);
            self.b.copy(loss.value, value);
            let at = self.slope_at(loss.term, t);
            self.b.copy(loss.gradient, at.z);
        }
        self.b.set(point.objective, Formula::sum(point.terms()));
    }
}
