use super::prelude::*;

code! {
    /// The data has another shape than the declaration. The message gives both, and says when the transpose would fit.
    /// Nothing is cut or repeated, and no matrix is transposed. A file with one row or one column of numbers may stand for a
    /// vector, a vector for a matrix of one column, and data of one entry for a number.
    ///
    /// ```text
    /// const D: matrix[2, 3]            sparsec run fit.sparse --set D=D.npy, where D.npy holds 3×2 numbers
    /// ```
    ///
    /// Correct the declaration (`matrix[3, 2]`, and `D.T` where `D` stood) or the data.
    E0502, Data, "wrong shape of data"
}
