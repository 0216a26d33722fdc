use super::prelude::*;

code! {
    /// A function or set in the problem is listed as nonconvex. The solver finds a point that is stationary, which need not
    /// be a minimum, and the status is `stationary`, never `optimal`.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y - ones(3)||^2 + mcp(y, 1, 3)
    /// ```
    ///
    /// Use a convex relative for a global answer:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y - ones(3)||^2 + ||y||_1
    /// ```
    W0401, Curvature, "nonconvex problem accepted"
}
