//! What every rule file uses.

pub(crate) use crate::calculus::head;
pub use crate::calculus::{
    Atom, Facts, Form, Function, Indicator, Monotone, Parameter, ParameterKind, ProxPoint, Proxable, RowSum, Scaling,
    SetRule, Smooth, Takes, Use,
};
pub use crate::lower::{Emit, part_of, ratio_or_zero, shrink_factor};
pub use crate::model::{Arg, Curvature, Sign};
pub use crate::text::arg_text;
pub use sparsec_program::formula::{Entries, Formula, Value};
pub use sparsec_program::program::View;

/// Monotonicity of an even convex function.
pub fn even_monotone(argument: Sign) -> Monotone {
    match argument {
        Sign::Zero | Sign::Nonnegative => Monotone::Increasing,
        Sign::Nonpositive => Monotone::Decreasing,
        Sign::Unknown => Monotone::No,
    }
}
