//! The array language between the sparsec compiler and its executors.
//!
//! A [`Program`](program::Program) is built by the compiler, checked by the verifier and then run by the interpreter,
//! printed as Rust, or compiled by Cranelift. It knows no function, set or algorithm by name.

pub mod builder;
pub mod executor;
pub mod formula;
pub mod interpreter;
pub mod layout;
pub mod parse;
pub mod passes;
pub mod print;
pub mod program;
pub mod solver;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod verify;
