//! The size of the objective that a gap is relative to: S = max(|P − c|, 10⁻⁶ T, ε |P₀ − c|).
//!
//! P is the objective at the point, c its constants, T the sum of the magnitudes of its other terms, P₀ the objective at 0 or at its projection
//! onto the constraints (left out where it is not finite), ε the machine epsilon of the solve's precision. So neither units nor a constant matter;
//! where terms cancel T counts, and where everything is fitted what the objective was about before.

use super::Point;
use crate::calculus::functions;
use crate::composite::Composite;
use crate::lower::Emit;
use crate::lower::emit::{Key, Whole};
use crate::model::{Depends, Sign};
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::View;

/// The part of the terms' magnitudes that counts.
const OF_TERMS: f64 = 1e-6;

impl Point<'_> {
    /// All terms but constants.
    pub(super) fn terms(&self) -> Vec<Value> {
        let losses = self.losses.iter().map(|l| l.value);
        let others = self.centred.iter().chain(&self.linear).copied();
        losses.chain(others).chain(self.penalties.iter().flatten().copied()).map(Value::View).collect()
    }
}

impl Emit<'_> {
    /// S, where `size` is T.
    pub(super) fn scale(&mut self, point: &Point<'_>, size: Formula) -> View {
        let epsilon = if self.single { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let origin = self.at_origin(point.form);
        let before = origin.abs().lt(f64::INFINITY).then(epsilon * origin.abs(), 0.0);
        self.entries("scale", 1, point.objective.abs().max(OF_TERMS * size).max(before))
    }

    /// P₀ − c, once for a set of data.
    fn at_origin(&mut self, form: &Composite) -> View {
        self.once(Key::Whole(Whole::Origin), Depends::Param, &[("at_origin", 1, 1)], |cx, out| {
            let [origin, v] = ["origin", "feasible_origin"].map(|name| cx.b.scratch(name, form.len));
            cx.b.fill(origin, 0.0);
            cx.feasible(form, origin, v);
            let terms = cx.values_at(form, v);
            cx.b.set(out[0], Formula::sum(terms));
        })[0]
    }

    /// The values of all terms but constants.
    fn values_at(&mut self, form: &Composite, v: View) -> Vec<View> {
        let mut values = Vec::new();
        for term in &form.smooth {
            let t = self.affine(form, &term.affine, v);
            values.push(self.smooth_value(term, t));
        }
        values.extend(form.linear.iter().map(|a| self.affine(form, a, v)).collect::<Vec<_>>());
        for block in &form.blocks {
            values.extend(self.penalty_value(block, v.slice(block.offset, block.len)));
        }
        values
    }

    /// The minimised objective at v.
    pub fn objective_at(&mut self, form: &Composite, v: View) -> View {
        let values = self.values_at(form, v);
        let sum = self.entries("objective", 1, Formula::sum(values));
        self.with_constants(form, sum)
    }

    /// What the objective lies above its constants, where every term of it is nonnegative: a bound of the gap, by the dual point 0.
    pub(super) fn above_zero(&mut self, point: &Point<'_>) -> Option<View> {
        let form = point.form;
        let nonnegative = |name: &str| functions::find(name).is_some_and(|f| f.sign == Sign::Nonnegative);
        let smooth = form.smooth.iter().all(|t| nonnegative(t.rule.name()));
        let penalties = form.blocks.iter().flat_map(|b| &b.sum.steps).all(|a| a.facts().nonnegative);
        (form.linear.is_empty() && smooth && penalties).then_some(point.objective)
    }
}
