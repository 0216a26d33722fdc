//! `unrolled`: a feed-forward network of exactly `layers` proximal gradient steps from 0.
//!
//! Every layer is y ← prox_{γ G}(y − γ ∇F(y)) with γ = 1/L_F at λ, or with the weights of the homotopy's schedule when `from = lambda_max`. The
//! status is `approximate`, with the gap that the output has. With `fallback = true` the exact iteration goes on from the network's
//! output until the tolerance is met, and the status is `optimal`.
//!
//! - Options: `layers` (needed), `from = lambda_max`, `step`, `shrink`, `fallback`, `tol`, `max_iter`
//! - Source: Gregor & LeCun, *Learning Fast Approximations of Sparse Coding* (2010)

use super::proximal_gradient::{self, Scheme};
use super::{Algorithm, Ending, Problem};
use crate::lower::{Emit, Frame};
use crate::plan::{Options, Plan};
use sparsec_program::solver::Claim;

/// See the file's head.
#[derive(Debug)]
pub struct Unrolled;

impl Algorithm for Unrolled {
    fn name(&self) -> &'static str {
        "unrolled"
    }
    fn doc(&self) -> String {
        crate::calculus::head(include_str!("unrolled.rs"))
    }
    fn options(&self) -> &'static [&'static str] {
        &["layers", "from", "step", "shrink", "fallback"]
    }
    fn fits(&self, problem: Problem<'_>, options: &Options) -> Result<(), String> {
        if options.layers.is_none() {
            return Err("it needs `layers`, the number of its steps".to_owned());
        }
        if options.from_lambda_max {
            proximal_gradient::check_schedule(problem)?;
        }
        proximal_gradient::check_shrink(problem, options)
    }
    fn ending(&self, options: &Options) -> Ending {
        match options.fallback {
            true => Ending::default(),
            false => Ending { exact_steps: options.layers, claim: Claim::Approximate, ..Ending::default() },
        }
    }
    fn iteration(&self, problem: Problem<'_>, options: &Options) -> String {
        let step = proximal_gradient::step_text(problem, options);
        let layers = options.layers.unwrap_or(1);
        let after = if options.fallback { "then on until the tolerance is met" } else { "no more" };
        let from =
            if options.from_lambda_max { format!(", weights λmax (λ/λmax)^(l/{layers})") } else { String::new() };
        format!("{layers} layers {step}{from}; {after}")
    }
    fn lower(&self, cx: &mut Emit<'_>, problem: Problem<'_>, plan: &Plan, frame: &Frame) {
        let schedule = plan.options.layers.filter(|_| plan.options.from_lambda_max);
        let scheme = Scheme { momentum: None, schedule, exact: !plan.options.fallback };
        proximal_gradient::lower(cx, problem, plan, frame, scheme);
    }
}
