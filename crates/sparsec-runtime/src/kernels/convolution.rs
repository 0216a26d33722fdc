//! Convolution in one dimension.

use super::Float;

/// Full convolution, `out_i = Σ_j kernel_j x_{i−j}` (ascending j). Shapes: kernel k, x n, out n+k−1.
#[inline(always)]
pub fn conv<T: Float>(k: usize, n: usize, kernel: &[T], x: &[T], out: &mut [T]) {
    let (kernel, x, out) = (&kernel[..k], &x[..n], &mut out[..n + k - 1]);
    out.fill(T::ZERO);
    for (j, &h) in kernel.iter().enumerate() {
        for (out, &x) in out[j..j + n].iter_mut().zip(x) {
            *out += h * x;
        }
    }
}

/// The transpose of [`conv`] in x, `out_i = Σ_j kernel_j r_{i+j}` (ascending j). Shapes: kernel k, r n+k−1, out n.
#[inline(always)]
pub fn conv_t<T: Float>(k: usize, n: usize, kernel: &[T], r: &[T], out: &mut [T]) {
    let (kernel, r, out) = (&kernel[..k], &r[..n + k - 1], &mut out[..n]);
    out.fill(T::ZERO);
    for (j, &h) in kernel.iter().enumerate() {
        for (out, &r) in out.iter_mut().zip(&r[j..j + n]) {
            *out += h * r;
        }
    }
}
