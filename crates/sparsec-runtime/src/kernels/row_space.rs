//! Row spaces.

use super::Float;

/// row_space<T: Float>(k: usize, n: usize, a: &[T], q: &mut [T], l: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn row_space<T: Float>(k: usize, n: usize, a: &[T], q: &mut [T], l: &mut [T]) {}
/// forward_solve<T: Float>(k: usize, l: &[T], b: &[T], c: &mut [T], inconsistency: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn forward_solve<T: Float>(k: usize, l: &[T], b: &[T], c: &mut [T], inconsistency: &mut [T]) {}
