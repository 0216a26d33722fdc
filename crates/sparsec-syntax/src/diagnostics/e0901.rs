use super::prelude::*;

code! {
    /// An option is unknown, given twice, lacks its value, or has a value that is none.
    ///
    /// `sparsec help` and `sparsec help COMMAND` list the options with their values.
    E0901, Usage, "wrong use of the command line"
}
