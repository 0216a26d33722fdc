//! Plain definitions of functions and sets, against which the laws hold their rules: f64, no program, written apart from the rules.
//!
//! Every rule's file gives examples of its use in a problem's text, each with what it means for the unknown: y of [`N`] entries, or the matrix
//! Y of [`ROWS`] rows, its entries row by row.

/// Number of entries of the unknown.
pub const N: usize = 6;

/// Number of rows of the unknown as a matrix.
pub const ROWS: usize = 2;

/// How a text stands in a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A smooth term of the objective.
    Smooth,
    /// A term of the objective with a prox.
    Penalty,
    /// A constraint.
    Constraint,
}

/// A use of a function or set.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// As it stands in a problem.
    pub text: &'static str,
    /// The constraint that stands beside a term; empty where there is none.
    pub constraint: &'static str,
    /// Where.
    pub place: Place,
    /// Its value, coefficient and all; +∞ outside of its domain.
    pub value: fn(&[f64]) -> f64,
    /// Its conjugate; +∞ outside of that's domain.
    pub conjugate: fn(&[f64]) -> f64,
    /// Takes any point to one of the domain, and leaves those that are in it.
    pub into: fn(&mut [f64]),
}

impl Example {
    /// A smooth term; its domain is everything.
    pub const fn smooth(text: &'static str, value: fn(&[f64]) -> f64, conjugate: fn(&[f64]) -> f64) -> Self {
        Example { text, constraint: "", place: Place::Smooth, value, conjugate, into: anywhere }
    }

    /// A penalty that is finite everywhere.
    pub const fn penalty(text: &'static str, value: fn(&[f64]) -> f64, conjugate: fn(&[f64]) -> f64) -> Self {
        Example { text, constraint: "", place: Place::Penalty, value, conjugate, into: anywhere }
    }

    /// A constraint: `violation` is 0 inside and positive outside, `support` the largest inner product with a point inside.
    pub const fn set(
        text: &'static str,
        violation: fn(&[f64]) -> f64,
        support: fn(&[f64]) -> f64,
        into: fn(&mut [f64]),
    ) -> Self {
        Example { text, constraint: "", place: Place::Constraint, value: violation, conjugate: support, into }
    }

    /// The same with another map into the domain.
    pub const fn within(self, into: fn(&mut [f64])) -> Self {
        Example { into, ..self }
    }

    /// The same beside a constraint, of which value, conjugate and domain are told as well.
    pub const fn with(self, constraint: &'static str) -> Self {
        Example { constraint, ..self }
    }

    /// Name of the unknown in it.
    pub fn unknown(&self) -> &'static str {
        if self.text.contains('Y') { "Y" } else { "y" }
    }

    /// The value: for a constraint 0 inside, to rounding, and +∞ outside.
    pub fn value_at(&self, y: &[f64]) -> f64 {
        let value = (self.value)(y);
        let size = 1.0 + norm_inf(y);
        match self.place {
            Place::Constraint => indicator(value <= 1e-12 * size),
            _ => value,
        }
    }
}

/// z/c
pub fn over(z: &[f64], c: f64) -> Vec<f64> {
    z.iter().map(|z| z / c).collect()
}

/// Leaves a point.
pub fn anywhere(_: &mut [f64]) {}

/// 0 where something holds, +∞ where not.
pub fn indicator(holds: bool) -> f64 {
    if holds { 0.0 } else { f64::INFINITY }
}

/// ⟨a, b⟩
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Σ yᵢ
pub fn sum(y: &[f64]) -> f64 {
    y.iter().sum()
}

/// Σ |yᵢ|
pub fn norm1(y: &[f64]) -> f64 {
    y.iter().map(|v| v.abs()).sum()
}

/// √Σ yᵢ²
pub fn norm2(y: &[f64]) -> f64 {
    dot(y, y).sqrt()
}

/// max |yᵢ|
pub fn norm_inf(y: &[f64]) -> f64 {
    y.iter().fold(0.0, |m, v| v.abs().max(m))
}

/// max yᵢ
pub fn max(y: &[f64]) -> f64 {
    y.iter().fold(f64::NEG_INFINITY, |m, v| v.max(m))
}

/// x log x, 0 at 0, +∞ below.
pub fn xlogx(x: f64) -> f64 {
    match x {
        x if x < 0.0 => f64::INFINITY,
        0.0 => 0.0,
        x => x * x.ln(),
    }
}

/// Σ over the rows of the unknown as a matrix.
pub fn over_rows(y: &[f64], f: impl Fn(&[f64]) -> f64) -> f64 {
    y.chunks(N / ROWS).map(f).sum()
}

/// Σ over its columns.
pub fn over_columns(y: &[f64], f: impl Fn(&[f64]) -> f64) -> f64 {
    columns(y).iter().map(|c| f(c)).sum()
}

/// Its columns.
pub fn columns(y: &[f64]) -> Vec<Vec<f64>> {
    let n = N / ROWS;
    (0..n).map(|j| (0..ROWS).map(|i| y[i * n + j]).collect()).collect()
}

/// Changes every row.
pub fn each_row(y: &mut [f64], f: impl Fn(&mut [f64])) {
    y.chunks_mut(N / ROWS).for_each(f);
}

/// Changes every column.
pub fn each_column(y: &mut [f64], f: impl Fn(&mut [f64])) {
    let n = N / ROWS;
    for (j, mut column) in columns(y).into_iter().enumerate() {
        f(&mut column);
        (0..ROWS).for_each(|i| y[i * n + j] = column[i]);
    }
}

/// Towards 0 until a norm is at most r.
pub fn shrink(y: &mut [f64], norm: fn(&[f64]) -> f64, r: f64) {
    let size = norm(y);
    if size > r {
        y.iter_mut().for_each(|v| *v *= r / size);
    }
}

/// To the nearest nonnegative point.
pub fn onto_nonneg(y: &mut [f64]) {
    y.iter_mut().for_each(|v| *v = v.max(0.0));
}

/// To the simplex of radius r, by a factor.
pub fn onto_simplex(y: &mut [f64], r: f64) {
    onto_nonneg(y);
    let total = sum(y);
    match total > 0.0 {
        // A point of it is left as it is, to the last bit.
        true if (total - r).abs() <= 1e-14 * r => {}
        true => y.iter_mut().for_each(|v| *v *= r / total),
        false => y.fill(r / y.len() as f64),
    }
}

/// How far from the simplex of radius r.
pub fn off_simplex(y: &[f64], r: f64) -> f64 {
    (sum(y) - r).abs().max(-y.iter().fold(f64::INFINITY, |m, v| v.min(m)))
}

/// Least value of a convex function on an interval, by golden sections: an independent route to conjugates that are minima.
pub fn least(f: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    let (mut a, mut b) = (from, to);
    for _ in 0..300 {
        let (l, r) = (b - 0.618_033_988_749_895 * (b - a), a + 0.618_033_988_749_895 * (b - a));
        if f(l) <= f(r) { b = r } else { a = l }
    }
    f(0.5 * (a + b)).min(f(a)).min(f(b))
}
