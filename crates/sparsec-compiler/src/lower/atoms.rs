//! Penalties and sets in use: a rule g, its coefficient c, and what it is taken of, α (Q y − s), with columns laid out as rows.

use super::emit::Emit;
use super::formulas::ratio_or_zero;
use crate::calculus::{Argument, Atom, By, Layout, ProxPoint, Symmetric, Tangent};
use crate::composite::Block;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::View;
use sparsec_runtime::Kernel;

/// See [`Tangent`], of the sum on a block. The projections of its atoms commute.
#[derive(Clone, Debug)]
pub struct BlockTangent {
    /// What all slopes have in common.
    pub slope: View,
    /// By atoms, the first of which is applied first.
    pub within: Vec<(Atom, Symmetric)>,
    /// See [`Tangent::by_entries`].
    pub by_entries: bool,
}

/// True where a rule acts on a block as it lies there.
fn as_it_is(argument: &Argument, on: Layout) -> bool {
    argument.is_plain() && on.by != By::Columns
}

impl Emit<'_> {
    /// `α (Q x − s)`, and columns laid out as rows.
    pub fn inner(&mut self, argument: &Argument, on: Layout, x: View) -> View {
        let mut x = argument.turn.iter().fold(x, |x, op| self.forward_op(op, x));
        if argument.shift.is_some() || argument.factor != 1.0 {
            let s = argument.shift.as_ref().map(|s| self.value(s));
            let moved = s.map_or_else(|| x.into(), |s| x - s);
            x = self.entries("shifted", x.len, argument.factor * moved);
        }
        if on.by == By::Columns {
            let out = self.b.scratch("columns", x.len);
            let (rows, cols) = on.shape;
            self.b.kernel(Kernel::Transpose, &[rows, cols], &[x], &[out]);
            x = out;
        }
        x
    }

    /// `out = Qᵀ(x/α + s)`, x with its columns laid out as rows: what [`Emit::inner`] takes apart.
    pub fn from_inner(&mut self, argument: &Argument, on: Layout, x: View, out: View) {
        let mut x = x;
        if on.by == By::Columns {
            let back = self.b.scratch("rows", x.len);
            let (rows, cols) = on.shape;
            self.b.kernel(Kernel::Transpose, &[cols, rows], &[x], &[back]);
            x = back;
        }
        let shift = argument.shift.as_ref().map_or(Value::Literal(0.0), |s| self.value(s));
        let back = if argument.turn.is_empty() { out } else { self.b.scratch("unshifted", x.len) };
        let scaled = (1.0 / argument.factor) * x;
        self.b.set(back, if shift == Value::Literal(0.0) { scaled } else { scaled + shift });
        if !argument.turn.is_empty() {
            let turned = argument.turn.iter().rev().fold(back, |z, op| self.adjoint_op(op, z));
            self.b.copy(out, turned);
        }
    }

    /// Runs an operation of a rule on turned, shifted, scaled and transposed data, and undoes all four on the result.
    pub fn shaped(
        &mut self,
        argument: &Argument,
        on: Layout,
        v: View,
        out: View,
        f: impl FnOnce(&mut Self, View, View),
    ) {
        if as_it_is(argument, on) {
            return f(self, v, out);
        }
        let inner = self.inner(argument, on, v);
        let result = self.b.scratch("result", v.len);
        f(self, inner, result);
        self.from_inner(argument, on, result, out);
    }

    /// γ c α²: the step with which the rule's own prox is taken (Beck, theorem 6.11), for every entry where γ is.
    fn inner_step(&mut self, atom: &Atom, gamma: Value) -> Value {
        let c = self.value(&atom.at.coefficient);
        let factor = atom.argument.factor;
        self.named_product("threshold", &[gamma, c, Value::Literal(factor * factor)])
    }

    /// `out = c g(x)` of an atom; 0 for a set.
    pub fn atom_value(&mut self, atom: &Atom, x: View, out: View) {
        let (on, x) = (atom.at.layout, self.inner(&atom.argument, atom.at.layout, x));
        atom.rule.value(self, on.as_rows(), x, out);
        let c = self.value(&atom.at.coefficient);
        if c != Value::Literal(1.0) {
            self.b.set(out, c * out);
        }
    }

    /// An upper bound of |xⱼ| over an atom's domain, see [`Proxable::extent`](crate::calculus::Proxable::extent). Orthogonal maps keep lengths.
    pub fn atom_extent(&mut self, atom: &Atom, len: usize) -> Option<Formula> {
        let Argument { turn, shift, factor } = &atom.argument;
        let inner = atom.rule.extent(self)? / factor.abs();
        let extent = shift.as_ref().map_or(inner.clone(), |s| inner + self.value(s).abs());
        if turn.is_empty() {
            return Some(extent);
        }
        let square = self.b.scratch("extent_square", 1);
        self.b.map(len, |m| m.sum(square, extent.square()));
        Some(square.sqrt())
    }

    /// lim c g(x + s d)/s of an atom along a direction in which it grows at most linearly.
    pub fn recession_value(&mut self, atom: &Atom, d: View) -> View {
        let on = atom.at.layout;
        let (d, out) = (self.inner(&atom.argument.unshifted(), on, d), self.b.scratch("growth", 1));
        atom.rule.recession_value(self, on.as_rows(), d, out);
        let c = self.value(&atom.at.coefficient);
        if c != Value::Literal(1.0) {
            self.b.set(out, c * out);
        }
        out
    }

    /// `out = prox_{γ c g}(v)` of an atom.
    pub fn prox(&mut self, atom: &Atom, v: View, gamma: Value, out: View) {
        let (t, on) = (self.inner_step(atom, gamma), atom.at.layout);
        self.shaped(&atom.argument, on, v, out, |cx, v, room| {
            atom.rule.prox(cx, on.as_rows(), v, t, room);
        });
    }

    /// `out = prox_{γ c g}(v)` of an atom and its Jacobian there, where the rule is asked.
    pub fn prox_with_jacobian(&mut self, atom: &Atom, v: View, gamma: Value, out: View) -> Symmetric {
        let (t, on) = (self.inner_step(atom, gamma), atom.at.layout);
        let mut jacobian = Symmetric::Diagonal(Value::Literal(1.0));
        self.shaped(&atom.argument, on, v, out, |cx, v, x| {
            let kept = atom.rule.prox(cx, on.as_rows(), v, t, x);
            jacobian = atom.rule.jacobian(cx, on.as_rows(), &ProxPoint { v, x, t, kept });
        });
        jacobian
    }

    /// `out = J d` for the Jacobian that [`Emit::prox_with_jacobian`] gave.
    pub fn jacobian_times(&mut self, atom: &Atom, jacobian: &Symmetric, d: View, out: View) {
        // A direction has no shift.
        let argument = atom.argument.unshifted();
        self.shaped(&argument, atom.at.layout, d, out, |cx, d, room| jacobian.times(cx, d, room));
    }

    /// `out =` violation of an atom, relative to the magnitudes of its terms; `sizes` are those of what the entries of x are sums of.
    pub fn atom_violation(&mut self, atom: &Atom, x: View, sizes: View, out: View) {
        let (on, argument) = (atom.at.layout, &atom.argument);
        let inner = self.inner(argument, on, x);
        let mut sizes = match argument.turn.is_empty() {
            true => sizes,
            // An orthogonal map mixes all of them.
            false => {
                let norm = self.norm(sizes);
                self.entries("sizes", x.len, norm.max(sizes))
            }
        };
        if argument.shift.is_some() || argument.factor != 1.0 {
            let shift = argument.shift.as_ref().map_or(Value::Literal(0.0), |s| self.value(s));
            sizes = self.entries("sizes", x.len, argument.factor.abs() * (sizes + shift.abs()));
        }
        if on.by == By::Columns {
            let out = self.b.scratch("columns", x.len);
            self.b.kernel(Kernel::Transpose, &[on.shape.0, on.shape.1], &[sizes], &[out]);
            sizes = out;
        }
        atom.rule.violation(self, on.as_rows(), inner, sizes, out);
    }

    /// `out = Σ` |multiplier × violation| of an atom; false where its bracket says it.
    pub fn atom_slackness(&mut self, atom: &Atom, x: View, u: View, out: View) -> bool {
        let (on, x, u) = (atom.at.layout, self.inner(&atom.argument, atom.at.layout, x), self.dual_argument(atom, u));
        atom.rule.slackness(self, on.as_rows(), x, u, out)
    }

    /// Conjugate of an atom at u, and what u has beyond its domain: with h(y) = g(α (Q y − s)), h*(u) = g*(Q u/α) + ⟨s, Q u⟩.
    pub fn atom_conjugate(&mut self, atom: &Atom, u: View, value: View, outside: View) {
        let on = atom.at.layout;
        let c = self.value(&atom.at.coefficient);
        let argument = Argument { factor: 1.0 / atom.argument.factor, ..atom.argument.unshifted() };
        self.shaped(&argument, on, u, outside, |cx, inner, rest| {
            atom.rule.conjugate(cx, on.as_rows(), c, inner, value, rest);
        });
        self.add_shift(&atom.argument, u, value);
    }

    /// Along what an atom is smooth at x: the slope in terms of x; [`Emit::jacobian_times`] projects on the range.
    ///
    /// Turned by an orthogonal map, what lies on a border or kink lies next to it, by rounding. A small step of the prox along a slope u puts it
    /// there: prox_{γ g}(x + γ u) = x for slopes of g at x, and borders that u holds x at are met exactly.
    pub fn atom_tangent(&mut self, atom: &Atom, x: View, u: View) -> Tangent {
        const STEP: f64 = 1e-6;
        let on = atom.at.layout;
        let c = self.value(&atom.at.coefficient);
        let mut inner = self.inner(&atom.argument, on, x);
        if !atom.argument.turn.is_empty() {
            let slope = self.dual_argument(atom, u);
            let (size, length) = (self.norm(inner), self.norm(slope));
            let gamma = self.entries("small", 1, STEP * ratio_or_zero(size, length));
            let moved = self.entries("moved", inner.len, inner + gamma * slope);
            let (step, met) = (self.entries("step", 1, gamma * c), self.b.scratch("met", inner.len));
            atom.rule.prox(self, on.as_rows(), moved, Value::View(step), met);
            inner = met;
        }
        let Tangent { slope, within, by_entries } = atom.rule.tangent(self, on.as_rows(), c, inner);
        let argument = Argument { factor: 1.0 / atom.argument.factor, ..atom.argument.unshifted() };
        if as_it_is(&argument, on) {
            return Tangent { slope, within, by_entries };
        }
        // The chain rule: a slope of g(α (Q x − s)) is α Qᵀ times one of g.
        let out = self.b.scratch("slope", x.len);
        self.from_inner(&argument, on, slope, out);
        Tangent { slope: out, within, by_entries }
    }

    /// Along what the sum on a block is smooth at x: along what all its atoms are. The slopes add up there.
    pub fn block_tangent(&mut self, block: &Block, x: View, u: View) -> BlockTangent {
        let atoms: Vec<(Atom, Tangent)> =
            block.sum.steps.iter().map(|atom| (atom.clone(), self.atom_tangent(atom, x, u))).collect();
        let slopes: Vec<View> = atoms.iter().map(|(_, tangent)| tangent.slope).collect();
        let by_entries = atoms.iter().all(|(_, tangent)| tangent.by_entries);
        let within = atoms.into_iter().map(|(atom, tangent)| (atom, tangent.within)).collect();
        let mut tangent = BlockTangent { slope: self.zeros(x.len), within, by_entries };
        if let [one] = slopes[..] {
            tangent.slope = one;
        } else if !slopes.is_empty() {
            let sum = self.entries("slopes", x.len, Formula::sum(slopes));
            tangent.slope = self.b.scratch("slope", x.len);
            self.project(&tangent, sum, tangent.slope);
        }
        tangent
    }

    /// `out =` the part of d along which a block is smooth.
    pub fn project(&mut self, tangent: &BlockTangent, d: View, out: View) {
        let mut from = d;
        for (i, (atom, within)) in tangent.within.iter().enumerate() {
            let to = if i + 1 == tangent.within.len() { out } else { self.b.scratch("part", d.len) };
            self.jacobian_times(atom, within, from, to);
            from = to;
        }
        if tangent.within.is_empty() {
            self.b.copy(out, d);
        }
    }

    /// Q u/α, where the rule's own conjugate is asked.
    pub fn dual_argument(&mut self, atom: &Atom, u: View) -> View {
        let argument = Argument { factor: 1.0 / atom.argument.factor, ..atom.argument.unshifted() };
        self.inner(&argument, atom.at.layout, u)
    }

    /// `value += ⟨s, Q u⟩`
    pub fn add_shift(&mut self, argument: &Argument, u: View, value: View) {
        let Some(shift) = &argument.shift else { return };
        let u = argument.turn.iter().fold(u, |u, op| self.forward_op(op, u));
        let s = self.value(shift);
        let inner = self.b.scratch("inner", 1);
        self.b.sum(inner, u * s);
        self.b.set(value, value + inner);
    }

    /// The proxes at γ = 1 of homogeneous atoms, one after the other: u less its projection on the domain of their conjugate.
    pub fn prox_at_one(&mut self, atoms: &[Atom], u: View) -> View {
        let mut u = u;
        for atom in atoms {
            let out = self.b.scratch("rest", u.len);
            self.prox(atom, u, Value::Literal(1.0), out);
            u = out;
        }
        u
    }

    /// The same for atoms with shifts, which do not change the domain of a conjugate.
    pub fn outside_domain(&mut self, atoms: &[Atom], u: View) -> View {
        let unshifted = |a: &Atom| Atom { argument: a.argument.unshifted(), ..a.clone() };
        let unshifted: Vec<Atom> = atoms.iter().map(unshifted).collect();
        self.prox_at_one(&unshifted, u)
    }
}
