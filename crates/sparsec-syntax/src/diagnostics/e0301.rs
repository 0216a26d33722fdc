use super::prelude::*;

code! {
    /// The two sides of an operation have shapes that do not go together. A scalar may be spread over a vector or a
    /// matrix; nothing else is: no vector over the rows of a matrix, no vector of length 1 over a longer one.
    ///
    /// ```sparse
    /// param x: vector[2] = [1, 2]
    /// var y: vector[3]
    /// minimize ||x - y||^2
    /// ```
    ///
    /// Make the sizes agree, or multiply by the matrix that is missing:
    ///
    /// ```sparse,fixed
    /// param x: vector[3] = [1, 2, 3]
    /// var y: vector[3]
    /// minimize ||x - y||^2
    /// ```
    E0301, Shape, "shapes do not match"
}
