//! Declared domains of data, checked when data is bound.

use crate::Float;
use core::fmt;

/// What a declaration promises of its data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// Every entry ≥ c.
    AtLeast(f64),
    /// Every entry > c.
    Above(f64),
    /// Every entry ≤ c.
    AtMost(f64),
    /// Every entry < c.
    Below(f64),
    /// A symmetric matrix (to rounding).
    Symmetric,
    /// A symmetric positive semidefinite matrix (to rounding).
    Psd,
    /// No entry is 0 (`1/w` in a rule).
    Nonzero,
}

/// The first entry that breaks a promise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DomainError {
    /// Its index, row-major. For [`Violation::NotPsd`] the diagonal entry at which elimination fails.
    pub index: usize,
    /// Its value. For [`Violation::NotPsd`] what elimination makes of it: xᵀAx for an x that has a 1 there.
    pub value: f64,
    /// What it breaks.
    pub violation: Violation,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Violation {
    /// NaN, or infinite where that is not allowed.
    NotFinite,
    /// Outside a declared bound, or 0 where that is excluded.
    Outside(Domain),
    /// A matrix that is not square cannot be symmetric.
    NotSquare,
    /// Differs from the entry mirrored at the diagonal.
    NotSymmetric {
        /// The mirrored entry's index.
        mirrored: usize,
        /// The mirrored entry's value.
        mirrored_value: f64,
    },
    /// xᵀAx is negative beyond rounding for some x.
    NotPsd,
    /// The values or the scratch are shorter than the shape asks for.
    WrongLength,
}

impl fmt::Display for DomainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, value, violation } = self;
        match violation {
            Violation::NotFinite => write!(f, "entry {index} is {value}, which is not finite"),
            Violation::Outside(domain) => {
                write!(f, "entry {index} is {value}, but every entry must be ")?;
                match domain {
                    Domain::AtLeast(c) => write!(f, ">= {c}"),
                    Domain::Above(c) => write!(f, "> {c}"),
                    Domain::AtMost(c) => write!(f, "<= {c}"),
                    Domain::Below(c) => write!(f, "< {c}"),
                    _ => write!(f, "nonzero"),
                }
            }
            Violation::NotSquare => write!(f, "a matrix that is not square cannot be symmetric"),
            Violation::NotSymmetric { mirrored, mirrored_value } => {
                write!(
                    f,
                    "entry {index} is {value}, but entry {mirrored}, mirrored at the diagonal, is {mirrored_value}"
                )
            }
            Violation::NotPsd => {
                write!(
                    f,
                    "the matrix is not positive semidefinite: x'Ax = {value} for an x (elimination fails at entry {index})"
                )
            }
            Violation::WrongLength => write!(f, "the data has another length than its shape asks for"),
        }
    }
}

impl core::error::Error for DomainError {}

/// Number of scratch elements that [`check`] needs: 0 unless [`Domain::Psd`] is among the domains. `None` if that overflows.
pub fn scratch_len(rows: usize, cols: usize, domains: &[Domain]) -> Option<usize> {
    if !domains.contains(&Domain::Psd) || rows != cols {
        return Some(0);
    }
    rows.checked_mul(rows)
}

/// Checks data, row-major rows×cols, against its declaration. Infinite entries pass where `allow_infinite` says so (bounds
/// of boxes), NaN never. `scratch` has at least [`scratch_len`] elements.
///
/// Symmetric means `|a_ij − a_ji| ≤ 32·eps·max|a|`; positive semidefinite means that elimination finds positive pivots once
/// `64·n·eps` times the largest sum of magnitudes in a row, a bound of the largest eigenvalue, is added to the diagonal.
pub fn check<T: Float>(
    values: &[T],
    rows: usize,
    cols: usize,
    domains: &[Domain],
    allow_infinite: bool,
    scratch: &mut [T],
) -> Result<(), DomainError> {
    if rows.checked_mul(cols) != Some(values.len()) {
        return Err(DomainError { index: 0, value: 0.0, violation: Violation::WrongLength });
    }
    for (index, value) in values.iter().map(|v| v.to_f64()).enumerate() {
        if value.is_nan() || (value.is_infinite() && !allow_infinite) {
            return Err(DomainError { index, value, violation: Violation::NotFinite });
        }
        for &domain in domains {
            let inside = match domain {
                Domain::AtLeast(c) => value >= c,
                Domain::Above(c) => value > c,
                Domain::AtMost(c) => value <= c,
                Domain::Below(c) => value < c,
                Domain::Nonzero => value != 0.0,
                Domain::Symmetric | Domain::Psd => true,
            };
            if !inside {
                return Err(DomainError { index, value, violation: Violation::Outside(domain) });
            }
        }
    }
    if domains.iter().any(|d| matches!(d, Domain::Symmetric | Domain::Psd)) {
        check_symmetric(values, rows, cols)?;
    }
    if domains.contains(&Domain::Psd) {
        check_psd(values, rows, scratch)?;
    }
    Ok(())
}

fn check_symmetric<T: Float>(values: &[T], rows: usize, cols: usize) -> Result<(), DomainError> {
    if rows != cols {
        return Err(DomainError { index: 0, value: 0.0, violation: Violation::NotSquare });
    }
    let finite = values.iter().filter(|v| v.is_finite());
    let largest = finite.fold(T::ZERO, |m, v| m.max_nan(v.abs()));
    let tolerance = T::from_f64(32.0) * T::EPSILON * largest;
    for i in 0..rows {
        for j in 0..i {
            let (here, there) = (values[i * cols + j], values[j * cols + i]);
            // Equal first: the difference of two infinities is NaN.
            let symmetric = here == there || (here - there).abs() <= tolerance;
            if !symmetric {
                let violation = Violation::NotSymmetric { mirrored: j * cols + i, mirrored_value: there.to_f64() };
                return Err(DomainError { index: i * cols + j, value: here.to_f64(), violation });
            }
        }
    }
    Ok(())
}

fn check_psd<T: Float>(values: &[T], n: usize, scratch: &mut [T]) -> Result<(), DomainError> {
    let Some(scratch) = scratch.get_mut(..values.len()) else {
        return Err(DomainError { index: 0, value: 0.0, violation: Violation::WrongLength });
    };
    let scale = values.chunks_exact(n).fold(T::ZERO, |m, row| m.max_nan(row.iter().fold(T::ZERO, |s, v| s + v.abs())));
    if scale == T::ZERO {
        return Ok(());
    }
    let tolerance = T::from_f64(64.0) * T::from_usize(n) * T::EPSILON;
    // Relative to the scale; the upper triangle is enough.
    for (to, &from) in scratch.iter_mut().zip(values) {
        *to = from / scale;
    }
    for k in 0..n {
        let (above, below) = scratch.split_at_mut((k + 1) * n);
        let row = &above[k * n + k..];
        let pivot = row[0] + tolerance;
        if pivot <= T::ZERO || !pivot.is_finite() {
            let value = (row[0] * scale).to_f64();
            return Err(DomainError { index: k * n + k, value, violation: Violation::NotPsd });
        }
        let row = &row[1..];
        for (i, below) in below.chunks_exact_mut(n).enumerate() {
            let factor = row[i] / pivot;
            for (a, &u) in below[k + 1 + i..].iter_mut().zip(&row[i..]) {
                *a -= factor * u;
            }
        }
    }
    Ok(())
}
