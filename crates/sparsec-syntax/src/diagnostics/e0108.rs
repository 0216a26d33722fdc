use super::prelude::*;

code! {
    /// A comment that starts with `/*` ends at the next `*/`, and a string that starts with `"` ends at the next `"` on
    /// the same line.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||^2 /* the energy
    /// ```
    ///
    /// Close it:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2 /* the energy */
    /// ```
    E0108, Syntax, "comment or string is not closed"
}
