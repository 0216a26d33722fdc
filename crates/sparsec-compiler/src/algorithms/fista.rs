//! `fista`: the proximal gradient method with momentum.
//!
//! The step is taken from the extrapolated point w = y_k + β_k (y_k − y_{k−1}): y_{k+1} = prox_{γ G}(w − γ ∇F(w)). λ enters the
//! prox alone. `momentum = seed` is β_k = (k − 1)/(k + 2), `nesterov` (the default) β_k = (t_k − 1)/t_{k+1} with
//! t_{k+1} = (1 + √(1 + 4 t_k²))/2. `restart = gradient` (the default) forgets the momentum where ⟨w − y_{k+1}, y_{k+1} − y_k⟩ > 0,
//! `function` where the objective rises, `none` never.
//!
//! γ is 1/L. Where the bound L_b = Σ c L_f B ‖A_b‖² of one of several unknowns (B of them in a term) is less than a quarter of L, each takes
//! its own step 1/L_b: ‖Σ A_b d_b‖² ≤ B Σ ‖A_b‖² ‖d_b‖², so that is the method in a metric that majorises the curvature, and ⟨·, ·⟩ above is
//! that metric's. An intercept beside features in large units then takes large steps.
//!
//! - Options: `step`, `momentum`, `restart`, `shrink`, `tol`, `max_iter`
//! - Source: Beck & Teboulle (2009), section 4; O'Donoghue & Candès, *Adaptive Restart for Accelerated Gradient Schemes* (2015)

use super::proximal_gradient::{self, Scheme};
use super::{Algorithm, Problem};
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
        proximal_gradient::check_shrink(problem, options)
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
        if proximal_gradient::own_steps(options) && problem.form.groups().iter().any(|g| *g > 0) {
            step += " (1/L_b for each unknown where the curvature L_b of one is far below L)";
        }
        format!("{step}, w = y_k + β (y_k − y_{{k−1}}), {momentum}, {restart}")
    }
    fn lower(&self, cx: &mut Emit<'_>, problem: Problem<'_>, plan: &Plan, frame: &Frame) {
        let momentum = Some((plan.options.momentum, plan.options.restart));
        proximal_gradient::lower(cx, problem, plan, frame, Scheme { momentum, schedule: None, exact: false });
    }
}
