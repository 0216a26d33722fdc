use super::prelude::*;

code! {
    /// A number became NaN or infinite while solving, so that no iterate can be trusted; the status is `numerical_error`.
    ///
    /// Scale the data so that its entries are within about 1e-8 and 1e8, choose a smaller step if one was given, or solve
    /// with `--precision f64`.
    E0601, Numeric, "not finite during the solve"
}
