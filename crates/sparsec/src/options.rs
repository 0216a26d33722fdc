//! What a caller may ask for beyond the problem's text.

use crate::backend::Backend;

/// Options of [`Problem::compile`](crate::Problem::compile); they win over the text.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Sizes of dims, by name.
    pub dims: Vec<(String, usize)>,
    /// Shapes of data that will be bound, which settle dims without a value: name, sizes, and where the data comes from, as
    /// messages show it.
    pub shapes: Vec<(String, Vec<usize>, String)>,
    /// The algorithm, by name.
    pub algorithm: Option<String>,
    /// The tolerance: finite and not negative.
    pub tol: Option<f64>,
    /// The iteration limit.
    pub max_iter: Option<u64>,
    /// How programs are run.
    pub backend: Backend,
}

impl Options {
    /// No options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the size of a dim.
    #[must_use]
    pub fn dim(mut self, name: &str, size: usize) -> Self {
        self.dims.push((name.to_owned(), size));
        self
    }

    /// Tells the shape of data that will be bound.
    #[must_use]
    pub fn shape(mut self, name: &str, sizes: &[usize]) -> Self {
        self.shapes.push((name.to_owned(), sizes.to_vec(), format!("the data for {name}")));
        self
    }

    /// Chooses the algorithm.
    #[must_use]
    pub fn algorithm(mut self, name: &str) -> Self {
        self.algorithm = Some(name.to_owned());
        self
    }

    /// Sets the tolerance.
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = Some(tol);
        self
    }

    /// Sets the iteration limit.
    #[must_use]
    pub fn max_iter(mut self, max_iter: u64) -> Self {
        self.max_iter = Some(max_iter);
        self
    }

    /// Chooses how programs are run.
    #[must_use]
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }
}
