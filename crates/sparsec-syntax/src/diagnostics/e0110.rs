use super::prelude::*;

code! {
    /// Numbers are `digits[.digits][e±digits]`, without a trailing point, and must be finite in double precision. A literal
    /// that is too large is never turned into infinity; infinity is written `inf`.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize 1e999 * ||y||^2
    /// ```
    ///
    /// Write a number that double precision can hold:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize 1e99 * ||y||^2
    /// ```
    E0110, Syntax, "number cannot be read"
}
