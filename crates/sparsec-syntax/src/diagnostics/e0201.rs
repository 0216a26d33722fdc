use super::prelude::*;

code! {
    /// A name is used that no statement declares. Greek letters and their words are one name (`λ` is `lambda`), capital
    /// and small letters are not.
    ///
    /// ```sparse
    /// param lambda: scalar >= 0 = 1
    /// var y: vector[3]
    /// minimize ||y||^2 + lambad*||y||_1
    /// ```
    ///
    /// Correct the spelling, or declare the name:
    ///
    /// ```sparse,fixed
    /// param lambda: scalar >= 0 = 1
    /// var y: vector[3]
    /// minimize ||y||^2 + lambda*||y||_1
    /// ```
    E0201, Name, "unknown name"
}
