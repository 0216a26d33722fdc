//! Linear kernels: against the definition, and each against its transpose.

use crate::support::{assert_close, first, inner, numbers};
use proptest::prelude::*;
use sparsec_runtime::Kernel;

/// ⟨A x, y⟩ = ⟨x, Aᵀ y⟩
fn adjoint(left: Vec<f64>, y: &[f64], x: &[f64], right: Vec<f64>) {
    let (a, b) = (inner(&left, y), inner(x, &right));
    assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()), "{a} {b}");
}

proptest! {
    #[test]
    fn transposes(n in 1..50_usize, k in 1..20_usize, seed in any::<u64>()) {
        let (x, h) = (numbers(seed, n), numbers(seed ^ 1, k));
        let y = numbers(seed ^ 2, n);
        adjoint(first::<f64>(Kernel::Cumsum, &[n], &[&x]), &y, &x, first::<f64>(Kernel::CumsumT, &[n], &[&y]));
        let r = numbers(seed ^ 3, n + k - 1);
        adjoint(first::<f64>(Kernel::Conv, &[k, n], &[&h, &x]), &r, &x, first::<f64>(Kernel::ConvT, &[k, n], &[&h, &r]));
        let (y, z) = (numbers(seed, n * k), numbers(seed ^ 4, 2 * n * k));
        adjoint(first::<f64>(Kernel::Grad2, &[n, k], &[&y]), &z, &y, first::<f64>(Kernel::Grad2T, &[n, k], &[&z]));
    }

    #[test]
    fn convolution_is_the_double_sum(n in 1..30_usize, k in 1..12_usize, seed in any::<u64>()) {
        let (x, h) = (numbers(seed, n), numbers(seed ^ 1, k));
        let mut expected = vec![0.0; n + k - 1];
        for i in 0..n {
            for j in 0..k {
                expected[i + j] += x[i] * h[j];
            }
        }
        assert_close(&first::<f64>(Kernel::Conv, &[k, n], &[&h, &x]), &expected, 1e-14, "conv");
    }
}

#[test]
fn sums_and_differences() {
    assert_eq!(first::<f64>(Kernel::Cumsum, &[3], &[&[1.0, 2.0, 4.0]]), [1.0, 3.0, 7.0]);
    assert_eq!(first::<f64>(Kernel::CumsumT, &[3], &[&[1.0, 2.0, 4.0]]), [7.0, 6.0, 4.0]);
    let y = [1.0, 2.0, 4.0, 7.0, 11.0, 16.0];
    let expected = [6.0, 9.0, 12.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 4.0, 5.0, 0.0];
    assert_eq!(first::<f64>(Kernel::Grad2, &[2, 3], &[&y]), expected);
    assert_eq!(first::<f64>(Kernel::Grad2, &[1, 1], &[&[5.0]]), [0.0, 0.0]);
    assert_eq!(first::<f64>(Kernel::Grad2T, &[1, 1], &[&[5.0, 7.0]]), [0.0]);
    assert_eq!(first::<f32>(Kernel::Grad2, &[1, 2], &[&[5.0, 7.5]]), [0.0, 0.0, 2.5, 0.0]);
}
