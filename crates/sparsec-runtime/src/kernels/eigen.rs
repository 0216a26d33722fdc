//! Extreme eigenvalues.

use super::Float;

/// spectral_norm_squared<T: Float>(rows: usize, cols: usize, a: &[T], out: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn spectral_norm_squared<T: Float>(rows: usize, cols: usize, a: &[T], out: &mut [T], work: &mut [T]) {}
/// eigen_max<T: Float>(n: usize, a: &[T], out: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn eigen_max<T: Float>(n: usize, a: &[T], out: &mut [T], work: &mut [T]) {}
/// eigen_min<T: Float>(n: usize, a: &[T], out: &mut [T], work: &mut [T])
#[inline(always)]
#[allow(unused_variables)]
pub fn eigen_min<T: Float>(n: usize, a: &[T], out: &mut [T], work: &mut [T]) {}
