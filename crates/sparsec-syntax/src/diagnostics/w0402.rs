use super::prelude::*;

code! {
    /// A term has the same value at every feasible point, so that it changes nothing; `sparsec explain` says why. The
    /// reported objective still has it.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||^2 + ||y||_1
    /// subject to y in simplex
    /// ```
    ///
    /// Remove the term, or the constraint, if that was not intended:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2
    /// subject to y in simplex
    /// ```
    W0402, Curvature, "constant term dropped"
}
