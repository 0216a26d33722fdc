use sparsec_macros::sparse_solver;

sparse_solver! {
    <f64>
    pub problem p {
        const D: matrix[30, 50]
        param x: vector[20]
        var y: vector[50]
        minimize ||x - D*y||^2
    }
}

fn main() {}
