//! Programs as native code through Cranelift.
//!
//! [`compile`] turns a [verified](sparsec_program::verify::Verified) program into machine code in memory and returns a
//! [`Native`], an [`Executor`](sparsec_program::executor::Executor) that gives the same bits as the interpreter (a NaN may
//! differ in sign and payload).
//!
//! # What is compiled how
//!
//! * Each non-empty block is one function `extern "C" fn(storage, workspace, context)`.
//! * A map is a loop over vectors of 128 bits. One that reduces takes 8 elements in each round, so that the 8 partial
//!   results are the lanes of 4 (f64) or 2 (f32) accumulators and the documented order of sums is met. What is the same for
//!   every element is computed before the loop. The elements that remain follow the loop, and a short map is straight code.
//! * A kernel is a call of the runtime's function. Functions of the host are reached through pointers in the context, never
//!   through relocations, so it does not matter how far from the code they lie.
//! * `if` and `loop` are branches.
//!
//! Nothing is contracted. `min` and `max` are those of [`sparsec_runtime::Float`], for which x86 has instructions where one
//! side is a literal.
//!
//! # Safety
//!
//! Code that is compiled from a verified program touches only the storage and the workspace that it is called with, within
//! the lengths of the program's [layout](sparsec_program::layout::Layout), which are checked at each call. The code lives
//! as long as its [`Native`] does. No unsafe function is public.

mod error;
pub use error::Error;

// Kept equal to the condition in Cargo.toml.
#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), any(unix, windows), target_pointer_width = "64"))]
mod jit;
#[cfg(not(all(
    any(target_arch = "x86_64", target_arch = "aarch64"),
    any(unix, windows),
    target_pointer_width = "64"
)))]
#[path = "absent.rs"]
mod jit;

// Built for tests on every target, so that it keeps the interface of `jit`.
#[cfg(test)]
mod absent;

pub use jit::{Native, asm, clif, compile, compile_while, supported};

/// The most instructions, nodes, stores and reductions that a program may have together to be compiled.
pub const MAX_SIZE: usize = 10_000;

/// The most nodes, stores and reductions that one map may have together.
pub const MAX_MAP_SIZE: usize = 500;

/// The most reductions that one map may have.
pub const MAX_REDUCTIONS: usize = 64;

/// The element type that a program is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// `f64`
    F64,
    /// `f32`
    F32,
}

impl Precision {
    /// The precision of a type; `None` for a type that has no native code.
    #[cfg_attr(not(any(test, target_arch = "x86_64", target_arch = "aarch64")), allow(dead_code))]
    fn of<T: 'static>() -> Option<Precision> {
        use std::any::TypeId;
        match TypeId::of::<T>() {
            t if t == TypeId::of::<f64>() => Some(Precision::F64),
            t if t == TypeId::of::<f32>() => Some(Precision::F32),
            _ => None,
        }
    }
}
