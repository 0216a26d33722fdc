use super::prelude::*;

code! {
    /// A `const` or `param` has no value: neither in the problem nor on the command line.
    ///
    /// ```sparse
    /// param x: vector[3]
    /// var y: vector[3]
    /// minimize ||x - y||^2
    /// ```
    ///
    /// Give it with `--set x=x.npy`, or in the text:
    ///
    /// ```sparse,fixed
    /// param x: vector[3] = [1, 2, 3]
    /// var y: vector[3]
    /// minimize ||x - y||^2
    /// ```
    E0501, Data, "data missing"
}
