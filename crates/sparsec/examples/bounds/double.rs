//! Double-double arithmetic: a number as the unevaluated sum of two f64, 106 bits.
//!
//! Dekker, *Numerische Mathematik* 18 (1971); Joldes, Muller & Popescu, *ACM Transactions on Mathematical Software* 44 (2017), algorithms 6, 12 and 18.

use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Double {
    hi: f64,
    lo: f64,
}

pub const fn d(x: f64) -> Double {
    Double { hi: x, lo: 0.0 }
}

/// a + b and its rounding error.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let part = s - a;
    (s, (a - (s - part)) + (b - part))
}

/// The same where |a| ≥ |b|.
fn quick_two_sum(a: f64, b: f64) -> Double {
    let hi = a + b;
    Double { hi, lo: if hi.is_finite() { b - (hi - a) } else { 0.0 } }
}

fn two_product(a: f64, b: f64) -> (f64, f64) {
    let p = a * b;
    (p, a.mul_add(b, -p))
}

impl Double {
    pub fn hi(self) -> f64 {
        self.hi
    }

    pub fn abs(self) -> Self {
        if self.hi < 0.0 || (self.hi == 0.0 && self.lo < 0.0) { -self } else { self }
    }

    pub fn sqrt(self) -> Self {
        if self.hi <= 0.0 {
            return d(self.hi.sqrt());
        }
        // One step of Newton's method from f64.
        let root = d(self.hi.sqrt());
        root + (self - root * root) / (d(2.0) * root)
    }

    /// exp x for x ≤ 0; 0 from about −700 on.
    pub fn exp(self) -> Self {
        if self.hi < -700.0 {
            return d(0.0);
        }
        // exp(x/2048)^2048 by Taylor's series of exp x − 1, and (1 + s)² − 1 = 2 s + s² while that is small.
        let x = self / d(2048.0);
        let mut sum = d(0.0);
        for k in (1..14).rev() {
            sum = (d(1.0) + sum) * x / d(f64::from(k));
        }
        let (mut s, mut doublings) = (sum, 11);
        while doublings > 0 && s.hi > -0.5 {
            s = d(2.0) * s + s * s;
            doublings -= 1;
        }
        (0..doublings).fold(d(1.0) + s, |e, _| e * e)
    }

    pub fn ln(self) -> Self {
        let first = self.hi.ln();
        if !first.is_finite() {
            return d(first);
        }
        // log x = y + 2 artanh((x − e^y)/(x + e^y)), of which one term is enough, from f64.
        let y = d(first);
        let e = if first > 0.0 { d(1.0) / (-y).exp() } else { y.exp() };
        y + d(2.0) * (self - e) / (self + e)
    }
}

impl Neg for Double {
    type Output = Self;
    fn neg(self) -> Self {
        Double { hi: -self.hi, lo: -self.lo }
    }
}

impl Add for Double {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (s, e) = two_sum(self.hi, other.hi);
        let (t, f) = two_sum(self.lo, other.lo);
        let first = quick_two_sum(s, e + t);
        quick_two_sum(first.hi, first.lo + f)
    }
}

impl Sub for Double {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Double {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let (p, e) = two_product(self.hi, other.hi);
        quick_two_sum(p, self.lo.mul_add(other.hi, self.hi.mul_add(other.lo, e)))
    }
}

impl Div for Double {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.hi / other.hi;
        if !first.is_finite() {
            return d(first);
        }
        let rest = self - other * d(first);
        let second = rest.hi / other.hi;
        let rest = rest - other * d(second);
        quick_two_sum(first, second) + d(rest.hi / other.hi)
    }
}

impl AddAssign for Double {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Double {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Double {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl DivAssign for Double {
    fn div_assign(&mut self, other: Self) {
        *self = *self / other;
    }
}

impl PartialOrd for Double {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.hi.partial_cmp(&other.hi) {
            Some(Ordering::Equal) => self.lo.partial_cmp(&other.lo),
            order => order,
        }
    }
}
