use super::prelude::*;

code! {
    /// What follows the closing bar chooses the norm: nothing or `_2` (Euclidean; of a matrix Frobenius and spectral),
    /// `_1`, `_inf`, `_F` (Frobenius), `_*` or `_nuc` (nuclear), or `₁ ₂ ∞` in Unicode.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||_3
    /// ```
    ///
    /// Use one of these, or a function by name:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize norm_inf(y)
    /// ```
    E0111, Syntax, "unknown norm"
}
