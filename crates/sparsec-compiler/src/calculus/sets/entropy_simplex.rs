//! Negative entropy on the simplex: g(y) = c Σ yᵢ log yᵢ + δ{y ≥ 0, Σ yᵢ = r}.
//!
//! - Made by the sum rules from `neg_entropy(y)` (or `−entropy(y)`) and `y in simplex(r)`
//! - Prox: yᵢ = t ω((vᵢ − ν)/t − 1 − log t), t = γ c, with the ν that makes the sum r
//! - Jacobian of the prox: W − W 1 1ᵀ W/(1ᵀ W 1), W = diag(yᵢ/(yᵢ + t)) at the prox y
//! - Conjugate: r c log Σ exp(uᵢ/c) − c r log r, reached at r softmax(u/c)
//! - Source: Combettes & Pesquet (2011); Blondel, Martins & Niculae, *Learning with Fenchel-Young Losses* (2020)

use crate::calculus::functions::neg_entropy::{NegEntropy, slope, xlogx};
use crate::calculus::functions::prelude::*;
use crate::calculus::sets::simplex::{Simplex, centred};
use crate::text::{coefficient_text, step_text};
use sparsec_runtime::Kernel;

/// c Σ yᵢ log yᵢ on the simplex; its argument is the radius.
#[derive(Debug)]
pub struct EntropySimplex;

impl EntropySimplex {
    /// `out = r softmax(u/c)` row by row
    pub fn softmax(cx: &mut Emit, at: &Use, u: View, out: View) {
        let (c, r) = (cx.value(&at.coefficient), cx.arg_value(at, 0));
        let top = cx.row_max(u, at.rows, at.len);
        let top = cx.rows_to_entries(top, at.rows, at.len);
        let e = cx.b.scratch("exp", u.len);
        cx.b.set(e, ((u - top) / c).exp());
        let sum = cx.row_sums(e, at.rows, at.len);
        let sum = cx.rows_to_entries(sum, at.rows, at.len);
        cx.b.set(out, r * (e / sum));
    }
}

impl Proxable for EntropySimplex {
    fn name(&self) -> &'static str {
        "entropy on the simplex"
    }
    fn facts(&self, _at: &Use) -> Facts {
        Facts { symmetric: true, implies_nonneg: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        NegEntropy.value(cx, at, x, out);
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View) {
        let (c, r) = (cx.value(&at.coefficient), cx.arg_value(at, 0));
        let t = cx.product(&[gamma, c]);
        let (t, r) = (cx.as_view(t), cx.as_view(r));
        let work = cx.b.scratch("work", at.len);
        cx.b.kernel(Kernel::ProxEntropySimplex, &[at.rows, at.len], &[v, t, r], &[out, work]);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let c = cx.value(&at.coefficient);
        let t = cx.product(&[point.gamma, c]);
        let slopes = cx.b.scratch("slopes", d.len);
        cx.b.set(slopes, slope(point.x, t));
        centred(cx, (at.rows, at.len), slopes, d, out);
    }
    fn prox_text(&self, at: &Use) -> String {
        format!("t ω((v − ν)/t − 1 − log t), t = {}, ν such that the sum is {}", step_text(at), arg_text(at, 0))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("{c} log Σ exp(u/{c})", c = coefficient_text(at))
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, _before: &[Atom], u: View, value: View, violation: View) {
        let best = cx.b.scratch("best", u.len);
        Self::softmax(cx, at, u, best);
        let c = cx.value(&at.coefficient);
        cx.b.sum(value, u * best - c * xlogx(best));
        // c = 0 leaves the simplex.
        let (tops, r) = (cx.row_max(u, at.rows, at.len), cx.arg_value(at, 0));
        let top = cx.b.scratch("tops_sum", 1);
        cx.b.sum(top, tops);
        cx.b.set(value, c.le(0.0).then(r * top, value));
        cx.b.fill(violation, 0.0);
    }
    fn violation(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        Simplex.violation(cx, at, x, out);
    }
    fn flops(&self, at: &Use) -> usize {
        200 * at.rows * at.len
    }
}
