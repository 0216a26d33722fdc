//! l1 norm: g(y) = Σ |yᵢ|; weighted: `norm1(w .* y)` = Σ |wᵢ yᵢ|.
//!
//! - Spellings: `norm1(e)`, `‖e‖₁`, `||e||_1`, `sum(abs(e))`; of a matrix, over its entries
//! - Domain: all of Rⁿ; convex, even, homogeneous, separable
//! - Prox: prox_{γ c g}(v)ᵢ = sign(vᵢ) max(|vᵢ| − γ c wᵢ, 0), the soft threshold
//! - Conjugate: 0 where |uᵢ| ≤ c wᵢ for every i, +∞ elsewhere
//! - Jacobian of the prox: diag(1 where |vᵢ| > γ c wᵢ, else 0)
//! - On the simplex it is the constant Σ yᵢ and is dropped; with weights it is linear there
//! - Source: Beck, *First-Order Methods in Optimization* (2017), example 6.8

use crate::calculus::prelude::*;

pub(crate) static FUNCTION: Function = Function {
    name: "norm1",
    file: include_str!("norm1.rs"),
    sign: Sign::Nonnegative,
    monotone: Monotone::even,
    form: Form::Proxable(|_| Arc::new(Norm1 { weights: None })),
    ..CONVEX
};

/// Σ wᵢ |yᵢ|
#[derive(Debug)]
pub struct Norm1 {
    /// w ≥ 0; 1 unless given.
    pub weights: Option<Expr>,
}

impl Norm1 {
    /// wᵢ
    fn weight(&self, cx: &mut Emit) -> Value {
        self.weights.as_ref().map_or(Value::Literal(1.0), |w| cx.value(w))
    }
}

impl Separable for Norm1 {
    fn name(&self) -> &'static str {
        "norm1"
    }
    fn facts(&self) -> Facts {
        let symmetric = self.weights.is_none();
        Facts { homogeneous: true, absolute: true, nonnegative: true, symmetric, sparse: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, x: &Formula) -> Formula {
        self.weight(cx) * x.abs()
    }
    fn prox(&self, cx: &mut Emit, v: View, t: Value) -> Formula {
        let t = t * self.weight(cx);
        (v - &t).max(0.0) + (v + &t).min(0.0)
    }
    fn slope(&self, cx: &mut Emit, point: &ProxPoint) -> Formula {
        let t = point.t * self.weight(cx);
        point.v.abs().lt(t).then(0.0, 1.0)
    }
    fn slopes(&self, cx: &mut Emit, c: Value) -> [Formula; 2] {
        let w = c * self.weight(cx);
        [-&w, w]
    }
    fn weighted(&self, w: &Expr, _positive: bool) -> Option<Arc<dyn Proxable>> {
        let w = expr::abs(w.clone());
        let weights = match &self.weights {
            None => w,
            Some(before) => expr::element_product(before.clone(), w),
        };
        Some(Arc::new(Norm1 { weights: Some(weights) }))
    }
    fn part(&self, from: usize, len: usize) -> Option<Arc<dyn Proxable>> {
        Some(Arc::new(Norm1 { weights: self.weights.as_ref().map(|w| expr::part(w, from, len)) }))
    }
    fn padded(&self, to: &Picked) -> Option<Arc<dyn Proxable>> {
        let weights = self.weights.clone().unwrap_or_else(|| expr::number(1.0));
        Some(Arc::new(Norm1 { weights: Some(expr::padded(&weights, to, 0.0)?) }))
    }
    fn data(&self) -> Vec<&Expr> {
        self.weights.iter().collect()
    }
    fn prox_text(&self, words: &Words) -> String {
        match &self.weights {
            None => format!("soft(v, {})", words.t),
            Some(_) => format!("soft(vᵢ, {}·wᵢ)", words.t),
        }
    }
    fn conjugate_text(&self, words: &Words) -> String {
        match &self.weights {
            None => format!("0 where ‖u‖∞ ≤ {}", words.c),
            Some(_) => format!("0 where |uᵢ| ≤ {}·wᵢ", words.c),
        }
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::penalty("0.8*norm1(y)", |y| 0.8 * norm1(y), |u| indicator(norm_inf(u) <= 0.8)),
        Example::penalty("norm1(Y)", norm1, |u| indicator(norm_inf(u) <= 1.0)),
        Example::penalty(
            "2*norm1([0, 0.1, 0.3, 0.5, 1, 2] .* y)",
            |y| 2.0 * y.iter().zip(W).map(|(y, w)| w * y.abs()).sum::<f64>(),
            |u| indicator(u.iter().zip(W).all(|(u, w)| u.abs() <= 2.0 * w)),
        ),
    ]
}

#[cfg(feature = "testing")]
const W: [f64; 6] = [0.0, 0.1, 0.3, 0.5, 1.0, 2.0];
