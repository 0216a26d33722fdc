//! The calculus: one file per function, per set and per rule, each in a registry.

use crate::model::{Curvature, Sign};
use sparsec_program::solver::Domain;

pub mod functions;
pub mod sets;

/// Whether a function grows with its argument, given the argument's sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Monotone {
    /// Nondecreasing in every entry.
    Increasing,
    /// Nonincreasing in every entry.
    Decreasing,
    /// Neither.
    No,
}

/// Which shapes the expression of a function or set may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any: a scalar is a vector of length 1, a matrix is taken by its entries.
    Entries,
    /// A scalar or vector; a matrix needs `rows(…)` or `cols(…)`.
    Vector,
    /// A matrix.
    Matrix,
}

/// A further argument of a function or set.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in messages and documentation.
    pub name: &'static str,
    /// What it may be.
    pub kind: ParameterKind,
    /// May be left out.
    pub optional: bool,
}

/// Kinds of parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParameterKind {
    /// A scalar without unknowns, in a domain (checked on literals and declarations, else demanded when data is bound).
    Scalar(Option<Domain>),
    /// A scalar, or data of the expression's shape, without unknowns.
    Bounds,
    /// Data of the expression's shape without unknowns.
    Vector(Option<Domain>),
    /// A square matrix of the expression's length without unknowns, symmetric or psd.
    Square(Domain),
    /// A group size (must divide the length) or a list of lists of zero-based indices.
    Groups,
    /// One nonnegative weight per group.
    GroupWeights,
}

/// A function of the registry.
pub trait Function: Sync + std::fmt::Debug {
    /// Its name in problem files.
    fn name(&self) -> &'static str;
    /// Other names.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }
    /// The file's documentation: Markdown for the reference page and `explain`.
    fn doc(&self) -> String;
    /// Shapes of `args[0]`.
    fn takes(&self) -> Takes;
    /// The further arguments.
    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }
    /// Curvature in `args[0]`: convex or concave.
    fn curvature(&self) -> Curvature;
    /// Sign of the value.
    fn sign(&self) -> Sign;
    /// Monotonicity for an argument of this sign.
    fn monotone(&self, argument: Sign) -> Monotone;
}

/// A set of the registry.
pub trait SetRule: Sync + std::fmt::Debug {
    /// Its name in problem files.
    fn name(&self) -> &'static str;
    /// Other names.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }
    /// The file's documentation: Markdown for the reference page and `explain`.
    fn doc(&self) -> String;
    /// Shapes of the expression.
    fn takes(&self) -> Takes;
    /// The arguments.
    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }
    /// Sign of every point of the set, for the convexity check.
    fn sign(&self) -> Sign {
        Sign::Unknown
    }
}
