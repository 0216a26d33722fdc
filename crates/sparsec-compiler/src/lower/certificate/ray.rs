//! Directions of unbounded descent.
//!
//! A direction d proves that there is no optimum where it lies in the recession cones of all sets, and F∞(d) + ⟨l, d⟩ + G∞(d) < 0 with the slopes at
//! infinity (Rockafellar, *Convex Analysis*, section 8 and theorem 27.1). A quadratic's slope is +∞ unless A d = 0: every entry of A d must be 0 within the
//! rounding of its own terms, so that columns that are nearly collinear are not taken for collinear ones.

use super::sizes::{Way, by_lanes, chain};
use super::{Loss, Point, squares};
use crate::calculus::Quadratic;
use crate::composite::affine::Affine;
use crate::composite::{Composite, SmoothTerm};
use crate::lower::Emit;
use crate::lower::formulas::ratio_or_zero;
use sparsec_program::builder::when;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::{Compare, Condition, View};
use sparsec_runtime::Kernel;

/// The fall must be this part of its terms.
const FALLS: f64 = 1e-9;

/// Rounds of taking what is left of A d out of d.
const REFINED: usize = 3;

impl Emit<'_> {
    /// 1 where a direction was found along which the objective falls without end, looked for where a condition holds.
    ///
    /// Candidates are what no dual point could meet of what is asked (`way_out`); the descent direction prox_G(u) at γ = 1 of the penalties' norms; v itself,
    /// which a diverging iterate follows; and the parts of these that the quadratics do not see. All are moved into the recession cones.
    pub(super) fn unbounded(&mut self, point: &Point<'_>, way_out: View, unless_proven: Condition) -> View {
        let (form, out) = (point.form, self.b.scratch("unbounded", 1));
        self.b.fill(out, 0.0);
        // Without a linear term only those smooth terms can fall for ever that grow linearly.
        if form.linear.is_empty() && point.losses.iter().all(|l| l.term.rule.quadratic().is_some()) {
            return out;
        }
        self.branch(unless_proven, |cx| {
            let quadratics: Vec<&SmoothTerm> =
                point.losses.iter().map(|l| l.term).filter(|t| t.rule.quadratic().is_some()).collect();
            let mut candidates = vec![(way_out, false), (point.u, true), (point.v, false)];
            if !quadratics.is_empty() {
                for from in [way_out, point.v] {
                    let followed = cx.direction(form, from, false);
                    let mask = cx.largest_entries(followed);
                    candidates.push((cx.null_part(form, &quadratics, followed, mask), false));
                }
                if quadratics.len() == point.losses.len() && form.unconstrained() {
                    let all = cx.entries("mask", form.len, point.u.eq(point.u).then(1.0, 0.0));
                    candidates.push((cx.null_part(form, &quadratics, point.u, all), true));
                }
            }
            for (from, descent) in candidates {
                let d = cx.direction(form, from, descent);
                let ray = cx.is_ray(point, d);
                cx.b.set(out, out.max(ray));
            }
        });
        out
    }

    /// 1 for the entries that are not tiny beside the largest, 0 for the others: where a diverging iterate diverges.
    fn largest_entries(&mut self, d: View) -> View {
        const TINY: f64 = 1e-5;
        let (top, mask) = (self.b.scratch("largest", 1), self.b.scratch("mask", d.len));
        self.b.max(top, d.abs());
        self.b.set(mask, d.abs().gt(TINY * top).then(1.0, 0.0));
        mask
    }

    /// The part of u in the null space of the quadratics' maps A, among vectors that are 0 outside the mask: u − w with the least-norm w that
    /// makes ‖A(u − w)‖ least, by conjugate gradients on the normal equations (Hestenes & Stiefel 1952), which stay in the range of Aᵀ; some
    /// rounds of it, so that what is left of A(u − w) is rounding. Entries are in the units of their columns.
    fn null_part(&mut self, form: &Composite, terms: &[&SmoothTerm], u: View, mask: View) -> View {
        const MOST_STEPS: usize = 500;
        let n = form.len;
        let [rest, r, p, hp] = ["rest", "r", "p", "hp"].map(|name| self.b.scratch(name, n));
        let [square, bend, next, first] = ["square", "bend", "next", "first"].map(|name| self.b.scratch(name, 1));
        let bends = self.b.scratch("bends", n);
        self.coordinate_curvatures(form, terms, bends);
        // In entries scaled to columns of length 1, w = S y.
        let scale = self.entries("column_scale", n, mask * ratio_or_zero(1.0, bends.sqrt()));
        self.b.set(rest, mask * u);
        let scaled_minus = |f: View| -(scale * f);
        self.repeat(REFINED, None, |cx| {
            cx.hessian(form, terms, rest, hp);
            cx.b.map(n, |m| {
                m.store(r, scaled_minus(hp));
                m.store(p, scaled_minus(hp));
                m.sum(square, scaled_minus(hp).square());
            });
            cx.b.set(first, 1e-30 * square);
            cx.repeat(MOST_STEPS.min(2 * n + 10), Some(when(square, Compare::Le, first)), |cx| {
                let d = cx.entries("d", n, scale * p);
                cx.hessian(form, terms, d, hp);
                cx.b.sum(bend, d * hp);
                cx.b.map(n, |m| {
                    let alpha = ratio_or_zero(square, bend);
                    let moved = r + &alpha * scaled_minus(hp);
                    m.store(rest, rest + alpha * d);
                    m.store(r, &moved);
                    m.sum(next, moved.square());
                });
                cx.b.set(p, r + ratio_or_zero(next, square) * p);
                cx.b.copy(square, next);
            });
        });
        rest
    }

    /// `from` moved into the recession cones of all blocks; for a direction of descent through the proxes of norms as well.
    fn direction(&mut self, form: &Composite, from: View, descent: bool) -> View {
        let d = self.b.scratch("ray", form.len);
        for (i, block) in form.blocks.iter().enumerate() {
            let (mut at, to) = (from.slice(block.offset, block.len), d.slice(block.offset, block.len));
            if !squares(form, i).is_empty() {
                self.b.fill(to, 0.0);
                continue;
            }
            for atom in &block.unshifted().sum.steps {
                let moved = self.b.scratch("moved", block.len);
                let facts = atom.facts();
                if descent && facts.homogeneous && !facts.set {
                    self.prox(atom, at, Value::Literal(1.0), moved);
                } else {
                    let on = atom.at.layout;
                    self.shaped(&atom.argument, on, at, moved, |cx, x, room| {
                        atom.rule.recession(cx, on.as_rows(), x, room);
                    });
                }
                at = moved;
            }
            self.b.copy(to, at);
        }
        d
    }

    /// 1 where F∞(d) + ⟨l, d⟩ + G∞(d) < 0 beyond rounding, d being in the recession cone of G.
    fn is_ray(&mut self, point: &Point<'_>, d: View) -> View {
        let form = point.form;
        let length = self.norm(d);
        let straight = |a: &Affine| Affine { offset: None, ..a.clone() };
        let (mut slopes, mut moved) = (Vec::new(), Vec::new());
        for a in &form.linear {
            slopes.push(self.affine(form, &straight(a), d));
        }
        for block in &form.blocks {
            let at = d.slice(block.offset, block.len);
            for atom in block.sum.steps.iter().filter(|a| !a.facts().set) {
                slopes.push(self.recession_value(atom, at));
            }
        }
        for loss in &point.losses {
            let affine = straight(&loss.term.affine);
            let image = self.affine(form, &affine, d);
            let slope = self.b.scratch("recession", 1);
            if loss.term.rule.recession(self, loss.term.at.layout, image, slope) {
                self.b.set(slope, loss.coefficient * slope);
                slopes.push(slope);
            } else {
                moved.push(self.beyond_rounding(point, loss, &affine, image, d));
            }
        }
        let ray = self.b.scratch("is_ray", 1);
        let (sum, size) = (Formula::sum(slopes.iter().copied()), Formula::sum(slopes.iter().map(|s| s.abs())));
        let kept = Formula::largest(0.0, moved).le(0.0).then(1.0, 0.0);
        let falls = sum.lt(-FALLS * size).then(kept, 0.0);
        let nonzero = length.gt(0.0).then(falls, 0.0);
        self.b.set(ray, length.lt(f64::INFINITY).then(nonzero, 0.0));
        ray
    }

    /// By how much a quadratic sees a direction beyond the rounding of its image: the largest of |(A d)ᵢ| − (rounding of Σ |aᵢⱼ dⱼ|).
    fn beyond_rounding(&mut self, point: &Point<'_>, loss: &Loss<'_>, straight: &Affine, image: View, d: View) -> View {
        let mut sizes = self.affine_sizes(point.form, straight, d);
        let (mut image, mut additions) = (image, chain(straight, Way::Forward) + 2.0);
        if let Some(Quadratic::Form(q)) = loss.term.rule.quadratic() {
            let n = image.len;
            let q = self.data(q);
            let [of_image, of_sizes] = ["form", "form_sizes"].map(|name| self.b.scratch(name, n));
            self.b.kernel(Kernel::Gemv, &[n, n], &[q, image], &[of_image]);
            self.b.kernel(Kernel::GemvSizes, &[n, n], &[q, sizes], &[of_sizes]);
            (image, sizes, additions) = (of_image, of_sizes, additions + by_lanes(n));
        }
        let out = self.b.scratch("beyond_rounding", 1);
        self.b.max(out, image.abs() - (4.0 * f64::EPSILON * additions) * sizes);
        out
    }
}
