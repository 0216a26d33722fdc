use super::prelude::*;

code! {
    /// A declared name is also the name of a function or set. Within this problem it means the declared quantity, so that
    /// `f(e)` is a product. This is no error, so that a new function never breaks an old file.
    ///
    /// ```sparse
    /// const huber: scalar >= 0 = 2
    /// var y: vector[3]
    /// minimize huber*||y||^2
    /// ```
    ///
    /// Rename the quantity if you want the function as well:
    ///
    /// ```sparse,fixed
    /// const weight: scalar >= 0 = 2
    /// var y: vector[3]
    /// minimize weight*||y||^2
    /// ```
    W0202, Name, "name shadows a function"
}
