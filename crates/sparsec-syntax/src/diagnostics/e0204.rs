use super::prelude::*;

code! {
    /// Keywords (`problem dim const param var let minimize maximize subject to in solve with`), `load` and `inf` cannot be
    /// names.
    ///
    /// ```sparse
    /// var in: vector[3]
    /// minimize ||y||^2
    /// ```
    ///
    /// Choose another name:
    ///
    /// ```sparse,fixed
    /// var inner: vector[3]
    /// minimize ||inner||^2
    /// ```
    E0204, Name, "name is reserved"
}
