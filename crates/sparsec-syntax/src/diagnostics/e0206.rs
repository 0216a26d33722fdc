use super::prelude::*;

code! {
    /// A problem needs one `minimize` or `maximize` statement.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// subject to y >= 0
    /// ```
    ///
    /// Add it. To look for any point that meets the constraints, minimise the distance to a point that you like:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2
    /// subject to y >= 0
    /// ```
    E0206, Name, "no objective"
}
