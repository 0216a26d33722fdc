use sparsec_macros::sparse_solver;

sparse_solver! {
    <f64>
    pub problem p {
        const D: matrix[2, 2] = load("/etc/passwd")
        param x: vector[2] = load("../x.npy")
        var y: vector[2]
        minimize ||x - D*y||^2
    }
}

fn main() {}
