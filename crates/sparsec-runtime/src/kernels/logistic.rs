//! Logistic.

use super::Float;

/// prox_logistic<T: Float>(n: usize, v: &[T], t: &[T], out: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn prox_logistic<T: Float>(n: usize, v: &[T], t: &[T], out: &mut [T]) {}
