use super::prelude::*;

code! {
    /// A bracket was opened and never closed, or closed by one of another kind. The message points at the opener and at
    /// the place where the closing one was missed.
    ///
    /// ```sparse
    /// var y: vector[3
    /// minimize ||y||^2
    /// ```
    ///
    /// Close it:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2
    /// ```
    E0107, Syntax, "bracket does not match"
}
