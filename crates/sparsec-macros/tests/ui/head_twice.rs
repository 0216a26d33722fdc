use sparsec_macros::sparse_solver;

sparse_solver! { <f64; n = 3, n = 4> pub problem p { var y: vector[n] minimize ||y||^2 } }

fn main() {}
