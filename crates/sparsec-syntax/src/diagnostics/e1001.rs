use super::prelude::*;

code! {
    /// The result was computed and cannot be stored: the disk is full, the folder is missing, or writing is not permitted.
    /// An existing file under that name is untouched.
    ///
    /// Free some space, or choose another place with `--out`.
    E1001, Output, "result cannot be written"
}
