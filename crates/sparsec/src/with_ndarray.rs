//! `ndarray` views in, `ndarray` arrays out.

use crate::solution::Solution;
use crate::view::{Entries, View};
use ndarray::{Array1, Array2, ArrayBase, Data, Ix1, Ix2};
use sparsec_program::solver::Shape;
use std::borrow::Cow;

macro_rules! views {
    ($t:ident, $variant:ident) => {
        impl<'a, S: Data<Elem = $t>> From<&'a ArrayBase<S, Ix1>> for View<'a> {
            fn from(array: &'a ArrayBase<S, Ix1>) -> Self {
                let entries =
                    array.as_slice().map_or_else(|| Cow::Owned(array.iter().copied().collect()), Cow::Borrowed);
                Self { shape: Shape::Vector(array.len()), entries: Entries::$variant(entries) }
            }
        }

        impl<'a, S: Data<Elem = $t>> From<&'a ArrayBase<S, Ix2>> for View<'a> {
            /// Borrows rows in standard layout; anything else is copied.
            fn from(array: &'a ArrayBase<S, Ix2>) -> Self {
                let entries =
                    array.as_slice().map_or_else(|| Cow::Owned(array.iter().copied().collect()), Cow::Borrowed);
                Self { shape: Shape::Matrix(array.nrows(), array.ncols()), entries: Entries::$variant(entries) }
            }
        }
    };
}

views!(f64, F64);
views!(f32, F32);

impl<T: Clone> Solution<T> {
    /// An unknown as a vector; a number is a vector of length 1.
    pub fn array1(&self, name: &str) -> Option<Array1<T>> {
        self.get(name).map(|values| Array1::from_vec(values.to_vec()))
    }

    /// An unknown as a matrix; a vector is a column.
    pub fn array2(&self, name: &str) -> Option<Array2<T>> {
        let variable = self.variable(name)?;
        Array2::from_shape_vec(variable.shape.rows_cols(), variable.values.clone()).ok()
    }
}
