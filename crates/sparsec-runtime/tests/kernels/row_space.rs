use crate::support::{assert_close, call, inner, norm, numbers, product};
use sparsec_runtime::{Float, Kernel};

fn check<T: Float>(tolerance: f64) {
    for (k, n) in [(1, 1), (1, 5), (4, 4), (5, 9), (9, 5), (20, 30)] {
        let mut a = numbers(k as u64, k * n);
        if k > 2 {
            // A row that depends on two others.
            for j in 0..n {
                a[2 * n + j] = a[j] - 2.0 * a[n + j];
            }
        }
        let parts = call::<T>(Kernel::RowSpace, &[k, n], &[&a]);
        let (q, l) = (&parts[0], &parts[1]);
        assert_close(&product(k, k, n, l, q), &a, tolerance * norm(&a), "L Q = A");
        for i in 0..k {
            let row = &q[i * n..][..n];
            let zero = l[i * k + i] == 0.0;
            assert_eq!(zero, row.iter().all(|q| *q == 0.0));
            assert!((norm(row) - if zero { 0.0 } else { 1.0 }).abs() <= tolerance);
            assert!((i + 1..k).all(|j| l[i * k + j] == 0.0));
            for j in 0..i {
                assert!(inner(row, &q[j * n..][..n]).abs() <= tolerance, "rows {i}, {j} of {k}×{n}");
            }
        }
        let rank = (0..k).filter(|i| l[i * k + i] != 0.0).count();
        assert_eq!(rank, if k > 2 { n.min(k - 1) } else { n.min(k) }, "{k}×{n}");
        let x = numbers(3, n);
        let b = product(k, n, 1, &a, &x);
        let solved = call::<T>(Kernel::ForwardSolve, &[k], &[l, &b]);
        assert_close(&product(k, k, 1, l, &solved[0]), &b, 10.0 * tolerance * norm(&a), "L c = b");
        assert!(solved[1][0] <= 100.0 * tolerance, "{:e}", solved[1][0]);
        if k > 2 {
            let mut wrong = b.clone();
            wrong[2] += 1.0;
            assert!(call::<T>(Kernel::ForwardSolve, &[k], &[l, &wrong])[1][0] > 0.05);
        }
    }
}

#[test]
fn rows_are_orthonormal() {
    check::<f64>(1e-13);
    check::<f32>(1e-5);
}

#[test]
fn nearly_dependent_rows_stay_orthogonal() {
    let a = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0 + 1e-10];
    let parts = call::<f64>(Kernel::RowSpace, &[2, 3], &[&a]);
    assert!(inner(&parts[0][..3], &parts[0][3..]).abs() < 1e-14);
}

#[test]
fn zero_and_nan() {
    let parts = call::<f64>(Kernel::RowSpace, &[2, 2], &[&[0.0, 0.0, 1e-150, 0.0]]);
    assert_eq!(parts[0], [0.0, 0.0, 1.0, 0.0]);
    let solved = call::<f64>(Kernel::ForwardSolve, &[2], &[&parts[1], &[0.0, 3e-150]]);
    assert_eq!(solved, [vec![0.0, 3.0], vec![0.0]]);
    assert_eq!(call::<f64>(Kernel::ForwardSolve, &[1], &[&[0.0], &[2.0]])[1], [1.0]);
    assert!(call::<f64>(Kernel::ForwardSolve, &[1], &[&[0.0], &[f64::NAN]])[1][0].is_nan());
    assert!(call::<f64>(Kernel::RowSpace, &[1, 2], &[&[f64::NAN, 0.0]])[0][0].is_nan());
}
