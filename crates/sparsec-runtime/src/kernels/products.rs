//! Products of matrices and vectors.
//!
//! Blocking changes no bits: an entry's terms are added in the order that its function documents, whatever the block.

use super::{Float, LANES, reduce};

/// Rows that are passed over together.
const ROWS: usize = 4;
/// Columns of a block of accumulators.
const COLS: usize = 2 * LANES;
/// Rows that one pass of `gemv_t` adds.
const ADDED: usize = 8;
/// Terms added between two visits of a block of `c`, so that the part of `b` in use stays in the cache.
const DEPTH: usize = 256;

/// `out_i = Σ_j a_ij x_j`: one dot product for each row. Shapes: a rows×cols, x cols, out rows.
#[inline(always)]
pub fn gemv<T: Float>(rows: usize, cols: usize, a: &[T], x: &[T], out: &mut [T]) {
    let (a, x, out) = (&a[..rows * cols], &x[..cols], &mut out[..rows]);
    let mut blocks = a.chunks_exact(ROWS * cols);
    let mut outs = out.chunks_exact_mut(ROWS);
    for (block, out) in (&mut blocks).zip(&mut outs) {
        let (r0, rest) = block.split_at(cols);
        let (r1, rest) = rest.split_at(cols);
        let (r2, r3) = rest.split_at(cols);
        out.copy_from_slice(&dots([r0, r1, r2, r3], x));
    }
    for (row, out) in blocks.remainder().chunks_exact(cols).zip(outs.into_remainder()) {
        *out = reduce::dot(row, x);
    }
}

/// Dot products of some rows with one vector of the same length.
#[inline(always)]
fn dots<T: Float, const R: usize>(rows: [&[T]; R], x: &[T]) -> [T; R] {
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let whole = xs.len();
    let chunks: [&[[T; LANES]]; R] = core::array::from_fn(|r| &rows[r].as_chunks::<LANES>().0[..whole]);
    let mut p = [[T::ZERO; LANES]; R];
    for (i, x) in xs.iter().enumerate() {
        for r in 0..R {
            let a = &chunks[r][i];
            for l in 0..LANES {
                p[r][l] += a[l] * x[l];
            }
        }
    }
    for r in 0..R {
        for (l, (&a, &x)) in rows[r][whole * LANES..].iter().zip(x_rest).enumerate() {
            p[r][l] += a * x;
        }
    }
    core::array::from_fn(|r| reduce::combine(p[r]))
}

/// `out_j = ((0 + x_0 a_0j) + x_1 a_1j) + …`: row after row. Shapes: a rows×cols, x rows, out cols.
#[inline(always)]
pub fn gemv_t<T: Float>(rows: usize, cols: usize, a: &[T], x: &[T], out: &mut [T]) {
    let (a, x, out) = (&a[..rows * cols], &x[..rows], &mut out[..cols]);
    out.fill(T::ZERO);
    let mut blocks = a.chunks_exact(ADDED * cols);
    let (xs, x_rest) = x.as_chunks::<ADDED>();
    for (block, x) in (&mut blocks).zip(xs) {
        let row = |r: usize| &block[r * cols..][..cols];
        let (a0, a1, a2, a3) = (row(0), row(1), row(2), row(3));
        let (a4, a5, a6, a7) = (row(4), row(5), row(6), row(7));
        for (j, out) in out.iter_mut().enumerate() {
            let first = ((*out + x[0] * a0[j]) + x[1] * a1[j]) + x[2] * a2[j] + x[3] * a3[j];
            *out = ((first + x[4] * a4[j]) + x[5] * a5[j]) + x[6] * a6[j] + x[7] * a7[j];
        }
    }
    for (row, &x) in blocks.remainder().chunks_exact(cols).zip(x_rest) {
        for (out, &a) in out.iter_mut().zip(row) {
            *out += x * a;
        }
    }
}

/// `c_ij = ((0 + a_i0 b_0j) + a_i1 b_1j) + …`. Shapes: a m×k, b k×n, c m×n.
#[inline(always)]
pub fn gemm_nn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    add_rows(Rows { of: &a[..m * k], across: k, along: 1 }, m, k, n, b, c);
}

/// `c_ij = ((0 + a_0i b_0j) + a_1i b_1j) + …`. Shapes: a k×m, b k×n, c m×n.
#[inline(always)]
pub fn gemm_tn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    add_rows(Rows { of: &a[..k * m], across: 1, along: m }, m, k, n, b, c);
}

/// A matrix whose entry (i, p) is `of[i·across + p·along]`.
#[derive(Clone, Copy)]
struct Rows<'a, T> {
    of: &'a [T],
    across: usize,
    along: usize,
}

/// `c_i = ((0 + a_i0 b_0) + a_i1 b_1) + …` for rows b_p of b.
#[inline(always)]
fn add_rows<T: Float>(a: Rows<'_, T>, m: usize, k: usize, n: usize, b: &[T], c: &mut [T]) {
    let (b, c) = (&b[..k * n], &mut c[..m * n]);
    c.fill(T::ZERO);
    let mut p = 0;
    while p < k {
        let depth = if k - p < DEPTH { k - p } else { DEPTH };
        let mut j = 0;
        while j + COLS <= n {
            let mut i = 0;
            while i + ROWS <= m {
                add_block::<T, ROWS>(a, i, p, depth, n, j, b, c);
                i += ROWS;
            }
            while i < m {
                add_block::<T, 1>(a, i, p, depth, n, j, b, c);
                i += 1;
            }
            j += COLS;
        }
        if j < n {
            for i in 0..m {
                for q in p..p + depth {
                    let a = a.of[i * a.across + q * a.along];
                    for (c, &b) in c[i * n + j..(i + 1) * n].iter_mut().zip(&b[q * n + j..]) {
                        *c += a * b;
                    }
                }
            }
        }
        p += depth;
    }
}

/// Adds the terms `p..p + depth` to the R×[`COLS`] entries of c at (i, j).
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn add_block<T: Float, const R: usize>(
    a: Rows<'_, T>,
    i: usize,
    p: usize,
    depth: usize,
    n: usize,
    j: usize,
    b: &[T],
    c: &mut [T],
) {
    let mut sums = [[T::ZERO; COLS]; R];
    for (r, sums) in sums.iter_mut().enumerate() {
        sums.copy_from_slice(&c[(i + r) * n + j..][..COLS]);
    }
    for q in p..p + depth {
        let (b, _) = b[q * n + j..][..COLS].as_chunks::<COLS>();
        let Some(b) = b.first() else { return };
        for r in 0..R {
            let a = a.of[(i + r) * a.across + q * a.along];
            for l in 0..COLS {
                sums[r][l] += a * b[l];
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        c[(i + r) * n + j..][..COLS].copy_from_slice(sums);
    }
}

/// `c_ij = Σ_p a_ip b_jp`: one dot product for each entry. Shapes: a m×k, b n×k, c m×n.
#[inline(always)]
pub fn gemm_nt<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    let (a, b, c) = (&a[..m * k], &b[..n * k], &mut c[..m * n]);
    let mut j = 0;
    while j + ROWS <= n {
        let rows = |r: usize| &b[(j + r) * k..][..k];
        let rows = [rows(0), rows(1), rows(2), rows(3)];
        let mut i = 0;
        while i + 2 <= m {
            let (first, second) = dots_of_two(rows, &a[i * k..][..k], &a[(i + 1) * k..][..k]);
            c[i * n + j..][..ROWS].copy_from_slice(&first);
            c[(i + 1) * n + j..][..ROWS].copy_from_slice(&second);
            i += 2;
        }
        if i < m {
            c[i * n + j..][..ROWS].copy_from_slice(&dots(rows, &a[i * k..][..k]));
        }
        j += ROWS;
    }
    for j in j..n {
        for i in 0..m {
            c[i * n + j] = reduce::dot(&a[i * k..][..k], &b[j * k..][..k]);
        }
    }
}

/// [`dots`] with two vectors.
#[inline(always)]
fn dots_of_two<T: Float, const R: usize>(rows: [&[T]; R], x: &[T], y: &[T]) -> ([T; R], [T; R]) {
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let whole = xs.len();
    let (ys, y_rest) = y.as_chunks::<LANES>();
    let ys = &ys[..whole];
    let chunks: [&[[T; LANES]]; R] = core::array::from_fn(|r| &rows[r].as_chunks::<LANES>().0[..whole]);
    let mut p = [[T::ZERO; LANES]; R];
    let mut s = [[T::ZERO; LANES]; R];
    for i in 0..whole {
        for r in 0..R {
            let a = &chunks[r][i];
            for l in 0..LANES {
                p[r][l] += a[l] * xs[i][l];
            }
            for l in 0..LANES {
                s[r][l] += a[l] * ys[i][l];
            }
        }
    }
    for r in 0..R {
        for (l, ((&a, &x), &y)) in rows[r][whole * LANES..].iter().zip(x_rest).zip(y_rest).enumerate() {
            p[r][l] += a * x;
            s[r][l] += a * y;
        }
    }
    (core::array::from_fn(|r| reduce::combine(p[r])), core::array::from_fn(|r| reduce::combine(s[r])))
}

/// `out_ji = a_ij`, in square blocks. Shapes: a rows×cols, out cols×rows.
#[inline(always)]
pub fn transpose<T: Float>(rows: usize, cols: usize, a: &[T], out: &mut [T]) {
    const BLOCK: usize = 16;
    let (a, out) = (&a[..rows * cols], &mut out[..rows * cols]);
    for first in (0..rows).step_by(BLOCK) {
        let last = if first + BLOCK < rows { first + BLOCK } else { rows };
        for j in (0..cols).step_by(BLOCK) {
            let end = if j + BLOCK < cols { j + BLOCK } else { cols };
            for j in j..end {
                for i in first..last {
                    out[j * rows + i] = a[i * cols + j];
                }
            }
        }
    }
}
