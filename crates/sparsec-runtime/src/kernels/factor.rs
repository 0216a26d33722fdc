//! Pivoted Cholesky.

use super::Float;

/// psd_factor<T: Float>(n: usize, a: &[T], l: &mut [T], perm: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn psd_factor<T: Float>(n: usize, a: &[T], l: &mut [T], perm: &mut [T]) {}
/// psd_solve<T: Float>(n: usize, l: &[T], perm: &[T], b: &[T], x: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn psd_solve<T: Float>(n: usize, l: &[T], perm: &[T], b: &[T], x: &mut [T], work: &mut [T]) {}
/// psd_solve_many<T: Float>(n: usize, k: usize, l: &[T], perm: &[T], b: &[T], x: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn psd_solve_many<T: Float>(n: usize, k: usize, l: &[T], perm: &[T], b: &[T], x: &mut [T], work: &mut [T]) {}
