//! Programs as Rust source: the expansion of `sparse_solver!`, and files that stand alone.
//!
//! Both are one generator. [`tokens`] makes the solver part: a private module with a type named as the problem, whose blocks
//! are functions over arrays of fixed length. [`source`] prints that part and appends the pieces of the runtime that it calls.
//!
//! # What is generated
//!
//! For a problem `patch_coder`:
//!
//! * `PatchCoder`, which owns its constants (where there is a heap): `new`, `solve`, `solve_into`, `with_…`.
//! * `PatchCoderRef<'a>`: a borrowed solver with settings, `Copy`; `new_in` makes one in the caller's memory.
//! * `PatchCoderSolution`, `PatchCoderReport`, `PatchCoderCertificate`, `PatchCoderError`.
//!
//! A var whose name is a field of the solution (`status`, `gap`, …) gets a `_` behind it; so do Rust's keywords.
//!
//! # Memory
//!
//! All memory is two slices: the storage (constants, tables and what `setup` derives) and a workspace (one per solve). The
//! check program reads the same storage and works in the same workspace; an f32 solver's check has a slice of its own, in f64.

mod block;
mod code;
mod expand;
mod map;
mod memory;
mod names;
mod solver;
#[cfg(feature = "source")]
mod standalone;

pub use expand::{Files, expand};
pub use names::type_name;
#[cfg(feature = "source")]
pub use standalone::{blocks, blocks_on_runtime, formatted, source};

/// The longest problem file that is read.
pub const MAX_FILE_BYTES: usize = sparsec_syntax::limits::MAX_TEXT_BYTES;

use proc_macro2::TokenStream;
use quote::quote;
use sparsec_program::solver::SolverSpec;
use sparsec_program::verify::Verified;

/// The element type of a generated solver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Double precision.
    #[default]
    F64,
    /// Single precision; answers are judged in double precision all the same.
    F32,
}

impl Precision {
    /// `f64` or `f32`.
    pub const fn name(self) -> &'static str {
        match self {
            Precision::F64 => "f64",
            Precision::F32 => "f32",
        }
    }

    pub(crate) fn tokens(self) -> TokenStream {
        match self {
            Precision::F64 => quote!(f64),
            Precision::F32 => quote!(f32),
        }
    }
}

/// How code that needs a heap is left out where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gate {
    /// Through the runtime's macro `if_alloc!`, which knows the runtime's feature `alloc`.
    #[default]
    Macro,
    /// Through `#[cfg(not(no_alloc))]`, in files that stand alone.
    Cfg,
}

impl Gate {
    fn is_macro(self) -> bool {
        self == Gate::Macro
    }
}

/// How a solver is written out.
#[derive(Clone, Debug)]
pub struct Options {
    /// Element type.
    pub precision: Precision,
    /// Visibility of the generated types: `pub`, `pub(crate)`, or nothing.
    pub visibility: TokenStream,
    /// Path of the runtime, `::sparsec::runtime` by default.
    pub runtime_path: TokenStream,
    /// Tables of inputs and the derivation in the documentation of the type.
    pub docs: bool,
    /// How code that needs a heap is gated.
    pub gate: Gate,
    /// Descriptions of buffers as statements `__sparsec_comment!("…");`, for text: [`formatted`] turns them into comments.
    pub comments: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            precision: Precision::F64,
            visibility: quote!(pub),
            runtime_path: quote!(::sparsec::runtime),
            docs: true,
            gate: Gate::Macro,
            comments: false,
        }
    }
}

/// The solver part as tokens: one `use` and one private module.
pub fn tokens(spec: &SolverSpec<Verified>, options: &Options) -> TokenStream {
    solver::tokens(spec, options)
}
