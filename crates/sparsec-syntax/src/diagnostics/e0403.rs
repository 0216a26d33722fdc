use super::prelude::*;

code! {
    /// The problem is well formed, but none of the algorithms solves its form. The message lists the nearest forms that are
    /// accepted.
    ///
    /// Rewrite the term that the message underlines, or introduce an unknown for it with a constraint.
    E0403, Curvature, "no algorithm for this form"
}
