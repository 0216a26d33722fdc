//! Euclidean norm: g(y) = ‖y‖₂, not squared (`‖y‖²` is `sum_squares`).
//!
//! - Spellings: `norm2(e)`, `‖e‖`, `‖e‖₂`, `||e||`; of a matrix, the Frobenius norm `norm_fro(A)`, `‖A‖_F`
//! - Domain: all of Rⁿ; convex, homogeneous, radial
//! - Prox: prox_{γ c g}(v) = max(0, 1 − γ c/‖v‖) v, and 0 at v = 0
//! - Conjugate: 0 where ‖u‖₂ ≤ c, +∞ elsewhere
//! - Jacobian of the prox: 0 where ‖v‖ < γ c, else (1 − γ c/‖v‖) I + γ c v vᵀ/‖v‖³
//! - Source: Beck, *First-Order Methods in Optimization* (2017), example 6.19

use crate::calculus::prelude::*;

pub(crate) static FUNCTION: Function = Function {
    name: "norm2",
    aliases: &["norm_fro"],
    file: include_str!("norm2.rs"),
    sign: Sign::Nonnegative,
    monotone: Monotone::even,
    over_rows: RowSum::Rows,
    form: Form::Proxable(|_| Arc::new(Norm2 { weights: None })),
    ..CONVEX
};

/// Σ wᵢ ‖yᵢ‖₂ over the vectors of a layout
#[derive(Debug)]
pub struct Norm2 {
    /// One w ≥ 0 for every vector; 1 unless given.
    pub weights: Option<Expr>,
}

impl Norm2 {
    /// wᵢ
    fn weight(&self, cx: &mut Emit) -> Value {
        self.weights.as_ref().map_or(Value::Literal(1.0), |w| cx.value(w))
    }
}

impl Proxable for Norm2 {
    fn name(&self) -> &'static str {
        "norm2"
    }
    fn facts(&self, on: Layout) -> Facts {
        let radial = on.count() == 1;
        Facts { homogeneous: true, absolute: true, nonnegative: true, radial, symmetric: radial, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, on: Layout, x: View, out: View) {
        let (w, norms) = (self.weight(cx), cx.row_norms(x, on));
        cx.b.sum(out, w * norms);
    }
    fn prox(&self, cx: &mut Emit, on: Layout, v: View, t: Value, out: View) -> Kept {
        let (w, norms) = (self.weight(cx), cx.row_norms(v, on));
        let shrink = cx.per_row(on, shrink_factor(norms, t * w));
        cx.b.set(out, shrink * v);
        vec![norms]
    }
    fn jacobian(&self, cx: &mut Emit, on: Layout, point: &ProxPoint) -> Symmetric {
        // 0 where ‖v‖ < t; else 1 along v and 1 − t/‖v‖ across it.
        let (norms, t) = (point.kept[0], point.t * self.weight(cx));
        let across = norms.lt(&t).then(0.0, 1.0 - ratio_or_zero(&t, norms));
        let along = norms.lt(&t).then(0.0, 1.0);
        Symmetric::radial(cx, Parts::Vectors(on), point.v, norms, [across, along])
    }
    fn tangent(&self, cx: &mut Emit, on: Layout, c: Value, x: View) -> Tangent {
        let (w, norms) = (self.weight(cx), cx.row_norms(x, on));
        let norms_of = cx.rows_to_entries(norms, on);
        let slope = cx.per_row(on, c * w);
        let slope = cx.entries("slope", x.len, slope * ratio_or_zero(x, norms_of));
        let smooth = cx.per_row(on, norms.gt(0.0).then(1.0, (c * w).le(0.0).then(1.0, 0.0)));
        Tangent::new(slope, Symmetric::Diagonal(Value::View(smooth)))
    }
    fn gauge(&self, cx: &mut Emit, on: Layout, c: Value, u: View, out: View) -> bool {
        let (w, norms) = (self.weight(cx), cx.row_norms(u, on));
        cx.b.max(out, part_of(norms, c * w));
        true
    }
    fn row_weighted(&self, w: &Expr) -> Option<Arc<dyn Proxable>> {
        Some(Arc::new(Norm2 { weights: Some(w.clone()) }))
    }
    fn data(&self) -> Vec<&Expr> {
        self.weights.iter().collect()
    }
    fn prox_text(&self, words: &Words) -> String {
        format!("max(0, 1 − {}/‖v‖) v", words.t)
    }
    fn conjugate_text(&self, words: &Words) -> String {
        format!("0 where ‖u‖ ≤ {}", words.c)
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::penalty("1.3*norm2(y)", |y| 1.3 * norm2(y), |u| indicator(norm2(u) <= 1.3)),
        Example::penalty("norm_fro(Y)", norm2, |u| indicator(norm2(u) <= 1.0)),
    ]
}
