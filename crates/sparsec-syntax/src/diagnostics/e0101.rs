use super::prelude::*;

code! {
    /// The text does not go on as a problem can at this place: a token is missing, doubled or misspelled. The message
    /// lists what could stand there.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||^2 +
    /// ```
    ///
    /// Write what is missing, or remove what is too much:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2 + 1
    /// ```
    E0101, Syntax, "unexpected text"
}
