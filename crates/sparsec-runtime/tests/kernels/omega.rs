use crate::support::{assert_close, first, numbers};
use proptest::prelude::*;
use sparsec_runtime::{Float, Kernel};

/// By bisection on u + ln u, or on x + eˣ with x = ln ω where ω is small.
fn naive_omega(v: f64) -> f64 {
    let (mut low, mut high) = (v.min(0.0) - 2.0, v.max(1.0).ln() + 2.0);
    for _ in 0..300 {
        let x = 0.5 * (low + high);
        if x + x.exp() > v { high = x } else { low = x }
    }
    low.exp()
}

#[test]
fn omega_agrees_with_bisection() {
    let mut v = -60.0;
    while v < 60.0 {
        let (found, expected) = (first::<f64>(Kernel::WrightOmega, &[1], &[&[v]])[0], naive_omega(v));
        assert!((found / expected - 1.0).abs() < 1e-13, "{v}: {found:e} {expected:e}");
        let narrow = first::<f32>(Kernel::WrightOmega, &[1], &[&[v]])[0];
        assert!((narrow / naive_omega(f64::from(v as f32)) - 1.0).abs() < 1e-6, "{v}");
        v += 0.0625;
    }
    let known = [(1.0, 1.0), (1.0 + std::f64::consts::E, std::f64::consts::E), (0.0, 0.567_143_290_409_783_8)];
    for (v, omega) in known {
        assert!((first::<f64>(Kernel::WrightOmega, &[1], &[&[v]])[0] - omega).abs() < 1e-15 * 4.0);
    }
    let ends = [-1e150, -745.0, 1e16, 1e150, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -0.0];
    let found = first::<f64>(Kernel::WrightOmega, &[8], &[&ends]);
    assert_eq!(found[0], 0.0);
    assert!(found[1] >= 0.0 && found[1] < 1e-323);
    assert!((found[2] / 1e16 - 1.0).abs() < 1e-14 && found[3] == 1e150 && found[4] == f64::INFINITY);
    assert!(found[5] == 0.0 && found[6].is_nan());
}

fn entropy_simplex<T: Float>(v: &[f64], t: f64, radius: f64) -> Vec<f64> {
    first::<T>(Kernel::ProxEntropySimplex, &[1, v.len()], &[v, &[t], &[radius]])
}

proptest! {
    /// Optimality: t(1 + ln u_i) + u_i − v_i is one number, and the sum is right.
    #[test]
    fn entropy_on_the_simplex_is_stationary(n in 1..60_usize, seed in any::<u64>(), t in 1e-2..50.0_f64, radius in 1e-2..20.0_f64) {
        let v: Vec<f64> = numbers(seed, n).iter().map(|v| 3.0 * v).collect();
        let u = entropy_simplex::<f64>(&v, t, radius);
        prop_assert!((u.iter().sum::<f64>() - radius).abs() <= 1e-12 * radius);
        let multiplier: Vec<f64> = u.iter().zip(&v).filter(|(u, _)| **u > 1e-250).map(|(u, v)| t * u.ln() + u - v).collect();
        let (low, high) = multiplier.iter().fold((f64::MAX, f64::MIN), |(l, h), m| (l.min(*m), h.max(*m)));
        prop_assert!(high - low <= 1e-10 * (1.0 + t * 10.0), "{} {}", low, high);
        let narrow = entropy_simplex::<f32>(&v, t, radius);
        assert_close(&narrow, &u, 1e-4 * radius, "f32");
    }

    /// Optimality: u − v + t·softmax(u) = 0.
    #[test]
    fn log_sum_exp_is_stationary(n in 1..60_usize, seed in any::<u64>(), t in 1e-6..1e3_f64) {
        let v: Vec<f64> = numbers(seed, n).iter().map(|v| 10.0 * v).collect();
        let u = first::<f64>(Kernel::ProxLogSumExp, &[n], &[&v, &[t]]);
        let top = u.iter().copied().fold(f64::MIN, f64::max);
        let total: f64 = u.iter().map(|u| (u - top).exp()).sum();
        for (u, v) in u.iter().zip(&v) {
            prop_assert!((u - v + t * (u - top).exp() / total).abs() <= 1e-11 * (1.0 + t));
        }
    }

    /// Optimality: u − v + t·σ(u) = 0.
    #[test]
    fn logistic_is_stationary(v in -1e3..1e3_f64, e in -8.0..8.0_f64) {
        let t = 10.0_f64.powf(e);
        let u = first::<f64>(Kernel::ProxLogistic, &[1], &[&[v], &[t]])[0];
        let value = u - v + t / (1.0 + (-u).exp());
        let slope = 1.0 + 0.25 * t;
        prop_assert!(value.abs() <= 1e-14 * (v.abs() + t + slope * u.abs()), "{} {} {} {}", v, t, u, value);
        let narrow = first::<f32>(Kernel::ProxLogistic, &[1], &[&[v], &[t]])[0];
        prop_assert!((narrow - u).abs() <= 1e-4 * (1.0 + u.abs() + v.abs()), "{} {}", narrow, u);
    }
}

#[test]
fn edges() {
    assert_eq!(entropy_simplex::<f64>(&[4.0], 1.0, 2.0), [2.0]);
    assert_close(&entropy_simplex::<f64>(&[-1e150, -1e150], 1.0, 1.0), &[0.5, 0.5], 1e-15, "ties");
    assert_eq!(entropy_simplex::<f64>(&[1e6, 1e6 + 0.5], 0.0, 1.0), [0.25, 0.75]);
    assert_eq!(entropy_simplex::<f64>(&[1.0, 2.0], 1.0, 0.0), [0.0, 0.0]);
    for broken in [
        entropy_simplex::<f64>(&[1.0, f64::NAN], 1.0, 1.0),
        entropy_simplex::<f64>(&[1.0, 2.0], -1.0, 1.0),
        entropy_simplex::<f64>(&[1.0, 2.0], f64::NAN, 0.0),
    ] {
        assert!(broken.iter().all(|u| u.is_nan()), "{broken:?}");
    }
    assert_eq!(first::<f64>(Kernel::ProxLogSumExp, &[2], &[&[1.0, -2.0], &[0.0]]), [1.0, -2.0]);
    assert_close(&first::<f64>(Kernel::ProxLogSumExp, &[1], &[&[5.0], &[2.0]]), &[3.0], 1e-14, "n = 1");
    assert!(first::<f64>(Kernel::ProxLogSumExp, &[2], &[&[1.0, f64::NAN], &[1.0]]).iter().all(|u| u.is_nan()));
    assert_eq!(first::<f64>(Kernel::ProxLogistic, &[2], &[&[1.0, -0.0], &[0.0]]), [1.0, 0.0]);
    let found = first::<f64>(Kernel::ProxLogistic, &[5], &[&[f64::NAN, 1e150, -1e150, 1e-150, f64::INFINITY], &[1.0]]);
    assert!(found[0].is_nan() && found[1] == 1e150 && found[2] == -1e150 && found[4] == f64::INFINITY);
    assert!(first::<f64>(Kernel::ProxLogistic, &[1], &[&[1.0], &[-1.0]])[0].is_nan());
}
