//! Huber's function: f(t) = Σ h(tᵢ), h(t) = t² where |t| ≤ ρ and 2ρ|t| − ρ² outside (twice the textbook's, so that it meets `‖t‖²`).
//!
//! - Spelling: `huber(e, rho)`, ρ > 0
//! - Domain: all of Rⁿ; convex, even, separable
//! - Gradient: 2 clip(t, −ρ, ρ), Lipschitz constant 2
//! - Conjugate: f*(z) = ‖z‖²/4 where |zᵢ| ≤ 2ρ
//! - Source: Huber, *Robust Estimation of a Location Parameter* (1964); the factor is that of CVXPY's `huber`

use crate::calculus::prelude::*;
use sparsec_program::solver::Domain;

pub(crate) static FUNCTION: Function = Function {
    name: "huber",
    file: include_str!("huber.rs"),
    parameters: &[Parameter { name: "rho", kind: ParameterKind::Scalar(Some(Domain::Above(0.0))), optional: false }],
    sign: Sign::Nonnegative,
    monotone: Monotone::even,
    form: Form::Smooth(|args| Arc::new(Huber { rho: argument(args, 0) })),
    ..CONVEX
};

/// Σ h_ρ(tᵢ)
#[derive(Debug)]
pub struct Huber {
    /// ρ
    pub rho: Expr,
}

impl Smooth for Huber {
    fn name(&self) -> &'static str {
        "huber"
    }
    fn value(&self, cx: &mut Emit, _on: Layout, t: View, out: View) {
        let rho = cx.value(&self.rho);
        cx.b.sum(out, t.abs().le(rho).then(t.square(), rho * (2.0 * t.abs() - rho)));
    }
    fn gradient(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, out: View) {
        let rho = cx.value(&self.rho);
        cx.b.set(out, 2.0 * (c * t.min(rho).max(-rho)));
    }
    fn second(&self, cx: &mut Emit, _on: Layout, c: Value, t: View) -> Symmetric {
        let rho = cx.value(&self.rho);
        Symmetric::diagonal(cx, t.len, t.abs().le(rho).then(2.0 * c, 0.0))
    }
    fn lipschitz(&self, _cx: &mut Emit) -> Value {
        Value::Literal(2.0)
    }
    fn by_entries(&self) -> bool {
        true
    }
    fn recession(&self, cx: &mut Emit, _on: Layout, d: View, out: View) -> bool {
        let rho = cx.value(&self.rho);
        cx.b.sum(out, 2.0 * rho * d.abs());
        true
    }
    fn clip(&self, cx: &mut Emit, _on: Layout, c: Value, z: View) -> Option<Formula> {
        let most = 2.0 * (c * cx.value(&self.rho));
        Some(z.min(&most).max(-most))
    }
    fn excess(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, z: View, out: View) {
        // With q = ±z/c, positive where z has the sign of t.
        let (rho, size) = (cx.value(&self.rho), t.abs());
        let q = t.lt(0.0).then(-z, z) / c;
        let near = 0.25 * (&q - 2.0 * &size).square();
        let far = (2.0 * rho - &q) * (&size - rho) + (rho - 0.5 * &q).square();
        cx.b.sum(out, c.le(0.0).then(0.0, c * size.le(rho).then(near, far)));
    }
    fn lag(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, z: View, out: View) {
        cx.b.set(out, t - ratio_or_zero(z, 2.0 * c));
    }
    fn metric(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, _coarse: View) -> Metric<'_> {
        let rho = cx.value(&self.rho);
        let weights = 2.0 * (c * t.abs().le(rho).then(1.0, rho / t.abs()));
        Metric::Diagonal(Value::View(cx.entries("weights", t.len, weights)))
    }
    fn data(&self) -> Vec<&Expr> {
        vec![&self.rho]
    }
    fn gradient_text(&self, words: &Words) -> String {
        format!("2 clip(t, −{r}, {r})", r = words.data(&self.rho))
    }
    fn lipschitz_text(&self, _words: &Words) -> String {
        "2".to_owned()
    }
    fn conjugate_text(&self, words: &Words) -> String {
        format!("‖z‖²/4 where ‖z‖∞ ≤ 2 {}", words.data(&self.rho))
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::smooth("huber(y, 0.7)", |t| huber(t, 0.7), |z| of_huber(z, 0.7)),
        Example::smooth("2.5*huber(y, 0.1)", |t| 2.5 * huber(t, 0.1), |z| 2.5 * of_huber(&over(z, 2.5), 0.1)),
    ]
}

#[cfg(feature = "testing")]
fn huber(t: &[f64], rho: f64) -> f64 {
    t.iter().map(|t| if t.abs() <= rho { t * t } else { 2.0 * rho * t.abs() - rho * rho }).sum()
}

#[cfg(feature = "testing")]
fn of_huber(z: &[f64], rho: f64) -> f64 {
    use crate::calculus::oracle::*;
    indicator(norm_inf(z) <= 2.0 * rho * (1.0 + 1e-12)) + dot(z, z) / 4.0
}
