//! Log-sum-exp: f(t) = log Σ exp tᵢ, a smooth maximum.
//!
//! - Spelling: `log_sum_exp(e)`
//! - Domain: all of Rⁿ; convex, increasing
//! - Gradient: softmax(t), Lipschitz constant 1/2 in the Euclidean norm
//! - Conjugate: f*(z) = Σ zᵢ log zᵢ on the simplex
//! - Source: Boyd & Vandenberghe, *Convex Optimization* (2004), examples 3.1.5 and 3.25; the constant ½ bounds
//!   diag(p) − ppᵀ, whose largest eigenvalue on the simplex is at most ½

use crate::calculus::prelude::*;

pub(crate) static FUNCTION: Function = Function {
    name: "log_sum_exp",
    file: include_str!("log_sum_exp.rs"),
    takes: Takes::Vector,
    monotone: Monotone::increasing,
    over_rows: RowSum::Rows,
    form: Form::Smooth(|_| Arc::new(LogSumExp)),
    ..CONVEX
};

/// log Σ exp tᵢ
#[derive(Debug)]
pub struct LogSumExp;

/// The maximum m of each vector and Σ exp(tᵢ − m) over it, with exp(t − m) by entries.
fn shifted_sums(cx: &mut Emit, on: Layout, t: View) -> [View; 3] {
    let tops = cx.row_max(t, on);
    let (spread, powers) = (cx.rows_to_entries(tops, on), cx.b.scratch("powers", t.len));
    cx.b.set(powers, (t - spread).exp());
    [tops, cx.row_sums(powers, on), powers]
}

/// softmax(t)
fn softmax(cx: &mut Emit, on: Layout, t: View) -> Formula {
    let [_, sums, powers] = shifted_sums(cx, on, t);
    powers / cx.rows_to_entries(sums, on)
}

/// log softmax(t)
fn log_softmax(cx: &mut Emit, on: Layout, t: View) -> Formula {
    let [tops, sums, _] = shifted_sums(cx, on, t);
    let (tops, sums) = (cx.rows_to_entries(tops, on), cx.rows_to_entries(sums, on));
    (t - tops) - sums.log()
}

impl Smooth for LogSumExp {
    fn name(&self) -> &'static str {
        "log_sum_exp"
    }
    fn value(&self, cx: &mut Emit, on: Layout, t: View, out: View) {
        let [tops, sums, _] = shifted_sums(cx, on, t);
        cx.b.sum(out, tops + sums.log());
    }
    fn gradient(&self, cx: &mut Emit, on: Layout, c: Value, t: View, out: View) {
        let p = softmax(cx, on, t);
        cx.b.set(out, c * p);
    }
    fn second(&self, cx: &mut Emit, on: Layout, c: Value, t: View) -> Symmetric {
        // c (diag(p) − p pᵀ)
        let p = softmax(cx, on, t);
        let (direction, diagonal) = (cx.b.scratch("softmax", t.len), cx.b.scratch("diagonal", t.len));
        cx.b.set(direction, p);
        cx.b.set(diagonal, c * direction);
        let factor = cx.product(&[Value::Literal(-1.0), c]);
        Symmetric::Blocks { diagonal: Value::View(diagonal), direction, factor, parts: Parts::Vectors(on) }
    }
    fn lipschitz(&self, _cx: &mut Emit) -> Value {
        Value::Literal(0.5)
    }
    fn recession(&self, cx: &mut Emit, on: Layout, d: View, out: View) -> bool {
        let tops = cx.row_max(d, on);
        cx.b.sum(out, tops);
        true
    }
    fn scalable(&self) -> bool {
        false
    }
    fn clip(&self, cx: &mut Emit, on: Layout, c: Value, z: View) -> Option<Formula> {
        // Nonnegative with sum c, by a factor; where nothing is positive all entries are equal.
        let kept = cx.entries("kept", z.len, z.max(0.0));
        let sums = cx.row_sums(kept, on);
        let sums = cx.rows_to_entries(sums, on);
        let scaled = sums.gt(0.0).then(c * (kept / sums), c / on.len() as f64);
        // A sum that is right to rounding stays as it is, or clipping twice would differ.
        Some((sums - c).abs().le(4.0 * f64::EPSILON * c).then(kept, scaled))
    }
    fn excess(&self, cx: &mut Emit, on: Layout, c: Value, t: View, z: View, out: View) {
        // c KL(z/c ‖ softmax(t))
        let (p, logs) = (softmax(cx, on, t), log_softmax(cx, on, t));
        let p = cx.entries("softmax", t.len, p);
        cx.b.sum(out, c.le(0.0).then(0.0, c * divergence(z / c, p, logs)));
    }
    fn lag(&self, cx: &mut Emit, on: Layout, c: Value, t: View, z: View, out: View) {
        // But for a number for every vector: z moves along vectors of sum 0.
        let logs = log_softmax(cx, on, t);
        cx.b.set(out, c.le(0.0).then(0.0, logs - (z / c).max(f64::MIN_POSITIVE).log()));
    }
    fn metric(&self, cx: &mut Emit, on: Layout, c: Value, t: View, coarse: View) -> Metric<'_> {
        let p = softmax(cx, on, t);
        let tops = cx.row_max(t, on);
        let below = cx.rows_to_entries(tops, on) - t;
        let weights = c * coarse.gt(0.0).then(1.0 / below.max(1.0), p);
        Metric::FixedSum(cx.entries("weights", t.len, weights))
    }
    fn gradient_text(&self, _words: &Words) -> String {
        "softmax(t)".to_owned()
    }
    fn lipschitz_text(&self, _words: &Words) -> String {
        "1/2".to_owned()
    }
    fn conjugate_text(&self, _words: &Words) -> String {
        "Σ z log z on the simplex".to_owned()
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::smooth("log_sum_exp(y)", log_sum_exp, |z| of_log_sum_exp(z, 1.0)),
        Example::smooth("0.4*log_sum_exp(y)", |t| 0.4 * log_sum_exp(t), |z| of_log_sum_exp(z, 0.4)),
        Example::smooth(
            "sum(log_sum_exp(rows(Y)))",
            |t| over_rows(t, log_sum_exp),
            |z| over_rows(z, |z| of_log_sum_exp(z, 1.0)),
        ),
    ]
}

#[cfg(feature = "testing")]
fn log_sum_exp(t: &[f64]) -> f64 {
    let top = crate::calculus::oracle::max(t);
    top + t.iter().map(|t| (t - top).exp()).sum::<f64>().ln()
}

/// Of c f: c Σ p log p on the simplex of radius c, p = z/c.
#[cfg(feature = "testing")]
fn of_log_sum_exp(z: &[f64], c: f64) -> f64 {
    use crate::calculus::oracle::*;
    indicator(off_simplex(z, c) <= 1e-9) + z.iter().map(|z| c * xlogx(z.max(0.0) / c)).sum::<f64>()
}
