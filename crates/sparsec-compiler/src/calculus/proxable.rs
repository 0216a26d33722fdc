//! Convex functions and indicators of convex sets, by their proxes.

use super::{Layout, Parts, Separable, Symmetric, Words};
use crate::expr;
use crate::lower::Emit;
use crate::model::Expr;
use sparsec_program::formula::{Formula, Value};
use sparsec_program::program::View;
use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

/// Properties that rules for sums and algorithms may rely on. Each is a law that the tests hold against value and prox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// g(x) = Σ gᵢ(xᵢ).
    pub separable: bool,
    /// g(t x) = t g(x) for t ≥ 0: a norm or (as an indicator) a cone.
    pub homogeneous: bool,
    /// g(x) = φ(‖x‖₂), φ nondecreasing.
    pub radial: bool,
    /// Depends on |xᵢ| only and is nondecreasing in each.
    pub absolute: bool,
    /// Invariant under permutations of the entries.
    pub symmetric: bool,
    /// Finite at nonnegative points only.
    pub nonnegative_domain: bool,
    /// g ≥ 0 where it is finite.
    pub nonnegative: bool,
    /// An indicator: 0 or +∞.
    pub set: bool,
    /// The prox gives exact zeros, so that products with the iterate pay for its nonzero entries only.
    pub sparse: bool,
    /// [`Proxable::maximiser`] is there.
    pub maximiser: bool,
}

/// What a prox leaves behind for its Jacobian: norms, a threshold, a multiplier, in the rule's own order.
pub type Kept = Vec<View>;

/// A prox that has been evaluated: x = prox_{t g}(v).
#[derive(Clone, Debug)]
pub struct ProxPoint {
    /// Its argument.
    pub v: View,
    /// Its value.
    pub x: View,
    /// Step times coefficient.
    pub t: Value,
    /// What it left behind.
    pub kept: Kept,
}

/// Along what c g is smooth at a point: in the range of `within`, a symmetric projection, all its slopes agree with `slope`, which lies in
/// that range; across it c g has a kink, or the domain its border.
///
/// The range is the 𝒰-space of Lemaréchal, Oustry & Sagastizábal, *The 𝒰-Lagrangian of a Convex Function* (2000). A smaller one is right too.
#[derive(Clone, Debug)]
pub struct Tangent {
    /// What all slopes have in common.
    pub slope: View,
    /// Where they have it in common.
    pub within: Symmetric,
    /// The range is that of some entries, less some rows.
    pub by_entries: bool,
}

impl Tangent {
    /// One that is made of entries, less some rows.
    pub fn new(slope: View, within: Symmetric) -> Self {
        Tangent { slope, within, by_entries: true }
    }
}

/// Entries of a longer vector.
#[derive(Clone, Debug)]
pub struct Picked {
    /// The entries, ascending.
    pub entries: Vec<usize>,
    /// The vector's length.
    pub within: usize,
}

impl Picked {
    /// The `len` entries from `before` on.
    pub fn range(before: usize, len: usize, within: usize) -> Self {
        Picked { entries: (before..before + len).collect(), within }
    }

    /// Where the entries start, if they are contiguous.
    pub fn run(&self) -> Option<usize> {
        let first = *self.entries.first()?;
        self.entries.iter().enumerate().all(|(k, i)| *i == first + k).then_some(first)
    }

    /// True where they are all entries.
    pub fn all(&self) -> bool {
        self.entries.len() == self.within
    }
}

/// g(s y) = coefficient · rule(factor · y).
#[derive(Clone, Debug)]
pub struct Scaled {
    /// Coefficient ≥ 0; 1 for a set.
    pub coefficient: Expr,
    /// Another of its kind; `None` for the rule itself.
    pub rule: Option<Arc<dyn Proxable>>,
    /// The factor that is left, not 0.
    pub factor: f64,
}

/// A convex function g or the indicator of a convex set, of every vector of a layout (columns come laid out as rows). Output views
/// overlap no input. The coefficient with which it stands is no part of it: t is step times coefficient.
pub trait Proxable: Any + Debug + Send + Sync {
    /// Name in `explain`.
    fn name(&self) -> &'static str;
    /// What may be relied on.
    fn facts(&self, on: Layout) -> Facts;
    /// `out = g(x)` for a point of the domain; 0 for an indicator.
    fn value(&self, cx: &mut Emit, on: Layout, x: View, out: View);
    /// `out = prox_{t g}(v)`, t ≥ 0 a scalar.
    fn prox(&self, cx: &mut Emit, on: Layout, v: View, t: Value, out: View) -> Kept;
    /// True where [`Proxable::parts`] are there.
    fn by_parts(&self) -> bool {
        false
    }
    /// Parts of x that are taken one by one, so that `t` in [`Proxable::prox`] may have a number for each.
    fn parts(&self, _cx: &mut Emit, _on: Layout) -> Option<Parts> {
        None
    }
    /// An element J of the generalised Jacobian of the prox: symmetric, 0 ≤ J ≤ I.
    fn jacobian(&self, cx: &mut Emit, on: Layout, point: &ProxPoint) -> Symmetric;
    /// (c g)*(u): `value` at the point of its domain next to u, `outside` what u has beyond that point.
    ///
    /// For a homogeneous g that is 0 and, by Moreau's identity, prox_{c g}(u).
    fn conjugate(&self, cx: &mut Emit, on: Layout, c: Value, u: View, value: View, outside: View) {
        self.prox(cx, on, u, c, outside);
        cx.b.fill(value, 0.0);
    }
    /// Along what c g is smooth at a point x of its domain; a point next to a border or kink, within rounding, counts as on it.
    fn tangent(&self, cx: &mut Emit, on: Layout, c: Value, x: View) -> Tangent;
    /// `out =` the least s ≥ 0 with u in s·dom (c g)*, for a homogeneous g alone; +∞ if there is none. False where it has to be searched.
    fn gauge(&self, _cx: &mut Emit, _on: Layout, _c: Value, _u: View, _out: View) -> bool {
        false
    }
    /// `out =` a maximiser of ⟨u, x⟩ − c g(x), c > 0: where [`Facts::maximiser`] says so.
    fn maximiser(&self, cx: &mut Emit, _on: Layout, _c: Value, _u: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    /// `out =` the point next to d among the directions along which g stays finite and grows at most linearly: d itself for a norm,
    /// its projection on the recession cone of a set, 0 for what grows faster.
    fn recession(&self, cx: &mut Emit, on: Layout, d: View, out: View) {
        let facts = self.facts(on);
        match (facts.homogeneous, facts.set) {
            (true, true) => drop(self.prox(cx, on, d, Value::Literal(1.0), out)),
            (true, false) => cx.b.copy(out, d),
            (false, _) => cx.b.fill(out, 0.0),
        }
    }
    /// `out = lim g(x + s d)/s`, the slope at infinity along such a direction.
    fn recession_value(&self, cx: &mut Emit, on: Layout, d: View, out: View) {
        match self.facts(on).homogeneous {
            true => self.value(cx, on, d, out),
            false => cx.b.fill(out, 0.0),
        }
    }
    /// `out =` largest violation of the set, or of the domain, at x, relative to the magnitudes of its own terms: `sizes` are those of what
    /// the entries of x are sums of, |x| at least.
    fn violation(&self, cx: &mut Emit, _on: Layout, _x: View, _sizes: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    /// An upper bound of |xᵢ| over the domain, +∞ for entries that have none; `None` where none has.
    fn extent(&self, _cx: &mut Emit) -> Option<Formula> {
        None
    }
    /// `out = Σ` |multiplier × violation| over the constraints that the set consists of, at x and for a slope u; false where there is one
    /// alone, and what the bracket of x and u says is all of it.
    fn slackness(&self, _cx: &mut Emit, _on: Layout, _x: View, _u: View, _out: View) -> bool {
        false
    }
    /// `out = 1` where the set is empty, 0 where not; false where it never is.
    fn empty(&self, _cx: &mut Emit, _on: Layout, _out: View) -> bool {
        false
    }
    /// The same written for one entry, where it is a sum over entries.
    fn separable(&self) -> Option<&dyn Separable> {
        None
    }

    // ---- under maps of the argument ----------------------------------------------------------------------------------------

    /// g(s y), s without unknowns.
    fn scaled(&self, on: Layout, s: &Expr) -> Option<Scaled> {
        scaled(self, on, s)
    }
    /// g(w ⊙ y), w without unknowns; `positive` where it is known to be positive in every entry.
    fn weighted(&self, _w: &Expr, _positive: bool) -> Option<Arc<dyn Proxable>> {
        None
    }
    /// g(y − c) as another of its kind.
    fn shifted(&self, _c: &Expr) -> Option<Arc<dyn Proxable>> {
        None
    }
    /// Σ wᵢ g(row i)
    fn row_weighted(&self, _w: &Expr) -> Option<Arc<dyn Proxable>> {
        None
    }
    /// What it is on entries `from..from + len` of a vector, where it is a sum over entries.
    fn part(&self, _from: usize, _len: usize) -> Option<Arc<dyn Proxable>> {
        None
    }
    /// The same on a longer vector whose other entries it leaves alone.
    fn padded(&self, _to: &Picked) -> Option<Arc<dyn Proxable>> {
        None
    }

    // ---- as data and as text -----------------------------------------------------------------------------------------------

    /// The data in it.
    fn data(&self) -> Vec<&Expr> {
        Vec::new()
    }
    /// The two are one and the same function.
    fn same(&self, other: &dyn Proxable) -> bool {
        let same = |(a, b): (&&Expr, &&Expr)| expr::same(a, b);
        let (mine, theirs) = (self.data(), other.data());
        self.type_id() == (other as &dyn Any).type_id()
            && mine.len() == theirs.len()
            && mine.iter().zip(&theirs).all(same)
    }
    /// Formula of the prox in `v` for `explain`.
    fn prox_text(&self, words: &Words) -> String;
    /// Formula of the conjugate in `u` for `explain`.
    fn conjugate_text(&self, words: &Words) -> String;
    /// What is computed of the data beforehand, for `explain`.
    fn precomputed(&self) -> Option<String> {
        None
    }
    /// Number of floating-point operations of one prox.
    fn flops(&self, on: Layout) -> usize {
        4 * on.entries()
    }
}

/// g(s y) by what is known of g: the coefficient takes the factor of a homogeneous function, its sign apart. A factor that may be 0 or of
/// either sign is known to change an even norm's coefficient only.
pub(super) fn scaled<T: Proxable + ?Sized>(rule: &T, on: Layout, s: &Expr) -> Option<Scaled> {
    let facts = rule.facts(on);
    let literal = expr::uniform(s).filter(|s| *s != 0.0 && s.is_finite());
    if facts.homogeneous && facts.absolute && !facts.set {
        return Some(Scaled { coefficient: expr::abs(s.clone()), rule: None, factor: 1.0 });
    }
    let (coefficient, factor) = match facts.homogeneous {
        true if facts.set => (1.0, literal?.signum()),
        true => (literal?.abs(), literal?.signum()),
        false => (1.0, literal?),
    };
    Some(Scaled { coefficient: expr::number(coefficient), rule: None, factor })
}

impl dyn Proxable {
    /// The rule itself, if it is of this type. Only a rule for a sum asks.
    pub fn is<T: Proxable>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}
