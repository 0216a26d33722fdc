use crate::support::{assert_close, call, first, norm, numbers, product, transposed};
use sparsec_runtime::{Float, Kernel};

/// BᵀB for a random r×n B: rank r.
fn gram(seed: u64, r: usize, n: usize) -> Vec<f64> {
    let b = numbers(seed, r * n);
    product(n, r, n, &transposed(r, n, &b), &b)
}

fn check<T: Float>(tolerance: f64) {
    for (n, r) in [(1, 1), (2, 1), (5, 5), (6, 3), (20, 20), (20, 7), (33, 40)] {
        let a = gram(n as u64, r, n);
        let parts = call::<T>(Kernel::PsdFactor, &[n], &[&a]);
        let (l, perm) = (&parts[0], &parts[1]);
        let rank = (0..n).filter(|i| l[i * n + i] > 0.0).count();
        assert_eq!(rank, n.min(r), "rank of {n}, {r}");
        let back = product(n, n, n, l, &transposed(n, n, l));
        let permuted: Vec<f64> = (0..n * n).map(|e| a[perm[e / n] as usize * n + perm[e % n] as usize]).collect();
        assert_close(&back, &permuted, tolerance * norm(&a), "L Lᵀ");
        // A right side in the range: the residual vanishes, and dropped unknowns are 0.
        let x = numbers(9, n);
        let b = product(n, n, 1, &a, &x);
        let found = first::<T>(Kernel::PsdSolve, &[n], &[l, perm, &b]);
        let residual = product(n, n, 1, &a, &found);
        assert_close(&residual, &b, 1e3 * tolerance * norm(&a), "A x = b");
        assert!(found.iter().filter(|x| **x != 0.0).count() <= rank);
        let k = 3;
        let many: Vec<f64> = b.iter().flat_map(|b| [*b, 2.0 * b, 0.0]).collect();
        let solved = first::<T>(Kernel::PsdSolveMany, &[n, k], &[l, perm, &many]);
        let size = norm(&found).max(1.0);
        let expected: Vec<f64> = found.iter().flat_map(|x| [*x, 2.0 * x, 0.0]).collect();
        assert_close(&solved, &expected, 1e5 * tolerance * size, "many");
    }
}

#[test]
fn factors_and_solutions() {
    check::<f64>(1e-14);
    check::<f32>(1e-6);
}

#[test]
fn zero_and_nan() {
    let parts = call::<f64>(Kernel::PsdFactor, &[3], &[&[0.0; 9]]);
    assert_eq!(parts[0], [0.0; 9]);
    assert_eq!(first::<f64>(Kernel::PsdSolve, &[3], &[&parts[0], &parts[1], &[1.0, 2.0, 3.0]]), [0.0; 3]);
    let mut a = gram(1, 3, 3);
    a[4] = f64::NAN;
    let parts = call::<f64>(Kernel::PsdFactor, &[3], &[&a]);
    let x = first::<f64>(Kernel::PsdSolve, &[3], &[&parts[0], &parts[1], &[1.0, 2.0, 3.0]]);
    assert!(x.iter().all(|x| x.is_nan()));
}
