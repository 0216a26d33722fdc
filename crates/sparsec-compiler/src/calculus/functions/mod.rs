//! Functions: one file and one line each.

use super::Function;

/// All functions, in the order of the reference page.
pub static FUNCTIONS: &[&dyn Function] = &[];

/// The function of that name or alias.
pub fn find(name: &str) -> Option<&'static dyn Function> {
    FUNCTIONS.iter().copied().find(|f| f.name() == name || f.aliases().contains(&name))
}
