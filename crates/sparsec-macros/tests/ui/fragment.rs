use sparsec_macros::sparse_solver;

macro_rules! problem {
    ($name:ident, $factor:ty) => {
        sparse_solver! {
            <f64>
            pub problem $name {
                var y: vector[3]
                minimize ||y||^2 + $factor*||y||_1
            }
        }
    };
}
problem!(p, Vec<u8>);

fn main() {}
