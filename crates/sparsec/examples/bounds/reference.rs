//! A reference in double-double arithmetic: a primal barrier method, with nothing in common with the solvers or their certificates.
//!
//! min Σ F(a·w + b) over linear inequalities, second-order cones and equalities, by Newton's method on F + μ B for μ → 0 (Boyd & Vandenberghe,
//! *Convex Optimization*, section 11.3). Any point that it returns is strictly feasible, so its objective is no less than the optimum.

pub use crate::double::{Double, d};

/// a·w + b
#[derive(Clone, Debug)]
pub struct Row {
    pub a: Vec<Double>,
    pub b: Double,
}

impl Row {
    pub fn new(len: usize, entries: &[(usize, f64)], b: f64) -> Self {
        let mut a = vec![d(0.0); len];
        entries.iter().for_each(|(j, x)| a[*j] += d(*x));
        Row { a, b: d(b) }
    }

    pub fn at(&self, w: &[Double]) -> Double {
        self.a.iter().zip(w).fold(self.b, |sum, (a, w)| if *a == d(0.0) { sum } else { sum + *a * *w })
    }
}

/// A smooth term c F(t), t = rows of w.
#[derive(Clone, Debug)]
pub enum Smooth {
    Linear,
    Squares,
    Huber(f64),
    Logistic,
    LogSumExp,
    Form(Vec<Vec<f64>>),
    NegEntropy,
}

#[derive(Clone, Debug)]
pub struct Term {
    pub weight: f64,
    pub smooth: Smooth,
    pub rows: Vec<Row>,
}

impl Term {
    /// t
    fn arguments(&self, w: &[Double]) -> Vec<Double> {
        self.rows.iter().map(|row| row.at(w)).collect()
    }

    /// c F(t)
    pub fn value(&self, w: &[Double]) -> Double {
        d(self.weight) * self.smooth.value(&self.arguments(w))
    }
}

/// Σ of the terms.
pub fn total(terms: &[Term], w: &[Double]) -> Double {
    terms.iter().fold(d(0.0), |sum, term| sum + term.value(w))
}

fn top(t: &[Double]) -> Double {
    t.iter().fold(d(f64::MIN), |top, t| if *t > top { *t } else { top })
}

/// log(1 + exp t)
fn softplus(t: Double) -> Double {
    let zero = d(0.0);
    let m = if t > zero { t } else { zero };
    m + ((-m).exp() + (t - m).exp()).ln()
}

impl Smooth {
    pub fn value(&self, t: &[Double]) -> Double {
        let sum = |f: &dyn Fn(Double) -> Double| t.iter().fold(d(0.0), |sum, t| sum + f(*t));
        match self {
            Smooth::Linear => sum(&|t| t),
            Smooth::Squares => sum(&|t| t * t),
            Smooth::Huber(rho) => {
                sum(&|t| if t.abs() <= d(*rho) { t * t } else { d(2.0 * rho) * t.abs() - d(*rho) * d(*rho) })
            }
            Smooth::Logistic => sum(&|t| softplus(t)),
            Smooth::LogSumExp => {
                let m = top(t);
                m + sum(&|t| (t - m).exp()).ln()
            }
            Smooth::Form(q) => {
                let row = |q: &Vec<f64>| q.iter().zip(t).fold(d(0.0), |sum, (q, t)| sum + d(*q) * *t);
                q.iter().zip(t).fold(d(0.0), |sum, (q, t)| sum + row(q) * *t)
            }
            Smooth::NegEntropy => sum(&|t| if t == d(0.0) { d(0.0) } else { t * t.ln() }),
        }
    }

    /// False outside of the domain's interior.
    fn inside(&self, t: &[Double]) -> bool {
        !matches!(self, Smooth::NegEntropy) || t.iter().all(|t| *t > d(0.0))
    }

    /// First and second derivatives.
    fn derivatives(&self, t: &[Double]) -> (Vec<Double>, Vec<Vec<Double>>) {
        let k = t.len();
        let mut full = vec![vec![d(0.0); k]; k];
        let mut first = vec![d(0.0); k];
        let sigma = |t: Double| {
            let up = (if t > d(0.0) { -t } else { t }).exp();
            if t > d(0.0) { d(1.0) / (d(1.0) + up) } else { up / (d(1.0) + up) }
        };
        match self {
            Smooth::Form(q) => {
                for i in 0..k {
                    for j in 0..k {
                        first[i] += d(2.0 * q[i][j]) * t[j];
                        full[i][j] = d(2.0 * q[i][j]);
                    }
                }
            }
            Smooth::LogSumExp => {
                let m = top(t);
                let total = t.iter().fold(d(0.0), |sum, t| sum + (*t - m).exp());
                first = t.iter().map(|t| (*t - m).exp() / total).collect();
                for i in 0..k {
                    for j in 0..k {
                        full[i][j] = -first[i] * first[j];
                    }
                    full[i][i] += first[i];
                }
            }
            _ => {
                for i in 0..k {
                    (first[i], full[i][i]) = match self {
                        Smooth::Linear => (d(1.0), d(0.0)),
                        Smooth::Squares => (d(2.0) * t[i], d(2.0)),
                        Smooth::Huber(rho) if t[i].abs() <= d(*rho) => (d(2.0) * t[i], d(2.0)),
                        // A little of the quadratic majoriser's bend, so that there is one where all lie outside.
                        Smooth::Huber(rho) => (d(2.0 * rho * t[i].hi().signum()), d(2e-6 * rho) / t[i].abs()),
                        Smooth::Logistic => (sigma(t[i]), sigma(t[i]) * sigma(-t[i])),
                        _ => (t[i].ln() + d(1.0), d(1.0) / t[i]),
                    };
                }
            }
        }
        (first, full)
    }
}

/// What stays positive.
#[derive(Clone, Debug)]
pub enum Barrier {
    Positive(Row),
    /// ‖rows‖ < the first
    Cone(Row, Vec<Row>),
}

impl Barrier {
    /// The number whose logarithm is the barrier; not positive outside.
    pub fn slack(&self, w: &[Double]) -> Double {
        match self {
            Barrier::Positive(row) => row.at(w),
            Barrier::Cone(t, rows) => {
                let t = t.at(w);
                if t > d(0.0) { rows.iter().fold(t * t, |q, row| q - row.at(w) * row.at(w)) } else { d(-1.0) }
            }
        }
    }

    fn degree(&self) -> f64 {
        if matches!(self, Barrier::Positive(_)) { 1.0 } else { 2.0 }
    }
}

/// min Σ terms over barriers and rows that are 0.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub len: usize,
    pub terms: Vec<Term>,
    pub barriers: Vec<Barrier>,
    pub equalities: Vec<Row>,
    pub start: Vec<Double>,
}

/// Where the method ended.
#[derive(Clone, Debug)]
pub struct Found {
    pub w: Vec<Double>,
    /// The last barrier parameter's part of the objective, and Newton's decrement beside it, are small enough.
    pub converged: bool,
    /// √μ, in units where the objective's size is 1: slacks below are active.
    pub active: f64,
    /// A direction along which the barrier problem is flattest.
    pub flattest: Vec<f64>,
}

struct Newton {
    gradient: Vec<Double>,
    hessian: Vec<Vec<Double>>,
}

impl Program {
    fn inside(&self, w: &[Double]) -> bool {
        let domain = |term: &Term| term.smooth.inside(&term.arguments(w));
        self.barriers.iter().all(|b| b.slack(w) > d(0.0)) && self.terms.iter().all(domain)
    }

    fn merit(&self, w: &[Double], scale: Double, mu: Double) -> Double {
        let barrier = self.barriers.iter().fold(d(0.0), |sum, b| sum - b.slack(w).ln());
        total(&self.terms, w) / scale + mu * barrier
    }

    fn newton(&self, w: &[Double], scale: Double, mu: Double) -> Newton {
        let n = self.len;
        let (mut gradient, mut hessian) = (vec![d(0.0); n], vec![vec![d(0.0); n]; n]);
        for term in &self.terms {
            let t = term.arguments(w);
            let (first, second) = term.smooth.derivatives(&t);
            let weight = d(term.weight) / scale;
            for (i, row) in term.rows.iter().enumerate() {
                gradient.iter_mut().zip(&row.a).for_each(|(g, a)| *g += weight * first[i] * *a);
                for (k, other) in term.rows.iter().enumerate() {
                    add_outer(&mut hessian, weight * second[i][k], &row.a, &other.a);
                }
            }
        }
        for barrier in &self.barriers {
            let q = barrier.slack(w);
            let mut slope = vec![d(0.0); n];
            match barrier {
                Barrier::Positive(row) => slope.clone_from(&row.a),
                Barrier::Cone(t, rows) => {
                    let here = t.at(w);
                    (0..n).for_each(|j| slope[j] += d(2.0) * here * t.a[j]);
                    add_outer(&mut hessian, d(-2.0) * mu / q, &t.a, &t.a);
                    for row in rows {
                        let here = row.at(w);
                        (0..n).for_each(|j| slope[j] -= d(2.0) * here * row.a[j]);
                        add_outer(&mut hessian, d(2.0) * mu / q, &row.a, &row.a);
                    }
                }
            }
            (0..n).for_each(|j| gradient[j] -= mu * slope[j] / q);
            add_outer(&mut hessian, mu / (q * q), &slope, &slope);
        }
        Newton { gradient, hessian }
    }

    /// H x = r where C x = 0, equilibrated. The rows of C have no unknowns in common: each says one of its own by the others.
    fn solve(&self, hessian: &[Vec<Double>], r: &[Double]) -> Option<Vec<Double>> {
        let n = self.len;
        let largest = |row: &Row| {
            let weight = |j: usize| row.a[j].hi().abs() / hessian[j][j].hi().max(1e-300).sqrt();
            (0..n).max_by(|i, j| weight(*i).total_cmp(&weight(*j)))
        };
        let said: Vec<usize> = self.equalities.iter().filter_map(largest).collect();
        let free: Vec<usize> = (0..n).filter(|j| !said.contains(j)).collect();
        // x = Z y
        let z = |i: usize, k: usize| match said.iter().position(|p| *p == i) {
            None if free[k] == i => d(1.0),
            None => d(0.0),
            Some(e) => -self.equalities[e].a[free[k]] / self.equalities[e].a[i],
        };
        let z: Vec<Vec<Double>> = (0..n).map(|i| (0..free.len()).map(|k| z(i, k)).collect()).collect();
        let times = |x: &dyn Fn(usize) -> Double, k: usize| {
            (0..n).fold(d(0.0), |s, i| if z[i][k] == d(0.0) { s } else { s + z[i][k] * x(i) })
        };
        let hz: Vec<Vec<Double>> =
            (0..n).map(|i| (0..free.len()).map(|k| times(&|j| hessian[i][j], k)).collect()).collect();
        let mut m: Vec<Vec<Double>> =
            (0..free.len()).map(|k| (0..free.len()).map(|l| times(&|i| hz[i][l], k)).collect()).collect();
        let largest = (0..free.len()).map(|k| m[k][k].hi()).fold(0.0, f64::max);
        let unit = |x: Double| if x.hi() > 0.0 { d(1.0) / x.sqrt() } else { d(1.0 / largest.sqrt()) };
        let unit: Vec<Double> = (0..free.len()).map(|k| unit(m[k][k])).collect();
        for k in 0..free.len() {
            (0..free.len()).for_each(|l| m[k][l] = m[k][l] * unit[k] * unit[l]);
            // Singular directions stay where they are.
            m[k][k] += d(1e-29);
            m[k].push(times(&|i| r[i], k) * unit[k]);
        }
        let y = eliminate(m)?;
        let along = |i: usize| (0..free.len()).fold(d(0.0), |s, k| s + z[i][k] * y[k] * unit[k]);
        Some((0..n).map(along).collect())
    }

    /// Solves from `start`.
    pub fn minimise(&self) -> Option<Found> {
        let mut w = self.start.clone();
        if !self.inside(&w) {
            return None;
        }
        let degree: f64 = self.barriers.iter().map(Barrier::degree).sum();
        let first = size(total(&self.terms, &w));
        let mut scale = first;
        let mut mu = if degree > 0.0 { 1.0 } else { 1e-25 };
        let converged = loop {
            let mut left = f64::INFINITY;
            for _ in 0..60 {
                let newton = self.newton(&w, scale, d(mu));
                let step = self.solve(&newton.hessian, &newton.gradient)?;
                let decrease = step.iter().zip(&newton.gradient).fold(d(0.0), |s, (a, b)| s + *a * *b).hi();
                left = decrease;
                if decrease.is_nan() || decrease <= 1e-6 * mu {
                    break;
                }
                let here = self.merit(&w, scale, d(mu));
                let mut length = 1.0;
                let better = loop {
                    let next: Vec<Double> = w.iter().zip(&step).map(|(w, s)| *w - d(length) * *s).collect();
                    if self.inside(&next) && self.merit(&next, scale, d(mu)) < here - d(0.01 * length * decrease) {
                        break Some(next);
                    }
                    length *= 0.5;
                    if length < 1e-12 {
                        break None;
                    }
                };
                match better {
                    Some(next) => w = next,
                    None => break,
                }
            }
            if mu * degree.max(1.0) <= 1e-24 {
                break left <= 1e-20;
            }
            mu *= 0.1;
            // The objective may have become much smaller than it was: μ is relative to it.
            let now = size(total(&self.terms, &w));
            let smaller = if now < first * d(1e-20) { first * d(1e-20) } else { now };
            if smaller < scale * d(1e-3) {
                mu *= (scale / smaller).hi().min(1e6);
                scale = smaller;
            }
        };
        // Where twice the point is better still the objective falls without end.
        let twice: Vec<Double> = w.iter().map(|x| d(2.0) * *x).collect();
        let through_0 = self.equalities.iter().all(|row| row.b == d(0.0));
        let falls = through_0 && self.inside(&twice) && total(&self.terms, &twice) < total(&self.terms, &w);
        let converged = converged && !falls;
        let hessian = self.newton(&w, scale, d(mu)).hessian;
        let mut flattest: Vec<Double> = (0..self.len).map(|j| d(1.0 + 0.37 * j as f64)).collect();
        for _ in 0..2 {
            flattest = self.solve(&hessian, &flattest)?;
            let norm = flattest.iter().map(|x| x.hi().abs()).fold(1e-300, f64::max);
            flattest.iter_mut().for_each(|x| *x /= d(norm));
        }
        let flattest = flattest.iter().map(|x| x.hi()).collect();
        Some(Found { w, converged, active: mu.sqrt(), flattest })
    }
}

fn size(x: Double) -> Double {
    let x = x.abs();
    if x > d(1e-200) { x } else { d(1e-200) }
}

fn add_outer(to: &mut [Vec<Double>], c: Double, a: &[Double], b: &[Double]) {
    if c == d(0.0) {
        return;
    }
    for (row, a) in to.iter_mut().zip(a).filter(|(_, a)| **a != d(0.0)) {
        row.iter_mut().zip(b).filter(|(_, b)| **b != d(0.0)).for_each(|(x, b)| *x += c * *a * *b);
    }
}

/// The solution of the system whose right side is the last column, by elimination with row pivots.
fn eliminate(mut m: Vec<Vec<Double>>) -> Option<Vec<Double>> {
    let n = m.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|a, b| m[*a][k].hi().abs().total_cmp(&m[*b][k].hi().abs()))?;
        m.swap(k, pivot);
        let (head, tail) = m.split_at_mut(k + 1);
        let row = &head[k];
        if row[k] == d(0.0) || !row[k].hi().is_finite() {
            return None;
        }
        for other in tail {
            let factor = other[k] / row[k];
            if factor != d(0.0) {
                (k..=n).for_each(|j| other[j] -= factor * row[j]);
            }
        }
    }
    let mut x = vec![d(0.0); n];
    for k in (0..n).rev() {
        let sum = (k + 1..n).fold(m[k][n], |sum, j| sum - m[k][j] * x[j]);
        x[k] = sum / m[k][k];
    }
    Some(x)
}
