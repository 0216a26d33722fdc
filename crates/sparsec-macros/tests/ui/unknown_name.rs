use sparsec_macros::sparse_solver;

sparse_solver! {
    <f64; m = 4, n = 8>
    pub problem p {
        const D: matrix[m, n]
        param x: vector[m]
        param lambda: scalar >= 0 = 0.1
        var y: vector[n]
        minimize ||x - D*y||^2 + lambad*||y||_1
    }
}

fn main() {}
