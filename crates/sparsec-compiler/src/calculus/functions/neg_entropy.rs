//! Negative entropy: g(y) = Σ yᵢ log yᵢ on y ≥ 0 (0 log 0 = 0); minus Shannon's `entropy`.
//!
//! - Spelling: `neg_entropy(e)`
//! - Domain: y ≥ 0; convex, separable
//! - Prox: prox_{γ c g}(v) = t ω(v/t − 1 − log t), t = γ c, ω Wright's function (ω + log ω = its argument)
//! - Conjugate: c Σ exp(uᵢ/c − 1)
//! - Jacobian of the prox: diag(yᵢ/(yᵢ + t)) at the prox y
//! - With a linear term on the simplex its minimiser is softmax
//! - Source: Combettes & Pesquet, *Proximal Splitting Methods in Signal Processing* (2011), table 10.2

use crate::calculus::prelude::*;
use sparsec_runtime::Kernel;

pub(crate) static FUNCTION: Function = Function {
    name: "neg_entropy",
    file: include_str!("neg_entropy.rs"),
    form: Form::Proxable(|_| Arc::new(NegEntropy)),
    ..CONVEX
};

/// Σ yᵢ log yᵢ
#[derive(Debug)]
pub struct NegEntropy;

impl Separable for NegEntropy {
    fn name(&self) -> &'static str {
        "neg_entropy"
    }
    fn facts(&self) -> Facts {
        Facts { symmetric: true, nonnegative_domain: true, ..Facts::default() }
    }
    fn value(&self, _cx: &mut Emit, x: &Formula) -> Formula {
        xlogx(x)
    }
    fn prox(&self, cx: &mut Emit, v: View, t: Value) -> Formula {
        let argument = cx.entries("argument", v.len, v / t - 1.0 - t.log());
        let omega = cx.b.scratch("omega", v.len);
        cx.b.kernel(Kernel::WrightOmega, &[v.len], &[argument], &[omega]);
        t.le(0.0).then(v.max(0.0), t * omega)
    }
    fn slope(&self, _cx: &mut Emit, point: &ProxPoint) -> Formula {
        part_of(point.x, point.x + point.t)
    }
    fn subdifferential(&self, _cx: &mut Emit, c: Value, x: View) -> [Formula; 2] {
        let slope = c.le(0.0).then(0.0, c * (1.0 + x.log()));
        [x.gt(0.0).then(&slope, f64::NEG_INFINITY), slope]
    }
    fn slopes(&self, _cx: &mut Emit, c: Value) -> [Formula; 2] {
        // c = 0 leaves the indicator of y ≥ 0.
        [f64::NEG_INFINITY.into(), c.le(0.0).then(0.0, f64::INFINITY)]
    }
    fn maximiser(&self, _cx: &mut Emit, c: Value, u: &Formula) -> Formula {
        c.le(0.0).then(0.0, (u / c - 1.0).exp())
    }
    fn conjugate(&self, _cx: &mut Emit, c: Value, u: &Formula) -> Formula {
        c.le(0.0).then(0.0, c * (u / c - 1.0).exp())
    }
    fn outside(&self, _cx: &mut Emit, x: View, sizes: View) -> Option<Formula> {
        Some(ratio_or_zero(-x, sizes))
    }
    fn has_maximiser(&self) -> bool {
        true
    }
    fn prox_text(&self, words: &Words) -> String {
        format!("t ω(v/t − 1 − log t), t = {}", words.t)
    }
    fn conjugate_text(&self, words: &Words) -> String {
        format!("{c}·Σ exp(u/{c} − 1)", c = words.c)
    }
    fn flops(&self) -> usize {
        40
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::penalty(
            "0.4*neg_entropy(y)",
            |y| 0.4 * y.iter().map(|y| xlogx(*y)).sum::<f64>(),
            |u| u.iter().map(|u| 0.4 * (u / 0.4 - 1.0).exp()).sum(),
        )
        .within(onto_nonneg),
    ]
}
