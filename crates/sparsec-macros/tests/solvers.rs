//! Solvers from the macro, run in this process, and held against the interpreter where both run the same program.

use sparsec::{Backend, Options, Problem, Real, View};
use sparsec_macros::sparse_solver;
use sparsec_runtime::Float;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Numbers in [-1, 1) from a seed.
fn numbers<T: Float>(len: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            T::from_f64((state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0)
        })
        .collect()
}

/// The unknowns that the interpreter finds, in the order declared, and the number of steps.
fn interpreted<T: Real>(text: &str, dims: &[(&str, usize)], data: &[(&str, &[T])], tol: f64) -> (Vec<Vec<T>>, u64) {
    let problem = Problem::parse(text).expect("parsed");
    let dims = dims.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
    let options = Options { dims, backend: Backend::Interpreter, tol: Some(tol), ..Options::default() };
    let compiled = problem.compile::<T>(&options).expect("compiled");
    let wide: Vec<(&str, Vec<f64>)> =
        data.iter().map(|(name, values)| (*name, values.iter().map(|v| v.to_f64()).collect())).collect();
    let inputs = &compiled.spec().inputs;
    let shape = |name: &str| inputs.iter().find(|input| input.canonical == name).expect("an input").shape;
    let given: Vec<_> = wide.iter().map(|(name, values)| (*name, View::shaped(shape(name), values))).collect();
    let solution = compiled.bind(given).expect("bound").solve(&[]).expect("solved");
    (solution.variables.iter().map(|v| v.values.clone()).collect(), solution.iterations)
}

fn same<T: Float>(left: &[T], right: &[T]) {
    let bits = |v: &[T]| v.iter().map(|v| v.to_f64().to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(left), bits(right), "{left:?} {right:?}");
}

/// The same tokens as a solver and as text.
macro_rules! both {
    ($module:ident <$real:ident $(; $($dim:ident = $size:literal),+)?> $($problem:tt)*) => {
        mod $module {
            super::sparse_solver! { <$real $(; $($dim = $size),+)?> #[runtime(::sparsec_runtime)] pub $($problem)* }
            /// Sizes by name.
            pub const DIMS: &[(&str, usize)] = &[$($((stringify!($dim), $size)),+)?];
            /// The problem as text: a dim statement for the head's sizes, then the tokens.
            pub fn text() -> String {
                let problem = stringify!($($problem)*);
                let dims = [$($(stringify!($dim)),+)?].join(", ");
                if dims.is_empty() {
                    return problem.to_owned();
                }
                let (head, body) = problem.split_once('{').expect("a problem");
                format!("{head}{{ dim {dims} {body}")
            }
        }
    };
}

both! { lasso <f64; m = 6, n = 20>
    problem small_lasso {
        const D: matrix[m, n]
        param x: vector[m]
        param lambda: scalar >= 0 = 0.1
        var y: vector[n]
        minimize ||x - D*y||^2 + lambda*||y||_1
    }
}

both! { lasso_f32 <f32; m = 6, n = 20>
    problem small_lasso_f32 {
        const D: matrix[m, n]
        param x: vector[m]
        param lambda: scalar >= 0 = 0.1
        var y: vector[n]
        minimize ||x - D*y||^2 + lambda*||y||_1
    }
}

both! { logistic <f64; m = 9, n = 5>
    problem classifier {
        const A: matrix[m, n]
        param rho: scalar > 0 = 0.5
        var w: vector[n]
        minimize logistic(-(A*w)) + rho*sum_squares(w)
    }
}

both! { simplex <f64; n = 7>
    problem project {
        param x: vector[n]
        var y: vector[n]
        minimize ||y - x||^2
        subject to y in simplex
    }
}

#[test]
fn a_lasso_is_solved() -> Outcome {
    let (d, x) = (numbers(120, 1), numbers(6, 2));
    let coder = lasso::SmallLasso::new(&d)?;
    let sol = coder.solve(&x)?;
    assert_eq!(sol.status.as_str(), "optimal", "{sol:?}");
    assert!((0.0..=1e-8).contains(&sol.gap) && sol.violation == 0.0 && sol.bound <= sol.objective);
    assert!(sol.certificate.to_string().starts_with("duality gap"));
    let (y, iterations) = interpreted(&lasso::text(), lasso::DIMS, &[("D", &d), ("x", &x)], 1e-8);
    same(&sol.y, &y[0]);
    assert_eq!(sol.iterations, iterations);
    let objective: f64 =
        (0..6).map(|i| (x[i] - (0..20).map(|j| d[20 * i + j] * sol.y[j]).sum::<f64>()).powi(2)).sum::<f64>()
            + 0.1 * sol.y.iter().map(|y: &f64| y.abs()).sum::<f64>();
    assert!((objective - sol.objective).abs() < 1e-12);
    Ok(())
}

#[test]
fn settings_are_set_on_a_handle() -> Outcome {
    let (d, x) = (numbers(120, 1), numbers(6, 2));
    let coder = lasso::SmallLasso::new(&d)?;
    let large = coder.with_lambda(1e3).solve(&x)?;
    assert!(large.y.iter().all(|&y| y == 0.0));
    let short = coder.with_max_iter(0).solve(&x)?;
    assert_eq!(short.status.as_str(), "iteration_limit");
    let loose = coder.with_tol(1e-2).with_lambda(0.2).solve(&x)?;
    let tight = coder.with_lambda(0.2).solve(&x)?;
    assert!(loose.iterations < tight.iterations && tight.status.as_str() == "optimal");
    let again = coder.with_lambda(0.2).with_start_y(&tight.y).solve(&x)?;
    assert!(again.iterations < tight.iterations, "{} {}", again.iterations, tight.iterations);
    // A solver is shared by threads.
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..4).map(|_| scope.spawn(|| coder.solve(&x))).collect();
        for handle in handles {
            let sol = handle.join().expect("no panic").expect("solved");
            assert_eq!(sol, coder.solve(&x).expect("solved"));
        }
    });
    Ok(())
}

#[test]
fn wrong_data_is_an_error_with_names() {
    use lasso::{SmallLasso, SmallLassoError};
    let (mut d, x) = (numbers(120, 1), numbers::<f64>(6, 2));
    let error = SmallLasso::new(&d[1..]).expect_err("too short");
    assert_eq!(error.to_string(), "`D` is declared matrix[6, 20] and needs 120 numbers, not 119");
    let coder = SmallLasso::new(&d).expect("right");
    let error = coder.solve(&x[..5]).expect_err("too short");
    assert_eq!(error, SmallLassoError::Length { name: "x", shape: "vector[6]", expected: 6, found: 5 });
    let error = coder.with_lambda(-1.0).solve(&x).expect_err("negative");
    assert_eq!(error.to_string(), "`lambda`: entry 0 is -1, but every entry must be >= 0");
    let error = coder.with_lambda(f64::NAN).solve(&x).expect_err("not finite");
    assert!(error.to_string().contains("not finite"), "{error}");
    for tol in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(coder.with_tol(tol).solve(&x), Err(SmallLassoError::Tolerance(_))));
    }
    let error = coder.with_start_y(&x).solve(&x).expect_err("too short");
    assert!(error.to_string().contains("`y` is declared vector[20]"), "{error}");
    let (mut y, mut memory) = (vec![0.0; 20], vec![0.0; SmallLasso::WORKSPACE]);
    assert!(coder.solve_into(&x, &mut y[1..], &mut memory).is_err());
    assert!(coder.solve_into(&x, &mut y, &mut memory[1..]).is_err());
    d[7] = f64::INFINITY;
    let error = SmallLasso::new(&d).expect_err("not finite");
    assert!(error.to_string().starts_with("`D`: entry 7 is inf"), "{error}");
}

#[test]
fn memory_of_the_callers() -> Outcome {
    let (d, x) = (numbers(120, 1), numbers(6, 2));
    let mut storage = vec![f64::NAN; lasso::SmallLasso::STORAGE + 3];
    let mut workspace = vec![f64::NAN; lasso::SmallLasso::WORKSPACE];
    let mut y = vec![f64::NAN; 20];
    let coder = lasso::SmallLasso::new_in(&mut storage, &d)?;
    let report = coder.solve_into(&x, &mut y, &mut workspace)?;
    let sol = lasso::SmallLasso::new(&d)?.solve(&x)?;
    same(&sol.y, &y);
    assert_eq!((report.status, report.objective, report.gap), (sol.status, sol.objective, sol.gap));
    assert!(lasso::SmallLasso::new_in(&mut [0.0; 9], &d).is_err());
    Ok(())
}

// Fault 89.
#[test]
fn single_precision_is_judged_in_double() -> Outcome {
    let (d, x) = (numbers(120, 1), numbers(6, 2));
    let coder = lasso_f32::SmallLassoF32::new(&d)?;
    let sol = coder.solve(&x)?;
    assert_eq!(sol.status.as_str(), "optimal", "{sol:?}");
    assert!(sol.gap <= 1e-5);
    let text = lasso_f32::text();
    let (y, _) = interpreted::<f32>(&text, lasso_f32::DIMS, &[("D", &d), ("x", &x), ("lambda", &[0.1])], 1e-5);
    same(&sol.y, &y[0]);
    let residual = |i: usize| {
        let fit: f64 = (0..20).map(|j| f64::from(d[20 * i + j]) * f64::from(sol.y[j])).sum();
        (f64::from(x[i]) - fit).powi(2)
    };
    let objective =
        (0..6).map(residual).sum::<f64>() + f64::from(0.1_f32) * sol.y.iter().map(|y| f64::from(y.abs())).sum::<f64>();
    assert!((objective - sol.objective).abs() < 1e-13, "{objective} {}", sol.objective);
    let strict = coder.with_tol(1e-14).solve(&x)?;
    assert_ne!(strict.status.as_str(), "optimal");
    let (mut y, mut work) = (vec![0.0; 20], vec![0.0; lasso_f32::SmallLassoF32::WORKSPACE]);
    let mut check = vec![0.0; lasso_f32::SmallLassoF32::CHECK];
    let report = coder.solve_into(&x, &mut y, &mut work, &mut check)?;
    assert_eq!(report.objective, sol.objective);
    Ok(())
}

#[test]
fn elementary_functions_agree_with_the_interpreter() -> Outcome {
    let a = numbers(45, 3);
    let sol = logistic::Classifier::new(&a)?.solve()?;
    assert_eq!(sol.status.as_str(), "optimal", "{sol:?}");
    let (w, _) = interpreted(&logistic::text(), logistic::DIMS, &[("A", &a)], 1e-8);
    same(&sol.w, &w[0]);
    Ok(())
}

#[test]
fn a_problem_without_consts() -> Outcome {
    let x = numbers(7, 5);
    let sol = simplex::Project::new()?.solve(&x)?;
    assert_eq!(sol.status.as_str(), "optimal", "{sol:?}");
    assert!((sol.y.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let (y, _) = interpreted(&simplex::text(), simplex::DIMS, &[("x", &x)], 1e-8);
    same(&sol.y, &y[0]);
    Ok(())
}
