//! Limits of the readers. Each has an error that names the limit and the value that exceeds it.

/// Numbers in one array (2 GiB of f64).
pub const MAX_ELEMENTS: usize = 1 << 28;

/// Dimensions of one array.
pub const MAX_DIMENSIONS: usize = 8;

/// Bytes of the text in an npy header.
pub const MAX_HEADER_BYTES: usize = 1 << 16;

/// Members of an npz container.
pub const MAX_MEMBERS: usize = 1 << 16;

/// Bytes that one member of an npz container may inflate to.
pub const MAX_INFLATED_BYTES: usize = (1 << 31) + (1 << 17);

/// Bytes of one cell of a CSV file.
pub const MAX_CELL_BYTES: usize = 4096;

/// Cells in one row of a CSV file.
pub const MAX_COLUMNS: usize = 1 << 20;

/// Bytes of a value written inline.
pub const MAX_LITERAL_BYTES: usize = 1 << 24;
