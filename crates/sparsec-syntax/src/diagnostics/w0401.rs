use super::prelude::*;

code! {
    /// A function or set in the problem is listed as nonconvex. The solver finds a point that is stationary, which need not
    /// be a minimum, and the status is `stationary`, never `optimal`.
    ///
    /// Such functions and sets have no rule in this version yet: `mcp(y, 1, 3)` or `card(y) <= 2` is refused with E0203, so that
    /// nothing raises this warning. Use a convex relative, whose answer is global:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y - ones(3)||^2 + ||y||_1
    /// ```
    W0401, Curvature, "nonconvex problem accepted"
}
