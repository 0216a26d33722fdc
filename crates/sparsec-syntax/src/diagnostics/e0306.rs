use super::prelude::*;

code! {
    /// A value in the text lies outside what its declaration promises, or what a function or set asks of its argument: a
    /// radius is at least 0, the `rho` of `huber` is positive, the matrix of `quad_form` is positive semidefinite.
    ///
    /// ```sparse
    /// param lambda: scalar >= 0 = -1
    /// var y: vector[3]
    /// minimize ||y||^2 + lambda*||y||_1
    /// ```
    ///
    /// Change the value, or the declared domain:
    ///
    /// ```sparse,fixed
    /// param lambda: scalar >= 0 = 1
    /// var y: vector[3]
    /// minimize ||y||^2 + lambda*||y||_1
    /// ```
    E0306, Shape, "value outside its domain"
}
