use sparsec_macros::sparse_solver;

sparse_solver! {
    <f64; m = 8>
    pub problem p {
        dim n
        const D: matrix[m, n]
        var y: vector[n]
        minimize ||D*y||^2
    }
}

fn main() {}
