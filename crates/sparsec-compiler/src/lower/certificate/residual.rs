//! The fixed-point residual: what is left to say where no proof can be afforded.
//!
//! For every unknown the distance of u = −∇F from a slope of G at v, divided by the magnitudes of the terms that balance there. It is 0 at a
//! solution alone and has no units, but bounds no distance from the optimum.

use super::Point;
use super::repair::Asks;
use crate::calculus::Atom;
use crate::lower::Emit;
use crate::lower::formulas::ratio_or_zero;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::View;

impl Emit<'_> {
    /// `out =` the largest relative distance.
    pub(super) fn residual(&mut self, point: &Point<'_>, out: View) {
        let form = point.form;
        let asks = self.asks(point, true);
        let z: Vec<View> =
            point.losses.iter().map(|l| self.entries("size", l.gradient.len, l.gradient.abs())).collect();
        let sizes = self.balance(point, &asks, &z);
        let distance = self.b.scratch("distance", form.len);
        for (i, block, v) in point.blocks() {
            let [u, to] = [point.u, distance].map(|of| of.slice(block.offset, block.len));
            self.block_distance(point, &asks, i, v, u, to);
        }
        self.b.max(out, ratio_or_zero(distance.abs(), sizes));
    }

    /// `out =` u less a slope of a block at v that is near it.
    fn block_distance(&mut self, point: &Point<'_>, asks: &Asks, index: usize, v: View, u: View, out: View) {
        let block = &point.form.blocks[index];
        let plain = |a: &Atom| a.rule.separable().is_some() && a.plain();
        let shift = asks.shift.slice(block.offset, block.len);
        if block.sum.steps.iter().all(plain) {
            // An interval for every entry.
            let [mut low, mut high]: [Formula; 2] = [shift.into(), shift.into()];
            for atom in &block.sum.steps {
                let Some(rule) = atom.rule.separable() else { continue };
                let c = self.value(&atom.at.coefficient);
                let [l, h] = rule.subdifferential(self, c, v);
                (low, high) = (low + l, high + h);
            }
            return self.b.set(out, u - u.max(low).min(high));
        }
        // Along the tangent the slopes are known; elsewhere a step of length 1 with the slope says how far it is from one.
        let (missed, rest) = (self.b.scratch("missed", v.len), self.b.scratch("rest", v.len));
        self.missed_along(point, asks, index, u, missed);
        let [moved, next] = ["moved", "next"].map(|name| self.b.scratch(name, v.len));
        self.b.set(moved, v + (u - shift));
        self.prox_block(block, moved, Value::Literal(1.0), next);
        self.b.set(rest, next - v);
        self.b.set(out, missed.abs().max(rest.abs()));
    }
}
