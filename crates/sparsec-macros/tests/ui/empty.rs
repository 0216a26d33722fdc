use sparsec_macros::sparse_solver;

sparse_solver! { }

fn main() {}
