//! Plan to program: the solver, and the checker that recomputes its answer.

mod atoms;
pub mod certificate;
pub mod check;
mod data;
pub mod emit;
pub mod formulas;
pub mod linear;
pub mod metric;
mod rows;
pub mod terms;

use crate::algorithms::Problem;
use crate::composite::Composite;
use crate::model::{Model, QuantityId, QuantityKind};
use crate::plan::Plan;
use certificate::Measured;
pub use certificate::positive;
use check::Checker;
pub use emit::{Emit, Mode};
use sparsec_program::builder::{Builder, when};
use sparsec_program::program::{BlockKind, BufferId, Compare, Program, Role, View};
use sparsec_program::solver::{Input, InputKind, Output, Settings, Signals, SolverSpec};
use std::collections::HashMap;

/// What every solver has besides its iteration: the start, the answer, and the measures that the host reads.
#[derive(Clone, Debug)]
pub struct Frame {
    starts: Vec<(usize, View)>,
    best: Vec<(usize, View)>,
    has_start: View,
    objective: View,
    measure: View,
    scale: View,
    lowest: View,
    lowest_measure: View,
    kept: View,
}

impl Frame {
    fn new(cx: &mut Emit<'_>, form: &Composite) -> Self {
        let names: Vec<(usize, String, (usize, usize))> = form
            .vars
            .iter()
            .map(|p| {
                let q = &cx.model().quantities[p.quantity.0];
                (p.offset, q.canonical.clone(), p.shape.rows_cols())
            })
            .collect();
        let best = names
            .iter()
            .map(|(o, name, (r, c))| (*o, cx.b.buffer(name, *r, *c, Role::Output, "the best iterate")))
            .collect();
        let starts = names
            .iter()
            .map(|(o, name, (r, c))| (*o, cx.b.buffer(&format!("{name}_start"), *r, *c, Role::Param, "where to start")))
            .collect();
        let has_start = cx.b.buffer("has_start", 1, 1, Role::Param, "1 where a start is given");
        let objective = cx.b.state("objective", 1, "objective at the iterate measured last, to be minimised");
        let measure =
            cx.b.state("measure", 1, "estimate of the relative gap, or residual, of the iterate measured last");
        let scale = cx.b.state("scale", 1, "size of the objective that the gap is relative to");
        let lowest = cx.b.state("lowest", 1, "the lowest objective measured");
        let lowest_measure = cx.b.state("lowest_measure", 1, "the measure there");
        let kept = cx.b.state("kept", 1, "objective at the best iterate");
        let place = cx.b.at(BlockKind::Prepare);
        for state in [measure, lowest, lowest_measure, kept] {
            cx.b.fill(state, f64::INFINITY);
        }
        cx.b.at(place);
        Frame { starts, best, has_start, objective, measure, scale, lowest, lowest_measure, kept }
    }

    /// `v =` the start made feasible; 0 made feasible where none is given.
    pub fn start(&self, cx: &mut Emit<'_>, form: &Composite, v: View) {
        let raw = cx.b.scratch("raw_start", v.len);
        for (offset, start) in &self.starts {
            // Without a start the buffers hold 0.
            cx.b.set(raw.slice(*offset, start.len), self.has_start * *start);
        }
        cx.feasible(form, raw, v);
        self.keep(&mut cx.b, v);
    }

    fn keep(&self, b: &mut Builder, v: View) {
        for (offset, best) in &self.best {
            b.copy(*best, v.slice(*offset, best.len));
        }
    }

    /// Keeps the iterate of the lowest objective (or the last one, always). At the end the last one is taken as well where
    /// its measure is smaller: it is what the loop converged to, and a gap bounds what it may lie above the lowest.
    pub fn keep_measured(&self, cx: &mut Emit<'_>, v: View, measured: &Measured, always: bool) {
        let &Measured { objective, measure, scale } = measured;
        cx.b.copy(self.objective, objective);
        cx.b.copy(self.measure, measure);
        cx.b.copy(self.scale, scale);
        if always {
            self.keep(&mut cx.b, v);
            cx.b.copy(self.kept, objective);
            return;
        }
        let better = |b: &mut Builder| {
            self.keep(b, v);
            b.copy(self.kept, objective);
            b.copy(self.lowest, objective);
            b.copy(self.lowest_measure, measure);
        };
        cx.b.branch(when(objective, Compare::Lt, self.lowest), better, |_| {});
        let place = cx.b.at(BlockKind::Finish);
        let last = |b: &mut Builder| {
            self.keep(b, v);
            b.copy(self.kept, self.objective);
        };
        cx.b.branch(when(self.measure, Compare::Lt, self.lowest_measure), last, |_| {});
        cx.b.at(place);
    }
}

/// A solver's program and where it is fed and read.
#[derive(Debug)]
pub struct Lowered<P> {
    /// The program, which may have been verified since.
    pub program: P,
    inputs: HashMap<QuantityId, View>,
    frame: Frame,
}

impl<P> Lowered<P> {
    /// The same with the program after `f`.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_map<Q, E>(self, f: impl FnOnce(P) -> Result<Q, E>) -> Result<Lowered<Q>, E> {
        Ok(Lowered { program: f(self.program)?, inputs: self.inputs, frame: self.frame })
    }
}

/// Builds the solver of a planned problem; `single` says that it works in f32.
pub fn lower(model: &Model, form: &Composite, plan: &Plan, single: bool) -> Lowered<Program> {
    let mut cx = Emit::new(model, Mode::Solver);
    cx.single = single;
    let frame = Frame::new(&mut cx, form);
    plan.algorithm.lower(&mut cx, Problem { model, form }, plan, &frame);
    let inputs = cx.inputs().clone();
    Lowered { program: cx.b.finish(), inputs, frame }
}

/// A solver and its checker as one: their programs, and how they are fed and read. `derivation` is their documentation.
pub fn joined<P>(
    model: &Model,
    form: &Composite,
    plan: &Plan,
    solver: Lowered<P>,
    checker: Checker<P>,
    derivation: String,
) -> SolverSpec<P> {
    let Lowered { program, inputs: solver_inputs, frame } = solver;
    let buffer = |map: &HashMap<QuantityId, View>, id| map.get(&id).map(|v: &View| -> BufferId { v.buffer });
    let mut inputs = Vec::new();
    for (i, q) in model.quantities.iter().enumerate() {
        let kind = match q.kind {
            QuantityKind::Const => InputKind::Const,
            QuantityKind::Param => InputKind::Param,
            QuantityKind::Var => continue,
        };
        let mut domains = q.domains.clone();
        domains.extend(q.demands.iter().map(|(d, _)| *d));
        let default = match &q.value {
            Some(crate::model::QuantityValue::Literal(v)) => Some(v.clone()),
            _ => None,
        };
        inputs.push(Input {
            name: q.name.clone(),
            canonical: q.canonical.clone(),
            docs: q.docs.clone(),
            kind,
            shape: q.shape,
            default,
            domains,
            allow_infinite: q.allow_infinite,
            buffer: buffer(&solver_inputs, QuantityId(i)),
            check_buffer: buffer(&checker.inputs, QuantityId(i)),
        });
    }
    let outputs = form
        .vars
        .iter()
        .enumerate()
        .map(|(k, p)| {
            let q = &model.quantities[p.quantity.0];
            Output {
                name: q.name.clone(),
                canonical: q.canonical.clone(),
                docs: q.docs.clone(),
                shape: q.shape,
                view: frame.best[k].1,
                start: Some(frame.starts[k].1),
                check_view: checker.points[k],
            }
        })
        .collect();
    SolverSpec {
        name: model.name.clone(),
        docs: model.docs.clone(),
        program,
        check: checker.program,
        inputs,
        outputs,
        signals: Signals {
            objective: frame.objective,
            measure: frame.measure,
            scale: frame.scale,
            kept: frame.kept,
            has_start: Some(frame.has_start),
        },
        report: checker.report,
        settings: Settings {
            algorithm: plan.algorithm.name(),
            tol: plan.tol,
            max_iter: plan.max_iter,
            check_every: plan.check_every,
            exact_steps: plan.exact_steps,
            early: certificate::check_early(model, form),
            claim: plan.claim,
        },
        derivation,
    }
}
