use super::prelude::*;

code! {
    /// The tolerance is smaller than what numbers of the chosen precision can reach: about 1e-7 in f32 and 1e-15 in f64.
    ///
    /// Use `--precision f64`, or a larger tolerance.
    W0303, Numeric, "tolerance below the precision"
}
