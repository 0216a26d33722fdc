//! Kernels by name.

/// A kernel (placeholder until the table is written).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Kernel {
    Gemv,
}
