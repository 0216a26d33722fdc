use super::prelude::*;

code! {
    /// The file's bytes are not what its format prescribes: it is cut, has bytes too many, a wrong header, ragged rows, an
    /// index out of range. The message says where. Nothing is read in part.
    ///
    /// Write the file again, for example with `numpy.save`, and check that it was transferred as binary data.
    E0506, Data, "malformed file"
}
