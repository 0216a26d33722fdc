use super::prelude::*;

code! {
    /// Some characters cannot be seen, or change the order in which text is shown, so that what a reader sees is not what
    /// the compiler reads: bidirectional controls (U+202A to U+202E, U+2066 to U+2069), zero-width joiners, a byte-order
    /// mark that is not at the start, and NUL. They are refused everywhere, also in comments.
    ///
    /// Remove the character that the message names. It often comes from copying text out of a web page or a PDF.
    E0105, Syntax, "forbidden character"
}
