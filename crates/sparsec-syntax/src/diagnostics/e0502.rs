use super::prelude::*;

code! {
    /// The data has another shape than the declaration. The message gives both, and says when the transpose would fit.
    /// Nothing is transposed, cut or repeated silently.
    ///
    /// ```sparse
    /// const D: matrix[2, 3] = [[1, 2], [3, 4], [5, 6]]
    /// var y: vector[3]
    /// minimize ||D*y||^2
    /// ```
    ///
    /// Correct the declaration or the data:
    ///
    /// ```sparse,fixed
    /// const D: matrix[3, 2] = [[1, 2], [3, 4], [5, 6]]
    /// var y: vector[2]
    /// minimize ||D*y||^2
    /// ```
    E0502, Data, "wrong shape of data"
}
