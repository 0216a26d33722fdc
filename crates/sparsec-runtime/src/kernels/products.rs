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
    let cols = hidden(cols);
    let (a, x, out) = (&a[..rows * cols], &x[..cols], &mut out[..rows]);
    let mut blocks = a.chunks_exact(ROWS * cols);
    let mut outs = out.chunks_exact_mut(ROWS);
    for (block, out) in (&mut blocks).zip(&mut outs) {
        out.copy_from_slice(&dots(four_rows(block, cols), x));
    }
    for (row, out) in blocks.remainder().chunks_exact(cols).zip(outs.into_remainder()) {
        *out = reduce::dot(row, x);
    }
}

/// A size that the compiler does not know: a known number of rounds makes it unroll a loop of dot products whole, and then
/// not vectorise it, which halves the speed.
#[inline(always)]
fn hidden(size: usize) -> usize {
    core::hint::black_box(size)
}

/// The four rows of a block.
#[inline(always)]
fn four_rows<T>(block: &[T], cols: usize) -> [&[T]; ROWS] {
    let (first, rest) = block.split_at(cols);
    let (second, rest) = rest.split_at(cols);
    let (third, fourth) = rest.split_at(cols);
    [first, second, third, &fourth[..cols]]
}

/// Dot products of four rows with one vector of the same length.
#[inline(always)]
fn dots<T: Float>(rows: [&[T]; ROWS], x: &[T]) -> [T; ROWS] {
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let [(a0, rest0), (a1, rest1), (a2, rest2), (a3, rest3)] = rows.map(<[T]>::as_chunks::<LANES>);
    let zero = [T::ZERO; LANES];
    let (mut p0, mut p1, mut p2, mut p3) = (zero, zero, zero, zero);
    for ((((x, a0), a1), a2), a3) in xs.iter().zip(a0).zip(a1).zip(a2).zip(a3) {
        p0 = reduce::add_products(p0, a0, x);
        p1 = reduce::add_products(p1, a1, x);
        p2 = reduce::add_products(p2, a2, x);
        p3 = reduce::add_products(p3, a3, x);
    }
    [
        reduce::combine(reduce::add_last(p0, rest0, x_rest)),
        reduce::combine(reduce::add_last(p1, rest1, x_rest)),
        reduce::combine(reduce::add_last(p2, rest2, x_rest)),
        reduce::combine(reduce::add_last(p3, rest3, x_rest)),
    ]
}

/// `out_j = ((0 + x_0 a_0j) + x_1 a_1j) + …`: row after row. Shapes: a rows×cols, x rows, out cols.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // Iterators hide from the compiler that all slices have one length.
pub fn gemv_t<T: Float>(rows: usize, cols: usize, a: &[T], x: &[T], out: &mut [T]) {
    let (a, x, out) = (&a[..rows * cols], &x[..rows], &mut out[..cols]);
    out.fill(T::ZERO);
    let mut blocks = a.chunks_exact(ADDED * cols);
    let (xs, x_rest) = x.as_chunks::<ADDED>();
    for (block, x) in (&mut blocks).zip(xs) {
        let row = |r: usize| &block[r * cols..][..cols];
        let (a0, a1, a2, a3) = (row(0), row(1), row(2), row(3));
        let (a4, a5, a6, a7) = (row(4), row(5), row(6), row(7));
        for j in 0..cols {
            let first = ((out[j] + x[0] * a0[j]) + x[1] * a1[j]) + x[2] * a2[j] + x[3] * a3[j];
            out[j] = ((first + x[4] * a4[j]) + x[5] * a5[j]) + x[6] * a6[j] + x[7] * a7[j];
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
                add_block(a, i, p, depth, n, j, b, c);
                i += ROWS;
            }
            while i < m {
                add_row(a, i, p, depth, n, j, b, c);
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

/// Adds the terms `p..p + depth` to the 4×[`COLS`] entries of c at (i, j).
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn add_block<T: Float>(
    a: Rows<'_, T>,
    i: usize,
    p: usize,
    depth: usize,
    n: usize,
    j: usize,
    b: &[T],
    c: &mut [T],
) {
    let (mut c0, mut c1, mut c2, mut c3) =
        (load(c, i * n + j), load(c, (i + 1) * n + j), load(c, (i + 2) * n + j), load(c, (i + 3) * n + j));
    for q in p..p + depth {
        let b = load(b, q * n + j);
        let at = i * a.across + q * a.along;
        c0 = add_scaled(c0, a.of[at], &b);
        c1 = add_scaled(c1, a.of[at + a.across], &b);
        c2 = add_scaled(c2, a.of[at + 2 * a.across], &b);
        c3 = add_scaled(c3, a.of[at + 3 * a.across], &b);
    }
    for (r, sums) in [c0, c1, c2, c3].iter().enumerate() {
        c[(i + r) * n + j..][..COLS].copy_from_slice(sums);
    }
}

/// [`add_block`] for a single row.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn add_row<T: Float>(
    a: Rows<'_, T>,
    i: usize,
    p: usize,
    depth: usize,
    n: usize,
    j: usize,
    b: &[T],
    c: &mut [T],
) {
    let mut sums = load(c, i * n + j);
    for q in p..p + depth {
        sums = add_scaled(sums, a.of[i * a.across + q * a.along], &load(b, q * n + j));
    }
    c[i * n + j..][..COLS].copy_from_slice(&sums);
}

/// [`COLS`] elements.
#[inline(always)]
fn load<T: Float>(from: &[T], at: usize) -> [T; COLS] {
    let mut block = [T::ZERO; COLS];
    block.copy_from_slice(&from[at..at + COLS]);
    block
}

/// `sums + a·b`
#[inline(always)]
fn add_scaled<T: Float>(sums: [T; COLS], a: T, b: &[T; COLS]) -> [T; COLS] {
    let mut next = sums;
    for l in 0..COLS {
        next[l] = sums[l] + a * b[l];
    }
    next
}

/// `c_ij = Σ_p a_ip b_jp`: one dot product for each entry. Shapes: a m×k, b n×k, c m×n.
#[inline(always)]
pub fn gemm_nt<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    let k = hidden(k);
    let (a, b, c) = (&a[..m * k], &b[..n * k], &mut c[..m * n]);
    let mut j = 0;
    while j + ROWS <= n {
        let rows = four_rows(&b[j * k..][..ROWS * k], k);
        for i in 0..m {
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
