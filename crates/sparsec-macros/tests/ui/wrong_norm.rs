use sparsec_macros::sparse_solver;

sparse_solver! {
    <f64; n = 8>
    pub problem p {
        var y: vector[n]
        minimize ||y||_3
    }
}

fn main() {}
