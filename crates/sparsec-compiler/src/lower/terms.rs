//! Smooth terms, prox and step size of a composite form as instructions.

use super::emit::{Emit, Key, Whole};
use super::formulas::ratio_or_zero;
use super::linear::Piece;
use crate::calculus::{Layout, Metric};
use crate::composite::affine::{Affine, Term};
use crate::composite::{Block, Composite, SmoothTerm};
use crate::model::Depends;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::View;
use sparsec_runtime::Kernel;

/// A smooth term evaluated at a point.
#[derive(Clone, Copy, Debug)]
pub struct Evaluated {
    /// t = A v + b
    pub t: View,
    /// z = c f'(t)
    pub z: View,
}

impl Emit<'_> {
    /// A smooth term's t and z at v.
    pub fn evaluate(&mut self, form: &Composite, term: &SmoothTerm, v: View) -> Evaluated {
        let t = self.affine(form, &term.affine, v);
        self.slope_at(term, t)
    }

    /// A smooth term's z where t is known.
    pub fn slope_at(&mut self, term: &SmoothTerm, t: View) -> Evaluated {
        let z = self.b.scratch("slope", t.len);
        let c = self.value(&term.at.coefficient);
        term.rule.gradient(self, term.at.layout, c, t, z);
        Evaluated { t, z }
    }

    /// `out = W d`
    pub fn metric_times(&mut self, metric: &Metric, on: Layout, d: View, out: View) {
        match *metric {
            Metric::Diagonal(w) => self.b.set(out, w * d),
            Metric::FixedSum(w) => {
                let product = self.entries("product", d.len, w * d);
                let (along, sums) = (self.row_sums(product, on), self.row_sums(w, on));
                let mean = self.per_row(on, ratio_or_zero(along, sums));
                self.b.set(out, w * (d - mean));
            }
            Metric::Form(w, q) => {
                let (q, image) = (self.data(q), self.b.scratch("image", d.len));
                self.b.kernel(Kernel::Gemv, &[d.len, d.len], &[q, d], &[image]);
                self.b.set(out, w * image);
            }
        }
    }

    /// c f(t) of a smooth term.
    pub fn smooth_value(&mut self, term: &SmoothTerm, t: View) -> View {
        let out = self.b.scratch("value", 1);
        term.rule.value(self, term.at.layout, t, out);
        let c = self.value(&term.at.coefficient);
        if c != Value::Literal(1.0) {
            self.b.set(out, c * out);
        }
        out
    }

    /// Gradients of the linear terms, which do not depend on v; computed once.
    fn linear_pieces(&mut self, form: &Composite) -> Vec<(usize, Piece)> {
        let mut pieces = Vec::new();
        for (i, a) in form.linear.iter().enumerate() {
            let level = a.terms.iter().map(Term::depends).max().unwrap_or(Depends::Literal);
            let one = self.table("one", vec![1.0]);
            let parts: Vec<usize> = a.terms.iter().filter_map(|t| Some(form.part(t.var)?.offset)).collect();
            let rooms: Vec<(&str, usize, usize)> =
                a.terms.iter().filter_map(|t| Some(("fixed", form.part(t.var)?.shape.len(), 1))).collect();
            let views = self.once(Key::Whole(Whole::LinearTerm(i)), level, &rooms, |cx, out| {
                for ((_, piece), out) in cx.adjoint(form, a, one).into_iter().zip(out) {
                    cx.b.set(*out, piece.scale * piece.view);
                }
            });
            for (offset, view) in parts.into_iter().zip(views) {
                pieces.push((offset, Piece { scale: Value::Literal(1.0), view }));
            }
        }
        pieces
    }

    /// `out =` sum of pieces for every unknown's part; pieces are (offset of the part in v, piece).
    fn gather(&mut self, form: &Composite, pieces: &[(usize, Piece)], sign: f64, out: View) {
        for part in &form.vars {
            let to = out.slice(part.offset, part.shape.len());
            let here: Vec<Piece> = pieces.iter().filter(|(o, _)| *o == part.offset).map(|(_, p)| *p).collect();
            self.b.set(to, sign * sum_of(None, &here));
        }
    }

    /// `out = sign (Σ Aᵀ z + l)` over the given evaluated terms.
    pub fn adjoint_sum(&mut self, form: &Composite, terms: &[(&SmoothTerm, Evaluated)], sign: f64, out: View) {
        let pieces = self.linear_pieces(form);
        self.adjoint_with(form, pieces, terms, sign, out);
    }

    /// `out = H d`, H the second derivative of the given quadratics.
    pub fn hessian(&mut self, form: &Composite, terms: &[&SmoothTerm], d: View, out: View) {
        let straight = |t: &&SmoothTerm| {
            let affine = Affine { offset: None, ..t.affine.clone() };
            SmoothTerm { affine, ..(*t).clone() }
        };
        let terms: Vec<SmoothTerm> = terms.iter().map(straight).collect();
        let all: Vec<(&SmoothTerm, Evaluated)> = terms.iter().map(|t| (t, self.evaluate(form, t, d))).collect();
        self.adjoint_of(form, &all, 1.0, out);
    }

    /// `out = sign Σ Aᵀ z` over the given evaluated terms.
    pub fn adjoint_of(&mut self, form: &Composite, terms: &[(&SmoothTerm, Evaluated)], sign: f64, out: View) {
        self.adjoint_with(form, Vec::new(), terms, sign, out);
    }

    fn adjoint_with(
        &mut self,
        form: &Composite,
        mut pieces: Vec<(usize, Piece)>,
        terms: &[(&SmoothTerm, Evaluated)],
        sign: f64,
        out: View,
    ) {
        for (term, at) in terms {
            for (part, piece) in self.adjoint(form, &term.affine, at.z) {
                pieces.push((part.offset, piece));
            }
        }
        self.gather(form, &pieces, sign, out);
    }

    /// `out =` gradient of all smooth and linear terms at v.
    pub fn gradient(&mut self, form: &Composite, v: View, out: View) {
        let terms = self.evaluated(form, v);
        self.adjoint_sum(form, &terms, 1.0, out);
    }

    /// All smooth terms at v.
    pub fn evaluated<'f>(&mut self, form: &'f Composite, v: View) -> Vec<(&'f SmoothTerm, Evaluated)> {
        form.smooth.iter().map(|t| (t, self.evaluate(form, t, v))).collect()
    }

    /// A Lipschitz constant of the gradient of all smooth terms: Σ c L_f ‖A‖².
    pub fn lipschitz(&mut self, form: &Composite) -> Value {
        let mut parts = Vec::new();
        for term in &form.smooth {
            let c = self.value(&term.at.coefficient);
            let l = term.rule.lipschitz(self);
            let a = self.norm_squared(&term.affine);
            parts.push(self.product(&[c, l, a]));
        }
        self.scalar_sum("lipschitz", &parts)
    }

    /// Bounds on the second derivatives along the coordinates of the smooth terms that are not centred on a block, computed once.
    pub fn curvatures(&mut self, form: &Composite) -> View {
        let terms: Vec<&SmoothTerm> = form.losses().collect();
        let level = terms.iter().map(|t| t.depends()).max().unwrap_or(Depends::Literal);
        self.once(Key::Whole(Whole::Curvatures), level, &[("curvatures", form.len, 1)], |cx, out| {
            cx.coordinate_curvatures(form, &terms, out[0]);
        })[0]
    }

    /// `out =` bounds on the second derivatives of the given smooth terms along the coordinates of v: Σ c L_f ‖A eⱼ‖².
    pub fn coordinate_curvatures(&mut self, form: &Composite, terms: &[&SmoothTerm], out: View) {
        let mut pieces: Vec<(usize, Value)> = Vec::new();
        for term in terms {
            let c = self.value(&term.at.coefficient);
            let l = term.rule.lipschitz(self);
            for t in &term.affine.terms {
                let Some(part) = form.part(t.var) else { continue };
                let same = term.affine.terms.iter().filter(|s| s.var == t.var).count();
                let squares = self.column_squares(t);
                let bound = self.named_product("curvature", &[Value::Literal(same as f64), c, l, squares]);
                pieces.push((part.offset, bound));
            }
        }
        self.sum_by_unknowns(form, &pieces, out);
    }

    /// `out = Σ` of the values that belong to the unknown at each place.
    pub fn sum_by_unknowns(&mut self, form: &Composite, pieces: &[(usize, Value)], out: View) {
        for part in &form.vars {
            let here = pieces.iter().filter(|(offset, _)| *offset == part.offset).map(|(_, piece)| *piece);
            let sum = Formula::sum(std::iter::once(Value::Literal(0.0)).chain(here));
            self.b.set(out.slice(part.offset, part.shape.len()), sum);
        }
    }

    /// The step 1/L; 1 where L is 0, since then the smooth part is linear and any step is right.
    pub fn step_size(&mut self, form: &Composite) -> Value {
        match self.lipschitz(form) {
            Value::Literal(l) if l > 0.0 => Value::Literal(1.0 / l),
            Value::Literal(_) => Value::Literal(1.0),
            l => self.scalar("step", l.gt(0.0).then(1.0 / l, 1.0)),
        }
    }

    /// `out = prox_{γ G_b}(v)` on one block.
    pub fn prox_block(&mut self, block: &Block, v: View, gamma: Value, out: View) {
        let steps = &block.sum.steps;
        let mut from = v;
        for (i, atom) in steps.iter().enumerate() {
            let to = if i + 1 == steps.len() { out } else { self.b.scratch("between", block.len) };
            self.prox(atom, from, gamma, to);
            from = to;
        }
        if steps.is_empty() {
            self.b.copy(out, v);
        }
    }

    /// `out = J d` at prox_{γ G_b}(v) on one block: the Jacobians of its steps, one after the other.
    ///
    /// J is symmetric where the prox is differentiable, so it serves forward and backward derivatives alike.
    pub fn jacobian_block(&mut self, block: &Block, v: View, gamma: Value, d: View, out: View) {
        let steps = &block.sum.steps;
        let (mut v, mut d) = (v, d);
        for (i, atom) in steps.iter().enumerate() {
            let last = i + 1 == steps.len();
            let x = self.b.scratch("between", block.len);
            let jacobian = self.prox_with_jacobian(atom, v, gamma, x);
            let to = if last { out } else { self.b.scratch("moved", block.len) };
            self.jacobian_times(atom, &jacobian, d, to);
            (v, d) = (x, to);
        }
        if steps.is_empty() {
            self.b.copy(out, d);
        }
    }

    /// `out =` a point of the domain near `v`: the sets' projections, one after the other.
    pub fn feasible(&mut self, form: &Composite, v: View, out: View) {
        for block in &form.blocks {
            let (from, to) = (v.slice(block.offset, block.len), out.slice(block.offset, block.len));
            let (mut sets, mut orthant) = (Vec::new(), false);
            for atom in &block.sum.steps {
                let facts = atom.facts();
                // By entries its domain is {y ≥ 0}: a prox would go inside.
                let clips = facts.nonnegative_domain && !facts.set && facts.separable;
                orthant |= clips;
                if !clips && (facts.set || facts.nonnegative_domain) {
                    sets.push(atom.clone());
                }
            }
            let only =
                Block { sum: crate::calculus::rules::Sum { steps: sets, ..Default::default() }, ..block.clone() };
            self.prox_block(&only, from, Value::Literal(1.0), to);
            if orthant {
                self.b.set(to, to.max(0.0));
            }
        }
    }

    /// G_b(v): the penalties of a block; sets count 0.
    pub fn penalty_value(&mut self, block: &Block, v: View) -> Option<View> {
        let mut sum: Option<View> = None;
        for atom in block.sum.steps.iter().filter(|a| !a.facts().set) {
            let value = self.b.scratch("penalty", 1);
            self.atom_value(atom, v, value);
            sum = Some(match sum {
                None => value,
                Some(before) => {
                    let total = self.b.scratch("penalty", 1);
                    self.b.set(total, before + value);
                    total
                }
            });
        }
        sum
    }
}

/// first + Σ scale · view; x − D y rather than x + (−1) D y.
pub fn sum_of(first: Option<Formula>, pieces: &[Piece]) -> Formula {
    let sum = pieces.iter().fold(first, |sum, p| {
        Some(match (sum, p.scale) {
            (None, s) => s * p.view,
            (Some(sum), Value::Literal(-1.0)) => sum - p.view,
            (Some(sum), s) => sum + s * p.view,
        })
    });
    sum.unwrap_or_else(|| 0.0.into())
}
