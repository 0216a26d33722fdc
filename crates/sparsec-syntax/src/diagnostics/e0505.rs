use super::prelude::*;

code! {
    /// A data file is missing, is a folder, or may not be read; the message has the system's reason. A path in a problem is
    /// relative to the problem's file, a path on the command line to the working folder.
    ///
    /// Correct the path, or the permissions of the file.
    E0505, Data, "cannot read a file"
}
