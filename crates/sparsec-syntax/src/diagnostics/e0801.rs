use super::prelude::*;

code! {
    /// `sparse_solver!` cannot be expanded: its head, its visibility or its source is not of an accepted form.
    ///
    /// The forms are `<f64; n = 3> pub problem NAME { … }`, `<f64> pub "…"` with the text in a string, and
    /// `<f64> pub file = "path.sparse"`. A Rust macro sees tokens, so that Unicode operators such as `‖` need the string form.
    E0801, Macro, "macro"
}
