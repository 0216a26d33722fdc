use super::prelude::*;

code! {
    /// The algorithm named after `solve with` needs a property that the problem does not have; the message says which.
    ///
    /// ```sparse
    /// const D: matrix[2, 3] = [[1, 2, 3], [3, 2, 2]]
    /// param x: vector[2] = [1, 2]
    /// var y: vector[3]
    /// minimize ||x - D*y||^2 + ||y||_1
    /// solve with closed_form
    /// ```
    ///
    /// Choose another, or `auto`:
    ///
    /// ```sparse,fixed
    /// const D: matrix[2, 3] = [[1, 2, 3], [3, 2, 2]]
    /// param x: vector[2] = [1, 2]
    /// var y: vector[3]
    /// minimize ||x - D*y||^2 + ||y||_1
    /// solve with auto
    /// ```
    E0404, Curvature, "algorithm does not fit"
}
