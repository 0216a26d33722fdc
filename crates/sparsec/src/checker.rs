//! The check of a point: a program of its own, in f64, on the data as it was given.

use sparsec_program::executor::Executor;
use sparsec_program::layout::{Layout, Region};
use sparsec_program::program::{BlockKind, View};
use sparsec_program::solver::{Report, Shape, SolverSpec};
use sparsec_program::verify::Verified;
use sparsec_runtime::{Certificate, Findings};

/// What the checker found at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The objective as the problem wrote it.
    pub objective: f64,
    /// Its terms with their text.
    pub terms: Vec<(String, f64)>,
    /// The gradient of its smooth terms by unknown, with the unknown's shape, row-major.
    pub gradient: Vec<(String, Shape, Vec<f64>)>,
    /// Relative gap or fixed-point residual.
    pub gap: f64,
    /// What `gap` is.
    pub certificate: Certificate,
    /// The largest violation of a constraint.
    pub violation: f64,
}

/// A checking program with its executor and layout.
pub(crate) struct Checker {
    pub executor: Box<dyn Executor<f64>>,
    pub layout: Layout,
}

impl Checker {
    /// Runs the check; the point and the params have been written.
    pub fn run(&self, report: &Report, storage: &[f64], workspace: &mut [f64]) -> Findings {
        self.executor.run(BlockKind::Finish, storage, workspace);
        let read = |view: View| read(&self.layout, view, storage, workspace);
        Findings {
            infeasible: read(report.infeasible) == 1.0,
            unbounded: read(report.unbounded) == 1.0,
            ..Findings::new(
                read(report.objective),
                read(report.gap),
                read(report.certified),
                read(report.dual_violation),
                read(report.violation),
            )
        }
    }

    /// The gradient of the smooth terms, after a run.
    pub fn gradient(
        &self,
        spec: &SolverSpec<Verified>,
        storage: &[f64],
        workspace: &[f64],
    ) -> Vec<(String, Shape, Vec<f64>)> {
        let values = |view: &View| {
            let (region, at) = self.layout.place_view(*view);
            let memory = if region == Region::Storage { storage } else { workspace };
            memory[at..at + view.len].to_vec()
        };
        let outputs = spec.outputs.iter().zip(&spec.report.gradient);
        outputs.map(|(output, view)| (output.name.clone(), output.shape, values(view))).collect()
    }

    /// The terms of the objective, after a run.
    pub fn terms(&self, spec: &SolverSpec<Verified>, storage: &[f64], workspace: &[f64]) -> Vec<(String, f64)> {
        let read = |view: View| read(&self.layout, view, storage, workspace);
        spec.report.terms.iter().map(|(text, view)| (text.clone(), read(*view))).collect()
    }
}

/// The first number of a view.
pub(crate) fn read<T: Copy>(layout: &Layout, view: View, storage: &[T], workspace: &[T]) -> T {
    match layout.place_view(view) {
        (Region::Storage, at) => storage[at],
        (Region::Workspace, at) => workspace[at],
    }
}
