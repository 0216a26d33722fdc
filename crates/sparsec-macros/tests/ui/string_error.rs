use sparsec_macros::sparse_solver;

sparse_solver! {
    <f64> pub "problem p {
        var y: vector[3]
        minimize ‖y‖² + λ ‖y‖₁
    }"
}

fn main() {}
