use super::prelude::*;

code! {
    /// The problem is larger than the compiler's limits: operations nest too deep, or the text has too many of them once every
    /// `let` is expanded. A let that is used twice is expanded twice, so that a chain of lets can grow fast.
    ///
    /// Collect what is used several times: `a*f(r) + b*f(r)` is `(a + b)*f(r)`, and many terms of one kind are one function of a
    /// stack, `sum_squares([r; s; t])`. What a chain of lets makes of data alone can be computed beforehand and loaded as a
    /// `const`, which counts as one operation wherever it is used.
    E0309, Shape, "expression too large"
}
