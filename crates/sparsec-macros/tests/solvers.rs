//! Solvers from the macro, run in this process.

use sparsec_macros::sparse_solver;

/// Names that generated code uses must not reach the user's, nor the other way.
#[allow(dead_code)]
const STORAGE: usize = 1;
#[allow(dead_code, non_camel_case_types)]
type f32 = ();

sparse_solver! {
    <f64; m = 6, n = 20>
    /// Sparse coding of a signal.
    #[runtime(::sparsec_runtime)]
    pub problem small_lasso {
        /// One atom a column.
        const D: matrix[m, n]
        param x: vector[m]
        param lambda: scalar >= 0 = 0.1
        var y: vector[n]
        minimize ||x - D*y||^2 + lambda*||y||_1
    }
}

fn numbers(len: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        })
        .collect()
}

#[test]
fn a_lasso_is_solved() -> Result<(), Box<dyn std::error::Error>> {
    let (d, x) = (numbers(120, 1), numbers(6, 2));
    let coder = SmallLasso::new(&d)?;
    let sol = coder.solve(&x)?;
    assert_eq!(sol.status.as_str(), "optimal", "{sol:?}");
    assert!(sol.gap <= 1e-8);
    assert_eq!(sol.certificate.to_string(), "duality gap");
    let large = coder.with_lambda(1e3).solve(&x)?;
    assert!(large.y.iter().all(|&y| y == 0.0));
    Ok(())
}
