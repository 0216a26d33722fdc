use sparsec_macros::sparse_solver;

sparse_solver! { <f16> pub problem p { var y: vector[3] minimize ||y||^2 } }

fn main() {}
