//! Why a program was not compiled.

use std::fmt;

/// Why there is no native code for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// This build or machine has no compiler for native code; the text says why.
    Unsupported(String),
    /// The program exceeds a limit of the compiler.
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much of it.
        size: usize,
        /// How much is allowed.
        limit: usize,
    },
    /// The caller asked [`compile_while`](crate::compile_while) to stop.
    Stopped,
    /// The system gave no memory for code, or does not let it be executed.
    Memory(String),
    /// Cranelift or this crate failed on a valid program: a bug.
    Internal(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unsupported(why) => write!(f, "native code is not available: {why}"),
            Error::TooLarge { what, size, limit } => {
                write!(f, "the program is too large for native code: {size} {what}, at most {limit} are compiled")
            }
            Error::Stopped => write!(f, "compiling to native code was stopped"),
            Error::Memory(why) => write!(f, "no executable memory for native code: {why}"),
            Error::Internal(what) => write!(f, "compiling to native code failed (a bug): {what}"),
        }
    }
}

impl std::error::Error for Error {}
