//! Smooth convex functions.

use super::{Layout, Symmetric, Words};
use crate::lower::Emit;
use crate::model::Expr;
use sparsec_program::formula::{Formula, Value};
use sparsec_program::program::View;
use std::any::Any;
use std::fmt::Debug;

/// A smooth convex function f(t) of a vector t, or Σ f over the vectors of a layout. c ≥ 0 is the coefficient with which it stands.
pub trait Smooth: Any + Debug + Send + Sync {
    /// Name in problem files.
    fn name(&self) -> &'static str;
    /// `out = f(t)`
    fn value(&self, cx: &mut Emit, on: Layout, t: View, out: View);
    /// `out = c f'(t)`
    fn gradient(&self, cx: &mut Emit, on: Layout, c: Value, t: View, out: View);
    /// c f''(t)
    fn second(&self, cx: &mut Emit, on: Layout, c: Value, t: View) -> Symmetric;
    /// A Lipschitz constant of f' in the Euclidean norm.
    fn lipschitz(&self, cx: &mut Emit) -> Value;
    /// `out = f∞(d)`, the slope lim f(t + s d)/s at infinity; false where that is +∞ but for d in the kernel of f''.
    fn recession(&self, _cx: &mut Emit, _on: Layout, _d: View, _out: View) -> bool {
        false
    }
    /// f(t) = Σ fᵢ(tᵢ), so that [`Smooth::metric`] is diagonal and majorises.
    fn by_entries(&self) -> bool {
        false
    }
    /// True where the domain of (c f)* is star-shaped about 0, so that dual points may be scaled.
    fn scalable(&self) -> bool {
        true
    }
    /// The point of the domain of (c f)* next to z, but for rounding; `None` where the domain is everything, or a subspace.
    fn clip(&self, _cx: &mut Emit, _on: Layout, _c: Value, _z: View) -> Option<Formula> {
        None
    }
    /// `out = c f(t) + (c f)*(z) − ⟨z, t⟩` for a z of the conjugate's domain, as a sum in which nothing cancels.
    fn excess(&self, cx: &mut Emit, on: Layout, c: Value, t: View, z: View, out: View);
    /// `out = t − ∇(c f)*(z)`, minus the derivative of the excess in z; on the border of the domain a number no smaller.
    fn lag(&self, cx: &mut Emit, on: Layout, c: Value, t: View, z: View, out: View);
    /// A metric in which to move the dual point of t: see [`Metric`]. For a sum over entries it majorises the second derivative about t,
    /// c f(t + d) ≤ c f(t) + ⟨c f'(t), d⟩ + ½ dᵀ W d, which the second derivative itself need not do.
    ///
    /// `coarse` is 1 where that of f'' has turned out to be too small to move along, and 0 else.
    fn metric(&self, cx: &mut Emit, on: Layout, c: Value, t: View, coarse: View) -> Metric<'_>;
    /// The quadratic that it is, if it is one.
    fn quadratic(&self) -> Option<Quadratic<'_>> {
        None
    }
    /// The data in it.
    fn data(&self) -> Vec<&Expr> {
        Vec::new()
    }
    /// Formula of the gradient in `t` for `explain`, without the coefficient.
    fn gradient_text(&self, words: &Words) -> String;
    /// Formula of the Lipschitz constant for `explain`.
    fn lipschitz_text(&self, words: &Words) -> String;
    /// Formula of the conjugate in `z` for `explain`.
    fn conjugate_text(&self, words: &Words) -> String;
}

/// A positive semidefinite W: dual points move by W A e.
#[derive(Clone, Copy, Debug)]
pub enum Metric<'a> {
    /// diag(w)
    Diagonal(Value),
    /// diag(w) − w wᵀ/Σ w on every vector: what keeps the sum of z.
    FixedSum(View),
    /// w Q
    Form(Value, &'a Expr),
}

/// A quadratic function without linear and constant terms.
#[derive(Clone, Copy, Debug)]
pub enum Quadratic<'a> {
    /// ‖t‖²
    Square,
    /// tᵀ Q t
    Form(&'a Expr),
}
