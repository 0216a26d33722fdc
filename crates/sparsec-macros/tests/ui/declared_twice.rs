use sparsec_macros::sparse_solver;

sparse_solver! {
    <f64>
    pub problem p {
        param x: vector[3]
        var x: vector[3]
        minimize ||x||^2
    }
}

fn main() {}
