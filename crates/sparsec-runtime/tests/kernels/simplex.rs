use crate::support::{assert_close, first, numbers};
use proptest::prelude::*;
use sparsec_runtime::{Float, Kernel};

/// By bisection on the threshold.
fn naive_simplex(v: &[f64], radius: f64) -> Vec<f64> {
    let top = v.iter().copied().fold(f64::MIN, f64::max);
    let (mut low, mut high) = (-radius, 0.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        let sum: f64 = v.iter().map(|v| (v - top - middle).max(0.0)).sum();
        if sum > radius { low = middle } else { high = middle }
    }
    v.iter().map(|v| (v - top - high).max(0.0)).collect()
}

fn naive_ball(v: &[f64], w: &[f64], radius: f64) -> Vec<f64> {
    let left = |tau: f64| v.iter().zip(w).map(|(v, w)| w * (v.abs() - tau * w).max(0.0)).sum::<f64>();
    if left(0.0) <= radius {
        return v.to_vec();
    }
    let (mut low, mut high) = (0.0, 1.0);
    while left(high) > radius {
        high *= 2.0;
    }
    for _ in 0..300 {
        let middle = 0.5 * (low + high);
        if left(middle) > radius { low = middle } else { high = middle }
    }
    v.iter().zip(w).map(|(v, w)| v.signum() * (v.abs() - high * w).max(0.0)).collect()
}

fn simplex<T: Float>(v: &[f64], radius: f64) -> Vec<f64> {
    first::<T>(Kernel::ProjectSimplex, &[1, v.len()], &[v, &[radius]])
}

fn ball<T: Float>(v: &[f64], radius: f64) -> Vec<f64> {
    first::<T>(Kernel::ProjectBall1, &[1, v.len()], &[v, &[radius]])
}

fn weighted<T: Float>(v: &[f64], w: &[f64], radius: f64) -> Vec<f64> {
    first::<T>(Kernel::ProjectWeightedBall1, &[v.len()], &[v, w, &[radius]])
}

proptest! {
    #[test]
    fn simplex_agrees_with_bisection(n in 1..200_usize, seed in any::<u64>(), radius in 1e-3..100.0_f64, spread in 1e-3..1e3_f64) {
        let v: Vec<f64> = numbers(seed, n).iter().map(|v| v * spread).collect();
        let u = simplex::<f64>(&v, radius);
        assert_close(&u, &naive_simplex(&v, radius), 1e-12 * (radius + spread), "simplex");
        prop_assert!((u.iter().sum::<f64>() - radius).abs() <= 1e-13 * n as f64 * radius);
    }

    #[test]
    fn ball_agrees_with_bisection(n in 1..200_usize, seed in any::<u64>(), radius in 1e-3..100.0_f64) {
        let v = numbers(seed, n);
        assert_close(&ball::<f64>(&v, radius), &naive_ball(&v, &vec![1.0; n], radius), 1e-12, "ball");
        let narrow: Vec<f64> = v.iter().map(|v| f64::from(*v as f32)).collect();
        assert_close(&ball::<f32>(&narrow, radius), &naive_ball(&narrow, &vec![1.0; n], radius), 2e-5, "ball f32");
    }

    #[test]
    fn weighted_ball_agrees_with_bisection(n in 1..200_usize, seed in any::<u64>(), radius in 1e-3..30.0_f64, steep in 0.0..6.0_f64) {
        let v = numbers(seed, n);
        let w: Vec<f64> = numbers(seed ^ 5, n).iter().map(|w| (steep * w).exp()).collect();
        let u = weighted::<f64>(&v, &w, radius);
        assert_close(&u, &naive_ball(&v, &w, radius), 1e-11, "weighted");
        prop_assert!(u.iter().zip(&w).map(|(u, w)| w * u.abs()).sum::<f64>() <= radius * (1.0 + 1e-12));
    }
}

#[test]
fn fixed_cases() {
    assert_eq!(simplex::<f64>(&[3.0], 2.0), [2.0]);
    assert_eq!(simplex::<f64>(&[-1e150, -1e150], 1.0), [0.5, 0.5]);
    assert_eq!(simplex::<f64>(&[1e150, -1e150], 1.0), [1.0, 0.0]);
    assert_eq!(simplex::<f64>(&[1e6, 1e6 + 0.5], 1.0), [0.25, 0.75]);
    assert_eq!(simplex::<f64>(&[0.0, -0.0, 0.0, 0.0], 1.0), [0.25; 4]);
    assert_eq!(simplex::<f64>(&[1.0, 2.0], 0.0), [0.0, 0.0]);
    assert_eq!(simplex::<f64>(&[1e-150, 3e-150], 1.0), [0.5, 0.5]);
    assert!(simplex::<f64>(&[1.0, f64::NAN], 1.0).iter().all(|u| u.is_nan()));
    assert!(simplex::<f64>(&[1.0, 2.0], f64::NAN).iter().all(|u| u.is_nan()));
    assert!(simplex::<f64>(&[1.0, 2.0], -1.0).iter().all(|u| u.is_nan()));
    assert_eq!(simplex::<f64>(&[0.0, 1.0], 5e-324), [0.0, 5e-324]);
    assert_eq!(ball::<f64>(&[0.3, -0.2], 1.0), [0.3, -0.2]);
    assert_eq!(ball::<f64>(&[-2.0, 0.0], 1.0), [-1.0, 0.0]);
    assert_eq!(ball::<f64>(&[-1e150, 1e150], 1.0), [-0.5, 0.5]);
    assert_eq!(ball::<f64>(&[-1e308, 1e308, 1e308, 0.0], 3.0), [-1.0, 1.0, 1.0, 0.0]);
    assert_eq!(ball::<f64>(&[1.0, -2.0], 0.0), [0.0, 0.0]);
    assert!(ball::<f64>(&[f64::NAN, 0.0], 1.0).iter().all(|u| u.is_nan()));
    assert_eq!(ball::<f64>(&[1.0, 2.0], f64::INFINITY), [1.0, 2.0]);
    assert_eq!(weighted::<f64>(&[5.0, 2.0], &[0.0, 1.0], 1.0), [5.0, 1.0]);
    assert_eq!(weighted::<f64>(&[5.0, -2.0], &[0.0, 0.0], 0.0), [5.0, -2.0]);
    assert_eq!(weighted::<f64>(&[-2.0], &[2.0], 2.0), [-1.0]);
    assert_eq!(weighted::<f64>(&[3.0, -4.0], &[1.0, 1.0], 0.0), [0.0, 0.0]);
    assert!(weighted::<f64>(&[3.0, -4.0], &[1.0, -1.0], 1.0).iter().all(|u| u.is_nan()));
    let close = weighted::<f64>(&[1e6, 1e6 + 0.5], &[1.0, 1.0], 1.0);
    assert_close(&close, &[0.25, 0.75], 1e-9, "large and close");
}

#[test]
fn rows_are_projected_alone() {
    let v = [1.0, 2.0, f64::NAN, 0.0, 7.0, 7.0];
    let u = first::<f64>(Kernel::ProjectSimplex, &[3, 2], &[&v, &[1.0]]);
    assert_eq!(u[..2], [0.0, 1.0]);
    assert!(u[2].is_nan() && u[3].is_nan());
    assert_eq!(u[4..], [0.5, 0.5]);
}

/// Entries that drop one by one in Michelot's method: the sorted end.
#[test]
fn slow_cases_end_by_sorting() {
    let n = 2000;
    let v: Vec<f64> = (0..n).map(|i| -(1.5_f64.powi(i % 60)) * 1e-6 * f64::from(1 + i / 60)).collect();
    for radius in [1e-6, 1e-3, 1.0] {
        assert_close(&simplex::<f64>(&v, radius), &naive_simplex(&v, radius), 1e-12, "simplex");
        let w: Vec<f64> = (0..n).map(|i| 1.2_f64.powi(i % 40)).collect();
        let u = weighted::<f64>(&v, &w, radius);
        assert_close(&u, &naive_ball(&v, &w, radius), 1e-9, "weighted");
    }
}
