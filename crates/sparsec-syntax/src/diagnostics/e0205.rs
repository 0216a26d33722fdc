use super::prelude::*;

code! {
    /// Names have Latin and Greek letters. Letters of other scripts can look the same and be different: a Cyrillic `х`
    /// (U+0445) is not a Latin `x` (U+0078), and a name spelled with it would be another name.
    ///
    /// ```sparse
    /// param х: vector[3] = [1, 2, 3]
    /// var y: vector[3]
    /// minimize ||х - y||^2
    /// ```
    ///
    /// Type the letter that the message names:
    ///
    /// ```sparse,fixed
    /// param x: vector[3] = [1, 2, 3]
    /// var y: vector[3]
    /// minimize ||x - y||^2
    /// ```
    E0205, Name, "letter of another script"
}
