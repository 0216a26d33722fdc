use super::prelude::*;

code! {
    /// A size is a whole number of at least 1, and no array may have more entries than memory can hold.
    ///
    /// ```sparse
    /// dim n = 2.5
    /// var y: vector[n]
    /// minimize ||y||^2
    /// ```
    ///
    /// Give a size in the range that the message states:
    ///
    /// ```sparse,fixed
    /// dim n = 2
    /// var y: vector[n]
    /// minimize ||y||^2
    /// ```
    E0304, Shape, "size out of range"
}
