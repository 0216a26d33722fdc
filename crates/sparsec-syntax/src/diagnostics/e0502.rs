use super::prelude::*;

code! {
    /// The data has another shape than the declaration. The message gives both, and says when the transpose would fit.
    /// Nothing is transposed, cut or repeated silently.
    ///
    /// ```text
    /// const D: matrix[2, 3]            sparsec run fit.sparse --set D=D.npy, where D.npy holds 3×2 numbers
    /// ```
    ///
    /// Correct the declaration (`matrix[3, 2]`, and `D.T` where `D` stood) or the data.
    E0502, Data, "wrong shape of data"
}
