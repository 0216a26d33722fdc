//! Simplex.

use super::Float;

/// project_simplex<T: Float>(rows: usize, n: usize, v: &[T], radius: &[T], out: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn project_simplex<T: Float>(rows: usize, n: usize, v: &[T], radius: &[T], out: &mut [T], work: &mut [T]) {}
/// project_ball1<T: Float>(rows: usize, n: usize, v: &[T], radius: &[T], out: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn project_ball1<T: Float>(rows: usize, n: usize, v: &[T], radius: &[T], out: &mut [T], work: &mut [T]) {}
/// project_weighted_ball1<T: Float>(n: usize, v: &[T], w: &[T], radius: &[T], out: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn project_weighted_ball1<T: Float>(n: usize, v: &[T], w: &[T], radius: &[T], out: &mut [T], work: &mut [T]) {}
