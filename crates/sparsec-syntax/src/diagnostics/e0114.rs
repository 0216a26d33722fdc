use super::prelude::*;

code! {
    /// A problem is a sequence of statements, each of which starts with one of the keywords `dim`, `const`, `param`, `var`,
    /// `let`, `minimize`, `maximize`, `subject to`, `solve with`.
    ///
    /// ```sparse
    /// variable y: vector[3]
    /// minimize ||y||^2
    /// ```
    ///
    /// Start the statement with its keyword:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2
    /// ```
    E0114, Syntax, "not a statement"
}
