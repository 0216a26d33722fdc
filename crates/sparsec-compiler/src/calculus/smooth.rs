//! Smooth convex functions.

use super::{Layout, Symmetric, Words};
use crate::lower::Emit;
use crate::model::Expr;
use sparsec_program::formula::Value;
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
    /// How c f behaves when its dual point z = c f'(t) is scaled by s in [0, 1].
    fn scaling(&self) -> Scaling;
    /// `out = (c f)*(s z)` for a scalar s in [0, 1] and z = c f'(t).
    fn conjugate(&self, cx: &mut Emit, on: Layout, c: Value, z: View, s: View, out: View);
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

/// What scaling of the dual point does to a smooth term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// Homogeneous of degree 2: (c f)*(s z) = s² c f(t) at z = c f'(t).
    Quadratic,
    /// The conjugate's domain is star-shaped at 0.
    StarShaped,
    /// The scaled point leaves the conjugate's domain.
    Leaves,
}

/// A quadratic function without linear and constant terms.
#[derive(Clone, Copy, Debug)]
pub enum Quadratic<'a> {
    /// ‖t‖²
    Square,
    /// tᵀ Q t
    Form(&'a Expr),
}
