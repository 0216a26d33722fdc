//! The judge: what may be claimed of a point, from a program of its own in f64 on the data as it was given.

use sparsec_program::executor::Executor;
use sparsec_program::layout::{Layout, Region};
use sparsec_program::program::{BlockKind, View};
use sparsec_program::solver::{Claim, Report, Shape, SolverSpec};
use sparsec_program::verify::Verified;
use sparsec_runtime::{Reason, Status};

/// What a reported gap is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Certificate {
    /// A proven upper bound of the relative distance to the optimum.
    DualityGap,
    /// The same, from a dual point that meets its equalities and signs to the given relative tolerance only.
    DualityGapTo(f64),
    /// The relative distance to the next proximal-gradient step; no bound of the objective's distance.
    FixedPointResidual,
    /// A verified direction: the problem has no solution.
    Ray,
    /// Nothing was shown.
    None,
}

impl std::fmt::Display for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DualityGap => f.write_str("duality gap"),
            Self::DualityGapTo(tolerance) => write!(f, "duality gap (dual feasible to {tolerance:e})"),
            Self::FixedPointResidual => f.write_str("fixed-point residual"),
            Self::Ray => f.write_str("ray"),
            Self::None => f.write_str("none"),
        }
    }
}

/// How far below 0 rounding alone pushes a gap, relative to the objective.
const ROUNDING: f64 = -1e-12;

/// A gap below this at a feasible point means that objective and bound contradict each other.
const NEGATIVE_GAP: f64 = -1e-9;

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

/// The numbers of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Findings {
    pub objective: f64,
    pub gap: f64,
    pub certificate: Certificate,
    pub violation: f64,
    pub infeasible: bool,
    pub unbounded: bool,
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
        let dual_violation = read(report.dual_violation);
        let certified = read(report.certified);
        let certificate = if certified == 2.0 || (certified == 1.0 && dual_violation == 0.0) {
            Certificate::DualityGap
        } else if certified == 1.0 && dual_violation.is_finite() {
            Certificate::DualityGapTo(power_above(dual_violation))
        } else if certified == 0.0 {
            Certificate::FixedPointResidual
        } else {
            Certificate::None
        };
        let (gap, violation) = (read(report.gap), read(report.violation));
        // A point a little outside the set can have an objective a little below the bound: the distance is what counts.
        let gap = if violation > 0.0 && gap < ROUNDING { -gap } else { gap };
        Findings {
            objective: read(report.objective),
            gap,
            certificate,
            violation,
            infeasible: read(report.infeasible) == 1.0,
            unbounded: read(report.unbounded) == 1.0,
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

/// The named tolerance that a violation keeps: 1e-12, or the next power of ten above it.
fn power_above(violation: f64) -> f64 {
    const POWERS: [f64; 13] = [1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];
    POWERS.into_iter().find(|&p| violation <= p).unwrap_or(1.0)
}

impl Findings {
    /// True where the point is proved to `tol`. Every comparison is false for NaN.
    pub fn proved(&self, tol: f64) -> bool {
        let sound = match self.certificate {
            // The dual's violation is charged in the gap, so it is at most the tolerance as well.
            Certificate::DualityGapTo(_) | Certificate::DualityGap | Certificate::FixedPointResidual => true,
            Certificate::Ray | Certificate::None => false,
        };
        sound && self.objective.is_finite() && self.gap <= tol && self.gap >= NEGATIVE_GAP && self.violation <= tol
    }

    /// True where objective and bound contradict each other.
    fn contradictory(&self) -> bool {
        self.certificate == Certificate::DualityGap && self.gap < NEGATIVE_GAP
    }

    /// The status of a point with these numbers. `finite` says that the point itself is.
    pub fn judge(&self, claim: Claim, tol: f64, finite: bool, reason: Reason) -> (Status, Certificate, bool) {
        if self.infeasible || self.unbounded {
            let status = if self.infeasible { Status::Infeasible } else { Status::Unbounded };
            return (status, Certificate::Ray, false);
        }
        let sound = finite && self.objective.is_finite() && !self.gap.is_nan() && !self.violation.is_nan();
        let (status, stalled) = if !sound || self.contradictory() || reason == Reason::NotFinite {
            (Status::NumericalError, false)
        } else if reason == Reason::Interrupted {
            (Status::Interrupted, false)
        } else {
            match claim {
                Claim::Approximate => match reason {
                    Reason::TimeLimit => (Status::TimeLimit, false),
                    _ => (Status::Approximate, false),
                },
                Claim::Optimal if self.proved(tol) => (Status::Optimal, false),
                Claim::Stationary if self.proved(tol) => (Status::Stationary, false),
                _ => match reason {
                    Reason::TimeLimit => (Status::TimeLimit, false),
                    Reason::IterationLimit => (Status::IterationLimit, false),
                    _ => (Status::IterationLimit, true),
                },
            }
        };
        (status, self.certificate, stalled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Findings = Findings {
        objective: 1.0,
        gap: 1e-10,
        certificate: Certificate::DualityGap,
        violation: 0.0,
        infeasible: false,
        unbounded: false,
    };

    fn status(findings: Findings, reason: Reason) -> Status {
        findings.judge(Claim::Optimal, 1e-8, true, reason).0
    }

    #[test]
    fn fault_082() {
        assert_eq!(status(GOOD, Reason::Converged), Status::Optimal);
        assert_eq!(status(GOOD, Reason::NotFinite), Status::NumericalError);
        for bad in [
            Findings { objective: f64::NAN, ..GOOD },
            Findings { objective: f64::INFINITY, ..GOOD },
            Findings { gap: f64::NAN, ..GOOD },
            Findings { violation: f64::NAN, ..GOOD },
        ] {
            for reason in [Reason::Converged, Reason::IterationLimit, Reason::Stalled, Reason::TimeLimit] {
                assert_eq!(status(bad, reason), Status::NumericalError);
            }
        }
        assert_eq!(GOOD.judge(Claim::Optimal, 1e-8, false, Reason::Converged).0, Status::NumericalError);
    }

    #[test]
    fn fault_095() {
        assert_eq!(status(Findings { gap: -1e-16, ..GOOD }, Reason::Converged), Status::Optimal);
        assert_eq!(status(Findings { gap: -1e-3, ..GOOD }, Reason::Converged), Status::NumericalError);
    }

    #[test]
    fn only_a_proof_is_optimal() {
        assert_eq!(status(Findings { gap: 1e-7, ..GOOD }, Reason::Converged), Status::IterationLimit);
        assert_eq!(status(Findings { violation: 1e-7, ..GOOD }, Reason::Converged), Status::IterationLimit);
        let none = Findings { certificate: Certificate::None, ..GOOD };
        assert_eq!(status(none, Reason::Converged), Status::IterationLimit);
        let tight = Findings { certificate: Certificate::DualityGapTo(power_above(3e-13)), ..GOOD };
        let (found, certificate, _) = tight.judge(Claim::Optimal, 1e-8, true, Reason::Converged);
        assert_eq!(found, Status::Optimal);
        assert_eq!(certificate.to_string(), "duality gap (dual feasible to 1e-12)");
        assert_eq!(GOOD.judge(Claim::Stationary, 1e-8, true, Reason::Converged).0, Status::Stationary);
        assert_eq!(GOOD.judge(Claim::Approximate, 1e-8, true, Reason::Converged).0, Status::Approximate);
        assert_eq!(status(GOOD, Reason::Interrupted), Status::Interrupted);
        assert_eq!(status(GOOD, Reason::TimeLimit), Status::Optimal);
        assert_eq!(status(Findings { gap: 1.0, ..GOOD }, Reason::TimeLimit), Status::TimeLimit);
    }

    #[test]
    fn powers_of_ten_print_as_such() {
        for (violation, text) in [(1e-20, "1e-12"), (1.1e-12, "1e-11"), (3e-9, "1e-8"), (0.5, "1e0"), (7.0, "1e0")] {
            assert_eq!(format!("{:e}", power_above(violation)), text);
        }
    }
}
