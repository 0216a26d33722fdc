//! What generated solvers call besides kernels: arguments, memory, and the ends of reductions.

use crate::domain::{self, Domain, DomainError};
use crate::float::Float;
use core::fmt;

/// Data or a setting that a generated solver refused.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ArgumentError {
    /// An argument has another number of elements than declared.
    Length {
        /// The argument.
        name: &'static str,
        /// Its shape as declared, with sizes.
        shape: &'static str,
        /// The number of elements that it needs.
        expected: usize,
        /// The number that was given.
        found: usize,
    },
    /// An entry is not finite, or breaks what its declaration promises.
    Value {
        /// The argument.
        name: &'static str,
        /// The entry and what is wrong with it.
        error: DomainError,
    },
    /// The tolerance is negative or not finite.
    Tolerance(f64),
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArgumentError::Length { name, shape, expected, found } => {
                let numbers = if *expected == 1 { "number" } else { "numbers" };
                write!(f, "`{name}` is declared {shape} and needs {expected} {numbers}, not {found}")
            }
            ArgumentError::Value { name, error } => write!(f, "`{name}`: {error}"),
            ArgumentError::Tolerance(tol) => write!(f, "the tolerance {tol} is not a finite number of 0 or more"),
        }
    }
}

impl core::error::Error for ArgumentError {}

/// Checks an argument, by its name and shape as declared, against its declaration.
pub fn accept<T: Float>(
    (name, shape): (&'static str, &'static str),
    (rows, cols): (usize, usize),
    data: &[T],
    domains: &[Domain],
    allow_infinite: bool,
    scratch: &mut [T],
) -> Result<(), ArgumentError> {
    if data.len() != rows * cols {
        return Err(ArgumentError::Length { name, shape, expected: rows * cols, found: data.len() });
    }
    domain::check(data, rows, cols, domains, allow_infinite, scratch)
        .map_err(|error| ArgumentError::Value { name, error })
}

/// Checks the length of an output.
pub fn output<T>((name, shape): (&'static str, &'static str), expected: usize, out: &[T]) -> Result<(), ArgumentError> {
    match out.len() == expected {
        true => Ok(()),
        false => Err(ArgumentError::Length { name, shape, expected, found: out.len() }),
    }
}

/// Checks a tolerance.
pub fn tolerance(tol: f64) -> Result<(), ArgumentError> {
    if tol >= 0.0 && tol.is_finite() { Ok(()) } else { Err(ArgumentError::Tolerance(tol)) }
}

/// The first `N` numbers of memory that the caller gave.
pub fn room<'a, T, const N: usize>(name: &'static str, memory: &'a mut [T]) -> Result<&'a mut [T; N], ArgumentError> {
    let found = memory.len();
    memory.first_chunk_mut().ok_or(ArgumentError::Length { name, shape: "memory", expected: N, found })
}

/// The `N` numbers from `start` on.
#[inline(always)]
pub fn part<T, const N: usize>(memory: &[T], start: usize) -> &[T; N] {
    match memory.split_at(start).1.first_chunk() {
        Some(part) => part,
        None => unreachable!(),
    }
}

/// The `N` numbers behind the first `skip`, and those after them.
#[inline(always)]
pub fn take<T, const N: usize>(memory: &mut [T], skip: usize) -> (&mut [T; N], &mut [T]) {
    match memory.split_at_mut(skip).1.split_first_chunk_mut() {
        Some(split) => split,
        None => unreachable!(),
    }
}

/// The sum of the lanes' partial sums, in the order that the array language fixes.
#[inline(always)]
pub fn total<T: Float>(p: [T; 8]) -> T {
    ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]))
}

/// The largest of the lanes' partial results; NaN if one is.
#[inline(always)]
pub fn largest<T: Float>(p: [T; 8]) -> T {
    let two = |a: T, b: T| Float::max_nan(a, b);
    two(two(two(p[0], p[4]), two(p[2], p[6])), two(two(p[1], p[5]), two(p[3], p[7])))
}

/// The smallest of the lanes' partial results; NaN if one is.
#[inline(always)]
pub fn smallest<T: Float>(p: [T; 8]) -> T {
    let two = |a: T, b: T| Float::min_nan(a, b);
    two(two(two(p[0], p[4]), two(p[2], p[6])), two(two(p[1], p[5]), two(p[3], p[7])))
}
