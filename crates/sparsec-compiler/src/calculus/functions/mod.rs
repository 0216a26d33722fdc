//! Functions: one file and one line each.

use super::Function;

macro_rules! functions {
    ($($file:ident),* $(,)?) => {
        $(pub mod $file;)*
        /// All functions, in the order of the reference page.
        pub static FUNCTIONS: &[&Function] = &[$(&$file::FUNCTION),*];

        /// Uses of every function with plain definitions, for the laws.
        #[cfg(feature = "testing")]
        pub fn examples() -> Vec<super::oracle::Example> {
            vec![$($file::examples()),*].concat()
        }
    };
}

functions! {
    sum_squares,
    quad_form,
    huber,
    logistic,
    log_sum_exp,
    norm1,
    norm2,
    norm_inf,
    group_norm,
    neg_entropy,
    entropy,
}

/// The function of that name or alias.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().copied().find(|f| f.name == name || f.aliases.contains(&name))
}
