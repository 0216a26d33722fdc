//! Gaps and bounds are bounds: a few of the problems of `examples/bounds`, units and constants, what is not proven.
#![cfg(feature = "std")]

#[path = "../examples/bounds/double.rs"]
mod double;
#[path = "../examples/bounds/judge.rs"]
mod judge;
#[path = "../examples/bounds/reference.rs"]
mod reference;
#[path = "../examples/bounds/wild.rs"]
mod wild;

use sparsec::{Backend, Certificate, Options, Problem, Status, View};

#[test]
fn regressions_in_the_wild_are_judged_right() {
    let tally = judge::judge(250, 500_000);
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
    assert!(tally.converged >= 200 && tally.solved >= 150 && tally.accepted >= 300, "{}", tally.converged);
    assert!(tally.proven as f64 >= 0.9 * tally.converged as f64, "{} of {}", tally.proven, tally.converged);
    assert_eq!(tally.problems, tally.kinds.values().map(|k| k[3]).sum::<u64>());
}

#[test]
fn slopes_that_no_correction_reaches_are_charged() {
    // All residuals but three are beyond Huber's ρ, so that four columns depend on each other, beside an intercept of 10¹⁵.
    let tally = judge::judge(1, 202_333);
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
    assert_eq!((tally.converged, tally.proven), (1, 1));
}

/// Gap and scaled bound of a regression at a point; data in units that are `unit` times smaller, beside a constant.
fn gap_at(unit: f64, constant: f64, kind: &str) -> (f64, f64) {
    let (m, n) = (9, 4);
    let a: Vec<f64> = (0..m * n).map(|k| unit * f64::from((k * k * 7 % 23) as u32) / 23.0).collect();
    let b: Vec<f64> = (0..m).map(|k| unit * f64::from((k * 5 % 11) as u32)).collect();
    let y: Vec<f64> = (0..n).map(|k| if kind == "y in simplex" { 0.25 } else { 0.5 + f64::from(k as u32) }).collect();
    let square = constant * unit * unit;
    let text = format!(
        "const A: matrix[{m}, {n}]\nconst b: vector[{m}]\nparam k: scalar\nvar y: vector[{n}]\nminimize ‖A y - b‖² + k\n{}",
        if kind.is_empty() { String::new() } else { format!("subject to {kind}") }
    );
    let options = Options::new().backend(Backend::Interpreter);
    let compiled = Problem::parse(&text).and_then(|p| p.compile::<f64>(&options)).expect("it compiles");
    let solver = compiled.bind([("A", View::matrix(m, n, &a)), ("b", View::from(&b[..]))]).expect("it binds");
    let found = solver.evaluate(&[("k", View::from(square))], &[("y", View::from(&y[..]))]).expect("a point");
    (found.gap, (found.bound - square) / (unit * unit))
}

#[test]
fn units_and_constants_do_not_matter() {
    for kind in ["", "y >= 0", "0 <= y <= 3.5", "y in simplex", "sum(y) == 8"] {
        let (gap, bound) = gap_at(1.0, 0.0, kind);
        assert!(gap > 0.0 && gap < 2.0 && bound.is_finite(), "{kind}: {gap}");
        for exponent in [-60, -20, 20, 60] {
            // A power of two changes no rounding.
            assert_eq!(gap_at(2.0_f64.powi(exponent), 0.0, kind), (gap, bound), "{kind}, 2^{exponent}");
        }
        let (beside, shifted) = gap_at(1.0, 4096.0, kind);
        assert_eq!(beside, gap, "{kind}");
        assert!((shifted - bound).abs() <= 1e-10 * 4096.0 && shifted <= bound, "{kind}: {shifted} {bound}");
    }
}

#[test]
fn where_no_factor_can_be_afforded_there_is_a_residual() {
    let text = "dim n = 4000\nvar y: vector[n]\nminimize ‖cumsum(y) - ones(n)‖² + ‖cumsum(cumsum(y)) - 2*ones(n)‖²";
    let options = Options::new().max_iter(10);
    let compiled = Problem::parse(text).and_then(|p| p.compile::<f64>(&options)).expect("it compiles");
    let solution = compiled.bind([]).and_then(|solver| solver.solve(&[])).expect("an answer");
    assert_eq!((solution.status, solution.certificate), (Status::IterationLimit, Certificate::FixedPointResidual));
    assert!(solution.residual > 1e-3 && solution.residual.is_finite());
    assert!(solution.bound.is_nan() && solution.gap == f64::INFINITY);
    // The same with rows that a factor can be made of.
    let small = Problem::parse(&text.replace("4000", "40")).and_then(|p| p.compile::<f64>(&Options::new()));
    let solution = small.and_then(|c| c.bind([])).and_then(|solver| solver.solve(&[])).expect("an answer");
    assert_eq!(solution.status, Status::Optimal, "{:?}", solution.summary);
}
