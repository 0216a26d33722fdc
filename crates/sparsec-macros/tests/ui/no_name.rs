use sparsec_macros::sparse_solver;

sparse_solver! { <f64> pub "var y: vector[3] minimize ‖y‖²" }

fn main() {}
