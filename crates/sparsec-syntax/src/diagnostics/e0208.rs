use super::prelude::*;

code! {
    /// A problem needs a `var` statement: the unknown over which is minimised.
    ///
    /// ```sparse
    /// param x: vector[3] = [1, 2, 3]
    /// minimize ||x||^2
    /// ```
    ///
    /// Declare it:
    ///
    /// ```sparse,fixed
    /// param x: vector[3] = [1, 2, 3]
    /// var y: vector[3]
    /// minimize ||x - y||^2
    /// ```
    E0208, Name, "no unknown"
}
