use super::prelude::*;

code! {
    /// The problem is well formed and convex, but none of the algorithms solves its form. The message underlines the term and
    /// lists the nearest forms that are accepted. A further unknown with an equality (`r == x - D*y`) is no way out in this
    /// version: an equality that ties two unknowns has no known projection.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y - [1, 2, 3]||^3
    /// ```
    ///
    /// Rewrite the term in an accepted form. Of a convex function of one norm, the square has often the same use:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y - [1, 2, 3]||^2
    /// ```
    E0403, Curvature, "no algorithm for this form"
}
