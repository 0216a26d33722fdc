//! What a name stands for, and what to say about one that stands for nothing.

use crate::calculus::{functions, sets};
use crate::language;
use sparsec_syntax::ast::Ident;
use sparsec_syntax::span::Span;
use std::collections::HashMap;

/// Words that cannot be names.
pub const RESERVED: &[&str] = &[
    "problem", "dim", "const", "param", "var", "let", "minimize", "maximize", "subject", "to", "in", "solve", "with",
    "load", "inf",
];

/// Functions and sets of the language, whether this version has a rule for them or not.
pub const LANGUAGE: &[&str] = &[
    "norm1",
    "norm2",
    "norm_inf",
    "norm_nuc",
    "norm_spec",
    "group_norm",
    "group_norm_inf",
    "latent_group_norm",
    "norm21",
    "sorted_l1",
    "owl",
    "slope",
    "oscar",
    "sum_largest",
    "sum_largest_abs",
    "k_support_norm",
    "tv",
    "tv2d",
    "tv2d_iso",
    "sum_pos",
    "pinball",
    "hinge",
    "squared_hinge",
    "hinge_smooth",
    "sum_squares",
    "quad_form",
    "huber",
    "pseudo_huber",
    "logcosh",
    "logistic",
    "log_sum_exp",
    "poisson",
    "kl_div",
    "cross_entropy",
    "neg_log",
    "dist",
    "entropy",
    "neg_entropy",
    "tsallis",
    "log_det",
    "card",
    "rank",
    "lp",
    "mcp",
    "scad",
    "log_sum",
    "capped_l1",
    "etp",
    "geman",
    "rms",
    "fenchel_young",
    "softmax",
    "sparsemax",
    "entmax",
    "fusedmax",
    "simplex",
    "capped_simplex",
    "nonneg",
    "nonpos",
    "box",
    "ball1",
    "ball2",
    "ball_inf",
    "psd",
    "spectraplex",
    "exp_cone",
    "pow_cone",
    "soc",
    "rsoc",
    "monotone",
    "permutahedron",
    "birkhoff",
    "range",
    "hankel",
    "sphere",
    "binary",
    "stiefel",
];

/// Sets that become entrywise bounds.
pub const BOUND_SETS: &[&str] = &["box", "nonneg", "nonpos"];

/// What a declared name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A dim, by its place in the list of dims.
    Dim(usize),
    /// A const, param or var, by its place in the model.
    Quantity(usize),
    /// A let, by its place in the list of lets.
    Let(usize),
    /// A declaration that has an error of its own: uses stay silent.
    Poisoned,
}

/// One declared name.
#[derive(Clone, Debug)]
pub struct Named {
    /// As declared.
    pub text: String,
    /// Where.
    pub span: Span,
    /// What for.
    pub meaning: Meaning,
    /// What it is in a message: "dim", "param", …
    pub what: &'static str,
    /// Occurs in the objective, a constraint, a type in use, …
    pub used: bool,
}

/// All declared names, by canonical name, with the order of their declaration.
#[derive(Debug, Default)]
pub struct Scope {
    by_name: HashMap<String, Named>,
    order: Vec<String>,
}

impl Scope {
    /// Adds a name, or gives the earlier declaration of it.
    pub fn declare(&mut self, name: &Ident, what: &'static str, meaning: Meaning) -> Result<(), &Named> {
        if self.by_name.contains_key(&name.canonical) {
            return Err(&self.by_name[&name.canonical]);
        }
        let named = Named { text: name.text.clone(), span: name.span, meaning, what, used: false };
        self.by_name.insert(name.canonical.clone(), named);
        self.order.push(name.canonical.clone());
        Ok(())
    }

    /// The declaration of a name.
    pub fn get(&self, canonical: &str) -> Option<&Named> {
        self.by_name.get(canonical)
    }

    /// The declaration of a name, to change it.
    pub fn get_mut(&mut self, canonical: &str) -> Option<&mut Named> {
        self.by_name.get_mut(canonical)
    }

    /// Marks a name as used.
    pub fn touch(&mut self, canonical: &str) {
        if let Some(named) = self.by_name.get_mut(canonical) {
            named.used = true;
        }
    }

    /// All declarations in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Named)> {
        self.order.iter().filter_map(|name| self.by_name.get(name).map(|named| (name.as_str(), named)))
    }

    /// The declared names as written, for a message.
    pub fn listing(&self) -> String {
        const MOST: usize = 12;
        let mut names: Vec<&str> = self.iter().map(|(_, named)| named.text.as_str()).collect();
        let more = names.len().saturating_sub(MOST);
        names.truncate(MOST);
        match (names.is_empty(), more) {
            (true, _) => "nothing is declared".to_owned(),
            (false, 0) => format!("declared are {}", names.join(", ")),
            (false, _) => format!("declared are {} and {more} more", names.join(", ")),
        }
    }

    /// The declared name nearest to this one.
    pub fn nearest(&self, canonical: &str) -> Option<String> {
        let candidates: Vec<(&str, &str)> = self
            .iter()
            .flat_map(|(name, named)| [(name, named.text.as_str()), (named.text.as_str(), named.text.as_str())])
            .collect();
        nearest(canonical, candidates.into_iter())
    }
}

/// The nearest of the candidates `(compared, shown)`, if it is near enough to be a slip of the pen.
pub fn nearest<'a>(wanted: &str, candidates: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let length = wanted.chars().count();
    let allowed = match length {
        0..=1 => 0,
        2..=3 => 1,
        4..=7 => 2,
        _ => 3,
    };
    let folded = wanted.to_lowercase();
    candidates
        .filter_map(|(compared, shown)| {
            let distance =
                if compared.to_lowercase() == folded { 0 } else { sparsec_syntax::names::distance(wanted, compared) };
            (distance <= allowed && distance < compared.chars().count()).then_some((distance, shown))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, shown)| shown.to_owned())
}

/// True if a function or set of the language has this name.
pub fn is_function_or_set(name: &str) -> bool {
    is_function(name) || is_set(name) || LANGUAGE.contains(&name)
}

/// True if it is a function.
pub fn is_function(name: &str) -> bool {
    language::operation(name).is_some() || functions::find(name).is_some()
}

/// True if it is a set.
pub fn is_set(name: &str) -> bool {
    BOUND_SETS.contains(&name) || sets::find(name).is_some()
}

/// The function nearest to a name.
pub fn nearest_function(name: &str) -> Option<String> {
    let registered = functions::FUNCTIONS.iter().flat_map(|f| std::iter::once(f.name).chain(f.aliases.iter().copied()));
    let operations = language::of(language::Kind::Operation).map(|word| word.name);
    nearest(name, operations.chain(registered).map(|name| (name, name)))
}

/// The set nearest to a name.
pub fn nearest_set(name: &str) -> Option<String> {
    let registered = sets::SETS.iter().flat_map(|s| std::iter::once(s.name).chain(s.aliases.iter().copied()));
    nearest(name, BOUND_SETS.iter().copied().chain(registered).map(|name| (name, name)))
}

/// All sets, for a message.
pub fn all_sets() -> String {
    let mut names: Vec<&str> = BOUND_SETS.to_vec();
    names.extend(sets::SETS.iter().map(|s| s.name).filter(|name| !BOUND_SETS.contains(name)));
    names.join(", ")
}
