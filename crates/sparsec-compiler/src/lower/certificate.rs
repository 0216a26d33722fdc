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

use super::emit::{Emit, Value, ratio_or_zero};
use super::terms::Evaluated;
use crate::calculus::rules::Sum;
use crate::calculus::{Scaling, functions};
use crate::composite::affine::{Affine, Term};
use crate::composite::{Block, Centred, Composite, SmoothTerm};
use crate::expr;
use crate::model::{Arg, Depends, Sign};
use sparsec_program::builder::when;
use sparsec_program::program::{Compare, ReduceOp, View};

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
                let (next, last_, k) = (m.element(next), m.element(last), m.scalar(k));
                let three = m.literal(3.0);
                let below = m.add(k, three);
                let beta = m.div(k, below);
                let d = m.sub(next, last_);
                let moved = m.mul(beta, d);
                let on = m.add(next, moved);
                m.store(w, on);
                m.store(last, next);
            });
            cx.b.map_to(k, |m| {
                let (k, one) = (m.element(k), m.literal(1.0));
                m.add(k, one)
            });
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
                self.b.map_to(scaled, |m| {
                    let (s, u) = (m.scalar(s), m.element(u));
                    m.mul(s, u)
                });
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
            let args = t.at.args.iter().filter_map(Arg::expr).map(|e| e.depends);
            maps.chain(args).fold(t.at.coefficient.depends, Depends::max)
        };
        let level = terms.iter().map(|t| of(t)).max().unwrap_or(Depends::Literal);
        self.once("coordinate curvatures", level, &[("curvatures", form.len)], |cx, out| {
            cx.coordinate_curvatures(form, &terms, out[0]);
        })[0]
    }

    /// What the objective lies above its constants, where every term of it is nonnegative: a bound of the gap by the dual point 0.
    fn above_zero(&mut self, form: &Composite, v: View, values: &[View]) -> Option<View> {
        let nonnegative = |name: &str| functions::find(name).is_some_and(|f| f.sign() == Sign::Nonnegative);
        let smooth = form.smooth.iter().all(|t| nonnegative(t.name));
        let penalties =
            form.blocks.iter().flat_map(|b| &b.sum.steps).all(|a| a.facts().set || nonnegative(a.rule.name()));
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
        self.b.map_to(out, |m| {
            let mut sum = m.literal(0.0);
            for (i, p) in parts.iter().enumerate() {
                let x = p.e(m);
                sum = if i == 0 { x } else { m.add(sum, x) };
            }
            sum
        });
        out
    }

    /// The scale s that makes s·u feasible for all homogeneous blocks, and 1 where no scale does; `None` where scaling is not to be tried.
    fn dual_scale(&mut self, form: &Composite, pulled: &[(&SmoothTerm, Evaluated)], u: View) -> Option<(View, View)> {
        let scalable = form.linear.is_empty() && pulled.iter().all(|(t, _)| t.rule.scaling() != Scaling::Leaves);
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
            let one = m.literal(1.0);
            let mut top = one;
            for g in &gauges {
                let g = m.element(*g);
                top = m.max(top, g);
            }
            let limit = m.literal(HOPELESS);
            let zero = m.literal(0.0);
            let scale = m.div(one, top);
            // Without hope u is left as it is and its violation is charged.
            let scale = m.select(top, Compare::Lt, limit, scale, one);
            let none = m.select(top, Compare::Lt, limit, zero, one);
            m.store(s, scale);
            m.store(hopeless, none);
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
                self.b.reduce_to(out, ReduceOp::Max, u.len, |m| {
                    let (u, zero, inf) = (m.element(u), m.literal(0.0), m.literal(f64::INFINITY));
                    let a = m.abs(u);
                    m.select(zero, Compare::Lt, a, inf, zero)
                });
                return out;
            }
            // g(· − c)* has the domain of g*, so the gauge is that of g.
            [one] => {
                let turned = self.turned(&one.at, u);
                if one.rule.gauge(self, &one.at, turned, out) {
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
            cx.scale_to(at, middle, u);
            let rest = cx.outside_domain(steps, at);
            cx.b.reduce_to(size, ReduceOp::Max, rest.len, |m| {
                let r = m.element(rest);
                m.abs(r)
            });
            cx.b.map(1, |m| {
                let (size, low_, high_, middle_) =
                    (m.element(size), m.element(low), m.element(high), m.element(middle));
                let zero = m.literal(0.0);
                let new_low = m.select(size, Compare::Le, zero, middle_, low_);
                let new_high = m.select(size, Compare::Le, zero, high_, middle_);
                let sum = m.add(new_low, new_high);
                let half = m.scale(0.5, sum);
                m.store(low, new_low);
                m.store(high, new_high);
                m.store(middle, half);
            });
        };
        self.loop_until(HALVINGS, low, high, &mut body);
        self.b.map_to(out, |m| {
            let (low, one) = (m.element(low), m.literal(1.0));
            m.div(one, low)
        });
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
        self.sum_to(inner, v.len, |m| {
            let (u, v) = (m.element(u), m.element(v));
            m.mul(u, v)
        });
        let (conjugate, violation) = (self.b.scratch("conjugate", 1), self.b.scratch("violation", 1));
        let gain = self.b.scratch("gain", 1);
        match (plain_kind(block), block.sum.steps.split_last()) {
            (Kind::Closing, Some((last, before))) => {
                self.atom_conjugate(last, before, u, conjugate, violation);
                let least = self.b.scratch("least_bend", 1);
                self.b.reduce_to(least, ReduceOp::Min, bend.len, |m| m.element(bend));
                self.b.map_to(gain, |m| {
                    let (violation, bend) = (m.element(violation), m.element(least));
                    let square = m.square(violation);
                    ratio_or_zero(m, square, bend)
                });
            }
            (_, steps) => {
                self.b.fill(conjugate, 0.0);
                if let Some((last, [])) = steps {
                    self.add_shift(&last.at, u, conjugate);
                }
                let rest = self.outside_domain(&block.sum.steps, u);
                self.norm_to(violation, rest);
                self.sum_to(gain, rest.len, |m| {
                    let (rest, bend) = (m.element(rest), m.element(bend));
                    let square = m.square(rest);
                    ratio_or_zero(m, square, bend)
                });
            }
        }
        let gap = self.b.scratch("gap", 1);
        self.b.map_to(gap, |m| {
            let (c, i) = (m.element(conjugate), m.element(inner));
            let d = m.sub(c, i);
            match penalty {
                None => d,
                Some(p) => {
                    let p = m.element(p);
                    m.add(p, d)
                }
            }
        });
        let norm = self.norm(v);
        let charge = self.b.scratch("charge", 1);
        self.b.map_to(charge, |m| {
            let (violation, norm, one) = (m.element(violation), m.element(norm), m.literal(1.0));
            let radius = m.max(norm, one);
            let charge = m.mul(violation, radius);
            let gain = m.element(gain);
            m.max(charge, gain)
        });
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
        self.sum_to(gap, block.len, |m| {
            let (v, x, u) = (m.element(v), m.element(x), m.element(u));
            let d = m.sub(v, x);
            let s = m.add(v, x);
            let mut slope = m.neg(u);
            for (w, a) in &parts {
                let a = a.e(m);
                let two_a = m.scale(2.0, a);
                let off = m.sub(s, two_a);
                let part = w.times(m, off);
                slope = m.add(slope, part);
            }
            m.mul(d, slope)
        });
        let (here, there) = (self.penalty_value(block, v), self.penalty_value(block, x));
        let (Some(here), Some(there)) = (here, there) else {
            return gap;
        };
        let total = self.b.scratch("gap", 1);
        self.b.map_to(total, |m| {
            let (g, a, b) = (m.element(gap), m.element(here), m.element(there));
            let d = m.sub(a, b);
            m.add(g, d)
        });
        total
    }

    /// (Σ w a + c u)/W and γ = 1/(2W) of squares with weights w and centres a.
    pub fn centred_target(&mut self, parts: &[(Value, Value)], tilt: Option<(View, f64)>) -> (View, Value) {
        let weights: Vec<Value> = parts.iter().map(|(w, _)| *w).collect();
        let weight = self.scalar_sum("weight", &weights);
        let gamma = match weight {
            Value::Literal(w) => Value::Literal(0.5 / w),
            w => self.scalar_map("half_inverse", &[w], |m, w| {
                let half = m.literal(0.5);
                m.div(half, w[0])
            }),
        };
        let len = tilt
            .map(|(u, _)| u.len)
            .or_else(|| parts.iter().find_map(|(_, a)| if let Value::View(v) = a { Some(v.len) } else { None }));
        let target = self.b.scratch("target", len.unwrap_or(1));
        self.b.map_to(target, |m| {
            // One square without a tilt is its own centre, to the last bit.
            if let ([(_, a)], None) = (parts, tilt) {
                return a.e(m);
            }
            let mut sum = m.literal(0.0);
            if let Some((u, c)) = tilt {
                let u = m.element(u);
                sum = m.scale(c, u);
            }
            for (w, a) in parts {
                let a = a.e(m);
                let wa = w.times(m, a);
                sum = m.add(sum, wa);
            }
            let w = weight.e(m);
            m.div(sum, w)
        });
        (target, gamma)
    }

    /// F(t) + F*(s z) − s⟨z, t⟩ where z is the slope at another point t': for a quadratic F(t − s t'), else with F* or, at s = 1, as
    /// F(t) − F(t') − ⟨z, t − t'⟩.
    fn excess_elsewhere(&mut self, term: &SmoothTerm, there: Evaluated, t: View, value: View, s: View) -> View {
        let out = self.b.scratch("excess", 1);
        let inner = self.b.scratch("inner", 1);
        match term.rule.scaling() {
            Scaling::Quadratic => {
                let off = self.b.scratch("off", t.len);
                self.b.map_to(off, |m| {
                    let (t, there, s) = (m.element(t), m.element(there.t), m.scalar(s));
                    let scaled = m.mul(s, there);
                    m.sub(t, scaled)
                });
                return self.smooth_value(term, off);
            }
            Scaling::StarShaped => {
                let conjugate = self.b.scratch("conjugate", 1);
                term.rule.conjugate(self, &term.at, there.z, s, conjugate);
                self.sum_to(inner, t.len, |m| {
                    let (z, t) = (m.element(there.z), m.element(t));
                    m.mul(z, t)
                });
                self.b.map_to(out, |m| {
                    let (f, c, i, s) = (m.element(value), m.element(conjugate), m.element(inner), m.element(s));
                    let sum = m.add(f, c);
                    let si = m.mul(s, i);
                    m.sub(sum, si)
                });
            }
            Scaling::Leaves => {
                let before = self.smooth_value(term, there.t);
                self.sum_to(inner, t.len, |m| {
                    let (z, t, there) = (m.element(there.z), m.element(t), m.element(there.t));
                    let d = m.sub(t, there);
                    m.mul(z, d)
                });
                self.b.map_to(out, |m| {
                    let (f, g, i) = (m.element(value), m.element(before), m.element(inner));
                    let d = m.sub(f, g);
                    m.sub(d, i)
                });
            }
        }
        // Never negative but by rounding.
        let excess = self.b.scratch("excess", 1);
        self.b.map_to(excess, |m| {
            let (x, zero) = (m.element(out), m.literal(0.0));
            m.max(x, zero)
        });
        excess
    }

    /// F(t) + F*(s z) − s⟨z, t⟩, which is 0 at s = 1.
    fn scaled_excess(&mut self, term: &SmoothTerm, at: Evaluated, value: View, s: View) -> View {
        let out = self.b.scratch("excess", 1);
        if term.rule.scaling() == Scaling::Quadratic {
            self.b.map_to(out, |m| {
                let (f, s, one) = (m.element(value), m.element(s), m.literal(1.0));
                let d = m.sub(one, s);
                let square = m.square(d);
                m.mul(square, f)
            });
            return out;
        }
        let (conjugate, inner) = (self.b.scratch("conjugate", 1), self.b.scratch("inner", 1));
        term.rule.conjugate(self, &term.at, at.z, s, conjugate);
        self.sum_to(inner, at.t.len, |m| {
            let (z, t) = (m.element(at.z), m.element(at.t));
            m.mul(z, t)
        });
        self.b.map_to(out, |m| {
            let (f, c, i, s) = (m.element(value), m.element(conjugate), m.element(inner), m.element(s));
            let (zero, one) = (m.literal(0.0), m.literal(1.0));
            let sum = m.add(f, c);
            let si = m.mul(s, i);
            let excess = m.sub(sum, si);
            let excess = m.max(excess, zero);
            m.select(one, Compare::Le, s, zero, excess)
        });
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
            let (zero, one, two) = (m.literal(0.0), m.literal(1.0), m.literal(2.0));
            let objective = m.element(objective);
            let size = m.abs(objective);
            let size = m.max(size, one);
            let mut sum = zero;
            for g in gaps {
                let g = m.element(*g);
                sum = m.add(sum, g);
            }
            let mut charge = zero;
            for (c, homogeneous) in charges {
                let mut c = m.element(*c);
                // Where scaling made u feasible what is left is rounding.
                if let (true, Some(h)) = (*homogeneous, hopeless) {
                    let h = m.element(h);
                    c = m.select(zero, Compare::Lt, h, c, zero);
                }
                charge = m.add(charge, c);
            }
            let charged = m.abs(sum);
            let charged = m.add(charged, charge);
            let total = m.select(zero, Compare::Lt, charge, charged, sum);
            let relative = m.div(total, size);
            let relative_charge = m.div(charge, size);
            let flag = m.select(zero, Compare::Lt, charge, one, two);
            // So far from feasible the dual point bounds nothing.
            let (limit, infinite) = (m.literal(INFEASIBLE), m.literal(f64::INFINITY));
            let relative = m.select(relative_charge, Compare::Le, limit, relative, infinite);
            let (relative, flag, relative_charge) = match above {
                None => (relative, flag, relative_charge),
                Some(above) => {
                    let above = m.element(above);
                    let above = m.div(above, size);
                    let proven = m.select(above, Compare::Le, relative, two, flag);
                    let charge = m.select(above, Compare::Le, relative, zero, relative_charge);
                    (m.min(above, relative), proven, charge)
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
        let falling = |t: &SmoothTerm| t.centred.is_none() && t.rule.scaling() != Scaling::Quadratic;
        if !self.is_check() || (form.linear.is_empty() && !form.smooth.iter().any(falling)) {
            return out;
        }
        let search = self.nested(&mut |cx: &mut Self| {
            let quadratics: Vec<&SmoothTerm> =
                pulled.iter().map(|(t, _)| *t).filter(|t| t.rule.scaling() == Scaling::Quadratic).collect();
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
                cx.b.map_to(out, |m| {
                    let (a, b) = (m.element(out), m.element(ray));
                    m.max(a, b)
                });
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
        self.b.reduce_to(top, ReduceOp::Max, d.len, |m| {
            let d = m.element(d);
            m.abs(d)
        });
        self.b.map_to(mask, |m| {
            let (d, top, one, zero) = (m.element(d), m.scalar(top), m.literal(1.0), m.literal(0.0));
            let (size, limit) = (m.abs(d), m.scale(TINY, top));
            m.select(limit, Compare::Lt, size, one, zero)
        });
        mask
    }

    /// The part of u in the null space of the quadratics' maps A, among vectors that are 0 outside the mask: u − w with the least-norm w that
    /// makes ‖A(u − w)‖ least, by conjugate gradients on the normal equations (Hestenes & Stiefel 1952), which stay in the range of Aᵀ.
    fn null_part(&mut self, form: &Composite, terms: &[&SmoothTerm], u: View, mask: Option<View>) -> View {
        const MOST_STEPS: usize = 500;
        let n = form.len;
        let kept = |m: &mut sparsec_program::builder::MapBuilder, x| match mask {
            None => x,
            Some(mask) => {
                let on = m.element(mask);
                m.mul(on, x)
            }
        };
        let (rest, p, hp) = (self.b.scratch("rest", n), self.b.scratch("p", n), self.b.scratch("hp", n));
        let (r, square, bend) = (self.b.scratch("r", n), self.b.scratch("square", 1), self.b.scratch("bend", 1));
        let (next, first) = (self.b.scratch("next", 1), self.b.scratch("first", 1));
        // d = u − w; r = −H d is the negative gradient in d.
        self.b.map_to(rest, |m| {
            let u = m.element(u);
            kept(m, u)
        });
        self.hessian(form, terms, rest, hp);
        self.b.map(n, |m| {
            let h = m.element(hp);
            let minus = m.neg(h);
            let minus = kept(m, minus);
            m.store(r, minus);
            m.store(p, minus);
            let rr = m.square(minus);
            m.reduce(ReduceOp::Sum, square, rr);
        });
        self.b.map_to(first, |m| {
            let s = m.element(square);
            m.scale(1e-30, s)
        });
        let mut body = |cx: &mut Self| {
            cx.hessian(form, terms, p, hp);
            cx.sum_to(bend, n, |m| {
                let (p, hp) = (m.element(p), m.element(hp));
                m.mul(p, hp)
            });
            cx.b.map(n, |m| {
                let (d, r_, p, hp) = (m.element(rest), m.element(r), m.element(p), m.element(hp));
                let hp = kept(m, hp);
                let (square, bend) = (m.scalar(square), m.scalar(bend));
                let alpha = ratio_or_zero(m, square, bend);
                let (step, turn) = (m.mul(alpha, p), m.mul(alpha, hp));
                let (d, r_) = (m.add(d, step), m.sub(r_, turn));
                m.store(rest, d);
                m.store(r, r_);
                let rr = m.square(r_);
                m.reduce(ReduceOp::Sum, next, rr);
            });
            cx.b.map(n, |m| {
                let (r, p_) = (m.element(r), m.element(p));
                let (next, square) = (m.scalar(next), m.scalar(square));
                let beta = ratio_or_zero(m, next, square);
                let bp = m.mul(beta, p_);
                let sum = m.add(r, bp);
                m.store(p, sum);
            });
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
                    self.shaped(&atom.at, at, moved, |cx, x, room| atom.rule.recession(cx, &atom.at, x, room));
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
            let homogeneous: Vec<_> =
                block.unshifted().sum.steps.into_iter().filter(|a| a.facts().homogeneous).collect();
            let growing = Block { sum: Sum { steps: homogeneous, ..Sum::default() }, ..block.clone() };
            slopes.extend(self.penalty_value(&growing, at));
        }
        for (term, _) in pulled {
            let image = self.affine(form, &straight(&term.affine), d);
            let slope = self.b.scratch("recession", 1);
            if term.rule.recession(self, &term.at, image, slope) {
                let c = self.value(&term.at.coefficient);
                self.b.map_to(slope, |m| {
                    let s = m.element(slope);
                    c.times(m, s)
                });
                slopes.push(slope);
                continue;
            }
            // A quadratic's value at d beside Σ L ‖A eⱼ‖² dⱼ²/2: of the size of its parts unless they cancel, whatever the units of the columns.
            let parts = self.b.scratch("parts", form.len);
            self.coordinate_curvatures(form, &[term], parts);
            let value = self.smooth_value(term, image);
            let expected = self.b.scratch("expected", 1);
            self.sum_to(expected, form.len, |m| {
                let (part, d) = (m.element(parts), m.element(d));
                let square = m.square(d);
                m.mul(part, square)
            });
            let bound = self.b.scratch("norm_bound", 1);
            self.b.map_to(bound, |m| {
                let (value, expected) = (m.element(value), m.element(expected));
                let seen = m.abs(value);
                let seen = m.scale(2.0, seen);
                let ratio = ratio_or_zero(m, seen, expected);
                m.sqrt(ratio)
            });
            moved.push(bound);
        }
        let ray = self.b.scratch("is_ray", 1);
        self.b.map_to(ray, |m| {
            let (zero, one) = (m.literal(0.0), m.literal(1.0));
            let (mut sum, mut size, mut worst) = (zero, zero, zero);
            for s in &slopes {
                let s = m.element(*s);
                let a = m.abs(s);
                sum = m.add(sum, s);
                size = m.add(size, a);
            }
            for x in &moved {
                let x = m.element(*x);
                worst = m.max(worst, x);
            }
            let rounding = m.literal(RAY);
            let limit = m.scale(-RAY, size);
            let ray = m.select(worst, Compare::Le, rounding, one, zero);
            let ray = m.select(sum, Compare::Lt, limit, ray, zero);
            let length = m.element(length);
            let ray = m.select(zero, Compare::Lt, length, ray, zero);
            let infinite = m.literal(f64::INFINITY);
            m.select(length, Compare::Lt, infinite, ray, zero)
        });
        ray
    }

    /// Relative fixed-point residual ‖v − next‖∞ / max(1, ‖v‖∞).
    pub fn residual(&mut self, v: View, next: View, out: View) {
        let (top, size) = (self.b.scratch("moved", 1), self.b.scratch("size", 1));
        self.b.map(v.len, |m| {
            let (v, n) = (m.element(v), m.element(next));
            let d = m.sub(v, n);
            let (d, a) = (m.abs(d), m.abs(v));
            m.reduce(ReduceOp::Max, top, d);
            m.reduce(ReduceOp::Max, size, a);
        });
        self.b.map_to(out, |m| {
            let (top, size, one) = (m.element(top), m.element(size), m.literal(1.0));
            let size = m.max(size, one);
            m.div(top, size)
        });
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
