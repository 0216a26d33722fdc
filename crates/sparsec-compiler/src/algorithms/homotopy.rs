//! `homotopy`: ISTA from 0 while the penalty's weight falls from λmax to λ.
//!
//! Layer l = 1…L is one proximal gradient step with step 1/L_F and weight λ_l = λmax (λ/λmax)^(l/L); λmax is the least weight for which 0 is a
//! solution. After the L layers the iteration goes on at λ until the tolerance is met. `shrink = sigshrink(tau)` puts SigShrink in
//! the prox's place; the answer is then `approximate`.
//!
//! - Options: `layers` (needed), `from = lambda_max`, `step`, `shrink`, `tol`, `max_iter`
//! - Source: Hale, Yin & Zhang, *Fixed-Point Continuation for l1-Minimization* (2008); Xiao & Zhang (2013)

use super::proximal_gradient::{self, Scheme};
use super::{Algorithm, Problem};
use crate::lower::{Emit, Frame};
use crate::plan::{Options, Plan};

/// See the file's head.
#[derive(Debug)]
pub struct Homotopy;

impl Algorithm for Homotopy {
    fn name(&self) -> &'static str {
        "homotopy"
    }
    fn doc(&self) -> String {
        crate::calculus::head(include_str!("homotopy.rs"))
    }
    fn options(&self) -> &'static [&'static str] {
        &["layers", "from", "step", "shrink"]
    }
    fn fits(&self, problem: Problem<'_>, options: &Options) -> Result<(), String> {
        if options.layers.is_none() {
            return Err("it needs `layers`, the number of steps from λmax to λ".to_owned());
        }
        proximal_gradient::check_schedule(problem)?;
        proximal_gradient::check_shrink(problem, options)
    }
    fn iteration(&self, problem: Problem<'_>, options: &Options) -> String {
        let step = proximal_gradient::step_text(problem, options);
        let layers = options.layers.unwrap_or(1);
        format!("{step}; in layer l the weight is λmax (λ/λmax)^(l/{layers}), after layer {layers} it is λ")
    }
    fn lower(&self, cx: &mut Emit<'_>, problem: Problem<'_>, plan: &Plan, frame: &Frame) {
        let scheme = Scheme { momentum: None, schedule: plan.options.layers, exact: false };
        proximal_gradient::lower(cx, problem, plan, frame, scheme);
    }
}
