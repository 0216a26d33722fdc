//! Quadratic form: f(t) = tᵀ Q t, Q symmetric positive semidefinite. No ½ is hidden.
//!
//! - Spelling: `quad_form(e, Q)`
//! - Domain: all of Rⁿ; convex where Q ⪰ 0 (declare `psd`, or it is checked when data is bound)
//! - Gradient: 2 Q t, Lipschitz constant 2 λmax(Q)
//! - Conjugate: f*(z) = ¼ zᵀ Q⁺ z on the range of Q
//! - Source: Beck, *First-Order Methods in Optimization* (2017), section 4.4

use crate::calculus::prelude::*;
use sparsec_program::solver::Domain;
use sparsec_runtime::Kernel;

pub(crate) static FUNCTION: Function = Function {
    name: "quad_form",
    file: include_str!("quad_form.rs"),
    takes: Takes::Vector,
    parameters: &[Parameter { name: "Q", kind: ParameterKind::Square(Domain::Psd), optional: false }],
    sign: Sign::Nonnegative,
    over_rows: RowSum::Unknown,
    form: Form::Smooth(|args| Arc::new(QuadForm { matrix: argument(args, 0) })),
    ..CONVEX
};

/// tᵀ Q t
#[derive(Debug)]
pub struct QuadForm {
    /// Q
    pub matrix: Expr,
}

impl QuadForm {
    /// Q t
    fn product(&self, cx: &mut Emit, t: View) -> View {
        let (q, qt) = (cx.data(&self.matrix), cx.b.scratch("qt", t.len));
        cx.b.kernel(Kernel::Gemv, &[t.len, t.len], &[q, t], &[qt]);
        qt
    }
}

impl QuadForm {
    /// r = z − 2 c Q t and Q⁺ r, by a factor of Q scaled to a unit diagonal.
    fn behind(&self, cx: &mut Emit, on: Layout, c: Value, t: View, z: View) -> (View, View) {
        let n = t.len;
        let (q, gradient) = (cx.data(&self.matrix), cx.b.scratch("gradient", n));
        self.gradient(cx, on, c, t, gradient);
        let r = cx.entries("behind", n, z - gradient);
        let [scale, scaled] = cx.kernel_once(&["scale", "scaled"], Kernel::Equilibrate, &[n], &[q])[..] else {
            return (r, r);
        };
        let [l, order] = cx.kernel_once(&["factor", "order"], Kernel::PsdFactor, &[n], &[scaled])[..] else {
            return (r, r);
        };
        let right = cx.entries("scaled_behind", n, scale * r);
        let (x, work) = (cx.b.scratch("preimage", n), cx.b.scratch("work", n));
        cx.b.kernel(Kernel::PsdSolve, &[n], &[l, order, right], &[x, work]);
        (r, cx.entries("preimage", n, scale * x))
    }
}

impl Smooth for QuadForm {
    fn name(&self) -> &'static str {
        "quad_form"
    }
    fn value(&self, cx: &mut Emit, _on: Layout, t: View, out: View) {
        let qt = self.product(cx, t);
        cx.b.sum(out, t * qt);
    }
    fn gradient(&self, cx: &mut Emit, _on: Layout, c: Value, t: View, out: View) {
        let qt = self.product(cx, t);
        cx.b.set(out, 2.0 * (c * qt));
    }
    fn second(&self, cx: &mut Emit, _on: Layout, c: Value, _t: View) -> Symmetric {
        let (matrix, factor) = (cx.data(&self.matrix), cx.product(&[Value::Literal(2.0), c]));
        Symmetric::Dense { diagonal: Value::Literal(0.0), matrix, factor }
    }
    fn lipschitz(&self, cx: &mut Emit) -> Value {
        let largest = cx.largest_eigenvalue(&self.matrix);
        cx.scalar("lipschitz_q", 2.0 * largest.max(0.0))
    }
    fn excess(&self, cx: &mut Emit, on: Layout, c: Value, t: View, z: View, out: View) {
        // ¼ rᵀ Q⁺ r/c with r = z − 2 c Q t
        let (r, x) = self.behind(cx, on, c, t, z);
        let inner = cx.b.scratch("inner", 1);
        cx.b.sum(inner, r * x);
        cx.b.set(out, part_of(inner, 4.0 * c));
    }
    fn lag(&self, cx: &mut Emit, on: Layout, c: Value, t: View, z: View, out: View) {
        let (_, x) = self.behind(cx, on, c, t, z);
        cx.b.set(out, -ratio_or_zero(x, 2.0 * c));
    }
    fn metric(&self, cx: &mut Emit, _on: Layout, c: Value, _t: View, _coarse: View) -> Metric<'_> {
        Metric::Form(cx.product(&[Value::Literal(2.0), c]), &self.matrix)
    }
    fn quadratic(&self) -> Option<Quadratic<'_>> {
        Some(Quadratic::Form(&self.matrix))
    }
    fn data(&self) -> Vec<&Expr> {
        vec![&self.matrix]
    }
    fn gradient_text(&self, words: &Words) -> String {
        format!("2 {} t", words.data(&self.matrix))
    }
    fn lipschitz_text(&self, words: &Words) -> String {
        format!("2 λmax({})", words.data(&self.matrix))
    }
    fn conjugate_text(&self, words: &Words) -> String {
        format!("¼ zᵀ {}⁺ z", words.data(&self.matrix))
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        // The second Q has rank 2 of 6.
        Example::smooth("quad_form(y, diag([2, 1, 0.5, 3, 1, 1]))", |t| of_diagonal(t, &D), |z| {
            of_diagonal(z, &D.map(|d| 0.25 / d))
        }),
        Example::smooth("0.5*quad_form(y, ones(6)*ones(6).T)", |t| 0.5 * sum(t) * sum(t), |z| {
            // The range holds the vectors with equal entries.
            let mean = sum(z) / 6.0;
            indicator(z.iter().all(|x| (x - mean).abs() <= 1e-9 * (1.0 + mean.abs()))) + mean * mean / 2.0
        }),
    ]
}

#[cfg(feature = "testing")]
const D: [f64; 6] = [2.0, 1.0, 0.5, 3.0, 1.0, 1.0];

#[cfg(feature = "testing")]
fn of_diagonal(t: &[f64], d: &[f64]) -> f64 {
    t.iter().zip(d).map(|(t, d)| d * t * t).sum()
}
