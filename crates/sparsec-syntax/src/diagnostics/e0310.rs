use super::prelude::*;

code! {
    /// `inf` and `-inf` mean "no bound". They may stand where a bound stands, and in the value of data that is used as a bound.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||^2 + inf*||y||_1
    /// ```
    ///
    /// Use a finite number, or a bound:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2
    /// subject to 0 <= y <= inf
    /// ```
    E0310, Shape, "infinite number that is no bound"
}
