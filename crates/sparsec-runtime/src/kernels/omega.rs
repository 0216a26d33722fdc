//! Wright's omega function, and the proxes of entropy and log-sum-exp that need it.
//!
//! ω(v) solves ω + ln ω = v; it is smooth, increasing and convex. Iteration of fourth order by Fritsch, Shafer & Crowley (1973), as in
//! Lawrence, Corless & Jeffrey, ACM TOMS 38 (2012), algorithm 917. Computed in f64 for f32 too.

use super::{Float, reduce, simplex};

/// `out_i = ω(v_i)`. The prox of t·Σ u ln u is t·ω(v/t − 1 − ln t). Shapes: v n, out n.
#[inline(always)]
pub fn wright_omega<T: Float>(n: usize, v: &[T], out: &mut [T]) {
    for (out, &v) in out[..n].iter_mut().zip(&v[..n]) {
        *out = T::from_f64(omega(v.to_f64()));
    }
}

/// ω of one number.
#[inline]
pub fn omega(v: f64) -> f64 {
    if v < -18.0 {
        // ω = x − x² + …, x = eᵛ
        let x = Float::exp(v);
        return x - x * x;
    }
    if v > 1e15 {
        return if v.is_finite() { v - Float::ln(v) } else { v };
    }
    let mut w = if v < 0.0 {
        let x = Float::exp(v);
        x / (1.0 + x)
    } else if v < 2.0 {
        // The tangent at ω(1) = 1, from above.
        1.0 + 0.5 * (v - 1.0) + 0.0625 * (v - 1.0) * (v - 1.0)
    } else {
        let log = Float::ln(v);
        v - log + log / v
    };
    for _ in 0..3 {
        let r = v - w - Float::ln(w);
        let s = 1.0 + w;
        let a = s * (s + 2.0 / 3.0 * r);
        w *= 1.0 + r / s * (a - 0.5 * r) / (a - r);
    }
    w
}

/// The c with Σ ω(s_i + c) = total > 0, for s whose largest is 0. The sum is convex and increasing in c, so Newton's method from the
/// right approaches the root from there.
#[inline(always)]
fn shift<T: Float>(s: &[T], total: f64) -> f64 {
    let n = s.len() as f64;
    // One term alone reaches the total at the right end; n equal ones do so at the left.
    let mut high = total + Float::ln(total);
    let mut low = total / n + Float::ln(total / n);
    let mut c = high;
    for _ in 0..100 {
        let (mut sum, mut slope) = (0.0, 0.0);
        for &s in s {
            let w = omega(s.to_f64() + c);
            sum += w;
            slope += w / (1.0 + w);
        }
        if sum >= total { high = c } else { low = c }
        let mut next = c - (sum - total) / slope;
        if !(next >= low && next <= high) {
            next = low + (high - low) * 0.5;
        }
        if Float::abs(next - c) <= 2.0 * f64::EPSILON * Float::abs(c).max_nan(1.0) {
            return next;
        }
        c = next;
    }
    c
}

/// `s = (v − max v)/t`; false where something is not finite at the top.
#[inline(always)]
fn relative<T: Float>(v: &[T], t: T, s: &mut [T]) -> bool {
    let top = v.iter().fold(-T::INFINITY, |m, &v| m.max_nan(v));
    for (s, &v) in s.iter_mut().zip(v) {
        *s = (v - top) / t;
    }
    top.is_finite()
}

/// argmin of t·Σ u ln u + ½‖u − v‖² over u ≥ 0, Σ u = radius, for each row: `u_i = t·ω(v_i/t − c)`. With t = 0 it is the projection;
/// NaN or a negative t or radius makes the row NaN. Shapes: v rows×n, t 1, radius 1, out rows×n, work n.
#[inline(always)]
pub fn prox_entropy_simplex<T: Float>(
    rows: usize,
    n: usize,
    v: &[T],
    t: &[T],
    radius: &[T],
    out: &mut [T],
    work: &mut [T],
) {
    let (t, r) = (t[0], radius[0]);
    let total = r.to_f64() / t.to_f64();
    let small = t >= T::ZERO && !(t > T::ZERO && total.is_finite());
    if small || r == T::ZERO {
        simplex::project_simplex(rows, n, v, radius, out, work);
        if t.is_nan() {
            out[..rows * n].fill(T::NAN);
        }
        return;
    }
    let (v, out, s) = (&v[..rows * n], &mut out[..rows * n], &mut work[..n]);
    for (v, out) in v.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
        if !(relative(v, t, s) && total > 0.0 && t > T::ZERO) {
            out.fill(T::NAN);
            continue;
        }
        let c = shift(s, total);
        for (out, &s) in out.iter_mut().zip(s.iter()) {
            *out = T::from_f64(omega(s.to_f64() + c));
        }
        let factor = r / reduce::sum(out);
        for out in out.iter_mut() {
            *out *= factor;
        }
    }
}

/// argmin of t·ln Σ eᵘ + ½‖u − v‖²: `u = v − w`, w_i = ω(v_i − c + ln t), Σ w = t. With t = 0 it is v; NaN or a negative t makes all
/// NaN. Shapes: v n, t 1, out n, work n.
#[inline(always)]
pub fn prox_log_sum_exp<T: Float>(n: usize, v: &[T], t: &[T], out: &mut [T], work: &mut [T]) {
    let (v, t, out, s) = (&v[..n], t[0], &mut out[..n], &mut work[..n]);
    let fine = relative(v, T::ONE, s);
    if t == T::ZERO {
        out.copy_from_slice(v);
        return;
    }
    if !(fine && t > T::ZERO && t.is_finite()) {
        out.fill(T::NAN);
        return;
    }
    let c = shift(s, t.to_f64());
    for ((out, &v), &s) in out.iter_mut().zip(v).zip(s.iter()) {
        *out = v - T::from_f64(omega(s.to_f64() + c));
    }
}
