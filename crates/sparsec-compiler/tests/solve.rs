//! Small problems from text to answer through the interpreter.

mod common;

use common::solve;

fn close(a: &[f64], b: &[f64], tol: f64) {
    assert_eq!(a.len(), b.len());
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).abs() <= tol, "{a:?} is not {b:?}");
    }
}

#[test]
fn soft_threshold_is_the_solution_for_an_identity_dictionary() {
    // ‖x − y‖² + λ‖y‖₁ has the solution S_{λ/2}(x): no hidden ½.
    let s = solve("const x: vector[3] = [2, -0.3, 0.1]\nvar y: vector[3]\nminimize ||x - y||^2 + 0.5*||y||_1", 1e-10);
    close(&s.point["y"], &[1.75, -0.05, 0.0], 1e-15);
    assert!(s.gap.abs() < 1e-14 && s.leftover <= 1e-13);
}

#[test]
fn lasso() {
    let s = solve(
        "const D: matrix[2, 3] = [[1, 0.5, -0.2], [0.3, 1, 0.7]]\nconst x: vector[2] = [1, 2]\nvar y: vector[3]\n\
         minimize ||x - D*y||^2 + 0.3*||y||_1",
        1e-10,
    );
    assert!(s.gap <= 1e-10 && s.gap >= -1e-14, "{}", s.gap);
    assert!(s.iterations > 0 && s.leftover <= 1e-13 && s.objective.is_finite());
}

#[test]
fn a_param_scales_a_matrix_of_consts() {
    for map in ["s*D*y", "D*y*s", "D*(s*y)"] {
        let s = solve(
            &format!(
                "const D: matrix[2, 3] = [[1, 0.5, -0.2], [0.3, 1, 0.7]]\nconst x: vector[2] = [1, 2]\n\
                 param s: scalar = 2\nvar y: vector[3]\nminimize ||x - {map}||^2 + 0.3*||y||_1"
            ),
            1e-10,
        );
        assert!(s.gap <= 1e-10 && s.gap >= -1e-14 && s.leftover <= 1e-13, "{map}: {}", s.gap);
    }
}

#[test]
fn simplex_projection_and_sparsemax_are_closed_forms() {
    let s = solve(
        "const z: vector[3] = [1, 0.8, -1]\nvar p: vector[3]\nmaximize dot(z, p) - 0.5*||p||^2\nsubject to p in simplex",
        1e-12,
    );
    close(&s.point["p"], &[0.6, 0.4, 0.0], 1e-15);
    assert!(s.gap.abs() < 1e-14 && s.violation < 1e-15 && s.iterations == 1);
}

#[test]
fn softmax() {
    let s = solve(
        "const z: vector[3] = [1, 2, 3]\nvar p: vector[3]\nmaximize dot(z, p) + entropy(p)\nsubject to p in simplex",
        1e-12,
    );
    let e: Vec<f64> = [1f64, 2.0, 3.0].iter().map(|z| z.exp()).collect();
    let total: f64 = e.iter().sum();
    close(&s.point["p"], &e.iter().map(|v| v / total).collect::<Vec<_>>(), 1e-15);
    assert!((s.objective - total.ln()).abs() < 1e-14 && s.gap.abs() < 1e-14);
}

#[test]
fn nonnegative_least_squares_is_proven_by_repair() {
    let s = solve(
        "const D: matrix[3, 2] = [[1, 0.9], [0, 0.5], [1, 1]]\nconst x: vector[3] = [1, -1, 1]\nvar y: vector[2] >= 0\nminimize ||x - D*y||^2",
        1e-14,
    );
    assert!(s.gap <= 1e-10 && s.leftover > 0.0 && s.leftover <= 1e-15, "{} to {}", s.gap, s.leftover);
    close(&s.point["y"], &[1.0, 0.0], 1e-6);
}

#[test]
fn two_penalties_with_different_weights_keep_them_in_the_iteration() {
    let s = solve(
        "const D: matrix[3, 4] = [[1, 0.2, 0, 0.5], [0, 1, 0.3, 0], [0.4, 0, 1, 0.1]]\nconst x: vector[3] = [2, -1, 1.5]\n\
         var y: vector[4]\nminimize ||x - D*y||^2 + 0.2*||y||_1 + 0.7*group_norm(y, 2)",
        1e-10,
    );
    assert!(s.gap <= 1e-10 && s.leftover <= 1e-13, "{} after {}", s.gap, s.iterations);
}

#[test]
fn backtracking_reaches_the_same_point_to_the_last_digits() {
    let text = |step: &str| {
        format!(
            "const D: matrix[3, 4] = [[1, 0.2, 0, 0.5], [0, 1, 0.3, 0], [0.4, 0, 1, 0.1]]\nconst x: vector[3] = [2, -1, 1.5]\n\
             var y: vector[4]\nminimize ||x - D*y||^2 + huber(D*y, 0.5) + 0.2*||y||_1\nsolve with fista({step})"
        )
    };
    let (fixed, searched) = (solve(&text("tol = 1e-12"), 1e-12), solve(&text("step = backtracking"), 1e-12));
    assert!(searched.gap <= 1e-12, "{} after {}", searched.gap, searched.iterations);
    close(&fixed.point["y"], &searched.point["y"], 1e-5);
}

#[test]
fn constraints_that_contradict_each_other_in_the_text_are_infeasible() {
    for (constraints, empty) in [
        ("sum(y) == 1, y <= 0", 1.0),
        ("sum(y) == 10, y in box(0, 1)", 1.0),
        ("dot([1, -1, 2], y) == -1.5, 0 <= y, y <= 1", 1.0),
        ("y in box(2, 1)", 1.0),
        ("y in box(0, 1)", 0.0),
    ] {
        let s = solve(&format!("var y: vector[3]\nminimize ||y||^2\nsubject to {constraints}"), 1e-10);
        assert!(s.infeasible == empty, "{constraints}: {}", s.infeasible);
    }
}

/// Problems in several unknowns that are one problem in the unknowns below each other.
#[test]
fn unknowns_below_each_other_are_one_unknown() {
    const DATA: &str = "const A: matrix[3, 2] = [[1, 0.5], [-0.2, 0.3], [1, 0.7]]\nconst B: matrix[3, 3] = [[1, 2, 0.5], [0.5, -1, 2], \
                        [0, 1, 1]]\nconst x: vector[3] = [1, 2, -1]\n";
    const JOINT: &str = "const C: matrix[3, 5] = [[1, 0.5, 1, 2, 0.5], [-0.2, 0.3, 0.5, -1, 2], [1, 0.7, 0, 1, 1]]\n";
    let cases = [
        ("0.3*norm1([y; z])", "", "0.3*norm1(u)", ""),
        ("0.3*norm2([y; z])", "", "0.3*norm2(u)", ""),
        ("0.3*norm_inf([z; y])", "", "0.3*norm_inf(u)", ""),
        ("0.3*norm1([y; 2*z] - [1, 0, 2, 0, 1])", "", "0.3*norm1([1, 1, 2, 2, 2] .* u - [1, 0, 2, 0, 1])", ""),
        ("0.3*norm1([z; 2*y])", "", "0.3*norm1([2, 2, 1, 1, 1] .* u)", ""),
        ("0", "[z; y] in simplex(2)", "0", "u in simplex(2)"),
        ("0", "[y; z] in box([0, 0, -1, -1, -1], 0.2)", "0", "u in box([0, 0, -1, -1, -1], 0.2)"),
        ("0", "[2*z; y] >= -1", "0", "[2, 2] .* u[0..2] >= -2, u[2..5] >= -0.5"),
        ("0", "sum(y) + 2*sum(z) == 1", "0", "dot([1, 1, 2, 2, 2], u) == 1"),
        ("0", "A*y + x == B*z, y[0] - z[2] == 1", "0", "C*([1, 1, -1, -1, -1] .* u) == -x, u[0] - u[4] == 1"),
        ("0", "z[0] - sum(y) <= -2", "0", "dot([1, 1, -1, 0, 0], u) >= 2"),
        ("0.2*norm1(z)", "y >= 0", "0.2*norm1(u[2..5])", "u[0..2] >= 0"),
    ];
    for (penalty, constraint, joint_penalty, joint_constraint) in cases {
        let subject = |c: &str| if c.is_empty() { String::new() } else { format!("subject to {c}") };
        let apart = format!(
            "{DATA}var y: vector[2], z: vector[3]\nminimize ||A*y + B*z - x||^2 + 0.1*||y||^2 + 0.1*||z||^2 + {penalty}\n{}",
            subject(constraint)
        );
        let joint = format!(
            "{DATA}{JOINT}var u: vector[5]\nminimize ||C*u - x||^2 + 0.1*||u||^2 + {joint_penalty}\n{}",
            subject(joint_constraint)
        );
        let (a, b) = (solve(&apart, 1e-12), solve(&joint, 1e-12));
        let both = [a.point["y"].clone(), a.point["z"].clone()].concat();
        // Strongly convex with modulus 0.2, so a gap of 1e-12 is a distance of at most sqrt(2e-12/0.2) from the minimiser.
        close(&both, &b.point["u"], 1e-5);
        assert!(a.gap <= 1e-11 && b.gap <= 1e-11, "{constraint}: {} {}", a.gap, b.gap);
        assert!((a.objective - b.objective).abs() <= 1e-10, "{constraint}: {} {}", a.objective, b.objective);
    }
}
