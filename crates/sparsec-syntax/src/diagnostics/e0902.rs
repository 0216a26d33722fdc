use super::prelude::*;

code! {
    /// Ctrl-C ended the program before there was anything to report: while it was reading or compiling, or before a row of a
    /// batch was solved. Nothing has been written. The exit status is 130.
    ///
    /// During a solve Ctrl-C asks for the best point so far instead, with the status `interrupted`.
    E0902, Usage, "interrupted"
}
