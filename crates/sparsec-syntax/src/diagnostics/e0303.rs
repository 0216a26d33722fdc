use super::prelude::*;

code! {
    /// Two sources give a dimension different sizes: the text, the command line, the macro's head, or data bound to
    /// quantities that are declared with it.
    ///
    /// ```sparse
    /// dim n = 3
    /// const x: vector[n] = [1, 2, 3, 4]
    /// var y: vector[n]
    /// minimize ||x - y||^2
    /// ```
    ///
    /// Correct the one that is wrong:
    ///
    /// ```sparse,fixed
    /// dim n = 4
    /// const x: vector[n] = [1, 2, 3, 4]
    /// var y: vector[n]
    /// minimize ||x - y||^2
    /// ```
    E0303, Shape, "sizes disagree"
}
