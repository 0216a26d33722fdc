//! Parts of matrices, placed by numbers that a program computes.

use super::{Float, reduce};

/// `out = e_at`; 0 where `at` is no index. Shapes: at 1, out n.
#[inline(always)]
pub fn unit<T: Float>(n: usize, at: &[T], out: &mut [T]) {
    let out = &mut out[..n];
    out.fill(T::ZERO);
    if let Some(out) = index(at[0]).and_then(|at| out.get_mut(at)) {
        *out = T::ONE;
    }
}

/// `into_{at_0 + i, at_1 + j} = block_ij`; the rest of `into` stays, and what would lie outside of it is left out.
/// Shapes: block rows×cols, at 2, into height×width.
#[inline(always)]
pub fn place_block<T: Float>(
    rows: usize,
    cols: usize,
    height: usize,
    width: usize,
    block: &[T],
    at: &[T],
    into: &mut [T],
) {
    let into = &mut into[..height * width];
    let (Some(top), Some(left)) = (index(at[0]), index(at[1])) else { return };
    if left >= width || top >= height {
        return;
    }
    let kept = if cols < width - left { cols } else { width - left };
    for (block, into) in block[..rows * cols].chunks_exact(cols).zip(into.chunks_exact_mut(width).skip(top)) {
        into[left..left + kept].copy_from_slice(&block[..kept]);
    }
}

/// Every block of `len` rows of a less the mean of its rows, which are weighted by w: `out_k = a_k − (Σ w_l a_l)/Σ w_l`; a where the weights are 0.
/// Shapes: a (count·len)×cols, w count·len, out (count·len)×cols, work cols.
#[inline(always)]
pub fn centre_rows<T: Float>(
    count: usize,
    len: usize,
    cols: usize,
    a: &[T],
    w: &[T],
    out: &mut [T],
    work: &mut [T],
) {
    let mean = &mut work[..cols];
    for k in 0..count {
        let (a, out) = (&a[k * len * cols..][..len * cols], &mut out[k * len * cols..][..len * cols]);
        let w = &w[k * len..][..len];
        let total = reduce::sum(w);
        mean.fill(T::ZERO);
        if total > T::ZERO {
            for (row, &w) in a.chunks_exact(cols).zip(w) {
                for (mean, &a) in mean.iter_mut().zip(row) {
                    *mean += w / total * a;
                }
            }
        }
        for (out, row) in out.chunks_exact_mut(cols).zip(a.chunks_exact(cols)) {
            for ((out, &a), &mean) in out.iter_mut().zip(row).zip(mean.iter()) {
                *out = a - mean;
            }
        }
    }
}

/// An index from a number that is one.
#[inline(always)]
fn index<T: Float>(number: T) -> Option<usize> {
    let number = number.to_f64();
    // `as` saturates, and no slice is that long.
    if number >= 0.0 { Some(number as usize) } else { None }
}
