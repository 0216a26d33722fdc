//! Huber's function: f(t) = Σ h(tᵢ), h(t) = t² where |t| ≤ ρ and 2ρ|t| − ρ² outside (twice the textbook's, so that it meets `‖t‖²`).
//!
//! - Spelling: `huber(e, rho)`, ρ > 0
//! - Domain: all of Rⁿ; convex, even, separable
//! - Gradient: 2 clip(t, −ρ, ρ), Lipschitz constant 2
//! - Conjugate: f*(z) = ‖z‖²/4 where |zᵢ| ≤ 2ρ
//! - Source: Huber, *Robust Estimation of a Location Parameter* (1964); the factor is that of CVXPY's `huber`

use super::prelude::*;
use sparsec_program::solver::Domain;

/// Σ h_ρ(tᵢ)
#[derive(Debug)]
pub struct Huber;

impl Function for Huber {
    fn name(&self) -> &'static str {
        "huber"
    }
    fn doc(&self) -> String {
        head(include_str!("huber.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Entries
    }
    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter { name: "rho", kind: ParameterKind::Scalar(Some(Domain::Above(0.0))), optional: false }]
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
        Form::Smooth(&Huber)
    }
}

impl Smooth for Huber {
    fn value(&self, cx: &mut Emit, at: &Use, t: View, out: View) {
        let rho = cx.arg_value(at, 0);
        cx.b.sum(out, t.abs().le(rho).then(t.square(), rho * (2.0 * t.abs() - rho)));
    }
    fn gradient(&self, cx: &mut Emit, at: &Use, t: View, out: View) {
        let (c, rho) = (cx.value(&at.coefficient), cx.arg_value(at, 0));
        cx.b.set(out, 2.0 * (c * t.min(rho).max(-rho)));
    }
    fn lipschitz(&self, _cx: &mut Emit, _at: &Use) -> Value {
        Value::Literal(2.0)
    }
    fn gradient_text(&self, at: &Use) -> String {
        format!("2 clip(t, −{r}, {r})", r = arg_text(at, 0))
    }
    fn lipschitz_text(&self, _at: &Use) -> String {
        "2".to_owned()
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("‖z‖²/4 where ‖z‖∞ ≤ 2 {}", arg_text(at, 0))
    }
    fn recession(&self, cx: &mut Emit, at: &Use, d: View, out: View) -> bool {
        let rho = cx.arg_value(at, 0);
        cx.b.sum(out, 2.0 * rho * d.abs());
        true
    }
    fn scaling(&self) -> Scaling {
        Scaling::StarShaped
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, z: View, s: View, out: View) {
        // (c f)*(s z) = Σ (s z)²/(4c); c = 0 leaves z = 0 and the value 0.
        let c = cx.value(&at.coefficient);
        cx.b.sum(out, c.le(0.0).then(0.0, (s * z).square() / (4.0 * c)));
    }
}
