use super::prelude::*;

code! {
    /// A fault of sparsec itself, not of the problem or its data.
    ///
    /// Please report it, with the problem text, the command line and the version that `sparsec --version` prints. No data
    /// is part of the message.
    E9901, Bug, "internal error"
}
