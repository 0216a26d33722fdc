use super::prelude::*;

code! {
    /// The exponent after `^` is a whole number of at least 0, written as a literal. Other powers have names.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// param s: scalar >= 0 = 2
    /// minimize ||y||^2 + s^0.5*||y||_1
    /// ```
    ///
    /// The square root is `sqrt(e)`, the sum of powers below 1 is `lp(e, p)`:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// param s: scalar >= 0 = 2
    /// minimize ||y||^2 + sqrt(s)*||y||_1
    /// ```
    E0406, Curvature, "exponent not allowed"
}
