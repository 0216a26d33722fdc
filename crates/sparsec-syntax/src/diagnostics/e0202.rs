use super::prelude::*;

code! {
    /// A name may be declared once. `λ` and `lambda`, `x₁` and `x1` are the same name.
    ///
    /// ```sparse
    /// param x: vector[3] = [1, 2, 3]
    /// var x: vector[3]
    /// minimize ||x||^2
    /// ```
    ///
    /// Rename one of the two:
    ///
    /// ```sparse,fixed
    /// param x: vector[3] = [1, 2, 3]
    /// var y: vector[3]
    /// minimize ||x - y||^2
    /// ```
    E0202, Name, "declared twice"
}
