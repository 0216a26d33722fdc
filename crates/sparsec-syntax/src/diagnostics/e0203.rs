use super::prelude::*;

code! {
    /// No function or set has this name. `sparsec explain NAME` describes each of those that exist.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize norm_1(y)
    /// ```
    ///
    /// Use the name that the message suggests:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize norm1(y)
    /// ```
    E0203, Name, "unknown function or set"
}
