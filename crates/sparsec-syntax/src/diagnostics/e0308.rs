use super::prelude::*;

code! {
    /// An index lies outside the vector or matrix, a range is empty, or there are more or fewer indices than axes. Indices start
    /// at 0, and a range leaves out its end.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||^2 + y[3]
    /// ```
    ///
    /// The last entry of three has the index 2:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2 + y[2]
    /// ```
    E0308, Shape, "index out of range"
}
