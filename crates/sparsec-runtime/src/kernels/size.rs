//! Lengths of kernel arguments, computed with checks.

use core::ops::{Add, Deref, Mul, Sub};

/// A length, or `None` after an overflow.
#[derive(Clone, Copy)]
pub(super) struct Size(Option<usize>);

impl Size {
    pub(super) fn dim(value: usize) -> Self {
        Size((value > 0).then_some(value))
    }

    pub(super) fn min(self, other: impl Into<Size>) -> Size {
        Size(self.0.zip(other.into().0).map(|(a, b)| a.min(b)))
    }

    /// Length of the convolution by which a Fourier transform of this length is computed: a power of two of at least 2n − 1, or 0 where
    /// none is needed.
    pub(super) fn convolution(self) -> Size {
        Size(
            self.0.and_then(
                |n| if n.is_power_of_two() { Some(0) } else { n.checked_mul(2)?.checked_next_power_of_two() },
            ),
        )
    }

    pub(super) fn max(self, other: impl Into<Size>) -> Size {
        Size(self.0.zip(other.into().0).map(|(a, b)| a.max(b)))
    }
}

impl From<usize> for Size {
    fn from(value: usize) -> Self {
        Size(Some(value))
    }
}

impl<S: Into<Size>> Add<S> for Size {
    type Output = Size;
    fn add(self, other: S) -> Size {
        Size(self.0.zip(other.into().0).and_then(|(a, b)| a.checked_add(b)))
    }
}

impl<S: Into<Size>> Sub<S> for Size {
    type Output = Size;
    fn sub(self, other: S) -> Size {
        Size(self.0.zip(other.into().0).and_then(|(a, b)| a.checked_sub(b)))
    }
}

impl<S: Into<Size>> Mul<S> for Size {
    type Output = Size;
    fn mul(self, other: S) -> Size {
        Size(self.0.zip(other.into().0).and_then(|(a, b)| a.checked_mul(b)))
    }
}

impl Mul<Size> for usize {
    type Output = Size;
    fn mul(self, other: Size) -> Size {
        other * self
    }
}

/// The most inputs, and the most outputs, that a kernel has.
pub const MOST_ARGUMENTS: usize = 5;

/// Lengths of a kernel's inputs or outputs, in order; a slice of `usize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lens {
    values: [usize; MOST_ARGUMENTS],
    count: usize,
}

impl Lens {
    pub(super) fn new(dims: &[Size], sizes: &[Size]) -> Option<Lens> {
        if dims.iter().any(|d| d.0.is_none()) {
            return None;
        }
        let mut lens = Lens { values: [0; MOST_ARGUMENTS], count: 0 };
        for size in sizes {
            *lens.values.get_mut(lens.count)? = size.0?;
            lens.count += 1;
        }
        Some(lens)
    }
}

impl Deref for Lens {
    type Target = [usize];
    fn deref(&self) -> &[usize] {
        self.values.get(..self.count).unwrap_or(&[])
    }
}
