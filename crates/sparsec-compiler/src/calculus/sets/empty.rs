//! The empty set: what the sum rules make of constraints that contradict each other in the text.
//!
//! - Made from a row `dot(a, y) == b` and bounds on y whose values of ⟨a, y⟩ do not hold b
//! - The answer is `infeasible`

use crate::calculus::prelude::*;

/// The indicator of nothing. It has no prox; the identity stands for it until the checker says that the set is empty.
#[derive(Debug)]
pub struct Empty;

impl Proxable for Empty {
    fn name(&self) -> &'static str {
        "empty set"
    }
    fn facts(&self, _on: Layout) -> Facts {
        Facts { set: true, nonnegative: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _on: Layout, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, _on: Layout, v: View, _t: Value, out: View) -> Kept {
        cx.b.copy(out, v);
        Kept::new()
    }
    fn jacobian(&self, _cx: &mut Emit, _on: Layout, _point: &ProxPoint) -> Symmetric {
        Symmetric::Diagonal(Value::Literal(1.0))
    }
    fn conjugate(&self, cx: &mut Emit, _on: Layout, _c: Value, _u: View, value: View, outside: View) {
        cx.b.fill(value, 0.0);
        cx.b.fill(outside, 0.0);
    }
    fn tangent(&self, cx: &mut Emit, _on: Layout, _c: Value, x: View) -> Tangent {
        Tangent::new(cx.zeros(x.len), Symmetric::Diagonal(Value::Literal(0.0)))
    }
    fn empty(&self, cx: &mut Emit, _on: Layout, out: View) -> bool {
        cx.b.fill(out, 1.0);
        true
    }
    fn prox_text(&self, _words: &Words) -> String {
        "none: no point satisfies the constraints".to_owned()
    }
    fn conjugate_text(&self, _words: &Words) -> String {
        "−∞".to_owned()
    }
}

/// It is not used by name: the laws have nothing to hold it against.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    Vec::new()
}
