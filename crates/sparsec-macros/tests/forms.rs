//! The forms that the macro takes: tokens, strings, files, fragments of `macro_rules`; and names that might clash.

#![deny(warnings, missing_docs)]

use sparsec_macros::sparse_solver;

sparse_solver! { <f64> #[runtime(::sparsec_runtime)] pub file = "problems/ridge.sparse" }

sparse_solver! {
    <f64>
    /// Three numbers, from a string.
    #[runtime(::sparsec_runtime)]
    pub(crate) "problem nearest { var y: vector[3]  param x: vector[3]  minimize ‖y − x‖²  subject to y ∈ simplex }"
}

sparse_solver! { <f64> #[runtime(::sparsec_runtime)] r#"
    problem escaped { param x: vector[2]  var y: vector[2]  minimize ‖y − x‖² + ‖y‖₁ }
"# }

// Fault 131.
#[test]
fn a_file_of_the_crate() {
    let a: Vec<f64> = (0..15).map(|i| f64::from(i % 4) - 1.0).collect();
    let sol = Ridge::new(&a).and_then(|ridge| ridge.solve(&[1.0, 0.0, 2.0, -1.0, 0.5])).expect("solved");
    assert_eq!((sol.status.as_str(), sol.w.len()), ("optimal", 3));
}

#[test]
fn a_string() {
    let sol = Nearest::new().and_then(|nearest| nearest.solve(&[2.0, 0.0, 0.0])).expect("solved");
    assert_eq!((sol.status.as_str(), &sol.y[..]), ("optimal", &[1.0, 0.0, 0.0][..]));
    let sol = Escaped::new().and_then(|escaped| escaped.solve(&[2.0, 0.25])).expect("solved");
    assert!((sol.y[0] - 1.5).abs() < 1e-8 && sol.y[1].abs() < 1e-8, "{sol:?}");
}

/// A problem whose numbers come through fragments.
macro_rules! scaled {
    ($name:ident, $size:literal, $factor:expr, $shift:expr) => {
        sparse_solver! {
            <f64; n = $size>
            #[runtime(::sparsec_runtime)]
            problem $name {
                param x: vector[n]
                var y: vector[n]
                minimize ||y - x||^2 + 2 * $factor * ||y||_1
                subject to y <= $shift
            }
        }
    };
}
scaled!(from_fragments, 2, 1 + 1, 1e9);

// Fault 129.
#[test]
fn fragments_keep_their_precedence() {
    // 2·(1 + 1)·|y|, not 2·1 + 1·|y|: the threshold is 2.
    let sol = FromFragments::new().and_then(|solver| solver.solve(&[5.0, 1.5])).expect("solved");
    assert!((sol.y[0] - 3.0).abs() < 1e-6 && sol.y[1].abs() < 1e-6, "{sol:?}");
}

/// Names that generated code uses must not reach the user's, nor the other way.
mod hygiene {
    #![allow(dead_code, non_camel_case_types, non_upper_case_globals, unused_macros, unused_variables)]
    const STORAGE: u8 = 1;
    const WORKSPACE: &str = "";
    static x: u8 = 0;
    fn run() {}
    fn take() {}
    fn part() {}
    type f64 = ();
    type f32 = ();
    type usize = ();
    struct Vec;
    enum Result {}
    struct Option;
    mod core {}
    mod alloc {}
    mod std {}
    mod runtime {}
    macro_rules! write {
        () => {};
    }
    macro_rules! vec {
        () => {};
    }

    super::sparse_solver! {
        <f64; n = 3>
        #[runtime(::sparsec_runtime)]
        pub problem names {
            const storage: matrix[n, n]
            const setup: vector[n]
            param workspace: vector[n]
            param accept: vector[n]
            param tol: scalar >= 0 = 0.5
            param start_y: scalar >= 0 = 0.5
            var y: vector[n], gap: vector[n], status: scalar, objective: vector[n]
            minimize ||storage*y - workspace||^2 + tol*||y||_1 + ||gap - accept||^2 + ||objective - setup||^2
                + start_y*||gap||^2 + status^2
        }
    }
}

// Fault 123.
#[test]
fn names_of_the_user_and_of_the_generator_keep_apart() {
    let (x, y, iter, gamma, work) = ([1.0; 3], [0.0; 9], 1.0, 2.0, 3.0);
    let solver = hygiene::Names::new(&y, &x).expect("right");
    let sol = solver.with_tol_(iter).with_start_y_(gamma).with_tol(1e-8).solve(&x, &[work; 3]).expect("solved");
    assert_eq!(sol.status.as_str(), "optimal", "{sol:?}");
    // An unknown that is named like a number of the report has `_` behind it.
    assert!((sol.gap_[0] - 1.0).abs() < 1e-3 && sol.status_.abs() < 1e-3, "{sol:?}");
    assert!((sol.objective_[1] - 1.0).abs() < 1e-3, "{sol:?}");
    assert!(sol.gap <= 1e-8 && sol.objective.is_finite());
}

/// Consts, functions, types and macros around the place of the expansion that are named like what it makes there.
mod crowded {
    #![allow(dead_code, non_camel_case_types, non_upper_case_globals, unused_macros, unused_variables, unused_imports)]
    pub const D: u8 = 1;
    pub const N: &str = "";
    pub const y: u8 = 2;
    pub const gamma: u8 = 3;
    pub static iter: u8 = 4;
    pub static work: u8 = 5;
    pub fn step() {}
    pub fn solve() {}
    pub fn drive() {}
    pub fn setup() {}
    pub fn prepare() {}
    pub fn finish() {}
    pub fn check() {}
    pub struct Summary;
    pub struct Status;
    pub struct Report;
    pub struct Solve;
    pub struct Kernel;
    pub trait Float {}
    pub trait Blocks {}
    pub enum Measure {}
    macro_rules! if_alloc {
        () => {};
    }
    macro_rules! assert {
        () => {};
    }
    macro_rules! format {
        () => {};
    }
    macro_rules! matches {
        () => {};
    }
    macro_rules! debug_assert {
        () => {};
    }

    super::sparse_solver! {
        <f64; n = 3>
        #[runtime(::sparsec_runtime)]
        pub problem crowd {
            const iter: matrix[n, n]
            param gamma: vector[n]
            param work: scalar >= 0 = 0.5
            param drive: scalar >= 0 = 0.25
            var step: vector[n], check: vector[n], prepare: scalar
            minimize ||iter*step - gamma||^2 + work*||step||_1 + drive*||check - gamma||^2 + (prepare - work)^2
        }
    }
}

// Fault 123.
#[test]
fn names_around_the_expansion_are_not_captured() {
    let (iter, gamma, work, step) = ([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], [2.0, -3.0, 0.125], 0.5, 0.25);
    let solver = crowded::Crowd::new(&iter).expect("right");
    let sol = solver.with_work(work).with_drive(step).solve(&gamma).expect("solved");
    assert_eq!(sol.status.as_str(), "optimal", "{sol:?}");
    // The soft threshold of gamma by work/2.
    for (found, wanted) in sol.step.iter().zip([1.75, -2.75, 0.0]) {
        assert!((found - wanted).abs() < 1e-3, "{sol:?}");
    }
    assert!((sol.check[1] + 3.0).abs() < 1e-3 && (sol.prepare - 0.5).abs() < 1e-3, "{sol:?}");
    // Within a function, between its own locals.
    let (y, x, n, total, out) = (1.0, 2.0, 3.0, 4.0, 5.0);
    #[allow(non_upper_case_globals, dead_code)]
    const storage: f64 = 6.0;
    #[allow(unused_macros)]
    macro_rules! workspace {
        () => {};
    }
    sparse_solver! {
        <f64>
        #[runtime(::sparsec_runtime)]
        problem inner { param x: scalar  var total: scalar, out: scalar  minimize (total - x)^2 + (out - 2*x)^2 }
    }
    let sol = Inner::new().and_then(|inner| inner.solve(y + x + n + total + out)).expect("solved");
    assert!((sol.total - 15.0).abs() < 1e-3 && (sol.out - 30.0).abs() < 1e-3, "{sol:?}");
}

#[test]
fn a_solver_within_a_function() -> Result<(), Box<dyn std::error::Error>> {
    sparse_solver! {
        <f64>
        #[runtime(::sparsec_runtime)]
        problem local { param c: scalar  var t: scalar  minimize (t - c)^2  subject to t >= 0 }
    }
    let sol = Local::new()?.solve(-1.0)?;
    assert!(sol.t.abs() < 1e-8);
    let (mut t, mut workspace) = (0.0, [0.0; Local::WORKSPACE]);
    Local::new()?.solve_into(2.0, &mut t, &mut workspace)?;
    assert!((t - 2.0).abs() < 1e-6);
    Ok(())
}
