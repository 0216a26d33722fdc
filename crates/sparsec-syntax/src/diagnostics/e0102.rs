use super::prelude::*;

code! {
    /// A problem is UTF-8 text. The bytes at the given offset are no UTF-8 character, which happens when a file was saved
    /// in another encoding (Latin-1, UTF-16) or was cut in the middle of a character. Nothing is replaced or guessed.
    ///
    /// Save the file as UTF-8, for example with
    ///
    /// ```text
    /// iconv -f latin1 -t utf-8 old.sparse > new.sparse
    /// ```
    E0102, Syntax, "not UTF-8"
}
