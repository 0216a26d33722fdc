use super::prelude::*;

code! {
    /// A problem has one objective.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||^2
    /// minimize ||y||_1
    /// ```
    ///
    /// Add the two up, with a weight that says how much each matters:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2 + 0.1*||y||_1
    /// ```
    E0207, Name, "two objectives"
}
