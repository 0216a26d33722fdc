use super::prelude::*;

code! {
    /// No algorithm has this name, or the algorithm has no such option, or the option does not take this value.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||^2
    /// solve with fist
    /// ```
    ///
    /// Use a name that exists; `sparsec explain fista` lists the options of an algorithm:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2
    /// solve with fista(tol = 1e-10)
    /// ```
    E0405, Curvature, "unknown algorithm or option"
}
