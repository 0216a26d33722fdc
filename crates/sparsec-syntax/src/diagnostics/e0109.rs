use super::prelude::*;

code! {
    /// A file holds one problem. With the wrapper `problem NAME { … }` nothing but comments may follow its closing brace.
    ///
    /// ```sparse
    /// problem a {
    ///     var y: vector[3]
    ///     minimize ||y||^2
    /// }
    /// minimize ||y||_1
    /// ```
    ///
    /// Move the text inside the braces, or into a file of its own:
    ///
    /// ```sparse,fixed
    /// problem a {
    ///     var y: vector[3]
    ///     minimize ||y||^2
    /// }
    /// ```
    E0109, Syntax, "text after the end of the problem"
}
