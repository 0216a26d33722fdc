//! `projected_gradient`: a gradient step, then the projection on the feasible set.
//!
//! y ← P(y − γ ∇F(y)) with γ = 1/L. The proximal gradient method where every nonsmooth term is a set.
//!
//! - Options: `step`, `tol`, `max_iter`
//! - Source: Beck, *First-Order Methods in Optimization* (2017), chapter 10

use super::proximal_gradient::{self, Scheme};
use super::{Algorithm, Problem};
use crate::lower::{Emit, Frame};
use crate::plan::{Options, Plan};

/// See the file's head.
#[derive(Debug)]
pub struct ProjectedGradient;

impl Algorithm for ProjectedGradient {
    fn name(&self) -> &'static str {
        "projected_gradient"
    }
    fn doc(&self) -> String {
        crate::calculus::head(include_str!("projected_gradient.rs"))
    }
    fn options(&self) -> &'static [&'static str] {
        &["step"]
    }
    fn fits(&self, problem: Problem<'_>, _options: &Options) -> Result<(), String> {
        let penalty = problem.form.blocks.iter().flat_map(|b| &b.sum.steps).find(|a| !a.facts().set);
        match penalty {
            None => Ok(()),
            Some(a) => Err(format!("{} is a penalty, and only smooth terms and sets are allowed", a.at.text)),
        }
    }
    fn iteration(&self, problem: Problem<'_>, options: &Options) -> String {
        proximal_gradient::step_text(problem, options).replace("prox(", "project(")
    }
    fn lower(&self, cx: &mut Emit<'_>, problem: Problem<'_>, plan: &Plan, frame: &Frame) {
        let scheme = Scheme { momentum: None, schedule: None, exact: false };
        proximal_gradient::lower(cx, problem, plan, frame, scheme);
    }
}
