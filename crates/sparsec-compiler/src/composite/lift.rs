//! Penalties and sets on some entries of v, as ones on a longer part that holds them.

use crate::calculus::rules;
use crate::calculus::{Argument, Atom, Layout, Picked, Use};
use crate::expr;

/// The atom on all entries of the vector in which its own are picked, where the others are free; `beside` are the atoms that act there as
/// well. `None` where its prox is not one of the kinds that leave entries alone.
pub fn lift(atom: &Atom, to: &Picked, beside: &[&Atom]) -> Option<Atom> {
    if let Some(lifted) = rules::padded(atom, to, beside) {
        return Some(lifted);
    }
    if to.all() {
        return Some(atom.clone());
    }
    if atom.at.layout.count() != 1 || !atom.argument.turn.is_empty() {
        return None;
    }
    let shift = match &atom.argument.shift {
        Some(s) => Some(expr::padded(s, to, 0.0)?),
        None => None,
    };
    Some(Atom {
        rule: atom.rule.padded(to)?,
        at: Use { layout: Layout::vector(to.within), ..atom.at.clone() },
        argument: Argument { shift, ..atom.argument.clone() },
    })
}
