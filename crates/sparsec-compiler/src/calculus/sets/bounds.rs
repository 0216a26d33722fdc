//! Box: {l ≤ y ≤ u} entry by entry; l and u are scalars or of y's shape, and may be infinite.
//!
//! - Spellings: `y in box(l, u)`, `y in [l, u]`, `l <= y <= u`, `y >= l`; of a matrix, by its entries
//! - Projection: min(max(v, l), u)
//! - Support function: Σ max(lᵢ uᵢ', uᵢ uᵢ') (+∞ where an infinite bound is pulled)
//! - Jacobian of the projection: diag(1 where l < v < u, else 0)
//! - With the l1 norm or the negative entropy: clip after the prox
//! - Source: Bauschke & Combettes, *Convex Analysis and Monotone Operator Theory*, 2nd ed., proposition 24.47

use crate::calculus::prelude::*;

pub(crate) static SET: Set = Set {
    name: "box",
    file: include_str!("bounds.rs"),
    parameters: &[
        Parameter { name: "l", kind: ParameterKind::Bounds, optional: false },
        Parameter { name: "u", kind: ParameterKind::Bounds, optional: false },
    ],
    meaning: Meaning::Bounds(|args| [argument(args, 0), argument(args, 1)]),
    ..ANY
};

/// The indicator of {l ≤ y ≤ u}.
#[derive(Debug)]
pub struct Bounds {
    /// l; a literal −∞ where there is none.
    pub lower: Expr,
    /// u; a literal +∞ where there is none.
    pub upper: Expr,
}

impl Bounds {
    /// True for {y ≥ 0}.
    pub fn is_nonneg(&self) -> bool {
        expr::uniform(&self.lower) == Some(0.0) && !self.above()
    }

    /// True where every point is known to be nonnegative.
    pub fn is_nonnegative(&self) -> bool {
        expr::uniform(&self.lower).is_some_and(|l| l >= 0.0)
    }

    /// There is a lower bound.
    fn below(&self) -> bool {
        expr::uniform(&self.lower) != Some(f64::NEG_INFINITY)
    }

    /// There is an upper bound.
    fn above(&self) -> bool {
        expr::uniform(&self.upper) != Some(f64::INFINITY)
    }

    fn both(&self, cx: &mut Emit) -> [Value; 2] {
        [cx.value(&self.lower), cx.value(&self.upper)]
    }

    /// The bounds, each by a map of its own; one that is infinite stays.
    fn map(&self, f: impl Fn(&Expr) -> Expr) -> [Expr; 2] {
        let infinite = |e: &Expr| expr::uniform(e).is_some_and(f64::is_infinite);
        [&self.lower, &self.upper].map(|e| if infinite(e) { e.clone() } else { f(e) })
    }
}

impl Separable for Bounds {
    fn name(&self) -> &'static str {
        "box"
    }
    fn facts(&self) -> Facts {
        let (lower, upper) = (expr::uniform(&self.lower), expr::uniform(&self.upper));
        let cone = self.is_nonneg() || (upper == Some(0.0) && !self.below());
        Facts {
            set: true,
            homogeneous: cone,
            nonnegative: true,
            nonnegative_domain: self.is_nonnegative(),
            symmetric: lower.is_some() && upper.is_some(),
            sparse: cone,
            ..Facts::default()
        }
    }
    fn value(&self, _cx: &mut Emit, _x: &Formula) -> Formula {
        0.0.into()
    }
    fn prox(&self, cx: &mut Emit, v: View, _t: Value) -> Formula {
        let [l, u] = self.both(cx);
        let x = if self.below() { v.max(l) } else { v.into() };
        if self.above() { x.min(u) } else { x }
    }
    fn slope(&self, cx: &mut Emit, point: &ProxPoint) -> Formula {
        let ([l, u], v) = (self.both(cx), point.v);
        let inside = if self.below() { v.le(l).then(0.0, 1.0) } else { 1.0.into() };
        if self.above() { v.ge(u).then(0.0, inside) } else { inside }
    }
    fn subdifferential(&self, cx: &mut Emit, _c: Value, x: View) -> [Formula; 2] {
        let [l, u] = self.both(cx);
        [x.gt(l).then(0.0, f64::NEG_INFINITY), x.lt(u).then(0.0, f64::INFINITY)]
    }
    fn slopes(&self, cx: &mut Emit, _c: Value) -> [Formula; 2] {
        let [l, u] = self.both(cx);
        [l.gt(f64::NEG_INFINITY).then(f64::NEG_INFINITY, 0.0), u.lt(f64::INFINITY).then(f64::INFINITY, 0.0)]
    }
    fn maximiser(&self, cx: &mut Emit, _c: Value, u: &Formula) -> Formula {
        let [l, h] = self.both(cx);
        let nearest = Formula::from(0.0).max(l).min(h);
        u.gt(0.0).then(h, u.lt(0.0).then(l, nearest))
    }
    fn outside(&self, cx: &mut Emit, x: View, sizes: View) -> Option<Formula> {
        let [l, u] = self.both(cx);
        Some(outside(x, sizes, l, u))
    }
    fn extent(&self, cx: &mut Emit) -> Option<Formula> {
        let [l, u] = self.both(cx);
        (self.below() && self.above()).then(|| l.abs().max(u.abs()))
    }
    fn empty(&self, cx: &mut Emit) -> Option<Formula> {
        let [l, u] = self.both(cx);
        let finite = |v: Value| matches!(v, Value::Literal(v) if v.is_finite());
        let never = (!self.below() && (finite(u) || !self.above())) || (finite(l) && !self.above());
        (!never).then(|| crossed(l, u))
    }
    fn scaled(&self, s: &Expr) -> Option<Scaled> {
        let s = expr::uniform(s).filter(|s| *s != 0.0 && s.is_finite())?;
        let [lower, upper] = [&self.lower, &self.upper].map(|e| expr::scale(expr::number(1.0 / s), e.clone()));
        let (lower, upper) = if s < 0.0 { (upper, lower) } else { (lower, upper) };
        Some(Scaled { coefficient: expr::number(1.0), rule: Some(Arc::new(Bounds { lower, upper })), factor: 1.0 })
    }
    fn weighted(&self, w: &Expr, positive: bool) -> Option<Arc<dyn Proxable>> {
        let [lower, upper] = self.map(|e| expr::element_quotient(expr::fill(e.clone(), w.shape), w.clone()));
        positive.then(|| Arc::new(Bounds { lower, upper }) as Arc<dyn Proxable>)
    }
    fn shifted(&self, c: &Expr) -> Option<Arc<dyn Proxable>> {
        let [lower, upper] = self.map(|e| expr::add(expr::fill(e.clone(), c.shape), c.clone()));
        Some(Arc::new(Bounds { lower, upper }))
    }
    fn part(&self, from: usize, len: usize) -> Option<Arc<dyn Proxable>> {
        let [lower, upper] = [&self.lower, &self.upper].map(|e| expr::part(e, from, len));
        Some(Arc::new(Bounds { lower, upper }))
    }
    fn padded(&self, to: &Picked) -> Option<Arc<dyn Proxable>> {
        let lower = expr::padded(&self.lower, to, f64::NEG_INFINITY)?;
        let upper = expr::padded(&self.upper, to, f64::INFINITY)?;
        Some(Arc::new(Bounds { lower, upper }))
    }
    fn data(&self) -> Vec<&Expr> {
        vec![&self.lower, &self.upper]
    }
    fn prox_text(&self, words: &Words) -> String {
        let [l, u] = [&self.lower, &self.upper].map(|e| words.data(e));
        match (self.below(), self.above()) {
            (true, false) => format!("max(v, {l})"),
            (false, true) => format!("min(v, {u})"),
            _ => format!("clip(v, {l}, {u})"),
        }
    }
    fn conjugate_text(&self, words: &Words) -> String {
        let [l, u] = [&self.lower, &self.upper].map(|e| words.data(e));
        let times = |bound: String| if bound == "0" { bound } else { format!("Σ {bound}·u") };
        match (self.below(), self.above()) {
            (false, false) => "0 where u = 0".to_owned(),
            (true, false) => format!("{} where u ≤ 0", times(l)),
            (false, true) => format!("{} where u ≥ 0", times(u)),
            (true, true) => format!("Σ max({l}·u, {u}·u)"),
        }
    }
    fn flops(&self) -> usize {
        2
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::set(
            "y in box([-1, 0, 0.2, -inf, 0, 0], [0, 0, 0.4, 1, inf, 3])",
            |y| max(&y.iter().zip(L).zip(H).map(|((y, l), h)| (l - y).max(y - h)).collect::<Vec<_>>()),
            |u| u.iter().zip(L).zip(H).map(|((u, l), h)| if *u == 0.0 { 0.0 } else { (u * l).max(u * h) }).sum(),
            |y| y.iter_mut().zip(L).zip(H).for_each(|((y, l), h)| *y = y.max(l).min(h)),
        ),
        Example::set(
            "0.1 <= y <= 0.5",
            |y| max(&y.iter().map(|y| (0.1 - y).max(y - 0.5)).collect::<Vec<_>>()),
            |u| u.iter().map(|u| (0.1 * u).max(0.5 * u)).sum(),
            |y| y.iter_mut().for_each(|y| *y = y.clamp(0.1, 0.5)),
        ),
    ]
}

#[cfg(feature = "testing")]
const L: [f64; 6] = [-1.0, 0.0, 0.2, f64::NEG_INFINITY, 0.0, 0.0];

#[cfg(feature = "testing")]
const H: [f64; 6] = [0.0, 0.0, 0.4, 1.0, f64::INFINITY, 3.0];
