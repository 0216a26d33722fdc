use super::prelude::*;

code! {
    /// The preferred backend could not be used, and another one solved the problem: more slowly, with the same meaning.
    ///
    /// Ask for a backend with `--backend` to turn the warning into an error.
    W0301, Backend, "backend fell back"
}
