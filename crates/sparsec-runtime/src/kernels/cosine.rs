//! Cosine transform.

use super::Float;

/// dct<T: Float>(n: usize, x: &[T], out: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn dct<T: Float>(n: usize, x: &[T], out: &mut [T], work: &mut [T]) {}
/// dct_t<T: Float>(n: usize, x: &[T], out: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn dct_t<T: Float>(n: usize, x: &[T], out: &mut [T], work: &mut [T]) {}
