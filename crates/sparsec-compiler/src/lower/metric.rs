//! The metric of proximal gradient steps: a diagonal M that majorises the curvature of the smooth part, so that steps 1/M descend.
//!
//! With maps Aₖ of the unknowns in a term c f(Σ Aₖ v + b), scales Sₖ and κₖ = ‖Aₖ Sₖ‖²,
//! ‖Σ Aₖ d‖² ≤ (Σ √κₖ ‖Sₖ⁻¹ d‖)² ≤ (Σ κₖ) Σ ‖Sₖ⁻¹ d‖² (Cauchy and Schwarz), so that M = Σ c L_f (Σ κₖ) Σ Sₖ⁻² over the terms majorises. S⁻¹ has the lengths
//! of the columns: then κ is no larger than their number, whatever their units, and 1 where they are orthogonal. Where the lengths differ little S
//! is one number, and M the Lipschitz constant of the gradient.
//!
//! A prox stays what it is in a diagonal metric where it is taken entry by entry; on other blocks M is one number, their largest.

use super::emit::{Emit, Key, Whole};
use super::formulas::ratio_or_zero;
use crate::calculus::{By, Quadratic};
use crate::composite::affine::{Affine, Op, OpKind, Term};
use crate::composite::{Block, Composite, SmoothTerm, VarPart};
use crate::model::{Depends, Expr, ExprKind};
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::{ReduceOp, View};
use sparsec_program::solver::Shape;
use sparsec_runtime::Kernel;

/// Squared lengths of columns that differ by no more than this count as equal: lengths by 4.
const ALIKE: f64 = 16.0;

/// In which metric steps are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// One step 1/L for all unknowns.
    Identity,
    /// One for each unknown whose prox allows it, by its column.
    Diagonal,
    /// `Diagonal` for columns whose lengths differ by more than 4.
    ByUnits,
}

/// Steps 1/M and M: scalars, or with an entry for every entry of v.
#[derive(Clone, Debug)]
pub struct Steps {
    /// 1/M
    pub gamma: Value,
    /// M, where it differs from entry to entry.
    pub metric: Option<View>,
    /// The steps of the blocks' proxes.
    pub blocks: Vec<Value>,
}

impl Steps {
    /// One step for all unknowns.
    pub fn uniform(form: &Composite, gamma: Value) -> Self {
        Steps { gamma, metric: None, blocks: vec![gamma; form.blocks.len()] }
    }
}

/// S⁻² of a map, by the entries of its unknown or one number for all, and κ.
struct Scaled {
    squares: Value,
    kappa: Value,
}

/// True where the prox of a block is taken entry by entry.
pub fn by_entries(block: &Block) -> bool {
    block
        .sum
        .steps
        .iter()
        .all(|a| a.rule.separable().is_some() && a.argument.turn.is_empty() && a.at.layout.by != By::Columns)
}

impl Emit<'_> {
    /// The steps in a metric.
    pub fn steps(&mut self, form: &Composite, metric: Metric) -> Steps {
        if metric == Metric::Identity || !form.blocks.iter().any(by_entries) && form.groups().iter().all(|g| *g == 0) {
            let gamma = self.step_size(form);
            return Steps::uniform(form, gamma);
        }
        let mut pieces: Vec<(&VarPart, Value)> = Vec::new();
        for term in &form.smooth {
            let c = self.value(&term.at.coefficient);
            let (l, scaled) = self.scaled_term(form, term, metric);
            let kappas: Vec<Value> = scaled.iter().map(|(_, s)| s.kappa).collect();
            let bound = self.scalar_sum("joint_norm", &kappas);
            let factor = self.product(&[c, l, bound]);
            for (part, Scaled { squares, .. }) in scaled {
                let piece = match squares {
                    Value::View(View { len: 2.., .. }) => Value::View(self.entries_once("curvature", factor * squares)),
                    _ => self.product(&[factor, squares]),
                };
                pieces.push((part, piece));
            }
        }
        if form.vars.len() == 1 && pieces.iter().all(|(_, p)| p.view().is_none_or(|v| v.len == 1)) {
            let gamma = self.step_size(form);
            return Steps::uniform(form, gamma);
        }
        let views: Vec<View> = pieces.iter().filter_map(|(_, piece)| piece.view()).collect();
        let (level, n) = (self.level_of(&views), form.len);
        let rooms = [("metric", n, 1), ("steps", n, 1)];
        let made = self.once(Key::Whole(Whole::Metric), level, &rooms, |cx, out| cx.joint_metric(form, &pieces, out));
        let of_block = |b: &Block| made[1].slice(b.offset, if by_entries(b) { b.len } else { 1 });
        let blocks = form.blocks.iter().map(|b| Value::View(of_block(b))).collect();
        Steps { gamma: Value::View(made[1]), metric: Some(made[0]), blocks }
    }

    /// M from its pieces, and 1/M.
    fn joint_metric(&mut self, form: &Composite, pieces: &[(&VarPart, Value)], out: &[View]) {
        let (metric, gamma) = (out[0], out[1]);
        for part in &form.vars {
            let here = pieces.iter().filter(|(p, _)| p.quantity == part.quantity).map(|(_, piece)| *piece);
            self.b.set(
                metric.slice(part.offset, part.shape.len()),
                Formula::sum(std::iter::once(Value::Literal(0.0)).chain(here)),
            );
        }
        for block in form.blocks.iter().filter(|b| !by_entries(b)) {
            self.level_out(metric.slice(block.offset, block.len));
        }
        // What no smooth term sees takes any step: that of the largest curvature, or 1.
        let top = self.b.scratch("largest_curvature", 1);
        self.b.max(top, metric);
        let seen = top.gt(0.0).then(top, 1.0);
        self.b.set(metric, metric.gt(0.0).then(metric, seen));
        self.b.set(gamma, 1.0 / metric);
    }

    /// Every entry becomes the largest.
    fn level_out(&mut self, of: View) {
        let top = self.b.scratch("top", 1);
        self.b.max(top, of);
        self.b.set(of, top);
    }

    /// L_f and the scaled maps of a smooth term.
    fn scaled_term<'f>(
        &mut self,
        form: &'f Composite,
        term: &SmoothTerm,
        metric: Metric,
    ) -> (Value, Vec<(&'f VarPart, Scaled)>) {
        if let ([at], Some(Quadratic::Form(q))) = (&term.affine.terms[..], term.rule.quadratic())
            && at.ops.is_empty()
            && let Some(part) = form.part(at.var)
        {
            return (Value::Literal(2.0), vec![(part, self.scaled_form(form, at, q, part, metric))]);
        }
        let l = term.rule.lipschitz(self);
        let parts = |t: &Term| form.part(t.var);
        let of_parts = |cx: &mut Self, a: &Affine| {
            a.terms
                .iter()
                .filter_map(|t| Some((parts(t)?, t)))
                .map(|(p, t)| (p, cx.scaled_map(form, t, p, metric)))
                .collect()
        };
        (l, of_parts(self, &term.affine))
    }

    /// vᵀ Q v: Q ≼ κ diag(Q) with κ that of Q scaled to a unit diagonal.
    fn scaled_form(&mut self, form: &Composite, at: &Term, q: &Expr, part: &VarPart, metric: Metric) -> Scaled {
        let (n, q) = (q.shape.rows_cols().0, self.data(q));
        let roots = self.kernel_once(&["unit_scale", "unit_diagonal"], Kernel::Equilibrate, &[n], &[q])[0];
        let diagonal = self.entries_once("diagonal", ratio_or_zero(1.0, roots.square()));
        let own = self.own_squares(form, part, diagonal, metric);
        let level = self.level_of(&[own]);
        let kappa = self.once(Key::Scaled(q, own), level, &[("scaled_norm", 1, 1)], |cx, out| {
            let scale = cx.entries("scale", n, ratio_or_zero(1.0, own.sqrt()));
            let [rows, half, scaled] = ["row_scale", "half", "scaled"].map(|name| cx.b.scratch(name, n * n));
            cx.b.kernel(Kernel::RowSpread, &[n, n], &[scale], &[rows]);
            cx.b.kernel(Kernel::ScaleColumns, &[n, n], &[q, scale], &[half]);
            cx.b.set(scaled, rows * half);
            let work = cx.kernel_work(Kernel::EigenMax, &[n]);
            cx.b.kernel(Kernel::EigenMax, &[n], &[scaled], &[out[0], work]);
        })[0];
        let scale = self.value(&at.scale);
        Scaled { squares: self.times_scalars(own, &[scale, scale]), kappa: Value::View(kappa) }
    }

    /// S⁻² and κ of one map.
    fn scaled_map(&mut self, form: &Composite, at: &Term, part: &VarPart, metric: Metric) -> Scaled {
        let whole = |cx: &mut Self| Scaled { squares: cx.term_norm_squared(at), kappa: Value::Literal(1.0) };
        let inside = |b: &&Block| b.offset < part.offset + part.shape.len() && part.offset < b.offset + b.len;
        if !form.blocks.iter().filter(inside).any(by_entries) {
            return whole(self);
        }
        let Some((first, rest)) = at.ops.split_first() else { return whole(self) };
        let (squares, kappa) = match first {
            Op { kind: OpKind::Left(a), input: Shape::Vector(_), .. } => {
                let columns = self.squares_of_columns(a);
                let own = self.own_squares(form, part, columns, metric);
                (own, self.scaled_norm(a, own))
            }
            Op { kind: OpKind::Diagonal(d), .. } if d.shape.len() > 1 => {
                let entries = self.squares_of_entries(d);
                (self.own_squares(form, part, entries, metric), Value::Literal(1.0))
            }
            Op { kind: OpKind::Dot(d), .. } if d.shape.len() > 1 => {
                let entries = self.squares_of_entries(d);
                let own = self.own_squares(form, part, entries, metric);
                (own, Value::View(self.sum_once("scaled_norm", ratio_or_zero(entries, own))))
            }
            _ => return whole(self),
        };
        let scale = self.value(&at.scale);
        let mut factors = vec![scale, scale];
        factors.extend(rest.iter().map(|op| self.op_norm_squared(op)));
        Scaled { squares: self.times_scalars(squares, &factors), kappa }
    }

    fn times_scalars(&mut self, of: View, factors: &[Value]) -> Value {
        match self.product(factors) {
            Value::Literal(1.0) => Value::View(of),
            factor => Value::View(self.entries_once("own_squares", factor * of)),
        }
    }

    /// The squares of columns, their largest on blocks whose entries go together, and everywhere where they are alike.
    fn own_squares(&mut self, form: &Composite, part: &VarPart, columns: View, metric: Metric) -> View {
        let level = self.level_of(&[columns]);
        self.once(Key::OwnSquares(columns, part.offset), level, &[("own_squares", columns.len, 1)], |cx, out| {
            let own = out[0];
            cx.b.copy(own, columns);
            for block in form.blocks.iter().filter(|b| !by_entries(b)) {
                let start = block.offset.max(part.offset);
                let end = (block.offset + block.len).min(part.offset + columns.len);
                if start < end {
                    cx.level_out(own.slice(start - part.offset, end - start));
                }
            }
            if metric == Metric::ByUnits {
                let [top, least] = ["longest", "shortest"].map(|name| cx.b.scratch(name, 1));
                cx.b.map(columns.len, |m| {
                    m.max(top, own);
                    m.reduce(ReduceOp::Min, least, own.gt(0.0).then(own, f64::INFINITY));
                });
                cx.b.set(own, top.gt(ALIKE * least).then(own, top));
            }
        })[0]
    }

    /// ‖A S‖² for scales S = 1/√squares of the columns.
    fn scaled_norm(&mut self, a: &Expr, squares: View) -> Value {
        let (of, transposed) = match &a.kind {
            ExprKind::Transpose(of) => (&**of, true),
            _ => (a, false),
        };
        let ((rows, cols), of) = (of.shape.rows_cols(), self.data(of));
        let level = self.level_of(&[of, squares]).max(Depends::Const);
        let norm = self.once(Key::Scaled(of, squares), level, &[("scaled_norm", 1, 1)], |cx, out| {
            let scale = cx.entries("scale", squares.len, ratio_or_zero(1.0, squares.sqrt()));
            let scaled = cx.b.scratch("scaled", rows * cols);
            if transposed {
                cx.b.kernel(Kernel::RowSpread, &[rows, cols], &[scale], &[scaled]);
                cx.b.set(scaled, scaled * of);
            } else {
                cx.b.kernel(Kernel::ScaleColumns, &[rows, cols], &[of, scale], &[scaled]);
            }
            let work = cx.kernel_work(Kernel::SpectralNormSquared, &[rows, cols]);
            cx.b.kernel(Kernel::SpectralNormSquared, &[rows, cols], &[scaled], &[out[0], work]);
        });
        Value::View(norm[0])
    }
}
