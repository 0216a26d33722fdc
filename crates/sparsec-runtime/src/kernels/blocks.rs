//! Parts of matrices, placed by numbers that a program computes.

use super::Float;

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

/// An index from a number that is one.
#[inline(always)]
fn index<T: Float>(number: T) -> Option<usize> {
    let number = number.to_f64();
    // `as` saturates, and no slice is that long.
    if number >= 0.0 { Some(number as usize) } else { None }
}
