//! Algorithms: one file and one line each.

use crate::composite::Composite;
use crate::lower::metric::Metric;
use crate::lower::{Emit, Frame};
use crate::model::Model;
use crate::plan::{Options, Plan};
use sparsec_program::solver::Claim;

pub mod closed_form;
pub mod conjugate_gradient;
pub mod fista;
pub mod homotopy;
pub mod ista;
pub mod projected_gradient;
mod proximal_gradient;
pub mod steepest_descent;
pub mod unrolled;

/// All algorithms, in the order of the reference page.
pub static ALGORITHMS: &[&dyn Algorithm] = &[
    &closed_form::ClosedForm,
    &conjugate_gradient::ConjugateGradient,
    &ista::Ista,
    &fista::Fista,
    &projected_gradient::ProjectedGradient,
    &steepest_descent::SteepestDescent,
    &homotopy::Homotopy,
    &unrolled::Unrolled,
];

/// The algorithm of that name.
pub fn find(name: &str) -> Option<&'static dyn Algorithm> {
    ALGORITHMS.iter().copied().find(|a| a.name() == name)
}

/// A problem as algorithms look at it.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// The declarations.
    pub model: &'a Model,
    /// The composite form.
    pub form: &'a Composite,
}

/// An algorithm.
pub trait Algorithm: Sync + std::fmt::Debug {
    /// Its name after `solve with`.
    fn name(&self) -> &'static str;
    /// The file's documentation: Markdown for the reference page and `explain`.
    fn doc(&self) -> String;
    /// Names of its own options, besides `tol` and `max_iter`.
    fn options(&self) -> &'static [&'static str] {
        &[]
    }
    /// Says which property is missing where it does not fit.
    fn fits(&self, problem: Problem<'_>, options: &Options) -> Result<(), String>;
    /// The metric in which its steps are taken.
    fn metric(&self, _options: &Options) -> Metric {
        Metric::Identity
    }
    /// How the solver ends and what it may claim.
    fn ending(&self, _options: &Options) -> Ending {
        Ending::default()
    }
    /// One or two sentences on the iteration for `explain`.
    fn iteration(&self, problem: Problem<'_>, options: &Options) -> String;
    /// Builds the blocks.
    fn lower(&self, cx: &mut Emit<'_>, problem: Problem<'_>, plan: &Plan, frame: &Frame);
}

/// How a solver ends.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// Exactly this many steps.
    pub exact_steps: Option<u64>,
    /// The best claim.
    pub claim: Claim,
    /// Steps between two measurements.
    pub check_every: u64,
    /// Iteration limit unless the user gives one.
    pub max_iter: u64,
}

impl Default for Ending {
    fn default() -> Self {
        Ending { exact_steps: None, claim: Claim::Optimal, check_every: 10, max_iter: 100_000 }
    }
}
