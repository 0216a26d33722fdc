//! Corrections by conjugate gradients, for operators and sizes for which no factor is made at once.
//!
//! On (P Aᵀ W A P) e = δ, P the projection on what is asked, with the second derivatives along the coordinates as preconditioner (Hestenes & Stiefel 1952).
//! The next round of the repair starts again from what is left, so that the answer is refined.

use super::{Asks, Moves, Point, State, parts};
use crate::calculus::Metric;
use crate::composite::affine::Affine;
use crate::lower::Emit;
use crate::lower::formulas::ratio_or_zero;
use sparsec_program::builder::when;
use sparsec_program::formula::Value;
use sparsec_program::program::{Compare, View};

/// The most steps of a correction.
const MOST_STEPS: usize = 1000;

/// A squared residual that is this part of the first one is rounding.
const DONE: f64 = 1e-30;

impl Emit<'_> {
    pub(super) fn iterate(&mut self, point: &Point<'_>, asks: &Asks, state: &State) -> Moves {
        let n = point.form.len;
        let (metrics, straight) = self.live_metrics(point, state);
        let [e, r, p, hp, z] = ["e", "r", "direction", "image", "scaled"].map(|name| self.b.scratch(name, n));
        let [size, next, first, bend] =
            ["square", "next_square", "first_square", "bend"].map(|name| self.b.scratch(name, 1));
        let bends = self.curvatures(point.form);
        let inverse = self.entries("inverse", n, ratio_or_zero(1.0, bends));
        self.b.fill(e, 0.0);
        self.within(point, asks, state, state.missed, r);
        let precondition = |cx: &mut Self| {
            let scaled = cx.entries("preconditioned", n, inverse * r);
            cx.within(point, asks, state, scaled, z);
        };
        precondition(self);
        self.b.copy(p, z);
        self.b.sum(size, r * z);
        self.b.set(first, DONE * size);
        let until = Some(when(size, Compare::Le, first));
        self.repeat(MOST_STEPS.min(2 * n + 20), until, |cx| {
            let image = cx.in_metric(point, &metrics, &straight, p);
            let back = cx.b.scratch("back", n);
            cx.adjoint_of(point.form, &point.with_duals(&image), 1.0, back);
            cx.within(point, asks, state, back, hp);
            cx.b.sum(bend, p * hp);
            cx.b.map(n, |m| {
                let alpha = ratio_or_zero(size, bend);
                m.store(e, e + &alpha * p);
                m.store(r, r - alpha * hp);
            });
            precondition(cx);
            cx.b.sum(next, r * z);
            cx.b.set(p, z + ratio_or_zero(next, size) * p);
            cx.b.copy(size, next);
        });
        let dual = self.in_metric(point, &metrics, &straight, e);
        for z in &dual {
            self.b.set(*z, -*z);
        }
        Moves { dual, primal: e }
    }

    /// The metrics without the entries that were clipped, and the maps without what they add.
    fn live_metrics<'a>(&mut self, point: &Point<'a>, state: &State) -> (Vec<Metric<'a>>, Vec<Affine>) {
        let (mut metrics, mut straight) = (Vec::new(), Vec::new());
        for (loss, live) in point.losses.iter().zip(parts(point, state.live)) {
            let metric = loss.term.rule.metric(self, loss.term.at.layout, loss.coefficient, loss.t, state.coarse);
            metrics.push(match metric {
                Metric::Diagonal(w) => Metric::Diagonal(Value::View(self.entries("weights", live.len, w * live))),
                Metric::FixedSum(w) => Metric::FixedSum(self.entries("weights", live.len, w * live)),
                form @ Metric::Form(..) => form,
            });
            straight.push(Affine { offset: None, ..loss.term.affine.clone() });
        }
        (metrics, straight)
    }

    /// W A d, by losses.
    fn in_metric(&mut self, point: &Point<'_>, metrics: &[Metric<'_>], straight: &[Affine], d: View) -> Vec<View> {
        let mut images = Vec::new();
        for ((loss, metric), affine) in point.losses.iter().zip(metrics).zip(straight) {
            let (image, out) = (self.affine(point.form, affine, d), self.b.scratch("in_metric", loss.t.len));
            self.metric_times(metric, loss.term.at.layout, image, out);
            images.push(out);
        }
        images
    }
}
