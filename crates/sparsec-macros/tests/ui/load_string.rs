use sparsec_macros::sparse_solver;

sparse_solver! { <f64> pub "problem p { const D: matrix[2, 2] = load(\"/etc/passwd\") var y: vector[2] minimize ||D*y||^2 }" }

fn main() {}
