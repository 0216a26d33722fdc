use sparsec_macros::sparse_solver;

sparse_solver! {
    <f64>
    pub problem p {
        var y: vector[0]
        minimize ||y||^2
    }
}

fn main() {}
