//! Sets: one file and one line each.

use super::SetRule;

/// All sets, in the order of the reference page.
pub static SETS: &[&dyn SetRule] = &[];

/// The set of that name or alias.
pub fn find(name: &str) -> Option<&'static dyn SetRule> {
    SETS.iter().copied().find(|s| s.name() == name || s.aliases().contains(&name))
}
