//! Group norm: g(y) = Σ_G w_G ‖y_G‖₂ over disjoint groups of entries; entries in no group are free.
//!
//! - Spellings: `group_norm(e, 10)` for consecutive groups of 10; `group_norm(e, [[0, 1], [2, 3, 4]], w)` with zero-based
//!   indices and optional weights w ≥ 0 (1 unless given)
//! - Domain: all of Rⁿ; convex, homogeneous, a sum of radial functions
//! - Prox: y_G = max(0, 1 − γ c w_G/‖v_G‖) v_G group by group
//! - Conjugate: 0 where ‖u_G‖ ≤ c w_G for every group (and u is 0 on free entries), +∞ elsewhere
//! - Jacobian of the prox: block diagonal, as for `norm2`
//! - Source: Yuan & Lin, *Model Selection and Estimation in Regression with Grouped Variables* (2006)

use super::prelude::*;
use crate::text::{coefficient_text, step_text};
use sparsec_runtime::Kernel;

/// Σ_G w_G ‖y_G‖₂
#[derive(Debug)]
pub struct GroupNorm;

impl Function for GroupNorm {
    fn name(&self) -> &'static str {
        "group_norm"
    }
    fn doc(&self) -> String {
        head(include_str!("group_norm.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Vector
    }
    fn parameters(&self) -> &'static [Parameter] {
        &[
            Parameter { name: "groups", kind: ParameterKind::Groups, optional: false },
            Parameter { name: "w", kind: ParameterKind::GroupWeights, optional: true },
        ]
    }
    fn curvature(&self) -> Curvature {
        Curvature::Convex
    }
    fn sign(&self) -> Sign {
        Sign::Nonnegative
    }
    fn monotone(&self, argument: Sign) -> Monotone {
        even_monotone(argument)
    }
    fn form(&self) -> Form {
        Form::Proxable(&GroupNorm)
    }
}

fn groups(at: &Use) -> &[Vec<usize>] {
    match at.args.first() {
        Some(Arg::Groups(groups)) => groups,
        _ => &[],
    }
}

/// Group number per entry (−1 for none), the groups' weights, and their norms at `v`.
fn norms(cx: &mut Emit, at: &Use, v: View) -> (View, Value, View) {
    let groups = groups(at);
    let mut ids = vec![-1.0; v.len];
    for (g, members) in groups.iter().enumerate() {
        for &i in members {
            ids[i] = g as f64;
        }
    }
    let ids = cx.table("groups", ids);
    let weights = match at.args.get(1) {
        Some(Arg::Expr(w)) => cx.value(w),
        _ => Value::Literal(1.0),
    };
    let norms = cx.b.scratch("norms", groups.len());
    cx.b.kernel(Kernel::GroupNorms, &[v.len, groups.len()], &[ids, v], &[norms]);
    (ids, weights, norms)
}

impl Proxable for GroupNorm {
    fn name(&self) -> &'static str {
        "group_norm"
    }
    fn facts(&self, _at: &Use) -> Facts {
        Facts { homogeneous: true, group_radial: true, absolute: true, sparse: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let c = cx.value(&at.coefficient);
        let (_, w, norms) = norms(cx, at, x);
        cx.b.sum(out, c * (w * norms));
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[gamma, c]);
        let (ids, w, norms) = norms(cx, at, v);
        let factors = cx.b.scratch("shrink", norms.len);
        cx.b.set(factors, shrink_factor(norms, w * t));
        let spread = cx.b.scratch("spread", v.len);
        cx.b.kernel(Kernel::GroupSpread, &[v.len, norms.len], &[ids, factors], &[spread]);
        cx.b.set(out, spread * v);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[point.gamma, c]);
        let (ids, w, norms) = norms(cx, at, point.v);
        let g = norms.len;
        // As for the Euclidean norm, group by group: J d = (1 − s) d + s ⟨n, d⟩ n, or 0 where ‖v_G‖ < t w_G.
        let limits = cx.b.scratch("limits", g);
        cx.b.set(limits, w * t);
        let spread = |cx: &mut Emit, of: View| {
            let out = cx.b.scratch("spread", d.len);
            cx.b.kernel(Kernel::GroupSpread, &[d.len, g], &[ids, of], &[out]);
            out
        };
        let size = spread(cx, norms);
        let (direction, product) = (cx.b.scratch("direction", d.len), cx.b.scratch("product", d.len));
        cx.b.map(d.len, |m| {
            let n = ratio_or_zero(point.v, size);
            m.store(direction, &n);
            m.store(product, n * d);
        });
        let along = cx.b.scratch("along", g);
        cx.b.kernel(Kernel::GroupSums, &[d.len, g], &[ids, product], &[along]);
        let (across, beside) = (cx.b.scratch("across", g), cx.b.scratch("beside", g));
        cx.b.map(g, |m| {
            let s = ratio_or_zero(limits, norms);
            m.store(across, norms.lt(limits).then(0.0, 1.0 - &s));
            m.store(beside, norms.lt(limits).then(0.0, s * along));
        });
        let across = spread(cx, across);
        // An entry in no group has the factor 1 of `group_spread` here as well: it must not count.
        let along = spread(cx, beside);
        cx.b.set(out, ids.lt(0.0).then(d, across * d + along * direction));
    }
    fn prox_text(&self, at: &Use) -> String {
        format!("max(0, 1 − {}·w_G/‖v_G‖) v_G for every group G", step_text(at))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("0 where ‖u_G‖ ≤ {}·w_G for every group G", coefficient_text(at))
    }
    fn gauge(&self, cx: &mut Emit, at: &Use, u: View, out: View) -> bool {
        let covered: usize = groups(at).iter().map(Vec::len).sum();
        if covered != u.len {
            return false;
        }
        let c = cx.value(&at.coefficient);
        let (_, w, norms) = norms(cx, at, u);
        cx.b.max(out, part_of(norms, w * c));
        true
    }
    fn flops(&self, at: &Use) -> usize {
        6 * at.len
    }
}
