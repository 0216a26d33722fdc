//! The empty set: what the sum rules make of constraints that contradict each other in the text.
//!
//! - Made from a row `dot(a, y) == b` and bounds on y whose values of ⟨a, y⟩ do not hold b
//! - The answer is `infeasible`

use crate::calculus::functions::prelude::*;

/// The indicator of nothing. It has no prox; the identity stands for it until the checker says that the set is empty.
#[derive(Debug)]
pub struct Empty;

impl Proxable for Empty {
    fn name(&self) -> &'static str {
        "empty set"
    }
    fn facts(&self, _at: &Use) -> Facts {
        Facts { set: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _at: &Use, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, _at: &Use, v: View, _gamma: Value, out: View) {
        cx.b.copy(out, v);
    }
    fn jacobian(&self, cx: &mut Emit, _at: &Use, _point: &ProxPoint, d: View, out: View) {
        cx.b.copy(out, d);
    }
    fn prox_text(&self, _at: &Use) -> String {
        "none: no point satisfies the constraints".to_owned()
    }
    fn conjugate_text(&self, _at: &Use) -> String {
        "−∞".to_owned()
    }
    fn conjugate(&self, cx: &mut Emit, _at: &Use, _before: &[Atom], _u: View, value: View, violation: View) {
        cx.b.fill(value, 0.0);
        cx.b.fill(violation, 0.0);
    }
    fn empty(&self, cx: &mut Emit, _at: &Use, out: View) -> bool {
        cx.b.fill(out, 1.0);
        true
    }
}
