//! The calculus: one file per function, per set and per rule, each in a registry.
//!
//! A function or set says what it is (shapes, sign, monotonicity, curvature) for [`crate::resolve`] in a [`Function`] or [`Set`], and how it is
//! computed with for [`crate::lower`] by a trait: [`Smooth`] (value, gradient, second derivative, conjugate), [`Proxable`] (value, prox,
//! Jacobian of the prox, conjugate), or [`Separable`], which is a `Proxable` written for one entry. Everything is written once, as
//! formulas and instructions of the array language, so that interpreter, Rust and JIT get it from the same lines.

use crate::model::{Arg, Curvature, Expr, Sign};
use sparsec_program::solver::Domain;
use std::sync::Arc;

mod atom;
pub mod functions;
mod layout;
#[cfg(feature = "testing")]
pub mod oracle;
pub(crate) mod prelude;
mod proxable;
pub mod rules;
mod separable;
pub mod sets;
mod smooth;
mod symmetric;

pub use atom::{Argument, Atom, Use, Words};
pub use layout::{By, Layout};
pub use proxable::{Facts, Kept, Picked, ProxPoint, Proxable, Scaled, Tangent};
pub use separable::Separable;
pub use smooth::{Metric, Quadratic, Smooth};
pub use symmetric::{Parts, Symmetric};

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

impl Monotone {
    /// That of a function that grows whatever its argument's sign.
    pub fn increasing(_argument: Sign) -> Monotone {
        Monotone::Increasing
    }

    /// That of an even convex function.
    pub fn even(argument: Sign) -> Monotone {
        match argument {
            Sign::Zero | Sign::Nonnegative => Monotone::Increasing,
            Sign::Nonpositive => Monotone::Decreasing,
            Sign::Unknown => Monotone::No,
        }
    }

    /// That of a function of which nothing is known.
    pub fn no(_argument: Sign) -> Monotone {
        Monotone::No
    }
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

/// How the calculus uses a function, made from its further arguments.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// By its gradient.
    Smooth(fn(&[Arg]) -> Arc<dyn Smooth>),
    /// By its prox.
    Proxable(fn(&[Arg]) -> Arc<dyn Proxable>),
    /// A concave function: minus this convex one.
    Negated(&'static Function),
}

/// How the sum of a function over the rows of a matrix is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowSum {
    /// Not at all.
    Unknown,
    /// The function is a sum over entries, so this is the function of all entries.
    Entries,
    /// The rule takes all vectors of its [`Layout`].
    Rows,
}

/// A function of the registry: what the language knows of it.
#[derive(Debug)]
pub struct Function {
    /// Its name in problem files.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// Text of its file, whose head is the reference page's and `explain`'s.
    pub file: &'static str,
    /// Shapes of `args[0]`.
    pub takes: Takes,
    /// The further arguments.
    pub parameters: &'static [Parameter],
    /// Curvature in `args[0]`: convex or concave.
    pub curvature: Curvature,
    /// Sign of the value.
    pub sign: Sign,
    /// Monotonicity for an argument of this sign.
    pub monotone: fn(Sign) -> Monotone,
    /// How `sum(f(rows(Y)))` is computed.
    pub over_rows: RowSum,
    /// How it is computed with.
    pub form: Form,
}

impl Function {
    /// Markdown for the reference page and `explain`: the head of its file.
    pub fn doc(&self) -> String {
        head(self.file)
    }
}

/// A set of the registry: what the language knows of it.
#[derive(Debug)]
pub struct Set {
    /// Its name in problem files.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// Text of its file, whose head is the reference page's and `explain`'s.
    pub file: &'static str,
    /// Shapes of the expression.
    pub takes: Takes,
    /// The arguments.
    pub parameters: &'static [Parameter],
    /// Sign of every point of the set, for the convexity check.
    pub sign: Sign,
    /// What it is, made from its arguments.
    pub meaning: Meaning,
}

/// What a set is.
#[derive(Clone, Copy, Debug)]
pub enum Meaning {
    /// l ≤ y ≤ u entry by entry.
    Bounds(fn(&[Arg]) -> [Expr; 2]),
    /// An indicator with its own rule.
    Indicator(fn(&[Arg]) -> Indicator),
}

impl Set {
    /// Markdown for the reference page and `explain`: the head of its file.
    pub fn doc(&self) -> String {
        head(self.file)
    }
}

/// What a set's indicator is in the calculus.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// The rule.
    pub rule: Arc<dyn Proxable>,
    /// The set is centred here instead of at 0.
    pub centre: Option<Expr>,
}

/// The i-th of some arguments where it is an expression; NaN where it is not there.
pub(crate) fn argument(args: &[Arg], i: usize) -> Expr {
    args.get(i).and_then(Arg::expr).cloned().unwrap_or_else(|| crate::expr::number(f64::NAN))
}

/// The `//!` lines at the head of a source file, without their markers: what `explain NAME` and the reference page show.
pub(crate) fn head(source: &str) -> String {
    let mut out = String::new();
    for line in source.lines() {
        let Some(rest) = line.strip_prefix("//!") else {
            break;
        };
        out.push_str(rest.strip_prefix(' ').unwrap_or(rest));
        out.push('\n');
    }
    out
}
