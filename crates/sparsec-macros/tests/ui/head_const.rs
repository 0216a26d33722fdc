use sparsec_macros::sparse_solver;

const N: usize = 3;
sparse_solver! { <f64; n = N> pub problem p { var y: vector[n] minimize ||y||^2 } }

fn main() {}
