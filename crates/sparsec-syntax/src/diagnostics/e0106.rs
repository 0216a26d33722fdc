use super::prelude::*;

code! {
    /// The character has no meaning in a problem. Text pasted from a PDF or a word processor often has typographic
    /// variants: dashes instead of minus signs, curly quotes, fullwidth digits.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||^2 – 1
    /// ```
    ///
    /// Use the ASCII form that the message suggests:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2 - 1
    /// ```
    E0106, Syntax, "character not part of the language"
}
