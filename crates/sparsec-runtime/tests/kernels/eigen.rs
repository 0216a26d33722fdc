use crate::support::{first, numbers, product, transposed};
use sparsec_runtime::{Float, Kernel};

/// Largest eigenvalue by Jacobi's rotations.
fn jacobi(n: usize, a: &[f64]) -> Vec<f64> {
    let mut a = a.to_vec();
    for _ in 0..30 {
        for p in 0..n {
            for q in p + 1..n {
                if a[p * n + q] == 0.0 {
                    continue;
                }
                let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * a[p * n + q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for k in 0..n {
                    let (x, y) = (a[k * n + p], a[k * n + q]);
                    (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y);
                }
                for k in 0..n {
                    let (x, y) = (a[p * n + k], a[q * n + k]);
                    (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y);
                }
            }
        }
    }
    let mut values: Vec<f64> = (0..n).map(|i| a[i * n + i]).collect();
    values.sort_by(f64::total_cmp);
    values
}

fn symmetric(seed: u64, n: usize) -> Vec<f64> {
    let a = numbers(seed, n * n);
    (0..n * n).map(|i| a[i] + a[(i % n) * n + i / n]).collect()
}

fn check<T: Float>(slack: f64) {
    for n in [1, 2, 3, 4, 7, 12, 40] {
        for seed in 0..6 {
            let a = symmetric(seed, n);
            let values = jacobi(n, &a);
            let size = values[n - 1].abs().max(values[0].abs());
            let high = first::<T>(Kernel::EigenMax, &[n], &[&a])[0];
            let low = first::<T>(Kernel::EigenMin, &[n], &[&a])[0];
            // The oracle itself is only right to rounding.
            assert!(
                high >= values[n - 1] - 1e-13 * size && high <= values[n - 1] + slack * size,
                "{n}: {high} {values:?}"
            );
            assert!(low <= values[0] + 1e-13 * size && low >= values[0] - slack * size, "{n}: {low} {values:?}");
        }
    }
    for (rows, cols) in [(1, 1), (1, 9), (9, 1), (5, 12), (12, 5), (20, 20), (16, 64)] {
        let a = numbers(rows as u64, rows * cols);
        let gram = product(cols, rows, cols, &transposed(rows, cols, &a), &a);
        let expected = jacobi(cols, &gram)[cols - 1];
        let found = first::<T>(Kernel::SpectralNormSquared, &[rows, cols], &[&a])[0];
        assert!(
            found >= expected * (1.0 - 1e-13) && found <= expected * (1.0 + slack),
            "{rows}×{cols}: {found} {expected}"
        );
    }
}

#[test]
fn bounds_hold_and_are_tight() {
    check::<f64>(1e-12);
    check::<f32>(1e-3);
}

#[test]
fn known_spectra() {
    // Second differences: 2 − 2cos(πk/(n+1)).
    let n = 50;
    let entry = |i: usize, j: usize| match i.abs_diff(j) {
        0 => 2.0,
        1 => -1.0,
        _ => 0.0,
    };
    let a: Vec<f64> = (0..n * n).map(|e| entry(e / n, e % n)).collect();
    let expected = 2.0 + 2.0 * (std::f64::consts::PI / (n as f64 + 1.0)).cos();
    assert!((first::<f64>(Kernel::EigenMax, &[n], &[&a])[0] - expected).abs() < 1e-12);
    let ones = vec![1.0; 30 * 30];
    assert!((first::<f64>(Kernel::EigenMax, &[30], &[&ones])[0] - 30.0).abs() < 1e-11);
    let least = first::<f64>(Kernel::EigenMin, &[30], &[&ones])[0];
    assert!(least <= 0.0 && least > -1e-11, "{least}");
}

#[test]
fn degenerate_matrices() {
    assert_eq!(first::<f64>(Kernel::SpectralNormSquared, &[3, 4], &[&[0.0; 12]]), [0.0]);
    assert_eq!(first::<f64>(Kernel::EigenMax, &[4], &[&[0.0; 16]]), [0.0]);
    let identity: Vec<f64> = (0..25).map(|i| if i % 6 == 0 { 1.0 } else { 0.0 }).collect();
    assert!((first::<f64>(Kernel::EigenMax, &[5], &[&identity])[0] - 1.0).abs() < 1e-13);
    assert!(first::<f64>(Kernel::EigenMax, &[2], &[&[1.0, f64::NAN, 0.0, 1.0]])[0].is_nan());
    assert!(first::<f64>(Kernel::SpectralNormSquared, &[1, 2], &[&[1.0, f64::NAN]])[0].is_nan());
    for scale in [1e150, 1e-150] {
        let a: Vec<f64> = numbers(1, 36).iter().map(|v| v * scale).collect();
        let found = first::<f64>(Kernel::SpectralNormSquared, &[6, 6], &[&a])[0];
        let plain = first::<f64>(Kernel::SpectralNormSquared, &[6, 6], &[&numbers(1, 36)])[0];
        assert!((found / scale / scale / plain - 1.0).abs() < 1e-10, "{found:e}");
    }
}

#[test]
fn large_matrices_have_a_bound_within_two_percent() {
    // A diagonal matrix times reflections: its spectrum is known.
    let (rows, cols) = (520, 600);
    let mut a = vec![0.0; rows * cols];
    for i in 0..rows {
        a[i * cols + i] = 1.0 + (i as f64 / rows as f64);
    }
    let expected = (1.0 + (rows - 1) as f64 / rows as f64).powi(2);
    let u: Vec<f64> = numbers(5, cols);
    let uu: f64 = u.iter().map(|u| u * u).sum();
    for row in a.chunks_mut(cols) {
        let along: f64 = 2.0 * row.iter().zip(&u).map(|(a, u)| a * u).sum::<f64>() / uu;
        for (a, u) in row.iter_mut().zip(&u) {
            *a -= along * u;
        }
    }
    let wide = first::<f64>(Kernel::SpectralNormSquared, &[rows, cols], &[&a])[0];
    assert!(wide >= expected && wide < expected * 1.02, "{wide} {expected}");
    let tall = first::<f64>(Kernel::SpectralNormSquared, &[cols, rows], &[&transposed(rows, cols, &a)])[0];
    assert!(tall >= expected && tall < expected * 1.02, "{tall} {expected}");
    let n = 515;
    let diagonal: Vec<f64> = (0..n * n).map(|e| if e % (n + 1) == 0 { (e / n) as f64 - 200.0 } else { 0.0 }).collect();
    let high = first::<f64>(Kernel::EigenMax, &[n], &[&diagonal])[0];
    let low = first::<f64>(Kernel::EigenMin, &[n], &[&diagonal])[0];
    assert!((314.0..325.0).contains(&high) && (-211.0..=-200.0).contains(&low), "{low} {high}");
}
