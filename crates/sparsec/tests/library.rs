//! The library as a program uses it.

use sparsec::syntax::diagnostic::Class;
use sparsec::{Backend, BatchRows, Certificate, Error, Options, Problem, Real, Request, Solver, Status, View};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const LASSO: &str = "dim m, n
    const D: matrix[m, n]
    param x: vector[m]
    param λ: scalar >= 0 = 0.1
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

fn lasso<T: Real>(m: usize, n: usize, options: &Options) -> Solver<T> {
    let problem = Problem::parse(LASSO).unwrap().named("lasso");
    let d = numbers(m * n, 11);
    let options = options.clone().dim("m", m).dim("n", n);
    problem.compile::<T>(&options).unwrap().bind([("D", View::matrix(m, n, &d))]).unwrap()
}

/// The code of an error.
fn code(error: &Error) -> &'static str {
    error.diagnostics[0].code.code
}

#[test]
fn a_solve_and_its_numbers() {
    let solver = lasso::<f64>(8, 12, &Options::new());
    let x = numbers(8, 5);
    let solution = solver.solve(&[("x", (&x).into())]).unwrap();
    assert_eq!(solution.status, Status::Optimal);
    assert!(matches!(solution.certificate, Certificate::DualityGap | Certificate::DualityGapTo(1e-17..=1e-13)));
    assert!((0.0..=1e-8).contains(&solution.gap) && solution.violation == 0.0);
    assert!(solution.bound <= solution.objective && solution.residual == f64::INFINITY);
    let y = solution.get("y").unwrap();
    let d = numbers(96, 11);
    let residual = |i: usize| x[i] - (0..12).map(|j| d[12 * i + j] * y[j]).sum::<f64>();
    let by_hand = (0..8).map(|i| residual(i).powi(2)).sum::<f64>() + 0.1 * y.iter().map(|v| v.abs()).sum::<f64>();
    assert!((by_hand - solution.objective).abs() <= 1e-12 * by_hand.abs().max(1.0));
    assert!(solution.get("z").is_none());
}

#[test]
fn the_least_tolerances_are_those_that_the_warning_explains() {
    let text = sparsec::syntax::diagnostics::W0303.explanation;
    assert!(text.contains(&format!("{:e} in f32", f32::LEAST_TOL)), "{text}");
    assert!(text.contains(&format!("{:e} in f64", f64::LEAST_TOL)), "{text}");
    let problem = Problem::parse("var y: vector[2]\nminimize ‖y‖²").unwrap();
    let compiled = problem.compile::<f32>(&Options::new().tol(f32::LEAST_TOL / 2.0)).unwrap();
    assert!(compiled.warnings().iter().any(|d| d.code.code == "W0303"));
    let compiled = problem.compile::<f32>(&Options::new().tol(f32::LEAST_TOL)).unwrap();
    assert!(compiled.warnings().iter().all(|d| d.code.code != "W0303"));
}

#[test]
fn numbers_in_a_row_or_column_stand_for_a_vector_and_nothing_else_is_turned() {
    use sparsec::data::Array;
    let problem = Problem::parse(
        "dim m = 2, n = 3\nconst D: matrix[m, n]\nconst c: matrix[n, 1]\nparam x: vector[n], s: scalar
         var y: vector[n]\nminimize ‖D y‖² + s ‖y − x‖² + ‖y - c*ones(1)‖²",
    )
    .unwrap();
    let conform = |name: &str, shape: &[usize]| {
        let data = vec![1.0; shape.iter().product()];
        let mut given = sparsec::Given {
            name: name.to_owned(),
            array: Array { shape: shape.to_vec(), data },
            from: "x".to_owned(),
        };
        problem.conform(&mut given).map(|()| given.array.shape).map_err(|e| code(&e))
    };
    assert_eq!(conform("x", &[3, 1]), Ok(vec![3]));
    assert_eq!(conform("x", &[1, 3]), Ok(vec![3]));
    assert_eq!(conform("c", &[3]), Ok(vec![3, 1]));
    assert_eq!(conform("s", &[1, 1]), Ok(vec![]));
    assert_eq!(conform("x", &[2, 3]), Err("E0502"));
    assert_eq!(conform("s", &[2]), Err("E0502"));
    assert_eq!(conform("D", &[3, 2]), Ok(vec![3, 2]), "the sizes are compared when dims are known");
}

#[test]
fn errors_are_shown_with_their_place_and_rendered_with_the_text() {
    let place = |error: &Error| {
        assert_eq!(format!("{error:?}"), error.to_string());
        error.to_string().split(" (").nth(1).map(str::to_owned)
    };
    let parsed = Problem::parse("var y: vector[2]\nminimize ‖y‖² +").unwrap_err();
    assert_eq!(place(&parsed).as_deref(), Some("line 2, column 15)"));
    let problem = Problem::parse("param x: vector[3]\nvar y: vector[2]\nminimize ‖y − x‖²").unwrap();
    let shapes = problem.compile::<f64>(&Options::new()).unwrap_err();
    assert_eq!(place(&shapes).as_deref(), Some("line 3, column 15)"));
    assert!(shapes.render("p.sparse").contains("p.sparse:3:15") && shapes.render("p").contains('^'));
    let problem =
        Problem::parse("var y: vector[2]\nparam x: vector[2] >= 0\nconst c: vector[2]\nminimize ‖y − x − c‖²").unwrap();
    let compiled = problem.compile::<f64>(&Options::new()).unwrap();
    assert_eq!(place(&compiled.bind([]).unwrap_err()).as_deref(), Some("line 3, column 7)"));
    let solver = compiled.bind([("c", View::from(&[0.0, 0.0]))]).unwrap();
    let outside = solver.solve(&[("x", View::from(&[1.0, -1.0]))]).unwrap_err();
    assert_eq!((code(&outside), place(&outside).as_deref()), ("E0504", Some("line 2, column 7)")));
    // An error without a text has no place to show, and is rendered all the same.
    let bare = Error::new(sparsec::syntax::diagnostics::E0901, "wrong").help("do it otherwise");
    assert_eq!((place(&bare), bare.render("p").contains("do it otherwise")), (None, true));
}

#[test]
fn params_by_any_spelling_and_in_any_precision() {
    let solver = lasso::<f64>(4, 6, &Options::new());
    let x = [1.0, 2.0, 3.0, 4.0];
    let x32 = x.map(|v| v as f32);
    let a = solver.solve(&[("x", (&x).into()), ("λ", 0.5.into())]).unwrap();
    let b = solver.solve(&[("lambda", 0.5.into()), ("x", (&x32).into())]).unwrap();
    assert_eq!(a.variables, b.variables);
    let narrow = lasso::<f32>(4, 6, &Options::new());
    let c = narrow.solve(&[("x", (&x).into()), ("λ", 0.5.into())]).unwrap();
    assert_eq!(c.status, Status::Optimal);
    assert!((c.objective - a.objective).abs() <= 1e-4 * a.objective.abs());
}

#[test]
fn bound_params_stay_and_can_be_overridden() {
    let problem = Problem::parse(LASSO).unwrap();
    let d = numbers(24, 11);
    let x = [1.0, 2.0, 3.0, 4.0];
    let data = [("D", View::matrix(4, 6, &d)), ("x", View::from(&x)), ("lambda", 0.3.into())];
    let solver = problem.compile_for::<f64>(&Options::new(), data.clone()).unwrap().bind(data).unwrap();
    let kept = solver.solve(&[]).unwrap();
    let given = solver.solve(&[("x", (&x).into()), ("lambda", 0.3.into())]).unwrap();
    assert_eq!(kept.variables, given.variables);
    let other = solver.solve(&[("lambda", 3.0.into())]).unwrap();
    assert_ne!(kept.variables, other.variables);
    // No state is left over.
    assert_eq!(solver.solve(&[]).unwrap().variables, kept.variables);
}

#[test]
fn errors_name_what_is_wrong() {
    let solver = lasso::<f64>(4, 6, &Options::new());
    let x = [1.0, 2.0, 3.0, 4.0];
    let fails = |params: &[(&str, View<'_>)]| solver.solve(params).unwrap_err();
    let missing = fails(&[]);
    assert_eq!(code(&missing), "E0501");
    assert!(missing.to_string().contains("`x`") && !missing.diagnostics[0].labels.is_empty());
    let e = fails(&[("x", (&[1.0, 2.0]).into())]);
    assert!(code(&e) == "E0502" && e.to_string().contains("vector[4]") && e.to_string().contains("vector[2]"), "{e}");
    let e = fails(&[("x", View::from(&[1.0, f64::NAN, 3.0, 4.0]))]);
    assert!(code(&e) == "E0503" && e.to_string().contains("`x`: entry [1] is NaN"), "{e}");
    let e = fails(&[("x", (&x).into()), ("lambda", (-1.0).into())]);
    assert!(code(&e) == "E0504" && e.to_string().contains("`λ`") && e.to_string().contains("-1"), "{e}");
    let e = fails(&[("x", (&x).into()), ("lamda", 1.0.into())]);
    assert_eq!(e.class(), Class::Usage);
    assert!(e.diagnostics[0].help.as_ref().unwrap().contains("λ"));
    assert_eq!(code(&fails(&[("x", (&x).into()), ("x", (&x).into())])), "E0901");
    assert_eq!(code(&fails(&[("D", (&x).into())])), "E0901");
    let compiled = solver.compiled();
    let d = numbers(24, 11);
    assert_eq!(code(&compiled.bind([]).unwrap_err()), "E0501");
    let e = compiled.bind([("D", View::matrix(6, 4, &d))]).unwrap_err();
    assert!(code(&e) == "E0502" && e.diagnostics[0].help.as_ref().unwrap().contains("transpose"), "{e}");
    assert_eq!(code(&compiled.bind([("D", View::matrix(4, 6, &d[1..]))]).unwrap_err()), "E0502");
    let mut bad = d.clone();
    bad[13] = f64::INFINITY;
    let e = compiled.bind([("D", View::matrix(4, 6, &bad))]).unwrap_err();
    assert!(code(&e) == "E0503" && e.to_string().contains("[2, 1]"), "{e}");
    let narrow = lasso::<f32>(4, 6, &Options::new());
    let e = narrow.solve(&[("x", View::from(&[1e300, 0.0, 0.0, 0.0]))]).unwrap_err();
    assert!(code(&e) == "E0503" && e.to_string().contains("f32"), "{e}");
    let e = Problem::parse("minimize").unwrap_err();
    assert_eq!(e.class(), Class::Syntax);
    for tol in [-1.0, f64::NAN, f64::INFINITY] {
        let e = Problem::parse(LASSO).unwrap().compile::<f64>(&Options::new().tol(tol)).unwrap_err();
        assert_eq!(e.class(), Class::Usage);
    }
}

// Fault 100.
#[test]
fn a_workspace_used_again_gives_the_same_answer() {
    for backend in [Backend::Auto, Backend::Interpreter] {
        let solver = lasso::<f64>(16, 24, &Options::new().backend(backend));
        let mut workspace = solver.workspace().unwrap();
        let (x, other) = (numbers(16, 5), numbers(16, 6));
        let mut solve = |x: &Vec<f64>| {
            let params = [("x", x.into())];
            solver.solve_with(&Request { params: &params, ..Request::default() }, &mut workspace).unwrap()
        };
        let first = solve(&x);
        solve(&other);
        let again = solve(&x);
        assert_eq!(first.variables, again.variables);
        assert_eq!(first.summary, again.summary);
    }
}

#[test]
#[cfg(feature = "jit")]
fn both_backends_give_the_same_bits() {
    let x = numbers(16, 5);
    let solve = |backend| {
        let solver = lasso::<f64>(16, 24, &Options::new().backend(backend));
        solver.solve(&[("x", (&x).into())]).unwrap()
    };
    let (jit, interpreter) = (solve(Backend::Jit), solve(Backend::Interpreter));
    assert_eq!(jit.variables, interpreter.variables);
    assert_eq!(jit.summary, interpreter.summary);
}

// Fault 117.
#[test]
fn threads_that_share_a_solver_get_the_same_answers() {
    let solver = lasso::<f64>(16, 24, &Options::new());
    let xs: Vec<Vec<f64>> = (0..8).map(|k| numbers(16, 100 + k)).collect();
    let alone: Vec<_> = xs.iter().map(|x| solver.solve(&[("x", x.into())]).unwrap().variables).collect();
    std::thread::scope(|scope| {
        for (x, wanted) in xs.iter().zip(&alone) {
            let solver = &solver;
            scope.spawn(move || {
                for _ in 0..5 {
                    assert_eq!(&solver.solve(&[("x", x.into())]).unwrap().variables, wanted);
                }
            });
        }
    });
}

// Fault 116.
#[test]
fn compiling_in_many_threads_gives_the_same_answers() {
    let run = |k: u64| {
        let solver = lasso::<f64>(8 + k as usize, 12, &Options::new());
        let x = numbers(8 + k as usize, 3);
        solver.solve(&[("x", (&x).into())]).unwrap().variables
    };
    let alone: Vec<_> = (0..8).map(run).collect();
    let together: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|k| scope.spawn(move || run(k))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(alone, together);
}

// Fault 153.
#[test]
fn a_batch_gives_the_same_answers_with_any_number_of_threads() {
    let solver = lasso::<f64>(8, 12, &Options::new());
    let rows = numbers(8 * 70, 77);
    let in_pool = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| solver.solve_batch("x", &rows)).unwrap()
    };
    let (one, eight) = (in_pool(1), in_pool(8));
    assert_eq!(one.len(), 70);
    for (row, (a, b)) in one.iter().zip(&eight).enumerate() {
        let (a, b) = (a.as_ref().unwrap(), b.as_ref().unwrap());
        assert_eq!((&a.variables, a.summary), (&b.variables, b.summary));
        let alone = solver.solve(&[("x", (&rows[8 * row..8 * row + 8]).into())]).unwrap();
        assert_eq!(alone.variables, a.variables);
    }
    assert!(solver.solve_batch("x", &[]).unwrap().is_empty());
    assert_eq!(code(&solver.solve_batch("x", &rows[..9]).unwrap_err()), "E0502");
    assert_eq!(code(&solver.solve_batch("D", &rows).unwrap_err()), "E0901");
    assert_eq!(code(&solver.solve_batch("z", &rows).unwrap_err()), "E0901");
    let uneven = [BatchRows { name: "x", rows: &rows }, BatchRows { name: "λ", rows: &[0.1, 0.2] }];
    assert_eq!(code(&solver.batch_len(&uneven).unwrap_err()), "E0502");
}

// Fault 152.
#[test]
fn a_bad_row_of_a_batch_fails_alone() {
    let solver = lasso::<f64>(8, 12, &Options::new());
    let mut rows = numbers(8 * 5, 77);
    rows[17] = f64::NAN;
    let answers = solver.solve_batch("x", &rows).unwrap();
    for (row, answer) in answers.iter().enumerate() {
        match answer {
            Ok(solution) => assert!(row != 2 && solution.status == Status::Optimal),
            Err(e) => assert!(row == 2 && code(e) == "E0503", "{e}"),
        }
    }
}

// Fault 101.
#[test]
fn a_good_start_saves_iterations_and_a_far_one_is_projected() {
    let solver = lasso::<f64>(8, 12, &Options::new().algorithm("ista"));
    let x = numbers(8, 5);
    let cold = solver.solve(&[("x", (&x).into())]).unwrap();
    let y = cold.get("y").unwrap().to_vec();
    let warm = solver.solve_from(&[("x", (&x).into())], &[("y", (&y).into())]).unwrap();
    assert_eq!(warm.status, Status::Optimal);
    assert!(warm.iterations <= cold.iterations / 2, "{} and {}", warm.iterations, cold.iterations);
    // A start that is the optimum, to the last bit, is accepted at once.
    for algorithm in ["ista", "fista"] {
        let known = "param x: vector[3] = [3, -0.25, 1]\nvar y: vector[3]\nminimize ||y - x||^2 + ||y||_1";
        let options = Options::new().algorithm(algorithm);
        let known = Problem::parse(known).unwrap().compile::<f64>(&options).unwrap().bind([]).unwrap();
        let at = known.solve_from(&[], &[("y", (&[2.5, 0.0, 0.5]).into())]).unwrap();
        assert_eq!((at.status, at.iterations, at.get("y").unwrap()), (Status::Optimal, 0, &[2.5, 0.0, 0.5][..]));
    }
    // A start far outside the set is projected.
    let text = "param x: vector[3] = [1, 2, 4]\nvar y: vector[3]\nminimize ||y - x||^2 + ||2*y - x||^2\nsubject to y in simplex";
    let boxed =
        Problem::parse(text).unwrap().compile::<f64>(&Options::new().algorithm("ista")).unwrap().bind([]).unwrap();
    let far = boxed.solve_from(&[], &[("y", (&[1e6, -1e6, 3e6]).into())]).unwrap();
    assert_eq!((far.status, far.get("y").unwrap()), (Status::Optimal, &[0.0, 0.0, 1.0][..]));
    assert_eq!(code(&solver.solve_from(&[("x", (&x).into())], &[("y", (&x).into())]).unwrap_err()), "E0502");
    assert_eq!(code(&solver.solve_from(&[("x", (&x).into())], &[("z", (&x).into())]).unwrap_err()), "E0901");
}

#[test]
fn limits_return_the_best_point_and_its_gap() {
    let solver = lasso::<f64>(30, 60, &Options::new().algorithm("ista").tol(0.0));
    let x = numbers(30, 5);
    let params = [("x", View::from(&x))];
    let mut workspace = solver.workspace().unwrap();
    let timed = Request { params: &params, time_limit: Some(Duration::ZERO), ..Request::default() };
    let solution = solver.solve_with(&timed, &mut workspace).unwrap();
    assert_eq!(solution.status, Status::TimeLimit);
    assert!(solution.gap > 0.0 && solution.gap.is_finite());
    let stop = AtomicBool::new(false);
    let request = Request { params: &params, interrupt: Some(&stop), ..Request::default() };
    let mut seen = 0;
    let solution = solver
        .solve_observed(&request, &mut workspace, &mut |progress| {
            seen += 1;
            stop.store(progress.iteration >= 20, Ordering::Relaxed);
        })
        .unwrap();
    assert_eq!(solution.status, Status::Interrupted);
    assert!(seen > 1 && solution.iterations >= 20 && solution.objective.is_finite());
    let few = lasso::<f64>(30, 60, &Options::new().algorithm("ista").max_iter(3));
    let solution = few.solve(&params).unwrap();
    assert_eq!((solution.status, solution.iterations), (Status::IterationLimit, 3));
}

#[test]
fn solve_into_fills_the_slices_of_the_caller() {
    let solver = lasso::<f64>(8, 12, &Options::new());
    let x = numbers(8, 5);
    let params = [("x", View::from(&x))];
    let mut workspace = solver.workspace().unwrap();
    let mut y = vec![0.0; 12];
    let summary = solver.solve_into(&params, &mut [("y", &mut y)], &mut workspace).unwrap();
    let solution = solver.solve(&params).unwrap();
    assert_eq!((solution.summary, solution.get("y").unwrap()), (summary, y.as_slice()));
    let e = solver.solve_into(&params, &mut [("y", &mut y[..3])], &mut workspace).unwrap_err();
    assert_eq!(code(&e), "E0502");
    let e = solver.solve_into(&params, &mut [("z", &mut y)], &mut workspace).unwrap_err();
    assert_eq!(code(&e), "E0901");
    // A workspace of another solver is made anew.
    let mut other = sparsec::Workspace::default();
    assert_eq!(solver.solve_into(&params, &mut [("y", &mut y)], &mut other).unwrap(), summary);
}

// Fault 83.
#[test]
fn evaluating_a_wrong_point_shows_a_larger_gap() {
    // The loop's answer replaced by another point: the checker sees the difference.
    let solver = lasso::<f64>(8, 12, &Options::new());
    let x = numbers(8, 5);
    let params = [("x", View::from(&x))];
    let solution = solver.solve(&params).unwrap();
    let mut y = solution.get("y").unwrap().to_vec();
    let honest = solver.evaluate(&params, &[("y", (&y).into())]).unwrap();
    assert_eq!((honest.objective, honest.gap), (solution.objective, solution.gap));
    y[3] += 0.01;
    let wrong = solver.evaluate(&params, &[("y", (&y).into())]).unwrap();
    assert!(wrong.gap > 1e-8 && wrong.objective > honest.objective);
    assert!((wrong.terms.iter().map(|(_, v)| v).sum::<f64>() - wrong.objective).abs() < 1e-12);
}

// Fault 88.
#[test]
fn f32_with_a_tolerance_too_small_warns_and_stays_honest() {
    let solver = lasso::<f32>(8, 12, &Options::new().tol(1e-12));
    assert!(solver.compiled().warnings().iter().any(|w| w.code.code == "W0303"));
    let x = numbers(8, 5);
    let solution = solver.solve(&[("x", (&x).into())]).unwrap();
    if solution.status == Status::Optimal {
        assert!(solution.gap <= 1e-12);
    } else {
        assert_eq!(solution.status, Status::IterationLimit);
        assert!(solution.gap > 1e-12);
    }
}

// Fault 112.
#[test]
fn without_native_code_auto_warns_and_jit_is_refused() {
    // Without native code `auto` says so and goes on; asked for by name it is an error.
    if sparsec_cranelift_is_absent() {
        let problem = Problem::parse("var y: vector[2]\nminimize ||y - [1, 2]||^2").unwrap();
        let compiled = problem.compile::<f64>(&Options::new()).unwrap();
        assert_eq!(compiled.backend(), "interpreter");
        assert!(compiled.warnings().iter().any(|w| w.code.code == "W0301"));
        let e = problem.compile::<f64>(&Options::new().backend(Backend::Jit)).unwrap_err();
        assert_eq!(code(&e), "E0701");
    }
}

fn sparsec_cranelift_is_absent() -> bool {
    !cfg!(feature = "jit")
}

#[test]
fn a_scalar_is_spread_over_a_vector() {
    let declared = "const D: matrix[6, 3] param x: vector[6], s: scalar = 0.5 var y: vector[3], b: scalar\n";
    let solve = |objective: &str, backend: Backend| {
        let problem = Problem::parse(&format!("{declared}{objective}")).unwrap();
        let compiled = problem.compile::<f64>(&Options::new().backend(backend)).unwrap();
        let program = compiled.spec().program.program().to_string();
        let (d, x) = (numbers(18, 3), numbers(6, 4));
        let solver = compiled.bind([("D", View::matrix(6, 3, &d))]).unwrap();
        let solution = solver.solve(&[("x", (&x).into())]).unwrap();
        assert_eq!(solution.status, Status::Optimal, "{objective}");
        (program, solution.variables.clone(), solution.objective)
    };
    for (spread, written) in [
        // The intercept of a regression.
        ("minimize ||D*y + b - x||^2 + 0.1*||y||_1", "minimize ||D*y + b*ones(6) - x||^2 + 0.1*||y||_1"),
        ("minimize ||D*y - (x + s)||^2", "minimize ||D*y - (x + s*ones(6))||^2"),
        ("minimize ||2*y - 1||^2 + b^2", "minimize ||2*y - ones(3)||^2 + b^2"),
        (
            "minimize ||D*y - x||^2 + b^2 subject to 2 - 3*y >= 0",
            "minimize ||D*y - x||^2 + b^2 subject to 2*ones(3) - 3*y >= 0",
        ),
    ] {
        let found = solve(spread, Backend::Interpreter);
        assert_eq!(found, solve(written, Backend::Interpreter), "{spread}");
        if cfg!(feature = "jit") {
            assert_eq!(found, solve(spread, Backend::Auto), "{spread}");
        }
    }
}
