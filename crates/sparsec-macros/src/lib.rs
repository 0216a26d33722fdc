//! The procedural macro sparse_solver!.
