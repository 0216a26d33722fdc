//! The judge: what may be claimed of a point, from what the check found there.
//!
//! [`solve`] is the whole of a solve for every executor: the loop, the check of the point that it returns, another go
//! where the check is stricter than the loop, and the verdict. Every comparison that accepts is false for NaN.

use crate::drive::{Blocks, Control, Limits, Outcome, Progress, Reason, drive};
use crate::status::Status;
use core::fmt;

/// The best status that a solver's answer can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// `optimal`, if the check agrees.
    Optimal,
    /// `stationary`: the problem is not convex.
    Stationary,
    /// `approximate`: another shrinkage, or a network.
    Approximate,
}

/// What a reported gap is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Certificate {
    /// A proven upper bound of the relative distance to the optimum.
    DualityGap,
    /// The same, from a dual point that meets its equalities and signs to the given relative tolerance only.
    DualityGapTo(f64),
    /// The relative distance to the next proximal-gradient step; no bound of the objective's distance.
    FixedPointResidual,
    /// A verified direction or contradiction: the problem has no solution.
    Ray,
    /// Nothing was shown.
    None,
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Certificate::DualityGap => f.write_str("duality gap"),
            Certificate::DualityGapTo(tolerance) => write!(f, "duality gap (dual feasible to {tolerance:e})"),
            Certificate::FixedPointResidual => f.write_str("fixed-point residual"),
            Certificate::Ray => f.write_str("ray"),
            Certificate::None => f.write_str("none"),
        }
    }
}

/// What is known of the point that a solve returned. All numbers are the check's, in f64, at that very point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// What may be claimed.
    pub status: Status,
    /// The objective as the problem wrote it.
    pub objective: f64,
    /// The relative gap, or the fixed-point residual; `certificate` says which.
    pub gap: f64,
    /// What `gap` is.
    pub certificate: Certificate,
    /// The largest violation of a constraint.
    pub violation: f64,
    /// Steps done.
    pub iterations: u64,
    /// The loop made no further progress at this precision, short of the tolerance.
    pub stalled: bool,
}

impl Summary {
    /// The exit code of a process that ends with this answer.
    pub const fn exit_code(&self) -> u8 {
        self.status.exit_code()
    }
}

/// What the check found at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Findings {
    /// The objective as the problem wrote it.
    pub objective: f64,
    /// Relative gap or fixed-point residual.
    pub gap: f64,
    /// What `gap` is.
    pub certificate: Certificate,
    /// The largest violation of a constraint.
    pub violation: f64,
    /// No point satisfies the constraints.
    pub infeasible: bool,
    /// The objective has no bound.
    pub unbounded: bool,
}

/// How far below 0 rounding alone pushes a gap, relative to the objective.
const ROUNDING: f64 = -1e-12;

/// A gap below this at a feasible point means that objective and bound contradict each other.
const NEGATIVE_GAP: f64 = -1e-9;

/// How often the loop is asked for more than the tolerance.
const ROUNDS: u32 = 6;

/// The named tolerance that a violation keeps: 1e-12, or the next power of ten above it.
fn power_above(violation: f64) -> f64 {
    const POWERS: [f64; 13] = [1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];
    POWERS.into_iter().find(|&power| violation <= power).unwrap_or(1.0)
}

impl Findings {
    /// From the numbers that a check leaves. `certified` is 2 where the dual point is feasible by construction, 1 where
    /// it is to `dual_violation`, 0 where `gap` is a residual; anything else is no certificate.
    pub fn new(objective: f64, gap: f64, certified: f64, dual_violation: f64, violation: f64) -> Self {
        let certificate = if gap == f64::INFINITY {
            Certificate::None
        } else if certified == 2.0 || (certified == 1.0 && dual_violation == 0.0) {
            Certificate::DualityGap
        } else if certified == 1.0 && dual_violation.is_finite() {
            Certificate::DualityGapTo(power_above(dual_violation))
        } else if certified == 0.0 {
            Certificate::FixedPointResidual
        } else {
            Certificate::None
        };
        // A point a little outside the set can have an objective a little below the bound: the distance is what counts.
        let gap = if violation > 0.0 && gap < ROUNDING { -gap } else { gap };
        Findings { objective, gap, certificate, violation, infeasible: false, unbounded: false }
    }

    /// True where the point is proved to `tol`.
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

    /// True where a loop that was content may come closer: the point is sound, but not proved.
    fn improvable(&self, tol: f64) -> bool {
        !self.infeasible
            && !self.unbounded
            && !self.proved(tol)
            && self.certificate != Certificate::None
            && self.gap.is_finite()
            && self.violation.is_finite()
    }

    /// The status of a point with these numbers, what its gap is, and whether the loop stalled. `finite` says that the
    /// point itself is.
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
            match (claim, reason) {
                (Claim::Approximate, Reason::TimeLimit) => (Status::TimeLimit, false),
                (Claim::Approximate, _) => (Status::Approximate, false),
                (Claim::Optimal, _) if self.proved(tol) => (Status::Optimal, false),
                (Claim::Stationary, _) if self.proved(tol) => (Status::Stationary, false),
                (_, Reason::TimeLimit) => (Status::TimeLimit, false),
                (_, Reason::IterationLimit) => (Status::IterationLimit, false),
                _ => (Status::IterationLimit, true),
            }
        };
        (status, self.certificate, stalled)
    }
}

/// A program's blocks on given data, with the check of the point that they leave.
pub trait Solve: Blocks {
    /// The next [`Blocks::prepare`] keeps the state of the run before.
    fn resume(&mut self);
    /// Shows the point to the check.
    fn check(&mut self) -> Findings;
    /// True where every entry of the point is finite.
    fn point_is_finite(&self) -> bool;
}

/// Runs the loop on from where it is; the steps done in all, and why it ended.
fn go_on(
    problem: &mut impl Solve,
    limits: &Limits,
    max_iter: u64,
    done: u64,
    observe: &mut impl FnMut(&Progress) -> Control,
) -> (u64, Reason) {
    problem.resume();
    let limits = Limits { max_iter: max_iter - done, ..*limits };
    let outcome =
        drive(problem, &limits, |progress| observe(&Progress { iteration: done + progress.iteration, ..*progress }));
    (done + outcome.iterations, outcome.reason)
}

/// Solves: runs the loop, checks the point, and claims what the check allows. `observe` sees every measurement.
///
/// The loop measures less strictly than the check. Where it was content and the check is not, the loop is resumed with
/// a smaller tolerance, by what it fell short.
pub fn solve(
    problem: &mut impl Solve,
    limits: &Limits,
    claim: Claim,
    mut observe: impl FnMut(&Progress) -> Control,
) -> Summary {
    let tol = limits.tol;
    let mut limits = *limits;
    let max_iter = limits.max_iter;
    let Outcome { mut iterations, mut reason, .. } = drive(problem, &limits, &mut observe);
    let mut found = problem.check();
    // An objective that falls and falls has no bound if the check finds a ray; else the loop goes on from there.
    while reason == Reason::Falling && !found.unbounded && iterations < max_iter {
        (iterations, reason) = go_on(problem, &limits, max_iter, iterations, &mut observe);
        found = problem.check();
    }
    let may_go_on = !limits.exact_steps && claim != Claim::Approximate;
    let mut rounds = 0;
    while may_go_on && rounds < ROUNDS && reason == Reason::Converged && iterations < max_iter && found.improvable(tol)
    {
        rounds += 1;
        // Both are finite here.
        let short = tol / if found.gap > found.violation { found.gap } else { found.violation };
        limits.tol *= (0.5 * short).clamp(1e-3, 0.5);
        (iterations, reason) = go_on(problem, &limits, max_iter, iterations, &mut observe);
        found = problem.check();
    }
    let (status, certificate, stalled) = found.judge(claim, tol, problem.point_is_finite(), reason);
    Summary {
        status,
        objective: found.objective,
        gap: found.gap,
        certificate,
        violation: found.violation,
        iterations,
        stalled,
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

    // Fault 82.
    #[test]
    fn nan_or_infinity_anywhere_is_a_numerical_error() {
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

    /// A loop that is content from its second measurement on, and a check of another opinion.
    struct Stub {
        check: Findings,
        finite: bool,
        checks: u32,
        stops: u32,
    }

    impl Blocks for Stub {
        fn prepare(&mut self) {}

        fn step(&mut self) {}

        fn stop(&mut self) -> crate::drive::Measure {
            self.stops += 1;
            crate::drive::Measure { objective: 1.0, measure: if self.stops == 1 { 1.0 } else { 0.0 } }
        }

        fn finish(&mut self) {}
    }

    impl Solve for Stub {
        fn resume(&mut self) {}

        fn check(&mut self) -> Findings {
            self.checks += 1;
            self.check
        }

        fn point_is_finite(&self) -> bool {
            self.finite
        }
    }

    // Fault 83.
    #[test]
    fn the_check_is_believed_and_not_the_loop() {
        let limits = Limits { tol: 1e-8, max_iter: 1000, check_every: 10, exact_steps: false };
        let solve_to = |check: Findings, finite: bool, limits: &Limits| {
            let mut stub = Stub { check, finite, checks: 0, stops: 0 };
            let summary = solve(&mut stub, limits, Claim::Optimal, |_| Control::Continue);
            (summary.status, stub.checks)
        };
        let solved = |check, finite| solve_to(check, finite, &limits);
        assert_eq!(solved(GOOD, true), (Status::Optimal, 1));
        // The loop is asked for more, a bounded number of times, and then it is the check that is believed.
        for wrong in
            [Findings { gap: 1.0, ..GOOD }, Findings { gap: 2e-8, ..GOOD }, Findings { violation: 0.1, ..GOOD }]
        {
            assert_eq!(solved(wrong, true), (Status::IterationLimit, 1 + ROUNDS), "{wrong:?}");
            let exact = Limits { exact_steps: true, ..limits };
            assert_eq!(solve_to(wrong, true, &exact), (Status::IterationLimit, 1));
        }
        for wrong in [
            Findings { gap: f64::NAN, ..GOOD },
            Findings { objective: f64::NAN, ..GOOD },
            Findings { objective: f64::INFINITY, ..GOOD },
            Findings { violation: f64::NAN, ..GOOD },
            Findings { gap: -1.0, ..GOOD },
        ] {
            assert_eq!(solved(wrong, true).0, Status::NumericalError, "{wrong:?}");
        }
        assert_eq!(solved(GOOD, false).0, Status::NumericalError);
        let none = Findings { certificate: Certificate::None, gap: f64::INFINITY, ..GOOD };
        assert_eq!(solved(none, true), (Status::IterationLimit, 1));
        assert_eq!(solved(Findings { infeasible: true, ..GOOD }, true), (Status::Infeasible, 1));
        assert_eq!(solved(Findings { unbounded: true, ..GOOD }, true), (Status::Unbounded, 1));
    }

    // Fault 95.
    #[test]
    fn a_gap_below_zero_is_excused_only_by_rounding() {
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
