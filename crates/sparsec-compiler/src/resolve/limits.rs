//! Limits on what a problem may ask for; each has an error that names it.

/// Largest size of one dimension.
pub const MAX_SIZE: usize = 2_147_483_647;

/// Most entries of one quantity or expression.
pub const MAX_ENTRIES: usize = 2_147_483_648;

/// Most entries of an expression whose groups are listed one by one.
pub const MAX_GROUPED: usize = 16_777_216;

/// Operations that may nest in one expression, in the text and after every `let` has been expanded.
pub const MAX_DEPTH: usize = sparsec_syntax::limits::MAX_TREE_DEPTH;

/// Operations in all copies of `let`s together.
pub const MAX_NODES: usize = 200_000;
