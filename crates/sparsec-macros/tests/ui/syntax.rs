use sparsec_macros::sparse_solver;

sparse_solver! {
    <f64; n = 8>
    pub problem p {
        param x: vector[n]
        var y: vector[n]
        minimize ||y - x||^2 +
        subject to y >= 0
    }
}

fn main() {}
