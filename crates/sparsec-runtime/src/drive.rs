//! The solve loop that all executors share.
//!
//! `prepare`, then steps with a `stop` (a measurement) before the first, after the 1st, 2nd and 5th, after every
//! `check_every`-th and after the last, then `finish`. The loop ends as converged only where
//! `measure <= tol && objective.is_finite()` is true, so a NaN never does.

/// The blocks of a program that runs on given data.
pub trait Blocks {
    /// Runs `prepare`.
    fn prepare(&mut self);
    /// Runs one `step`.
    fn step(&mut self);
    /// Runs `stop` and returns what it measured.
    fn stop(&mut self) -> Measure;
    /// Runs `finish`.
    fn finish(&mut self);
}

/// What `stop` measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// Objective at the iterate just measured.
    pub objective: f64,
    /// An estimate of its relative gap, or a residual.
    pub measure: f64,
    /// The size of the objective there, in its own units.
    pub scale: f64,
}

/// When to end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Accept when the measure is at most this.
    pub tol: f64,
    /// Bound on the number of steps.
    pub max_iter: u64,
    /// Steps between two measurements; 0 counts as 1.
    pub check_every: u64,
    /// Exactly `max_iter` steps and one measurement, after the last.
    pub exact_steps: bool,
    /// What a check of the point proves is much less than what the loop measures: it is looked at early.
    pub early: bool,
}

/// What the observer is shown at every measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Steps done.
    pub iteration: u64,
    /// What was measured now; NaN and +∞ where `exact_steps` leaves it unmeasured.
    pub measure: Measure,
    /// The smallest measure so far.
    pub best: f64,
}

/// The observer's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// The user asked to stop.
    Interrupt,
    /// The time is up.
    TimeLimit,
}

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The tolerance was met.
    Converged,
    /// `max_iter` steps were done.
    IterationLimit,
    /// The observer said so.
    TimeLimit,
    /// The observer said so.
    Interrupted,
    /// Nothing has improved over many steps.
    Stalled,
    /// The objective has fallen so far that it may have no bound.
    Falling,
    /// The objective or the measure is NaN, or the objective of an iterate after the first is infinite.
    NotFinite,
}

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Steps done.
    pub iterations: u64,
    /// Why.
    pub reason: Reason,
    /// What was measured last.
    pub measure: Measure,
}

/// An improvement that counts: the best measure shrinks at least by this factor.
const IMPROVED: f64 = 0.999;
/// The objective falls without end, it may be, once it has fallen by so many times the size that it had in the first measurements.
const FALLING: f64 = 1e9;
/// The measurements that say what size the objective has.
const FIRST: u64 = 3;
/// A fall of the objective that counts, relative to its size, is at least this; or a thousandth of the tolerance.
const FELL: f64 = 1e-13;
/// Steps without an improvement before the loop may be called stalled; accelerated methods are not monotone.
const PATIENCE: u64 = 2000;
/// Measurements without an improvement before the loop may be called stalled.
const PATIENCE_CHECKS: u64 = 50;

/// The number of steps after which to measure next.
fn next_check(iteration: u64, check_every: u64) -> u64 {
    let regular = (iteration / check_every).saturating_add(1).saturating_mul(check_every);
    let early = [1, 2, 5].into_iter().find(|&early| early > iteration);
    early.unwrap_or(regular).min(regular)
}

/// Runs a program to its end. `observe` is called at every measurement: it writes the trace and looks at the clock.
///
/// The loop is stalled once neither the best measure has shrunk by a factor nor the objective has fallen over 2000 steps,
/// 50 measurements and a quarter of all steps done.
pub fn drive(blocks: &mut impl Blocks, limits: &Limits, mut observe: impl FnMut(&Progress) -> Control) -> Outcome {
    let check_every = limits.check_every.max(1);
    blocks.prepare();
    let outcome = if limits.exact_steps {
        run_exactly(blocks, limits, check_every, &mut observe)
    } else {
        run_until(blocks, limits, check_every, &mut observe)
    };
    blocks.finish();
    outcome
}

fn run_exactly(
    blocks: &mut impl Blocks,
    limits: &Limits,
    check_every: u64,
    observe: &mut impl FnMut(&Progress) -> Control,
) -> Outcome {
    let mut iteration = 0;
    let mut ended = None;
    while iteration < limits.max_iter && ended.is_none() {
        blocks.step();
        iteration += 1;
        if iteration.is_multiple_of(check_every) && iteration < limits.max_iter {
            let measure = Measure { objective: f64::NAN, measure: f64::INFINITY, scale: f64::NAN };
            ended = ended_by(observe(&Progress { iteration, measure, best: f64::INFINITY }));
        }
    }
    let measure = blocks.stop();
    let control = observe(&Progress { iteration, measure, best: measure.measure });
    let reason = if !measured(measure, iteration) {
        Reason::NotFinite
    } else if accepted(measure, limits.tol) {
        Reason::Converged
    } else {
        ended.or(ended_by(control)).unwrap_or(Reason::IterationLimit)
    };
    Outcome { iterations: iteration, reason, measure }
}

fn run_until(
    blocks: &mut impl Blocks,
    limits: &Limits,
    check_every: u64,
    observe: &mut impl FnMut(&Progress) -> Control,
) -> Outcome {
    let mut iteration = 0_u64;
    let mut best = f64::INFINITY;
    // The measure, the objective and the step of the last improvement that counts.
    let (mut reference, mut lowest, mut improved_at) = (f64::INFINITY, f64::INFINITY, 0_u64);
    let (mut first, mut size, mut count) = (None, 0.0, 0);
    let patience = PATIENCE.max(PATIENCE_CHECKS.saturating_mul(check_every));
    loop {
        let measure = blocks.stop();
        if measure.measure < best {
            best = measure.measure;
        }
        // What rounding does to an objective of which a constant is the most is no fall.
        let fall = FELL.max(1e-3 * limits.tol) * measure.scale + f64::EPSILON * measure.objective.abs();
        count += 1;
        if count <= FIRST && measure.scale > size {
            size = measure.scale;
        }
        if best < IMPROVED * reference || measure.objective < lowest - fall || lowest == f64::INFINITY {
            (reference, lowest, improved_at) = (best, lowest.min(measure.objective), iteration);
        }
        let control = observe(&Progress { iteration, measure, best });
        let reason = if !measured(measure, iteration) {
            Some(Reason::NotFinite)
        } else if accepted(measure, limits.tol) {
            Some(Reason::Converged)
        } else if let Some(reason) = ended_by(control) {
            Some(reason)
        } else if iteration >= limits.max_iter {
            Some(Reason::IterationLimit)
        } else if count > FIRST && measure.objective < *first.get_or_insert(measure.objective) - FALLING * size {
            Some(Reason::Falling)
        } else if iteration - improved_at >= patience.max(iteration / 4) {
            Some(Reason::Stalled)
        } else {
            None
        };
        if let Some(reason) = reason {
            return Outcome { iterations: iteration, reason, measure };
        }
        let until = next_check(iteration, check_every).min(limits.max_iter);
        while iteration < until {
            blocks.step();
            iteration += 1;
        }
    }
}

fn accepted(measure: Measure, tol: f64) -> bool {
    measure.measure <= tol && measure.objective.is_finite()
}

/// The start may lie outside the domain (objective +∞); no later iterate may.
fn measured(measure: Measure, iteration: u64) -> bool {
    !measure.measure.is_nan() && (measure.objective.is_finite() || (iteration == 0 && !measure.objective.is_nan()))
}

fn ended_by(control: Control) -> Option<Reason> {
    match control {
        Control::Continue => None,
        Control::Interrupt => Some(Reason::Interrupted),
        Control::TimeLimit => Some(Reason::TimeLimit),
    }
}
