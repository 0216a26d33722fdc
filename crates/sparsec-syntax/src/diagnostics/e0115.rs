use super::prelude::*;

code! {
    /// The text is empty, or holds comments only, so that there is no objective.
    ///
    /// ```sparse
    /// // nothing yet
    /// ```
    ///
    /// The smallest problem has an unknown and an objective:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2
    /// ```
    E0115, Syntax, "no problem in the text"
}
