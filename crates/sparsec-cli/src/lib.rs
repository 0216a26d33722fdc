//! The command line of sparsec.
