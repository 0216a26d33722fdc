//! The catalogue as problems: every function with a prox, every set and every rule for sums, with plain definitions.
#![allow(dead_code)]

/// A penalty or set, its constraint, its plain definition (without the indicator) and a map of any point into the set.
#[derive(Clone, Copy)]
pub struct Entry {
    pub name: &'static str,
    pub penalty: &'static str,
    pub constraint: &'static str,
    pub value: fn(&[f64]) -> f64,
    pub into: fn(&mut [f64]),
}

/// Length of the unknown; a matrix is 2×3.
pub const N: usize = 6;

fn norm1(y: &[f64]) -> f64 {
    y.iter().map(|v| v.abs()).sum()
}

fn norm2(y: &[f64]) -> f64 {
    y.iter().map(|v| v * v).sum::<f64>().sqrt()
}

pub fn max_abs(y: &[f64]) -> f64 {
    y.iter().fold(0.0, |m, v| v.abs().max(m))
}

fn groups2(y: &[f64]) -> f64 {
    y.chunks(2).map(norm2).sum()
}

pub fn zero(_: &[f64]) -> f64 {
    0.0
}

pub fn anywhere(_: &mut [f64]) {}

fn nonneg(y: &mut [f64]) {
    y.iter_mut().for_each(|v| *v = v.max(0.0));
}

/// Shrinks towards 0 until the size is at most r.
fn within(y: &mut [f64], size: f64, r: f64) {
    if size > r {
        y.iter_mut().for_each(|v| *v *= r / size);
    }
}

fn onto_simplex(y: &mut [f64]) {
    nonneg(y);
    let sum: f64 = y.iter().sum();
    if sum > 0.0 {
        y.iter_mut().for_each(|v| *v /= sum);
    } else {
        y.fill(1.0 / y.len() as f64);
    }
}

fn shifted_ball(y: &mut [f64]) {
    y[0] -= 1.0;
    let size = norm2(y);
    within(y, size, 0.7);
    y[0] += 1.0;
}

fn entropy(y: &[f64]) -> f64 {
    y.iter().map(|v| if *v <= 0.0 { 0.0 } else { v * v.ln() }).sum()
}

/// y − ((⟨a, y⟩ − b)/‖a‖²) a
fn onto_row(y: &mut [f64], a: &[f64], b: f64) {
    let inner: f64 = a.iter().zip(y.iter()).map(|(a, y)| a * y).sum();
    let square: f64 = a.iter().map(|a| a * a).sum();
    for (y, a) in y.iter_mut().zip(a) {
        *y -= (inner - b) / square * a;
    }
}

/// The projection by bisection on the multiplier.
fn onto_box_row(y: &mut [f64], a: &[f64], (l, h): (f64, f64), (low, high): (f64, f64)) {
    let at = |mu: f64| y.iter().zip(a).map(|(y, a)| (y - mu * a).clamp(l, h)).collect::<Vec<f64>>();
    let inner = |mu: f64| at(mu).iter().zip(a).map(|(y, a)| y * a).sum::<f64>();
    let free = inner(0.0);
    let target = free.clamp(low, high);
    let (mut left, mut right) = (-1e3, 1e3);
    for _ in 0..200 {
        let middle = 0.5 * (left + right);
        if inner(middle) > target { left = middle } else { right = middle }
    }
    let point = at(if free == target { 0.0 } else { right });
    y.copy_from_slice(&point);
}

const ROW: [f64; N] = [1.0, -1.0, 2.0, 0.5, 0.0, 1.0];
const WEIGHTS: [f64; N] = [0.0, 0.1, 0.3, 0.5, 1.0, 2.0];

/// Every function with a prox, every set, and sums of them.
pub const ENTRIES: &[Entry] = &[
    Entry { name: "norm1", penalty: "0.8*norm1(y)", constraint: "", value: |y| 0.8 * norm1(y), into: anywhere },
    Entry {
        name: "weighted norm1",
        penalty: "norm1([0, 0.1, 0.3, 0.5, 1, 2] .* y)",
        constraint: "",
        value: |y| y.iter().zip(WEIGHTS).map(|(y, w)| w * y.abs()).sum(),
        into: anywhere,
    },
    Entry {
        name: "shifted norm1",
        penalty: "0.5*norm1(2*y - [1, 0, 0, -1, 0, 3])",
        constraint: "",
        value: |y| y.iter().zip(SHIFT).map(|(y, c)| 0.5 * (2.0 * y - c).abs()).sum(),
        into: anywhere,
    },
    Entry { name: "norm2", penalty: "1.3*norm2(y)", constraint: "", value: |y| 1.3 * norm2(y), into: anywhere },
    Entry { name: "norm_inf", penalty: "1.1*norm_inf(y)", constraint: "", value: |y| 1.1 * max_abs(y), into: anywhere },
    Entry {
        name: "group_norm",
        penalty: "0.9*group_norm(y, 2)",
        constraint: "",
        value: |y| 0.9 * groups2(y),
        into: anywhere,
    },
    Entry {
        name: "group_norm with a free entry",
        penalty: "group_norm(y, [[0, 3], [1, 2, 4]], [0.5, 2])",
        constraint: "",
        value: |y| 0.5 * norm2(&[y[0], y[3]]) + 2.0 * norm2(&[y[1], y[2], y[4]]),
        into: anywhere,
    },
    Entry {
        name: "neg_entropy",
        penalty: "0.4*neg_entropy(y)",
        constraint: "",
        value: |y| 0.4 * entropy(y),
        into: nonneg,
    },
    Entry {
        name: "elastic net",
        penalty: "0.7*norm1(y) + 0.2*sum_squares(y)",
        constraint: "",
        value: |y| 0.7 * norm1(y) + 0.2 * norm2(y).powi(2),
        into: anywhere,
    },
    Entry { name: "simplex", penalty: "", constraint: "y in simplex", value: zero, into: onto_simplex },
    Entry {
        name: "simplex from its parts",
        penalty: "",
        constraint: "sum(y) == 1, y >= 0",
        value: zero,
        into: onto_simplex,
    },
    Entry { name: "nonneg", penalty: "", constraint: "y in nonneg", value: zero, into: nonneg },
    Entry {
        name: "box",
        penalty: "",
        constraint: "y in box([-1, 0, 0.2, -inf, 0, 0], [0, 0, 0.4, 1, inf, 3])",
        value: zero,
        into: |y| {
            let (lo, hi) = ([-1.0, 0.0, 0.2, f64::NEG_INFINITY, 0.0, 0.0], [0.0, 0.0, 0.4, 1.0, f64::INFINITY, 3.0]);
            y.iter_mut().zip(lo.iter().zip(hi)).for_each(|(y, (l, h))| *y = y.max(*l).min(h));
        },
    },
    Entry {
        name: "ball1",
        penalty: "",
        constraint: "norm1(y) <= 1.5",
        value: zero,
        into: |y| within(y, norm1(y), 1.5),
    },
    Entry {
        name: "ball2",
        penalty: "",
        constraint: "norm2(y) <= 1.5",
        value: zero,
        into: |y| within(y, norm2(y), 1.5),
    },
    Entry {
        name: "ball2 with a centre",
        penalty: "",
        constraint: "y in ball2(0.7, [1, 0, 0, 0, 0, 0])",
        value: zero,
        into: shifted_ball,
    },
    Entry {
        name: "ball_inf",
        penalty: "",
        constraint: "norm_inf(y) <= 0.6",
        value: zero,
        into: |y| y.iter_mut().for_each(|v| *v = v.clamp(-0.6, 0.6)),
    },
    Entry {
        name: "hyperplane",
        penalty: "",
        constraint: "dot([1, -1, 2, 0.5, 0, 1], y) == 2",
        value: zero,
        into: |y| onto_row(y, &ROW, 2.0),
    },
    Entry {
        name: "halfspace",
        penalty: "",
        constraint: "dot([1, -1, 2, 0.5, 0, 1], y) <= -1",
        value: zero,
        into: |y| {
            let inner: f64 = ROW.iter().zip(y.iter()).map(|(a, y)| a * y).sum();
            if inner > -1.0 {
                onto_row(y, &ROW, -1.0);
            }
        },
    },
    Entry {
        name: "norm1 + nonneg",
        penalty: "0.6*norm1(y)",
        constraint: "y >= 0",
        value: |y| 0.6 * norm1(y),
        into: nonneg,
    },
    Entry {
        name: "norm1 + box without 0",
        penalty: "0.6*norm1(y)",
        constraint: "0.3 <= y <= 0.9",
        value: |y| 0.6 * norm1(y),
        into: |y| y.iter_mut().for_each(|v| *v = v.clamp(0.3, 0.9)),
    },
    Entry {
        name: "norm1 + simplex",
        penalty: "0.6*norm1(y)",
        constraint: "y in simplex",
        value: |y| 0.6 * norm1(y),
        into: onto_simplex,
    },
    Entry {
        name: "weighted norm1 + simplex",
        penalty: "norm1([0, 0.1, 0.3, 0.5, 1, 2] .* y)",
        constraint: "y in simplex",
        value: |y| y.iter().zip(WEIGHTS).map(|(y, w)| w * y.abs()).sum(),
        into: onto_simplex,
    },
    Entry {
        name: "norm1 + ball2",
        penalty: "0.5*norm1(y)",
        constraint: "norm2(y) <= 1",
        value: |y| 0.5 * norm1(y),
        into: |y| within(y, norm2(y), 1.0),
    },
    Entry {
        name: "norm1 + ball1",
        penalty: "0.5*norm1(y)",
        constraint: "norm1(y) <= 1",
        value: |y| 0.5 * norm1(y),
        into: |y| within(y, norm1(y), 1.0),
    },
    Entry {
        name: "norm1 + group_norm",
        penalty: "0.5*norm1(y) + 0.4*group_norm(y, 2)",
        constraint: "",
        value: |y| 0.5 * norm1(y) + 0.4 * groups2(y),
        into: anywhere,
    },
    Entry {
        name: "norm1 + norm_inf",
        penalty: "0.5*norm1(y) + 0.4*norm_inf(y)",
        constraint: "",
        value: |y| 0.5 * norm1(y) + 0.4 * max_abs(y),
        into: anywhere,
    },
    Entry {
        name: "norm1 + norm2",
        penalty: "0.3*norm1(y) + 0.4*norm2(y)",
        constraint: "",
        value: |y| 0.3 * norm1(y) + 0.4 * norm2(y),
        into: anywhere,
    },
    Entry {
        name: "nonneg + group_norm + norm1",
        penalty: "0.3*norm1(y) + 0.4*group_norm(y, 2)",
        constraint: "y >= 0",
        value: |y| 0.3 * norm1(y) + 0.4 * groups2(y),
        into: nonneg,
    },
    Entry {
        name: "nonneg + ball2",
        penalty: "",
        constraint: "y >= 0, norm2(y) <= 1",
        value: zero,
        into: |y| {
            nonneg(y);
            within(y, norm2(y), 1.0);
        },
    },
    Entry {
        name: "norm21",
        penalty: "0.9*norm21(Y)",
        constraint: "",
        value: |y| 0.9 * y.chunks(3).map(norm2).sum::<f64>(),
        into: anywhere,
    },
    Entry {
        name: "rows in the simplex",
        penalty: "",
        constraint: "rows(Y) in simplex(2)",
        value: zero,
        into: |y| {
            y.chunks_mut(3).for_each(|row| {
                onto_simplex(row);
                row.iter_mut().for_each(|v| *v *= 2.0);
            });
        },
    },
    Entry {
        name: "rows in the l1 ball",
        penalty: "",
        constraint: "rows(Y) in ball1(0.8)",
        value: zero,
        into: |y| y.chunks_mut(3).for_each(|row| within(row, norm1(row), 0.8)),
    },
    Entry {
        name: "columns in the ball",
        penalty: "",
        constraint: "cols(Y) in ball2(0.8)",
        value: zero,
        into: |y| {
            for j in 0..3 {
                let mut column = [y[j], y[j + 3]];
                let size = norm2(&column);
                within(&mut column, size, 0.8);
                (y[j], y[j + 3]) = (column[0], column[1]);
            }
        },
    },
    Entry {
        name: "subspace + norm2",
        penalty: "0.8*norm2(y)",
        constraint: "dot([1, -1, 2, 0.5, 0, 1], y) == 0",
        value: |y| 0.8 * norm2(y),
        into: |y| onto_row(y, &ROW, 0.0),
    },
    Entry {
        name: "entropy on the simplex",
        penalty: "0.5*neg_entropy(y)",
        constraint: "y in simplex",
        value: |y| 0.5 * entropy(y),
        into: onto_simplex,
    },
    Entry {
        name: "entropy on the simplex, row by row",
        penalty: "0.5*neg_entropy(Y)",
        constraint: "rows(Y) in simplex",
        value: |y| 0.5 * entropy(y),
        into: |y| y.chunks_mut(3).for_each(onto_simplex),
    },
    Entry {
        name: "entropy on the simplex, column by column",
        penalty: "0.5*neg_entropy(Y)",
        constraint: "cols(Y) in simplex",
        value: |y| 0.5 * entropy(y),
        into: |y| {
            for j in 0..3 {
                let mut column = [y[j], y[j + 3]];
                onto_simplex(&mut column);
                (y[j], y[j + 3]) = (column[0], column[1]);
            }
        },
    },
    Entry {
        name: "neg_entropy with a fixed sum",
        penalty: "0.5*neg_entropy(y)",
        constraint: "sum(y) == 1",
        value: |y| 0.5 * entropy(y),
        into: onto_simplex,
    },
    Entry {
        name: "norm1 with balls of single entries",
        penalty: "0.3*norm1(y)",
        constraint: "norm2(y[1] - 1) <= 0.5, abs(y[2]) <= 0.1, y[3] == 0.2",
        value: |y| 0.3 * norm1(y),
        into: |y| {
            y[1] = y[1].clamp(0.5, 1.5);
            y[2] = y[2].clamp(-0.1, 0.1);
            y[3] = 0.2;
        },
    },
    Entry {
        name: "l1 ball in a box",
        penalty: "",
        constraint: "0 <= y <= 0.4, norm1(y) <= 1.2",
        value: zero,
        into: |y| onto_box_row(y, &[1.0; N], (0.0, 0.4), (f64::NEG_INFINITY, 1.2)),
    },
    Entry {
        name: "simplex with caps",
        penalty: "",
        constraint: "y <= 0.4, y in simplex",
        value: zero,
        into: |y| onto_box_row(y, &[1.0; N], (0.0, 0.4), (1.0, 1.0)),
    },
    Entry {
        name: "the same groups twice",
        penalty: "0.4*group_norm(y, 2) + 0.5*group_norm(y, 2)",
        constraint: "",
        value: |y| 0.9 * groups2(y),
        into: anywhere,
    },
    Entry {
        name: "capped simplex + norm1",
        penalty: "0.3*norm1([0, 0.1, 0.3, 0.5, 1, 2] .* y)",
        constraint: "0 <= y <= 0.4, sum(y) == 1",
        value: |y| 0.3 * y.iter().zip(WEIGHTS).map(|(y, w)| w * y.abs()).sum::<f64>(),
        into: |y| onto_box_row(y, &[1.0; N], (0.0, 0.4), (1.0, 1.0)),
    },
    Entry {
        name: "box + hyperplane",
        penalty: "",
        constraint: "y in box(-1, 0.5), dot([1, -1, 2, 0.5, 0, 1], y) == 0.7",
        value: zero,
        into: |y| onto_box_row(y, &ROW, (-1.0, 0.5), (0.7, 0.7)),
    },
    Entry {
        name: "cone + slab",
        penalty: "",
        constraint: "y >= 0, 0.5 <= dot([1, -1, 2, 0.5, 0, 1], y) <= 0.7",
        value: zero,
        into: |y| onto_box_row(y, &ROW, (0.0, f64::INFINITY), (0.5, 0.7)),
    },
    Entry {
        name: "norm1 of the dct",
        penalty: "0.6*norm1(dct(y) - [1, 0, 0, -1, 0, 3])",
        constraint: "",
        value: |y| 0.6 * dct(y).iter().zip(SHIFT).map(|(t, c)| (t - c).abs()).sum::<f64>(),
        into: anywhere,
    },
    Entry {
        name: "norm_inf of the dct",
        penalty: "0.9*norm_inf(2*dct(y))",
        constraint: "",
        value: |y| 1.8 * max_abs(&dct(y)),
        into: anywhere,
    },
    Entry {
        name: "l1 ball of the dct",
        penalty: "",
        constraint: "dct(y) in ball1(1.5)",
        value: zero,
        into: |y| {
            let mut t = dct(y);
            let size = norm1(&t);
            within(&mut t, size, 1.5);
            y.copy_from_slice(&dct_back(&t));
        },
    },
    Entry {
        name: "box of the dct",
        penalty: "",
        constraint: "-1 <= dct(y) <= 0.5",
        value: zero,
        into: |y| {
            let t: Vec<f64> = dct(y).iter().map(|t| t.clamp(-1.0, 0.5)).collect();
            y.copy_from_slice(&dct_back(&t));
        },
    },
    Entry {
        name: "neg_entropy, scaled and shifted",
        penalty: "0.4*neg_entropy(1 - 2*y)",
        constraint: "",
        value: |y| 0.4 * entropy(&y.iter().map(|y| 1.0 - 2.0 * y).collect::<Vec<f64>>()),
        into: |y| y.iter_mut().for_each(|v| *v = v.min(0.5)),
    },
    Entry {
        name: "neg_entropy + box",
        penalty: "0.4*neg_entropy(y)",
        constraint: "y in box(0.1, 1)",
        value: |y| 0.4 * entropy(y),
        into: |y| y.iter_mut().for_each(|v| *v = v.clamp(0.1, 1.0)),
    },
    Entry {
        name: "neg_entropy + a bound from above",
        penalty: "0.4*neg_entropy(y)",
        constraint: "y <= 0.3",
        value: |y| 0.4 * entropy(y),
        into: |y| y.iter_mut().for_each(|v| *v = v.clamp(0.0, 0.3)),
    },
    Entry {
        name: "neg_entropy + norm1",
        penalty: "0.4*neg_entropy(y) + norm1([0, 0.1, 0.3, 0.5, 1, 2] .* y)",
        constraint: "",
        value: |y| 0.4 * entropy(y) + y.iter().zip(WEIGHTS).map(|(y, w)| w * y.abs()).sum::<f64>(),
        into: nonneg,
    },
    Entry {
        name: "norm1, weighted and shifted",
        penalty: "norm1([0, 0.1, 0.3, 0.5, 1, 2] .* (y - [1, 0, 0, -1, 0, 3]))",
        constraint: "",
        value: |y| y.iter().zip(SHIFT).zip(WEIGHTS).map(|((y, c), w)| w * (y - c).abs()).sum(),
        into: anywhere,
    },
    Entry {
        name: "a column",
        penalty: "0.5*norm1(Y[.., 1]) + 0.3*norm2(Y[.., 1])",
        constraint: "",
        value: |y| 0.5 * norm1(&[y[1], y[4]]) + 0.3 * norm2(&[y[1], y[4]]),
        into: anywhere,
    },
    Entry {
        name: "bounds of a column",
        penalty: "",
        constraint: "Y[.., 2] >= 0.3",
        value: zero,
        into: |y| [2, 5].iter().for_each(|i| y[*i] = y[*i].max(0.3)),
    },
    Entry {
        name: "disjoint groups + norm1",
        penalty: "norm2(y[0..2]) + 2*norm2(y[2..6]) + 0.1*norm1(y)",
        constraint: "",
        value: |y| norm2(&y[..2]) + 2.0 * norm2(&y[2..]) + 0.1 * norm1(y),
        into: anywhere,
    },
    Entry {
        name: "a fixed entry in a cone",
        penalty: "",
        constraint: "y[2] == 0.25, y >= 0",
        value: zero,
        into: |y| {
            nonneg(y);
            y[2] = 0.25;
        },
    },
    Entry {
        name: "mirrored simplex",
        penalty: "",
        constraint: "-2*y in simplex",
        value: zero,
        into: |y| {
            y.iter_mut().for_each(|v| *v *= -2.0);
            onto_simplex(y);
            y.iter_mut().for_each(|v| *v /= -2.0);
        },
    },
];

const SHIFT: [f64; N] = [1.0, 0.0, 0.0, -1.0, 0.0, 3.0];

/// Entry (k, i) of the orthonormal DCT-II.
fn cosine(k: usize, i: usize, n: usize) -> f64 {
    let scale = if k == 0 { 1.0 } else { 2.0 };
    (scale / n as f64).sqrt() * (std::f64::consts::PI * (i as f64 + 0.5) * k as f64 / n as f64).cos()
}

fn dct(y: &[f64]) -> Vec<f64> {
    let n = y.len();
    (0..n).map(|k| (0..n).map(|i| cosine(k, i, n) * y[i]).sum()).collect()
}

fn dct_back(t: &[f64]) -> Vec<f64> {
    let n = t.len();
    (0..n).map(|i| (0..n).map(|k| cosine(k, i, n) * t[k]).sum()).collect()
}

/// A small generator with a fixed seed: the tests must not change from run to run.
pub struct Random(pub u64);

impl Random {
    /// In [−1, 1).
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0
    }
}

/// Points of several sizes, and special ones.
pub fn points() -> Vec<[f64; N]> {
    let mut r = Random(7);
    let mut points: Vec<[f64; N]> =
        (0..4).map(|k| std::array::from_fn(|_| r.next() * [0.1, 1.0, 3.0, 30.0][k])).collect();
    points.push([0.0; N]);
    points.push([1.0; N]);
    points.push([0.8, -0.8, 0.4, -0.4, 0.25, 1e-9]);
    points
}

fn list(v: &[f64]) -> String {
    let parts: Vec<String> = v.iter().map(|x| format!("{x:?}")).collect();
    format!("[{}]", parts.join(", "))
}

/// The problem `h‖y − v‖² + penalty` under the constraint: its solution is the prox at v with the step 1/(2h).
pub fn text(entry: &Entry, h: f64, v: &[f64]) -> String {
    let penalty = if entry.penalty.is_empty() { String::new() } else { format!("{} + ", entry.penalty) };
    let constraint =
        if entry.constraint.is_empty() { String::new() } else { format!("subject to {}\n", entry.constraint) };
    let (y, shape, v) = match unknown(entry) {
        "Y" => ("Y", "matrix[2, 3]".to_owned(), format!("[{}, {}]", list(&v[..3]), list(&v[3..]))),
        y => (y, format!("vector[{N}]"), list(v)),
    };
    format!("const v: {shape} = {v}\nvar {y}: {shape}\nminimize {penalty}{h:?}*||{y} - v||^2\n{constraint}")
}

/// The name of an entry's unknown.
pub fn unknown(entry: &Entry) -> &'static str {
    if entry.penalty.contains('Y') || entry.constraint.contains('Y') { "Y" } else { "y" }
}
