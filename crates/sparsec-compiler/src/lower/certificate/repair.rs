//! Dual points that are feasible by repair.
//!
//! Along the tangents of the penalties and sets at v all their slopes agree: free unknowns, the support of a norm, entries strictly inside of their bounds
//! ask for an exact slope p, of which u = −Σ Aᵀ z − l misses δ = p − u. Slopes that leave the domain of a conjugate (the wrong sign at a bound with
//! nothing behind it, beyond a norm's weight where scaling does not help) join, and are asked for the nearest point of that domain. So J are the
//! directions in which something is asked, and with the metrics W of the losses
//!
//! (A_Jᵀ W A_J) e = −δ,  z ← z + W A e
//!
//! moves the dual point by the least that does it. Then z is brought back into the domains of the conjugates, which may take several rounds.
//! What is left in the end is rounding, at most [`LEFTOVER`] of the terms that balance in that slope, or there is no proof. It counts as the exact
//! slope, and its first-order effect, 2 Σ |tᵢ − ∇F*(z)ᵢ| |(W A e)ᵢ| + Σ |δⱼ eⱼ| with one more correction e, is added to the gap; what that e does not
//! take away, ρ along columns that depend on others, with 2 Σ |ρⱼ vⱼ|.
//!
//! A direct solver ([`direct`]) does this for matrices of moderate size at any condition, conjugate gradients ([`iterative`]) for operators.

mod direct;
mod iterative;

use super::dual::{Dual, HOPELESS, homogeneous, scalable};
use super::gap::{Best, Rounding};
use super::sizes::by_lanes;
use super::{Loss, Point, Sought, squares};
use crate::calculus::Symmetric;
use crate::composite::Composite;
use crate::lower::Emit;
use crate::lower::atoms::BlockTangent;
use crate::lower::formulas::ratio_or_zero;
pub(super) use direct::affordable;
pub use direct::{Factor, RepairCost, repair_cost};
use sparsec_program::builder::when;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::{Compare, View};

/// What may be left of a slope, relative to the terms that balance in it.
const LEFTOVER: f64 = 1e-13;

/// A leftover that is no more than this needs no further round.
const ROUNDED: f64 = 3e-16;

/// Rounds of correcting, joining and clipping.
const ROUNDS: usize = 12;

/// Rounds in which slopes join that a last correction pushed out of their domain.
const PUSHES: usize = 4;

/// Sums in twice the precision are taken where plain ones round to more than this part of what is to be proven.
const WORTH: f64 = 0.05;

/// What is asked of the slopes at a point.
#[derive(Clone, Debug)]
pub(super) struct Asks {
    /// Along these tangents, by blocks; `None` where nothing is asked.
    tangents: Vec<Option<BlockTangent>>,
    /// What all slopes have in common there, with that of the squares on the block.
    slope: View,
    /// The slope of the squares on the block alone.
    pub shift: View,
    /// 1 on entries that are asked, in blocks whose tangents are made of entries.
    smooth: View,
}

/// How a correction is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Direct,
    Iterative,
}

/// What changes from round to round.
#[derive(Clone, Copy, Debug)]
struct State {
    /// The dual points, one below the other, and their sizes before all rounds.
    z: View,
    first: View,
    /// 1 on dual entries that may move, 0 once they were clipped.
    live: View,
    /// Slopes, what they have beyond the domains, and what they miss.
    u: View,
    beyond: View,
    missed: View,
    /// Entries that joined, with the slope that they are asked for.
    joined: View,
    wanted: View,
    /// The magnitudes of the terms that balance in a slope.
    sizes: View,
    /// The largest |missed|/sizes, and the one before.
    worst: View,
    before: View,
    /// 1 where the finer metric was too small to move along.
    coarse: View,
    /// 1 where slopes are summed in twice the precision.
    twice: View,
    /// 1 where something joined or was clipped in this round.
    changed: View,
    /// 1 where that, or another metric, makes another factor necessary.
    stale: View,
    /// 1 while there may be more to gain.
    going: View,
    /// The rounds done.
    round: View,
    /// 1 once the rounds are done, and the dual point is the best of them.
    last: View,
    /// 1 where that has just become so.
    turn: View,
}

/// The best state so far.
#[derive(Clone, Copy, Debug)]
struct Kept {
    worst: View,
    z: View,
    u: View,
    missed: View,
    /// The slopes with what is left counted as met, and what that is worth.
    exact: View,
    charge: View,
}

/// The parts of a vector of all dual entries, by losses.
fn parts(point: &Point<'_>, of: View) -> Vec<View> {
    let mut offset = 0;
    let part = |len: usize| {
        let part = of.slice(offset, len);
        offset += len;
        part
    };
    point.losses.iter().map(|l| l.t.len).map(part).collect()
}

/// The methods that are tried, one after the other.
fn methods(form: &Composite) -> Vec<Method> {
    match direct::when_made(form) {
        Factor::Once | Factor::PerCheck => vec![Method::Direct],
        Factor::AfterIterations => vec![Method::Iterative, Method::Direct],
        Factor::Never => vec![Method::Iterative],
    }
}

impl Emit<'_> {
    /// Tries dual points by repair where the best so far does not reach the goal. `way_out` gets what none of them could meet.
    pub(super) fn repair(
        &mut self,
        point: &Point<'_>,
        rounding: &Rounding,
        sought: &Sought,
        best: &Best,
        way_out: View,
    ) {
        for method in methods(point.form) {
            self.branch(when(sought.goal, Compare::Lt, best.off), |cx| {
                cx.repair_by(method, point, rounding, sought, best, way_out);
            });
        }
    }

    fn repair_by(
        &mut self,
        method: Method,
        point: &Point<'_>,
        rounding: &Rounding,
        sought: &Sought,
        best: &Best,
        way_out: View,
    ) {
        let form = point.form;
        let rows = (method == Method::Direct && !point.losses.is_empty()).then(|| self.rows(point));
        let plain = self.entries("plain_rounding", 1, rounding.of_slopes + rounding.of_objective);
        let state = self.state(point);
        if let Some(rows) = &rows {
            self.b.set(state.twice, plain.gt(WORTH * sought.goal).then(1.0, 0.0));
            self.branch(when(0.0, Compare::Lt, state.twice), |cx| {
                cx.evaluate_twice(point, rows);
                // Rounding may have been most of the objective.
                let scale = cx.scale(point, sought.size.into());
                cx.b.copy(sought.scale, scale);
                cx.b.set(sought.goal, sought.tol * scale);
            });
        }
        let evaluated_twice = self.b.scratch("evaluated_twice", 1);
        self.b.copy(evaluated_twice, state.twice);
        let asks = self.asks(point, method == Method::Iterative);
        for (z, loss) in parts(point, state.z).into_iter().zip(&point.losses) {
            self.b.copy(z, loss.gradient);
        }
        self.b.set(state.first, state.z.abs());
        let solver = rows.map(|rows| direct::Direct::new(self, point, &asks, rows));
        let kept = self.kept(&state);
        if point.losses.is_empty() {
            self.look(point, &asks, &state, solver.as_ref());
            self.keep(&state, &kept);
            self.b.set(kept.exact, kept.u + kept.missed);
        } else {
            // After the rounds the best dual point is looked at once more, in twice the precision where that can be: what rounding hides of its
            // slopes has to be charged, however far the optimum is along columns that are almost dependent.
            self.repeat(ROUNDS + 1 + PUSHES, Some(when(state.going, Compare::Le, 0.0)), |cx| {
                let last = when(0.0, Compare::Lt, state.last);
                cx.look(point, &asks, &state, solver.as_ref());
                cx.either(
                    last,
                    |cx| cx.keep_this(&state, &kept),
                    |cx| {
                        cx.keep(&state, &kept);
                        cx.decide(point, &state);
                        cx.branch(when(0.0, Compare::Lt, state.turn), |cx| {
                            cx.b.copy(state.z, kept.z);
                            cx.b.fill(state.twice, if solver.is_some() { 1.0 } else { 0.0 });
                        });
                    },
                );
                cx.branch(when(state.turn, Compare::Le, 0.0), |cx| {
                    let least = cx.entries("least", 1, state.last.gt(0.0).then(0.0, ROUNDED));
                    cx.join(&state, state.u, state.beyond, Value::View(least));
                    let moves = cx.correction(point, &asks, &state, solver.as_ref());
                    cx.either(
                        last,
                        |cx| cx.charge(point, &asks, &state, &kept, &moves, solver.is_some()),
                        |cx| {
                            cx.advance(point, &state, &moves.dual);
                            cx.b.copy(state.before, state.worst);
                        },
                    );
                });
                cx.b.fill(state.turn, 0.0);
            });
        }

        let scale = self.dual_scale(form, kept.exact);
        let dual = Dual { z: parts(point, kept.z), u: kept.exact, scale, own: false };
        let found = self.brackets(point, &dual);
        let around = self.b.scratch("rounding", 1);
        self.b.set(around, plain + found.rounding);
        if solver.is_some() {
            self.branch(when(0.0, Compare::Lt, evaluated_twice), |cx| {
                let rounded = cx.rounding_twice(point, &state);
                cx.b.set(around, rounded + found.rounding);
            });
        }
        let proven = kept.worst.le(LEFTOVER).then(found.total + kept.charge, f64::INFINITY);
        self.keep_better(best, proven, around, kept.worst.into(), &found);
        self.b.set(way_out, kept.worst.le(LEFTOVER).then(way_out, kept.missed));
    }

    fn state(&mut self, point: &Point<'_>) -> State {
        let n = point.form.len;
        let m = point.losses.iter().map(|l| l.t.len).sum::<usize>().max(1);
        let [z, first, live] = ["z", "size_of_z", "live"].map(|name| self.b.scratch(name, m));
        let [u, beyond, missed, joined, wanted, sizes] =
            ["u", "beyond", "missed", "joined", "wanted", "sizes"].map(|name| self.b.scratch(name, n));
        let [worst, before, coarse, twice, changed, stale, going, round, last, turn] =
            ["worst", "before", "coarse", "twice", "changed", "stale", "going", "round", "last", "turn"]
                .map(|name| self.b.scratch(name, 1));
        for of in [z, joined, wanted, coarse, twice, changed, round, last, turn] {
            self.b.fill(of, 0.0);
        }
        for of in [live, stale, going] {
            self.b.fill(of, 1.0);
        }
        self.b.fill(before, f64::INFINITY);
        State {
            z,
            first,
            live,
            u,
            beyond,
            missed,
            joined,
            wanted,
            sizes,
            worst,
            before,
            coarse,
            twice,
            changed,
            stale,
            going,
            round,
            last,
            turn,
        }
    }

    /// What is left counts as exact, and its first-order effect is charged: that of the correction which would take it away. Slopes that are
    /// not asked move with the dual points; those that leave their domain so join.
    fn charge(&mut self, point: &Point<'_>, asks: &Asks, state: &State, kept: &Kept, moves: &Moves, direct: bool) {
        let (n, exact) = (point.form.len, kept.exact);
        let mut parts_of_charge = Vec::new();
        for ((loss, z), moved) in point.losses.iter().zip(parts(point, kept.z)).zip(&moves.dual) {
            let (lag, sum) = (self.b.scratch("lag", z.len), self.b.scratch("first_order", 1));
            loss.term.rule.lag(self, loss.term.at.layout, loss.coefficient, loss.t, z, lag);
            // An entry that does not move costs nothing, wherever it is.
            self.b.sum(sum, Entries::eq(*moved, 0.0).then(0.0, (lag * *moved).abs()));
            parts_of_charge.push(2.0 * sum);
        }
        let second = self.b.scratch("second_order", 1);
        self.b.sum(second, (kept.missed * moves.primal).abs());
        parts_of_charge.push(second.into());

        let [moved, along, pushed, rest, beyond_rounding] =
            ["moved_slopes", "along", "pushed", "rest", "beyond_rounding"].map(|name| self.b.scratch(name, n));
        self.adjoint_of(point.form, &point.with_duals(&moves.dual), -1.0, moved);
        self.within(point, asks, state, moved, along);
        self.b.set(exact, kept.u + kept.missed + (moved - along));
        for (i, block, _) in point.blocks() {
            let [u, moved] = [kept.u, moved].map(|of| of.slice(block.offset, block.len));
            let [exact, pushed, joined, smooth] =
                [exact, pushed, state.joined, asks.smooth].map(|of| of.slice(block.offset, block.len));
            let [missed, along, rest] = [kept.missed, along, rest].map(|of| of.slice(block.offset, block.len));
            match self.weight_of_squares(point.form, i) {
                None => self.b.set(rest, missed - along),
                // Squares make every slope a feasible one: what no correction takes away is not counted as met.
                Some(weight) => self.b.map(block.len, |m| {
                    m.store(rest, weight.gt(0.0).then(0.0, missed - along));
                    m.store(exact, weight.gt(0.0).then(u + moved, exact));
                }),
            }
            // Rounding of the slopes themselves, which a projection spreads over the block, no correction takes away either.
            let (asked, top) = (asks.slope.slice(block.offset, block.len), self.b.scratch("largest_slope", 1));
            self.b.max(top, u.abs() + asked.abs());
            self.b
                .set(beyond_rounding.slice(block.offset, block.len), (rest.abs() - 16.0 * f64::EPSILON * top).max(0.0));
            self.beyond(point, i, exact, pushed);
            self.b.set(pushed, (1.0 - joined) * ((1.0 - smooth) * pushed));
        }
        // What no correction takes away is worth this at all points no larger than v. Where it is more than rounding, and most of what was
        // missed, the slopes cannot be met at all.
        let [worth, unmet] = ["worth", "unmet"].map(|name| self.b.scratch(name, 1));
        self.b.map(n, |m| {
            m.sum(worth, 2.0 * (rest * point.v).abs());
            m.max(unmet, ratio_or_zero(beyond_rounding, state.sizes));
        });
        // Conjugate gradients look at slopes in plain precision, whose rounding is all of the rest.
        let tolerated = if direct { 0.5 * kept.worst } else { LEFTOVER.into() };
        parts_of_charge.push(unmet.gt(tolerated).then(f64::INFINITY, worth));
        self.b.max(state.worst, ratio_or_zero(pushed.abs(), state.sizes));
        self.join(state, exact, pushed, Value::Literal(0.0));
        let lives = parts(point, state.live);
        for (((loss, z), moved), live) in point.losses.iter().zip(parts(point, kept.z)).zip(&moves.dual).zip(lives) {
            self.hold(loss, state, z, *moved, live);
        }
        // Where a slope or a dual entry leaves its domain the correction is another one.
        self.b.set(kept.charge, state.changed.gt(0.0).then(f64::INFINITY, Formula::sum(parts_of_charge)));
        self.b.set(kept.worst, kept.worst.max(state.worst));
        self.b.map(1, |m| {
            let count = state.round + 1.0;
            m.store(state.going, count.lt((ROUNDS + PUSHES) as f64).then(state.changed, 0.0));
            m.store(state.round, count);
        });
    }

    fn kept(&mut self, state: &State) -> Kept {
        let kept = Kept {
            worst: self.b.scratch("least", 1),
            z: self.b.scratch("best_z", state.z.len),
            u: self.b.scratch("best_u", state.u.len),
            missed: self.b.scratch("least_missed", state.u.len),
            exact: self.b.scratch("exact_slopes", state.u.len),
            charge: self.b.scratch("charge", 1),
        };
        self.b.fill(kept.worst, f64::INFINITY);
        self.b.copy(kept.z, state.z);
        for of in [kept.u, kept.missed, kept.exact, kept.charge] {
            self.b.fill(of, 0.0);
        }
        kept
    }

    fn keep_this(&mut self, state: &State, kept: &Kept) {
        self.b.copy(kept.worst, state.worst);
        self.b.copy(kept.z, state.z);
        self.b.copy(kept.u, state.u);
        self.b.copy(kept.missed, state.missed);
    }

    fn keep(&mut self, state: &State, kept: &Kept) {
        self.branch(when(state.worst, Compare::Lt, kept.worst), |cx| cx.keep_this(state, kept));
    }

    /// What is asked at a point; `all` of it, or what a direct solver can be asked.
    pub(super) fn asks(&mut self, point: &Point<'_>, all: bool) -> Asks {
        let form = point.form;
        let [slope, shift, smooth] = ["asked", "shift", "smooth"].map(|name| self.b.scratch(name, form.len));
        let mut tangents = Vec::new();
        for (i, block, v) in point.blocks() {
            let [slope, shift, smooth] = [slope, shift, smooth].map(|of| of.slice(block.offset, block.len));
            let parts = self.centred_parts(&squares(form, i));
            self.b.set(shift, Formula::sum(parts.iter().map(|(w, a)| *w * (2.0 * (v - *a)))));
            let u = self.entries("near", block.len, point.u.slice(block.offset, block.len) - shift);
            let tangent = self.block_tangent(block, v, u);
            self.b.set(slope, tangent.slope + shift);
            let by_entries = tangent.within.iter().all(|(atom, _)| atom.argument.turn.is_empty());
            let known = all || (by_entries && direct::takes(&tangent));
            if by_entries && known {
                let mask = self.tangent_entries(&tangent, block.len);
                self.b.copy(smooth, mask);
            } else {
                self.b.fill(smooth, 0.0);
            }
            tangents.push(known.then_some(tangent));
        }
        Asks { tangents, slope, shift, smooth }
    }

    /// 1 on the entries of a tangent.
    fn tangent_entries(&mut self, tangent: &BlockTangent, len: usize) -> View {
        let mut mask = self.b.scratch("entries", len);
        self.b.fill(mask, 1.0);
        for (atom, within) in &tangent.within {
            let diagonal = Symmetric::Diagonal(within.diagonal_part());
            let out = self.b.scratch("entries", len);
            self.jacobian_times(atom, &diagonal, mask, out);
            mask = out;
        }
        mask
    }

    /// `out =` the part of d along a block's tangent; 0 where nothing is asked.
    fn along_tangent(&mut self, asks: &Asks, index: usize, d: View, out: View) {
        match &asks.tangents[index] {
            Some(tangent) => self.project(tangent, d, out),
            None => self.b.fill(out, 0.0),
        }
    }

    /// `out =` what the slopes u of a block miss along its tangent.
    pub(super) fn missed_along(&mut self, point: &Point<'_>, asks: &Asks, index: usize, u: View, out: View) {
        let block = &point.form.blocks[index];
        let slope = asks.slope.slice(block.offset, block.len);
        let difference = self.entries("difference", u.len, slope - u);
        self.along_tangent(asks, index, difference, out);
    }

    /// `out =` the part of d in which something is asked: along the tangents, and on the entries that joined.
    fn within(&mut self, point: &Point<'_>, asks: &Asks, state: &State, d: View, out: View) {
        for (i, block, _) in point.blocks() {
            let [d, joined, out] = [d, state.joined, out].map(|of| of.slice(block.offset, block.len));
            let (others, along) = (self.entries("others", d.len, (1.0 - joined) * d), self.b.scratch("along", d.len));
            self.along_tangent(asks, i, others, along);
            self.b.set(out, joined * d + (1.0 - joined) * along);
        }
    }

    /// The magnitudes of the terms that balance in every slope: those of Aᵀ z for the sizes of z, of l and of what is asked.
    pub(super) fn balance(&mut self, point: &Point<'_>, asks: &Asks, z: &[View]) -> View {
        let form = point.form;
        let [back, linear] = ["back", "linear"].map(|name| self.b.scratch(name, form.len));
        let terms: Vec<_> = point.losses.iter().zip(z).map(|(l, z)| (l.term, *z)).collect();
        self.adjoint_sizes(form, &terms, back);
        self.adjoint_sum(form, &[], 1.0, linear);
        self.entries("balance", form.len, back + linear.abs() + asks.slope.abs())
    }

    /// Slopes of the state's dual points, what they miss, and how much that is.
    fn look(&mut self, point: &Point<'_>, asks: &Asks, state: &State, solver: Option<&direct::Direct>) {
        let z = parts(point, state.z);
        let plain = |cx: &mut Self| {
            let u = cx.slopes(point, &z);
            cx.b.copy(state.u, u);
        };
        match solver {
            None => plain(self),
            Some(direct) => {
                self.either(when(0.0, Compare::Lt, state.twice), |cx| direct.slopes_twice(cx, state), plain)
            }
        }
        let larger = self.entries("larger", state.z.len, state.z.abs().max(state.first));
        let sizes = self.balance(point, asks, &parts(point, larger));
        self.b.set(state.sizes, sizes + state.joined * state.wanted.abs());
        for (i, block, _) in point.blocks() {
            let [u, beyond, missed] = [state.u, state.beyond, state.missed].map(|of| of.slice(block.offset, block.len));
            let [joined, wanted, smooth] =
                [state.joined, state.wanted, asks.smooth].map(|of| of.slice(block.offset, block.len));
            self.beyond(point, i, u, beyond);
            // Along the tangent of what has not joined, on what has, and beyond the domain.
            let slope = asks.slope.slice(block.offset, block.len);
            let difference = self.entries("difference", u.len, (1.0 - joined) * (slope - u));
            let along = self.b.scratch("along", u.len);
            self.along_tangent(asks, i, difference, along);
            self.b.set(beyond, (1.0 - joined) * ((1.0 - smooth) * beyond));
            self.b.set(missed, joined * (wanted - u) + ((1.0 - joined) * along - beyond));
        }
        self.b.max(state.worst, ratio_or_zero(state.missed.abs(), state.sizes));
    }

    /// `out =` what the slopes u of a block have beyond the domain of its conjugate, where no scale helps.
    fn beyond(&mut self, point: &Point<'_>, index: usize, u: View, out: View) {
        let (form, block) = (point.form, &point.form.blocks[index]);
        let value = self.b.scratch("conjugate", 1);
        self.block_conjugate(block, u, value, out);
        if let Some(weight) = self.weight_of_squares(form, index) {
            // Squares make the domain everything.
            self.b.set(out, weight.gt(0.0).then(0.0, out));
        }
        let norm = block.sum.steps.iter().any(|a| !a.facts().set);
        if norm && homogeneous(block) && scalable(form) {
            let gauge = self.gauge(block, u);
            self.b.set(out, gauge.lt(HOPELESS).then(0.0, out));
        }
    }

    /// Entries whose slopes u are beyond the domain by more than this part of their terms join, and are asked for its nearest point.
    fn join(&mut self, state: &State, u: View, beyond: View, least: Value) {
        let &State { joined, wanted, sizes, changed, stale, .. } = state;
        let joins = |f: Formula, otherwise: Formula| beyond.abs().gt(least * sizes).then(f, otherwise);
        self.b.map(u.len, |m| {
            m.max(changed, joins(1.0.into(), 0.0.into()));
            m.store(wanted, joins(u - beyond, wanted.into()));
            m.store(joined, joins(1.0.into(), joined.into()));
        });
        self.b.set(stale, stale.max(changed));
    }

    /// Moves the dual points, and back into the domains of the conjugates.
    fn advance(&mut self, point: &Point<'_>, state: &State, moves: &[View]) {
        let lives = parts(point, state.live);
        for (((loss, z), moved), live) in point.losses.iter().zip(parts(point, state.z)).zip(moves).zip(lives) {
            let inside = self.hold(loss, state, z, *moved, live);
            self.b.copy(z, inside);
        }
    }

    /// Where z moves to, back in the domain of its conjugate; entries that leave it move no more.
    fn hold(&mut self, loss: &Loss<'_>, state: &State, z: View, moved: View, live: View) -> View {
        let to = self.entries("moved", z.len, z + moved);
        let Some(inside) = loss.term.rule.clip(self, loss.term.at.layout, loss.coefficient, to) else { return to };
        let (inside, newly) = (self.entries("clipped", z.len, inside), self.b.scratch("newly", 1));
        let stuck = match self.keeps_sum(loss.term) {
            // Others change only so that the sum stays.
            true => to.lt(0.0).then(0.0, live),
            false => to.eq(inside).then(live, 0.0),
        };
        self.b.map(z.len, |m| {
            m.max(newly, live - &stuck);
            m.store(live, stuck);
        });
        self.b.map(1, |m| {
            m.store(state.changed, state.changed.max(newly));
            m.store(state.stale, state.stale.max(newly));
        });
        inside
    }

    /// Whether another round is worth it, or the last look comes.
    fn decide(&mut self, point: &Point<'_>, state: &State) {
        let &State { worst, before, coarse, changed, stale, round, turn, last: over, .. } = state;
        let coarser = point.losses.iter().any(|l| self.keeps_sum(l.term));
        self.b.map(1, |m| {
            let improved = worst.lt(0.5 * before).then(1.0, changed);
            let last = if coarser { 1.0 - coarse } else { 0.0.into() };
            let more = improved.gt(0.0).then(1.0, &last);
            m.store(stale, improved.gt(0.0).then(stale, stale.max(&last)));
            m.store(coarse, improved.gt(0.0).then(coarse, if coarser { 1.0 } else { 0.0 }));
            let count = round + 1.0;
            let more = worst.gt(ROUNDED).then(count.lt(ROUNDS as f64).then(more, 0.0), 0.0);
            m.store(round, count);
            let done = more.gt(0.0).then(0.0, 1.0);
            m.store(over, &done);
            m.store(turn, done);
        });
    }

    /// True for a term along whose vectors the sum of the dual point is fixed.
    fn keeps_sum(&self, term: &crate::composite::SmoothTerm) -> bool {
        !term.rule.scalable()
    }

    /// The corrections that take away what the slopes miss.
    fn correction(&mut self, point: &Point<'_>, asks: &Asks, state: &State, solver: Option<&direct::Direct>) -> Moves {
        match solver {
            Some(direct) => direct.solve(self, point, asks, state),
            None => self.iterate(point, asks, state),
        }
    }

    /// Rounding of the objective and the slopes where both are summed in twice the precision.
    fn rounding_twice(&mut self, point: &Point<'_>, state: &State) -> View {
        let mut moved = Vec::new();
        for ((loss, z), first) in point.losses.iter().zip(parts(point, state.z)).zip(parts(point, state.first)) {
            let sum = self.b.scratch("moved_by_rounding", 1);
            self.b.sum(sum, loss.t.abs() * (z.abs() + 2.0 * first));
            moved.push(sum);
        }
        let terms: Vec<Formula> = point.terms().into_iter().map(|t| t.abs()).collect();
        let additions = by_lanes(point.form.len) + 8.0 + terms.len() as f64;
        let of_terms = additions * Formula::sum(terms);
        self.entries("rounding_twice", 1, 0.5 * f64::EPSILON * (Formula::sum(moved) + of_terms))
    }
}

/// A correction.
#[derive(Clone, Debug)]
struct Moves {
    /// −W A e, by losses.
    dual: Vec<View>,
    /// e
    primal: View,
}
