use sparsec_macros::sparse_solver;

sparse_solver! { <f64> #[derive(Clone)] pub problem p { var y: vector[3] minimize ||y||^2 } }

fn main() {}
