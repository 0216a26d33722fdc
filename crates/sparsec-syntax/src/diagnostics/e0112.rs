use super::prelude::*;

code! {
    /// In `a / 2 b` a reader cannot tell `(a/2) b` from `a / (2 b)`. Only a number divided by a number is one coefficient,
    /// as in `1/2 ||x||^2`.
    ///
    /// ```sparse
    /// param a: scalar >= 0 = 1
    /// var y: vector[3]
    /// minimize a / 2 ||y||^2
    /// ```
    ///
    /// Say which is meant with parentheses, or with `*`:
    ///
    /// ```sparse,fixed
    /// param a: scalar >= 0 = 1
    /// var y: vector[3]
    /// minimize (a / 2) ||y||^2
    /// ```
    E0112, Syntax, "quotient followed by a product"
}
