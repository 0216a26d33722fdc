//! What every rule file uses.

pub(crate) use crate::calculus::argument;
pub use crate::calculus::{
    Facts, Form, Function, Indicator, Kept, Layout, Meaning, Metric, Monotone, Parameter, ParameterKind, Parts, Picked,
    ProxPoint, Proxable, Quadratic, RowSum, Scaled, Separable, Set, Smooth, Symmetric, Takes, Tangent, Words,
};
pub(crate) use crate::expr;
pub use crate::lower::Emit;
pub use crate::lower::formulas::{
    NEAR, between, crossed, divergence, outside, part_of, ratio_or_zero, shrink_factor, xlogx,
};
pub use crate::model::{Arg, Curvature, Expr, Sign};
pub use sparsec_program::formula::{Entries, Formula, Value};
pub use sparsec_program::program::View;
pub use std::sync::Arc;

/// What most functions share: convex, of any entries, a sum over them, of unknown sign and growth, without further arguments.
pub const CONVEX: Function = Function {
    name: "",
    aliases: &[],
    file: "",
    takes: Takes::Entries,
    parameters: &[],
    curvature: Curvature::Convex,
    sign: Sign::Unknown,
    monotone: Monotone::no,
    over_rows: RowSum::Entries,
    form: Form::Smooth(|_| unreachable!("a function says how it is computed with")),
};

/// What most sets share: of any entries, of unknown sign, without arguments.
pub const ANY: Set = Set {
    name: "",
    aliases: &[],
    file: "",
    takes: Takes::Entries,
    parameters: &[],
    sign: Sign::Unknown,
    meaning: Meaning::Bounds(|_| unreachable!("a set says what it is")),
};
