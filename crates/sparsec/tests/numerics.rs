//! Hard numbers, from text to answer: what must be proved, and what must never be claimed.

use sparsec::{Backend, Certificate, Error, Options, Problem, Solution, Status, View};

const LASSO: &str = "dim m, n
    const D: matrix[m, n]
    param x: vector[m]
    param λ: scalar >= 0
    var y: vector[n]
    minimize ‖x − D y‖² + λ ‖y‖₁";

/// Numbers that are the same everywhere.
fn numbers(count: usize, mut seed: u64) -> Vec<f64> {
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    (0..count).map(|_| (0..6).map(|_| next()).sum()).collect()
}

const BACKENDS: [Backend; 2] = [Backend::Jit, Backend::Interpreter];

fn try_lasso(m: usize, n: usize, d: &[f64], x: &[f64], lambda: f64, options: &Options) -> Result<Solution<f64>, Error> {
    let options = options.clone().dim("m", m).dim("n", n);
    let solver = Problem::parse(LASSO)?.compile::<f64>(&options)?.bind([("D", View::matrix(m, n, d))])?;
    solver.solve(&[("x", x.into()), ("lambda", lambda.into())])
}

fn lasso(m: usize, n: usize, d: &[f64], x: &[f64], lambda: f64) -> Solution<f64> {
    try_lasso(m, n, d, x, lambda, &Options::new()).unwrap()
}

fn solve(text: &str) -> Solution<f64> {
    Problem::parse(text).unwrap().compile::<f64>(&Options::new()).unwrap().bind([]).unwrap().solve(&[]).unwrap()
}

/// Largest |Dᵀ(x − D y)|.
fn correlation(m: usize, n: usize, d: &[f64], x: &[f64], y: &[f64]) -> f64 {
    let residual: Vec<f64> = (0..m).map(|i| x[i] - (0..n).map(|j| d[n * i + j] * y[j]).sum::<f64>()).collect();
    (0..n).map(|j| (0..m).map(|i| d[n * i + j] * residual[i]).sum::<f64>().abs()).fold(0.0, f64::max)
}

#[test]
fn fault_037() {
    let solution = solve("var y: vector[3]\nminimize sum(y)");
    assert_eq!((solution.status, solution.certificate), (Status::Unbounded, Certificate::Ray));
}

#[test]
fn fault_038() {
    let solution = solve("var y: vector[3]\nminimize ||y||^2\nsubject to y in box(2, 1)");
    assert_eq!((solution.status, solution.certificate), (Status::Infeasible, Certificate::Ray));
}

#[test]
fn fault_040() {
    let (d, x) = (numbers(40, 1), numbers(8, 2));
    let e = try_lasso(8, 5, &d, &x, -0.5, &Options::new()).unwrap_err();
    assert!(
        e.diagnostics[0].code.code == "E0504" && e.to_string().contains("`λ`") && e.to_string().contains(">= 0"),
        "{e}"
    );
    let solution = lasso(8, 5, &d, &x, 0.0);
    assert_eq!(solution.status, Status::Optimal);
    assert!(correlation(8, 5, &d, &x, solution.get("y").unwrap()) < 1e-4);
}

#[test]
fn fault_042() {
    for backend in BACKENDS {
        let options = Options::new().backend(backend);
        let solution = try_lasso(4, 6, &[0.0; 24], &[1.0, 2.0, 3.0, 4.0], 0.5, &options).unwrap();
        assert_eq!(solution.status, Status::Optimal);
        assert!(solution.get("y").unwrap().iter().all(|v| *v == 0.0) && solution.objective == 30.0);
    }
}

#[test]
fn fault_043() {
    let mut d = numbers(48, 3);
    (0..6).for_each(|i| d[8 * i + 2] = 0.0);
    let solution = lasso(6, 8, &d, &numbers(6, 4), 0.1);
    assert_eq!(solution.status, Status::Optimal);
    assert_eq!(solution.get("y").unwrap()[2], 0.0);
}

#[test]
fn fault_044() {
    let mut d = numbers(48, 3);
    (0..6).for_each(|i| d[8 * i + 5] = d[8 * i + 1]);
    for lambda in [0.1, 0.0] {
        let solution = lasso(6, 8, &d, &numbers(6, 4), lambda);
        assert_eq!(solution.status, Status::Optimal, "λ = {lambda}, gap {}", solution.gap);
    }
}

#[test]
fn fault_045() {
    for (m, n) in [(1, 1), (1, 40), (40, 1), (3, 200), (200, 3)] {
        for backend in BACKENDS {
            let options = Options::new().backend(backend);
            let solution = try_lasso(m, n, &numbers(m * n, 7), &numbers(m, 8), 0.05, &options).unwrap();
            assert_eq!(solution.status, Status::Optimal, "{m}×{n} {backend:?}: gap {}", solution.gap);
        }
    }
}

#[test]
fn fault_046() {
    let solution = lasso(6, 8, &numbers(48, 3), &[0.0; 6], 0.1);
    assert_eq!(solution.status, Status::Optimal);
    assert!(solution.get("y").unwrap().iter().all(|v| *v == 0.0));
    assert!(solution.gap == 0.0 && solution.iterations <= 2, "{:?}", solution.summary);
}

#[test]
fn fault_047() {
    let (d, x) = (numbers(48, 3), numbers(6, 4));
    let largest = 2.0 * correlation(6, 8, &d, &x, &[0.0; 8]);
    let solution = lasso(6, 8, &d, &x, 1000.0 * largest);
    assert_eq!(solution.status, Status::Optimal);
    assert!(solution.get("y").unwrap().iter().all(|v| *v == 0.0));
}

#[test]
fn fault_048() {
    for x in ["[5, 0, 0]", "[0.4, 0.3, 0.3]", "[1, 1, 1]", "[-7, -7, -7]"] {
        let text = format!("param x: vector[3] = {x}\nvar y: vector[3]\nminimize ||y - x||^2\nsubject to y in simplex");
        let solution = solve(&text);
        assert_eq!(solution.status, Status::Optimal, "{x}");
        let y = solution.get("y").unwrap();
        assert!((y.iter().sum::<f64>() - 1.0).abs() <= 1e-12 && y.iter().all(|v| *v >= 0.0), "{x}: {y:?}");
    }
}

#[test]
fn fault_090() {
    let (d, x) = (numbers(48, 3), numbers(6, 4));
    let plain = lasso(6, 8, &d, &x, 0.3);
    let y = plain.get("y").unwrap();
    for scale in [1e-150, 1e-30, 1e30, 1e150] {
        let scaled: Vec<f64> = x.iter().map(|v| v * scale).collect();
        match try_lasso(6, 8, &d, &scaled, 0.3 * scale, &Options::new()) {
            Ok(solution) if solution.status == Status::Optimal => {
                // The gap is relative to the objective or to 1, so small data says little of the point.
                if scale > 1.0 {
                    let z = solution.get("y").unwrap();
                    let worst = y.iter().zip(z).map(|(a, b)| (a - b / scale).abs()).fold(0.0, f64::max);
                    assert!(worst < 1e-3, "{scale}: {worst}");
                }
            }
            Ok(solution) => assert!(
                matches!(solution.status, Status::NumericalError | Status::IterationLimit),
                "{scale}: {:?}",
                solution.summary
            ),
            Err(e) => assert!(["E0503", "E0504", "E0601"].contains(&e.diagnostics[0].code.code), "{scale}: {e}"),
        }
    }
}

#[test]
fn fault_091() {
    let mut d = numbers(60, 3);
    for (i, v) in d.iter_mut().enumerate() {
        *v *= 10f64.powi((i % 6) as i32 * 3 - 8);
    }
    let x = numbers(10, 4);
    let solution = lasso(10, 6, &d, &x, 0.3);
    if solution.status == Status::Optimal {
        let y = solution.get("y").unwrap();
        // The condition at the optimum: |2 Dᵀr| ≤ λ, as far as a gap of 1e-8 leaves room in columns of norm 1.
        assert!(solution.gap <= 1e-8 && y.iter().all(|v| v.is_finite()));
    } else {
        assert_eq!(solution.status, Status::IterationLimit);
        assert!(solution.gap > 1e-8);
    }
}

#[test]
fn fault_092() {
    let d: Vec<f64> = numbers(48, 3).iter().map(|v| v * 1e-310).collect();
    let solution = lasso(6, 8, &d, &numbers(6, 4), 0.3);
    assert_eq!(solution.status, Status::Optimal);
    assert!(solution.get("y").unwrap().iter().all(|v| *v == 0.0));
}

#[test]
fn fault_093() {
    // A large mean and small noise: the objective is the noise's.
    let noise = numbers(64, 5);
    let x: Vec<f64> = noise.iter().map(|v| 1e8 + v).collect();
    let list: Vec<String> = x.iter().map(|v| format!("{v:?}")).collect();
    let ones = ["1"; 64].map(|v| format!("[{v}]")).join(", ");
    let text = format!(
        "const D: matrix[64, 1] = [{ones}]\nparam x: vector[64] = [{}]\nvar y: vector[1]\nminimize ||x - D*y||^2",
        list.join(", ")
    );
    let solution = solve(&text);
    let mean = x.iter().map(|v| v - 1e8).sum::<f64>() / 64.0;
    let least: f64 = x.iter().map(|v| (v - 1e8 - mean).powi(2)).sum();
    assert!((solution.objective - least).abs() <= 1e-6 * least.max(1.0), "{} and {least}", solution.objective);
}

#[test]
fn fault_041() {
    let (d, x) = (numbers(48, 3), numbers(6, 4));
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut wrong = d.clone();
        wrong[17] = bad;
        let e = try_lasso(6, 8, &wrong, &x, 0.1, &Options::new()).unwrap_err();
        assert!(e.diagnostics[0].code.code == "E0503" && e.to_string().contains("`D`: entry [2, 1]"), "{e}");
        let e = try_lasso(6, 8, &d, &x, bad, &Options::new()).unwrap_err();
        assert!(e.to_string().contains("`λ`"), "{e}");
    }
    // Bounds may be infinite, which is no bound.
    let solution =
        solve("param u: vector[2] = [inf, 1]\nvar y: vector[2]\nminimize ||y - [3, 3]||^2\nsubject to y <= u");
    assert_eq!(solution.status, Status::Optimal);
    let y = solution.get("y").unwrap();
    assert!((y[0] - 3.0).abs() < 1e-4 && (y[1] - 1.0).abs() < 1e-4, "{y:?}");
}

#[test]
fn fault_049() {
    let text = "const Q: matrix[2, 2] psd\nvar y: vector[2]\nminimize quad_form(y, Q) + sum(y)";
    let compiled = Problem::parse(text).unwrap().compile::<f64>(&Options::new()).unwrap();
    let e = compiled.bind([("Q", View::from(&[[1.0, 0.5], [0.25, 1.0]]))]).unwrap_err();
    let shown = e.to_string();
    assert!(e.diagnostics[0].code.code == "E0504" && shown.contains("[1, 0]") && shown.contains("[0, 1]"), "{e}");
    let e = compiled.bind([("Q", View::from(&[[1.0, 2.0], [2.0, 1.0]]))]).unwrap_err();
    assert!(e.diagnostics[0].code.code == "E0504" && e.to_string().contains("semidefinite"), "{e}");
    let solver = compiled.bind([("Q", View::from(&[[2.0, 1.0], [1.0, 2.0]]))]).unwrap();
    let solution = solver.solve(&[]).unwrap();
    assert_eq!(solution.status, Status::Optimal);
    assert!((solution.objective + 1.0 / 6.0).abs() < 1e-7, "{}", solution.objective);
}

#[test]
fn fault_098() {
    let (d, x) = (numbers(48, 3), numbers(6, 4));
    let solution = try_lasso(6, 8, &d, &x, 0.3, &Options::new().tol(0.0)).unwrap();
    match solution.status {
        Status::Optimal => assert!(solution.gap <= 0.0),
        status => {
            assert_eq!(status, Status::IterationLimit);
            assert!(solution.gap < 1e-12, "{}", solution.gap);
        }
    }
}

#[test]
fn fault_102() {
    // Orthogonal D: soft thresholding at λ/2.
    let x = [3.0, -0.2, -1.5];
    let solution = lasso(3, 3, &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], &x, 1.0);
    let y = solution.get("y").unwrap();
    for (y, wanted) in y.iter().zip([2.5, 0.0, -1.0]) {
        assert!((y - wanted).abs() < 1e-4, "{y} and {wanted}");
    }
    // One unknown: (dᵀx − λ/2) / dᵀd.
    let solution = lasso(2, 1, &[3.0, 4.0], &[1.0, 2.0], 2.0);
    assert!((solution.get("y").unwrap()[0] - 10.0 / 25.0).abs() < 1e-5);
}

/// Least value of a lasso by the signs of its unknowns: on every pattern the minimiser solves a linear system.
fn by_enumeration(m: usize, n: usize, d: &[f64], x: &[f64], lambda: f64) -> f64 {
    let objective = |y: &[f64]| {
        let loss: f64 = (0..m).map(|i| (x[i] - (0..n).map(|j| d[n * i + j] * y[j]).sum::<f64>()).powi(2)).sum();
        loss + lambda * y.iter().map(|v| v.abs()).sum::<f64>()
    };
    let mut best = objective(&vec![0.0; n]);
    for pattern in 1..3usize.pow(n as u32) {
        let signs: Vec<f64> = (0..n).map(|j| [0.0, 1.0, -1.0][pattern / 3usize.pow(j as u32) % 3]).collect();
        let active: Vec<usize> = (0..n).filter(|&j| signs[j] != 0.0).collect();
        if active.len() > m {
            continue;
        }
        // 2 DₐᵀDₐ y = 2 Dₐᵀx − λ s, by elimination with pivots.
        let k = active.len();
        let mut rows: Vec<Vec<f64>> = active
            .iter()
            .map(|&a| {
                let column = |j: usize| (0..m).map(|i| d[n * i + a] * d[n * i + j]).sum::<f64>();
                let mut row: Vec<f64> = active.iter().map(|&b| 2.0 * column(b)).collect();
                row.push(2.0 * (0..m).map(|i| d[n * i + a] * x[i]).sum::<f64>() - lambda * signs[a]);
                row
            })
            .collect();
        for c in 0..k {
            let pivot = (c..k).max_by(|&a, &b| rows[a][c].abs().total_cmp(&rows[b][c].abs())).unwrap();
            rows.swap(c, pivot);
            for r in c + 1..k {
                let factor = rows[r][c] / rows[c][c];
                let above = rows[c].clone();
                rows[r].iter_mut().zip(&above).skip(c).for_each(|(below, above)| *below -= factor * above);
            }
        }
        let mut y = vec![0.0; n];
        for c in (0..k).rev() {
            let known: f64 = (c + 1..k).map(|b| rows[c][b] * y[active[b]]).sum();
            y[active[c]] = (rows[c][k] - known) / rows[c][c];
        }
        best = best.min(objective(&y));
    }
    best
}

#[test]
fn fault_103() {
    for seed in 1..=25 {
        let (m, n) = (2 + seed as usize % 5, 1 + seed as usize % 6);
        let (d, x) = (numbers(m * n, seed), numbers(m, seed + 1000));
        let lambda = [0.01, 0.1, 0.5, 1.0][seed as usize % 4];
        let least = by_enumeration(m, n, &d, &x, lambda);
        let solution = lasso(m, n, &d, &x, lambda);
        assert_eq!(solution.status, Status::Optimal, "seed {seed}");
        let distance = (solution.objective - least) / solution.objective.abs().max(1.0);
        assert!((-1e-12..=1e-8).contains(&distance), "seed {seed}: {distance}");
        assert!(distance <= solution.gap + 1e-12, "seed {seed}: the gap is no bound");
    }
}

#[test]
fn fault_034_maximising() {
    let solution = solve("var y: vector[2]\nmaximize dot([1, 2], y) - ||y||^2");
    assert_eq!(solution.status, Status::Optimal);
    assert!((solution.objective - 1.25).abs() < 1e-7, "{}", solution.objective);
}
