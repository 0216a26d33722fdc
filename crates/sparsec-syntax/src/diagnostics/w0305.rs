use super::prelude::*;

code! {
    /// A proof of optimality takes a dual point that meets what free unknowns and active constraints ask of it, and moving one there takes a
    /// factorisation. Where that would cost more than 5·10¹⁰ operations or 1 GB, and conjugate gradients do not get there either, the answer
    /// is `stationary`: for every entry of the unknowns the slopes that must balance do so to the tolerance, relative to their own size
    /// (`residual` in the JSON). How far the objective is from the optimum is not known: `gap` and `bound` are `null`.
    ///
    /// A small penalty on the unknowns (`+ 1e-6*||x||^2`) makes a proof cheap, and so do bounds on them.
    W0305, Numeric, "the distance to the optimum is not known"
}
