//! Homogeneous functions first, then functions of the norm (Yu's theorem), on y ≥ 0 too.
//!
//! For f convex and homogeneous of degree 1 (norms, cones) and φ nondecreasing, prox of f + φ(‖·‖₂) is prox_φ ∘ prox_f; the same
//! holds group by group. For f that depends on |yᵢ| only, y ≥ 0 goes first: prox_f(max(v, 0)). The l1 norm goes before the max norm
//! and the l1 ball. So the order is: y ≥ 0 or a subspace, l1, groups or max norm or l1 ball, l2 norm, l2 ball.
//!
//! - Condition: one of each place in the order at most, none shifted, all on one vector
//! - A subspace `A*y == 0` goes with the l2 norm and the l2 ball alone
//! - Beside the max norm or the l1 ball the l1 norm has no weights
//! - After the l1 ball nothing follows, and it stands beside neither groups nor the max norm

use super::SumRule;
use crate::calculus::{Atom, Facts, head};

pub struct Chain;

/// Place in the order, or `None` for what does not take part.
fn rank(f: Facts) -> Option<u8> {
    Some(match f {
        f if f.nonneg => 0,
        f if f.affine && f.homogeneous => 0,
        f if f.separable && f.homogeneous && !f.set => 1,
        f if f.group_radial || f.max_norm => 2,
        f if f.l1_ball => 3,
        f if f.radial && !f.set => 4,
        f if f.radial => 5,
        _ => return None,
    })
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
        let unshifted = atoms.iter().all(|a| a.plain());
        let same_rows = atoms.iter().all(|a| a.at.rows == 1);
        let mut ranked = atoms.iter().map(|a| Some((rank(a.facts())?, a.clone()))).collect::<Option<Vec<_>>>()?;
        ranked.sort_by_key(|(r, _)| *r);
        let one_each = ranked.windows(2).all(|w| w[0].0 != w[1].0);
        let has = |r: u8| ranked.iter().any(|(k, _)| *k == r);
        // A subspace is no coordinate cone: only functions of the whole norm may follow it. Weights break the symmetry that the max norm
        // and the l1 ball need of the l1 norm. After the l1 ball, which is not homogeneous, nothing may follow.
        let subspace = ranked.iter().any(|(_, a)| a.facts().affine);
        let weighted = ranked.iter().any(|(r, a)| *r == 1 && a.at.weights.is_some());
        let needs_symmetry = has(3) || ranked.iter().any(|(_, a)| a.facts().max_norm);
        let fits = unshifted
            && same_rows
            && one_each
            && !(subspace && (has(1) || has(2) || has(3)))
            && !(weighted && needs_symmetry)
            && !(has(3) && (has(2) || has(4) || has(5)));
        fits.then(|| ranked.into_iter().map(|(_, a)| a).collect())
    }
}
