//! The limits on the text of a problem. Each has an error that names it and its value.

/// Most bytes a text may have: 16 MiB.
pub const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// How deep brackets of all kinds may be nested, norm bars included and the wrapper's braces not.
pub const MAX_DEPTH: usize = 128;

/// How deep the tree of one expression may be: the sum over its brackets of the operations between them.
/// Long sums are balanced and need little of it, long products need one each factor.
pub const MAX_TREE_DEPTH: usize = 640;

/// Terms of a sum beyond which it is stored as a balanced tree instead of a chain.
pub const LONG_SUM: usize = 64;

/// Most diagnostics that are reported of one text.
pub const MAX_REPORTED: usize = 64;
