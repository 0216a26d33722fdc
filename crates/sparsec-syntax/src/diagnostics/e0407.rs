use super::prelude::*;

code! {
    /// A constraint restricts unknowns, and this one holds none. What data must satisfy is said where it is declared.
    ///
    /// ```sparse
    /// param s: scalar = 2
    /// var y: vector[3]
    /// minimize ||y||^2
    /// subject to s >= 0, sum(y) == s
    /// ```
    ///
    /// Declare the domain instead; it is checked when the data is bound:
    ///
    /// ```sparse,fixed
    /// param s: scalar >= 0 = 2
    /// var y: vector[3]
    /// minimize ||y||^2
    /// subject to sum(y) == s
    /// ```
    E0407, Curvature, "constraint without an unknown"
}
