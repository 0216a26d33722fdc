use super::prelude::*;

code! {
    /// The text of a problem may have 16 MiB at most. Text of that size nearly always holds data.
    ///
    /// Put numbers into a file beside the problem and load it:
    ///
    /// ```sparse,fixed
    /// const D: matrix[64, 256] = load("dictionary.npy")
    /// var y: vector[256]
    /// minimize ||D*y||^2
    /// ```
    E0103, Syntax, "problem text too large"
}
