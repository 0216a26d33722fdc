//! Sum of squares: f(t) = Σ tᵢ². No ½ is hidden: `‖x − D y‖²` has gradient `2 Dᵀ(D y − x)`.
//!
//! - Spellings: `sum_squares(e)`, `‖e‖²`, `||e||^2`, `norm2(e)^2`, `sum(e^2)`; of a matrix, over its entries
//! - Domain: all of Rⁿ; convex, 2-strongly convex, separable
//! - Gradient: 2 t, Lipschitz constant 2
//! - Conjugate: f*(z) = ‖z‖²/4
//! - Source: Beck, *First-Order Methods in Optimization* (2017), section 4.4

use crate::calculus::prelude::*;

pub(crate) static FUNCTION: Function = Function {
    name: "sum_squares",
    file: include_str!("sum_squares.rs"),
    sign: Sign::Nonnegative,
    monotone: Monotone::even,
    form: Form::Smooth(|_| Arc::new(SumSquares)),
    ..CONVEX
};

/// Σ tᵢ²
#[derive(Debug)]
pub struct SumSquares;

impl Smooth for SumSquares {
    fn name(&self) -> &'static str {
        "sum_squares"
    }
    fn value(&self, cx: &mut Emit, _on: Layout, t: View, out: View) {
        cx.b.sum(out, t.square());
    }
    fn gradient(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, out: View) {
        cx.b.set(out, 2.0 * (c * t));
    }
    fn second(&self, cx: &mut Emit, _on: Layout, c: Value, _t: View) -> Symmetric {
        Symmetric::Diagonal(cx.product(&[Value::Literal(2.0), c]))
    }
    fn lipschitz(&self, _cx: &mut Emit) -> Value {
        Value::Literal(2.0)
    }
    fn excess(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, z: View, out: View) {
        cx.b.sum(out, part_of((z - 2.0 * (c * t)).square(), 4.0 * c));
    }
    fn lag(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, z: View, out: View) {
        cx.b.set(out, t - ratio_or_zero(z, 2.0 * c));
    }
    fn metric(&self, cx: &mut Emit, _on: Layout, c: Value, _t: View, _coarse: View) -> Metric<'_> {
        Metric::Diagonal(cx.product(&[Value::Literal(2.0), c]))
    }
    fn quadratic(&self) -> Option<Quadratic<'_>> {
        Some(Quadratic::Square)
    }
    fn gradient_text(&self, _words: &Words) -> String {
        "2 t".to_owned()
    }
    fn lipschitz_text(&self, _words: &Words) -> String {
        "2".to_owned()
    }
    fn conjugate_text(&self, _words: &Words) -> String {
        "‖z‖²/4".to_owned()
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::smooth("sum_squares(y)", |t| dot(t, t), |z| dot(z, z) / 4.0),
        Example::smooth("0.3*sum_squares(y)", |t| 0.3 * dot(t, t), |z| dot(z, z) / 1.2),
        Example::smooth("sum_squares(Y)", |t| dot(t, t), |z| dot(z, z) / 4.0),
    ]
}
