//! Sum of squares: f(t) = Σ tᵢ². No ½ is hidden: `‖x − D y‖²` has gradient `2 Dᵀ(D y − x)`.
//!
//! - Spellings: `sum_squares(e)`, `‖e‖²`, `||e||^2`, `norm2(e)^2`, `sum(e^2)`; of a matrix, over its entries
//! - Domain: all of Rⁿ; convex, 2-strongly convex, separable
//! - Gradient: 2 t, Lipschitz constant 2
//! - Conjugate: f*(z) = ‖z‖²/4
//! - Source: Beck, *First-Order Methods in Optimization* (2017), section 4.4

use super::prelude::*;

/// Σ tᵢ²
#[derive(Debug)]
pub struct SumSquares;

impl Function for SumSquares {
    fn name(&self) -> &'static str {
        "sum_squares"
    }
    fn doc(&self) -> String {
        head(include_str!("sum_squares.rs"))
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
    fn monotone(&self, argument: Sign) -> Monotone {
        even_monotone(argument)
    }
    fn form(&self) -> Form {
        Form::Smooth(&SumSquares)
    }
}

impl Smooth for SumSquares {
    fn value(&self, cx: &mut Emit, _at: &Use, t: View, out: View) {
        cx.b.sum(out, t.square());
    }
    fn gradient(&self, cx: &mut Emit, at: &Use, t: View, out: View) {
        let c = cx.value(&at.coefficient);
        cx.b.set(out, 2.0 * (c * t));
    }
    fn lipschitz(&self, _cx: &mut Emit, _at: &Use) -> Value {
        Value::Literal(2.0)
    }
    fn gradient_text(&self, _at: &Use) -> String {
        "2 t".to_owned()
    }
    fn lipschitz_text(&self, _at: &Use) -> String {
        "2".to_owned()
    }
    fn conjugate_text(&self, _at: &Use) -> String {
        "‖z‖²/4".to_owned()
    }
    fn scaling(&self) -> Scaling {
        Scaling::Quadratic
    }
}
