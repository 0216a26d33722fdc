//! The proximal gradient step, of which ista, fista, projected gradient, homotopy and unrolled networks are made.

use super::Problem;
use crate::calculus::Atom;
use crate::lower::metric::{Metric, Steps};
use crate::lower::{Emit, Frame};
use crate::plan::{Momentum, Options, Plan, Restart, Shrink};
use sparsec_program::builder::when;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::{BlockKind, Compare, View};

/// How the step is repeated.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// `None`: no extrapolation.
    pub momentum: Option<(Momentum, Restart)>,
    /// The penalty's weight falls from λmax over this many steps.
    pub schedule: Option<u64>,
    /// Exactly as many steps as the plan says: no choice of the best iterate.
    pub exact: bool,
}

/// Builds prepare, step and stop.
pub fn lower(cx: &mut Emit<'_>, problem: Problem<'_>, plan: &Plan, frame: &Frame, scheme: Scheme) {
    let form = problem.form;
    let options = &plan.options;
    let n = form.len;

    cx.b.at(BlockKind::Prepare);
    let v = cx.b.state("v", n, "the iterate, all unknowns below each other");
    frame.start(cx, form, v);
    let metric = plan.algorithm.metric(options);
    let steps = if metric != Metric::Identity {
        cx.steps(form, metric)
    } else {
        let fixed = options.step.map_or_else(|| cx.step_size(form), Value::Literal);
        Steps::uniform(form, if options.backtracking { adaptive(cx, fixed) } else { fixed })
    };
    // Extrapolated point and momentum counter.
    let extrapolated = scheme.momentum.map(|_| {
        let w = cx.b.state("w", n, "the extrapolated point");
        let k = cx.b.state("momentum", 1, "k or t_k of the momentum");
        cx.b.copy(w, v);
        cx.b.fill(k, 1.0);
        (w, k)
    });
    let best_before = match scheme.momentum {
        Some((_, Restart::Function)) => {
            let f = cx.b.state("last_objective", 1, "objective of the iterate, for the restart");
            cx.b.fill(f, f64::INFINITY);
            Some(f)
        }
        _ => None,
    };
    let schedule = scheme.schedule.map(|layers| schedule(cx, problem, v, layers));

    cx.b.at(BlockKind::Step);
    let w = extrapolated.map_or(v, |(w, _)| w);
    let g = cx.b.scratch("grad", n);
    let at = cx.evaluated(form, w);
    cx.adjoint_sum(form, &at, 1.0, g);
    let steps = cx.local_steps(form, &steps, &at);
    if let Some(s) = &schedule {
        s.advance(cx);
    }
    let next = cx.b.scratch("next", n);
    if let (true, Value::View(gamma)) = (options.backtracking, steps.gamma) {
        backtrack(cx, problem, options, w, g, gamma, next);
    } else {
        forward_backward(cx, problem, options, w, g, &steps, schedule.as_ref().map(|s| s.factor), next);
    }
    match (scheme.momentum, extrapolated) {
        (Some((momentum, restart)), Some((w, k))) => {
            extrapolate(cx, problem, &steps, Extrapolation { momentum, restart, w, k, v, next, best_before });
        }
        _ => cx.b.copy(v, next),
    }

    cx.b.at(BlockKind::Stop);
    if options.shrink.is_some() || scheme.exact {
        let g = cx.b.scratch("grad", n);
        cx.gradient(form, v, g);
        let next = cx.b.scratch("next", n);
        forward_backward(cx, problem, options, v, g, &steps, None, next);
        let measured = cx.moved(form, v, next);
        // While the schedule runs the layers are not done, however little they move.
        if let (Some(s), false) = (&schedule, scheme.exact) {
            s.hold(cx, measured.measure);
        }
        frame.keep_measured(cx, v, &measured, true);
    } else {
        let measured = cx.measure(form, v);
        if let Some(s) = &schedule {
            s.hold(cx, measured.measure);
        }
        frame.keep_measured(cx, v, &measured, false);
    }
}

/// `next = prox_{γ G}(w − γ g)`, or the shrinkage in the prox's place.
#[allow(clippy::too_many_arguments)]
fn forward_backward(
    cx: &mut Emit<'_>,
    problem: Problem<'_>,
    options: &Options,
    w: View,
    g: View,
    steps: &Steps,
    factor: Option<View>,
    next: View,
) {
    let form = problem.form;
    let z = cx.b.scratch("forward", w.len);
    cx.b.set(z, w - steps.gamma * g);
    // Penalties are homogeneous where there is a schedule, so a factor on the weight is a factor on γ.
    let mut scaled: Option<(Value, Value)> = None;
    for (block, &gamma) in form.blocks.iter().zip(&steps.blocks) {
        let prox_gamma = match (factor, scaled) {
            (None, _) => gamma,
            (Some(_), Some((of, scaled))) if of == gamma => scaled,
            (Some(f), _) => {
                let room = cx.b.scratch("threshold_step", 1);
                cx.b.set(room, gamma * f);
                scaled = Some((gamma, Value::View(room)));
                Value::View(room)
            }
        };
        let (from, to) = (z.slice(block.offset, block.len), next.slice(block.offset, block.len));
        match options.shrink {
            None => cx.prox_block(block, from, prox_gamma, to),
            Some(Shrink::SigShrink(tau)) => match block.sum.steps.as_slice() {
                [atom] => {
                    cx.shaped(&atom.argument, atom.at.layout, from, to, |cx, x, out| {
                        let Some(rule) = atom.rule.separable() else { return };
                        let c = cx.value(&atom.at.coefficient);
                        let t = cx.named_product("threshold", &[prox_gamma, c]);
                        let [_, t] = rule.slopes(cx, t);
                        // The exponential may overflow to ∞, the quotient is then 0.
                        cx.b.set(out, x / (1.0 + (-tau * (x.abs() - t)).exp()));
                    });
                }
                _ => cx.prox_block(block, from, prox_gamma, to),
            },
        }
    }
}

/// A step that may change: it lives in the state.
fn adaptive(cx: &mut Emit<'_>, fixed: Value) -> Value {
    let gamma = cx.b.state("gamma", 1, "the step in force");
    // The search starts above 1/L, which is a bound for the worst direction only.
    cx.b.set(gamma, 8.0 * fixed);
    Value::View(gamma)
}

/// Halves γ until F(next) ≤ F(w) + ⟨g, d⟩ + ‖d‖²/(2γ), d = next − w (Beck & Teboulle 2009), at most 60 times.
///
/// The test is made on gradients, since values of F differ by less than their rounding near the solution: for a quadratic it is
/// ⟨∇F(next) − g, d⟩ ≤ ‖d‖²/γ exactly, and for any convex F half of that right side is enough.
fn backtrack(cx: &mut Emit<'_>, problem: Problem<'_>, options: &Options, w: View, g: View, gamma: View, next: View) {
    let form = problem.form;
    let quadratic = form.smooth.iter().all(|t| t.rule.quadratic().is_some());
    let allowed_part = if quadratic { 1.0 } else { 0.5 };
    let (excess, bound) = (cx.b.scratch("excess", 1), cx.b.scratch("bound", 1));
    let doubled = cx.b.scratch("doubled", 1);
    cx.b.set(doubled, 2.0 * gamma);
    cx.b.copy(gamma, doubled);
    cx.repeat(60, Some(when(excess, Compare::Le, bound)), |cx| {
        let halved = cx.b.scratch("halved", 1);
        cx.b.set(halved, 0.5 * gamma);
        cx.b.copy(gamma, halved);
        let steps = Steps::uniform(form, Value::View(gamma));
        forward_backward(cx, problem, options, w, g, &steps, None, next);
        let there = cx.b.scratch("grad_next", w.len);
        cx.gradient(form, next, there);
        let (square, size) = (cx.b.scratch("square", 1), cx.b.scratch("size", 1));
        cx.b.map(w.len, |m| {
            let d = next - w;
            m.sum(excess, (there - g) * &d);
            m.sum(square, d.square());
            m.sum(size, (g * d).abs());
        });
        // Below the rounding of the gradients the test says nothing.
        cx.b.set(bound, allowed_part * square / gamma + 1e-14 * size);
    });
}

struct Extrapolation {
    momentum: Momentum,
    restart: Restart,
    w: View,
    k: View,
    v: View,
    next: View,
    best_before: Option<View>,
}

/// Momentum with restart: w = next + β (next − v), v = next.
fn extrapolate(cx: &mut Emit<'_>, problem: Problem<'_>, steps: &Steps, x: Extrapolation) {
    let Extrapolation { momentum, restart, w, k, v, next, best_before } = x;
    let against = cx.b.scratch("against", 1);
    match (restart, best_before) {
        (Restart::Gradient, _) => {
            let turn = (w - next) * (next - v);
            // The inner product of the metric in which the step is one of length 1.
            cx.b.sum(against, steps.metric.map_or(turn.clone(), |metric| metric * turn));
        }
        (Restart::Function, Some(last)) => {
            let now = cx.objective_at(problem.form, next);
            cx.b.set(against, now - last);
            cx.b.copy(last, now);
        }
        _ => cx.b.fill(against, 0.0),
    }
    let beta = cx.b.scratch("beta", 1);
    cx.b.map(1, |m| {
        let (next_k, b) = match momentum {
            // The next step is number k + 1, with factor k/(k + 3).
            Momentum::Seed => (k + 1.0, k / (k + 3.0)),
            Momentum::Nesterov => {
                let t = 0.5 * (1.0 + (1.0 + 4.0 * k.square()).sqrt());
                (t.clone(), (k - 1.0) / t)
            }
        };
        m.store(k, against.gt(0.0).then(1.0, next_k));
        m.store(beta, against.gt(0.0).then(0.0, b));
    });
    cx.b.map(w.len, |m| {
        m.store(w, next + beta * (next - v));
        m.store(v, next);
    });
}

/// The schedule λ_l = λmax (λ/λmax)^{l/L}: a factor on the penalty's weight that falls from λmax/λ to 1.
struct Schedule {
    layers: u64,
    layer: View,
    factor: View,
    ratio: View,
}

fn schedule(cx: &mut Emit<'_>, problem: Problem<'_>, v: View, layers: u64) -> Schedule {
    let form = problem.form;
    let layer = cx.b.state("layer", 1, "layers done");
    let factor = cx.b.state("factor", 1, "λ_l/λ");
    let ratio = cx.b.state("ratio", 1, "(λ/λmax)^(1/L)");
    // λmax/λ is the gauge of −∇F(0): the least weight factor for which 0 is a solution.
    let (zero, u) = (cx.b.scratch("origin", v.len), cx.b.scratch("dual", v.len));
    let g = cx.b.scratch("grad", v.len);
    cx.b.fill(zero, 0.0);
    cx.gradient(form, zero, g);
    cx.b.set(u, -g);
    let mut gauges = Vec::new();
    for block in form.blocks.iter().filter(|b| !b.sum.steps.is_empty()) {
        let at = u.slice(block.offset, block.len);
        gauges.push(cx.gauge(block, at));
    }
    cx.b.map(1, |m| {
        let top = Formula::largest(0.0, gauges);
        // Without a penalty (λ = 0) or a gradient at 0 there is no schedule.
        let usable = top.lt(f64::INFINITY).then(&top, 1.0);
        let usable = usable.gt(0.0).then(&usable, 1.0);
        m.store(factor, &usable);
        m.store(ratio, (-1.0 / layers as f64 * usable.log()).exp());
        m.store(layer, 0.0);
    });
    Schedule { layers, layer, factor, ratio }
}

impl Schedule {
    /// To the next layer; from layer L on the factor is 1 exactly.
    fn advance(&self, cx: &mut Emit<'_>) {
        cx.b.map(1, |m| {
            let last = self.layers as f64;
            let next = (self.layer + 1.0).min(last);
            m.store(self.layer, &next);
            m.store(self.factor, next.lt(last).then(self.factor * self.ratio, 1.0));
        });
    }

    /// While layers are left the measure counts as not met.
    fn hold(&self, cx: &mut Emit<'_>, measure: View) {
        cx.b.set(measure, self.layer.lt(self.layers as f64).then(f64::MAX, measure));
    }
}

/// True where every unknown may take a step of its own: nothing is said about steps, and the plain prox is taken.
pub fn own_steps(options: &Options) -> bool {
    options.step.is_none() && !options.backtracking && options.shrink.is_none()
}

/// The step in words.
pub fn step_text(problem: Problem<'_>, options: &Options) -> String {
    let gamma = match (options.step, options.backtracking) {
        (Some(s), _) => format!("γ = {s}"),
        (None, true) => "γ by backtracking".to_owned(),
        (None, false) => "γ = 1/L".to_owned(),
    };
    let shrink = match options.shrink {
        Some(Shrink::SigShrink(tau)) => {
            let c =
                problem.form.blocks.iter().flat_map(|b| &b.sum.steps).next().map_or_else(String::new, |a| a.words().c);
            format!("; in the prox's place SigShrink(x) = x/(1 + exp(−{tau}(|x| − γ·{c})))")
        }
        None => String::new(),
    };
    format!("y ← prox(y − γ ∇F(y)), {gamma}{shrink}")
}

/// True for a sum of wᵢ|yᵢ − cᵢ|.
pub fn is_l1(a: &Atom) -> bool {
    let facts = a.rule.facts(a.at.layout);
    facts.separable && facts.homogeneous && facts.absolute && !facts.set
}

/// A shrinkage can only stand for the soft threshold of an l1 norm.
pub fn check_shrink(problem: Problem<'_>, options: &Options) -> Result<(), String> {
    if options.shrink.is_none() {
        return Ok(());
    }
    let l1_alone =
        problem.form.blocks.iter().all(|b| b.sum.steps.is_empty() || matches!(b.sum.steps.as_slice(), [a] if is_l1(a)));
    let some = problem.form.blocks.iter().any(|b| !b.sum.steps.is_empty());
    if l1_alone && some {
        Ok(())
    } else {
        Err("`shrink` takes the place of a soft threshold, and the only nonsmooth term must be an l1 norm".to_owned())
    }
}

/// A schedule needs one homogeneous penalty per block.
pub fn check_schedule(problem: Problem<'_>) -> Result<(), String> {
    let homogeneous = problem.form.blocks.iter().flat_map(|b| &b.sum.steps).all(|a| a.facts().homogeneous);
    let penalties = problem.form.blocks.iter().flat_map(|b| &b.sum.steps).filter(|a| !a.facts().set).count();
    let single = problem.form.blocks.iter().all(|b| b.sum.steps.len() <= 1);
    if homogeneous && penalties >= 1 && single {
        Ok(())
    } else {
        Err("the schedule from λmax needs a norm as the only nonsmooth term, so that y = 0 is the solution at λmax"
            .to_owned())
    }
}
