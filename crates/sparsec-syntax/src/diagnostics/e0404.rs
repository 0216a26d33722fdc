use super::prelude::*;

code! {
    /// The algorithm named after `solve with` needs a property that the problem does not have; the message says which.
    ///
    /// ```sparse
    /// dim n = 3
    /// param x: vector[n] = [1, 2, 3]
    /// var y: vector[n]
    /// minimize ||x - y||_1 + ||y||^2
    /// subject to y in simplex
    /// solve with closed_form
    /// ```
    ///
    /// Choose another, or `auto`:
    ///
    /// ```sparse,fixed
    /// dim n = 3
    /// param x: vector[n] = [1, 2, 3]
    /// var y: vector[n]
    /// minimize ||x - y||^2 + ||y||_1
    /// solve with auto
    /// ```
    E0404, Curvature, "algorithm does not fit"
}
