//! The symbols that a derivation uses of its own: chosen so that none is a name that the problem declares.
//!
//! While a derivation is written, what comes from the problem stands between two marks. Every single letter outside of them is a
//! symbol of the derivation's own; one that is declared as well is replaced by a letter that nothing else uses.

use crate::composite::Composite;
use crate::derive::Derivation;
use crate::model::{Model, QuantityKind};
use std::collections::BTreeMap;

/// Before what comes from the problem.
const OPEN: char = '\u{E000}';

/// Behind it.
const CLOSE: char = '\u{E001}';

/// Letters that stand in for others: for small ones, for capitals.
const SPARE: [&str; 2] = ["ξηζχψφθκεδμρπαβxyzpqrsthgdckmnijabuvwfel", "ΨΦΞΛΘΩΠΔΓXYZPQRSTHGDCKMNJABUVWFEL"];

/// Text that comes from the problem.
pub fn marked(text: &str) -> String {
    format!("{OPEN}{text}{CLOSE}")
}

/// The form with marks around everything that comes from the problem.
pub fn marked_form(form: &Composite) -> Composite {
    let mut form = form.clone();
    form.names = form.names.marked();
    let names = form.names.clone();
    for term in &mut form.smooth {
        term.at.names = names.clone();
        term.at.text = marked(&term.at.text);
    }
    for block in &mut form.blocks {
        block.text = marked(&block.text);
        for (_, what) in &mut block.sum.applied {
            *what = marked(what);
        }
        for atom in &mut block.sum.steps {
            atom.at.names = names.clone();
            atom.at.text = marked(&atom.at.text);
        }
    }
    form
}

/// Replaces the symbols that are declared names, and takes the marks away.
pub fn settle(derivation: &mut Derivation, model: &Model) {
    let mut declared: Vec<&str> = model.quantities.iter().map(|q| q.name.as_str()).collect();
    declared.extend(model.dims.iter().map(|(name, _)| name.as_str()));
    // Of a single unknown y, the iterate is what y stands for; λ is the weight of a homotopy, which the problem names.
    let unknowns: Vec<&str> =
        model.quantities.iter().filter(|q| q.kind == QuantityKind::Var).map(|q| q.name.as_str()).collect();
    let kept = |symbol: char| symbol == 'λ' || (symbol == 'y' && unknowns == ["y"]);
    let steps = || derivation.sections.iter().flat_map(|section| &section.steps);
    let mut own: Vec<char> = steps().flat_map(|step| symbols(&step.formula)).collect();
    own.extend(steps().flat_map(|step| symbols(&step.note)).filter(|symbol| *symbol != 'a'));
    own.sort_unstable();
    own.dedup();
    let is_declared = |symbol: char| declared.iter().any(|name| name.chars().eq([symbol]));
    let mut taken = own.clone();
    let mut replaced = BTreeMap::new();
    for symbol in own.into_iter().filter(|symbol| is_declared(*symbol) && !kept(*symbol)) {
        let spare = SPARE[usize::from(symbol.is_uppercase())];
        if let Some(free) = spare.chars().find(|c| !taken.contains(c) && !is_declared(*c)) {
            taken.push(free);
            replaced.insert(symbol, free);
        }
    }
    for section in &mut derivation.sections {
        for step in &mut section.steps {
            step.formula = rewritten(&step.formula, |symbol| replaced.get(&symbol).copied());
            // In a sentence `a` is a word.
            step.note = rewritten(&step.note, |symbol| replaced.get(&symbol).copied().filter(|_| symbol != 'a'));
        }
    }
}

/// Letters that names are made of; indices and marks above a letter are none.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, 'α'..='ω' | 'Α'..='Ω')
}

/// Single letters outside of the marks, with their places.
fn places(text: &str) -> Vec<(usize, char)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut found = Vec::new();
    let mut inside = false;
    for (at, &(place, c)) in chars.iter().enumerate() {
        match c {
            OPEN => inside = true,
            CLOSE => inside = false,
            c if !inside && is_letter(c) => {
                let joined = |at: Option<usize>| {
                    at.and_then(|at| chars.get(at)).is_some_and(|(_, c)| is_letter(*c) || c.is_ascii_digit())
                };
                // The s of a possessive.
                let apostrophe = at >= 2 && c == 's' && chars[at - 1].1 == '\'' && is_letter(chars[at - 2].1);
                let behind_index = at.checked_sub(1).and_then(|at| chars.get(at)).is_some_and(|(_, c)| *c == '_');
                if !joined(at.checked_sub(1)) && !joined(Some(at + 1)) && !behind_index && !apostrophe {
                    found.push((place, c));
                }
            }
            _ => {}
        }
    }
    found
}

fn symbols(text: &str) -> Vec<char> {
    places(text).into_iter().map(|(_, symbol)| symbol).collect()
}

fn rewritten(text: &str, replacement: impl Fn(char) -> Option<char>) -> String {
    let places = places(text);
    let mut out = String::with_capacity(text.len());
    for (place, c) in text.char_indices() {
        match c {
            OPEN | CLOSE => {}
            c if places.binary_search_by_key(&place, |(place, _)| *place).is_ok() => {
                out.push(replacement(c).unwrap_or(c))
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_outside_of_the_marks_are_symbols() {
        let text = format!("t = A {} + b, λmax ‖u_G‖ x2 tol Fenchel's vᵀ fᵢ", marked("b t"));
        assert_eq!(symbols(&text), ['t', 'A', 'b', 'u', 'v', 'f']);
        let replaced = rewritten(&text, |c| (c == 'b').then_some('ξ'));
        assert_eq!(replaced, "t = A b t + ξ, λmax ‖u_G‖ x2 tol Fenchel's vᵀ fᵢ");
    }
}
