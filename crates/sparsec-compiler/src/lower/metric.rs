//! The metric of proximal gradient steps: a diagonal M that majorises the curvature of the smooth part, so that steps 1/M descend.
//!
//! With maps Aₖ of the unknowns in a term c f(Σ Aₖ v + b), scales Sₖ and κₖ = ‖Aₖ Sₖ‖²,
//! ‖Σ Aₖ d‖² ≤ (Σ √κₖ ‖Sₖ⁻¹ d‖)² ≤ (Σ κₖ) Σ ‖Sₖ⁻¹ d‖² (Cauchy and Schwarz), so that M = Σ c L_f (Σ κₖ) Σ Sₖ⁻² over the terms majorises. S⁻¹ has the lengths
//! of the columns: then κ is no larger than their number, whatever their units, and 1 where they are orthogonal. Where the lengths differ little S
//! is one number, and M the Lipschitz constant of the gradient.
//!
//! Where few unknowns meet in a row of a loss, a quadratic with weights W of its own majorises it that touches it at the point (`Smooth::metric`). There M
//! is k (A ∘ A)ᵀ W, k unknowns in a row, where that is far less. Far out on a straight part of Huber's function steps are as long as the way.
//!
//! A prox stays what it is in a diagonal metric where it is taken entry by entry; M is one number, the largest, for groups that are taken one by one, and on
//! other blocks.

use super::emit::{Emit, Key, Whole};
use super::formulas::ratio_or_zero;
use super::linear::untransposed;
use super::terms::Evaluated;
use crate::calculus::{By, Metric as WeightsOf, Parts, Quadratic};
use crate::composite::affine::{Op, OpKind, Term};
use crate::composite::{Block, Composite, SmoothTerm, VarPart};
use crate::model::{Depends, Expr};
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::View;
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

/// Unknowns in a row of a loss up to which its curvature is looked at where it is.
const FEW: usize = 8;

/// Steps 1/M and M: scalars, or with an entry for every entry of v.
#[derive(Clone, Debug)]
pub struct Steps<'a> {
    /// 1/M
    pub gamma: Value,
    /// M, where it differs from entry to entry.
    pub metric: Option<View>,
    /// The steps of the blocks' proxes.
    pub blocks: Vec<Value>,
    /// Losses whose curvature is looked at where it is.
    local: Option<Local<'a>>,
}

/// Losses whose curvature depends on the point.
#[derive(Clone, Debug)]
struct Local<'a> {
    losses: Vec<LocalLoss<'a>>,
    /// M without them.
    others: View,
}

#[derive(Clone, Debug)]
struct LocalLoss<'a> {
    /// Its place among the smooth terms.
    index: usize,
    /// Unknowns that meet in a row.
    meet: usize,
    /// Its maps, with what they contribute to M at most.
    maps: Vec<(&'a VarPart, &'a Term, Value)>,
}

impl<'a> Steps<'a> {
    /// One step for all unknowns.
    pub fn uniform(form: &Composite, gamma: Value) -> Self {
        Steps { gamma, metric: None, blocks: vec![gamma; form.blocks.len()], local: None }
    }
}

/// S⁻² of a map, by the entries of its unknown or one number for all, and κ.
struct Scaled<'a> {
    part: &'a VarPart,
    map: &'a Term,
    squares: Value,
    kappa: Value,
}

/// How many entries the rows of a map have at most, of maps whose squares are known.
fn entries_of_rows(map: &Term) -> Option<usize> {
    match map.ops.as_slice() {
        [] => Some(1),
        [Op { kind: OpKind::Left(_), input: Shape::Vector(n), .. }] => Some(*n),
        [Op { kind: OpKind::Dot(_), input, .. }] => Some(input.len()),
        [Op { kind: OpKind::Diagonal(_) | OpKind::Times(_) | OpKind::Fill, .. }] => Some(1),
        _ => None,
    }
}

/// How many unknowns meet in a row of a loss whose curvature is looked at where it is.
fn unknowns_that_meet(term: &SmoothTerm) -> Option<usize> {
    let local = term.rule.quadratic().is_none() && term.rule.by_entries();
    let rows: Option<usize> = term.affine.terms.iter().map(entries_of_rows).sum();
    rows.filter(|meet| local && *meet <= FEW)
}

/// True where the prox of a block is taken entry by entry.
pub fn by_entries(block: &Block) -> bool {
    block
        .sum
        .steps
        .iter()
        .all(|a| a.rule.separable().is_some() && a.argument.turn.is_empty() && a.at.layout.by != By::Columns)
}

/// True where the prox of a block is taken part by part.
fn by_parts(block: &Block) -> bool {
    matches!(&block.sum.steps[..], [atom] if atom.argument.turn.is_empty() && atom.rule.by_parts())
}

/// True where not all entries of a block have the same step.
fn divided(block: &Block) -> bool {
    by_entries(block) || by_parts(block)
}

/// The blocks that an unknown is in.
fn blocks_of<'f>(form: &'f Composite, part: &VarPart) -> impl Iterator<Item = &'f Block> + use<'f> {
    let (start, end) = (part.offset, part.offset + part.shape.len());
    form.blocks.iter().filter(move |b| b.offset < end && start < b.offset + b.len)
}

/// The metric in words; `None` where there is one step 1/L for all.
pub fn text(form: &Composite, metric: Metric) -> Option<String> {
    if metric == Metric::Identity || one_step(form) {
        return None;
    }
    let local = form.smooth.iter().any(|term| unknowns_that_meet(term).is_some());
    let by = match metric {
        Metric::ByUnits => "for each unknown by its column where the columns' lengths differ by more than 4, else 1/L",
        _ => "for each unknown by its column",
    };
    let there = if local { ", less where a loss bends far less" } else { "" };
    Some(format!("γ = 1/M with M = Σ c L_f κ ‖A eⱼ‖², κ = ‖A‖² with columns of length 1, {by}{there}"))
}

/// True where no unknown can have a step of its own.
fn one_step(form: &Composite) -> bool {
    form.groups().iter().all(|g| *g == 0) && !form.blocks.iter().any(divided)
}

impl Emit<'_> {
    /// The steps in a metric.
    pub fn steps<'f>(&mut self, form: &'f Composite, metric: Metric) -> Steps<'f> {
        if metric == Metric::Identity || one_step(form) {
            let gamma = self.step_size(form);
            return Steps::uniform(form, gamma);
        }
        let (mut pieces, mut losses) = (Vec::new(), Vec::new());
        for (index, term) in form.smooth.iter().enumerate() {
            let c = self.value(&term.at.coefficient);
            let (l, scaled) = self.scaled_term(form, term, metric);
            let kappas: Vec<Value> = scaled.iter().map(|s| s.kappa).collect();
            let bound = self.scalar_sum("joint_norm", &kappas);
            let factor = self.product(&[c, l, bound]);
            let mut maps = Vec::new();
            for Scaled { part, map, squares, .. } in scaled {
                maps.push((part, map, self.named_product("curvature", &[factor, squares])));
            }
            match unknowns_that_meet(term) {
                Some(meet) => losses.push(LocalLoss { index, meet, maps }),
                None => pieces.extend(maps.into_iter().map(|(part, _, piece)| (part.offset, piece))),
            }
        }
        let of_losses = losses.iter().flat_map(|l| l.maps.iter().map(|(part, _, piece)| (part.offset, *piece)));
        let all: Vec<(usize, Value)> = pieces.iter().copied().chain(of_losses).collect();
        let views: Vec<View> = all.iter().filter_map(|(_, piece)| piece.view()).collect();
        if losses.is_empty() && form.vars.len() == 1 && views.iter().all(|v| v.len == 1) {
            let gamma = self.step_size(form);
            return Steps::uniform(form, gamma);
        }
        let level = self.level_of(&views).max(Depends::Const);
        let rooms = ["metric", "steps", "other_curvature"].map(|name| (name, form.len, 1));
        let made =
            self.once(Key::Whole(Whole::Metric), level, &rooms[..2 + usize::from(!losses.is_empty())], |cx, out| {
                cx.sum_by_unknowns(form, &all, out[0]);
                if let Some(others) = out.get(2) {
                    cx.sum_by_unknowns(form, &pieces, *others);
                }
                // What no smooth term sees takes any step: that of the largest curvature, or 1.
                let mut otherwise = Formula::from(1.0);
                if form.vars.iter().any(|var| all.iter().all(|(offset, _)| *offset != var.offset)) {
                    let top = cx.b.scratch("largest_curvature", 1);
                    cx.b.max(top, out[0]);
                    otherwise = top.gt(0.0).then(top, 1.0);
                }
                cx.finish_metric(form, out[0], otherwise, out[1]);
            });
        let local = made.get(2).map(|others| Local { losses, others: *others });
        let blocks = self.steps_of_blocks(form, made[0], made[1]);
        Steps { gamma: Value::View(made[1]), metric: Some(made[0]), blocks, local }
    }

    /// The steps for a point at which the smooth terms are evaluated.
    pub fn local_steps<'f>(
        &mut self,
        form: &'f Composite,
        steps: &Steps<'f>,
        at: &[(&SmoothTerm, Evaluated)],
    ) -> Steps<'f> {
        let (Some(local), Some(most)) = (&steps.local, steps.metric) else { return steps.clone() };
        let [metric, gamma] = ["local_metric", "local_steps"].map(|name| self.b.scratch(name, form.len));
        self.b.copy(metric, local.others);
        for loss in &local.losses {
            let (term, Evaluated { t, .. }) = at[loss.index];
            let (c, fine) = (self.value(&term.at.coefficient), self.table("zero", vec![0.0]));
            let WeightsOf::Diagonal(weights) = term.rule.metric(self, term.at.layout, c, t, fine) else {
                return steps.clone();
            };
            let weights = self.entries("weights", t.len, weights);
            let mut found = Vec::new();
            for (part, map, most) in &loss.maps {
                let squares = self.adjoint_squares(map, weights);
                let here = self.entries("curvature_here", part.shape.len(), loss.meet as f64 * squares);
                found.push((metric.slice(part.offset, part.shape.len()), here, *most));
            }
            // A majoriser is taken as a whole, but for entries that meet no others.
            let fits = self.b.scratch("fits", 1);
            self.b.fill(fits, 1.0);
            if loss.meet > 1 {
                for (_, here, most) in &found {
                    let beyond = self.b.scratch("beyond_most", 1);
                    self.b.max(beyond, ALIKE * *here - *most);
                    self.b.set(fits, beyond.gt(0.0).then(0.0, fits));
                }
            }
            for (to, here, most) in found {
                let far_less = (ALIKE * here).le(most).then(here, most);
                self.b.set(to, to + fits.gt(0.0).then(far_less, most));
            }
        }
        self.finish_metric(form, metric, most.into(), gamma);
        let blocks = self.steps_of_blocks(form, metric, gamma);
        Steps { gamma: Value::View(gamma), metric: Some(metric), blocks, local: None }
    }

    /// M becomes one number on blocks whose entries go together, and another where it is 0; `gamma` is 1/M.
    fn finish_metric(&mut self, form: &Composite, metric: View, where_0: Formula, gamma: View) {
        for block in form.blocks.iter().filter(|b| !by_entries(b)) {
            self.level_out(block, metric.slice(block.offset, block.len));
        }
        self.b.set(metric, metric.gt(0.0).then(metric, where_0));
        self.b.set(gamma, 1.0 / metric);
    }

    /// (A ∘ A)ᵀ w for w ≥ 0, of a map of which [`entries_of_rows`] knows how many entries its rows have.
    fn adjoint_squares(&mut self, map: &Term, w: View) -> Formula {
        let scale = self.value(&map.scale);
        let of_map: Formula = match map.ops.as_slice() {
            [Op { kind: OpKind::Left(a), .. }] => {
                let ((rows, cols), a) = (a.shape.rows_cols(), self.data(a));
                let squares = self.entries_once("matrix_squares", a.square());
                let out = self.b.scratch("sum_of_columns", cols);
                self.b.kernel(Kernel::GemvT, &[rows, cols], &[squares, w], &[out]);
                out.into()
            }
            [Op { kind: OpKind::Diagonal(d) | OpKind::Dot(d), .. }] => self.squares_of_entries(d) * w,
            [Op { kind: OpKind::Times(a), .. }] => {
                let (squares, out) = (self.squares_of_entries(a), self.b.scratch("sum_of_columns", 1));
                self.b.sum(out, squares * w);
                out.into()
            }
            [Op { kind: OpKind::Fill, .. }] => {
                let out = self.b.scratch("sum_of_columns", 1);
                self.b.sum(out, w);
                out.into()
            }
            _ => w.into(),
        };
        scale * scale * of_map
    }

    /// The steps of the blocks' proxes, of M and those for every entry.
    fn steps_of_blocks(&mut self, form: &Composite, metric: View, gamma: View) -> Vec<Value> {
        let mut steps = Vec::new();
        for block in &form.blocks {
            let [metric, gamma] = [metric, gamma].map(|of| of.slice(block.offset, block.len));
            steps.push(match self.parts_of(block) {
                _ if by_entries(block) => Value::View(gamma),
                Some(parts) => {
                    let tops = parts.tops(self, metric);
                    Value::View(self.entries_once("steps_of_parts", ratio_or_zero(1.0, tops)))
                }
                None => Value::View(gamma.slice(0, 1)),
            });
        }
        steps
    }

    /// The parts of a block that have steps of their own.
    fn parts_of(&mut self, block: &Block) -> Option<Parts> {
        let atom = block.sum.steps.first().filter(|_| by_parts(block))?;
        atom.rule.parts(self, atom.at.layout.as_rows())
    }

    /// Every entry becomes the largest of its part, or of the block.
    fn level_out(&mut self, block: &Block, of: View) {
        if of.len == block.len
            && let Some(parts) = self.parts_of(block)
        {
            let tops = parts.tops(self, of);
            let spread = parts.spread(self, tops, of.len);
            let alone =
                if let Parts::Groups { ids, .. } = parts { ids.lt(0.0).then(of, spread) } else { spread.into() };
            return self.b.set(of, alone);
        }
        let top = self.b.scratch("top", 1);
        self.b.max(top, of);
        self.b.set(of, top);
    }

    /// L_f and the scaled maps of a smooth term.
    fn scaled_term<'f>(
        &mut self,
        form: &'f Composite,
        term: &'f SmoothTerm,
        metric: Metric,
    ) -> (Value, Vec<Scaled<'f>>) {
        let maps: Vec<(&VarPart, &Term)> =
            term.affine.terms.iter().filter_map(|map| Some((form.part(map.var)?, map))).collect();
        if let ([(part, map)], Some(Quadratic::Form(q))) = (&maps[..], term.rule.quadratic())
            && map.ops.is_empty()
        {
            let (squares, kappa) = self.scaled_form(form, map, q, part, metric);
            return (Value::Literal(2.0), vec![Scaled { part, map, squares, kappa }]);
        }
        let l = term.rule.lipschitz(self);
        let scaled = |(part, map): (&'f VarPart, &'f Term)| {
            let (squares, kappa) = self.scaled_map(form, map, part, metric);
            Scaled { part, map, squares, kappa }
        };
        (l, maps.into_iter().map(scaled).collect())
    }

    /// vᵀ Q v: Q ≼ κ diag(Q) with κ that of Q scaled to a unit diagonal.
    fn scaled_form(&mut self, form: &Composite, at: &Term, q: &Expr, part: &VarPart, metric: Metric) -> (Value, Value) {
        let (n, q) = (q.shape.rows_cols().0, self.data(q));
        let roots = self.kernel_once(&["unit_scale", "unit_diagonal"], Kernel::Equilibrate, &[n], &[q])[0];
        let diagonal = self.entries_once("diagonal", ratio_or_zero(1.0, roots.square()));
        let own = self.own_squares(form, part, diagonal, metric);
        let kappa = self.once(Key::Scaled(q, own), self.level_of(&[own]), &[("scaled_norm", 1, 1)], |cx, out| {
            // S Q S is S (Q S)ᵀ.
            let [half, back, scaled] = ["half", "transposed", "scaled"].map(|name| cx.b.scratch(name, n * n));
            cx.b.kernel(Kernel::UnitColumns, &[n, n], &[q, own], &[half]);
            cx.b.kernel(Kernel::Transpose, &[n, n], &[half], &[back]);
            cx.b.kernel(Kernel::UnitColumns, &[n, n], &[back, own], &[scaled]);
            let work = cx.kernel_work(Kernel::EigenMax, &[n]);
            cx.b.kernel(Kernel::EigenMax, &[n], &[scaled], &[out[0], work]);
        })[0];
        let scale = self.value(&at.scale);
        (self.named_product("own_squares", &[scale, scale, Value::View(own)]), Value::View(kappa))
    }

    /// S⁻² and κ of one map.
    fn scaled_map(&mut self, form: &Composite, at: &Term, part: &VarPart, metric: Metric) -> (Value, Value) {
        let whole = |cx: &mut Self| (cx.term_norm_squared(at), Value::Literal(1.0));
        if !blocks_of(form, part).any(divided) {
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
        let mut factors = vec![scale, scale, Value::View(squares)];
        factors.extend(rest.iter().map(|op| self.op_norm_squared(op)));
        (self.named_product("own_squares", &factors), kappa)
    }

    /// The squares of columns, their largest on blocks whose entries go together, in place of 0, and everywhere where they are alike.
    fn own_squares(&mut self, form: &Composite, part: &VarPart, columns: View, metric: Metric) -> View {
        let alike = self.table("alike", vec![if metric == Metric::ByUnits { ALIKE } else { 0.0 }]);
        let (level, n) = (self.level_of(&[columns]), columns.len);
        self.once(Key::OwnSquares(columns, part.offset), level, &[("own_squares", n, 1)], |cx, out| {
            let mut own = columns;
            for block in blocks_of(form, part).filter(|b| !by_entries(b)) {
                if own == columns {
                    own = cx.entries("levelled", n, columns);
                }
                let start = block.offset.max(part.offset);
                let end = (block.offset + block.len).min(part.offset + n);
                cx.level_out(block, own.slice(start - part.offset, end - start));
            }
            cx.b.kernel(Kernel::Alike, &[n], &[own, alike], &[out[0]]);
        })[0]
    }

    /// ‖A S‖² for scales S = 1/√squares of the columns.
    fn scaled_norm(&mut self, a: &Expr, squares: View) -> Value {
        let ((rows, cols), (of, transposed)) = (a.shape.rows_cols(), untransposed(a));
        let of = self.data(of);
        let level = self.level_of(&[of, squares]);
        let norm = self.once(Key::Scaled(of, squares), level, &[("scaled_norm", 1, 1)], |cx, out| {
            let mut a = of;
            if transposed {
                a = cx.b.scratch("transposed", rows * cols);
                cx.b.kernel(Kernel::Transpose, &[cols, rows], &[of], &[a]);
            }
            let scaled = cx.b.scratch("scaled", rows * cols);
            cx.b.kernel(Kernel::UnitColumns, &[rows, cols], &[a, squares], &[scaled]);
            let work = cx.kernel_work(Kernel::SpectralNormSquared, &[rows, cols]);
            cx.b.kernel(Kernel::SpectralNormSquared, &[rows, cols], &[scaled], &[out[0], work]);
        });
        Value::View(norm[0])
    }
}
