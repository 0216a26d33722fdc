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
    /// A proven bound of the optimum; NaN where nothing is known.
    pub bound: f64,
    /// Objective less bound, relative to the size of the objective; +∞ where nothing is known.
    pub gap: f64,
    /// What is shown of the point.
    pub certificate: Certificate,
    /// The fixed-point residual where that is what is shown, else +∞.
    pub residual: f64,
    /// The largest violation of a constraint, relative to its own terms.
    pub violation: f64,
}

/// A checking program with its executor and layout.
pub(crate) struct Checker {
    pub executor: Box<dyn Executor<f64>>,
    pub layout: Layout,
}

impl Checker {
    /// Runs the check to a tolerance; the point and the params have been written.
    pub fn run(&self, report: &Report, tol: f64, storage: &[f64], workspace: &mut [f64]) -> Findings {
        let (_, at) = self.layout.place_view(report.tol);
        workspace[at] = tol;
        self.executor.run(BlockKind::Finish, storage, workspace);
        let read = |view: View| read(&self.layout, view, storage, workspace);
        Findings {
            objective: read(report.objective),
            bound: read(report.bound),
            gap: read(report.gap),
            leftover: read(report.leftover),
            residual: read(report.residual),
            violation: read(report.violation),
            slackness: read(report.slackness),
            contradiction: read(report.contradiction) == 1.0,
            infeasible: read(report.infeasible) == 1.0,
            unbounded: read(report.unbounded) == 1.0,
            rounding: read(report.rounding),
            disagreement: read(report.disagreement),
        }
    }

    /// True where the objective that was derived is the one that was written, to rounding, at a point that has been written.
    pub fn agrees(&self, report: &Report, storage: &[f64], workspace: &mut [f64]) -> bool {
        self.executor.run(BlockKind::Stop, storage, workspace);
        let read = |view: View| read(&self.layout, view, storage, workspace);
        let objective = read(report.objective);
        let findings = Findings {
            rounding: read(report.rounding),
            disagreement: read(report.disagreement),
            ..Findings::unknown(objective)
        };
        !objective.is_finite() || !findings.disagrees()
    }

    /// The gradient of the smooth terms at a point that has been written.
    pub fn gradient(
        &self,
        spec: &SolverSpec<Verified>,
        storage: &[f64],
        workspace: &mut [f64],
    ) -> Vec<(String, Shape, Vec<f64>)> {
        self.executor.run(BlockKind::Step, storage, workspace);
        let values = |view: &View| {
            let (region, at) = self.layout.place_view(*view);
            let memory: &[f64] = if region == Region::Storage { storage } else { workspace };
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
