//! Functions: one file and one line each.

use super::Function;

pub(crate) mod prelude;

macro_rules! functions {
    ($($file:ident :: $name:ident),* $(,)?) => {
        $(pub mod $file;)*
        /// All functions, in the order of the reference page.
        pub static FUNCTIONS: &[&dyn Function] = &[$(&$file::$name),*];
    };
}

functions! {
    sum_squares::SumSquares,
    quad_form::QuadForm,
    huber::Huber,
    logistic::Logistic,
    log_sum_exp::LogSumExp,
    norm1::Norm1,
    norm2::Norm2,
    norm_inf::NormInf,
    group_norm::GroupNorm,
    neg_entropy::NegEntropy,
    entropy::Entropy,
}

/// The function of that name or alias.
pub fn find(name: &str) -> Option<&'static dyn Function> {
    FUNCTIONS.iter().copied().find(|f| f.name() == name || f.aliases().contains(&name))
}
