//! `ista`: the proximal gradient method.
//!
//! y ← prox_{γ G}(y − γ ∇F(y)) with γ = 1/L, L a Lipschitz constant of ∇F (`step = 0.5` sets γ, `step = backtracking` searches it). The
//! objective never rises at γ ≤ 1/L. For λ‖y‖₁ this is the iterative soft threshold S_{γλ}. `shrink = sigshrink(tau)` puts
//! another shrinkage in the prox's place; the answer is then `approximate`.
//!
//! - Options: `step`, `shrink`, `tol`, `max_iter`
//! - Source: Beck & Teboulle, *A Fast Iterative Shrinkage-Thresholding Algorithm* (2009), section 3

use super::proximal_gradient::{self, Scheme};
use super::{Algorithm, Problem};
use crate::lower::{Emit, Frame};
use crate::plan::{Options, Plan};

/// See the file's head.
#[derive(Debug)]
pub struct Ista;

impl Algorithm for Ista {
    fn name(&self) -> &'static str {
        "ista"
    }
    fn doc(&self) -> String {
        crate::calculus::head(include_str!("ista.rs"))
    }
    fn options(&self) -> &'static [&'static str] {
        &["step", "shrink"]
    }
    fn fits(&self, problem: Problem<'_>, options: &Options) -> Result<(), String> {
        proximal_gradient::check_shrink(problem, options)
    }
    fn iteration(&self, problem: Problem<'_>, options: &Options) -> String {
        proximal_gradient::step_text(problem, options)
    }
    fn lower(&self, cx: &mut Emit<'_>, problem: Problem<'_>, plan: &Plan, frame: &Frame) {
        let scheme = Scheme { momentum: None, schedule: None, exact: false };
        proximal_gradient::lower(cx, problem, plan, frame, scheme);
    }
}
