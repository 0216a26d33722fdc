//! Wright omega.

use super::Float;

/// wright_omega<T: Float>(n: usize, v: &[T], out: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn wright_omega<T: Float>(n: usize, v: &[T], out: &mut [T]) {}
/// prox_entropy_simplex<T: Float>(rows: usize, n: usize, v: &[T], t: &[T], radius: &[T], out: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn prox_entropy_simplex<T: Float>(rows: usize, n: usize, v: &[T], t: &[T], radius: &[T], out: &mut [T], work: &mut [T]) {}
/// prox_log_sum_exp<T: Float>(n: usize, v: &[T], t: &[T], out: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn prox_log_sum_exp<T: Float>(n: usize, v: &[T], t: &[T], out: &mut [T], work: &mut [T]) {}
