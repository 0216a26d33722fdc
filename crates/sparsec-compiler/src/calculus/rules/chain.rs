//! A cone of coordinates and the l1 norm before functions of the absolute values; homogeneous functions before functions of the norm.
//!
//! - Let f depend on |yᵢ| only and grow with each. For weights w ≥ 0 the prox of ‖w ⊙ ·‖₁ + f is prox_f(soft(v, w)), and with y ≥ 0 it is
//!   prox_f(max(v, 0)): where v ≥ 0 the minimiser is ≥ 0, there ‖w ⊙ y‖₁ = ⟨w, y⟩ moves v to v − w, and entries that this makes negative
//!   are 0 in either. The conjugate is f*(soft(u, w)), since f* depends on |uᵢ| only and grows with each as well.
//! - For f convex and homogeneous of degree 1 and φ nondecreasing, the prox of f + φ(‖·‖₂) is prox_φ ∘ prox_f (Yu), and the conjugate φ*(‖u − P(u)‖) with
//!   the projection P on the domain of f*
//! - Condition: one cone, one l1 norm (with weights or without) and at most one further function beside them, or of further ones a chain
//!   in which all but the last are homogeneous and all but the first are functions of the norm; none shifted, all on one vector

use super::SumRule;
use crate::calculus::{Atom, Facts, head};

pub struct Chain;

/// Places in the order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A cone of coordinates, such as y ≥ 0.
    Cone,
    /// A weighted l1 norm.
    Sum,
    /// Another homogeneous function: groups, the max norm, a subspace.
    Homogeneous,
    /// φ(‖y‖), homogeneous.
    Norm,
    /// φ(‖y‖)
    Radial,
    /// Anything else.
    Other,
}

fn place(facts: &Facts) -> Place {
    match facts {
        f if f.separable && f.homogeneous && f.set => Place::Cone,
        f if f.separable && f.homogeneous && f.absolute => Place::Sum,
        f if f.homogeneous && !f.radial => Place::Homogeneous,
        f if f.homogeneous => Place::Norm,
        f if f.radial => Place::Radial,
        _ => Place::Other,
    }
}

fn count(facts: &[Facts], at: Place) -> usize {
    facts.iter().filter(|f| place(f) == at).count()
}

impl SumRule for Chain {
    fn name(&self) -> &'static str {
        "homogeneous, then radial"
    }
    fn doc(&self) -> String {
        head(include_str!("chain.rs"))
    }
    fn source(&self) -> &'static str {
        "Yu, On Decomposing the Proximal Map (NeurIPS 2013), theorem 4; Beck, example 6.8 and theorem 6.18"
    }
    fn compose(&self, atoms: &[Atom]) -> Option<Vec<Atom>> {
        let facts: Vec<Facts> = atoms.iter().map(Atom::facts).collect();
        let mut order: Vec<usize> = (0..atoms.len()).collect();
        order.sort_by_key(|i| place(&facts[*i]));
        let at = |k: usize| &facts[order[k]];
        // A function of the absolute values: a cone of coordinates and a sum of |yᵢ| may go before it.
        let (cones, sums) = (count(&facts, Place::Cone), count(&facts, Place::Sum));
        let (before, rest) = (cones + sums, order.len() - cones - sums);
        let absolute = (cones..order.len()).all(|k| at(k).absolute);
        // A chain of Yu's: all but the last are homogeneous, all but the first are functions of the norm.
        let homogeneous = (before..order.len()).rev().skip(1).all(|k| at(k).homogeneous);
        let radial = (before..order.len()).skip(1).all(|k| at(k).radial);
        let fits = atoms.iter().all(Atom::plain)
            && atoms.iter().all(|a| a.at.layout.count() == 1)
            && (cones <= 1 && sums <= 1)
            && (before == 0 || absolute)
            && (rest <= 1 || (homogeneous && radial));
        fits.then(|| order.iter().map(|i| atoms[*i].clone()).collect())
    }
}
