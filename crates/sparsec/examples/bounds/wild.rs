//! Regressions as they are met: raw units, timestamps, prices, near copies of columns, intercepts, weights of zero; every function and set there is.

use crate::reference::{Barrier, Double, Program, Row, Smooth, Term, d, total};
use std::fmt::Write;

/// Pseudo-random numbers of a multiplicative generator.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1);
        for _ in 0..4 {
            random.next();
        }
        random
    }

    /// In [0, 1).
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    /// About normal.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }

    /// 10 to the power of a number in a range.
    pub fn decade(&mut self, low: f64, high: f64) -> f64 {
        10_f64.powf(self.between(low, high))
    }

    pub fn below(&mut self, n: usize) -> usize {
        ((self.next() * n as f64) as usize).min(n - 1)
    }

    pub fn chance(&mut self, p: f64) -> bool {
        self.next() < p
    }
}

/// A nonsmooth term or set on the structured unknown y, beside what the barrier method sees.
#[derive(Clone, Debug)]
pub enum Atom {
    Norm1(Vec<f64>),
    Norm2(f64),
    NormInf(f64),
    Groups(f64, Vec<Vec<usize>>),
    Simplex(f64),
    Bounds(Vec<f64>, Vec<f64>),
    Ball1(f64),
    Ball2(f64),
    BallInf(f64),
}

/// A problem with what is known of it.
pub struct Wild {
    pub kind: String,
    pub text: String,
    pub maximise: bool,
    pub single: bool,
    /// Entries of y, and of the intercept behind it.
    pub n: usize,
    pub intercept: bool,
    pub program: Program,
    /// The terms as the problem writes them, but for nonsmooth ones and the sign of `maximize`.
    pub smooth: Vec<Term>,
    pub atoms: Vec<Atom>,
    /// row·y = right
    pub equality: Option<(Vec<f64>, f64)>,
}

pub fn wide(v: &[f64]) -> Vec<Double> {
    v.iter().map(|x| d(*x)).collect()
}

fn list(x: &[f64]) -> String {
    format!("[{}]", x.iter().map(|x| format!("{x:?}")).collect::<Vec<_>>().join(", "))
}

fn matrix(a: &[Vec<f64>]) -> String {
    format!("[{}]", a.iter().map(|row| list(row)).collect::<Vec<_>>().join(", "))
}

impl Wild {
    pub fn len(&self) -> usize {
        self.n + usize::from(self.intercept)
    }

    /// The terms of what is minimised.
    pub fn terms(&self, v: &[Double]) -> Vec<Double> {
        let mut padded = v.to_vec();
        padded.resize(self.program.len, d(0.0));
        let smooth = self.smooth.iter().map(|term| term.value(&padded));
        let y = &v[..self.n];
        let norm = |of: &mut dyn Iterator<Item = Double>| of.fold(d(0.0), |s, x| s + x * x).sqrt();
        let penalty = |atom: &Atom| match atom {
            Atom::Norm1(w) => Some(y.iter().zip(w).fold(d(0.0), |s, (y, w)| s + d(*w) * y.abs())),
            Atom::Norm2(c) => Some(d(*c) * norm(&mut y.iter().copied())),
            Atom::NormInf(c) => Some(d(*c) * y.iter().fold(d(0.0), |m, y| if y.abs() > m { y.abs() } else { m })),
            Atom::Groups(c, groups) => {
                let of = |g: &Vec<usize>| norm(&mut g.iter().map(|j| y[*j]));
                Some(d(*c) * groups.iter().fold(d(0.0), |s, g| s + of(g)))
            }
            _ => None,
        };
        smooth.chain(self.atoms.iter().filter_map(penalty)).collect()
    }

    pub fn value(&self, v: &[Double]) -> Double {
        self.terms(v).into_iter().fold(d(0.0), |sum, term| sum + term)
    }

    /// S at v.
    pub fn size(&self, v: &[Double]) -> f64 {
        let terms = self.terms(v);
        let sum = terms.iter().fold(d(0.0), |sum, term| sum + *term).hi().abs();
        let sizes: f64 = terms.iter().map(|t| t.hi().abs()).sum();
        let epsilon = if self.single { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let mut origin = vec![0.0; self.len()];
        for atom in &self.atoms {
            match atom {
                Atom::Simplex(r) => origin[..self.n].fill(r / self.n as f64),
                Atom::Bounds(l, u) => (0..self.n).for_each(|j| origin[j] = origin[j].clamp(l[j], u[j])),
                _ => {}
            }
        }
        if let Some((row, right)) = &self.equality {
            let square: f64 = row.iter().map(|x| x * x).sum();
            (0..self.n).for_each(|j| origin[j] = row[j] * right / square);
        }
        let before = self.value(&wide(&origin)).hi().abs();
        sum.max(1e-6 * sizes).max(if before.is_finite() { epsilon * before } else { 0.0 })
    }

    /// The point that f64 (f32) can hold next to the reference: what is active there is so exactly.
    pub fn rounded(&self, w: &[Double], active: f64) -> Vec<f64> {
        let round = |x: f64| if self.single { f64::from(x as f32) } else { x };
        let mut v: Vec<f64> = w[..self.len()].iter().map(|x| round(x.hi())).collect();
        let largest = v[..self.n].iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        let near = |x: f64, to: f64, size: f64| (x - to).abs() <= active * size;
        for atom in &self.atoms {
            match atom {
                Atom::Bounds(l, u) => {
                    for j in 0..self.n {
                        let size = largest.max(if l[j].is_finite() && u[j].is_finite() { u[j] - l[j] } else { 0.0 });
                        if near(v[j], l[j], size) {
                            v[j] = l[j];
                        } else if near(v[j], u[j], size) {
                            v[j] = u[j];
                        }
                    }
                }
                Atom::Norm1(_) | Atom::Simplex(_) | Atom::Ball1(_) => {
                    (0..self.n).filter(|j| near(w[*j].hi(), 0.0, largest)).for_each(|j| v[j] = 0.0);
                }
                Atom::Norm2(_) if largest <= active * self.largest_entry(w) => v[..self.n].fill(0.0),
                Atom::NormInf(_) => {
                    for x in v[..self.n].iter_mut().filter(|x| near(x.abs(), largest, largest)) {
                        *x = largest.copysign(*x);
                    }
                }
                Atom::BallInf(r) => {
                    for x in v[..self.n].iter_mut().filter(|x| near(x.abs(), *r, *r)) {
                        *x = r.copysign(*x);
                    }
                }
                Atom::Groups(_, groups) => {
                    for g in groups {
                        let norm = g.iter().map(|j| v[*j] * v[*j]).sum::<f64>().sqrt();
                        if norm <= active * largest {
                            g.iter().for_each(|j| v[*j] = 0.0);
                        }
                    }
                }
                _ => {}
            }
        }
        v
    }

    /// The largest entry of y at the start or at w: what entries are about where y is 0.
    fn largest_entry(&self, w: &[Double]) -> f64 {
        let start = &self.program.start[..self.n];
        start.iter().chain(&w[..self.n]).map(|x| x.hi().abs()).fold(1e-300, f64::max)
    }
}

/// A column as it is met.
fn column(random: &mut Random, m: usize, before: &[Vec<f64>]) -> Vec<f64> {
    let scale = random.decade(-5.0, 5.0);
    match random.below(10) {
        0 => {
            let offset = random.decade(2.0, 9.3);
            (0..m).map(|_| offset + scale.min(offset * 1e-2) * random.normal()).collect()
        }
        1 | 2 if !before.is_empty() => {
            let (of, part) = (&before[random.below(before.len())], random.decade(-7.0, -1.0));
            let size = of.iter().map(|x| x * x).sum::<f64>().sqrt() / (m as f64).sqrt();
            let factor = random.between(0.5, 2.0);
            of.iter().map(|x| factor * (x + part * size * random.normal())).collect()
        }
        3 => (0..m).map(|_| if random.chance(0.3) { scale } else { 0.0 }).collect(),
        4 => {
            let power = 1 + random.below(3) as i32;
            (0..m).map(|i| (1990.0 + i as f64).powi(power)).collect()
        }
        5 => (0..m).map(|_| (scale * random.normal().abs()).round()).collect(),
        _ => (0..m).map(|_| scale * random.normal()).collect(),
    }
}

/// The problem with a number.
pub fn problem(seed: u64) -> Wild {
    let mut r = Random::new(seed);
    let r = &mut r;
    let n = 1 + r.below(6);
    let m = if r.chance(0.85) { n + 1 + r.below(20) } else { 1 + r.below(n) };
    let single = r.chance(0.25);
    let maximise = r.chance(0.2);
    let intercept = r.chance(0.4);
    let len = n + usize::from(intercept);
    let loss = r.below(10);
    // Losses that are not homogeneous are of standardised data: elsewhere they may have no minimiser.
    let tame = matches!(loss, 6..=8);
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for _ in 0..n {
        let next = if tame { (0..m).map(|_| r.normal()).collect() } else { column(r, m, &columns) };
        columns.push(next);
    }
    let length = |c: &Vec<f64>| c.iter().map(|x| x * x).sum::<f64>().sqrt();
    let sizes: Vec<f64> = columns.iter().map(length).map(|s| if s == 0.0 { 1.0 } else { s }).collect();
    let at = |i: usize| columns.iter().map(|c| c[i]).collect::<Vec<f64>>();
    let a: Vec<Vec<f64>> = (0..m).map(at).collect();
    // Unknowns of about one size, or that contribute alike.
    let alike = r.chance(0.5);
    let height = if tame { 1.0 } else { r.decade(-3.0, 6.0) };
    let truth: Vec<f64> = (0..n)
        .map(|j| {
            let size = if alike && !tame { height * (m as f64).sqrt() / sizes[j] } else { r.decade(-2.0, 2.0) };
            if r.chance(0.3) { 0.0 } else { size * r.normal() }
        })
        .collect();
    let fitted: Vec<f64> = (0..m).map(|i| (0..n).map(|j| a[i][j] * truth[j]).sum::<f64>()).collect();
    let size = fitted.iter().fold(0.0, |m: f64, x| m.max(x.abs())).max(1e-3);
    let noise = match r.below(4) {
        0 => 0.0,
        1 if !tame => r.decade(-12.0, -3.0),
        2 if !tame => 1e12_f64.min(r.decade(0.0, 6.0) * size) / size,
        _ => r.decade(-3.0, 0.0),
    };
    let offset = if intercept && !tame { r.decade(0.0, 9.0) } else { 0.0 };
    let b: Vec<f64> = fitted.iter().map(|x| x + offset + noise * size * r.normal()).collect();

    let ones = usize::from(intercept);
    let image = |i: usize, sign: f64| -> Vec<(usize, f64)> {
        let mut entries: Vec<(usize, f64)> = a[i].iter().enumerate().map(|(j, x)| (j, sign * x)).collect();
        entries.extend((0..ones).map(|_| (n, sign)));
        entries
    };
    // Epigraph variables behind the unknowns: at most one for an entry, and one more.
    let all = len + n + 1;
    let own = || -> Vec<Row> { (0..n).map(|j| Row::new(all, &[(j, 1.0)], 0.0)).collect() };
    let fit: Vec<Row> = (0..m).map(|i| Row::new(all, &image(i, 1.0), -b[i])).collect();
    let map = if intercept { format!("A*y + c*ones({m})") } else { "A*y".to_owned() };
    let mut data = format!("const A: matrix[{m}, {n}] = {}\n", matrix(&a));
    let mut smooth: Vec<Term> = Vec::new();
    let mut terms: Vec<String> = Vec::new();
    let weight = if r.chance(0.5) { 1.0 } else { r.decade(-4.0, 4.0) };
    let coefficient = |w: f64| if w == 1.0 { String::new() } else { format!("{w:?}*") };
    let mut needs_more = false;
    let loss_name = match loss {
        4 | 5 => {
            let rho = size * r.decade(-3.0, 1.0);
            let _ = writeln!(data, "const b: vector[{m}] = {}", list(&b));
            terms.push(format!("{}huber({map} - b, {rho:?})", coefficient(weight)));
            smooth.push(Term { weight, smooth: Smooth::Huber(rho), rows: fit });
            "huber"
        }
        6 => {
            let labels: Vec<f64> = b.iter().map(|x| if *x + r.normal() > 0.0 { 1.0 } else { -1.0 }).collect();
            let _ = writeln!(data, "const l: vector[{m}] = {}", list(&labels));
            terms.push(format!("{}logistic(-(l .* ({map})))", coefficient(weight)));
            let rows = (0..m).map(|i| Row::new(all, &image(i, -labels[i]), 0.0)).collect();
            smooth.push(Term { weight, smooth: Smooth::Logistic, rows });
            needs_more = true;
            "logistic"
        }
        7 => {
            let _ = writeln!(data, "const b: vector[{m}] = {}", list(&b));
            terms.push(format!("{}log_sum_exp({map} - b)", coefficient(weight)));
            smooth.push(Term { weight, smooth: Smooth::LogSumExp, rows: fit });
            needs_more = true;
            "log_sum_exp"
        }
        8 => {
            // xᵀ Q x with Q = FᵀF, and a linear term in its range.
            let gram = |i: usize, j: usize| (0..m).map(|k| a[k][i] * a[k][j]).sum::<f64>();
            let ridge: Vec<Vec<f64>> =
                (0..n).map(|i| (0..n).map(|j| gram(i, j) + if i == j { 0.1 } else { 0.0 }).collect()).collect();
            let p: Vec<f64> = (0..n).map(|j| (0..m).map(|k| a[k][j] * b[k]).sum::<f64>()).collect();
            data = format!("const Q: matrix[{n}, {n}] psd = {}\nconst p: vector[{n}] = {}\n", matrix(&ridge), list(&p));
            terms.push(format!("{}quad_form(y, Q)", coefficient(weight)));
            terms.push("-dot(p, y)".to_owned());
            smooth.push(Term { weight, smooth: Smooth::Form(ridge), rows: own() });
            let slope: Vec<(usize, f64)> = p.iter().enumerate().map(|(j, p)| (j, -p)).collect();
            smooth.push(Term { weight: 1.0, smooth: Smooth::Linear, rows: vec![Row::new(all, &slope, 0.0)] });
            "quad_form"
        }
        _ => {
            let _ = writeln!(data, "const b: vector[{m}] = {}", list(&b));
            terms.push(format!("{}sum_squares({map} - b)", coefficient(weight)));
            smooth.push(Term { weight, smooth: Smooth::Squares, rows: fit });
            "sum_squares"
        }
    };
    let intercept = intercept && loss != 8;
    let len = n + usize::from(intercept);
    if needs_more && (intercept || r.chance(0.5)) {
        // Keeps the minimiser from going away.
        let c = r.decade(-3.0, 0.0);
        terms.push(format!("{c:?}*sum_squares(y)"));
        smooth.push(Term { weight: c, smooth: Smooth::Squares, rows: own() });
        if intercept {
            terms.push(format!("{c:?}*c^2"));
            smooth.push(Term { weight: c, smooth: Smooth::Squares, rows: vec![Row::new(all, &[(n, 1.0)], 0.0)] });
        }
        needs_more = false;
    } else if r.chance(0.15) {
        let (j, c) = (r.below(n), r.decade(-4.0, 1.0));
        let c = c * if tame { 1.0 } else { sizes[j] * sizes[j] };
        terms.push(format!("{c:?}*sum_squares(y)"));
        smooth.push(Term { weight: c, smooth: Smooth::Squares, rows: own() });
    }

    // The gradient at 0, which says what weights matter.
    let origin = vec![d(0.0); all];
    let slope = (0..n)
        .map(|j| {
            let mut moved = origin.clone();
            let step = 1e-6 / if tame { 1.0 } else { sizes[j] / (m as f64).sqrt() } * if tame { 1.0 } else { size };
            moved[j] = d(step);
            ((total(&smooth, &moved) - total(&smooth, &origin)) / d(step)).hi().abs()
        })
        .fold(1e-300, f64::max);
    let lambda = slope * r.decade(-5.0, 0.3);
    let radius = match r.below(3) {
        0 => 1.0,
        1 => truth.iter().map(|x| x.abs()).sum::<f64>().max(1e-6) * r.between(0.2, 1.5),
        _ => r.decade(-2.0, 3.0),
    };
    let mut atoms: Vec<Atom> = Vec::new();
    let mut sets: Vec<String> = Vec::new();
    let mut entropy = false;
    let mut start = vec![d(0.0); all];
    let mut declared = String::new();
    let mut kind = r.below(16);
    if needs_more && kind < 4 {
        kind = 10;
    }
    let name = match kind {
        0..=2 => "free",
        3 => {
            declared = " >= 0".to_owned();
            atoms.push(Atom::Bounds(vec![0.0; n], vec![f64::INFINITY; n]));
            start[..n].fill(d(radius));
            "nonneg"
        }
        4 => {
            let w: Vec<f64> = (0..n).map(|_| if r.chance(0.3) { 0.0 } else { lambda * r.decade(-1.0, 1.0) }).collect();
            let w = if needs_more { vec![lambda; n] } else { w };
            let _ = writeln!(data, "const w: vector[{n}] >= 0 = {}", list(&w));
            terms.push("norm1(w .* y)".to_owned());
            atoms.push(Atom::Norm1(w));
            "weighted l1"
        }
        5 => {
            let w: Vec<f64> = vec![lambda; n];
            terms.push(format!("{lambda:?}*norm1(y)"));
            atoms.push(Atom::Norm1(w));
            declared = " >= 0".to_owned();
            atoms.push(Atom::Bounds(vec![0.0; n], vec![f64::INFINITY; n]));
            start[..n].fill(d(radius));
            "l1 on nonneg"
        }
        6 => {
            terms.push(format!("{lambda:?}*norm2(y)"));
            atoms.push(Atom::Norm2(lambda));
            "norm2"
        }
        7 => {
            terms.push(format!("{lambda:?}*norm_inf(y)"));
            atoms.push(Atom::NormInf(lambda));
            "norm_inf"
        }
        8 => {
            let cut = 1 + r.below(n);
            let groups: Vec<Vec<usize>> = [(0..cut).collect::<Vec<_>>(), (cut..n).collect()]
                .into_iter()
                .filter(|g| !g.is_empty() && (!r.chance(0.15) || needs_more))
                .collect();
            if groups.is_empty() {
                "free"
            } else {
                let text: Vec<String> = groups.iter().map(|g| format!("{g:?}")).collect();
                terms.push(format!("{lambda:?}*group_norm(y, [{}])", text.join(", ")));
                atoms.push(Atom::Groups(lambda, groups));
                "group_norm"
            }
        }
        9 => {
            sets.push(format!("y in simplex({radius:?})"));
            atoms.push(Atom::Simplex(radius));
            start[..n].fill(d(radius) / d(n as f64));
            "simplex"
        }
        10 | 11 => {
            let bound = |r: &mut Random, j: usize| {
                let scale = truth[j].abs().max(radius * 0.1);
                let l = truth[j] - scale * r.between(-0.5, 1.5);
                (l, l + scale * r.between(0.1, 3.0))
            };
            let bounds: Vec<(f64, f64)> = (0..n).map(|j| bound(r, j)).collect();
            let (l, u): (Vec<f64>, Vec<f64>) = bounds.iter().copied().unzip();
            let _ = writeln!(data, "const lo: vector[{n}] = {}\nconst hi: vector[{n}] = {}", list(&l), list(&u));
            sets.push("y in box(lo, hi)".to_owned());
            (0..n).for_each(|j| start[j] = (d(l[j]) + d(u[j])) * d(0.5));
            atoms.push(Atom::Bounds(l, u));
            "box"
        }
        12 => {
            sets.push(format!("norm1(y) <= {radius:?}"));
            atoms.push(Atom::Ball1(radius));
            "ball1"
        }
        13 => {
            sets.push(format!("norm2(y) <= {radius:?}"));
            atoms.push(Atom::Ball2(radius));
            "ball2"
        }
        14 => {
            sets.push(format!("y in ball_inf({radius:?})"));
            atoms.push(Atom::BallInf(radius));
            "ball_inf"
        }
        _ => {
            let c = lambda;
            entropy = true;
            terms.push(format!("{c:?}*neg_entropy(y)"));
            smooth.push(Term { weight: c, smooth: Smooth::NegEntropy, rows: own() });
            start[..n].fill(d(radius.min(1.0)));
            if r.chance(0.5) {
                sets.push(format!("y in simplex({radius:?})"));
                atoms.push(Atom::Simplex(radius));
                start[..n].fill(d(radius) / d(n as f64));
                "entropy on simplex"
            } else {
                "entropy"
            }
        }
    };

    // As inequalities and cones, with epigraph variables.
    let one = |entries: &[(usize, f64)], b: f64| Barrier::Positive(Row::new(all, entries, b));
    let mut program = Program { len: all, terms: smooth.clone(), ..Program::default() };
    let mut free = len;
    let mut epigraph = |start: &mut [Double], height: f64| {
        let t = free;
        free += 1;
        start[t] = d(height);
        t
    };
    let bounded_by = |t: usize, j: usize| [one(&[(t, 1.0), (j, -1.0)], 0.0), one(&[(t, 1.0), (j, 1.0)], 0.0)];
    let linear =
        |t: usize, c: f64| Term { weight: c, smooth: Smooth::Linear, rows: vec![Row::new(all, &[(t, 1.0)], 0.0)] };
    let above = start[..n].iter().map(|x| x.hi().abs()).fold(1.0, f64::max) * 2.0;
    for atom in &atoms {
        match atom {
            Atom::Norm1(w) => {
                for (j, w) in w.iter().enumerate().filter(|(_, w)| **w > 0.0) {
                    let t = epigraph(&mut start, above);
                    program.barriers.extend(bounded_by(t, j));
                    program.terms.push(linear(t, *w));
                }
            }
            Atom::Norm2(c) => {
                let t = epigraph(&mut start, above);
                program.barriers.push(Barrier::Cone(Row::new(all, &[(t, 1.0)], 0.0), own()));
                program.terms.push(linear(t, *c));
            }
            Atom::NormInf(c) => {
                let t = epigraph(&mut start, above);
                (0..n).for_each(|j| program.barriers.extend(bounded_by(t, j)));
                program.terms.push(linear(t, *c));
            }
            Atom::Groups(c, groups) => {
                for g in groups {
                    let t = epigraph(&mut start, above);
                    let rows = g.iter().map(|j| Row::new(all, &[(*j, 1.0)], 0.0)).collect();
                    program.barriers.push(Barrier::Cone(Row::new(all, &[(t, 1.0)], 0.0), rows));
                    program.terms.push(linear(t, *c));
                }
            }
            Atom::Simplex(radius) => {
                if !entropy {
                    program.barriers.extend((0..n).map(|j| one(&[(j, 1.0)], 0.0)));
                }
                let sum: Vec<(usize, f64)> = (0..n).map(|j| (j, 1.0)).collect();
                program.equalities.push(Row::new(all, &sum, -radius));
            }
            Atom::Bounds(l, u) => {
                let lower = (0..n).filter(|j| l[*j].is_finite()).map(|j| one(&[(j, 1.0)], -l[j]));
                let upper = (0..n).filter(|j| u[*j].is_finite()).map(|j| one(&[(j, -1.0)], u[j]));
                program.barriers.extend(lower.chain(upper));
            }
            Atom::Ball1(radius) => {
                let ts: Vec<usize> = (0..n).map(|_| epigraph(&mut start, 0.5 * radius / n as f64)).collect();
                (0..n).for_each(|j| program.barriers.extend(bounded_by(ts[j], j)));
                program.barriers.push(one(&ts.iter().map(|t| (*t, -1.0)).collect::<Vec<_>>(), *radius));
            }
            Atom::Ball2(radius) => {
                program.barriers.push(Barrier::Cone(Row::new(all, &[], *radius), own()));
            }
            Atom::BallInf(radius) => {
                program.barriers.extend((0..n).flat_map(|j| [one(&[(j, 1.0)], *radius), one(&[(j, -1.0)], *radius)]));
            }
        }
    }
    // Equalities of the problem, on unknowns that are free.
    let mut equality = None;
    if matches!(kind, 0..=2) && n >= 2 && r.chance(0.2) {
        let row: Vec<f64> = (0..n).map(|_| if r.chance(0.5) { 1.0 } else { r.normal() }).collect();
        let right: f64 =
            row.iter().zip(&truth).map(|(a, b)| a * b).sum::<f64>() + if r.chance(0.5) { radius } else { 0.0 };
        let _ = writeln!(
            data,
            "const C: matrix[1, {n}] = {}\nconst e: vector[1] = [{right:?}]",
            matrix(std::slice::from_ref(&row))
        );
        sets.push("C*y == e".to_owned());
        let entries: Vec<(usize, f64)> = row.iter().copied().enumerate().collect();
        let at = (0..n).max_by(|i, j| row[*i].abs().total_cmp(&row[*j].abs())).unwrap_or(0);
        start[at] = d(right) / d(row[at]);
        program.equalities.push(Row::new(all, &entries, -right));
        equality = Some((row, right));
    }
    // Epigraph variables that nothing uses are held.
    for t in free..all {
        program.equalities.push(Row::new(all, &[(t, 1.0)], 0.0));
    }
    program.start = start;

    let mut text = data;
    let _ = writeln!(text, "var y: vector[{n}]{declared}");
    if intercept {
        let _ = writeln!(text, "var c: scalar");
    }
    let sum = |sign: &str| terms.iter().map(|t| format!("{sign}({t})")).collect::<Vec<_>>().join(" ");
    let _ = match maximise {
        false => writeln!(text, "minimize {}", terms.join(" + ")),
        true => writeln!(text, "maximize {}", sum("-")),
    };
    if !sets.is_empty() {
        let _ = writeln!(text, "subject to {}", sets.join(", "));
    }
    let kind = format!(
        "{loss_name}, {name}{}{}",
        if intercept { ", intercept" } else { "" },
        if equality.is_some() { ", equality" } else { "" }
    );
    Wild { kind, text, maximise, single, n, intercept, program, smooth, atoms, equality }
}
