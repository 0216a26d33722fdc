//! The checker: what is reported of an answer, recomputed from the problem as written.
//!
//! The objective is evaluated from the model's own expression, not from the composite form; the violation from the constraints; the gap
//! by [`super::certificate`] on the returned point. All in `finish`, unfused, always run in f64.

use super::emit::{Emit, Mode};
use crate::calculus::{Argument, Atom, Layout, Use, sets};
use crate::composite::Composite;
use crate::expr;
use crate::model::{Constraint, Expr, ExprKind, Model, QuantityId, SetUse};
use crate::text::Names;
use sparsec_program::formula::{Entries, Formula};
use sparsec_program::program::{BlockKind, Program, Role, View};
use sparsec_program::solver::Report;
use sparsec_syntax::ast::Sense;
use std::collections::HashMap;

/// The checker's program and where it is fed and read.
#[derive(Debug)]
pub struct Checker {
    /// The program; everything is in `finish`.
    pub program: Program,
    /// Buffers of consts and params.
    pub inputs: HashMap<QuantityId, View>,
    /// Where the point goes, one per unknown.
    pub points: Vec<View>,
    /// What it reports.
    pub report: Report,
}

/// Builds the checker.
pub fn check(model: &Model, form: &Composite, single: bool) -> Checker {
    let mut cx = Emit::new(model, Mode::Check);
    cx.b.at(BlockKind::Finish);
    let mut points = Vec::new();
    for part in &form.vars {
        let q = &model.quantities[part.quantity.0];
        let (rows, cols) = part.shape.rows_cols();
        let view = cx.b.buffer(&q.canonical, rows, cols, Role::Param, "the point to check");
        cx.set_point(part.quantity, view);
        points.push(view);
    }
    let v = cx.b.scratch("v", form.len);
    for (part, point) in form.vars.iter().zip(&points) {
        cx.b.copy(v.slice(part.offset, point.len), *point);
    }

    let names = Names::of(model);
    let written = terms(&model.objective);
    let mut reported = Vec::new();
    for term in &written {
        let value = cx.data(term);
        let kept = cx.b.buffer("term", 1, 1, Role::Output, "");
        cx.b.copy(kept, value);
        reported.push((names.expr(term), kept));
    }
    let objective = cx.b.buffer("objective", 1, 1, Role::Output, "objective as written");
    cx.b.set(objective, Formula::sum(reported.iter().map(|(_, t)| *t)));

    let violations: Vec<View> = model.constraints.iter().map(|c| violation(&mut cx, &names, c)).collect();
    let violation = cx.b.buffer("violation", 1, 1, Role::Output, "largest violation of a constraint");
    cx.b.set(violation, Formula::largest(0.0, violations));

    let infeasible = cx.b.buffer("infeasible", 1, 1, Role::Output, "1 where a set is empty");
    cx.b.fill(infeasible, 0.0);
    for atom in form.blocks.iter().flat_map(|b| &b.sum.steps) {
        let empty = cx.b.scratch("empty", 1);
        if atom.rule.empty(&mut cx, atom.at.layout.as_rows(), empty) {
            cx.b.set(infeasible, infeasible.max(empty));
        }
    }

    let sign = if form.sense == Sense::Maximize { -1.0 } else { 1.0 };
    let slope = cx.b.scratch("slope_of_all", form.len);
    cx.gradient(form, v, slope);
    let mut gradient = Vec::new();
    for part in &form.vars {
        let (rows, cols) = part.shape.rows_cols();
        let to = cx.b.buffer("gradient", rows, cols, Role::Output, "gradient of the smooth terms as written");
        cx.b.set(to, sign * slope.slice(part.offset, to.len));
        gradient.push(to);
    }

    // A point rounded to f32 has a residual of that size, and a dual point made of it a gap of that size: steps in f64 take the dual
    // point to where the optimum's is. The primal point stays the one that is returned.
    let c = if single { cx.certificate_after(form, v, (STEPS, ROUNDS, GOOD)) } else { cx.certificate(form, v) };
    agreeing(&mut cx, sign, objective, &reported, c.objective, c.gap);
    let keep = |cx: &mut Emit<'_>, name: &str, from: View, doc: &str| {
        let to = cx.b.buffer(name, 1, 1, Role::Output, doc);
        cx.b.copy(to, from);
        to
    };
    let report = Report {
        objective,
        gap: keep(&mut cx, "gap", c.gap, "relative duality gap"),
        certified: keep(&mut cx, "certified", c.certified, "2: proven, 1: up to the dual violation"),
        dual_violation: keep(&mut cx, "dual_violation", c.dual_violation, "relative dual violation"),
        violation,
        infeasible,
        unbounded: keep(&mut cx, "unbounded", c.unbounded, "1 where a ray was verified"),
        gradient,
        terms: reported,
    };
    let inputs = cx.inputs().clone();
    Checker { program: cx.b.finish(), inputs, points, report }
}

/// Steps in f64 from a point that was found in f32, between two looks at the gap.
const STEPS: usize = 50;

/// The most looks.
const ROUNDS: usize = 20;

/// A gap with which they end: below the tolerance that f32 has unless another is given.
const GOOD: f64 = 5e-6;

/// How far the composite form's objective may be from the one as written, relative to the terms: rounding in any order of sums.
const AGREEMENT: f64 = 1e-6;

/// Spoils the gap where the objective that it is about is not the one of the text: then the derivation is wrong, and nothing is proved.
fn agreeing(cx: &mut Emit<'_>, sign: f64, written: View, terms: &[(String, View)], derived: View, gap: View) {
    let off = (sign * written - derived).abs();
    let size = Formula::sum(std::iter::once(1.0.into()).chain(terms.iter().map(|(_, t)| t.abs())));
    let nan = Formula::from(0.0) / 0.0;
    let agreed = off.le(AGREEMENT * &size).then(gap, nan);
    // Outside the domain both are infinite, and there is no gap in any case.
    cx.b.set(gap, size.lt(f64::INFINITY).then(agreed, gap));
}

/// The terms of a sum as written, signs taken inwards.
fn terms(e: &Expr) -> Vec<Expr> {
    let mut out = Vec::new();
    split(e, false, &mut out);
    out
}

fn split(e: &Expr, negative: bool, out: &mut Vec<Expr>) {
    match &e.kind {
        ExprKind::Add(a, b) => {
            split(a, negative, out);
            split(b, negative, out);
        }
        ExprKind::Subtract(a, b) => {
            split(a, negative, out);
            split(b, !negative, out);
        }
        ExprKind::Negate(a) => split(a, !negative, out),
        _ => out.push(match negative {
            false => e.clone(),
            true => Expr { kind: ExprKind::Negate(Box::new(e.clone())), ..e.clone() },
        }),
    }
}

fn violation(cx: &mut Emit<'_>, names: &Names, c: &Constraint) -> View {
    let out = cx.b.scratch("off", 1);
    let x = cx.data(&c.value);
    match &c.set {
        SetUse::Named(..) => {
            let indicator = sets::indicator(&c.set);
            let at = Use::of(expr::number(1.0), Layout::of(&c.value), c.span, String::new(), names);
            let argument = Argument { shift: indicator.centre, ..Argument::itself() };
            cx.atom_violation(&Atom { rule: indicator.rule, at, argument }, x, out);
        }
        SetUse::Box(lower, upper) => {
            let lower = lower.as_ref().map(|e| cx.value(e));
            let upper = upper.as_ref().map(|e| cx.value(e));
            let off = [lower.map(|l| l - x), upper.map(|u| x - u)];
            cx.b.max(out, Formula::largest(0.0, off.into_iter().flatten()));
        }
        SetUse::Equal(rhs) => {
            let rhs = cx.value(rhs);
            cx.b.max(out, (x - rhs).abs());
        }
    }
    out
}
