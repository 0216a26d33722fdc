//! Programs as native code through Cranelift.
