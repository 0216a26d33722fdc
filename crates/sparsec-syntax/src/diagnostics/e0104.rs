use super::prelude::*;

code! {
    /// Brackets of all kinds (parentheses, square brackets, calls, norm bars) may
    /// be nested 128 deep. The limit keeps every later stage within a small stack.
    ///
    /// Name a part with `let` and use the name:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// let r = y - ones(3)
    /// minimize ||r||^2
    /// ```
    E0104, Syntax, "nested too deeply"
}
