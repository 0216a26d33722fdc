//! The duality gap at a point, as instructions.
//!
//! With z_i = c_i f_i'(A_i v + b_i), any s in [0, 1] and u = −s Σ A_iᵀ z_i − l, Fenchel's inequality gives
//!
//! P(v) − P* ≤ Σ_b [G_b(v_b) + G_b*(u_b) − ⟨u_b, v_b⟩] + Σ_i [F_i(t_i) + F_i*(s z_i) − s⟨z_i, t_i⟩],
//!
//! where the second sum is 0 at s = 1 and (1 − s)² F_i for a quadratic. Written so, nothing large cancels. The scale s < 1 makes u feasible
//! where G_b* is the indicator of a dual ball (Beck & Teboulle; Fercoq, Gramfort & Salmon, *Mind the Duality Gap*, 2015). Squares
//! w‖v_b − a‖² centred on a block are counted with G_b, whose conjugate is then finite everywhere and reached at a prox.
//!
//! Where no scale helps (free or nonnegative unknowns without a penalty, λ = 0, equalities) the distance δ of u from the conjugate's domain
//! is charged with max(1, ‖v_b‖), and the certificate says to what the dual point is feasible.

use super::emit::{Emit, Key, Whole};
use super::formulas::ratio_or_zero;
use super::terms::Evaluated;
use crate::calculus::functions;
use crate::composite::affine::{Affine, Term};
use crate::composite::{Block, Centred, Composite, SmoothTerm};
use crate::expr;
use crate::model::{Depends, Sign};
use sparsec_program::builder::when;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::{Compare, View};

/// A gauge beyond this cannot be made feasible by scaling.
const HOPELESS: f64 = 1e8;

/// Beyond this relative charge the dual point is no longer called feasible to a tolerance.
const INFEASIBLE: f64 = 1e-2;

/// A gap up to this is a bound of the objective from below.
const BOUNDED: f64 = 1e-3;

/// A slope counts as negative, and a direction as kept by A, beyond (within) this part of its terms.
const RAY: f64 = 1e-9;

/// Halvings of the search for the scale of a sum of norms.
const HALVINGS: usize = 60;

/// Scalars that certify a point.
#[derive(Clone, Copy, Debug)]
pub struct Certificate {
    /// The minimised objective.
    pub objective: View,
    /// Gap over max(1, |objective|).
    pub gap: View,
    /// 2: proven; 1: proven but for the dual violation.
    pub certified: View,
    /// Dual violation in units of the relative gap.
    pub dual_violation: View,
    /// 1 where a direction of unbounded descent was verified.
    pub unbounded: View,
}

/// How a block's conjugate is handled.
enum Kind<'a> {
    /// G_b + Σ w‖· − a‖²: finite everywhere while Σ w > 0.
    Centred(Vec<&'a Centred>),
    /// All atoms homogeneous (or none): an indicator.
    Homogeneous,
    /// The last atom has its own conjugate.
    Closing,
}

fn kind<'a>(form: &'a Composite, index: usize) -> Kind<'a> {
    let centred: Vec<&Centred> =
        form.smooth.iter().filter_map(|t| t.centred.as_ref()).filter(|c| c.block == index).collect();
    if !centred.is_empty() { Kind::Centred(centred) } else { plain_kind(&form.blocks[index]) }
}

fn plain_kind<'a>(block: &Block) -> Kind<'a> {
    let steps = &block.sum.steps;
    let homogeneous = steps.iter().all(|a| a.facts().homogeneous);
    // Each with its own centre they are homogeneous about no point: l1 about c on y ≥ 0.
    let one_centre = steps.len() <= 1 || steps.iter().all(|a| a.plain());
    if homogeneous && one_centre { Kind::Homogeneous } else { Kind::Closing }
}

impl Emit<'_> {
    /// Certifies the point v with the dual point that its gradients give.
    pub fn certificate(&mut self, form: &Composite, v: View) -> Certificate {
        self.certificate_from(form, v, v)
    }

    /// Certifies v with the dual point of another point: that of accelerated proximal gradient steps from v (Beck & Teboulle 2009, with the
    /// momentum k/(k + 3)), `steps` at a time until the gap is at most `good`, at most `rounds` times.
    pub fn certificate_after(
        &mut self,
        form: &Composite,
        v: View,
        (steps, rounds, good): (usize, usize, f64),
    ) -> Certificate {
        let gammas = self.step_sizes(form);
        let n = form.len;
        let (w, last, k) = (self.b.scratch("w", n), self.b.scratch("last", n), self.b.scratch("k", 1));
        let (g, z, next) = (self.b.scratch("grad", n), self.b.scratch("forward", n), self.b.scratch("next", n));
        self.b.copy(w, v);
        self.b.copy(last, v);
        self.b.fill(k, 0.0);
        let mut step = |cx: &mut Self| {
            cx.gradient(form, w, g);
            cx.forward(form, w, g, &gammas, z);
            for (block, gamma) in form.blocks.iter().zip(&gammas) {
                let (from, to) = (z.slice(block.offset, block.len), next.slice(block.offset, block.len));
                cx.prox_block(block, from, *gamma, to);
            }
            cx.b.map(n, |m| {
                m.store(w, next + k / (k + 3.0) * (next - last));
                m.store(last, next);
            });
            cx.b.set(k, k + 1.0);
        };
        let kept = ["objective", "gap", "certified", "dual_violation", "unbounded"].map(|name| self.b.scratch(name, 1));
        let [objective, gap, certified, dual_violation, unbounded] = kept;
        let round = self.nested(&mut |cx: &mut Self| {
            let body = cx.nested(&mut step);
            cx.b.push(sparsec_program::program::Instr::Loop { times: steps, until: None, body });
            let c = cx.certificate_from(form, v, last);
            let found = [c.objective, c.gap, c.certified, c.dual_violation, c.unbounded];
            kept.into_iter().zip(found).for_each(|(to, from)| cx.b.copy(to, from));
        });
        let until = Some(when(gap, Compare::Le, good));
        self.b.push(sparsec_program::program::Instr::Loop { times: rounds, until, body: round });
        Certificate { objective, gap, certified, dual_violation, unbounded }
    }

    /// Certifies the point v with the dual point z_i = c_i f_i'(A_i w + b_i) of another point w.
    pub fn certificate_from(&mut self, form: &Composite, v: View, w: View) -> Certificate {
        let here: Vec<View> = form.smooth.iter().map(|t| self.affine(form, &t.affine, v)).collect();
        let values: Vec<View> = form.smooth.iter().zip(&here).map(|(term, t)| self.smooth_value(term, *t)).collect();
        let all: Vec<(&SmoothTerm, Evaluated)> = match v == w {
            true => form.smooth.iter().zip(&here).map(|(t, at)| (t, self.slope_at(t, *at))).collect(),
            false => form.smooth.iter().map(|t| (t, self.evaluate(form, t, w))).collect(),
        };
        let pulled: Vec<(&SmoothTerm, Evaluated)> = all.iter().filter(|(t, _)| t.centred.is_none()).copied().collect();
        let objective = self.objective(form, v, &values);

        let u = self.b.scratch("dual", form.len);
        self.adjoint_sum(form, &pulled, -1.0, u);
        let scale = self.dual_scale(form, &pulled, u);
        let scaled = match scale {
            None => u,
            Some((s, _)) => {
                let scaled = self.b.scratch("scaled_dual", form.len);
                // Scaling is only used without linear terms, where u = −Σ Aᵀ z.
                self.b.set(scaled, s * u);
                scaled
            }
        };

        let mut gaps = Vec::new();
        let mut charges = Vec::new();
        let bends = self.curvatures(form);
        for (i, block) in form.blocks.iter().enumerate() {
            let (at, to) = (v.slice(block.offset, block.len), scaled.slice(block.offset, block.len));
            let bend = bends.slice(block.offset, block.len);
            let (gap, charge) = self.block_gap(form, i, at, to, bend);
            gaps.push(gap);
            charges.extend(charge.map(|c| (c, matches!(kind(form, i), Kind::Homogeneous))));
        }
        if v != w {
            let one = self.table("one", vec![1.0]);
            let s = scale.map_or(one, |(s, _)| s);
            for (((term, at), value), here) in
                all.iter().zip(&values).zip(&here).filter(|(((t, _), _), _)| t.centred.is_none())
            {
                gaps.push(self.excess_elsewhere(term, *at, *here, *value, s));
            }
        } else if let Some((s, _)) = scale {
            for ((term, at), value) in all.iter().zip(&values).filter(|((t, _), _)| t.centred.is_none()) {
                gaps.push(self.scaled_excess(term, *at, *value, s));
            }
        }
        let above = self.above_zero(form, v, &values);
        let mut certificate = self.conclude(objective, &gaps, &charges, scale.map(|(_, hopeless)| hopeless), above);
        certificate.unbounded = self.unbounded(form, v, &pulled, u, certificate.gap);
        certificate
    }

    /// Bounds on the second derivatives along the coordinates, computed once.
    fn curvatures(&mut self, form: &Composite) -> View {
        let terms: Vec<&SmoothTerm> = form.smooth.iter().filter(|t| t.centred.is_none()).collect();
        let of = |t: &SmoothTerm| {
            let maps = t.affine.terms.iter().map(Term::depends);
            let args = t.rule.data().into_iter().map(|e| e.depends);
            maps.chain(args).fold(t.at.coefficient.depends, Depends::max)
        };
        let level = terms.iter().map(|t| of(t)).max().unwrap_or(Depends::Literal);
        self.once(Key::Whole(Whole::Curvatures), level, &[("curvatures", form.len, 1)], |cx, out| {
            cx.coordinate_curvatures(form, &terms, out[0]);
        })[0]
    }

    /// What the objective lies above its constants, where every term of it is nonnegative: a bound of the gap by the dual point 0.
    fn above_zero(&mut self, form: &Composite, v: View, values: &[View]) -> Option<View> {
        let nonnegative = |name: &str| functions::find(name).is_some_and(|f| f.sign == Sign::Nonnegative);
        let smooth = form.smooth.iter().all(|t| nonnegative(t.rule.name()));
        let penalties = form.blocks.iter().flat_map(|b| &b.sum.steps).all(|a| a.facts().nonnegative);
        if !form.linear.is_empty() || !smooth || !penalties {
            return None;
        }
        let mut parts: Vec<Value> = values.iter().map(|v| Value::View(*v)).collect();
        for block in &form.blocks {
            let at = v.slice(block.offset, block.len);
            parts.extend(self.penalty_value(block, at).map(Value::View));
        }
        Some(self.sum(&parts, "above"))
    }

    /// Σ values + linear + penalties + constants.
    pub(super) fn objective(&mut self, form: &Composite, v: View, values: &[View]) -> View {
        let mut parts: Vec<Value> = values.iter().map(|v| Value::View(*v)).collect();
        for a in &form.linear {
            parts.push(Value::View(self.affine(form, a, v)));
        }
        for block in &form.blocks {
            let at = v.slice(block.offset, block.len);
            parts.extend(self.penalty_value(block, at).map(Value::View));
        }
        for c in &form.constants {
            parts.push(self.value(c));
        }
        self.sum(&parts, "objective")
    }

    /// A sum of scalars.
    pub(super) fn sum(&mut self, parts: &[Value], name: &str) -> View {
        let out = self.b.scratch(name, 1);
        self.b.set(out, Formula::sum(parts.iter().copied()));
        out
    }

    /// The scale s that makes s·u feasible for all homogeneous blocks, and 1 where no scale does; `None` where scaling is not to be tried.
    fn dual_scale(&mut self, form: &Composite, pulled: &[(&SmoothTerm, Evaluated)], u: View) -> Option<(View, View)> {
        let scalable = form.linear.is_empty() && pulled.iter().all(|(t, _)| t.rule.scalable());
        let mut gauges = Vec::new();
        for (i, block) in form.blocks.iter().enumerate() {
            if scalable && matches!(kind(form, i), Kind::Homogeneous) {
                let at = u.slice(block.offset, block.len);
                gauges.push(self.gauge(block, at));
            }
        }
        if gauges.is_empty() {
            return None;
        }
        let (s, hopeless) = (self.b.scratch("scale", 1), self.b.scratch("hopeless", 1));
        self.b.map(1, |m| {
            let top = Formula::largest(1.0, gauges);
            // Without hope u is left as it is and its violation is charged.
            m.store(s, top.lt(HOPELESS).then(1.0 / &top, 1.0));
            m.store(hopeless, top.lt(HOPELESS).then(0.0, 1.0));
        });
        Some((s, hopeless))
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
        let (low, high, middle) = (self.b.scratch("low", 1), self.b.scratch("high", 1), self.b.scratch("middle", 1));
        let size = self.b.scratch("size", 1);
        self.b.fill(low, 0.0);
        self.b.fill(high, 1.0);
        self.b.fill(middle, 1.0);
        let at = self.b.scratch("tried", u.len);
        let mut body = |cx: &mut Self| {
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
        };
        self.loop_until(HALVINGS, low, high, &mut body);
        self.b.set(out, 1.0 / low);
        out
    }

    /// Repeats until low ≥ high, at most `times` times.
    fn loop_until(&mut self, times: usize, low: View, high: View, body: &mut dyn FnMut(&mut Self)) {
        let instrs = self.nested(body);
        self.b.push(sparsec_program::program::Instr::Loop {
            times,
            until: Some(when(high, Compare::Le, low)),
            body: instrs,
        });
    }

    /// G_b(v) + G_b*(u) − ⟨u, v⟩ and what the distance δ of u from the conjugate's domain is charged with: δ max(1, ‖v‖), and no less than
    /// twice what steps along the coordinates would gain, δⱼ²/Lⱼ with the second derivatives' bounds Lⱼ in `bend`. The latter has no units:
    /// columns that are tiny do not make a point look optimal.
    fn block_gap(&mut self, form: &Composite, index: usize, v: View, u: View, bend: View) -> (View, Option<View>) {
        let block = &form.blocks[index];
        match kind(form, index) {
            Kind::Centred(squares) => {
                let total: Vec<Value> = squares.iter().map(|c| self.value(&c.weight)).collect();
                if total.iter().any(|w| matches!(w, Value::Literal(x) if *x > 0.0)) {
                    return (self.centred_gap(block, &squares, v, u), None);
                }
                let weight = self.sum(&total, "weight");
                let (gap, charge) = (self.b.scratch("gap", 1), self.b.scratch("charge", 1));
                let zero = self.table("zero", vec![0.0]);
                let with = self.nested(&mut |cx: &mut Self| {
                    let g = cx.centred_gap(block, &squares, v, u);
                    cx.b.copy(gap, g);
                    cx.b.copy(charge, zero);
                });
                let without = self.nested(&mut |cx: &mut Self| {
                    let (g, c) = cx.plain_gap(block, v, u, bend);
                    cx.b.copy(gap, g);
                    cx.b.copy(charge, c.unwrap_or(zero));
                });
                self.b.push(sparsec_program::program::Instr::If {
                    condition: when(0.0, Compare::Lt, weight),
                    then: with,
                    otherwise: without,
                });
                (gap, Some(charge))
            }
            _ => self.plain_gap(block, v, u, bend),
        }
    }

    fn plain_gap(&mut self, block: &Block, v: View, u: View, bend: View) -> (View, Option<View>) {
        let penalty = self.penalty_value(block, v);
        let inner = self.b.scratch("inner", 1);
        self.b.sum(inner, u * v);
        let (conjugate, violation) = (self.b.scratch("conjugate", 1), self.b.scratch("violation", 1));
        let gain = self.b.scratch("gain", 1);
        match (plain_kind(block), block.sum.composed) {
            (Kind::Closing, Some(rule)) => {
                let outside = self.b.scratch("outside", u.len);
                rule.conjugate(self, &block.sum.steps, u, conjugate, outside);
                self.norm_to(violation, outside);
                let least = self.b.scratch("least_bend", 1);
                self.b.min(least, bend);
                self.b.set(gain, ratio_or_zero(violation.square(), least));
            }
            _ => {
                self.b.fill(conjugate, 0.0);
                if let [one] = block.sum.steps.as_slice() {
                    self.add_shift(&one.argument, u, conjugate);
                }
                let rest = self.outside_domain(&block.sum.steps, u);
                self.norm_to(violation, rest);
                self.b.sum(gain, ratio_or_zero(rest.square(), bend));
            }
        }
        let gap = self.b.scratch("gap", 1);
        let excess = conjugate - inner;
        self.b.set(gap, penalty.map_or_else(|| excess.clone(), |p| p + &excess));
        let norm = self.norm(v);
        let charge = self.b.scratch("charge", 1);
        self.b.set(charge, (violation * norm.max(1.0)).max(gain));
        (gap, Some(charge))
    }

    /// For G_b + Σ w‖· − a‖² the conjugate is reached at x = prox_{G_b/(2W)}((u/2 + Σ w a)/W), W = Σ w, so the block's gap is
    /// G_b(v) − G_b(x) + Σᵢ (v − x)ᵢ (Σ w (v + x − 2a) − u)ᵢ.
    fn centred_gap(&mut self, block: &Block, squares: &[&Centred], v: View, u: View) -> View {
        let parts: Vec<(Value, Value)> = squares
            .iter()
            .map(|c| {
                let centre = c.centre.as_ref().map_or(Value::Literal(0.0), |a| self.value(a));
                (self.value(&c.weight), centre)
            })
            .collect();
        let (target, gamma) = self.centred_target(&parts, Some((u, 0.5)));
        let x = self.b.scratch("maximiser", block.len);
        self.prox_block(block, target, gamma, x);
        let gap = self.b.scratch("gap", 1);
        let slope = parts.iter().fold(-u, |sum, (w, a)| sum + *w * (v + x - 2.0 * *a));
        self.b.sum(gap, (v - x) * slope);
        let (here, there) = (self.penalty_value(block, v), self.penalty_value(block, x));
        let (Some(here), Some(there)) = (here, there) else {
            return gap;
        };
        let total = self.b.scratch("gap", 1);
        self.b.set(total, gap + (here - there));
        total
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

    /// F(t) + F*(s z) − s⟨z, t⟩ where z is the slope at another point.
    fn excess_elsewhere(&mut self, term: &SmoothTerm, there: Evaluated, t: View, _value: View, s: View) -> View {
        let z = self.entries("scaled", t.len, s * there.z);
        let out = self.b.scratch("excess", 1);
        let c = self.value(&term.at.coefficient);
        term.rule.excess(self, term.at.layout, c, t, z, out);
        out
    }

    /// F(t) + F*(s z) − s⟨z, t⟩, which is 0 at s = 1.
    fn scaled_excess(&mut self, term: &SmoothTerm, at: Evaluated, value: View, s: View) -> View {
        let out = self.b.scratch("excess", 1);
        if term.rule.quadratic().is_some() {
            self.b.set(out, (1.0 - s).square() * value);
            return out;
        }
        let z = self.entries("scaled", at.t.len, s * at.z);
        let c = self.value(&term.at.coefficient);
        term.rule.excess(self, term.at.layout, c, at.t, z, out);
        out
    }

    fn conclude(
        &mut self,
        objective: View,
        gaps: &[View],
        charges: &[(View, bool)],
        hopeless: Option<View>,
        above: Option<View>,
    ) -> Certificate {
        let (gap, certified) = (self.b.scratch("relative_gap", 1), self.b.scratch("certified", 1));
        let dual_violation = self.b.scratch("dual_violation", 1);
        self.b.map(1, |m| {
            let size = objective.abs().max(1.0);
            let from_zero = |parts: Vec<Formula>| Formula::sum(std::iter::once(0.0.into()).chain(parts));
            let sum = from_zero(gaps.iter().map(|g| (*g).into()).collect());
            // Where scaling made u feasible what is left is rounding.
            let charge = |(c, homogeneous): &(View, bool)| match (*homogeneous, hopeless) {
                (true, Some(h)) => h.gt(0.0).then(*c, 0.0),
                _ => (*c).into(),
            };
            let charge = from_zero(charges.iter().map(charge).collect());
            let total = charge.gt(0.0).then(sum.abs() + &charge, &sum);
            let (relative, relative_charge) = (total / &size, &charge / &size);
            let flag = charge.gt(0.0).then(1.0, 2.0);
            // So far from feasible the dual point bounds nothing.
            let relative = relative_charge.le(INFEASIBLE).then(relative, f64::INFINITY);
            let (relative, flag, relative_charge) = match above {
                None => (relative, flag, relative_charge),
                Some(above) => {
                    let above = above / size;
                    let proven = above.le(&relative).then(2.0, flag);
                    let charge = above.le(&relative).then(0.0, relative_charge);
                    (above.min(relative), proven, charge)
                }
            };
            m.store(gap, relative);
            m.store(certified, flag);
            m.store(dual_violation, relative_charge);
        });
        Certificate { objective, gap, certified, dual_violation, unbounded: gap }
    }

    /// 1 where a direction was found along which the objective falls without end. Only the checker asks.
    ///
    /// Four are tried: the descent direction prox_G(u) at γ = 1 of the penalties' norms; v itself, which a diverging iterate follows; the part
    /// of v that the quadratics do not see, within the entries that diverge; and without penalties and sets that part of u. All are moved
    /// into the recession cones.
    fn unbounded(
        &mut self,
        form: &Composite,
        v: View,
        pulled: &[(&SmoothTerm, Evaluated)],
        u: View,
        gap: View,
    ) -> View {
        let out = self.b.scratch("unbounded", 1);
        self.b.fill(out, 0.0);
        // Without a linear term only those smooth terms can fall for ever that grow linearly.
        let falling = |t: &SmoothTerm| t.centred.is_none() && t.rule.quadratic().is_none();
        if !self.is_check() || (form.linear.is_empty() && !form.smooth.iter().any(falling)) {
            return out;
        }
        let search = self.nested(&mut |cx: &mut Self| {
            let quadratics: Vec<&SmoothTerm> =
                pulled.iter().map(|(t, _)| *t).filter(|t| t.rule.quadratic().is_some()).collect();
            let mut candidates = vec![(u, true), (v, false)];
            if !quadratics.is_empty() {
                let followed = cx.direction(form, v, false);
                let mask = cx.largest_entries(followed);
                candidates.push((cx.null_part(form, &quadratics, followed, Some(mask)), false));
                if quadratics.len() == pulled.len() && form.unconstrained() {
                    candidates.push((cx.null_part(form, &quadratics, u, None), true));
                }
            }
            for (from, descent) in candidates {
                let d = cx.direction(form, from, descent);
                let ray = cx.is_ray(form, pulled, d);
                cx.b.set(out, out.max(ray));
            }
        });
        // A point with a bound this good needs no search.
        let condition = when(BOUNDED, Compare::Lt, gap);
        self.b.push(sparsec_program::program::Instr::If { condition, then: search, otherwise: Vec::new() });
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
    /// makes ‖A(u − w)‖ least, by conjugate gradients on the normal equations (Hestenes & Stiefel 1952), which stay in the range of Aᵀ.
    fn null_part(&mut self, form: &Composite, terms: &[&SmoothTerm], u: View, mask: Option<View>) -> View {
        const MOST_STEPS: usize = 500;
        let n = form.len;
        let kept = |x: Formula| match mask {
            None => x,
            Some(mask) => mask * x,
        };
        let (rest, p, hp) = (self.b.scratch("rest", n), self.b.scratch("p", n), self.b.scratch("hp", n));
        let (r, square, bend) = (self.b.scratch("r", n), self.b.scratch("square", 1), self.b.scratch("bend", 1));
        let (next, first) = (self.b.scratch("next", 1), self.b.scratch("first", 1));
        // d = u − w; r = −H d is the negative gradient in d.
        self.b.set(rest, kept(u.into()));
        self.hessian(form, terms, rest, hp);
        self.b.map(n, |m| {
            let minus = kept(-hp);
            m.store(r, &minus);
            m.store(p, &minus);
            m.sum(square, minus.square());
        });
        self.b.set(first, 1e-30 * square);
        let mut body = |cx: &mut Self| {
            cx.hessian(form, terms, p, hp);
            cx.b.sum(bend, p * hp);
            cx.b.map(n, |m| {
                let alpha = ratio_or_zero(square, bend);
                let moved = r - &alpha * kept(hp.into());
                m.store(rest, rest + alpha * p);
                m.store(r, &moved);
                m.sum(next, moved.square());
            });
            cx.b.set(p, r + ratio_or_zero(next, square) * p);
            cx.b.copy(square, next);
        };
        self.loop_until(MOST_STEPS.min(2 * n + 10), first, square, &mut body);
        rest
    }

    /// `from` moved into the recession cones of all blocks; for a direction of descent through the proxes of norms as well.
    fn direction(&mut self, form: &Composite, from: View, descent: bool) -> View {
        let d = self.b.scratch("ray", form.len);
        for (i, block) in form.blocks.iter().enumerate() {
            let (mut at, to) = (from.slice(block.offset, block.len), d.slice(block.offset, block.len));
            if matches!(kind(form, i), Kind::Centred(_)) {
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

    /// 1 where F∞(d) + ⟨l, d⟩ + G∞(d) < 0 beyond rounding, d being in the recession cone of G; F∞ is +∞ for a quadratic unless A d = 0.
    fn is_ray(&mut self, form: &Composite, pulled: &[(&SmoothTerm, Evaluated)], d: View) -> View {
        let length = self.norm(d);
        let straight = |a: &Affine| Affine { offset: None, ..a.clone() };
        let mut slopes = Vec::new();
        let mut moved = Vec::new();
        for a in &form.linear {
            slopes.push(self.affine(form, &straight(a), d));
        }
        for block in &form.blocks {
            let at = d.slice(block.offset, block.len);
            for atom in block.sum.steps.iter().filter(|a| !a.facts().set) {
                slopes.push(self.recession_value(atom, at));
            }
        }
        for (term, _) in pulled {
            let image = self.affine(form, &straight(&term.affine), d);
            let slope = self.b.scratch("recession", 1);
            if term.rule.recession(self, term.at.layout, image, slope) {
                let c = self.value(&term.at.coefficient);
                self.b.set(slope, c * slope);
                slopes.push(slope);
                continue;
            }
            // A quadratic's value at d beside Σ L ‖A eⱼ‖² dⱼ²/2: of the size of its parts unless they cancel, whatever the units of the columns.
            let parts = self.b.scratch("parts", form.len);
            self.coordinate_curvatures(form, &[term], parts);
            let value = self.smooth_value(term, image);
            let expected = self.b.scratch("expected", 1);
            self.b.sum(expected, parts * d.square());
            let bound = self.b.scratch("norm_bound", 1);
            self.b.set(bound, ratio_or_zero(2.0 * value.abs(), expected).sqrt());
            moved.push(bound);
        }
        let ray = self.b.scratch("is_ray", 1);
        let from_zero = |parts: Vec<Formula>| Formula::sum(std::iter::once(0.0.into()).chain(parts));
        let sum = from_zero(slopes.iter().map(|s| (*s).into()).collect());
        let size = from_zero(slopes.iter().map(|s| s.abs()).collect());
        let kept = Formula::largest(0.0, moved).le(RAY).then(1.0, 0.0);
        let falls = sum.lt(-RAY * size).then(kept, 0.0);
        let nonzero = length.gt(0.0).then(falls, 0.0);
        self.b.set(ray, length.lt(f64::INFINITY).then(nonzero, 0.0));
        ray
    }

    /// Relative fixed-point residual ‖v − next‖∞ / max(1, ‖v‖∞).
    pub fn residual(&mut self, v: View, next: View, out: View) {
        let (top, size) = (self.b.scratch("moved", 1), self.b.scratch("size", 1));
        self.b.map(v.len, |m| {
            m.max(top, (v - next).abs());
            m.max(size, v.abs());
        });
        self.b.set(out, top / size.max(1.0));
    }
}

/// True for a weight that is positive whatever the data, by literals and declared domains.
pub fn positive(model: &crate::model::Model, e: &crate::model::Expr) -> bool {
    use crate::model::ExprKind;
    use sparsec_program::solver::Domain;
    if let Some(v) = expr::uniform(e) {
        return v > 0.0;
    }
    match &e.kind {
        ExprKind::Quantity(id) => model.quantities[id.0]
            .domains
            .iter()
            .any(|d| matches!(d, Domain::Above(c) if *c >= 0.0) || matches!(d, Domain::AtLeast(c) if *c > 0.0)),
        ExprKind::Scale(a, b) | ExprKind::ElementProduct(a, b) | ExprKind::ElementQuotient(a, b) => {
            positive(model, a) && positive(model, b)
        }
        ExprKind::Add(a, b) => positive(model, a) && positive(model, b),
        ExprKind::Fill(a) => positive(model, a),
        _ => false,
    }
}
