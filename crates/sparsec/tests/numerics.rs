//! Hard numbers, from text to answer: what must be proved, and what must never be claimed.

use sparsec::{Backend, Certificate, Error, Options, Problem, Request, Solution, Status, View};

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

/// All ways to run a program that this build has.
const BACKENDS: &[Backend] =
    if cfg!(feature = "jit") { &[Backend::Jit, Backend::Interpreter] } else { &[Backend::Interpreter] };

fn try_lasso(m: usize, n: usize, d: &[f64], x: &[f64], lambda: f64, options: &Options) -> Result<Solution<f64>, Error> {
    let options = options.clone().dim("m", m).dim("n", n);
    let solver = Problem::parse(LASSO)?.compile::<f64>(&options)?.bind([("D", View::matrix(m, n, d))])?;
    solver.solve(&[("x", x.into()), ("lambda", lambda.into())])
}

fn lasso(m: usize, n: usize, d: &[f64], x: &[f64], lambda: f64) -> Solution<f64> {
    try_lasso(m, n, d, x, lambda, &Options::new()).unwrap()
}

fn solve(text: &str) -> Solution<f64> {
    solve_on(Backend::Auto, text)
}

fn solve_on(backend: Backend, text: &str) -> Solution<f64> {
    let compiled = Problem::parse(text).unwrap().compile::<f64>(&Options::new().backend(backend));
    compiled.unwrap_or_else(|e| panic!("{text}: {e}")).bind([]).unwrap().solve(&[]).unwrap()
}

/// Largest |Dᵀ(x − D y)|.
fn correlation(m: usize, n: usize, d: &[f64], x: &[f64], y: &[f64]) -> f64 {
    let residual: Vec<f64> = (0..m).map(|i| x[i] - (0..n).map(|j| d[n * i + j] * y[j]).sum::<f64>()).collect();
    (0..n).map(|j| (0..m).map(|i| d[n * i + j] * residual[i]).sum::<f64>().abs()).fold(0.0, f64::max)
}

// Fault 37.
#[test]
fn an_objective_without_a_bound_is_proved_unbounded() {
    for text in [
        "var y: vector[3]\nminimize sum(y)",
        "var y: vector[3]\nminimize -sum(y)\nsubject to y >= 0",
        "var y: vector[3]\nmaximize sum(y)",
        "var y: vector[3]\nminimize sum(y) + 0.5*||y||_1",
        "var y: vector[3], z: vector[2]\nminimize sum(y) + ||z||^2",
        "var y: vector[3]\nminimize dot([1, 2, 3], y)\nsubject to sum(y) == 1",
        "var y: vector[3]\nminimize y[0]\nsubject to y <= 5",
        "var y: vector[3]\nminimize log_sum_exp(y)",
        "var y: scalar\nminimize huber(y, 1)*0.1 - y",
        "var y: vector[2]\nminimize 0.3*y[0] - y[1]\nsubject to dot([1, 2], y) == 0.7",
        "var y: vector[3]\nminimize mean(y)\nsubject to dot([0.1, -0.8, -0.8], y) <= 1",
        "var y: vector[2]\nminimize ||y||_1 - 1.5*y[0]\nsubject to y >= -2",
        "const A: matrix[2, 3] = [[1, 2, 3], [4, 5, 6]]\nvar y: vector[3]\nminimize ||A*y - [1, 1]||^2 + dot([1, -2, 1.1], y)",
        "var y: vector[2]\nminimize quad_form(y, [[1, 0], [0, 0]]) + y[1]",
        // The ray keeps a quadratic, beside a norm, in a cone, and where another smooth term bends.
        "const A: matrix[2, 3] = [[1.3, 2, 0.3], [0.4, 0.5, 0.6]]\nvar y: vector[3]\n\
         minimize ||A*y - [1, 1]||^2 + dot([1, -2, 1.1], y) + 0.1*norm1([0.3, 1, 0.2] .* y)",
        "const A: matrix[1, 4] = [[-1.84, 1.7, -0.03, -0.89]]\nvar y: vector[4]\n\
         minimize sum_squares(A*y - 0.5) + huber([0.1, 0.2, 0.3, 0] .* y, 1) + dot([2, 0.5, -0.6, 1.4], y)\nsubject to y <= 0",
        "const A: matrix[1, 3] = [[0.9, 0.8, -0.3]]\nvar y: vector[3], b: scalar\n\
         minimize log_sum_exp(y - [1, 2, 0.3]) + sum_squares(A*y + b + 0.65) + 0.1*norm1(y - [0.4, 0.6, -1.4])",
    ] {
        for &backend in BACKENDS {
            let solution = solve_on(backend, text);
            let found = (solution.status, solution.certificate, solution.summary.exit_code());
            assert_eq!(found, (Status::Unbounded, Certificate::Ray, 6), "{backend:?}: {text}");
        }
    }
    // Nearly the same, and bounded.
    for (text, least) in [
        ("var y: vector[3]\nminimize sum(y) + ||y||_1", 0.0),
        ("var y: vector[3]\nminimize sum(y)\nsubject to y >= 0", 0.0),
        ("var y: vector[3]\nminimize -sum(y)\nsubject to y <= 5", -15.0),
        ("var y: scalar\nminimize huber(y, 1) - y", -0.25),
    ] {
        let solution = solve(text);
        assert_eq!(solution.status, Status::Optimal, "{text}: {:?}", solution.summary);
        assert!((solution.objective - least).abs() < 1e-6, "{text}: {}", solution.objective);
    }
}

/// A ray that is claimed is one: columns of whatever units do not count as 0.
// Fault 94.
#[test]
fn a_ray_that_is_claimed_is_one_in_any_units() {
    for text in [
        "const A: matrix[2, 2] = [[1e-6, 0], [0, 1e4]]\nvar y: vector[2]\nminimize ||A*y - [0, 5]||^2 - 1e-3*y[0]",
        "const A: matrix[2, 2] = [[1e-5, 0], [0, 1e5]]\nvar y: vector[2] >= 0\nminimize ||A*y - [0, 5e5]||^2 - 1e-7*y[0]",
        "const A: matrix[2, 2] = [[1e-10, 0], [0, 1]]\nvar y: vector[2] >= 0\nminimize ||A*y - [0, 5]||^2 - 1e-6*y[0]",
        "var y: vector[1]\nminimize -0.89*y[0] + norm1(y - [0.5])",
        "var y: vector[1]\nminimize norm2(2*y - [1])/2 - 0.89*y[0]",
        "var y: vector[3]\nminimize dot([2, 2, 2], y)\nsubject to sum(y) == 1",
        "var y: vector[3]\nminimize dot([0.3, 2.1, 0.9], y)\nsubject to dot([0.1, 0.7, 0.3], y) == 1",
    ] {
        for &backend in BACKENDS {
            let solution = solve_on(backend, text);
            assert_ne!(solution.status, Status::Unbounded, "{backend:?}: {text}");
        }
    }
    for a in 0..8 {
        for b in 0..8 {
            let text = format!(
                "const A: matrix[2, 2] = [[1e-{a}, 0], [0, 1e{b}]]\nvar y: vector[2]\nminimize ||A*y - [1, 1]||^2 - 1e-{a}*y[0]"
            );
            let solution = solve(&text);
            // 1 − (1 + ½)² with the first residual −½: the minimum is −1.25 whatever the units of the columns.
            assert_eq!(solution.status, Status::Optimal, "{text}: {:?}", solution.summary);
            assert!((solution.objective + 1.25).abs() < 1e-6, "{text}: {:?}", solution.summary);
        }
    }
    // Unbounded in any units.
    for scale in ["1e-8", "1", "1e8"] {
        let text = format!(
            "const A: matrix[1, 2] = [[{scale}, 2*{scale}]]\nvar y: vector[2]\nminimize ||A*y - [1]||^2 + dot([2, -1], y)"
        )
        .replace("2*1e-8", "2e-8")
        .replace("2*1e8", "2e8")
        .replace("2*1]", "2]");
        assert_eq!(solve(&text).status, Status::Unbounded, "{text}");
    }
}

/// Small columns do not make a point look optimal: what is claimed is within the tolerance of the optimum.
#[test]
fn tiny_columns_are_no_proof() {
    let huber = "const D: matrix[2, 1] = [[1e-9], [2e-9]]\nvar y: vector[1]\nminimize huber(D*y - [1, 2], 5)";
    let mixed = "const D: matrix[2, 2] = [[1e-9, 1], [2e-9, 1]]\nvar y: vector[2] >= 0\nminimize ||D*y - [1, 3]||^2";
    for (text, least) in [(huber, 0.0), (mixed, 0.2)] {
        let solution = solve(text);
        let close = (solution.objective - least).abs() <= 1e-8;
        assert!(close || solution.status == Status::IterationLimit, "{text}: {:?}", solution.summary);
        let excess = (solution.objective - least) / solution.objective.abs().max(1.0);
        assert!(excess <= solution.gap + 1e-9, "{text}: {:?}", solution.summary);
    }
}

/// Ill-conditioned quadratics: an intercept beside large features, a squared map.
#[test]
fn progress_of_the_objective_is_no_stall() {
    for (text, least) in [
        (
            "const D: matrix[5, 2] = [[1, 500], [2, 420], [3, 710], [4, 660], [5, 900]]
             const x: vector[5] = [1, 2, 2, 4, 6]
             var y: vector[2], b: scalar
             minimize ||D*y + b*ones(5) - x||^2",
            1.590_097_799_511_003,
        ),
        (
            "const D: matrix[3, 2] = [[1, 2], [3, 4], [5, 7]]
             var y: vector[2]
             minimize ||D.T*(D*y - [1, 2, 3])||^2 + dot([0.3, -1], y)",
            -9.868_596_938_775_51,
        ),
    ] {
        for &backend in BACKENDS {
            let solution = solve_on(backend, text);
            assert_eq!(solution.status, Status::Optimal, "{text}: {:?}", solution.summary);
            assert!((solution.objective - least).abs() <= 1e-7, "{text}: {:?}", solution.summary);
        }
        // FISTA comes there too, if slowly.
        let options = Options::new().algorithm("fista");
        let compiled = Problem::parse(text).unwrap().compile::<f64>(&options).unwrap();
        let solution = compiled.bind([]).unwrap().solve(&[]).unwrap();
        assert!((solution.objective - least).abs() <= 1e-6, "{text}: {:?}", solution.summary);
    }
}

/// A shifted l1 norm on a cone is homogeneous about no point: its conjugate is not an indicator.
#[test]
fn shifted_penalties_on_cones() {
    for (text, least) in [
        ("var y: vector[1]\nminimize ||y - [3]||_1 + huber(y - [1], 0.2)\nsubject to y >= 0", 0.76),
        ("var y: vector[1]\nminimize ||y - [3]||_1 - 0.5*sum(y)\nsubject to y >= 0", -1.5),
        ("var y: vector[2]\nminimize ||y + [3, 1]||_1 + 2*||y - [1, -2]||^2\nsubject to y <= 0", 6.0 - 0.125),
    ] {
        for &backend in BACKENDS {
            let solution = solve_on(backend, text);
            assert_eq!(solution.status, Status::Optimal, "{text}: {:?}", solution.summary);
            assert!((solution.objective - least).abs() <= 1e-7, "{text}: {:?}", solution.summary);
        }
    }
}

/// In f32 the check's dual point is moved on in f64, so that the proof is not lost to the point's rounding.
#[test]
fn f32_reaches_its_default_tolerance() {
    let (m, n) = (40, 80);
    let (d, x) = (numbers(m * n, 11), numbers(m, 12));
    let problem = Problem::parse(LASSO).unwrap();
    for lambda in [3.0, 1.0, 0.3] {
        let options = Options::new().dim("m", m).dim("n", n);
        let solver = problem.compile::<f32>(&options).unwrap().bind([("D", View::matrix(m, n, &d))]).unwrap();
        let solution = solver.solve(&[("x", x.as_slice().into()), ("lambda", lambda.into())]).unwrap();
        assert_eq!(solution.status, Status::Optimal, "λ = {lambda}: {:?}", solution.summary);
        assert!(solution.gap <= 1e-5, "{:?}", solution.summary);
    }
}

// Fault 38.
#[test]
fn an_empty_set_is_proved_infeasible() {
    for rest in [
        "var y: vector[3]\nminimize ||y||^2\nsubject to y in box(2, 1)",
        "var y: vector[3]\nminimize ||y||^2\nsubject to sum(y) == 1, y <= 0",
        "var y: vector[3]\nminimize ||y||^2\nsubject to y == 1, y == 2",
        "const A: matrix[2, 2] = [[1, 1], [1, 1]], b: vector[2] = [1, 2]\nvar y: vector[2]\nminimize ||y||^2\nsubject to A*y == b",
        "const s: scalar = -1\nvar y: vector[3]\nminimize ||y||^2\nsubject to sum(y) == s, y >= 0",
    ] {
        for &backend in BACKENDS {
            let solution = solve_on(backend, rest);
            let found = (solution.status, solution.certificate, solution.summary.exit_code());
            assert_eq!(found, (Status::Infeasible, Certificate::Ray, 6), "{backend:?}: {rest}");
        }
    }
    // The same sets where they are not empty.
    for (rest, least) in [
        ("var y: vector[3]\nminimize ||y||^2\nsubject to y in box(1, 1)", 3.0),
        (
            "const A: matrix[2, 2] = [[1, 1], [1, 1]], b: vector[2] = [1, 1]\nvar y: vector[2]\nminimize ||y||^2\nsubject to A*y == b",
            0.5,
        ),
        ("const s: scalar = 3\nvar y: vector[3]\nminimize ||y||^2\nsubject to sum(y) == s, y >= 0", 3.0),
    ] {
        let solution = solve(rest);
        assert_eq!(solution.status, Status::Optimal, "{rest}: {:?}", solution.summary);
        assert!((solution.objective - least).abs() < 1e-6, "{rest}: {}", solution.objective);
    }
}

// Fault 40.
#[test]
fn a_weight_below_zero_is_refused_and_zero_is_solved() {
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

// Fault 42.
#[test]
fn a_zero_matrix_gives_exactly_zero() {
    for &backend in BACKENDS {
        let options = Options::new().backend(backend);
        let solution = try_lasso(4, 6, &[0.0; 24], &[1.0, 2.0, 3.0, 4.0], 0.5, &options).unwrap();
        assert_eq!(solution.status, Status::Optimal);
        assert!(solution.get("y").unwrap().iter().all(|v| *v == 0.0) && solution.objective == 30.0);
    }
}

// Fault 43.
#[test]
fn a_zero_column_leaves_its_unknown_at_zero() {
    let mut d = numbers(48, 3);
    (0..6).for_each(|i| d[8 * i + 2] = 0.0);
    let solution = lasso(6, 8, &d, &numbers(6, 4), 0.1);
    assert_eq!(solution.status, Status::Optimal);
    assert_eq!(solution.get("y").unwrap()[2], 0.0);
}

// Fault 44.
#[test]
fn equal_columns_are_solved_to_optimality() {
    let mut d = numbers(48, 3);
    (0..6).for_each(|i| d[8 * i + 5] = d[8 * i + 1]);
    for lambda in [0.1, 0.0] {
        let solution = lasso(6, 8, &d, &numbers(6, 4), lambda);
        assert_eq!(solution.status, Status::Optimal, "λ = {lambda}, gap {}", solution.gap);
    }
}

// Fault 45.
#[test]
fn wide_tall_and_single_entry_matrices_are_solved() {
    for (m, n) in [(1, 1), (1, 40), (40, 1), (3, 200), (200, 3)] {
        for &backend in BACKENDS {
            let options = Options::new().backend(backend);
            let solution = try_lasso(m, n, &numbers(m * n, 7), &numbers(m, 8), 0.05, &options).unwrap();
            assert_eq!(solution.status, Status::Optimal, "{m}×{n} {backend:?}: gap {}", solution.gap);
        }
    }
}

// Fault 46.
#[test]
fn zero_data_gives_zero_at_once() {
    let solution = lasso(6, 8, &numbers(48, 3), &[0.0; 6], 0.1);
    assert_eq!(solution.status, Status::Optimal);
    assert!(solution.get("y").unwrap().iter().all(|v| *v == 0.0));
    assert!(solution.gap == 0.0 && solution.iterations <= 2, "{:?}", solution.summary);
}

// Fault 47.
#[test]
fn a_huge_weight_gives_exactly_zero() {
    let (d, x) = (numbers(48, 3), numbers(6, 4));
    let largest = 2.0 * correlation(6, 8, &d, &x, &[0.0; 8]);
    let solution = lasso(6, 8, &d, &x, 1000.0 * largest);
    assert_eq!(solution.status, Status::Optimal);
    assert!(solution.get("y").unwrap().iter().all(|v| *v == 0.0));
}

// Fault 48.
#[test]
fn answers_on_the_simplex_are_not_negative_and_sum_to_one() {
    for x in ["[5, 0, 0]", "[0.4, 0.3, 0.3]", "[1, 1, 1]", "[-7, -7, -7]"] {
        let text = format!("param x: vector[3] = {x}\nvar y: vector[3]\nminimize ||y - x||^2\nsubject to y in simplex");
        let solution = solve(&text);
        assert_eq!(solution.status, Status::Optimal, "{x}");
        let y = solution.get("y").unwrap();
        assert!((y.iter().sum::<f64>() - 1.0).abs() <= 1e-12 && y.iter().all(|v| *v >= 0.0), "{x}: {y:?}");
    }
}

// Fault 90.
#[test]
fn scaled_data_scales_the_answer_or_fails_honestly() {
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

// Fault 91.
#[test]
fn badly_scaled_columns_get_an_honest_status() {
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

// Fault 92.
#[test]
fn a_subnormal_matrix_gives_exactly_zero() {
    let d: Vec<f64> = numbers(48, 3).iter().map(|v| v * 1e-310).collect();
    let solution = lasso(6, 8, &d, &numbers(6, 4), 0.3);
    assert_eq!(solution.status, Status::Optimal);
    assert!(solution.get("y").unwrap().iter().all(|v| *v == 0.0));
}

// Fault 93.
#[test]
fn a_large_mean_does_not_drown_the_noise() {
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

// Fault 41.
#[test]
fn only_bounds_may_be_infinite_and_nothing_may_be_nan() {
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
    // NaN is no bound, and a bound at the wrong infinity leaves no point.
    let bounds = "param l: vector[2] = [-inf, -inf], u: vector[2] = [inf, inf]\nvar y: vector[2]\nminimize ||y - [3, 3]||^2 + ||y||_1\nsubject to y in box(l, u)";
    for &backend in BACKENDS {
        let options = Options::new().backend(backend);
        let solver = Problem::parse(bounds).unwrap().compile::<f64>(&options).unwrap().bind([]).unwrap();
        assert_eq!(solver.solve(&[]).unwrap().status, Status::Optimal);
        for (name, at) in [("l", 1), ("u", 0)] {
            let mut bad = [0.0, 0.0];
            bad[at] = f64::NAN;
            let e = solver.solve(&[(name, (&bad).into())]).unwrap_err();
            assert_eq!(e.diagnostics[0].code.code, "E0503");
            assert!(e.to_string().contains(&format!("`{name}`: entry [{at}] is NaN")), "{e}");
        }
        for (name, bound) in [("l", [f64::INFINITY, 1.0]), ("u", [f64::NEG_INFINITY, 1.0])] {
            let solution = solver.solve(&[(name, (&bound).into())]).unwrap();
            assert_eq!(solution.status, Status::Infeasible, "{name}: {:?}", solution.summary);
        }
    }
    for rest in [
        "const l: vector[2] = [inf, 1]\nvar y: vector[2]\nminimize ||y||^2\nsubject to y >= l",
        "const u: vector[2] = [-inf, 1]\nvar y: vector[2]\nminimize ||y||^2\nsubject to y <= u",
    ] {
        assert_eq!(solve(rest).status, Status::Infeasible, "{rest}");
    }
}

// Fault 49.
#[test]
fn a_matrix_that_is_not_symmetric_or_semidefinite_is_refused() {
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

// Fault 98.
#[test]
fn a_tolerance_of_zero_ends_with_an_honest_status() {
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

// Fault 102.
#[test]
fn answers_agree_with_known_formulas() {
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
        let mut rows: Vec<Vec<f64>> = active
            .iter()
            .map(|&a| {
                let column = |j: usize| (0..m).map(|i| d[n * i + a] * d[n * i + j]).sum::<f64>();
                let mut row: Vec<f64> = active.iter().map(|&b| 2.0 * column(b)).collect();
                row.push(2.0 * (0..m).map(|i| d[n * i + a] * x[i]).sum::<f64>() - lambda * signs[a]);
                row
            })
            .collect();
        let mut y = vec![0.0; n];
        active.iter().zip(eliminate(&mut rows)).for_each(|(&j, v)| y[j] = v);
        best = best.min(objective(&y));
    }
    best
}

/// Least value of ‖x − D y‖² over y ≥ 0, with sum(y) = 1 where `simplex` says so, by the supports of y: on every support the
/// minimiser solves a linear system, and those that are not feasible do not count.
fn by_supports(m: usize, n: usize, d: &[f64], x: &[f64], simplex: bool) -> f64 {
    let objective =
        |y: &[f64]| -> f64 { (0..m).map(|i| (x[i] - (0..n).map(|j| d[n * i + j] * y[j]).sum::<f64>()).powi(2)).sum() };
    let mut best = if simplex { f64::INFINITY } else { objective(&vec![0.0; n]) };
    for support in 1..1usize << n {
        let active: Vec<usize> = (0..n).filter(|j| support >> j & 1 == 1).collect();
        let k = active.len();
        if k > m {
            // A vertex of the set of minimisers has a smaller support.
            continue;
        }
        let size = k + usize::from(simplex);
        let column = |a: usize, b: usize| (0..m).map(|i| d[n * i + a] * d[n * i + b]).sum::<f64>();
        let mut rows: Vec<Vec<f64>> = (0..size)
            .map(|r| {
                let mut row = vec![0.0; size + 1];
                for c in 0..size {
                    row[c] = match (r < k, c < k) {
                        (true, true) => column(active[r], active[c]),
                        (false, false) => 0.0,
                        _ => 1.0,
                    };
                }
                row[size] = if r < k { (0..m).map(|i| d[n * i + active[r]] * x[i]).sum() } else { 1.0 };
                row
            })
            .collect();
        let solved = eliminate(&mut rows);
        if solved[..k].iter().all(|v| *v >= 0.0) {
            let mut y = vec![0.0; n];
            active.iter().zip(&solved).for_each(|(&j, &v)| y[j] = v);
            best = best.min(objective(&y));
        }
    }
    best
}

/// Solves a linear system, given with its right side as the last column, by elimination with pivots.
fn eliminate(rows: &mut [Vec<f64>]) -> Vec<f64> {
    let k = rows.len();
    for c in 0..k {
        let pivot = (c..k).max_by(|&a, &b| rows[a][c].abs().total_cmp(&rows[b][c].abs())).unwrap();
        rows.swap(c, pivot);
        for r in c + 1..k {
            let factor = rows[r][c] / rows[c][c];
            let above = rows[c].clone();
            rows[r].iter_mut().zip(&above).skip(c).for_each(|(below, above)| *below -= factor * above);
        }
    }
    let mut y = vec![0.0; k];
    for c in (0..k).rev() {
        let known: f64 = (c + 1..k).map(|b| rows[c][b] * y[b]).sum();
        y[c] = (rows[c][k] - known) / rows[c][c];
    }
    y
}

/// The objective is the least one, within the gap that is claimed.
fn agrees(solution: &Solution<f64>, least: f64, what: &str) {
    assert_eq!(solution.status, Status::Optimal, "{what}: {:?}", solution.summary);
    let distance = (solution.objective - least) / solution.objective.abs().max(1.0);
    assert!((-1e-12..=1e-8).contains(&distance), "{what}: {distance}");
    assert!(distance <= solution.gap + 1e-12, "{what}: the gap {} is no bound of {distance}", solution.gap);
}

// Fault 103.
#[test]
fn a_lasso_agrees_with_enumeration_of_its_signs() {
    for seed in 1..=32 {
        let (m, n) = (2 + seed as usize % 7, 1 + seed as usize % 8);
        let (d, x) = (numbers(m * n, seed), numbers(m, seed + 1000));
        let lambda = [0.01, 0.1, 0.5, 1.0][seed as usize / 2 % 4];
        let least = by_enumeration(m, n, &d, &x, lambda);
        for &backend in BACKENDS {
            let options = Options::new().backend(backend);
            let solution = try_lasso(m, n, &d, &x, lambda, &options).unwrap();
            agrees(&solution, least, &format!("seed {seed}, {backend:?}"));
        }
    }
}

// Fault 103.
#[test]
fn supports() {
    for seed in 1..=24 {
        let n = 1 + seed as usize % 8;
        let m = n + seed as usize % 3;
        let (d, x) = (numbers(m * n, seed + 50), numbers(m, seed + 2000));
        for (set, simplex) in [("y >= 0", false), ("y in simplex", true)] {
            let least = by_supports(m, n, &d, &x, simplex);
            let text = format!(
                "const D: matrix[{m}, {n}]\nparam x: vector[{m}]\nvar y: vector[{n}]\nminimize ||x - D*y||^2\nsubject to {set}"
            );
            for &backend in BACKENDS {
                let options = Options::new().backend(backend);
                let compiled = Problem::parse(&text).unwrap().compile::<f64>(&options).unwrap();
                let solver = compiled.bind([("D", View::matrix(m, n, &d))]).unwrap();
                let solution = solver.solve(&[("x", (&x).into())]).unwrap();
                agrees(&solution, least, &format!("seed {seed}, {set}, {backend:?}"));
            }
        }
    }
}

/// ‖x − D y‖² + 0.1 ‖y‖₁ with D = diag(1, 2), where the largest right step is 1/8.
fn with_step(backend: Backend, method: &str) -> Solution<f64> {
    let text = format!(
        "const D: matrix[2, 2] = [[1, 0], [0, 2]]\nparam x: vector[2] = [1, 1]\nvar y: vector[2]\n\
         minimize ||x - D*y||^2 + 0.1*||y||_1\nsolve with {method}"
    );
    solve_on(backend, &text)
}

// Fault 84.
#[test]
fn a_step_too_large_keeps_the_best_point_and_claims_nothing() {
    let start = 2.0;
    for &backend in BACKENDS {
        for method in ["ista(step = 10)", "ista(step = 0.26)", "fista(step = 0.25)", "fista(step = 10, restart = none)"]
        {
            let solution = with_step(backend, method);
            let honest = matches!(solution.status, Status::NumericalError | Status::IterationLimit);
            assert!(honest, "{method}: {:?}", solution.summary);
            // The best point is kept, never the one that the loop had flown off to.
            assert!(solution.objective <= start, "{method}: {:?}", solution.summary);
            assert!(solution.get("y").unwrap().iter().all(|v| v.is_finite()) && solution.gap > 1e-8, "{method}");
        }
        for method in ["ista(step = backtracking)", "fista(step = backtracking)", "ista(step = 0.125)"] {
            let solution = with_step(backend, method);
            assert_eq!(solution.status, Status::Optimal, "{method}: {:?}", solution.summary);
            assert!((solution.objective - 0.146875).abs() < 1e-7, "{method}: {}", solution.objective);
        }
    }
}

// Fault 85.
#[test]
fn backtracking_without_end_gives_up_and_says_so() {
    // The step that backtracking would need is below what the numbers can hold; it gives up, and says so.
    for scale in [1e100, 1e150, 1e154, 1e160] {
        let text = "const D: matrix[2, 2]\nparam x: vector[2] = [1, 1]\nvar y: vector[2]\n\
                    minimize ||x - D*y||^2 + 0.1*||y||_1\nsolve with ista(step = backtracking, max_iter = 5000)";
        for &backend in BACKENDS {
            let options = Options::new().backend(backend);
            let compiled = Problem::parse(text).unwrap().compile::<f64>(&options).unwrap();
            let d = [scale, 0.0, 0.0, 2.0 * scale];
            match compiled.bind([("D", View::matrix(2, 2, &d))]).and_then(|solver| solver.solve(&[])) {
                Ok(solution) if solution.status == Status::Optimal => assert!(solution.gap <= 1e-8),
                Ok(solution) => {
                    let status = solution.status;
                    assert!(matches!(status, Status::IterationLimit | Status::NumericalError), "{scale}: {status:?}");
                    assert!(solution.get("y").unwrap().iter().all(|v| v.is_finite()), "{scale}");
                }
                Err(e) => assert!(["E0503", "E0504", "E0601"].contains(&e.diagnostics[0].code.code), "{scale}: {e}"),
            }
        }
    }
}

// Fault 96.
#[test]
fn the_best_point_that_was_seen_is_returned() {
    // Momentum makes the objective rise now and then; what is returned is the best that was seen.
    let (m, n) = (12, 20);
    let mut d = numbers(m * n, 3);
    d.iter_mut().enumerate().for_each(|(i, v)| *v *= 1.0 + (i % n) as f64);
    let x = numbers(m, 4);
    let mut rose = false;
    for restart in ["none", "function", "gradient"] {
        for max_iter in [7, 20, 33, 60, 100, 170] {
            let text = format!("{LASSO}\nsolve with fista(restart = {restart}, max_iter = {max_iter})");
            let options = Options::new().dim("m", m).dim("n", n).tol(1e-15);
            let compiled = Problem::parse(&text).unwrap().compile::<f64>(&options).unwrap();
            let solver = compiled.bind([("D", View::matrix(m, n, &d))]).unwrap();
            let params = [("x", View::from(&x)), ("lambda", 0.01.into())];
            let request = Request { params: &params, ..Request::default() };
            let mut seen = Vec::new();
            let mut observe = |progress: &sparsec::runtime::drive::Progress| seen.push(progress.measure.objective);
            let solution = solver.solve_observed(&request, &mut solver.workspace().unwrap(), &mut observe).unwrap();
            rose |= seen.windows(2).any(|pair| pair[1] > pair[0]);
            let least = seen.iter().copied().fold(f64::INFINITY, f64::min);
            assert!(
                solution.objective <= least * (1.0 + 1e-12),
                "{restart}, {max_iter}: {} and {least}",
                solution.objective
            );
        }
    }
    assert!(rose, "no objective ever rose");
}

// Fault 107.
#[test]
fn every_nan_is_shown_without_sign_or_payload() {
    // A NaN has no sign and no payload that anyone is shown.
    for nan in [f64::NAN, -f64::NAN, f64::from_bits(0x7ff8_dead_beef_0001), f64::from_bits(0xfff0_0000_0000_0001)] {
        let e = try_lasso(6, 8, &numbers(48, 3), &[1.0, nan, 1.0, 1.0, 1.0, 1.0], 0.1, &Options::new()).unwrap_err();
        assert!(e.to_string().contains("`x`: entry [1] is NaN, "), "{e}");
    }
}

// Fault 34.
#[test]
fn maximising() {
    let solution = solve("var y: vector[2]\nmaximize dot([1, 2], y) - ||y||^2");
    assert_eq!(solution.status, Status::Optimal);
    assert!((solution.objective - 1.25).abs() < 1e-7, "{}", solution.objective);
}

/// An intercept beside features in large units takes steps of its own. With one step for both these need more than 7000, and two of them stall
/// before they are done.
#[test]
fn unknowns_in_other_units_take_their_own_steps() {
    let (m, n) = (30, 4);
    let d: Vec<f64> = numbers(m * n, 0x1234_5678_9abc_def1).iter().map(|x| 1e3 * x).collect();
    let x: Vec<f64> = numbers(m, 0x9876_5432_1234_5671).iter().map(|x| x + 40.0).collect();
    let labels: Vec<f64> = x.iter().map(|x| if *x > 40.0 { 1.0 } else { -1.0 }).collect();
    for (objective, target) in [
        ("||D*y + b*ones(m) - x||^2 + 2*||y||_1", &x),
        ("huber(D*y + b - x, 1) + 2*||y||_1", &x),
        ("logistic(-x .* (D*y + b)) + 2*||y||_1 + 0.01*b^2", &labels),
    ] {
        let text = format!(
            "dim m, n\nconst D: matrix[m, n]\nparam x: vector[m]\nvar y: vector[n], b: scalar\nminimize {objective}"
        );
        let options = Options::new().dim("m", m).dim("n", n);
        let compiled = Problem::parse(&text).unwrap().compile::<f64>(&options).unwrap();
        let solver = compiled.bind([("D", View::matrix(m, n, &d))]).unwrap();
        let solution = solver.solve(&[("x", target.as_slice().into())]).unwrap();
        assert_eq!(solution.status, Status::Optimal, "{objective}: {:?}", solution.summary);
        assert!(solution.iterations <= 500, "{objective}: {} iterations", solution.iterations);
    }
}
