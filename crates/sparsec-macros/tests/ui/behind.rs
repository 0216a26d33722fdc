use sparsec_macros::sparse_solver;

sparse_solver! { <f64> pub file = "problems/ridge.sparse", more }

fn main() {}
