//! The solve loop: when it measures and why it ends.

use sparsec_runtime::{Blocks, Control, Limits, Measure, Outcome, Progress, Reason, Status, drive};

/// Blocks whose k-th iterate has the measure `measures(k)` and the objective `objectives(k)`.
struct Scripted<M, O> {
    steps: u64,
    best: f64,
    measured_at: Vec<u64>,
    calls: String,
    measures: M,
    objectives: O,
}

impl<M: Fn(u64) -> f64, O: Fn(u64) -> f64> Blocks for Scripted<M, O> {
    fn prepare(&mut self) {
        self.calls.push('p');
    }
    fn step(&mut self) {
        self.steps += 1;
    }
    fn stop(&mut self) -> Measure {
        self.measured_at.push(self.steps);
        let measure = (self.measures)(self.steps);
        // As a program does: the best so far, NaN kept.
        if measure.is_nan() || measure < self.best {
            self.best = measure;
        }
        Measure { objective: (self.objectives)(self.steps), measure: self.best, scale: 1.0 }
    }
    fn finish(&mut self) {
        self.calls.push('f');
    }
}

const LIMITS: Limits = Limits { tol: 1e-6, max_iter: 100_000, check_every: 10, exact_steps: false, early: false };

fn run(
    limits: Limits,
    measures: impl Fn(u64) -> f64,
    objectives: impl Fn(u64) -> f64,
    observe: impl FnMut(&Progress) -> Control,
) -> (Outcome, Vec<u64>) {
    let mut blocks =
        Scripted { steps: 0, best: f64::INFINITY, measured_at: Vec::new(), calls: String::new(), measures, objectives };
    let outcome = drive(&mut blocks, &limits, observe);
    assert_eq!(blocks.calls, "pf");
    assert_eq!(outcome.iterations, blocks.steps);
    assert_eq!(blocks.measured_at.last(), Some(&blocks.steps), "the last iterate is measured");
    (outcome, blocks.measured_at)
}

fn quiet(_: &Progress) -> Control {
    Control::Continue
}

#[test]
fn measures_early_and_then_every_few_steps() {
    let (outcome, at) = run(LIMITS, |k| if k >= 37 { 1e-7 } else { 1.0 }, |_| 1.0, quiet);
    assert_eq!((outcome.reason, outcome.iterations), (Reason::Converged, 40));
    assert_eq!(at, [0, 1, 2, 5, 10, 20, 30, 40]);
    let (_, at) =
        run(Limits { check_every: 3, ..LIMITS }, |k| 1.0 / (1 + k) as f64 * f64::from(k < 14), |_| 1.0, quiet);
    assert_eq!(at, [0, 1, 2, 3, 5, 6, 9, 12, 15]);
    let (_, at) = run(Limits { check_every: 0, max_iter: 4, ..LIMITS }, |_| 1.0, |_| 1.0, quiet);
    assert_eq!(at, [0, 1, 2, 3, 4]);
}

// Fault 46.
#[test]
fn the_start_is_accepted_at_once() {
    let (outcome, at) = run(LIMITS, |_| 0.0, |_| 0.0, quiet);
    assert_eq!((outcome.reason, outcome.iterations, at), (Reason::Converged, 0, vec![0]));
}

// Fault 82.
#[test]
fn nan_is_never_converged() {
    let (outcome, _) = run(LIMITS, |k| if k >= 5 { f64::NAN } else { 1.0 }, |_| 1.0, quiet);
    assert_eq!((outcome.reason, outcome.iterations), (Reason::NotFinite, 5));
    let (outcome, _) = run(LIMITS, |_| 0.0, |_| f64::NAN, quiet);
    assert_eq!((outcome.reason, outcome.iterations), (Reason::NotFinite, 0));
}

// Fault 84.
#[test]
fn divergence_ends() {
    let (outcome, _) = run(LIMITS, |_| 1.0, |k| 10.0_f64.powi(k as i32), quiet);
    assert_eq!(outcome.reason, Reason::NotFinite);
    let (outcome, _) = run(LIMITS, |_| 0.0, |k| if k == 0 { f64::INFINITY } else { 1.0 }, quiet);
    assert_eq!((outcome.reason, outcome.iterations), (Reason::Converged, 1));
}

// Fault 86.
#[test]
fn stagnation_is_noticed_but_not_too_soon() {
    let (outcome, _) = run(LIMITS, |k| if k < 100 { 1.0 } else { 0.5 }, |_| 1.0, quiet);
    assert_eq!((outcome.reason, outcome.iterations), (Reason::Stalled, 2100));
    // A slow descent is no stagnation.
    let (outcome, _) = run(LIMITS, |k| 1.0 / (1 + k) as f64, |_| 1.0, quiet);
    assert_eq!((outcome.reason, outcome.iterations), (Reason::IterationLimit, 100_000));
    // Long ripples are none either.
    let ripples = |k: u64| if k % 1900 < 50 { 0.9_f64.powi((k / 1900) as i32) } else { 2.0 };
    assert_eq!(run(LIMITS, ripples, |_| 1.0, quiet).0.reason, Reason::IterationLimit);
}

// Fault 87.
#[test]
fn cycling_ends() {
    let (outcome, _) = run(LIMITS, |k| if k % 20 == 0 { 1.0 } else { 2.0 }, |_| 1.0, quiet);
    assert_eq!(outcome.reason, Reason::Stalled);
}

// Fault 97.
#[test]
fn small_limits() {
    for max_iter in [0, 1] {
        let (outcome, _) = run(Limits { max_iter, ..LIMITS }, |_| 1.0, |_| 1.0, quiet);
        assert_eq!((outcome.reason, outcome.iterations), (Reason::IterationLimit, max_iter));
    }
    let (outcome, _) = run(LIMITS, |_| 1.0, |_| 1.0, |_| Control::TimeLimit);
    assert_eq!((outcome.reason, outcome.iterations), (Reason::TimeLimit, 0));
    let (outcome, _) =
        run(LIMITS, |_| 1.0, |_| 1.0, |p| if p.iteration >= 25 { Control::Interrupt } else { Control::Continue });
    assert_eq!((outcome.reason, outcome.iterations), (Reason::Interrupted, 30));
}

// Fault 98.
#[test]
fn odd_tolerances() {
    for tol in [f64::NAN, -1.0] {
        let (outcome, _) = run(Limits { tol, max_iter: 50, ..LIMITS }, |_| 0.0, |_| 1.0, quiet);
        assert_eq!(outcome.reason, Reason::IterationLimit);
    }
    assert_eq!(run(Limits { tol: 0.0, ..LIMITS }, |_| 0.0, |_| 1.0, quiet).0.reason, Reason::Converged);
    assert_eq!(run(Limits { tol: 0.0, ..LIMITS }, |_| 1e-300, |_| 1.0, quiet).0.reason, Reason::Stalled);
}

#[test]
fn exact_steps_measure_once() {
    let limits = Limits { exact_steps: true, max_iter: 7, ..LIMITS };
    let (outcome, at) = run(limits, |_| 0.5, |_| 1.0, quiet);
    assert_eq!((outcome.reason, outcome.iterations, at), (Reason::IterationLimit, 7, vec![7]));
    let (outcome, _) = run(limits, |_| 0.0, |_| 1.0, quiet);
    assert_eq!(outcome.reason, Reason::Converged);
    let long = Limits { max_iter: 1000, ..limits };
    let (outcome, _) = run(long, |_| 0.5, |_| 1.0, |_| Control::Interrupt);
    assert_eq!((outcome.reason, outcome.iterations), (Reason::Interrupted, 10));
}

#[test]
fn statuses_are_spelled_and_coded() {
    let found: Vec<(&str, u8)> = Status::ALL.iter().map(|s| (s.as_str(), s.exit_code())).collect();
    let expected = [
        ("optimal", 0),
        ("stationary", 0),
        ("approximate", 0),
        ("iteration_limit", 5),
        ("time_limit", 5),
        ("infeasible", 6),
        ("unbounded", 6),
        ("numerical_error", 7),
        ("interrupted", 130),
        ("internal_error", 70),
    ];
    assert_eq!(found, expected);
}
