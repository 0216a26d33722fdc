//! The macro through the facade gives what the library gives.

use sparsec::{Options, Problem, View, sparse_solver};

sparse_solver! {
    <f64; m = 2, n = 3>
    /// Sparse regression.
    pub problem regression {
        const D: matrix[m, n]
        param x: vector[m]
        param lambda: scalar >= 0 = 0.1
        var y: vector[n]
        minimize ||x - D*y||^2 + lambda*||y||_1
    }
}

#[test]
fn macro_and_library_agree() {
    let (d, x) = ([1.0, 0.0, 0.5, 0.0, 1.0, 0.5], [1.0, 0.2]);
    let generated = Regression::new(&d).unwrap();
    let generated = generated.solve(&x).unwrap();
    let problem = Problem::parse(
        "problem regression { dim m = 2, n = 3
         const D: matrix[m, n]  param x: vector[m]  param lambda: scalar >= 0 = 0.1  var y: vector[n]
         minimize ||x - D*y||^2 + lambda*||y||_1 }",
    );
    let compiled = problem.unwrap().compile::<f64>(&Options::default()).unwrap();
    let solution = compiled.bind([("D", View::matrix(2, 3, &d))]).unwrap().solve(&[("x", (&x).into())]).unwrap();
    assert_eq!(generated.y.as_slice(), solution.get("y").unwrap());
    assert_eq!(generated.status, solution.status);
    assert_eq!(generated.objective, solution.objective);
}
