use super::prelude::*;

code! {
    /// The data holds NaN, or an infinity where none is allowed. The message gives the name, the index and the value.
    ///
    /// Remove or replace the entry before solving. Infinite bounds are allowed where a bound is expected, as in
    /// `box(0, inf)`.
    E0503, Data, "data not finite"
}
