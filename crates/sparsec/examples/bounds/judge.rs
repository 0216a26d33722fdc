//! What is claimed of a problem, held against its reference.

use crate::reference::{Double, Found, d};
use crate::wild::{self, Random, Wild, wide};
use sparsec::{Backend, Options, Problem, Real, Status, View};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a bound may be beyond the reference, of S: the reference's own error.
const REFERENCE: f64 = 1e-12;

/// What came of many problems.
#[derive(Default)]
pub struct Tally {
    pub problems: u64,
    pub solved: u64,
    pub converged: u64,
    pub proven: u64,
    pub points: u64,
    pub accepted: u64,
    pub wrong: Vec<String>,
    /// References, proven ones, solved ones and all, by kind.
    pub kinds: BTreeMap<String, [u64; 4]>,
}

/// Values of y and the intercept.
fn split<'a>(problem: &Wild, v: &'a [f64]) -> Vec<(&'static str, View<'a>)> {
    let mut out = vec![("y", View::from(&v[..problem.n]))];
    if problem.intercept {
        out.push(("c", View::from(&v[problem.n..=problem.n])));
    }
    out
}

struct Judge<'a> {
    problem: &'a Wild,
    seed: u64,
    reference: &'a Found,
    least: Double,
    wrong: Vec<String>,
}

impl Judge<'_> {
    fn complain(&mut self, what: &str) {
        self.wrong.push(format!("problem {} ({}): {what}", self.seed, self.problem.kind));
    }

    /// A bound, and the gap with which it comes, at a point.
    fn bound(&mut self, place: &str, v: &[f64], bound: f64, gap: f64, violation: f64) {
        if !gap.is_finite() || v.iter().any(|x| !x.is_finite()) {
            return;
        }
        let sign = if self.problem.maximise { -1.0 } else { 1.0 };
        let (at, size) = (self.problem.value(&wide(v)), self.problem.size(&wide(v)));
        if !at.hi().is_finite() {
            return;
        }
        let own = self.problem.size(&self.reference.w[..self.problem.len()]);
        let beyond = (d(sign * bound) - self.least).hi();
        if beyond > REFERENCE * size.max(own) {
            self.complain(&format!(
                "{place}: the bound {bound:e} is beyond the reference {:e} by {beyond:e}, S {size:e}",
                sign * self.least.hi()
            ));
        }
        let above = (at - self.least).hi();
        if (0.0..1e-2).contains(&gap) && above > gap * size * (1.0 + 1e-6) + REFERENCE * size && violation <= 1e-6 {
            self.complain(&format!("{place}: {above:e} above the reference, S {size:e}, with a gap of {gap:e}"));
        }
    }
}

fn run<T: Real>(seed: u64, problem: &Wild, reference: Option<&Found>, tally: &Mutex<Tally>) {
    let tol = if problem.single { 1e-5 } else { 1e-8 };
    let options = Options::new().tol(tol).max_iter(3000).backend(Backend::Interpreter);
    let solver = Problem::parse(&problem.text)
        .and_then(|p| p.compile::<T>(&options))
        .and_then(|compiled| compiled.bind([]))
        .unwrap_or_else(|e| panic!("problem {seed}: {e}\n{}", problem.text));
    let Some(reference) = reference else { return };
    let least = problem.value(&reference.w[..problem.len()]);
    let mut judge = Judge { problem, seed, reference, least, wrong: Vec::new() };
    let mut solved = false;
    match solver.solve(&[]) {
        Err(e) => judge.complain(&e.to_string()),
        Ok(solution) => {
            let entries = solution.variables.iter().flat_map(|v| v.values.iter().map(|x| x.to_f64()));
            let v: Vec<f64> = entries.collect();
            // Of a few problems the objective has no bound: there the reference goes away.
            let none = matches!(solution.status, Status::Unbounded) && reference.converged;
            if none || solution.status == Status::Infeasible {
                judge.complain(&format!("called {}", solution.status));
            }
            solved = solution.status == Status::Optimal;
            if solved {
                let above = (problem.value(&wide(&v)) - least).hi();
                let size = problem.size(&wide(&v));
                if above > (tol + REFERENCE) * size * (1.0 + 1e-6) {
                    judge.complain(&format!("called optimal, {above:e} above the reference, S {size:e}"));
                }
            }
            judge.bound("the answer", &v, solution.bound, solution.gap, solution.violation);
        }
    }

    let look = |judge: &mut Judge<'_>, place: &str, v: &[f64]| {
        if v.iter().any(|x| !T::from_f64(*x).to_f64().is_finite()) {
            return false;
        }
        let found = match solver.evaluate(&[], &split(problem, v)) {
            Err(e) => {
                judge.complain(&format!("{place}: {e}"));
                return false;
            }
            Ok(found) => found,
        };
        judge.bound(place, v, found.bound, found.gap, found.violation);
        found.gap <= tol && found.violation <= tol
    };
    let best = problem.rounded(&reference.w, reference.active);
    let mut proven = look(&mut judge, "the reference", &best);
    if !proven {
        // What is nearly active may be inside.
        let plain: Vec<f64> = reference.w[..problem.len()].iter().map(|x| x.hi()).collect();
        proven = look(&mut judge, "the reference as it is", &plain);
    }
    let (mut points, mut accepted) = (0, 0);
    let mut random = Random::new(seed ^ 0xabcd);
    let norm = best.iter().map(|x| x.abs()).fold(0.0, f64::max).max(1e-300);
    let longest = reference.flattest[..problem.len()].iter().map(|x| x.abs()).fold(0.0, f64::max).max(1e-300);
    for k in 0..8 {
        let length = norm * random.decade(-9.0, 1.5) / longest * if random.chance(0.5) { 1.0 } else { -1.0 };
        let moved = |(j, x): (usize, &f64)| match k {
            // 0, and anywhere.
            0 => 0.0,
            1 => norm * random.normal(),
            _ if *x == 0.0 && k % 2 == 0 => 0.0,
            _ => x + length * reference.flattest[j],
        };
        let v: Vec<f64> = best.iter().enumerate().map(moved).collect();
        points += 1;
        accepted += u64::from(look(&mut judge, "a point moved", &v));
    }
    let mut tally = tally.lock().expect("no panic");
    tally.problems += 1;
    tally.solved += u64::from(solved);
    tally.converged += u64::from(reference.converged);
    tally.proven += u64::from(proven && reference.converged);
    tally.points += points;
    tally.accepted += accepted;
    tally.wrong.append(&mut judge.wrong);
    let kind = tally.kinds.entry(problem.kind.clone()).or_default();
    kind[0] += u64::from(reference.converged);
    kind[1] += u64::from(proven && reference.converged);
    kind[2] += u64::from(solved);
    kind[3] += 1;
}

/// Judges the problems with `count` numbers from `first` on.
pub fn judge(count: u64, first: u64) -> Tally {
    let (tally, next) = (Mutex::new(Tally::default()), AtomicU64::new(first));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    let problem = wild::problem(seed);
                    let reference = problem.program.minimise();
                    if problem.single {
                        run::<f32>(seed, &problem, reference.as_ref(), &tally);
                    } else {
                        run::<f64>(seed, &problem, reference.as_ref(), &tally);
                    }
                }
            });
        }
    });
    tally.into_inner().expect("no panic")
}
