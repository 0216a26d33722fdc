//! Arrays as the readers return them.

use crate::error::{Error, Kind};
use crate::limits::{MAX_DIMENSIONS, MAX_ELEMENTS};

/// A dense array in row-major order. A number has the empty shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Sizes, outermost first.
    pub shape: Vec<usize>,
    /// Entries, the last index running fastest; as many as the product of `shape`.
    pub data: Vec<f64>,
}

impl Array {
    /// An array, if `data` has as many entries as `shape` says.
    pub fn new(shape: Vec<usize>, data: Vec<f64>) -> Result<Self, Error> {
        let elements = elements(&shape)?;
        if elements != data.len() {
            let shape = describe(&shape);
            return Err(Error::new(
                Kind::Malformed,
                format!("shape {shape} needs {elements} numbers, found {}", data.len()),
            ));
        }
        Ok(Self { shape, data })
    }

    /// A number.
    pub fn scalar(value: f64) -> Self {
        Self { shape: Vec::new(), data: vec![value] }
    }

    /// A vector.
    pub fn vector(data: Vec<f64>) -> Self {
        Self { shape: vec![data.len()], data }
    }
}

/// The product of `shape`, if it stays within the limits.
pub fn elements(shape: &[usize]) -> Result<usize, Error> {
    if shape.len() > MAX_DIMENSIONS {
        return Err(Error::new(
            Kind::TooLarge,
            format!("the array has {} dimensions, at most {MAX_DIMENSIONS} are read", shape.len()),
        ));
    }
    // An empty array is empty, whatever its other sizes multiply to.
    if shape.contains(&0) {
        return Ok(0);
    }
    let mut product = 1usize;
    for &size in shape {
        product = product.checked_mul(size).filter(|&p| p <= MAX_ELEMENTS).ok_or_else(|| {
            Error::new(Kind::TooLarge, format!("shape {} has more than {MAX_ELEMENTS} numbers", describe(shape)))
        })?;
    }
    Ok(product)
}

/// A shape as messages show it: `[3, 4]`.
pub fn describe(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", sizes.join(", "))
}

/// An empty vector with room for `capacity` entries, or an error where there is no memory for it.
pub(crate) fn reserve<T>(capacity: usize) -> Result<Vec<T>, Error> {
    let mut v = Vec::new();
    v.try_reserve_exact(capacity)
        .map_err(|_| Error::new(Kind::TooLarge, format!("there is no memory for {capacity} numbers")))?;
    Ok(v)
}
