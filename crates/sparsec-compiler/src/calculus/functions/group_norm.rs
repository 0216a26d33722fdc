//! Group norm: g(y) = Σ_G w_G ‖y_G‖₂ over disjoint groups of entries; entries in no group are free.
//!
//! - Spellings: `group_norm(e, 10)` for consecutive groups of 10; `group_norm(e, [[0, 1], [2, 3, 4]], w)` with zero-based
//!   indices and optional weights w ≥ 0 (1 unless given)
//! - Domain: all of Rⁿ; convex, homogeneous, a sum of radial functions
//! - Prox: y_G = max(0, 1 − γ c w_G/‖v_G‖) v_G group by group
//! - Conjugate: 0 where ‖u_G‖ ≤ c w_G for every group (and u is 0 on free entries), +∞ elsewhere
//! - Jacobian of the prox: block diagonal, as for `norm2`
//! - Source: Yuan & Lin, *Model Selection and Estimation in Regression with Grouped Variables* (2006)

use crate::calculus::prelude::*;
use sparsec_runtime::Kernel;

pub(crate) static FUNCTION: Function = Function {
    name: "group_norm",
    file: include_str!("group_norm.rs"),
    takes: Takes::Vector,
    parameters: &[
        Parameter { name: "groups", kind: ParameterKind::Groups, optional: false },
        Parameter { name: "w", kind: ParameterKind::GroupWeights, optional: true },
    ],
    sign: Sign::Nonnegative,
    monotone: Monotone::even,
    over_rows: RowSum::Unknown,
    form: Form::Proxable(|args| Arc::new(GroupNorm::of(args))),
    ..CONVEX
};

/// Σ_G w_G ‖y_G‖₂
#[derive(Debug)]
pub struct GroupNorm {
    /// Disjoint groups of entries.
    pub groups: Vec<Vec<usize>>,
    /// One w ≥ 0 for every group; 1 unless given.
    pub weights: Option<Expr>,
}

impl GroupNorm {
    fn of(args: &[Arg]) -> Self {
        let groups = match args.first() {
            Some(Arg::Groups(groups)) => groups.clone(),
            _ => Vec::new(),
        };
        GroupNorm { groups, weights: args.get(1).and_then(Arg::expr).cloned() }
    }

    /// w_G
    fn weight(&self, cx: &mut Emit) -> Value {
        self.weights.as_ref().map_or(Value::Literal(1.0), |w| cx.value(w))
    }

    /// The groups by number, −1 for entries in none.
    fn numbered(&self, cx: &mut Emit, len: usize) -> (View, Parts) {
        let mut numbers = vec![-1.0; len];
        for (g, members) in self.groups.iter().enumerate() {
            members.iter().for_each(|i| numbers[*i] = g as f64);
        }
        let ids = cx.table("groups", numbers);
        (ids, Parts::Groups { ids, count: self.groups.len() })
    }

    /// ‖v_G‖
    fn norms(&self, cx: &mut Emit, v: View) -> View {
        let (ids, _) = self.numbered(cx, v.len);
        let norms = cx.b.scratch("norms", self.groups.len());
        cx.b.kernel(Kernel::GroupNorms, &[v.len, norms.len], &[ids, v], &[norms]);
        norms
    }
}

impl Proxable for GroupNorm {
    fn name(&self) -> &'static str {
        "group_norm"
    }
    fn facts(&self, _on: Layout) -> Facts {
        Facts { homogeneous: true, absolute: true, nonnegative: true, sparse: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _on: Layout, x: View, out: View) {
        let (w, norms) = (self.weight(cx), self.norms(cx, x));
        cx.b.sum(out, w * norms);
    }
    fn prox(&self, cx: &mut Emit, _on: Layout, v: View, t: Value, out: View) -> Kept {
        let (w, norms) = (self.weight(cx), self.norms(cx, v));
        let shrink = cx.entries("shrink", norms.len, shrink_factor(norms, t * w));
        let (_, parts) = self.numbered(cx, v.len);
        let shrink = parts.spread(cx, shrink, v.len);
        cx.b.set(out, shrink * v);
        vec![norms]
    }
    fn by_parts(&self) -> bool {
        true
    }
    fn parts(&self, cx: &mut Emit, on: Layout) -> Option<Parts> {
        Some(self.numbered(cx, on.entries()).1)
    }
    fn jacobian(&self, cx: &mut Emit, _on: Layout, point: &ProxPoint) -> Symmetric {
        // As for the Euclidean norm, group by group.
        let (norms, t) = (point.kept[0], point.t * self.weight(cx));
        let across = norms.lt(&t).then(0.0, 1.0 - ratio_or_zero(&t, norms));
        let along = norms.lt(&t).then(0.0, 1.0);
        let (_, parts) = self.numbered(cx, point.v.len);
        Symmetric::radial(cx, parts, point.v, norms, [across, along])
    }
    fn tangent(&self, cx: &mut Emit, _on: Layout, c: Value, x: View) -> Tangent {
        let ((ids, parts), w, norms) = (self.numbered(cx, x.len), self.weight(cx), self.norms(cx, x));
        let weights = cx.entries("weights", norms.len, ratio_or_zero(c * w, norms));
        let smooth = cx.entries("smooth", norms.len, norms.gt(0.0).then(1.0, (c * w).le(0.0).then(1.0, 0.0)));
        let [weights, smooth] = [weights, smooth].map(|of| parts.spread(cx, of, x.len));
        // An entry in no group is free.
        let slope = cx.entries("slope", x.len, ids.lt(0.0).then(0.0, weights * x));
        Tangent::new(slope, Symmetric::Diagonal(Value::View(smooth)))
    }
    fn gauge(&self, cx: &mut Emit, _on: Layout, c: Value, u: View, out: View) -> bool {
        let (w, norms) = (self.weight(cx), self.norms(cx, u));
        let ((ids, _), free) = (self.numbered(cx, u.len), cx.b.scratch("free", 1));
        // No scale makes a slope on a free entry feasible.
        cx.b.max(free, ids.lt(0.0).then(u.abs().gt(0.0).then(f64::INFINITY, 0.0), 0.0));
        cx.b.max(out, part_of(norms, c * w));
        cx.b.set(out, out.max(free));
        true
    }
    fn padded(&self, to: &Picked) -> Option<Arc<dyn Proxable>> {
        let moved = self.groups.iter().map(|g| g.iter().map(|i| to.entries[*i]).collect()).collect();
        Some(Arc::new(GroupNorm { groups: moved, weights: self.weights.clone() }))
    }
    fn data(&self) -> Vec<&Expr> {
        self.weights.iter().collect()
    }
    fn same(&self, other: &dyn Proxable) -> bool {
        let same = |(a, b): (&Expr, &Expr)| expr::same(a, b);
        other.is::<GroupNorm>().is_some_and(|other| {
            self.groups == other.groups && self.weights.iter().zip(&other.weights).all(same)
                && self.weights.is_some() == other.weights.is_some()
        })
    }
    fn prox_text(&self, words: &Words) -> String {
        format!("max(0, 1 − {}·w_G/‖v_G‖) v_G for every group G", words.t)
    }
    fn conjugate_text(&self, words: &Words) -> String {
        format!("0 where ‖u_G‖ ≤ {}·w_G for every group G", words.c)
    }
    fn flops(&self, on: Layout) -> usize {
        6 * on.entries()
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::penalty("0.9*group_norm(y, 2)", |y| 0.9 * y.chunks(2).map(norm2).sum::<f64>(), |u| {
            indicator(u.chunks(2).all(|u| norm2(u) <= 0.9))
        }),
        // The entry in no group is free.
        Example::penalty(
            "group_norm(y, [[0, 3], [1, 2, 4]], [0.5, 2])",
            |y| 0.5 * norm2(&[y[0], y[3]]) + 2.0 * norm2(&[y[1], y[2], y[4]]),
            |u| indicator(norm2(&[u[0], u[3]]) <= 0.5 && norm2(&[u[1], u[2], u[4]]) <= 2.0 && u[5] == 0.0),
        ),
        Example::penalty("0.7*norm21(Y)", |y| 0.7 * over_rows(y, norm2), |u| over_rows(u, |u| indicator(norm2(u) <= 0.7))),
        Example::penalty("dot([1, 0.2, 3], norm2(cols(Y)))", |y| dot(&[1.0, 0.2, 3.0], &columns(y).iter().map(|c| norm2(c)).collect::<Vec<_>>()), |u| {
            indicator(columns(u).iter().zip([1.0, 0.2, 3.0]).all(|(c, w)| norm2(c) <= w))
        }),
    ]
}
