//! Borrowed data.

use sparsec_data::Array;
use sparsec_program::solver::Shape;
use std::borrow::Cow;

/// A number, vector or row-major matrix of f64 or f32, borrowed where it can be.
#[derive(Clone, Debug)]
pub struct View<'a> {
    pub(crate) shape: Shape,
    pub(crate) entries: Entries<'a>,
}

/// The numbers of a view.
#[derive(Clone, Debug)]
pub enum Entries<'a> {
    /// One number.
    Number(f64),
    /// Borrowed, or copied because they were not contiguous.
    F64(Cow<'a, [f64]>),
    /// The same in f32.
    F32(Cow<'a, [f32]>),
}

impl<'a> View<'a> {
    /// The entries of a matrix, row after row. Whether there are `rows * cols` of them is checked when it is bound.
    pub fn matrix(rows: usize, cols: usize, entries: &'a [f64]) -> Self {
        Self { shape: Shape::Matrix(rows, cols), entries: Entries::F64(Cow::Borrowed(entries)) }
    }

    /// The same of f32 entries.
    pub fn matrix_f32(rows: usize, cols: usize, entries: &'a [f32]) -> Self {
        Self { shape: Shape::Matrix(rows, cols), entries: Entries::F32(Cow::Borrowed(entries)) }
    }

    /// Entries in a given shape.
    pub fn shaped(shape: Shape, entries: &'a [f64]) -> Self {
        Self { shape, entries: Entries::F64(Cow::Borrowed(entries)) }
    }

    /// An array that was read from a file, if it has at most two dimensions.
    pub fn of_array(array: &'a Array) -> Option<Self> {
        let shape = match *array.shape.as_slice() {
            [] => Shape::Scalar,
            [n] => Shape::Vector(n),
            [m, n] => Shape::Matrix(m, n),
            _ => return None,
        };
        Some(Self::shaped(shape, &array.data))
    }

    /// The shape as given.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Number of entries that are there.
    pub fn len(&self) -> usize {
        match &self.entries {
            Entries::Number(_) => 1,
            Entries::F64(entries) => entries.len(),
            Entries::F32(entries) => entries.len(),
        }
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<f64> for View<'_> {
    fn from(value: f64) -> Self {
        Self { shape: Shape::Scalar, entries: Entries::Number(value) }
    }
}

impl<'a> From<&'a [f64]> for View<'a> {
    fn from(entries: &'a [f64]) -> Self {
        Self { shape: Shape::Vector(entries.len()), entries: Entries::F64(Cow::Borrowed(entries)) }
    }
}

impl<'a> From<&'a [f32]> for View<'a> {
    fn from(entries: &'a [f32]) -> Self {
        Self { shape: Shape::Vector(entries.len()), entries: Entries::F32(Cow::Borrowed(entries)) }
    }
}

impl<'a> From<&'a Vec<f64>> for View<'a> {
    fn from(entries: &'a Vec<f64>) -> Self {
        entries.as_slice().into()
    }
}

impl<'a> From<&'a Vec<f32>> for View<'a> {
    fn from(entries: &'a Vec<f32>) -> Self {
        entries.as_slice().into()
    }
}

impl<'a, const N: usize> From<&'a [f64; N]> for View<'a> {
    fn from(entries: &'a [f64; N]) -> Self {
        entries.as_slice().into()
    }
}

impl<'a, const N: usize> From<&'a [f32; N]> for View<'a> {
    fn from(entries: &'a [f32; N]) -> Self {
        entries.as_slice().into()
    }
}

impl<'a, const M: usize, const N: usize> From<&'a [[f64; N]; M]> for View<'a> {
    fn from(rows: &'a [[f64; N]; M]) -> Self {
        Self::matrix(M, N, rows.as_flattened())
    }
}

/// Whether data of shape `found` can stand where `declared` is. A matrix of one row or column may stand for a vector, a
/// vector for a matrix of one column, and anything with one entry for a number; nothing is repeated, cut or transposed.
pub(crate) fn fits(found: Shape, declared: Shape) -> bool {
    match (found, declared) {
        (a, b) if a == b => true,
        (found, Shape::Scalar) => found.len() == 1,
        (Shape::Matrix(m, 1), Shape::Vector(n)) | (Shape::Matrix(1, m), Shape::Vector(n)) => m == n,
        (Shape::Vector(n), Shape::Matrix(m, 1)) => m == n,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Fault 31.
    #[test]
    fn rows_and_columns_fit_vectors_but_nothing_is_transposed() {
        assert!(fits(Shape::Matrix(3, 1), Shape::Vector(3)));
        assert!(fits(Shape::Matrix(1, 3), Shape::Vector(3)));
        assert!(fits(Shape::Vector(3), Shape::Matrix(3, 1)));
        assert!(!fits(Shape::Vector(3), Shape::Matrix(1, 3)));
        assert!(!fits(Shape::Vector(3), Shape::Matrix(3, 3)));
        assert!(!fits(Shape::Matrix(2, 3), Shape::Matrix(3, 2)));
        assert!(!fits(Shape::Scalar, Shape::Vector(3)));
    }

    // Fault 60.
    #[test]
    fn one_entry_fits_a_scalar_and_three_axes_are_no_view() {
        assert!(fits(Shape::Vector(1), Shape::Scalar));
        assert!(fits(Shape::Matrix(1, 1), Shape::Scalar));
        assert!(!fits(Shape::Vector(2), Shape::Scalar));
        assert!(View::of_array(&Array { shape: vec![1, 1, 1], data: vec![0.0] }).is_none());
    }
}
