//! Programs as Rust source.
