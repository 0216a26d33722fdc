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
    fn scaling(&self) -> Scaling {
        Scaling::Leaves
    }
    fn conjugate(&self, cx: &mut Emit, _on: Layout, c: Value, z: View, s: View, out: View) {
        cx.b.sum(out, c.le(0.0).then(0.0, c * xlogx(s * z / c)));
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
