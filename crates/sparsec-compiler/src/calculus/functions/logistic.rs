//! Logistic loss: f(t) = Σ log(1 + exp tᵢ). With labels b = ±1 and scores s it is written `logistic(-b .* s)`.
//!
//! - Spelling: `logistic(e)`
//! - Domain: all of Rⁿ; convex, increasing, separable
//! - Gradient: σ(t) = 1/(1 + exp(−t)), Lipschitz constant 1/4
//! - Conjugate: f*(z) = Σ zᵢ log zᵢ + (1 − zᵢ) log(1 − zᵢ) on [0, 1]ⁿ
//! - Source: Boyd & Vandenberghe, *Convex Optimization* (2004), section 7.1

use crate::calculus::prelude::*;

pub(crate) static FUNCTION: Function = Function {
    name: "logistic",
    file: include_str!("logistic.rs"),
    sign: Sign::Nonnegative,
    monotone: Monotone::increasing,
    form: Form::Smooth(|_| Arc::new(Logistic)),
    ..CONVEX
};

/// Σ log(1 + exp tᵢ)
#[derive(Debug)]
pub struct Logistic;

/// σ(t) = 1/(1 + exp(−t)) and 1 − σ(t); neither overflows.
fn sigma(t: View) -> [Formula; 2] {
    let small = (-t.abs()).exp();
    let below = 1.0 + &small;
    [t.lt(0.0).then(&small, 1.0) / &below, t.lt(0.0).then(1.0, &small) / below]
}

/// log σ(t) and log(1 − σ(t))
fn log_sigma(t: View) -> [Formula; 2] {
    let rest = (-t.abs()).exp().log1p();
    [t.min(0.0) - &rest, (-t).min(0.0) - rest]
}

impl Smooth for Logistic {
    fn name(&self) -> &'static str {
        "logistic"
    }
    fn value(&self, cx: &mut Emit, _on: Layout, t: View, out: View) {
        // Neither overflows nor cancels.
        cx.b.sum(out, t.max(0.0) + (-t.abs()).exp().log1p());
    }
    fn gradient(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, out: View) {
        let [p, _] = sigma(t);
        cx.b.set(out, c * p);
    }
    fn second(&self, cx: &mut Emit, _on: Layout, c: Value, t: View) -> Symmetric {
        let [p, q] = sigma(t);
        Symmetric::diagonal(cx, t.len, c * (p * q))
    }
    fn lipschitz(&self, _cx: &mut Emit) -> Value {
        Value::Literal(0.25)
    }
    fn by_entries(&self) -> bool {
        true
    }
    fn recession(&self, cx: &mut Emit, _on: Layout, d: View, out: View) -> bool {
        cx.b.sum(out, d.max(0.0));
        true
    }
    fn clip(&self, _cx: &mut Emit, _on: Layout, c: Value, z: View) -> Option<Formula> {
        Some(z.max(0.0).min(c))
    }
    fn excess(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, z: View, out: View) {
        // c KL(z/c ‖ σ(t)) of the two outcomes.
        let ([p, q], [yes, no]) = (sigma(t), log_sigma(t));
        let r = (z / c).min(1.0);
        let of_both = divergence(&r, &p, yes) + divergence(1.0 - &r, &q, no);
        cx.b.sum(out, c.le(0.0).then(0.0, c * of_both));
    }
    fn lag(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, z: View, out: View) {
        let p = (z / c).min(1.0);
        let inverse = p.max(f64::MIN_POSITIVE).log() - (1.0 - &p).max(f64::MIN_POSITIVE).log();
        cx.b.set(out, c.le(0.0).then(0.0, t - inverse));
    }
    fn metric(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, _coarse: View) -> Metric<'_> {
        // tanh(|t|/2)/(2|t|): Jaakkola & Jordan, Bayesian parameter estimation via variational methods (2000).
        let small = (-t.abs()).exp();
        let tanh = (1.0 - &small) / (1.0 + &small);
        let weights = c * t.abs().le(1e-4).then(0.25, tanh / (2.0 * t.abs()));
        Metric::Diagonal(Value::View(cx.entries("weights", t.len, weights)))
    }
    fn gradient_text(&self, _words: &Words) -> String {
        "1/(1 + exp(−t))".to_owned()
    }
    fn lipschitz_text(&self, _words: &Words) -> String {
        "1/4".to_owned()
    }
    fn conjugate_text(&self, _words: &Words) -> String {
        "Σ z log z + (1 − z) log(1 − z) on [0, 1]".to_owned()
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::smooth("logistic(y)", logistic, of_logistic),
        Example::smooth("1.7*logistic(y)", |t| 1.7 * logistic(t), |z| 1.7 * of_logistic(&over(z, 1.7))),
    ]
}

#[cfg(feature = "testing")]
fn logistic(t: &[f64]) -> f64 {
    t.iter().map(|t| if *t > 0.0 { t + (-t).exp().ln_1p() } else { t.exp().ln_1p() }).sum()
}

#[cfg(feature = "testing")]
fn of_logistic(z: &[f64]) -> f64 {
    use crate::calculus::oracle::xlogx;
    z.iter().map(|z| xlogx(*z) + xlogx(1.0 - z)).sum()
}
