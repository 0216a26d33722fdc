//! Logistic loss: f(t) = Σ log(1 + exp tᵢ). With labels b = ±1 and scores s it is written `logistic(-b .* s)`.
//!
//! - Spelling: `logistic(e)`
//! - Domain: all of Rⁿ; convex, increasing, separable
//! - Gradient: σ(t) = 1/(1 + exp(−t)), Lipschitz constant 1/4
//! - Conjugate: f*(z) = Σ zᵢ log zᵢ + (1 − zᵢ) log(1 − zᵢ) on [0, 1]ⁿ
//! - Source: Boyd & Vandenberghe, *Convex Optimization* (2004), section 7.1

use super::prelude::*;

/// Σ log(1 + exp tᵢ)
#[derive(Debug)]
pub struct Logistic;

impl Function for Logistic {
    fn name(&self) -> &'static str {
        "logistic"
    }
    fn doc(&self) -> String {
        head(include_str!("logistic.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Entries
    }
    fn curvature(&self) -> Curvature {
        Curvature::Convex
    }
    fn sign(&self) -> Sign {
        Sign::Nonnegative
    }
    fn monotone(&self, _argument: Sign) -> Monotone {
        Monotone::Increasing
    }
    fn form(&self) -> Form {
        Form::Smooth(&Logistic)
    }
}

/// p log p for p in [0, 1], 0 at 0.
fn plogp(p: &Formula) -> Formula {
    p.le(0.0).then(0.0, p * p.log())
}

impl Smooth for Logistic {
    fn value(&self, cx: &mut Emit, _at: &Use, t: View, out: View) {
        // max(t, 0) + log1p(exp(−|t|)) neither overflows nor cancels.
        cx.b.sum(out, t.max(0.0) + (-t.abs()).exp().log1p());
    }
    fn gradient(&self, cx: &mut Emit, at: &Use, t: View, out: View) {
        let c = cx.value(&at.coefficient);
        let small = (-t.abs()).exp();
        let sigma = t.lt(0.0).then(&small, 1.0) / (1.0 + &small);
        cx.b.set(out, c * sigma);
    }
    fn lipschitz(&self, _cx: &mut Emit, _at: &Use) -> Value {
        Value::Literal(0.25)
    }
    fn gradient_text(&self, _at: &Use) -> String {
        "1/(1 + exp(−t))".to_owned()
    }
    fn lipschitz_text(&self, _at: &Use) -> String {
        "1/4".to_owned()
    }
    fn conjugate_text(&self, _at: &Use) -> String {
        "Σ z log z + (1 − z) log(1 − z) on [0, 1]".to_owned()
    }
    fn recession(&self, cx: &mut Emit, _at: &Use, d: View, out: View) -> bool {
        cx.b.sum(out, d.max(0.0));
        true
    }
    fn scaling(&self) -> Scaling {
        Scaling::StarShaped
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, z: View, s: View, out: View) {
        let c = cx.value(&at.coefficient);
        let p = (s * z / c).min(1.0);
        cx.b.sum(out, c.le(0.0).then(0.0, c * (plogp(&p) + plogp(&(1.0 - &p)))));
    }
}
