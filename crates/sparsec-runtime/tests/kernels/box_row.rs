use crate::support::{assert_close, call, numbers};
use proptest::prelude::*;
use sparsec_runtime::Kernel;

/// A random set with a point in it; every third bound is infinite.
struct Set {
    a: Vec<f64>,
    l: Vec<f64>,
    h: Vec<f64>,
    b: [f64; 2],
    inside: Vec<f64>,
}

fn set(n: usize, seed: u64, equality: bool) -> Set {
    let pick = |k: u64| numbers(seed.wrapping_add(k), n);
    let (inside, below, above) = (pick(1), pick(2), pick(3));
    let a: Vec<f64> = pick(4).iter().map(|x| if *x < -0.8 { 0.0 } else { *x }).collect();
    let far = |x: f64, y: f64, inf: f64| if y > 0.4 { inf } else { x + inf.signum() * y.abs() };
    let l = inside.iter().zip(&below).map(|(x, y)| far(*x, *y, f64::NEG_INFINITY)).collect();
    let h = inside.iter().zip(&above).map(|(x, y)| far(*x, *y, f64::INFINITY)).collect();
    let s = dot(&a, &inside);
    let b = if equality { [s, s] } else { [s - 0.1, if seed.is_multiple_of(2) { f64::INFINITY } else { s + 0.05 }] };
    Set { a, l, h, b, inside }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| if *a == 0.0 { 0.0 } else { a * b }).sum()
}

impl Set {
    fn project(&self, v: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut out = call::<f64>(Kernel::ProjectBoxRow, &[v.len()], &[v, &self.a, &self.l, &self.h, &self.b]);
        let multiplier = out.swap_remove(1);
        (out.swap_remove(0), multiplier)
    }

    fn support(&self, u: &[f64]) -> (f64, f64) {
        let out = call::<f64>(Kernel::SupportBoxRow, &[u.len()], &[u, &self.a, &self.l, &self.h, &self.b]);
        (out[0][0], crate::support::norm(&out[1]))
    }
}

proptest! {
    /// The optimality conditions determine the projection: y = clip(v − μ a), and μ pushes only where the row holds with equality.
    #[test]
    fn the_projection_meets_the_optimality_conditions(n in 1..60_usize, seed in any::<u64>(), spread in 0.1..30.0_f64, equality in any::<bool>()) {
        let s = set(n, seed, equality);
        let v: Vec<f64> = numbers(seed ^ 77, n).iter().map(|v| v * spread).collect();
        let (y, multiplier) = s.project(&v);
        let mu = multiplier[0];
        let size = v.iter().fold(1.0, |m: f64, v| m.max(v.abs()));
        let row = dot(&s.a, &y);
        // μ is a quotient of sums over n entries; its rounding, times |a| ≤ 1, is that of the entries.
        let slack = 1e-13 * n as f64 * size * (1.0 + mu.abs());
        prop_assert!(row >= s.b[0] - slack && row <= s.b[1] + slack, "{row} {:?}", s.b);
        for i in 0..n {
            let free = if s.a[i] == 0.0 { v[i] } else { v[i] - mu * s.a[i] };
            prop_assert!(y[i] == free.max(s.l[i]).min(s.h[i]));
        }
        prop_assert!(mu <= 0.0 || (row - s.b[1]).abs() <= slack, "{mu} {row} {:?}", s.b);
        prop_assert!(mu >= 0.0 || (row - s.b[0]).abs() <= slack, "{mu} {row} {:?}", s.b);
        prop_assert_eq!(multiplier[1] == 1.0, mu != 0.0 || equality);
    }

    /// It is at least ⟨u, y⟩ for points of the set, and near ⟨u, y⟩ for the projection of a far multiple of u.
    #[test]
    fn the_support_function_is_the_least_upper_bound(n in 1..30_usize, seed in any::<u64>(), equality in any::<bool>()) {
        let mut s = set(n, seed, equality);
        let u = numbers(seed ^ 99, n);
        // Bounded, so that the supremum is finite for every u.
        s.l.iter_mut().zip(&s.inside).for_each(|(l, x)| *l = l.max(x - 3.0));
        s.h.iter_mut().zip(&s.inside).for_each(|(h, x)| *h = h.min(x + 3.0));
        let (value, violation) = s.support(&u);
        prop_assert!(violation == 0.0);
        let inner = dot(&u, &s.inside);
        prop_assert!(value >= inner - 1e-12 * n as f64);
        let far: Vec<f64> = u.iter().map(|u| 1e7 * u).collect();
        let (y, _) = s.project(&far);
        let reached = dot(&u, &y);
        // ‖y‖²/(2·1e7) is what the projection gives away, and it is feasible up to the rounding of 1e7.
        prop_assert!((value - reached).abs() <= 1e-4 * n as f64, "{value} {reached}");
        prop_assert!(value >= reached - 1e-7 * n as f64, "{value} {reached}");
    }

    /// With infinite bounds: where u is a combination of the row and of what may pull, the value is finite and an upper bound.
    #[test]
    fn the_support_function_of_a_cone_with_a_row(n in 1..30_usize, seed in any::<u64>(), mu in -2.0..2.0_f64) {
        let mut s = set(n, seed, true);
        s.l = vec![0.0; n];
        s.h = vec![f64::INFINITY; n];
        s.inside.iter_mut().for_each(|x| *x = x.abs());
        let b = dot(&s.a, &s.inside);
        s.b = [b, b];
        let pull = numbers(seed ^ 5, n);
        let u: Vec<f64> = s.a.iter().zip(&pull).map(|(a, p)| mu * a + p.min(0.0)).collect();
        let (value, violation) = s.support(&u);
        prop_assert!(violation <= 1e-15 && value >= dot(&u, &s.inside) - 1e-12 * n as f64, "{value} {violation}");
        prop_assert!(value <= mu * b + 1e-12 * n as f64, "{value} is more than {}", mu * b);
    }
}

#[test]
fn special_rows() {
    let inf = f64::INFINITY;
    // Nothing but bounds: a row of zeros.
    let s = Set { a: vec![0.0; 2], l: vec![0.0; 2], h: vec![1.0, inf], b: [0.0, 0.0], inside: vec![0.0; 2] };
    assert_eq!(s.project(&[3.0, -2.0]).0, [1.0, 0.0]);
    assert_eq!(s.support(&[2.0, -1.0]), (2.0, 0.0));
    assert_eq!(s.support(&[2.0, 1.0]), (2.0, 1.0));
    // The simplex with caps: two entries share what the third leaves.
    let s = Set { a: vec![1.0; 3], l: vec![0.0; 3], h: vec![0.5; 3], b: [1.0, 1.0], inside: vec![0.0; 3] };
    assert_close(&s.project(&[5.0, 0.1, 0.3]).0, &[0.5, 0.15, 0.35], 1e-15, "capped simplex");
    assert_eq!(s.support(&[3.0, 2.0, -1.0]), (2.5, 0.0));
    // A row that is bounded on one side alone is no way out for what pulls at infinity.
    let s = Set { a: vec![1.0, 1.0], l: vec![0.0; 2], h: vec![inf; 2], b: [0.5, inf], inside: vec![1.0; 2] };
    assert_eq!(s.support(&[1e-9, -1.0]), (0.0, 1e-9));
    assert_eq!(s.support(&[-2.0, -3.0]), (-1.0, 0.0));
    let s = Set { b: [-inf, 0.5], ..s };
    assert_eq!(s.support(&[2.0, 1.0]), (1.0, 0.0));
    // What cannot be reached: the nearest.
    let s = Set { a: vec![1.0; 3], l: vec![0.0; 3], h: vec![0.5; 3], b: [2.0, 2.0], inside: vec![0.0; 3] };
    assert_eq!(s.project(&[0.0, 0.1, 0.3]).0, [0.5; 3]);
    // NaN anywhere.
    let s = Set { a: vec![1.0; 2], l: vec![0.0; 2], h: vec![1.0; 2], b: [1.0, 1.0], inside: vec![0.0; 2] };
    assert!(s.project(&[f64::NAN, 0.0]).0.iter().all(|y| y.is_nan()));
}
