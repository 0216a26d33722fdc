//! ‖D y − x‖² + g(y): every bound is below what a long plain run reaches.

mod common;

use common::lab::{Proxable, text};
use common::laws::Random;
use common::{checked_at, stages};
use sparsec_compiler::calculus::oracle::{Example, N, Place, dot};
use sparsec_compiler::calculus::{functions, sets};

/// A D of m rows and an x, and the problem with the example in it.
struct Fit {
    d: Vec<f64>,
    x: Vec<f64>,
    m: usize,
    /// Columns of the unknown.
    columns: usize,
    text: String,
}

impl Fit {
    fn new(example: &Example, m: usize, r: &mut Random) -> Self {
        let (n, columns, shape) = match example.unknown() {
            "Y" => (2, N / 2, format!("matrix[2, {}]", N / 2)),
            _ => (N, 1, format!("vector[{N}]")),
        };
        let d: Vec<f64> = (0..m * n).map(|_| r.next()).collect();
        let x: Vec<f64> = (0..m * columns).map(|_| 3.0 * r.next()).collect();
        let list = |v: &[f64]| format!("[{}]", v.iter().map(|x| format!("{x:?}")).collect::<Vec<_>>().join(", "));
        let rows = |v: &[f64], n: usize| format!("[{}]", v.chunks(n).map(list).collect::<Vec<_>>().join(", "));
        let y = example.unknown();
        let xs = if columns == 1 { list(&x) } else { rows(&x, columns) };
        let kind = if columns == 1 { format!("vector[{m}]") } else { format!("matrix[{m}, {columns}]") };
        let penalty = if example.place == Place::Penalty { format!(" + {}", example.text) } else { String::new() };
        let constraint = if example.place == Place::Constraint { example.text } else { example.constraint };
        let constraint = if constraint.is_empty() { String::new() } else { format!("subject to {constraint}\n") };
        let text = format!(
            "const D: matrix[{m}, {n}] = {}\nparam x: {kind} = {xs}\nvar {y}: {shape}\nminimize ||D*{y} - x||^2{penalty}\n{constraint}",
            rows(&d, n)
        );
        Fit { d, x, m, columns, text }
    }

    /// D y − x
    fn residual(&self, y: &[f64]) -> Vec<f64> {
        let n = self.d.len() / self.m;
        let entry = |i: usize, j: usize| {
            (0..n).map(|k| self.d[i * n + k] * y[k * self.columns + j]).sum::<f64>() - self.x[i * self.columns + j]
        };
        (0..self.m * self.columns).map(|k| entry(k / self.columns, k % self.columns)).collect()
    }

    fn gradient(&self, y: &[f64]) -> Vec<f64> {
        let (n, r) = (self.d.len() / self.m, self.residual(y));
        let entry = |k: usize, j: usize| (0..self.m).map(|i| 2.0 * self.d[i * n + k] * r[i * self.columns + j]).sum();
        (0..n * self.columns).map(|l| entry(l / self.columns, l % self.columns)).collect()
    }

    fn value(&self, example: &Example, y: &[f64]) -> f64 {
        let r = self.residual(y);
        dot(&r, &r) + if example.place == Place::Constraint { 0.0 } else { (example.value)(y) }
    }
}

#[test]
fn every_bound_is_below_what_a_long_run_reaches() {
    let all = [functions::examples(), sets::examples()].concat();
    let (mut wrong, mut proven) = (Vec::new(), 0);
    for (k, example) in all.iter().filter(|e| e.place != Place::Smooth).enumerate() {
        let alone = stages(&text(example));
        let mut prox = Proxable::new(&alone, &alone.composite.blocks[0]);
        for m in [2, 3, 6, 9] {
            let mut r = Random((100 * k + m) as u64);
            let fit = Fit::new(example, m, &mut r);
            let spec = stages(&fit.text).spec;
            // ‖D‖² ≤ Σ Dᵢⱼ².
            let gamma = 1.0 / (2.0 * dot(&fit.d, &fit.d));
            let step = |prox: &mut Proxable, y: &[f64]| {
                let g = fit.gradient(y);
                prox.prox(&y.iter().zip(g).map(|(y, g)| y - gamma * g).collect::<Vec<_>>(), gamma)
            };
            let mut y = prox.prox(&r.vector(1.0), gamma);
            let mut looked_at = Vec::new();
            for iteration in 0..5000 {
                if [0, 3, 30, 300].contains(&iteration) {
                    looked_at.push(y.clone());
                }
                y = step(&mut prox, &y);
            }
            let best = fit.value(example, &y);
            for point in looked_at.iter().chain([&y]) {
                let report = checked_at(&spec, &[point]);
                // The best point leaves the set by rounding at most.
                proven += usize::from(report.gap < f64::INFINITY);
                if report.bound > best + 1e-10 * best.abs().max(1.0) || report.contradiction != 0.0 {
                    wrong.push(format!("{}bound {} at {point:?}, but {best} is reached", fit.text, report.bound));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(proven >= 600, "{proven} bounds");
}
