use super::prelude::*;

code! {
    /// A literal does not have the declared shape, its rows differ in length, or it holds something that is no number. A number
    /// is not spread over a vector.
    ///
    /// ```sparse
    /// const D: matrix[2, 3] = [[1, 2], [3, 4], [5, 6]]
    /// var y: vector[3]
    /// minimize ||D*y||^2
    /// ```
    ///
    /// Correct the declaration or the literal:
    ///
    /// ```sparse,fixed
    /// const D: matrix[3, 2] = [[1, 2], [3, 4], [5, 6]]
    /// var y: vector[2]
    /// minimize ||D*y||^2
    /// ```
    E0305, Shape, "literal of another shape"
}
