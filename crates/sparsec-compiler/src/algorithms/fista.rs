//! `fista`: the proximal gradient method with momentum.
//!
//! The step is taken from the extrapolated point w = y_k + β_k (y_k − y_{k−1}): y_{k+1} = prox_{γ G}(w − γ ∇F(w)). λ enters the
//! prox alone. `momentum = seed` is β_k = (k − 1)/(k + 2), `nesterov` (the default) β_k = (t_k − 1)/t_{k+1} with
//! t_{k+1} = (1 + √(1 + 4 t_k²))/2. `restart = gradient` (the default) forgets the momentum where ⟨w − y_{k+1}, y_{k+1} − y_k⟩ > 0,
//! `function` where the objective rises, `none` never.
//!
//! Steps are 1/M in a diagonal metric M that majorises the curvature, and ⟨·, ·⟩ above is that metric's. `metric = identity` takes M = L for all unknowns,
//! `diagonal` M = Σ c L_f κ ‖A eⱼ‖² for each by its column, κ the squared norm of A with columns of length 1, so that units do not matter. Unless that is
//! said, columns whose lengths differ by no more than 4 count as equally long. Every group of `group_norm` has one M, and so has every other block whose prox
//! is not taken entry by entry (simplex, balls, what is turned). Where at most 8 unknowns meet in a row of a loss that is no quadratic, and its
//! curvature at the point is far less (on a straight part of Huber's function), M is that of its majoriser there. With `step`, or a `shrink`, all steps
//! are equal.
//!
//! - Options: `step`, `momentum`, `restart`, `metric`, `shrink`, `tol`, `max_iter`
//! - Source: Beck & Teboulle (2009), section 4; O'Donoghue & Candès, *Adaptive Restart for Accelerated Gradient Schemes* (2015)

use super::proximal_gradient::{self, Scheme};
use super::{Algorithm, Problem};
use crate::lower::metric::{self, Metric};
use crate::lower::{Emit, Frame};
use crate::plan::{Momentum, Options, Plan, Restart};

/// See the file's head.
#[derive(Debug)]
pub struct Fista;

impl Algorithm for Fista {
    fn name(&self) -> &'static str {
        "fista"
    }
    fn doc(&self) -> String {
        crate::calculus::head(include_str!("fista.rs"))
    }
    fn options(&self) -> &'static [&'static str] {
        &["step", "momentum", "restart", "metric", "shrink"]
    }
    fn fits(&self, problem: Problem<'_>, options: &Options) -> Result<(), String> {
        if options.metric.is_some() && !proximal_gradient::own_steps(options) {
            return Err(
                "`metric` scales the steps that are derived, and `step` or `shrink` asks for one step".to_owned()
            );
        }
        proximal_gradient::check_shrink(problem, options)
    }
    fn metric(&self, options: &Options) -> Metric {
        if proximal_gradient::own_steps(options) { options.metric.unwrap_or(Metric::ByUnits) } else { Metric::Identity }
    }
    fn iteration(&self, problem: Problem<'_>, options: &Options) -> String {
        let momentum = match options.momentum {
            Momentum::Seed => "β = (k − 1)/(k + 2)",
            Momentum::Nesterov => "β = (t_k − 1)/t_{k+1}",
        };
        let restart = match options.restart {
            Restart::None => "no restart",
            Restart::Function => "restarted where the objective rises",
            Restart::Gradient => "restarted where the step goes against the momentum",
        };
        let mut step = proximal_gradient::step_text(problem, options).replace("prox(y − γ ∇F(y))", "prox(w − γ ∇F(w))");
        if let Some(metric) = metric::text(problem.form, self.metric(options)) {
            step = step.replace("γ = 1/L", &metric);
        }
        format!("{step}, w = y_k + β (y_k − y_{{k−1}}), {momentum}, {restart}")
    }
    fn lower(&self, cx: &mut Emit<'_>, problem: Problem<'_>, plan: &Plan, frame: &Frame) {
        let momentum = Some((plan.options.momentum, plan.options.restart));
        proximal_gradient::lower(cx, problem, plan, frame, Scheme { momentum, schedule: None, exact: false });
    }
}
