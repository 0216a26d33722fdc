use sparsec_macros::sparse_solver;

sparse_solver! { <f64> pub file = "../problems/patch.sparse" }

fn main() {}
