//! Cumulative sums.

use super::Float;

/// `out_i = x_0 + … + x_i`, from the first on.
#[inline(always)]
pub fn cumsum<T: Float>(n: usize, x: &[T], out: &mut [T]) {
    let mut sum = T::ZERO;
    for (out, &x) in out[..n].iter_mut().zip(&x[..n]) {
        sum += x;
        *out = sum;
    }
}

/// `out_i = x_i + … + x_{n−1}`, from the last on.
#[inline(always)]
pub fn cumsum_t<T: Float>(n: usize, x: &[T], out: &mut [T]) {
    let mut sum = T::ZERO;
    for (out, &x) in out[..n].iter_mut().zip(&x[..n]).rev() {
        sum += x;
        *out = sum;
    }
}
