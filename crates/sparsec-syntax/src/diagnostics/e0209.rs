use super::prelude::*;

code! {
    /// A `let` names an expression. Its definition may use other lets in any order, but not itself, neither directly nor in a
    /// circle.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// let r = y - s
    /// let s = 2*r
    /// minimize ||r||^2
    /// ```
    ///
    /// Define one of them by data and unknowns alone:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// let r = y - s
    /// let s = [1, 2, 3]
    /// minimize ||r||^2
    /// ```
    E0209, Name, "defined by itself"
}
