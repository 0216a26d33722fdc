//! The compiler on machines that have one.

mod context;
mod generate;
mod map;
mod native;
mod numbers;
mod size;
mod target;
#[cfg(test)]
mod tests;
mod text;
mod translate;

pub use native::{Native, compile, compile_while};
pub use target::supported;
pub use text::{asm, clif};
