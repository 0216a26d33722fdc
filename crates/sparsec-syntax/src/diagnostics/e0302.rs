use super::prelude::*;

code! {
    /// A `dim` without a value takes its size from the command line, from the macro's head, or from the data that is bound
    /// to a quantity declared with it. None of these says the size of this one.
    ///
    /// ```sparse
    /// dim n
    /// var y: vector[n]
    /// minimize ||y||^2
    /// ```
    ///
    /// Give it in the text, or with `--dim n=3`:
    ///
    /// ```sparse,fixed
    /// dim n = 3
    /// var y: vector[n]
    /// minimize ||y||^2
    /// ```
    E0302, Shape, "size not known"
}
