//! A solve in a workspace that has been used before allocates nothing, the check included.

use sparsec::{Backend, Options, Problem, View};

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
    let options = Options::new().backend(Backend::Jit);
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
