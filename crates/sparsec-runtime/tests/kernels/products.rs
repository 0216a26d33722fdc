use crate::support::{assert_close, call, first, numbers, product, transposed};
use proptest::prelude::*;
use sparsec_runtime::{Float, Kernel, LANES};

/// The documented order of a dot product, element by element.
fn lanes(x: &[f64], y: &[f64]) -> f64 {
    let mut p = [0.0; LANES];
    for i in 0..x.len() {
        p[i % 8] += x[i] * y[i];
    }
    ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]))
}

proptest! {
    #[test]
    fn gemv_follows_the_documented_order(rows in 1..40_usize, cols in 1..70_usize, seed in any::<u64>()) {
        let (a, x) = (numbers(seed, rows * cols), numbers(seed ^ 1, cols));
        let expected: Vec<f64> = a.chunks(cols).map(|row| lanes(row, &x)).collect();
        prop_assert_eq!(first::<f64>(Kernel::Gemv, &[rows, cols], &[&a, &x]), expected);
    }

    #[test]
    fn gemv_t_adds_row_after_row(rows in 1..40_usize, cols in 1..70_usize, seed in any::<u64>()) {
        let (a, x) = (numbers(seed, rows * cols), numbers(seed ^ 1, rows));
        let column = |j: usize| (0..rows).fold(0.0, |sum, i| sum + x[i] * a[i * cols + j]);
        let expected: Vec<f64> = (0..cols).map(column).collect();
        prop_assert_eq!(first::<f64>(Kernel::GemvT, &[rows, cols], &[&a, &x]), expected);
    }

    #[test]
    fn gemm_follows_the_documented_order(m in 1..20_usize, k in 1..40_usize, n in 1..50_usize, seed in any::<u64>()) {
        let (a, b) = (numbers(seed, m * k), numbers(seed ^ 1, k * n));
        let entry = |i: usize, j: usize| (0..k).fold(0.0, |sum, p| sum + a[i * k + p] * b[p * n + j]);
        let expected: Vec<f64> = (0..m * n).map(|e| entry(e / n, e % n)).collect();
        prop_assert_eq!(&first::<f64>(Kernel::GemmNn, &[m, k, n], &[&a, &b]), &expected);
        let a_t = transposed(m, k, &a);
        prop_assert_eq!(&first::<f64>(Kernel::GemmTn, &[m, k, n], &[&a_t, &b]), &expected);
        let b_t = transposed(k, n, &b);
        let dots: Vec<f64> = (0..m * n).map(|e| lanes(&a[e / n * k..][..k], &b_t[e % n * k..][..k])).collect();
        prop_assert_eq!(&first::<f64>(Kernel::GemmNt, &[m, k, n], &[&a, &b_t]), &dots);
    }

    #[test]
    fn transpose_is_its_own_inverse(rows in 1..40_usize, cols in 1..40_usize, seed in any::<u64>()) {
        let a = numbers(seed, rows * cols);
        let once = first::<f64>(Kernel::Transpose, &[rows, cols], &[&a]);
        prop_assert_eq!(&once, &transposed(rows, cols, &a));
        prop_assert_eq!(&first::<f64>(Kernel::Transpose, &[cols, rows], &[&once]), &a);
    }
}

#[test]
fn long_sums_of_a_deep_product_keep_their_order() {
    // More terms than one visit of a block adds.
    let (m, k, n) = (5, 700, 18);
    let (a, b) = (numbers(1, m * k), numbers(2, k * n));
    let entry = |i: usize, j: usize| (0..k).fold(0.0, |sum, p| sum + a[i * k + p] * b[p * n + j]);
    let expected: Vec<f64> = (0..m * n).map(|e| entry(e / n, e % n)).collect();
    assert_eq!(first::<f64>(Kernel::GemmNn, &[m, k, n], &[&a, &b]), expected);
}

fn shapes<T: Float>(tolerance: f64) {
    for (m, k, n) in [(1, 1, 1), (4, 8, 16), (5, 9, 17), (33, 65, 31)] {
        let (a, b) = (numbers(3, m * k), numbers(4, k * n));
        let expected = product(m, k, n, &a, &b);
        assert_close(&first::<T>(Kernel::GemmNn, &[m, k, n], &[&a, &b]), &expected, tolerance, "gemm_nn");
        assert_close(
            &first::<T>(Kernel::GemmTn, &[m, k, n], &[&transposed(m, k, &a), &b]),
            &expected,
            tolerance,
            "gemm_tn",
        );
        assert_close(
            &first::<T>(Kernel::GemmNt, &[m, k, n], &[&a, &transposed(k, n, &b)]),
            &expected,
            tolerance,
            "gemm_nt",
        );
        assert_close(
            &first::<T>(Kernel::Gemv, &[m, k], &[&a, &b[..k]]),
            &product(m, k, 1, &a, &b[..k]),
            tolerance,
            "gemv",
        );
    }
}

#[test]
fn products_agree_with_the_definition() {
    shapes::<f64>(1e-13);
    shapes::<f32>(2e-5);
}

#[test]
fn nan_reaches_what_depends_on_it() {
    let mut a = numbers(1, 4 * 20);
    a[25] = f64::NAN;
    let out = first::<f64>(Kernel::Gemv, &[4, 20], &[&a, &numbers(2, 20)]);
    assert_eq!(out.iter().map(|v| v.is_nan()).collect::<Vec<_>>(), [false, true, false, false]);
    let out = first::<f64>(Kernel::GemvT, &[4, 20], &[&a, &[0.0; 4]]);
    assert_eq!(out.iter().filter(|v| v.is_nan()).count(), 1);
}

// Fault 99.
#[test]
fn a_long_sum_of_ones_is_exact() {
    let n = 10_000_000;
    let ones = vec![1.0; n];
    assert_eq!(call::<f64>(Kernel::Gemv, &[1, n], &[&ones, &ones])[0], [1e7]);
    let sum = call::<f32>(Kernel::Gemv, &[1, n], &[&ones, &ones])[0][0];
    assert!((sum - 1e7).abs() <= 1.0, "{sum}");
}
