//! Quadratic form: f(t) = tᵀ Q t, Q symmetric positive semidefinite. No ½ is hidden.
//!
//! - Spelling: `quad_form(e, Q)`
//! - Domain: all of Rⁿ; convex where Q ⪰ 0 (declare `psd`, or it is checked when data is bound)
//! - Gradient: 2 Q t, Lipschitz constant 2 λmax(Q)
//! - Conjugate: f*(z) = ¼ zᵀ Q⁺ z on the range of Q
//! - Source: Beck, *First-Order Methods in Optimization* (2017), section 4.4

use super::prelude::*;
use sparsec_program::solver::Domain;
use sparsec_runtime::Kernel;

/// tᵀ Q t
#[derive(Debug)]
pub struct QuadForm;

impl Function for QuadForm {
    fn name(&self) -> &'static str {
        "quad_form"
    }
    fn doc(&self) -> String {
        head(include_str!("quad_form.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Vector
    }
    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter { name: "Q", kind: ParameterKind::Square(Domain::Psd), optional: false }]
    }
    fn curvature(&self) -> Curvature {
        Curvature::Convex
    }
    fn sign(&self) -> Sign {
        Sign::Nonnegative
    }
    fn monotone(&self, _argument: Sign) -> Monotone {
        Monotone::No
    }
    fn form(&self) -> Form {
        Form::Smooth(&QuadForm)
    }
}

/// `out = Q t`
fn product(cx: &mut Emit, at: &Use, t: View, out: View) {
    let q = cx.data_arg(at, 0);
    cx.b.kernel(Kernel::Gemv, &[t.len, t.len], &[q, t], &[out]);
}

impl Smooth for QuadForm {
    fn value(&self, cx: &mut Emit, at: &Use, t: View, out: View) {
        let qt = cx.b.scratch("qt", t.len);
        product(cx, at, t, qt);
        cx.b.sum(out, t * qt);
    }
    fn gradient(&self, cx: &mut Emit, at: &Use, t: View, out: View) {
        let c = cx.value(&at.coefficient);
        let qt = cx.b.scratch("qt", t.len);
        product(cx, at, t, qt);
        cx.b.set(out, 2.0 * (c * qt));
    }
    fn lipschitz(&self, cx: &mut Emit, at: &Use) -> Value {
        let top = cx.largest_eigenvalue(at, 0);
        cx.scalar("lipschitz_q", &[top], 2.0 * top.max(0.0))
    }
    fn gradient_text(&self, at: &Use) -> String {
        format!("2 {} t", arg_text(at, 0))
    }
    fn lipschitz_text(&self, at: &Use) -> String {
        format!("2 λmax({})", arg_text(at, 0))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("¼ zᵀ {}⁺ z", arg_text(at, 0))
    }
    fn scaling(&self) -> Scaling {
        Scaling::Quadratic
    }
}
