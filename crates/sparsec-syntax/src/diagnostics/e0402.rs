use super::prelude::*;

code! {
    /// The problem is convex, but several terms without a gradient meet on the same unknown and no rule gives the proximal
    /// operator of their sum. The prox of a sum is in general not the composition of the proxes.
    ///
    /// Ask for an algorithm that takes the terms apart (`admm`, `pdhg`, `condat_vu`, `davis_yin`), or leave the choice to
    /// the compiler with `solve with auto`.
    E0402, Curvature, "no known prox for the sum"
}
