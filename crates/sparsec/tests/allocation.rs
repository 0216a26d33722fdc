//! A solve in a workspace that has been used before allocates nothing, the check included; sizes that are refused neither.

use sparsec::{Options, Problem, View};

#[test]
fn solve_into_allocates_nothing() {
    let problem = Problem::parse(
        "dim m = 6, n = 9
         const D: matrix[m, n]
         param x: vector[m]
         param λ: scalar >= 0 = 0.1
         var y: vector[n]
         minimize ‖x − D y‖² + λ ‖y‖₁",
    )
    .unwrap();
    let d: Vec<f64> = (0..54).map(|k| f64::from((k * 37) % 23) / 23.0 - 0.4).collect();
    let options = Options::new();
    let solver = problem.compile::<f64>(&options).unwrap().bind([("D", View::matrix(6, 9, &d))]).unwrap();
    let x = [1.0, -2.0, 0.5, 0.25, 3.0, -1.0];
    let params = [("x", View::from(&x)), ("lambda", View::from(0.2))];
    let mut workspace = solver.workspace().unwrap();
    let mut y = vec![0.0; 9];
    solver.solve_into(&params, &mut [("y", &mut y)], &mut workspace).unwrap();
    let used = allocation_counter::measure(|| {
        for _ in 0..3 {
            solver.solve_into(&params, &mut [("y", &mut y)], &mut workspace).unwrap();
        }
    });
    assert_eq!(used.count_total, 0, "{} allocations, {} bytes", used.count_total, used.bytes_total);
}

// Fault 15.
#[test]
fn sizes_are_refused_before_anything_is_allocated() {
    let options = Options::new();
    for text in [
        "const D: matrix[2147483647, 2147483647]\nvar y: vector[2147483647]\nminimize ||D*y||^2",
        "const D: matrix[65536, 65536]\nvar y: vector[65536]\nminimize ||D*y||^2 + ||y||_1",
        "var y: matrix[99999, 99999]\nminimize ||y||_F^2",
        "var y: vector[2147483647]\nminimize ||eye(2147483647)*y||^2",
        "var y: vector[99999999999999999999]\nminimize ||y||^2",
        "dim n = 0\nvar y: vector[n]\nminimize ||y||^2",
    ] {
        let used = allocation_counter::measure(|| {
            let error = Problem::parse(text).and_then(|problem| problem.compile::<f64>(&options)).err().unwrap();
            assert_eq!(error.diagnostics[0].code.code, "E0304", "{text}: {error}");
        });
        assert!(used.bytes_max < 1 << 20, "{text}: {} bytes", used.bytes_max);
    }
    // The same where the sizes come from outside.
    let open = "dim m, n\nconst D: matrix[m, n]\nvar y: vector[n]\nminimize ||D*y||^2";
    for (m, n) in [(2, 3_000_000_000), (65_536, 65_536), (usize::MAX, 2)] {
        let used = allocation_counter::measure(|| {
            let options = Options::new().dim("m", m).dim("n", n);
            let error = Problem::parse(open).and_then(|problem| problem.compile::<f64>(&options)).err().unwrap();
            assert!(error.diagnostics.iter().all(|d| d.code.code == "E0304"), "{error}");
        });
        assert!(used.bytes_max < 1 << 20, "{m}×{n}: {} bytes", used.bytes_max);
    }
}
