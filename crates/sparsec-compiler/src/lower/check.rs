//! The checker: what is reported of an answer, recomputed from the problem as written.
//!
//! The objective is evaluated from the model's own expression, not from the composite form; the violation from the constraints; gap and bound
//! by [`super::certificate`] on the returned point. Unfused, always run in f64.

use super::certificate::Certificate;
use super::emit::{Emit, Mode};
use super::formulas::ratio_or_zero;
use crate::calculus::{Argument, Atom, Layout, Use, sets};
use crate::composite::{Composite, affine};
use crate::expr;
use crate::model::{Constraint, Depends, Expr, ExprKind, Model, QuantityId, SetUse};
use crate::text::Names;
use sparsec_program::formula::{Entries, Formula};
use sparsec_program::program::{BlockKind, Program, Role, View};
use sparsec_program::solver::Report;
use sparsec_syntax::ast::Sense;
use std::collections::HashMap;

/// The checker's program and where it is fed and read.
#[derive(Debug)]
pub struct Checker<P> {
    /// The program, which may have been verified since.
    pub program: P,
    /// Buffers of consts and params.
    pub inputs: HashMap<QuantityId, View>,
    /// Where the point goes, one per unknown.
    pub points: Vec<View>,
    /// What it reports.
    pub report: Report,
}

impl<P> Checker<P> {
    /// The same with the program after `f`.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_map<Q, E>(self, f: impl FnOnce(P) -> Result<Q, E>) -> Result<Checker<Q>, E> {
        Ok(Checker { program: f(self.program)?, inputs: self.inputs, points: self.points, report: self.report })
    }
}

/// Builds the checker; `single` says that the solver works in f32.
pub fn check(model: &Model, form: &Composite, single: bool) -> Checker<Program> {
    let mut cx = Emit::new(model, Mode::Check);
    cx.single = single;
    let mut points = Vec::new();
    for part in &form.vars {
        let q = &model.quantities[part.quantity.0];
        let (rows, cols) = part.shape.rows_cols();
        let view = cx.b.buffer(&q.canonical, rows, cols, Role::Param, "the point to check");
        cx.set_point(part.quantity, view);
        points.push(view);
    }
    let tol = cx.b.buffer("tol", 1, 1, Role::Param, "the tolerance to which the point is to be proven");
    let sign = if form.sense == Sense::Maximize { -1.0 } else { 1.0 };
    let [objective, disagreement] = ["objective", "disagreement"].map(|name| cx.b.buffer(name, 1, 1, Role::Output, ""));
    let names = Names::of(model);
    let written = terms(&model.objective);

    let report = cx.in_block(BlockKind::Finish, |cx| {
        let v = point(cx, form, &points);
        let mut reported = Vec::new();
        for term in &written {
            let value = cx.data(term);
            let kept = cx.b.buffer("term", 1, 1, Role::Output, "");
            cx.b.copy(kept, value);
            reported.push((names.expr(term), kept));
        }
        cx.b.set(objective, Formula::sum(reported.iter().map(|(_, t)| *t)));
        let violations: Vec<View> = model.constraints.iter().map(|c| violation(cx, form, v, &names, c)).collect();
        let worst = Formula::largest(0.0, violations);
        let empty = empty(cx, form);
        let size = size(cx, form, &written, &reported);
        let c = cx.certificate(form, v, size, tol);
        let Certificate { gap, leftover, residual, slackness, contradiction, unbounded, rounding, .. } = c;
        // Terms that are constant on the feasible set are so there alone.
        if form.blocks.iter().any(|b| !b.sum.constants.is_empty()) {
            let inside = feasible(cx, form, &points);
            let compared = compare(cx, form, &written, inside, sign);
            cx.b.copy(disagreement, compared.disagreement);
            visit(cx, form, &points, v);
        } else {
            cx.b.set(disagreement, (sign * objective - c.objective).abs());
        }
        let mut keep = |name: &str, doc: &str, f: Formula| {
            let to = cx.b.buffer(name, 1, 1, Role::Output, doc);
            cx.b.set(to, f);
            to
        };
        Report {
            tol,
            objective,
            bound: keep("bound", "the optimum is no better", sign * c.bound),
            gap: keep("gap", "relative duality gap", gap.into()),
            leftover: keep("leftover", "relative dual violation that counts as rounding", leftover.into()),
            residual: keep("residual", "fixed-point residual", residual.into()),
            violation: keep("violation", "largest relative violation of a constraint", worst),
            slackness: keep("slackness", "what violations are worth", slackness.into()),
            contradiction: keep("contradiction", "1 where a bound lies beyond the objective", contradiction.into()),
            infeasible: keep("infeasible", "1 where a set is empty", empty),
            unbounded: keep("unbounded", "1 where a ray was verified", unbounded.into()),
            rounding: keep("rounding", "of the objective", rounding.into()),
            disagreement,
            gradient: Vec::new(),
            terms: reported,
        }
    });

    let gradient = cx.in_block(BlockKind::Step, |cx| {
        let v = point(cx, form, &points);
        let slope = cx.b.scratch("slope_of_all", form.len);
        cx.gradient(form, v, slope);
        let kept = |cx: &mut Emit<'_>, part: &crate::composite::VarPart| {
            let (rows, cols) = part.shape.rows_cols();
            let to = cx.b.buffer("gradient", rows, cols, Role::Output, "gradient of the smooth terms as written");
            cx.b.set(to, sign * slope.slice(part.offset, to.len));
            to
        };
        form.vars.iter().map(|part| kept(cx, part)).collect()
    });

    // Two objectives that differ beyond rounding are a mistake in the derivation.
    cx.in_block(BlockKind::Stop, |cx| {
        let inside = feasible(cx, form, &points);
        let compared = compare(cx, form, &written, inside, sign);
        cx.b.copy(objective, compared.written);
        cx.b.copy(report.rounding, compared.rounding);
        cx.b.copy(disagreement, compared.disagreement);
    });
    let inputs = cx.inputs().clone();
    Checker { program: cx.b.finish(), inputs, points, report: Report { gradient, ..report } }
}

/// All unknowns below each other.
fn point(cx: &mut Emit<'_>, form: &Composite, points: &[View]) -> View {
    let v = cx.b.scratch("v", form.len);
    for (part, point) in form.vars.iter().zip(points) {
        cx.b.copy(v.slice(part.offset, point.len), *point);
    }
    v
}

/// The point of the constraints next to the one given.
fn feasible(cx: &mut Emit<'_>, form: &Composite, points: &[View]) -> View {
    let (given, v) = (point(cx, form, points), cx.b.scratch("feasible", form.len));
    cx.feasible(form, given, v);
    visit(cx, form, points, v);
    v
}

/// What is written is evaluated at v from now on.
fn visit(cx: &mut Emit<'_>, form: &Composite, points: &[View], v: View) {
    for (part, point) in form.vars.iter().zip(points) {
        cx.set_point(part.quantity, v.slice(part.offset, point.len));
    }
}

/// Two objectives of one point.
struct Compared {
    written: View,
    rounding: View,
    disagreement: View,
}

/// The objective as written and as derived, at a point within the constraints.
fn compare(cx: &mut Emit<'_>, form: &Composite, written: &[Expr], v: View, sign: f64) -> Compared {
    let values: Vec<View> = written.iter().map(|term| cx.data(term)).collect();
    let written = cx.entries("written", 1, Formula::sum(values));
    let (derived, rounding) = cx.objective_with_rounding(form, v);
    let disagreement = cx.entries("disagreement", 1, (sign * written - derived).abs());
    Compared { written, rounding, disagreement }
}

/// 1 where a set is empty.
fn empty(cx: &mut Emit<'_>, form: &Composite) -> Formula {
    let mut found = Vec::new();
    for atom in form.blocks.iter().flat_map(|b| &b.sum.steps) {
        let empty = cx.b.scratch("empty", 1);
        if atom.rule.empty(cx, atom.at.layout.as_rows(), empty) {
            found.push(empty);
        }
    }
    Formula::largest(0.0, found)
}

/// The sum of the magnitudes of the terms as written, without those that are constant, on the feasible set at least.
fn size(cx: &mut Emit<'_>, form: &Composite, written: &[Expr], values: &[(String, View)]) -> Formula {
    let varying = written.iter().zip(values).filter(|(e, _)| e.depends == Depends::Var);
    let all = Formula::sum(varying.map(|(_, (_, value))| value.abs()));
    let fixed: Vec<&Expr> = form.blocks.iter().flat_map(|b| &b.sum.constants).map(|c| &c.value).collect();
    if fixed.is_empty() {
        return all;
    }
    let fixed: Vec<Formula> = fixed.into_iter().map(|e| cx.value(e).abs()).collect();
    (all - Formula::sum(fixed)).max(0.0)
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

/// The largest violation of a constraint, relative to the magnitudes of its own terms.
fn violation(cx: &mut Emit<'_>, form: &Composite, v: View, names: &Names, c: &Constraint) -> View {
    let out = cx.b.scratch("off", 1);
    let x = cx.data(&c.value);
    let sizes = match affine::affine(&c.value) {
        Ok(a) => cx.affine_sizes(form, &a, v),
        Err(_) => cx.entries("sizes", x.len, x.abs()),
    };
    match &c.set {
        SetUse::Named(..) => {
            let indicator = sets::indicator(&c.set);
            let at = Use::of(expr::number(1.0), Layout::of(&c.value), c.span, String::new(), names);
            let argument = Argument { shift: indicator.centre, ..Argument::itself() };
            cx.atom_violation(&Atom { rule: indicator.rule, at, argument }, x, sizes, out);
        }
        SetUse::Box(lower, upper) => {
            let [lower, upper] = [(lower, f64::NEG_INFINITY), (upper, f64::INFINITY)]
                .map(|(e, none)| e.as_ref().map_or(sparsec_program::formula::Value::Literal(none), |e| cx.value(e)));
            cx.b.max(out, super::formulas::outside(x, sizes, lower, upper));
        }
        SetUse::Equal(rhs) => {
            let rhs = cx.value(rhs);
            cx.b.max(out, ratio_or_zero((x - rhs).abs(), sizes + rhs.abs()));
        }
    }
    out
}
