use super::prelude::*;

code! {
    /// Convexity is verified by rules for sign, monotonicity and curvature. The message underlines the term for which no
    /// rule applies and names the rule that failed. A minimum needs a convex objective, a maximum a concave one.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize -||y||^2 + ||y||_1
    /// ```
    ///
    /// Change the sign, or write the same function in a form that the rules know (`sum_squares(e)` for `dot(e, e)`):
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2 + ||y||_1
    /// ```
    E0401, Curvature, "not convex"
}
