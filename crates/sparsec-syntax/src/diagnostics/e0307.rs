use super::prelude::*;

code! {
    /// A function or set has too few or too many arguments, or one of another kind than it takes. The message shows its form.
    ///
    /// ```sparse
    /// var y: vector[6]
    /// minimize ||y||^2 + group_norm(y, 4)
    /// ```
    ///
    /// `sparsec explain group_norm` describes the arguments. A group size must divide the length:
    ///
    /// ```sparse,fixed
    /// var y: vector[6]
    /// minimize ||y||^2 + group_norm(y, 3)
    /// ```
    E0307, Shape, "wrong arguments"
}
