use super::prelude::*;

code! {
    /// The solver made no further progress at this precision before it reached the tolerance. The best iterate is returned
    /// with the gap that it really has, and the status `iteration_limit`.
    ///
    /// Scale the data, use `--precision f64`, or accept a larger tolerance with `--tol`.
    W0302, Numeric, "stalled"
}
