use super::prelude::*;

code! {
    /// A problem is solved with one algorithm.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||^2
    /// solve with fista
    /// solve with ista
    /// ```
    ///
    /// Keep one of the two, or none: `auto` chooses.
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2
    /// solve with fista
    /// ```
    E0211, Name, "two algorithms"
}
