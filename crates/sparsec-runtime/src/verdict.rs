//! The judge: what may be claimed of a point, from what the check found there.
//!
//! [`solve`] is the whole of a solve for every executor: the loop, the check of the point that it returns, another go
//! where the check is stricter than the loop, and the verdict. Every comparison that accepts is false for NaN.

use crate::Float;
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

/// What is shown of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Certificate {
    /// `gap` and `bound` are proven, by a feasible dual point.
    DualityGap,
    /// The same, by a dual point that misses what is asked of it by rounding: at most this part of the terms that balance there.
    DualityGapTo(f64),
    /// `residual` is how far every entry is from balance, relative to its terms; it bounds no distance of the objective.
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
    /// A proven bound in the same units: the optimum is no less (no more, where the problem maximises). Infinite where nothing is known.
    pub bound: f64,
    /// Objective less bound, relative to the size of the objective; +∞ where nothing is known.
    pub gap: f64,
    /// What is shown.
    pub certificate: Certificate,
    /// The fixed-point residual where that is what is shown, else +∞.
    pub residual: f64,
    /// The largest violation of a constraint, relative to its own terms.
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
    /// A proven bound of the optimum; infinite where nothing is known.
    pub bound: f64,
    /// Objective less bound, relative to the size of the objective, outward by all rounding; +∞ where nothing is known.
    pub gap: f64,
    /// To what part of its terms the dual point misses what is asked of it: rounding.
    pub leftover: f64,
    /// The fixed-point residual; negative where it was not looked at.
    pub residual: f64,
    /// The largest violation of a constraint, relative to its own terms.
    pub violation: f64,
    /// Σ |multiplier × violation|, relative to the size of the objective.
    pub slackness: f64,
    /// A bound lies beyond the objective of a point that satisfies the constraints.
    pub contradiction: bool,
    /// No point satisfies the constraints.
    pub infeasible: bool,
    /// The objective has no bound.
    pub unbounded: bool,
    /// An upper bound of what rounding in f64 does to the objective.
    pub rounding: f64,
    /// The objective as written less the one that was derived from it.
    pub disagreement: f64,
}

/// How often the loop is asked for more than the tolerance.
const ROUNDS: u32 = 10;

/// Two objectives that differ by more than so many times their rounding are not the same function.
const DISAGREEMENT: f64 = 64.0;

/// The named part of its terms that a leftover keeps: a power of ten.
fn power_above(leftover: f64) -> f64 {
    const POWERS: [f64; 6] = [1e-17, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12];
    POWERS.into_iter().find(|&power| leftover <= power).unwrap_or(1.0)
}

impl Findings {
    /// Those of a point of which nothing but the objective is known.
    pub fn unknown(objective: f64) -> Self {
        Findings {
            objective,
            bound: f64::NAN,
            gap: f64::INFINITY,
            leftover: 0.0,
            residual: -1.0,
            violation: 0.0,
            slackness: 0.0,
            contradiction: false,
            infeasible: false,
            unbounded: false,
            rounding: 0.0,
            disagreement: 0.0,
        }
    }

    /// What is shown at the point.
    pub fn certificate(&self) -> Certificate {
        if self.infeasible || self.unbounded {
            Certificate::Ray
        } else if self.residual >= 0.0 {
            Certificate::FixedPointResidual
        } else if self.gap < f64::INFINITY && self.leftover == 0.0 {
            Certificate::DualityGap
        } else if self.gap < f64::INFINITY {
            Certificate::DualityGapTo(power_above(self.leftover))
        } else {
            Certificate::None
        }
    }

    /// True where the point satisfies the constraints to `tol`.
    fn feasible(&self, tol: f64) -> bool {
        self.objective.is_finite() && self.violation <= tol
    }

    /// True where the point is proven to `tol`.
    pub fn proven(&self, tol: f64) -> bool {
        let gap = matches!(self.certificate(), Certificate::DualityGap | Certificate::DualityGapTo(_));
        gap && self.feasible(tol) && self.gap <= tol && self.slackness <= tol
    }

    /// True where no proof can be afforded, and every entry is in balance to `tol`.
    pub fn stationary(&self, tol: f64) -> bool {
        self.certificate() == Certificate::FixedPointResidual && self.feasible(tol) && self.residual <= tol
    }

    /// The objective that was derived is not the one that was written, beyond rounding: then the derivation is wrong.
    pub fn disagrees(&self) -> bool {
        self.disagreement > DISAGREEMENT * self.rounding + f64::MIN_POSITIVE
    }

    /// A solver's own objective of the point, in a precision with this epsilon, is not the one that was written (but for its sign).
    fn differs_from(&self, objective: f64, epsilon: f64) -> bool {
        let distance = (objective.abs() - self.objective.abs()).abs();
        let rounding = self.rounding * (epsilon / f64::EPSILON);
        // Below this numbers of that precision have fewer digits, or none.
        let smallest = if epsilon > f64::EPSILON { f64::from(f32::MIN_POSITIVE) } else { f64::MIN_POSITIVE };
        objective.is_finite() && self.objective.is_finite() && distance > DISAGREEMENT * rounding + smallest / epsilon
    }

    /// How far the point is from being proven, relative to a tolerance of 1; +∞ where nothing is known.
    fn short(&self) -> f64 {
        let gap = if self.certificate() == Certificate::FixedPointResidual { self.residual } else { self.gap };
        [self.violation, self.slackness].into_iter().fold(gap, |worst, x| if x > worst { x } else { worst })
    }

    /// The status of a point with these numbers, and whether the loop stalled. `finite` says that the point itself is, and that nothing
    /// contradicts it.
    pub fn judge(&self, claim: Claim, tol: f64, finite: bool, reason: Reason) -> (Status, bool) {
        if self.infeasible {
            return (Status::Infeasible, false);
        }
        if self.contradiction || self.disagrees() {
            return (Status::InternalError, false);
        }
        if self.unbounded {
            return (Status::Unbounded, false);
        }
        let sound = finite && self.objective.is_finite() && !self.gap.is_nan() && !self.violation.is_nan();
        if !sound || reason == Reason::NotFinite {
            return (Status::NumericalError, false);
        }
        if reason == Reason::Interrupted {
            return (Status::Interrupted, false);
        }
        match (claim, reason) {
            (Claim::Approximate, Reason::TimeLimit) => (Status::TimeLimit, false),
            (Claim::Approximate, _) => (Status::Approximate, false),
            (Claim::Optimal, _) if self.proven(tol) => (Status::Optimal, false),
            (Claim::Stationary, _) if self.proven(tol) => (Status::Stationary, false),
            _ if self.stationary(tol) => (Status::Stationary, false),
            (_, Reason::TimeLimit) => (Status::TimeLimit, false),
            (_, Reason::IterationLimit) => (Status::IterationLimit, false),
            _ => (Status::IterationLimit, true),
        }
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
    /// The program's own objective of the point, minimised, and the epsilon of its precision.
    fn own_objective(&self) -> (f64, f64);
}

/// Runs the loop on from where it is; the steps done in all, and how it ended.
fn go_on(
    problem: &mut impl Solve,
    limits: &Limits,
    max_iter: u64,
    done: u64,
    observe: &mut impl FnMut(&Progress) -> Control,
) -> Outcome {
    problem.resume();
    let limits = Limits { max_iter: max_iter - done, ..*limits };
    let outcome =
        drive(problem, &limits, |progress| observe(&Progress { iteration: done + progress.iteration, ..*progress }));
    Outcome { iterations: done + outcome.iterations, ..outcome }
}

/// Solves: runs the loop, checks the point, and claims what the check allows. `observe` sees every measurement.
///
/// The loop measures an estimate. What the check proves, with a better dual point, may be of second order in it: there the loop
/// is stopped early, at the square root of the tolerance. It is resumed with a smaller target as long as the point is not proven.
pub fn solve(
    problem: &mut impl Solve,
    limits: &Limits,
    claim: Claim,
    mut observe: impl FnMut(&Progress) -> Control,
) -> Summary {
    let (tol, max_iter) = (limits.tol, limits.max_iter);
    let may_go_on = !limits.exact_steps && claim != Claim::Approximate;
    let mut limits = *limits;
    if may_go_on && limits.early && tol < 1.0 {
        limits.tol = Float::sqrt(tol);
    }
    let mut outcome = drive(problem, &limits, &mut observe);
    let mut found = problem.check();
    let mut rounds = 0;
    loop {
        let over = found.infeasible || found.unbounded || found.contradiction || found.disagrees();
        let done = over || found.proven(tol) || found.stationary(tol) || outcome.iterations >= max_iter;
        let again = match outcome.reason {
            // An objective that falls and falls has no bound if the check finds a ray; else the loop goes on from there.
            Reason::Falling => true,
            Reason::Converged if may_go_on && rounds < ROUNDS && outcome.measure.measure > 0.0 => {
                rounds += 1;
                let reached = outcome.measure.measure;
                let target = if reached < limits.tol { reached } else { limits.tol };
                let short = tol / found.short();
                let factor = if short > 0.0 { Float::sqrt(short).clamp(1e-3, 0.3) } else { 0.03 };
                limits.tol = target * factor;
                true
            }
            _ => false,
        };
        if done || !again {
            break;
        }
        outcome = go_on(problem, &limits, max_iter, outcome.iterations, &mut observe);
        found = problem.check();
    }
    let (own, epsilon) = problem.own_objective();
    found.contradiction |= claim != Claim::Approximate && found.differs_from(own, epsilon);
    let (status, stalled) = found.judge(claim, tol, problem.point_is_finite(), outcome.reason);
    let certificate = found.certificate();
    let proof = matches!(certificate, Certificate::DualityGap | Certificate::DualityGapTo(_));
    Summary {
        status,
        objective: found.objective,
        bound: if proof { found.bound } else { f64::NAN },
        gap: if proof { found.gap } else { f64::INFINITY },
        certificate,
        residual: if certificate == Certificate::FixedPointResidual { found.residual } else { f64::INFINITY },
        violation: found.violation,
        iterations: outcome.iterations,
        stalled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Findings = Findings {
        objective: 1.0,
        bound: 1.0 - 1e-10,
        gap: 1e-10,
        leftover: 0.0,
        residual: -1.0,
        violation: 0.0,
        slackness: 0.0,
        contradiction: false,
        infeasible: false,
        unbounded: false,
        rounding: 1e-16,
        disagreement: 0.0,
    };

    const UNKNOWN: Findings = Findings { bound: f64::NEG_INFINITY, gap: f64::INFINITY, ..GOOD };

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
        assert_eq!(status(Findings { slackness: f64::NAN, ..GOOD }, Reason::Converged), Status::IterationLimit);
        assert_eq!(GOOD.judge(Claim::Optimal, 1e-8, false, Reason::Converged).0, Status::NumericalError);
    }

    /// A loop whose measures halve, and a check of another opinion.
    struct Stub {
        check: Findings,
        finite: bool,
        checks: u32,
        steps: i32,
        own: f64,
    }

    impl Blocks for Stub {
        fn prepare(&mut self) {}

        fn step(&mut self) {
            self.steps += 1;
        }

        fn stop(&mut self) -> crate::drive::Measure {
            let measure = (0..self.steps).fold(1.0, |m, _| 0.5 * m);
            crate::drive::Measure { objective: 1.0, measure, scale: 1.0 }
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

        fn own_objective(&self) -> (f64, f64) {
            (self.own, f64::EPSILON)
        }
    }

    const LIMITS: Limits = Limits { tol: 1e-8, max_iter: 1000, check_every: 1, exact_steps: false, early: false };

    fn stub(check: Findings) -> Stub {
        Stub { check, finite: true, checks: 0, steps: 0, own: check.objective }
    }

    fn solved(mut stub: Stub, limits: &Limits) -> (Summary, Stub) {
        let summary = solve(&mut stub, limits, Claim::Optimal, |_| Control::Continue);
        (summary, stub)
    }

    // Fault 83.
    #[test]
    fn the_check_is_believed_and_not_the_loop() {
        let of = |check: Findings, limits: &Limits| {
            let (summary, stub) = solved(stub(check), limits);
            (summary.status, stub.checks)
        };
        assert_eq!(of(GOOD, &LIMITS), (Status::Optimal, 1));
        // The loop is asked for more, a bounded number of times, and then it is the check that is believed.
        for wrong in [
            Findings { gap: 1.0, ..GOOD },
            Findings { gap: 2e-8, ..GOOD },
            Findings { violation: 0.1, ..GOOD },
            Findings { slackness: 0.1, ..GOOD },
            UNKNOWN,
        ] {
            assert_eq!(of(wrong, &LIMITS), (Status::IterationLimit, 1 + ROUNDS), "{wrong:?}");
            let exact = Limits { exact_steps: true, ..LIMITS };
            assert_eq!(of(wrong, &exact), (Status::IterationLimit, 1));
        }
        for wrong in [
            Findings { gap: f64::NAN, ..GOOD },
            Findings { objective: f64::NAN, ..GOOD },
            Findings { objective: f64::INFINITY, ..GOOD },
            Findings { violation: f64::NAN, ..GOOD },
        ] {
            assert_eq!(of(wrong, &LIMITS).0, Status::NumericalError, "{wrong:?}");
        }
        assert_eq!(solved(Stub { finite: false, ..stub(GOOD) }, &LIMITS).0.status, Status::NumericalError);
        assert_eq!(of(Findings { infeasible: true, ..GOOD }, &LIMITS), (Status::Infeasible, 1));
        assert_eq!(of(Findings { unbounded: true, ..UNKNOWN }, &LIMITS), (Status::Unbounded, 1));
    }

    /// What is proven early ends the loop early.
    #[test]
    fn a_check_that_proves_more_is_asked_early() {
        let (late, early) = (solved(stub(GOOD), &LIMITS), solved(stub(GOOD), &Limits { early: true, ..LIMITS }));
        assert_eq!((late.0.status, early.0.status), (Status::Optimal, Status::Optimal));
        // 2^-14 is the first measure below the square root of the tolerance, 2^-27 the first below it.
        assert_eq!((late.1.steps, early.1.steps), (27, 14));
    }

    #[test]
    fn a_contradiction_is_an_internal_error_and_nothing_else() {
        for wrong in [
            Findings { contradiction: true, ..GOOD },
            Findings { disagreement: 1e-3, ..GOOD },
            Findings { contradiction: true, unbounded: true, ..GOOD },
            Findings { contradiction: true, objective: f64::NAN, ..GOOD },
        ] {
            assert_eq!(solved(stub(wrong), &LIMITS).0.status, Status::InternalError, "{wrong:?}");
        }
        // The solver's own objective, but for its sign and rounding, is the one that was written.
        assert_eq!(solved(Stub { own: -1.0, ..stub(GOOD) }, &LIMITS).0.status, Status::Optimal);
        assert_eq!(solved(Stub { own: 1.0 + 1e-15, ..stub(GOOD) }, &LIMITS).0.status, Status::Optimal);
        assert_eq!(solved(Stub { own: 1.001, ..stub(GOOD) }, &LIMITS).0.status, Status::InternalError);
        // What a precision cannot hold is no contradiction.
        let tiny = Findings { objective: 4e-300, rounding: 1e-315, ..GOOD };
        assert!(
            !tiny.differs_from(0.0, f64::from(f32::EPSILON))
                && Findings { objective: 1e-290, ..tiny }.differs_from(0.0, f64::EPSILON)
        );
        assert!(Findings { objective: 1e-20, rounding: 1e-35, ..GOOD }.differs_from(0.0, f64::from(f32::EPSILON)));
        assert_eq!(status(Findings { disagreement: 1e-15, ..GOOD }, Reason::Converged), Status::Optimal);
        assert_eq!((Status::InternalError.exit_code(), Status::InternalError.as_str()), (70, "internal_error"));
    }

    #[test]
    fn only_a_proof_is_optimal() {
        assert_eq!(status(Findings { gap: 1e-7, ..GOOD }, Reason::Converged), Status::IterationLimit);
        assert_eq!(status(Findings { violation: 1e-7, ..GOOD }, Reason::Converged), Status::IterationLimit);
        assert_eq!(status(Findings { slackness: 1e-7, ..GOOD }, Reason::Converged), Status::IterationLimit);
        assert_eq!(status(UNKNOWN, Reason::Converged), Status::IterationLimit);
        let rounded = Findings { leftover: 3e-17, ..GOOD };
        assert_eq!(status(rounded, Reason::Converged), Status::Optimal);
        assert_eq!(rounded.certificate().to_string(), "duality gap (dual feasible to 1e-16)");
        assert_eq!(GOOD.certificate().to_string(), "duality gap");
        assert_eq!(GOOD.judge(Claim::Stationary, 1e-8, true, Reason::Converged).0, Status::Stationary);
        assert_eq!(GOOD.judge(Claim::Approximate, 1e-8, true, Reason::Converged).0, Status::Approximate);
        assert_eq!(status(GOOD, Reason::Interrupted), Status::Interrupted);
        assert_eq!(status(GOOD, Reason::TimeLimit), Status::Optimal);
        assert_eq!(status(Findings { gap: 1.0, ..GOOD }, Reason::TimeLimit), Status::TimeLimit);
    }

    /// Where a residual is all there is, it is no gap: the answer is stationary, and neither gap nor bound is told.
    #[test]
    fn a_residual_makes_an_answer_stationary() {
        let found = Findings { residual: 1e-9, ..UNKNOWN };
        let (summary, _) = solved(stub(found), &LIMITS);
        assert_eq!((summary.status, summary.certificate), (Status::Stationary, Certificate::FixedPointResidual));
        assert!(summary.gap == f64::INFINITY && summary.bound.is_nan() && summary.residual == 1e-9);
        assert_eq!(status(Findings { residual: 1e-7, ..UNKNOWN }, Reason::Stalled), Status::IterationLimit);
        assert_eq!(solved(stub(GOOD), &LIMITS).0.residual, f64::INFINITY);
    }
}
