//! Rules for sums: what the prox of several penalties and sets on one block is.
//!
//! Rewriting rules make two atoms one or drop one; composition rules say in which order the proxes of the rest are applied.
//! What no rule covers is refused: the prox of a sum is rarely the composition of the proxes.

use super::Atom;

mod box_with_row;
mod chain;
mod clip;
mod constant_on_simplex;
mod empty_intersection;
mod entropy_on_simplex;
mod l1_beside_entropy;
mod merge_boxes;
mod merge_groups;
mod merge_penalties;
mod redundant;
mod simplex_from_sum;
mod single;
mod solid_simplex;
mod stack_equalities;

/// A sum on one block with its prox: the proxes of `steps` applied one after the other.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    /// In the order of application.
    pub steps: Vec<Atom>,
    /// Penalties that are linear on the feasible set and go to the linear terms.
    pub linear: Vec<Atom>,
    /// Penalties that are constant on the feasible set, with that constant's text and value.
    pub constants: Vec<Constant>,
    /// Names of the rules that were applied, with what they did.
    pub applied: Vec<(&'static str, String)>,
}

/// A dropped constant penalty.
#[derive(Clone, Debug)]
pub struct Constant {
    /// The penalty.
    pub atom: Atom,
    /// Its value on the feasible set.
    pub value: crate::model::Expr,
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
    /// Changes the atoms of the sum and says what it did, or leaves them alone.
    fn rewrite(&self, _atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        None
    }
    /// The order in which the proxes of these atoms compose to the prox of their sum.
    fn compose(&self, _atoms: &[Atom]) -> Option<Vec<Atom>> {
        None
    }
}

/// All rules. Rewriting goes round until none changes anything, then the first composition that fits is taken.
pub static RULES: &[&dyn SumRule] = &[
    &merge_boxes::MergeBoxes,
    &stack_equalities::StackEqualities,
    &empty_intersection::EmptyIntersection,
    &simplex_from_sum::SimplexFromSum,
    &solid_simplex::SolidSimplex,
    &box_with_row::BoxWithRow,
    &redundant::RedundantNonneg,
    &constant_on_simplex::ConstantOnSimplex,
    &entropy_on_simplex::EntropyOnSimplex,
    &l1_beside_entropy::L1BesideEntropy,
    &merge_penalties::MergePenalties,
    &merge_groups::MergeGroups,
    &single::Single,
    &clip::ClipAfterSeparable,
    &chain::Chain,
];

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
    let (rule, steps) = RULES.iter().find_map(|r| Some((r, r.compose(&atoms)?)))?;
    if steps.len() > 1 {
        let order: Vec<&str> = steps.iter().rev().map(|a| a.rule.name()).collect();
        sum.applied.push((rule.name(), format!("prox = {}", order.join(" ∘ "))));
    }
    sum.steps = steps;
    Some(sum)
}

/// Index of the first atom for which `f` holds.
fn find(atoms: &[Atom], f: impl Fn(&Atom) -> bool) -> Option<usize> {
    atoms.iter().position(f)
}
