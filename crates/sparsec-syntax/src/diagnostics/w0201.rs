use super::prelude::*;

code! {
    /// A quantity is declared and never used. The problem is solved all the same.
    ///
    /// ```sparse
    /// param x: vector[3] = [1, 2, 3]
    /// var y: vector[3]
    /// minimize ||y||^2
    /// ```
    ///
    /// Remove the declaration, or use it:
    ///
    /// ```sparse,fixed
    /// param x: vector[3] = [1, 2, 3]
    /// var y: vector[3]
    /// minimize ||x - y||^2
    /// ```
    W0201, Name, "unused declaration"
}
