//! The prox of the logistic loss.

use super::Float;

/// argmin of t·ln(1 + eᵘ) + ½(u − v)² for each element: the root in [v − t, v] of u − v + t·σ(u), by Newton's method with bisection as
/// its guard, in f64. A negative t gives NaN. Shapes: v n, t 1, out n.
#[inline(always)]
pub fn prox_logistic<T: Float>(n: usize, v: &[T], t: &[T], out: &mut [T]) {
    let t = t[0].to_f64();
    for (out, &v) in out[..n].iter_mut().zip(&v[..n]) {
        *out = T::from_f64(root(v.to_f64(), t));
    }
}

/// The prox of one number.
#[inline]
fn root(v: f64, t: f64) -> f64 {
    if !(t >= 0.0 && t.is_finite()) || v.is_nan() {
        return f64::NAN;
    }
    let (mut low, mut high) = (v - t, v);
    if !(low < high && low.is_finite()) {
        return v;
    }
    let mut u = v - t * sigmoid(v);
    if u <= low || u >= high {
        u = low + (high - low) * 0.5;
    }
    for _ in 0..200 {
        let s = sigmoid(u);
        let value = (u - v) + t * s;
        if value == 0.0 {
            return u;
        }
        if value > 0.0 { high = u } else { low = u }
        let mut next = u - value / (1.0 + t * s * (1.0 - s));
        if !(next > low && next < high) {
            next = low + (high - low) * 0.5;
            if next <= low || next >= high {
                return u;
            }
        }
        let step = Float::abs(next - u);
        u = next;
        if step <= f64::EPSILON * Float::abs(u) {
            return u;
        }
    }
    u
}

/// 1/(1 + e^−u)
#[inline(always)]
fn sigmoid(u: f64) -> f64 {
    if u >= 0.0 {
        1.0 / (1.0 + Float::exp(-u))
    } else {
        let e = Float::exp(u);
        e / (1.0 + e)
    }
}
