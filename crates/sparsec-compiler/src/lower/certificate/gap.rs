//! The brackets of Fenchel's inequality at a point and a dual point, and the rounding of their sum.
//!
//! A block's bracket G(v) + G*(u) − ⟨u, v⟩ takes the value of the conjugate at the point of its domain next to u; what u has beyond it is told apart, and
//! whoever asks decides what it means. Squares w‖v_b − a‖² centred on a block are counted with it: the conjugate of G + Σ w‖· − a‖² is finite
//! everywhere and reached at a prox. A constraint that v violates a little makes a bracket negative: what the multipliers say that is worth.

use super::dual::Dual;
use super::sizes::{Way, by_lanes, chain};
use super::{Loss, Point, squares};
use crate::composite::{Block, Centred, Composite};
use crate::lower::Emit;
use sparsec_program::builder::when;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::{Compare, View};

/// A negative bracket at a point of the set is a contradiction beyond this part of its terms.
const CONTRADICTION: f64 = 1e-9;

/// The sum of all brackets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brackets {
    /// Σ
    pub total: View,
    /// An upper bound of the rounding of the sum, the slopes as they are.
    pub rounding: View,
    /// What the slopes have beyond the conjugates' domains.
    pub outside: View,
    /// Σ |multiplier × violation| of the constraints.
    pub slackness: View,
    /// 1 where a bracket is negative though nothing is violated.
    pub contradiction: View,
}

/// Upper bounds of what rounding does to numbers at a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rounding {
    /// To the brackets, by the slopes that are computed of the gradients.
    pub of_slopes: View,
    /// To the objective without its constants.
    pub of_objective: View,
    /// To the objective with them.
    pub of_all: View,
}

/// The best dual point so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Best {
    /// Brackets and their rounding: objective less bound.
    pub off: View,
    /// See [`super::Certificate::leftover`].
    pub leftover: View,
    /// See [`Brackets::slackness`].
    pub slackness: View,
    /// See [`Brackets::contradiction`].
    pub contradiction: View,
}

impl Emit<'_> {
    /// Nothing is known yet.
    pub(super) fn best(&mut self) -> Best {
        let [off, leftover, slackness, contradiction] =
            ["off", "leftover", "slackness", "contradiction"].map(|name| self.b.scratch(name, 1));
        self.b.fill(off, f64::INFINITY);
        for of in [leftover, slackness, contradiction] {
            self.b.fill(of, 0.0);
        }
        Best { off, leftover, slackness, contradiction }
    }

    /// Takes a dual point with this sum of brackets where it is better than the best so far.
    pub(super) fn keep_better(
        &mut self,
        best: &Best,
        total: Formula,
        rounding: View,
        leftover: Formula,
        found: &Brackets,
    ) {
        let Best { off, leftover: left, slackness, contradiction } = *best;
        self.b.map(1, |m| {
            let here = total + rounding;
            let better = |new: Formula, old: View| here.abs().lt(off.abs()).then(new, old);
            m.store(left, better(leftover, left));
            m.store(slackness, better(found.slackness.into(), slackness));
            m.store(off, better(here.clone(), off));
            m.store(contradiction, contradiction.max(found.contradiction));
        });
    }

    /// What rounding does at a point: see [`super::sizes`].
    pub(super) fn rounding(&mut self, point: &Point<'_>) -> Rounding {
        let form = point.form;
        let [mut forward, mut back] = [0.0_f64; 2];
        let (mut inner, mut squares, mut linear) = (Vec::new(), Vec::new(), Vec::new());
        for loss in &point.losses {
            let affine = &loss.term.affine;
            let sizes = self.affine_sizes(form, affine, point.v);
            forward = forward.max(chain(affine, Way::Forward) + by_lanes(affine.shape.len()));
            back = back.max(chain(affine, Way::Back));
            let (sum, square) = (self.b.scratch("size", 1), self.b.scratch("square", 1));
            self.b.map(sizes.len, |m| {
                m.sum(sum, (loss.gradient * sizes).abs());
                m.sum(square, sizes.square());
            });
            let l = loss.term.rule.lipschitz(self);
            inner.push(sum);
            squares.push(l * loss.coefficient * square);
        }
        for a in &form.linear {
            forward = forward.max(chain(a, Way::Forward));
            linear.push(self.affine_sizes(form, a, point.v));
        }
        let reached = self.reached(point);
        let terms: Vec<Formula> = point.terms().into_iter().map(|t| t.abs()).collect();
        let constants: Vec<Formula> = form.constants.iter().map(|c| self.value(c).abs()).collect();
        let all = by_lanes(form.len) + (form.smooth.len() + form.blocks.len() + form.linear.len()) as f64;
        let eps = 0.5 * f64::EPSILON;
        let [of_slopes, of_objective, of_all] =
            ["rounding_of_slopes", "rounding_of_terms", "rounding"].map(|name| self.b.scratch(name, 1));
        self.b.map(1, |m| {
            let (inner, linear) = (Formula::sum(inner), Formula::sum(linear));
            let of_conjugates = reached.map_or_else(|| 0.0.into(), |sum| (back + 2.0) * sum);
            m.store(of_slopes, eps * ((forward + back + 2.0) * &inner + (forward + 2.0) * &linear + of_conjugates));
            let second = (eps * forward) * (eps * forward) * Formula::sum(squares);
            let of_terms = (forward + 2.0) * (inner + linear) + (all + 2.0) * Formula::sum(terms);
            m.store(of_objective, eps * &of_terms + &second);
            m.store(of_all, eps * (of_terms + (all + 2.0) * Formula::sum(constants)) + second);
        });
        Rounding { of_slopes, of_objective, of_all }
    }

    /// Σ |xⱼ| (|A|ᵀ|z|)ⱼ for the largest x of the sets: conjugates are reached there, however small v is; those with squares next to v.
    fn reached(&mut self, point: &Point<'_>) -> Option<View> {
        let mut extents = Vec::new();
        for (_, block, _) in point.blocks().filter(|(i, ..)| squares(point.form, *i).is_empty()) {
            let of_atoms: Vec<Formula> =
                block.sum.steps.iter().filter_map(|atom| self.atom_extent(atom, block.len)).collect();
            extents.extend(of_atoms.into_iter().reduce(|a, b| a.min(b)).map(|extent| (block, extent)));
        }
        if extents.is_empty() || point.losses.is_empty() {
            return None;
        }
        let sizes = self.b.scratch("slope_sizes", point.form.len);
        let size_of = |cx: &mut Self, l: &Loss<'_>| cx.entries("size_of_z", l.t.len, l.gradient.abs());
        let terms: Vec<_> = point.losses.iter().map(|l| (l.term, size_of(self, l))).collect();
        self.adjoint_sizes(point.form, &terms, sizes);
        let mut sums = Vec::new();
        for (block, extent) in extents {
            let (size, sum) = (sizes.slice(block.offset, block.len), self.b.scratch("reached", 1));
            self.b.sum(sum, extent.lt(f64::INFINITY).then(extent * size, 0.0));
            sums.push(sum);
        }
        Some(self.entries("reached", 1, Formula::sum(sums)))
    }

    /// Σ of all brackets.
    pub(super) fn brackets(&mut self, point: &Point<'_>, dual: &Dual) -> Brackets {
        let form = point.form;
        let u = match dual.scale {
            None => dual.u,
            Some([theta, _]) => self.entries("scaled_dual", form.len, theta * dual.u),
        };
        let outside = self.b.scratch("outside", form.len);
        let (mut totals, mut sizes): (Vec<Formula>, Vec<Formula>) = (Vec::new(), Vec::new());
        let (mut slack, mut wrong): (Vec<Formula>, Vec<Formula>) = (Vec::new(), Vec::new());
        for (i, block, v) in point.blocks() {
            let (u, beyond) = (u.slice(block.offset, block.len), outside.slice(block.offset, block.len));
            let [bracket, size] = self.block_bracket(point, i, v, u, beyond);
            if let (Some([_, hopeless]), true) = (dual.scale, super::dual::homogeneous(block)) {
                // The scale made it feasible: what is left is rounding.
                self.b.set(beyond, hopeless * beyond);
            }
            totals.push(bracket.into());
            sizes.push(size.into());
            let violated = self.block_violation(block, v);
            let mut own = Vec::new();
            for atom in &block.sum.steps {
                let out = self.b.scratch("slackness", 1);
                if self.atom_slackness(atom, v, u, out) {
                    own.push(out);
                }
            }
            slack.push(Formula::largest(0.0, [-bracket]).max(Formula::sum(own)));
            // A sum that is right to rounding, times its multiplier.
            let worth = self.b.scratch("worth", 1);
            let parts = self.centred_parts(&squares(form, i));
            let bends = Formula::sum(parts.iter().map(|(w, a)| 2.0 * (*w * (v - *a)).abs()));
            self.b.sum(worth, (u.abs() + bends) * v.abs());
            wrong.push(
                violated
                    .gt(0.0)
                    .then(0.0, (-bracket).gt(CONTRADICTION * (size + worth) + f64::MIN_POSITIVE).then(1.0, 0.0)),
            );
        }
        for (loss, z) in point.losses.iter().zip(&dual.z) {
            totals.extend(self.excess(loss, *z, dual).map(Formula::from));
            sizes.push(loss.value.abs());
        }
        let [total, rounding, slackness, contradiction] =
            ["brackets", "rounding", "slackness", "contradiction"].map(|name| self.b.scratch(name, 1));
        let longest = form.blocks.iter().map(|b| b.len).chain(point.losses.iter().map(|l| l.t.len)).max();
        let additions = by_lanes(longest.unwrap_or(1)) + (totals.len() + 2) as f64;
        self.b.map(1, |m| {
            m.store(total, Formula::sum(totals));
            m.store(rounding, 0.5 * f64::EPSILON * additions * Formula::sum(sizes));
            m.store(slackness, Formula::sum(slack));
            m.store(contradiction, Formula::largest(0.0, wrong));
        });
        Brackets { total, rounding, outside, slackness, contradiction }
    }

    /// F(t) + F*(θ z) − ⟨θ z, t⟩; `None` where it is 0, at the gradient.
    fn excess(&mut self, loss: &Loss<'_>, z: View, dual: &Dual) -> Option<View> {
        let out = self.b.scratch("excess", 1);
        let z = match (dual.scale, dual.own) {
            (None, true) => return None,
            (None, false) => z,
            (Some([theta, _]), true) if loss.term.rule.quadratic().is_some() => {
                self.b.set(out, (1.0 - theta).square() * loss.value);
                return Some(out);
            }
            (Some([theta, _]), _) => self.entries("scaled", z.len, theta * z),
        };
        loss.term.rule.excess(self, loss.term.at.layout, loss.coefficient, loss.t, z, out);
        Some(out)
    }

    /// The largest violation of the sets on a block.
    fn block_violation(&mut self, block: &Block, v: View) -> View {
        let mut all = Vec::new();
        for atom in &block.sum.steps {
            let (out, sizes) = (self.b.scratch("violation", 1), self.entries("sizes", v.len, v.abs()));
            self.atom_violation(atom, v, sizes, out);
            all.push(out);
        }
        self.entries("violation", 1, Formula::largest(0.0, all))
    }

    /// The bracket of a block, and the sum of its terms' magnitudes; `outside` gets what u has beyond the domain.
    fn block_bracket(&mut self, point: &Point<'_>, index: usize, v: View, u: View, outside: View) -> [View; 2] {
        let squares = squares(point.form, index);
        let block = &point.form.blocks[index];
        let penalty = point.penalties[index];
        if squares.is_empty() {
            return self.plain_bracket(block, penalty, v, u, outside);
        }
        let weights: Vec<Value> = squares.iter().map(|c| self.value(&c.weight)).collect();
        if weights.iter().any(|w| matches!(w, Value::Literal(x) if *x > 0.0)) {
            return self.centred_bracket(block, &squares, penalty, v, u, outside);
        }
        let weight = self.entries("weight", 1, Formula::sum(weights));
        let out = ["bracket", "size"].map(|name| self.b.scratch(name, 1));
        let copy = |cx: &mut Self, from: [View; 2]| out.iter().zip(from).for_each(|(to, from)| cx.b.copy(*to, from));
        self.either(
            when(0.0, Compare::Lt, weight),
            |cx| {
                let found = cx.centred_bracket(block, &squares, penalty, v, u, outside);
                copy(cx, found);
            },
            |cx| {
                let found = cx.plain_bracket(block, penalty, v, u, outside);
                copy(cx, found);
            },
        );
        out
    }

    fn plain_bracket(&mut self, block: &Block, penalty: Option<View>, v: View, u: View, outside: View) -> [View; 2] {
        let conjugate = self.b.scratch("conjugate", 1);
        self.block_conjugate(block, u, conjugate, outside);
        let [inner, sizes, bracket, size] = ["inner", "sizes", "bracket", "size"].map(|name| self.b.scratch(name, 1));
        self.b.map(v.len, |m| {
            // What is beyond the domain is not counted: it is asked for elsewhere.
            let product = (u - outside) * v;
            m.sum(sizes, product.abs());
            m.sum(inner, product);
        });
        let penalty: Formula = penalty.map_or_else(|| 0.0.into(), Into::into);
        self.b.map(1, |m| {
            m.store(size, penalty.abs() + conjugate.abs() + sizes);
            m.store(bracket, penalty + (conjugate - inner));
        });
        [bracket, size]
    }

    /// G*(u) at the point of its domain next to u, and what u has beyond it.
    pub(super) fn block_conjugate(&mut self, block: &Block, u: View, value: View, outside: View) {
        match block.sum.composed {
            Some(rule) => rule.conjugate(self, &block.sum.steps, u, value, outside),
            None => {
                self.b.fill(value, 0.0);
                self.b.copy(outside, u);
            }
        }
    }

    /// (G + Σ w‖· − a‖²)* is at most G*(s) + (Σ w‖· − a‖²)*(u − s) for any s, with equality at s = u − 2W(x − ā), x = prox_{G/(2W)}(ā + u/(2W)),
    /// W = Σ w and ā = Σ w a/W. So with the s next to it in the domain of G* the bracket is at most
    /// G(v) + G*(s) − ⟨s, v⟩ + W‖v − ā − (u − s)/(2W)‖², however well the prox is computed.
    fn centred_bracket(
        &mut self,
        block: &Block,
        squares: &[&Centred],
        penalty: Option<View>,
        v: View,
        u: View,
        outside: View,
    ) -> [View; 2] {
        let parts = self.centred_parts(squares);
        let (target, gamma) = self.centred_target(&parts, Some((u, 0.5)));
        let x = self.b.scratch("maximiser", block.len);
        self.prox_block(block, target, gamma, x);
        let s = self.b.scratch("slope", block.len);
        self.b.set(s, parts.iter().fold(Formula::from(u), |s, (w, a)| s - *w * (2.0 * (x - *a))));
        let [plain, size] = self.plain_bracket(block, penalty, v, s, outside);
        let weight = self.scalar_sum("weight", &parts.iter().map(|(w, _)| *w).collect::<Vec<_>>());
        let [off, sizes, bracket, all] = ["off", "sizes", "bracket", "size"].map(|name| self.b.scratch(name, 1));
        self.b.map(v.len, |m| {
            // W (v − ā) − (u − s)/2
            let slope = Formula::sum(parts.iter().map(|(w, a)| *w * (v - *a))) - 0.5 * (u - s + outside);
            let size = Formula::sum(parts.iter().map(|(w, a)| *w * (v.abs() + a.abs()))) + u.abs() + s.abs();
            m.sum(sizes, slope.abs() * size / weight);
            m.sum(off, slope.square() / weight);
        });
        self.b.fill(outside, 0.0);
        self.b.map(1, |m| {
            m.store(bracket, plain + off);
            m.store(all, size + sizes);
        });
        [bracket, all]
    }

    /// W = Σ w of the squares on a block, where there are any.
    pub(super) fn weight_of_squares(&mut self, form: &Composite, index: usize) -> Option<Formula> {
        let weights: Vec<Value> = squares(form, index).iter().map(|c| self.value(&c.weight)).collect();
        (!weights.is_empty()).then(|| Formula::sum(weights))
    }

    /// Weights and centres of squares.
    pub(super) fn centred_parts(&mut self, squares: &[&Centred]) -> Vec<(Value, Value)> {
        let centre = |cx: &mut Self, c: &Centred| c.centre.as_ref().map_or(Value::Literal(0.0), |a| cx.value(a));
        squares.iter().map(|c| (self.value(&c.weight), centre(self, c))).collect()
    }

    /// (Σ w a + c u)/W and γ = 1/(2W) of squares with weights w and centres a.
    pub fn centred_target(&mut self, parts: &[(Value, Value)], tilt: Option<(View, f64)>) -> (View, Value) {
        let weights: Vec<Value> = parts.iter().map(|(w, _)| *w).collect();
        let weight = self.scalar_sum("weight", &weights);
        let gamma = match weight {
            Value::Literal(w) => Value::Literal(0.5 / w),
            w => self.scalar("half_inverse", 0.5 / w),
        };
        let len = tilt
            .map(|(u, _)| u.len)
            .or_else(|| parts.iter().find_map(|(_, a)| if let Value::View(v) = a { Some(v.len) } else { None }));
        let target = self.b.scratch("target", len.unwrap_or(1));
        let first = tilt.map_or_else(|| 0.0.into(), |(u, c)| c * u);
        let sum = Formula::sum(std::iter::once(first).chain(parts.iter().map(|(w, a)| *w * *a)));
        self.b.set(
            target,
            match (parts, tilt) {
                // One square without a tilt is its own centre, to the last bit.
                ([(_, a)], None) => (*a).into(),
                _ => sum / weight,
            },
        );
        (target, gamma)
    }
}
