use super::prelude::*;

code! {
    /// A declaration promises a domain (`>= 0`, `in [0, 1]`, `symmetric`, `psd`, …) or a function asks for one, and the data
    /// does not keep it. The message names the first entry that fails.
    ///
    /// ```text
    /// param lambda: scalar >= 0        sparsec run lasso.sparse --set lambda=-1
    /// ```
    ///
    /// Correct the data, or the declaration where it promises too much.
    E0504, Data, "data out of its domain"
}
