//! Dual points that need no solving: the gradients, scaled.
//!
//! With z scaled by θ in [0, 1] all slopes are. The conjugate of a norm or cone is the indicator of a set C that is star-shaped about 0; its gauge
//! is the least s with u in s C, and θ = 1/max(1, the largest gauge) makes all of u feasible (Fercoq, Gramfort & Salmon 2015).

use super::Point;
use crate::composite::{Block, Composite};
use crate::lower::Emit;
use sparsec_program::builder::when;
use sparsec_program::formula::{Entries, Formula};
use sparsec_program::program::{Compare, View};

/// A gauge beyond this cannot be made feasible by scaling.
pub(super) const HOPELESS: f64 = 1e8;

/// Halvings of the search for the gauge of a sum of norms.
const HALVINGS: usize = 60;

/// A dual point.
#[derive(Clone, Debug)]
pub(super) struct Dual {
    /// One for every loss, not yet scaled.
    pub z: Vec<View>,
    /// The slopes, not yet scaled.
    pub u: View,
    /// θ, and 1 where no scale makes u feasible (θ is 1 then).
    pub scale: Option<[View; 2]>,
    /// z are the gradients at the point itself.
    pub own: bool,
}

/// True for a block whose conjugate is the indicator of a set that is star-shaped about 0, but for squares on it.
pub(super) fn homogeneous(block: &Block) -> bool {
    let steps = &block.sum.steps;
    // Each with its own centre they are homogeneous about no point: l1 about c on y ≥ 0.
    steps.iter().all(|a| a.facts().homogeneous) && (steps.len() <= 1 || steps.iter().all(|a| a.plain()))
}

/// True where dual points may be scaled.
pub fn scalable(form: &Composite) -> bool {
    let losses = form.losses().all(|t| t.rule.scalable());
    form.linear.is_empty() && losses && (0..form.blocks.len()).any(|i| homogeneous(&form.blocks[i]))
}

impl Emit<'_> {
    /// The gradients, scaled where that helps.
    pub(super) fn scaled_dual(&mut self, point: &Point<'_>) -> Dual {
        let z = point.losses.iter().map(|l| l.gradient).collect();
        let scale = self.dual_scale(point.form, point.u);
        Dual { z, u: point.u, scale, own: true }
    }

    /// θ, and whether none helps.
    pub(super) fn dual_scale(&mut self, form: &Composite, u: View) -> Option<[View; 2]> {
        if !scalable(form) {
            return None;
        }
        let mut gauges: Vec<Formula> = Vec::new();
        for (i, block) in form.blocks.iter().enumerate().filter(|(_, b)| homogeneous(b)) {
            let gauge = self.gauge(block, u.slice(block.offset, block.len));
            // Squares on it make the conjugate finite everywhere.
            let square = self.weight_of_squares(form, i);
            gauges.push(square.map_or_else(|| gauge.into(), |w| w.gt(0.0).then(0.0, gauge)));
        }
        let [theta, hopeless] = ["scale", "hopeless"].map(|name| self.b.scratch(name, 1));
        self.b.map(1, |m| {
            let top = Formula::largest(1.0, gauges);
            m.store(theta, top.lt(HOPELESS).then(1.0 / &top, 1.0));
            m.store(hopeless, top.lt(HOPELESS).then(0.0, 1.0));
        });
        Some([theta, hopeless])
    }

    /// The least s with u in s·dom G_b* of a homogeneous block; +∞ if there is none.
    pub fn gauge(&mut self, block: &Block, u: View) -> View {
        let out = self.b.scratch("gauge", 1);
        let steps = &block.sum.steps;
        match steps.as_slice() {
            [] => {
                // A free unknown: dom G* = {0}.
                self.b.max(out, u.abs().gt(0.0).then(f64::INFINITY, 0.0));
                return out;
            }
            // g(· − c)* has the domain of g*, so the gauge is that of g.
            [one] => {
                let (inner, on) = (self.dual_argument(one, u), one.at.layout.as_rows());
                let c = self.value(&one.at.coefficient);
                if one.rule.gauge(self, on, c, inner, out) {
                    return out;
                }
            }
            _ => {}
        }
        // s·u is in the domain exactly where the prox at 1 maps it to 0 (Moreau): halve on s.
        let [low, high, middle, size] = ["low", "high", "middle", "size"].map(|name| self.b.scratch(name, 1));
        self.b.fill(low, 0.0);
        self.b.fill(high, 1.0);
        self.b.fill(middle, 1.0);
        let at = self.b.scratch("tried", u.len);
        self.repeat(HALVINGS, Some(when(high, Compare::Le, low)), |cx| {
            cx.b.set(at, middle * u);
            let rest = cx.outside_domain(steps, at);
            cx.b.max(size, rest.abs());
            cx.b.map(1, |m| {
                let new_low = size.le(0.0).then(middle, low);
                let new_high = size.le(0.0).then(high, middle);
                m.store(low, &new_low);
                m.store(high, &new_high);
                m.store(middle, 0.5 * (new_low + new_high));
            });
        });
        self.b.set(out, 1.0 / low);
        out
    }
}
