//! `ndarray` views in, `ndarray` arrays out.

use crate::solution::Solution;
use crate::view::{Entries, View};
use ndarray::{Array1, Array2, ArrayBase, ArrayView, ArrayView1, ArrayView2, Data, Dimension, Ix1, Ix2};
use sparsec_program::solver::Shape;
use std::borrow::Cow;

/// Element types that views take.
pub trait Element: Copy {
    #[doc(hidden)]
    fn entries(values: Cow<'_, [Self]>) -> Entries<'_>;
}

impl Element for f64 {
    fn entries(values: Cow<'_, [Self]>) -> Entries<'_> {
        Entries::F64(values)
    }
}

impl Element for f32 {
    fn entries(values: Cow<'_, [Self]>) -> Entries<'_> {
        Entries::F32(values)
    }
}

/// Borrows entries in standard layout; any other are copied in their logical order.
fn entries<A: Element, S: Data<Elem = A>, D: Dimension>(array: &ArrayBase<S, D>) -> Entries<'_> {
    A::entries(array.as_slice().map_or_else(|| Cow::Owned(array.iter().copied().collect()), Cow::Borrowed))
}

/// The same of a view by value, whose entries live longer than itself.
fn view_entries<'a, A: Element, D: Dimension>(array: &ArrayView<'a, A, D>) -> Entries<'a> {
    A::entries(array.to_slice().map_or_else(|| Cow::Owned(array.iter().copied().collect()), Cow::Borrowed))
}

impl<'a, A: Element, S: Data<Elem = A>> From<&'a ArrayBase<S, Ix1>> for View<'a> {
    fn from(array: &'a ArrayBase<S, Ix1>) -> Self {
        Self { shape: Shape::Vector(array.len()), entries: entries(array) }
    }
}

impl<'a, A: Element, S: Data<Elem = A>> From<&'a ArrayBase<S, Ix2>> for View<'a> {
    fn from(array: &'a ArrayBase<S, Ix2>) -> Self {
        Self { shape: Shape::Matrix(array.nrows(), array.ncols()), entries: entries(array) }
    }
}

impl<'a, A: Element> From<ArrayView1<'a, A>> for View<'a> {
    fn from(array: ArrayView1<'a, A>) -> Self {
        Self { shape: Shape::Vector(array.len()), entries: view_entries(&array) }
    }
}

impl<'a, A: Element> From<ArrayView2<'a, A>> for View<'a> {
    fn from(array: ArrayView2<'a, A>) -> Self {
        Self { shape: Shape::Matrix(array.nrows(), array.ncols()), entries: view_entries(&array) }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, Problem};
    use ndarray::{array, s};

    // Fault 157.
    #[test]
    fn strides_are_honoured() {
        let text = "const D: matrix[2, 3]\nparam x: vector[2]\nvar y: vector[3]\nminimize ||x - D*y||^2 + ||y||_1";
        let compiled = Problem::parse(text).unwrap().compile::<f64>(&Options::new()).unwrap();
        let d = array![[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]];
        let plain = compiled.bind([("D", View::from(&d))]).unwrap();
        let turned = d.t().as_standard_layout().into_owned();
        let transposed = turned.t();
        let strided = compiled.bind([("D", View::from(&transposed))]).unwrap();
        let x = array![3.0, 9.0, 4.0, 9.0];
        let every_other = x.slice(s![..;2]);
        let one = plain.solve(&[("x", (&[3.0, 4.0]).into())]).unwrap();
        let other = strided.solve(&[("x", View::from(&every_other))]).unwrap();
        assert_eq!(one.array1("y"), other.array1("y"));
        // Views by value: of the whole, transposed, and with a stride.
        let by_value = compiled.bind([("D", View::from(turned.t()))]).unwrap();
        let third = by_value.solve(&[("x", View::from(x.slice(s![..;2])))]).unwrap();
        assert_eq!(one.array1("y"), third.array1("y"));
        assert_eq!(View::from(d.view()).shape(), Shape::Matrix(2, 3));
        assert_eq!(one.array2("y").unwrap().dim(), (3, 1));
    }
}
