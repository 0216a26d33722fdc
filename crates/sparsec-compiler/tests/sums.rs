//! Sums of penalties and sets: what is accepted is the prox of the sum, whatever rules made it so.
//!
//! The reference is Dykstra's algorithm over the proxes of the summands alone, which the laws hold each for itself: it converges to the prox of
//! the sum (Bauschke & Combettes, *A Dykstra-Like Algorithm for Two Monotone Operators*, 2008) and knows no rule for sums.

mod common;

use common::lab::{Proxable, text};
use common::laws::{OF_SUMS, ProxableLaw, Random, points};
use common::{Solved, stages};
use sparsec_compiler::calculus::oracle::{Example, N, Place};
use sparsec_compiler::calculus::{Facts, functions, sets};
use sparsec_compiler::{Options, compile};

fn examples() -> Vec<Example> {
    let all = [functions::examples(), sets::examples()].concat();
    // An example that is a sum itself stands for its parts, which are here as well.
    all.into_iter().filter(|e| e.place != Place::Smooth && e.constraint.is_empty()).collect()
}

/// The problem h‖y − v‖² + all of them, or `None` where no rule gives the prox.
fn problem(parts: &[Example], h: f64, v: &[f64]) -> Option<String> {
    let (y, shape) = match parts[0].unknown() {
        "Y" => ("Y", format!("matrix[2, {}]", N / 2)),
        y => (y, format!("vector[{N}]")),
    };
    let list = |v: &[f64]| format!("[{}]", v.iter().map(|x| format!("{x:?}")).collect::<Vec<_>>().join(", "));
    let v = if y == "Y" { format!("[{}, {}]", list(&v[..3]), list(&v[3..])) } else { list(v) };
    let of = |place: Place| parts.iter().filter(move |e| e.place == place).map(|e| e.text);
    let objective = [format!("{h:?}*||{y} - {v}||^2")].into_iter().chain(of(Place::Penalty).map(str::to_owned));
    let constraints: Vec<&str> = of(Place::Constraint).collect();
    let constraints =
        if constraints.is_empty() { String::new() } else { format!("subject to {}\n", constraints.join(", ")) };
    let objective: Vec<String> = objective.collect();
    Some(format!("var {y}: {shape}\nminimize {}\n{constraints}", objective.join(" + ")))
}

fn accepted(text: &str) -> bool {
    let ast = sparsec_syntax::parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    match compile(&ast, "sum", &Options::default()) {
        Ok(_) => true,
        Err(errors) => {
            assert!(errors.iter().all(|e| e.code.code == "E0402" && !e.labels.is_empty()), "{text}: {errors:?}");
            false
        }
    }
}

/// The prox at v by Dykstra's algorithm; `None` where it has not converged.
fn dykstra(proxes: &mut [Proxable], v: &[f64], gamma: f64) -> Option<Vec<f64>> {
    let mut x = v.to_vec();
    let mut corrections = vec![vec![0.0; N]; proxes.len()];
    let mut still = 0;
    for _ in 0..4_000 {
        let before = x.clone();
        let mut moved: f64 = 0.0;
        for (prox, p) in proxes.iter_mut().zip(&mut corrections) {
            let from: Vec<f64> = x.iter().zip(&*p).map(|(x, p)| x + p).collect();
            x = prox.prox(&from, gamma);
            for ((p, from), x) in p.iter_mut().zip(&from).zip(&x) {
                let next = from - x;
                moved = moved.max((next - *p).abs());
                *p = next;
            }
        }
        let step = x.iter().zip(&before).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
        still = if step.max(moved) <= 1e-13 * (1.0 + gamma) { still + 1 } else { 0 };
        if still >= 3 {
            return Some(x);
        }
    }
    None
}

/// Solves a sum at several points and compares; says how many points could be compared, and what is wrong.
fn compare(parts: &[Example], proxes: &mut [Proxable]) -> (usize, Option<String>) {
    let mut compared = 0;
    for (k, v) in points().into_iter().enumerate() {
        for h in [[0.5, 0.05][k % 2]] {
            let Some(reference) = dykstra(proxes, &v, 0.5 / h) else { continue };
            let Some(text) = problem(parts, h, &v) else { continue };
            let s: Solved = common::solve(&text, 1e-13);
            if s.infeasible == 1.0 {
                continue;
            }
            compared += 1;
            let y = &s.point[parts[0].unknown()];
            let off = y.iter().zip(&reference).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
            let size = 1.0 + v.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
            if off > 1e-6 * size {
                return (compared, Some(format!("{text}{y:?} is not {reference:?}")));
            }
            if !(s.gap <= 1e-9 && s.gap >= -1e-12) {
                return (compared, Some(format!("{text}gap {}", s.gap)));
            }
        }
    }
    (compared, None)
}

fn prox_of(example: &Example) -> Proxable {
    let stages = stages(&text(example));
    Proxable::new(&stages, &stages.composite.blocks[0])
}

#[test]
fn pairs_that_are_accepted_are_solved() {
    let all = examples();
    let (mut wrong, mut taken) = (Vec::new(), 0);
    for (i, a) in all.iter().enumerate() {
        for b in &all[i..] {
            let parts = [*a, *b];
            let text = problem(&parts, 0.5, &[0.5; N]).unwrap_or_default();
            if a.unknown() != b.unknown() || !accepted(&text) {
                continue;
            }
            let mut proxes = [prox_of(a), prox_of(b)];
            let (compared, error) = compare(&parts, &mut proxes);
            taken += usize::from(compared > 0);
            wrong.extend(error);
            let stages = stages(&text);
            let block = &stages.composite.blocks[0];
            if compared > 0 && !block.sum.steps.is_empty() {
                let mut rule = Proxable::new(&stages, block);
                let broken = |(law, holds): &(&str, ProxableLaw)| {
                    holds(&mut rule, a, Facts::default()).err().map(|why| format!("{text}{law}: {why}"))
                };
                wrong.extend(OF_SUMS.iter().filter_map(broken));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // So many pairs at least have a rule; a rule that is lost shows here.
    assert!(taken >= 100, "{taken} pairs");
}

#[test]
fn triples_that_are_accepted_are_solved() {
    let all = examples();
    let mut r = Random(43);
    let (mut wrong, mut taken) = (Vec::new(), 0);
    for _ in 0..3000 {
        let mut pick = || all[((r.next() + 1.0) / 2.0 * all.len() as f64) as usize % all.len()];
        let parts = [pick(), pick(), pick()];
        if parts.iter().any(|e| e.unknown() != parts[0].unknown()) {
            continue;
        }
        let text = problem(&parts, 0.5, &[0.5; N]).unwrap_or_default();
        if !accepted(&text) || taken >= 150 {
            continue;
        }
        let mut proxes: Vec<Proxable> = parts.iter().map(prox_of).collect();
        let (compared, error) = compare(&parts, &mut proxes);
        taken += usize::from(compared > 0);
        wrong.extend(error);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(taken >= 50, "{taken} triples");
}
