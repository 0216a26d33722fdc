//! What is proven of a point: how far above the optimum its objective can be.
//!
//! With dual points z_i of the smooth terms F_i = c_i f_i(A_i v + b_i), and u = −Σ A_iᵀ z_i − l, Fenchel's inequality gives for any v, t_i = A_i v + b_i
//!
//! P(v) − P* ≤ Σ_i [F_i(t_i) + F_i*(z_i) − ⟨z_i, t_i⟩] + Σ_b [G_b(v_b) + G_b*(u_b) − ⟨u_b, v_b⟩],
//!
//! every bracket no less than 0 and in a form in which nothing cancels. The dual points are tried in this order:
//!
//! 1. The gradients z_i = ∇F_i(t_i), scaled where that makes u feasible (`dual`): nothing is solved.
//! 2. z = 0, where all terms are nonnegative.
//! 3. The gradients moved onto what the dual asks for (`repair`): exact slopes on the free unknowns, on a norm's support, strictly inside of
//!    bounds, along the tangents of sets; feasible ones elsewhere.
//!
//! The brackets are summed in `gap` with an upper bound of their rounding. A gap is relative to the size S of the objective (`scale`). Where no
//! repair can be afforded the fixed-point `residual` is left, which bounds nothing; `ray` looks for directions of unbounded descent.
//!
//! Sources: Fenchel's duality as in Borwein & Lewis, *Convex Analysis and Nonlinear Optimization* (2006), section 3.3; the scaled dual point, Fercoq,
//! Gramfort & Salmon, *Mind the Duality Gap* (2015).

pub mod dual;
mod gap;
mod ray;
mod repair;
mod residual;
mod scale;
mod sizes;

pub use repair::{Factor, RepairCost, repair_cost};

use super::emit::Emit;
use super::terms::Evaluated;
use crate::composite::{Block, Centred, Composite, SmoothTerm};
use crate::expr;
use crate::model::{Expr, ExprKind, Model};
use sparsec_program::builder::when;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::{Compare, View};

/// Scalars that certify a point.
#[derive(Clone, Copy, Debug)]
pub struct Certificate {
    /// The minimised objective.
    pub objective: View,
    /// The size S that gaps are relative to.
    pub scale: View,
    /// A number that the optimum is no less than, of the minimised objective.
    pub bound: View,
    /// Objective less bound, over S, outward by all rounding; +∞ where nothing is known.
    pub gap: View,
    /// To what part of its terms the dual point misses what is asked of it; 0 where it is feasible as it is.
    pub leftover: View,
    /// The fixed-point residual; −1 where it was not looked at.
    pub residual: View,
    /// Σ |multiplier × violation| of the constraints, over S.
    pub slackness: View,
    /// 1 where a bound lies beyond the objective of a point that satisfies the constraints.
    pub contradiction: View,
    /// 1 where a direction of unbounded descent was verified.
    pub unbounded: View,
    /// An upper bound of the rounding of the objective.
    pub rounding: View,
}

/// What is to be proven of a point.
#[derive(Clone, Copy, Debug)]
struct Sought {
    tol: View,
    /// T
    size: View,
    /// S
    scale: View,
    /// tol · S
    goal: View,
}

/// What a solver's loop measures.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// The minimised objective.
    pub objective: View,
    /// An estimate of the gap over S: the gap itself where the dual point is feasible.
    pub measure: View,
    /// S
    pub scale: View,
}

/// A smooth term that counts by its dual point, where it is certified.
#[derive(Clone, Copy, Debug)]
struct Loss<'a> {
    term: &'a SmoothTerm,
    /// c
    coefficient: Value,
    /// A v + b
    t: View,
    /// c f(t)
    value: View,
    /// c f'(t)
    gradient: View,
}

/// A point with what is known of it at once.
#[derive(Clone, Debug)]
struct Point<'a> {
    form: &'a Composite,
    v: View,
    losses: Vec<Loss<'a>>,
    /// Values of the other smooth terms, which are counted with their blocks.
    centred: Vec<View>,
    /// Values of the linear terms.
    linear: Vec<View>,
    /// Values of the penalties, by blocks.
    penalties: Vec<Option<View>>,
    /// −Σ Aᵀ c f'(t) − l
    u: View,
    /// The objective without constants.
    objective: View,
}

/// The squares that are counted with a block.
fn squares(form: &Composite, index: usize) -> Vec<&Centred> {
    form.squares(index).collect()
}

impl<'a> Point<'a> {
    /// The losses with these dual points.
    fn with_duals(&self, z: &[View]) -> Vec<(&'a SmoothTerm, Evaluated)> {
        self.losses.iter().zip(z).map(|(l, z)| (l.term, Evaluated { t: l.t, z: *z })).collect()
    }

    fn blocks(&self) -> impl Iterator<Item = (usize, &'a Block, View)> + use<'a> {
        let v = self.v;
        self.form.blocks.iter().enumerate().map(move |(i, b)| (i, b, v.slice(b.offset, b.len)))
    }
}

impl Emit<'_> {
    fn point<'a>(&mut self, form: &'a Composite, v: View) -> Point<'a> {
        let (mut losses, mut centred) = (Vec::new(), Vec::new());
        for term in &form.smooth {
            let t = self.affine(form, &term.affine, v);
            let value = self.smooth_value(term, t);
            if term.centred.is_some() {
                centred.push(value);
                continue;
            }
            let at = self.slope_at(term, t);
            let coefficient = self.value(&term.at.coefficient);
            losses.push(Loss { term, coefficient, t, value, gradient: at.z });
        }
        let linear = form.linear.iter().map(|a| self.affine(form, a, v)).collect();
        let penalties = form.blocks.iter().map(|b| self.penalty_value(b, v.slice(b.offset, b.len))).collect();
        let objective = self.b.scratch("objective", 1);
        let u = self.b.scratch("dual", form.len);
        let mut point = Point { form, v, losses, centred, linear, penalties, u, objective };
        self.b.set(objective, Formula::sum(point.terms()));
        point.u = self.slopes(&point, &point.losses.iter().map(|l| l.gradient).collect::<Vec<_>>());
        point
    }

    /// −Σ Aᵀ z − l
    fn slopes(&mut self, point: &Point<'_>, z: &[View]) -> View {
        let u = self.b.scratch("dual", point.form.len);
        self.adjoint_sum(point.form, &point.with_duals(z), -1.0, u);
        u
    }

    /// The minimised objective with its constants.
    fn with_constants(&mut self, form: &Composite, objective: View) -> View {
        if form.constants.is_empty() {
            return objective;
        }
        let constants: Vec<Value> = form.constants.iter().map(|c| self.value(c)).collect();
        self.entries("objective", 1, objective + Formula::sum(constants))
    }

    /// The minimised objective at v, and an upper bound of its rounding.
    pub fn objective_with_rounding(&mut self, form: &Composite, v: View) -> (View, View) {
        let point = self.point(form, v);
        let rounding = self.rounding(&point);
        (self.with_constants(form, point.objective), rounding.of_all)
    }

    /// What a solver's loop measures at v: the gap with the gradients as dual points. Where they are not feasible, and no scale makes them so,
    /// the slopes δ that are too much count with Σ δⱼ²/(2 Lⱼ), what steps along the coordinates would gain: no bound, but without units.
    pub fn measure(&mut self, form: &Composite, v: View) -> Measured {
        let point = self.point(form, v);
        let size: Vec<Formula> = point.terms().into_iter().map(|t| t.abs()).collect();
        let scale = self.scale(&point, Formula::sum(size));
        let dual = self.scaled_dual(&point);
        let found = self.brackets(&point, &dual);
        let bends = self.curvatures(form);
        let (charge, measure) = (self.b.scratch("charge", 1), self.b.scratch("measure", 1));
        self.b.sum(charge, super::formulas::ratio_or_zero(found.outside.square(), 2.0 * bends));
        let above = self.above_zero(&point);
        self.b.map(1, |m| {
            let total = found.total.abs() + charge;
            let total = above.map_or_else(|| total.clone(), |above| total.min(above));
            m.store(measure, relative(total, scale));
        });
        Measured { objective: self.with_constants(form, point.objective), measure, scale }
    }

    /// What a loop measures whose steps are no proximal gradient steps: ‖v − next‖∞/‖v‖∞.
    pub fn moved(&mut self, form: &Composite, v: View, next: View) -> Measured {
        let [top, size, measure] = ["moved", "size", "measure"].map(|name| self.b.scratch(name, 1));
        self.b.map(v.len, |m| {
            m.max(top, (v - next).abs());
            m.max(size, v.abs());
        });
        self.b.set(measure, super::formulas::ratio_or_zero(top, size.max(top)));
        let objective = self.objective_at(form, v);
        let scale = self.entries("scale", 1, objective.abs());
        Measured { objective, measure, scale }
    }

    /// Certifies v to a tolerance: more is tried where less does not prove it. `size` is the sum of the magnitudes of the objective's terms.
    pub fn certificate(&mut self, form: &Composite, v: View, size: Formula, tol: View) -> Certificate {
        let point = self.point(form, v);
        let rounding = self.rounding(&point);
        // What may be rounding of the terms does not count.
        let size = self.entries("size_of_terms", 1, (size - rounding.of_all).max(0.0));
        let scale = self.scale(&point, size.into());
        let goal = self.entries("goal", 1, tol * scale);
        let sought = Sought { tol, size, scale, goal };
        let best = self.best();
        // The gradients as they are, or scaled.
        let dual = self.scaled_dual(&point);
        let found = self.brackets(&point, &dual);
        let plain = self.b.scratch("plain_rounding", 1);
        let outside = self.b.scratch("outside", 1);
        self.b.max(outside, found.outside.abs());
        self.b.set(plain, rounding.of_slopes + rounding.of_objective + found.rounding);
        let feasible = outside.le(0.0).then(found.total, f64::INFINITY);
        self.keep_better(&best, feasible, plain, Formula::from(0.0), &found);
        if let Some(above) = self.above_zero(&point) {
            self.keep_better(&best, above.into(), plain, Formula::from(0.0), &found);
        }
        let residual = self.entries("residual", 1, -1.0);
        let ray = self.b.scratch("way_out", form.len);
        self.b.copy(ray, point.u);
        // A tolerance of 0 asks for steps, not for a proof: what costs nothing has to do, if it bounds at all.
        let enough = self.b.scratch("enough", 1);
        self.b.map(1, |m| {
            let bounded = tol.gt(0.0).then(0.0, best.off.lt(f64::INFINITY).then(1.0, 0.0));
            m.store(enough, best.off.le(goal).then(1.0, bounded));
        });
        self.branch(when(enough, Compare::Le, 0.0), |cx| {
            cx.repair(&point, &rounding, &sought, &best, ray);
            if !repair::affordable(form) {
                cx.branch(when(goal, Compare::Lt, best.off), |cx| cx.residual(&point, residual));
            }
        });
        let unbounded = self.unbounded(&point, ray, when(goal, Compare::Lt, best.off));
        let objective = self.with_constants(form, point.objective);
        let [bound, gap, slackness] = ["bound", "gap", "slackness"].map(|name| self.b.scratch(name, 1));
        self.b.map(1, |m| {
            let known = best.off.abs().lt(f64::INFINITY);
            // Outward by the constants and the last subtraction as well.
            let constants = rounding.of_all - rounding.of_objective;
            let off = best.off + constants + 2.0 * f64::EPSILON * (objective.abs() + best.off.abs());
            m.store(bound, known.then(objective - off, f64::NEG_INFINITY));
            m.store(gap, relative(best.off.abs(), scale));
            m.store(slackness, relative(best.slackness.into(), scale));
        });
        Certificate {
            objective,
            scale,
            bound,
            gap,
            leftover: best.leftover,
            residual,
            slackness,
            contradiction: best.contradiction,
            unbounded,
            rounding: rounding.of_all,
        }
    }
}

/// A check costs about as much as the iterations that it saves where those take so many floating-point operations.
const CHECK_FLOPS: usize = 300_000;

/// True where a check of the point pays before the loop's own measure says that it is done: repair gives a better dual point than the gradients
/// where some unknowns have no squares of their own (which make the gap of the gradients one of second order already), and iterations are dear or
/// what the loop measures is no bound.
pub fn check_early(model: &Model, form: &Composite) -> bool {
    let bent = |index: usize| squares(form, index).iter().any(|c| positive(model, &c.weight));
    let better = form.losses().next().is_some() && (0..form.blocks.len()).any(|index| !bent(index));
    // Forward and back.
    let flops = |term: &SmoothTerm| 4 * term.affine.shape.len() * form.len;
    better && (!dual::scalable(form) || form.losses().map(flops).sum::<usize>() >= CHECK_FLOPS)
}

/// x/S, 0 where both are 0.
fn relative(x: Formula, scale: View) -> Formula {
    x.le(0.0).then(0.0, &x / scale)
}

/// True for a weight that is positive whatever the data, by literals and declared domains.
pub fn positive(model: &Model, e: &Expr) -> bool {
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
