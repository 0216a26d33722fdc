use sparsec_macros::sparse_solver;

sparse_solver! {
    <f64>
    pub problem p {
        var y: vector[3]
        minimize ||y - [1, 2, 3]||_1
        subject to sum(y) == 1, y <= 0
    }
}

fn main() {}
