//! The columns' units do not decide how a problem is solved.
#![cfg(feature = "std")]

use sparsec::{Backend, Options, Problem, Status, View};

const M: usize = 12;
const N: usize = 5;

/// A regression of a kind whose column j is in units that are `units[j]` times smaller, so that its unknown is as many times larger.
fn text(kind: &str, metric: &str) -> String {
    let data = format!(
        "const A: matrix[{M}, {N}]\nconst b: vector[{M}]\nconst s: vector[{N}] > 0\nconst g: vector[2] > 0\nvar y: vector[{N}]\n"
    );
    let problem = match kind {
        "lasso" => "minimize ||A*y - b||^2 + 0.7*norm1(s .* y)",
        "nonnegative" => "minimize ||A*y - b||^2\nsubject to y >= 0",
        "box" => "minimize ||A*y - b||^2\nsubject to -0.3 <= s .* y, s .* y <= 0.4",
        "huber" => "minimize huber(A*y - b, 0.1) + 0.01*norm1(s .* y)",
        "groups" => "minimize ||A*y - b||^2 + 0.3*group_norm(y, [[0, 1], [2, 3, 4]], g)",
        "logistic" => "minimize logistic(A*y - b) + 0.1*norm1(s .* y)",
        _ => "minimize ||A*y - b||^2 + ||A*y||^2 + 0.2*norm1(s .* y)",
    };
    format!("{data}{problem}\nsolve with fista({metric}max_iter = 20000)")
}

/// Iterations, and the answer in the units of column 1.
fn solved(kind: &str, metric: &str, units: &[f64; N]) -> (u64, Vec<f64>) {
    let entry = |i: usize, j: usize| f64::from(((i * 7 + j * 13 + i * j * 5) % 17) as u32) / 8.0 - 1.0;
    let a: Vec<f64> = (0..M * N).map(|k| entry(k / N, k % N) * units[k % N]).collect();
    let b: Vec<f64> = (0..M).map(|i| f64::from((i * 5 % 7) as u32) / 3.0 - 1.0).collect();
    let options = Options::new().backend(Backend::Interpreter);
    let compiled = Problem::parse(&text(kind, metric)).and_then(|p| p.compile::<f64>(&options)).expect(kind);
    let (matrix, of_groups) = (View::matrix(M, N, &a), [units[0], units[2]]);
    let data =
        [("A", matrix), ("b", View::from(&b[..])), ("s", View::from(&units[..])), ("g", View::from(&of_groups[..]))];
    let solution = compiled.bind(data).and_then(|s| s.solve(&[])).expect(kind);
    assert_eq!(solution.status, Status::Optimal, "{kind} in units {units:?}");
    let y = &solution.variables[0].values;
    (solution.iterations, y.iter().zip(units).map(|(y, s)| y * s).collect())
}

#[test]
fn columns_in_other_units_take_the_same_steps() {
    // Powers of two change no rounding.
    let units = [1.0, 1024.0, 1.0 / 4096.0, 0.5, 2.0_f64.powi(30)];
    let of_groups = [64.0, 64.0, 1.0 / 512.0, 1.0 / 512.0, 1.0 / 512.0];
    for kind in ["lasso", "nonnegative", "huber", "logistic", "groups", "two terms"] {
        let units = if kind == "groups" { of_groups } else { units };
        let (plain, other) =
            (solved(kind, "metric = diagonal, ", &[1.0; N]), solved(kind, "metric = diagonal, ", &units));
        assert_eq!(plain, other, "{kind}");
    }
}

#[test]
fn columns_in_other_units_are_solved_as_fast() {
    let units = [1.0, 1e3, 1e-4, 0.3, 1e9];
    for kind in ["lasso", "nonnegative", "box", "huber", "logistic", "two terms"] {
        let (plain, other) = (solved(kind, "", &[1.0; N]), solved(kind, "", &units));
        assert!(other.0 <= 4 * plain.0 + 40, "{kind}: {} iterations, {} in other units", plain.0, other.0);
        for (a, b) in plain.1.iter().zip(&other.1) {
            assert!((a - b).abs() <= 1e-3, "{kind}: {:?} {:?}", plain.1, other.1);
        }
    }
}

#[test]
fn squares_that_underflow_are_no_constants() {
    for (text, wrong) in [
        ("var y: scalar\nminimize (1 - 1e-162*y)^2", 1.0),
        ("var y: scalar\nminimize ||[1, 1] - 1e-155*[y; y]||^2 + 1e-158*norm1(y)", 2.0),
        ("param s: scalar\nvar y: scalar\nminimize (1 - s*y)^2", 1.0),
    ] {
        let options = Options::new().backend(Backend::Interpreter);
        let solver =
            Problem::parse(text).and_then(|p| p.compile::<f64>(&options)).and_then(|c| c.bind([])).expect(text);
        let values: &[(&str, View<'_>)] = if text.contains("param") { &[("s", View::from(1e-162))] } else { &[] };
        let solution = solver.solve(values).expect(text);
        assert!(
            solution.status != Status::Optimal || solution.objective < 1e-3 * wrong,
            "{text}: {}",
            solution.objective
        );
        assert!(solution.bound.is_nan() || solution.bound <= 1e-3 * wrong, "{text}: {}", solution.bound);
    }
}
