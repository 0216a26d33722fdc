//! Products of matrices and vectors.

use super::{Float, LANES, reduce};

/// `out_i = Σ_j a_ij x_j`: one dot product for each row. Shapes: a rows×cols, x cols, out rows.
#[inline(always)]
pub fn gemv<T: Float>(rows: usize, cols: usize, a: &[T], x: &[T], out: &mut [T]) {
    let (a, x, out) = (&a[..rows * cols], &x[..cols], &mut out[..rows]);
    for (row, out) in a.chunks_exact(cols).zip(out) {
        *out = reduce::dot(row, x);
    }
}

/// `out_j = ((0 + x_0 a_0j) + x_1 a_1j) + …`: row after row. Shapes: a rows×cols, x rows, out cols.
#[inline(always)]
pub fn gemv_t<T: Float>(rows: usize, cols: usize, a: &[T], x: &[T], out: &mut [T]) {
    let (a, x, out) = (&a[..rows * cols], &x[..rows], &mut out[..cols]);
    out.fill(T::ZERO);
    for (row, &x) in a.chunks_exact(cols).zip(x) {
        for (out, &a) in out.iter_mut().zip(row) {
            *out += x * a;
        }
    }
}

/// `c_ij = ((0 + a_i0 b_0j) + a_i1 b_1j) + …`. Shapes: a m×k, b k×n, c m×n.
#[inline(always)]
pub fn gemm_nn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    let (a, b, c) = (&a[..m * k], &b[..k * n], &mut c[..m * n]);
    for (a, c) in a.chunks_exact(k).zip(c.chunks_exact_mut(n)) {
        gemv_t(k, n, b, a, c);
    }
}

/// `c_ij = ((0 + a_0i b_0j) + a_1i b_1j) + …`. Shapes: a k×m, b k×n, c m×n.
#[inline(always)]
pub fn gemm_tn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    let (a, b, c) = (&a[..k * m], &b[..k * n], &mut c[..m * n]);
    c.fill(T::ZERO);
    for (a, b) in a.chunks_exact(m).zip(b.chunks_exact(n)) {
        for (&a, c) in a.iter().zip(c.chunks_exact_mut(n)) {
            for (c, &b) in c.iter_mut().zip(b) {
                *c += a * b;
            }
        }
    }
}

/// `c_ij = Σ_p a_ip b_jp`: one dot product for each entry. Shapes: a m×k, b n×k, c m×n.
#[inline(always)]
pub fn gemm_nt<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    let (a, b, c) = (&a[..m * k], &b[..n * k], &mut c[..m * n]);
    for (a, c) in a.chunks_exact(k).zip(c.chunks_exact_mut(n)) {
        gemv(n, k, b, a, c);
    }
}

/// `out_ji = a_ij`. Shapes: a rows×cols, out cols×rows.
#[inline(always)]
pub fn transpose<T: Float>(rows: usize, cols: usize, a: &[T], out: &mut [T]) {
    let (a, out) = (&a[..rows * cols], &mut out[..rows * cols]);
    for (i, row) in a.chunks_exact(cols).enumerate() {
        for (j, &a) in row.iter().enumerate() {
            out[j * rows + i] = a;
        }
    }
    let _ = LANES;
}
