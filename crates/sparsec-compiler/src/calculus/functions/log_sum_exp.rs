//! Log-sum-exp: f(t) = log Σ exp tᵢ, a smooth maximum.
//!
//! - Spelling: `log_sum_exp(e)`
//! - Domain: all of Rⁿ; convex, increasing
//! - Gradient: softmax(t), Lipschitz constant 1/2 in the Euclidean norm
//! - Conjugate: f*(z) = Σ zᵢ log zᵢ on the simplex
//! - Source: Boyd & Vandenberghe, *Convex Optimization* (2004), examples 3.1.5 and 3.25; the constant ½ bounds
//!   diag(p) − ppᵀ, whose largest eigenvalue on the simplex is at most ½

use super::prelude::*;
use sparsec_program::program::ReduceOp;

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
}

/// The largest entry and Σ exp(tᵢ − largest).
fn shifted_sum(cx: &mut Emit, t: View) -> (View, View) {
    let (top, sum) = (cx.b.scratch("top", 1), cx.b.scratch("sum", 1));
    cx.b.reduce_to(top, ReduceOp::Max, t.len, |m| m.element(t));
    cx.sum_to(sum, t.len, |m| {
        let (t, top) = (m.element(t), m.scalar(top));
        let d = m.sub(t, top);
        m.exp(d)
    });
    (top, sum)
}

impl Smooth for LogSumExp {
    fn value(&self, cx: &mut Emit, _at: &Use, t: View, out: View) {
        let (top, sum) = shifted_sum(cx, t);
        cx.b.map_to(out, |m| {
            let (top, sum) = (m.scalar(top), m.scalar(sum));
            let log = m.log(sum);
            m.add(top, log)
        });
    }
    fn gradient(&self, cx: &mut Emit, at: &Use, t: View, out: View) {
        let c = cx.value(&at.coefficient);
        let (top, sum) = shifted_sum(cx, t);
        cx.b.map_to(out, |m| {
            let (t, top, sum) = (m.element(t), m.scalar(top), m.scalar(sum));
            let d = m.sub(t, top);
            let e = m.exp(d);
            let p = m.div(e, sum);
            c.times(m, p)
        });
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
    fn scaling(&self) -> Scaling {
        Scaling::Leaves
    }
}
