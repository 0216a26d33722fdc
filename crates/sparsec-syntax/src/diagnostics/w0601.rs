use super::prelude::*;

code! {
    /// A number became NaN or infinite while solving, so the status is `numerical_error`; the message says what is known of
    /// the cause.
    ///
    /// A step above 2/L makes the iterates grow without bound: leave `step` out, which takes 1/L, or write
    /// `step = backtracking`. Otherwise scale the data so that its entries are within about 1e-8 and 1e8, or solve with
    /// `--precision f64`.
    W0601, Numeric, "why the solve was not finite"
}
