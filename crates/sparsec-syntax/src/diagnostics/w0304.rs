use super::prelude::*;

code! {
    /// The gap is relative to max(1, |objective|), so where the objective is far below 1 it is an absolute number, and an answer within the
    /// tolerance can still be a good part of the objective above the optimum.
    ///
    /// Multiply the objective by a factor that brings it to about 1, or ask for a smaller tolerance with `--tol`.
    ///
    /// ```sparse
    /// const S: matrix[2, 2] = [[2e-4, 5e-5], [5e-5, 1e-4]]
    /// var w: vector[2]
    /// minimize quad_form(w, S)
    /// subject to w in simplex
    /// solve with fista(tol = 3e-5)
    /// ```
    ///
    /// ```sparse,fixed
    /// const S: matrix[2, 2] = [[2e-4, 5e-5], [5e-5, 1e-4]]
    /// var w: vector[2]
    /// minimize 1e4 * quad_form(w, S)
    /// subject to w in simplex
    /// solve with fista(tol = 3e-5)
    /// ```
    W0304, Numeric, "the gap is large beside the objective"
}
