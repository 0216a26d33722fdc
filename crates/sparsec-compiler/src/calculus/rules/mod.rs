//! Rules for sums: what the prox of several penalties and sets on one block is.
//!
//! Rewriting rules make two atoms one or drop one; composition rules say in which order the proxes of the rest are applied, and what the
//! conjugate of their sum is. What no rule covers is refused: the prox of a sum is rarely the composition of the proxes. A rule that names
//! atoms by their types is the only place that does.

use super::{Atom, Picked, Proxable};
use crate::lower::Emit;
use crate::model::Expr;
use sparsec_program::program::View;
use std::sync::Arc;

macro_rules! rules {
    ($($file:ident::$name:ident),* $(,)?) => {
        $(mod $file;)*
        /// All rules. Rewriting goes round until none changes anything, then the first composition that fits is taken.
        pub static RULES: &[&dyn SumRule] = &[$(&$file::$name),*];
    };
}

rules! {
    rows_as_groups::RowsAsGroups,
    ball_of_one_entry::BallOfOneEntry,
    rows_of_bounds::RowsOfBounds,
    fixed_entries::FixedEntries,
    norm_of_a_part::NormOfAPart,
    merge_boxes::MergeBoxes,
    stack_equalities::StackEqualities,
    empty_intersection::EmptyIntersection,
    simplex_from_sum::SimplexFromSum,
    solid_simplex::SolidSimplex,
    box_with_row::BoxWithRow,
    redundant::RedundantNonneg,
    constant_on_simplex::ConstantOnSimplex,
    entropy_on_simplex::EntropyOnSimplex,
    l1_beside_entropy::L1BesideEntropy,
    merge_penalties::MergePenalties,
    merge_l1::MergeL1,
    merge_groups::MergeGroups,
    single::Single,
    clip::ClipAfterSeparable,
    chain::Chain,
}

/// A sum on one block with its prox: the proxes of `steps` applied one after the other.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    /// In the order of application.
    pub steps: Vec<Atom>,
    /// The rule that composed them, which knows the conjugate; `None` where there is none.
    pub composed: Option<&'static dyn SumRule>,
    /// Penalties that are linear on the feasible set and go to the linear terms.
    pub linear: Vec<Linear>,
    /// Penalties that are constant on the feasible set, with that constant's text and value.
    pub constants: Vec<Constant>,
    /// Names of the rules that were applied, with what they did.
    pub applied: Vec<(&'static str, String)>,
}

/// c ⟨w, y⟩
#[derive(Clone, Debug)]
pub struct Linear {
    /// c
    pub coefficient: Expr,
    /// w; 1 unless given.
    pub weights: Option<Expr>,
}

/// A dropped constant penalty.
#[derive(Clone, Debug)]
pub struct Constant {
    /// The penalty.
    pub atom: Atom,
    /// Its value on the feasible set.
    pub value: Expr,
    /// Why.
    pub because: String,
}

/// A rule for sums.
pub trait SumRule: Sync {
    /// Its name in `explain`.
    fn name(&self) -> &'static str;
    /// The rule with its conditions, from the head of its file: Markdown for the reference page and `explain`.
    fn doc(&self) -> String;
    /// Where it is from.
    fn source(&self) -> &'static str;
    /// The atom as another that goes with more than it does.
    fn alone(&self, _atom: &Atom) -> Option<Atom> {
        None
    }
    /// The set {v : matrix · v + offset in the atom's set}.
    fn preimage(&self, _atom: &Atom, _matrix: &Expr, _offset: Option<&Expr>) -> Option<Arc<dyn Proxable>> {
        None
    }
    /// The atom on a longer vector, whose other entries it leaves alone, beside others there.
    fn padded(&self, _atom: &Atom, _to: &Picked, _beside: &[&Atom]) -> Option<Atom> {
        None
    }
    /// Changes the atoms of the sum and says what it did, or leaves them alone.
    fn rewrite(&self, _atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        None
    }
    /// The order in which the proxes of these atoms compose to the prox of their sum.
    fn compose(&self, _atoms: &[Atom]) -> Option<Vec<Atom>> {
        None
    }
    /// The conjugate of the sum that it composed: `value` at the point of the domain next to u, `outside` what u has beyond it.
    fn conjugate(&self, cx: &mut Emit, steps: &[Atom], u: View, value: View, outside: View) {
        if let Some((last, before)) = steps.split_last() {
            let rest = cx.prox_at_one(before, u);
            cx.atom_conjugate(last, rest, value, outside);
        }
    }
}

impl std::fmt::Debug for dyn SumRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The sum of the atoms, or `None` if no rule gives its prox.
pub fn combine(mut atoms: Vec<Atom>) -> Option<Sum> {
    let mut sum = Sum::default();
    // Every rewrite takes an atom away, so this ends.
    'again: loop {
        for rule in RULES {
            if let Some(what) = rule.rewrite(&mut atoms, &mut sum) {
                sum.applied.push((rule.name(), what));
                continue 'again;
            }
        }
        break;
    }
    if atoms.is_empty() {
        return Some(sum);
    }
    let (rule, steps) = RULES.iter().find_map(|r| Some((*r, r.compose(&atoms)?)))?;
    if steps.len() > 1 {
        let order: Vec<&str> = steps.iter().rev().map(|a| a.rule.name()).collect();
        sum.applied.push((rule.name(), format!("prox = {}", order.join(" ∘ "))));
    }
    (sum.steps, sum.composed) = (steps, Some(rule));
    Some(sum)
}

/// The atom as the rules like it best.
pub fn alone(atom: Atom) -> Atom {
    RULES.iter().find_map(|r| r.alone(&atom)).unwrap_or(atom)
}

/// See [`SumRule::preimage`].
pub fn preimage(atom: &Atom, matrix: &Expr, offset: Option<&Expr>) -> Option<Arc<dyn Proxable>> {
    RULES.iter().find_map(|r| r.preimage(atom, matrix, offset))
}

/// See [`SumRule::padded`].
pub fn padded(atom: &Atom, to: &Picked, beside: &[&Atom]) -> Option<Atom> {
    RULES.iter().find_map(|r| r.padded(atom, to, beside))
}

/// Index of the first atom for which `f` holds.
fn find(atoms: &[Atom], f: impl Fn(&Atom) -> bool) -> Option<usize> {
    atoms.iter().position(f)
}
