use super::prelude::*;

code! {
    /// The exponent after `^` is a whole number of at least 0, written as a literal. Of expressions with unknowns
    /// squares alone have a rule.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// param s: scalar >= 0 = 2
    /// minimize ||y||^2 + s^0.5*||y||_1
    /// ```
    ///
    /// The square root of data is `sqrt(e)`; a sum of other powers, `lp(e, p)`, has no rule in this version:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// param s: scalar >= 0 = 2
    /// minimize ||y||^2 + sqrt(s)*||y||_1
    /// ```
    E0406, Curvature, "exponent not allowed"
}
