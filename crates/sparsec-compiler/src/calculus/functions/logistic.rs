//! Logistic loss: f(t) = Σ log(1 + exp tᵢ). With labels b = ±1 and scores s it is written `logistic(-b .* s)`.
//!
//! - Spelling: `logistic(e)`
//! - Domain: all of Rⁿ; convex, increasing, separable
//! - Gradient: σ(t) = 1/(1 + exp(−t)), Lipschitz constant 1/4
//! - Conjugate: f*(z) = Σ zᵢ log zᵢ + (1 − zᵢ) log(1 − zᵢ) on [0, 1]ⁿ
//! - Source: Boyd & Vandenberghe, *Convex Optimization* (2004), section 7.1

use super::prelude::*;
use sparsec_program::builder::{E, MapBuilder};
use sparsec_program::program::Compare;

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
fn plogp(m: &mut MapBuilder, p: E) -> E {
    let zero = m.literal(0.0);
    let log = m.log(p);
    let value = m.mul(p, log);
    m.select(p, Compare::Le, zero, zero, value)
}

impl Smooth for Logistic {
    fn value(&self, cx: &mut Emit, _at: &Use, t: View, out: View) {
        // max(t, 0) + log1p(exp(−|t|)) neither overflows nor cancels.
        cx.sum_to(out, t.len, |m| {
            let (t, zero) = (m.element(t), m.literal(0.0));
            let a = m.abs(t);
            let minus = m.neg(a);
            let small = m.exp(minus);
            let log = m.log1p(small);
            let pos = m.max(t, zero);
            m.add(pos, log)
        });
    }
    fn gradient(&self, cx: &mut Emit, at: &Use, t: View, out: View) {
        let c = cx.value(&at.coefficient);
        cx.b.map_to(out, |m| {
            let (t, zero, one) = (m.element(t), m.literal(0.0), m.literal(1.0));
            let a = m.abs(t);
            let minus = m.neg(a);
            let small = m.exp(minus);
            let below = m.add(one, small);
            let above = m.select(t, Compare::Lt, zero, small, one);
            let sigma = m.div(above, below);
            c.times(m, sigma)
        });
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
        cx.sum_to(out, d.len, |m| {
            let (d, zero) = (m.element(d), m.literal(0.0));
            m.max(d, zero)
        });
        true
    }
    fn scaling(&self) -> Scaling {
        Scaling::StarShaped
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, z: View, s: View, out: View) {
        let c = cx.value(&at.coefficient);
        cx.sum_to(out, z.len, |m| {
            let (z, s, c) = (m.element(z), m.scalar(s), c.e(m));
            let (zero, one) = (m.literal(0.0), m.literal(1.0));
            let sz = m.mul(s, z);
            let raw = m.div(sz, c);
            let p = m.min(raw, one);
            let q = m.sub(one, p);
            let (a, b) = (plogp(m, p), plogp(m, q));
            let sum = m.add(a, b);
            let value = m.mul(c, sum);
            m.select(c, Compare::Le, zero, zero, value)
        });
    }
}
