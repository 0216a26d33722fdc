use super::prelude::*;

code! {
    /// The requested backend cannot be had on this machine, or in this build.
    ///
    /// Use `--backend auto`, which falls back to the interpreter with a warning, or `--backend interpreter`.
    E0701, Backend, "backend not available"
}
