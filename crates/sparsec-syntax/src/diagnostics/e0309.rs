use super::prelude::*;

code! {
    /// The problem is larger than the compiler's limits: operations nest too deep, or the text has too many of them once every
    /// `let` is expanded. A let that is used twice is expanded twice, so that a chain of lets can grow fast.
    ///
    /// Introduce an unknown with an equality for a part that is used often (`var r: vector[m]`, `subject to r == x - D*y`).
    E0309, Shape, "expression too large"
}
