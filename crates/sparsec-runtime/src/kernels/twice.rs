//! Products summed as in twice the precision, and the sizes of what they sum.
//!
//! Ogita, Rump & Oishi, *Accurate Sum and Dot Product* (SIAM J. Sci. Comput. 26, 2005): what rounding takes from every product and sum is known
//! exactly and is added up apart. The result is the exact one rounded, but for about n² eps² of Σ |aᵢ xᵢ|.

use super::{Float, LANES, reduce};

/// a + b rounded, and what rounding took.
#[inline(always)]
fn two_sum<T: Float>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// A number as the sum of two with half of its digits (Dekker 1971); a number that is too large for that as itself and 0.
#[inline(always)]
fn halves<T: Float>(a: T, splitter: T) -> (T, T) {
    let large = splitter * a;
    let high = large - (large - a);
    if large.is_finite() { (high, a - high) } else { (a, T::ZERO) }
}

/// 2^⌈p/2⌉ + 1 for p binary digits.
#[inline(always)]
fn splitter<T: Float>() -> T {
    let mut power = T::ONE;
    while power * power * T::EPSILON < T::ONE + T::ONE {
        power += power;
    }
    power + T::ONE
}

/// a·b rounded, and what rounding took; b is given with its halves.
#[inline(always)]
fn two_product<T: Float>(a: T, splitter: T, b: T, (b_high, b_low): (T, T)) -> (T, T) {
    let product = a * b;
    let (high, low) = halves(a, splitter);
    let rest = ((high * b_high - product) + high * b_low + low * b_high) + low * b_low;
    (product, if rest.is_finite() { rest } else { T::ZERO })
}

/// Sums with what rounding took from them.
#[derive(Clone, Copy)]
struct Sums<T> {
    high: [T; LANES],
    low: [T; LANES],
}

impl<T: Float> Sums<T> {
    #[inline(always)]
    fn add(&mut self, lane: usize, splitter: T, a: T, b: T, of_b: (T, T)) {
        let (product, rest) = two_product(a, splitter, b, of_b);
        let (sum, lost) = two_sum(self.high[lane], product);
        self.high[lane] = sum;
        self.low[lane] += lost + rest;
    }

    /// first + all sums
    #[inline(always)]
    fn total(&self, first: T) -> T {
        let (mut high, mut low) = (first, reduce::combine(self.low));
        for lane in self.high {
            let (sum, lost) = two_sum(high, lane);
            high = sum;
            low += lost;
        }
        // What is not finite comes out as the plain sum has it.
        if low.is_finite() { high + low } else { high }
    }
}

/// `out_i = b_i + Σ_j a_ij x_j`. Shapes: a rows×cols, x cols, b rows, out rows, work 2·cols.
#[inline(always)]
pub fn gemv_twice<T: Float>(rows: usize, cols: usize, a: &[T], x: &[T], b: &[T], out: &mut [T], work: &mut [T]) {
    let (a, x, b, out) = (&a[..rows * cols], &x[..cols], &b[..rows], &mut out[..rows]);
    let splitter = splitter::<T>();
    let (high, low) = work[..2 * cols].split_at_mut(cols);
    for ((x, high), low) in x.iter().zip(high.iter_mut()).zip(low.iter_mut()) {
        (*high, *low) = halves(*x, splitter);
    }
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (highs, high_rest) = high.as_chunks::<LANES>();
    let (lows, low_rest) = low.as_chunks::<LANES>();
    for ((row, &b), out) in a.chunks_exact(cols).zip(b).zip(out.iter_mut()) {
        let mut sums = Sums { high: [T::ZERO; LANES], low: [T::ZERO; LANES] };
        let (row, row_rest) = row.as_chunks::<LANES>();
        for (((a, x), high), low) in row.iter().zip(xs).zip(highs).zip(lows) {
            for l in 0..LANES {
                sums.add(l, splitter, a[l], x[l], (high[l], low[l]));
            }
        }
        for (l, &a) in row_rest.iter().enumerate() {
            sums.add(l, splitter, a, x_rest[l], (high_rest[l], low_rest[l]));
        }
        *out = sums.total(b);
    }
}

/// `out_j = b_j + Σ_i a_ij x_i`. Shapes: a rows×cols, x rows, b cols, out cols, work cols.
#[inline(always)]
pub fn gemv_t_twice<T: Float>(rows: usize, cols: usize, a: &[T], x: &[T], b: &[T], out: &mut [T], work: &mut [T]) {
    let (a, x, out, lost) = (&a[..rows * cols], &x[..rows], &mut out[..cols], &mut work[..cols]);
    let splitter = splitter::<T>();
    out.copy_from_slice(&b[..cols]);
    lost.fill(T::ZERO);
    for (row, &x) in a.chunks_exact(cols).zip(x) {
        let of_x = halves(x, splitter);
        for ((&a, out), lost) in row.iter().zip(out.iter_mut()).zip(lost.iter_mut()) {
            let (product, rest) = two_product(a, splitter, x, of_x);
            let (sum, of_sum) = two_sum(*out, product);
            *out = sum;
            *lost += of_sum + rest;
        }
    }
    for (out, &lost) in out.iter_mut().zip(lost.iter()) {
        *out = if lost.is_finite() { *out + lost } else { *out };
    }
}

/// `out_i = Σ_j |a_ij| |x_j|`. Shapes: a rows×cols, x cols, out rows.
#[inline(always)]
pub fn gemv_sizes<T: Float>(rows: usize, cols: usize, a: &[T], x: &[T], out: &mut [T]) {
    for (row, out) in a[..rows * cols].chunks_exact(cols).zip(&mut out[..rows]) {
        let (row, row_rest) = row.as_chunks::<LANES>();
        let (xs, x_rest) = x[..cols].as_chunks::<LANES>();
        let mut sums = [T::ZERO; LANES];
        for (a, x) in row.iter().zip(xs) {
            for l in 0..LANES {
                sums[l] += (a[l] * x[l]).abs();
            }
        }
        for (sum, (&a, &x)) in sums.iter_mut().zip(row_rest.iter().zip(x_rest)) {
            *sum += (a * x).abs();
        }
        *out = reduce::combine(sums);
    }
}

/// `out_j = Σ_i |a_ij| |x_i|`. Shapes: a rows×cols, x rows, out cols.
#[inline(always)]
pub fn gemv_t_sizes<T: Float>(rows: usize, cols: usize, a: &[T], x: &[T], out: &mut [T]) {
    let out = &mut out[..cols];
    out.fill(T::ZERO);
    for (row, &x) in a[..rows * cols].chunks_exact(cols).zip(&x[..rows]) {
        for (out, &a) in out.iter_mut().zip(row) {
            *out += (a * x).abs();
        }
    }
}
