//! Log-sum-exp: f(t) = log Σ exp tᵢ, a smooth maximum.
//!
//! - Spelling: `log_sum_exp(e)`
//! - Domain: all of Rⁿ; convex, increasing
//! - Gradient: softmax(t), Lipschitz constant 1/2 in the Euclidean norm
//! - Conjugate: f*(z) = Σ zᵢ log zᵢ on the simplex
//! - Source: Boyd & Vandenberghe, *Convex Optimization* (2004), examples 3.1.5 and 3.25; the constant ½ bounds
//!   diag(p) − ppᵀ, whose largest eigenvalue on the simplex is at most ½

use super::prelude::*;

/// log Σ exp tᵢ
#[derive(Debug)]
pub struct LogSumExp;

impl Function for LogSumExp {
    fn name(&self) -> &'static str {
        "log_sum_exp"
    }
    fn doc(&self) -> String {
        head(include_str!("log_sum_exp.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Vector
    }
    fn curvature(&self) -> Curvature {
        Curvature::Convex
    }
    fn sign(&self) -> Sign {
        Sign::Unknown
    }
    fn monotone(&self, _argument: Sign) -> Monotone {
        Monotone::Increasing
    }
    fn form(&self) -> Form {
        Form::Smooth(&LogSumExp)
    }
    fn row_sum(&self) -> RowSum {
        RowSum::Rows
    }
}

/// The maximum m of each row and Σ exp(tᵢ − m) over it, with t − m by entries.
fn shifted_sums(cx: &mut Emit, at: &Use, t: View) -> (View, View, View) {
    let tops = cx.row_max(t, at.rows, at.len);
    let spread = cx.rows_to_entries(tops, at.rows, at.len);
    let powers = cx.b.scratch("powers", t.len);
    cx.b.set(powers, (t - spread).exp());
    let sums = cx.row_sums(powers, at.rows, at.len);
    (tops, sums, powers)
}

impl Smooth for LogSumExp {
    fn value(&self, cx: &mut Emit, at: &Use, t: View, out: View) {
        let (tops, sums, _) = shifted_sums(cx, at, t);
        cx.b.sum(out, tops + sums.log());
    }
    fn gradient(&self, cx: &mut Emit, at: &Use, t: View, out: View) {
        let c = cx.value(&at.coefficient);
        let (_, sums, powers) = shifted_sums(cx, at, t);
        let sums = cx.rows_to_entries(sums, at.rows, at.len);
        cx.b.set(out, c * (powers / sums));
    }
    fn lipschitz(&self, _cx: &mut Emit, _at: &Use) -> Value {
        Value::Literal(0.5)
    }
    fn gradient_text(&self, _at: &Use) -> String {
        "softmax(t)".to_owned()
    }
    fn lipschitz_text(&self, _at: &Use) -> String {
        "1/2".to_owned()
    }
    fn conjugate_text(&self, _at: &Use) -> String {
        "Σ z log z on the simplex".to_owned()
    }
    fn recession(&self, cx: &mut Emit, at: &Use, d: View, out: View) -> bool {
        let tops = cx.row_max(d, at.rows, at.len);
        cx.b.sum(out, tops);
        true
    }
    fn scaling(&self) -> Scaling {
        Scaling::Leaves
    }
}
