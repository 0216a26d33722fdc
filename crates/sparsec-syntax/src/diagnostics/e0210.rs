use super::prelude::*;

code! {
    /// Consts and params have values, unknowns have not: the solver finds theirs.
    ///
    /// ```sparse
    /// var y: vector[3] = [0, 0, 0]
    /// minimize ||y||^2
    /// ```
    ///
    /// Leave the value out. A starting point is given on the command line with `--start y=…`:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2
    /// ```
    E0210, Name, "value for an unknown"
}
