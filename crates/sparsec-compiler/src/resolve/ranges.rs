//! Bounds of expressions, from declared domains and literals alone.

use crate::model::{Depends, Elementwise, Expr, ExprKind, Quantity, Sign};
use sparsec_program::solver::Domain;

/// How far below an expression its parts are looked at.
const MAX_LOOK: usize = 24;

/// Every entry of an expression lies in `low..=high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lower bound, maybe −∞.
    pub low: f64,
    /// Upper bound, maybe +∞.
    pub high: f64,
    /// No entry is 0.
    pub nonzero: bool,
}

impl Range {
    const ALL: Range = Range { low: f64::NEG_INFINITY, high: f64::INFINITY, nonzero: false };

    fn new(low: f64, high: f64) -> Self {
        let low = if low.is_nan() { f64::NEG_INFINITY } else { low };
        let high = if high.is_nan() { f64::INFINITY } else { high };
        Range { low, high, nonzero: low > 0.0 || high < 0.0 }
    }

    /// The sign that follows.
    pub fn sign(self) -> Sign {
        match (self.low >= 0.0, self.high <= 0.0) {
            (true, true) => Sign::Zero,
            (true, false) => Sign::Nonnegative,
            (false, true) => Sign::Nonpositive,
            (false, false) => Sign::Unknown,
        }
    }

    /// Whether every entry is certainly in the domain (of those that speak of single entries).
    pub fn within(self, domain: Domain, strict: Strict) -> bool {
        match domain {
            Domain::AtLeast(c) => self.low >= c,
            Domain::Above(c) => self.low > c || (self.low >= c && strict.low),
            Domain::AtMost(c) => self.high <= c,
            Domain::Below(c) => self.high < c || (self.high <= c && strict.high),
            Domain::Nonzero => self.nonzero || strict.low && self.low >= 0.0 || strict.high && self.high <= 0.0,
            _ => false,
        }
    }

    fn multiply(self, other: Range) -> Range {
        // 0 times an infinite bound is 0: the bound itself is never attained.
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        let all = [
            product(self.low, other.low),
            product(self.low, other.high),
            product(self.high, other.low),
            product(self.high, other.high),
        ];
        let mut range = Range::new(
            all.iter().copied().fold(f64::INFINITY, f64::min),
            all.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        );
        range.nonzero = self.nonzero && other.nonzero;
        range
    }
}

/// Which bounds of a range are declared as strict.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strict {
    /// The lower one.
    pub low: bool,
    /// The upper one.
    pub high: bool,
}

/// Bounds of a quantity, from its declaration.
pub fn of_quantity(quantity: &Quantity) -> (Range, Strict) {
    let mut range = Range::ALL;
    let mut strict = Strict::default();
    for domain in &quantity.domains {
        match *domain {
            Domain::AtLeast(c) if c > range.low => (range.low, strict.low) = (c, false),
            Domain::Above(c) if c >= range.low => (range.low, strict.low) = (c, true),
            Domain::AtMost(c) if c < range.high => (range.high, strict.high) = (c, false),
            Domain::Below(c) if c <= range.high => (range.high, strict.high) = (c, true),
            _ => {}
        }
    }
    range.nonzero =
        range.low > 0.0 || range.high < 0.0 || (strict.low && range.low == 0.0) || (strict.high && range.high == 0.0);
    (range, strict)
}

/// Bounds of every entry of `e`.
pub fn of(e: &Expr, quantities: &[Quantity]) -> Range {
    look(e, quantities, 0)
}

fn look(e: &Expr, quantities: &[Quantity], depth: usize) -> Range {
    if depth > MAX_LOOK {
        return from_sign(e.sign);
    }
    let at = |e: &Expr| look(e, quantities, depth + 1);
    let range = match &e.kind {
        ExprKind::Literal(values) => {
            let mut range = Range::new(
                values.iter().copied().fold(f64::INFINITY, f64::min),
                values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            );
            range.nonzero = values.iter().all(|v| *v != 0.0);
            range
        }
        ExprKind::Quantity(id) => quantities.get(id.0).map_or(Range::ALL, |q| of_quantity(q).0),
        ExprKind::Negate(a) => {
            let a = at(a);
            Range { low: -a.high, high: -a.low, nonzero: a.nonzero }
        }
        ExprKind::Add(a, b) => {
            let (a, b) = (at(a), at(b));
            let mut range = Range::new(a.low + b.low, a.high + b.high);
            range.nonzero |=
                (a.low >= 0.0 && b.low >= 0.0 || a.high <= 0.0 && b.high <= 0.0) && (a.nonzero || b.nonzero);
            range
        }
        ExprKind::Subtract(a, b) => {
            let (a, b) = (at(a), at(b));
            Range::new(a.low - b.high, a.high - b.low)
        }
        ExprKind::Scale(a, b) | ExprKind::ElementProduct(a, b) => at(a).multiply(at(b)),
        ExprKind::ElementQuotient(a, b) => {
            let b = at(b);
            if b.low >= 0.0 && b.high > 0.0 {
                at(a).multiply(Range { nonzero: true, ..Range::new(1.0 / b.high, 1.0 / b.low.max(0.0)) })
            } else if b.high <= 0.0 && b.low < 0.0 {
                at(a).multiply(Range { nonzero: true, ..Range::new(-1.0 / (-b.high).max(0.0), 1.0 / b.low) })
            } else {
                Range::ALL
            }
        }
        ExprKind::Power(a, k) => {
            let a = at(a);
            let power = |v: f64| v.powi(i32::try_from(*k).unwrap_or(i32::MAX));
            let mut range = if k % 2 == 1 || a.low >= 0.0 {
                Range::new(power(a.low), power(a.high))
            } else if a.high <= 0.0 {
                Range::new(power(a.high), power(a.low))
            } else {
                Range::new(0.0, power(a.low).max(power(a.high)))
            };
            range.nonzero = a.nonzero;
            range
        }
        ExprKind::Transpose(a)
        | ExprKind::Fill(a)
        | ExprKind::Slice { of: a, .. }
        | ExprKind::Rows(a)
        | ExprKind::Cols(a) => at(a),
        ExprKind::Elementwise(function, args) => {
            let a = args.first().map_or(Range::ALL, at);
            let b = args.get(1).map_or(Range::ALL, at);
            match function {
                Elementwise::Exp => Range { nonzero: true, ..Range::new(a.low.exp(), a.high.exp()) },
                Elementwise::Sqrt => {
                    Range { nonzero: a.nonzero, ..Range::new(a.low.max(0.0).sqrt(), a.high.max(0.0).sqrt()) }
                }
                Elementwise::Log if a.low > 0.0 => Range::new(a.low.ln(), a.high.ln()),
                Elementwise::Log => Range::new(f64::NEG_INFINITY, a.high.max(0.0).ln()),
                Elementwise::Pos => Range::new(a.low.max(0.0), a.high.max(0.0)),
                Elementwise::Max => Range::new(a.low.max(b.low), a.high.max(b.high)),
                Elementwise::Min => Range::new(a.low.min(b.low), a.high.min(b.high)),
                Elementwise::Abs | Elementwise::Square => Range { nonzero: a.nonzero, ..from_sign(Sign::Nonnegative) },
            }
        }
        _ => from_sign(e.sign),
    };
    let known = from_sign(e.sign);
    Range { low: range.low.max(known.low), high: range.high.min(known.high), nonzero: range.nonzero }
}

/// The bounds that a sign says.
fn from_sign(sign: Sign) -> Range {
    match sign {
        Sign::Zero => Range::new(0.0, 0.0),
        Sign::Nonnegative => Range::new(0.0, f64::INFINITY),
        Sign::Nonpositive => Range::new(f64::NEG_INFINITY, 0.0),
        Sign::Unknown => Range::ALL,
    }
}

/// Strictness of the bounds of an expression: of quantities, their positive multiples, sums and products of such.
pub fn strictness(e: &Expr, quantities: &[Quantity]) -> Strict {
    if e.depends == Depends::Literal {
        return Strict::default();
    }
    match &e.kind {
        ExprKind::Quantity(id) => quantities.get(id.0).map_or_else(Strict::default, |q| of_quantity(q).1),
        _ => {
            let nonzero = of(e, quantities).nonzero;
            let range = of(e, quantities);
            Strict { low: nonzero && range.low == 0.0, high: nonzero && range.high == 0.0 }
        }
    }
}
