//! Laws of the catalogue: every function, set and sum with a prox against plain definitions.
//!
//! Each entry is solved as `h‖y − v‖² + g(y)`, whose solution is the prox of g at v with step 1/(2h). The definition of g is written here a
//! second time, in plain Rust, and the answer must be no worse than any of many feasible points around it. The objective is strongly
//! convex, so a point that is no worse than its neighbours is the prox.

mod common;

use common::solve;

/// A penalty or set, its constraint, its plain definition (without the indicator) and a map of any point into the set.
struct Entry {
    name: &'static str,
    penalty: &'static str,
    constraint: &'static str,
    value: fn(&[f64]) -> f64,
    into: fn(&mut [f64]),
}

const N: usize = 6;

fn norm1(y: &[f64]) -> f64 {
    y.iter().map(|v| v.abs()).sum()
}

fn norm2(y: &[f64]) -> f64 {
    y.iter().map(|v| v * v).sum::<f64>().sqrt()
}

fn max_abs(y: &[f64]) -> f64 {
    y.iter().fold(0.0, |m, v| v.abs().max(m))
}

fn groups2(y: &[f64]) -> f64 {
    y.chunks(2).map(norm2).sum()
}

fn zero(_: &[f64]) -> f64 {
    0.0
}

fn anywhere(_: &mut [f64]) {}

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
        y.fill(1.0 / N as f64);
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

const ROW: [f64; N] = [1.0, -1.0, 2.0, 0.5, 0.0, 1.0];
const WEIGHTS: [f64; N] = [0.0, 0.1, 0.3, 0.5, 1.0, 2.0];

const ENTRIES: &[Entry] = &[
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
        value: |y| y.iter().zip([1.0, 0.0, 0.0, -1.0, 0.0, 3.0]).map(|(y, c)| 0.5 * (2.0 * y - c).abs()).sum(),
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
        name: "entropy on the simplex",
        penalty: "0.5*neg_entropy(y)",
        constraint: "y in simplex",
        value: |y| 0.5 * entropy(y),
        into: onto_simplex,
    },
];

/// A small generator with a fixed seed: the tests must not change from run to run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0
    }
}

fn points() -> Vec<[f64; N]> {
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

fn text(entry: &Entry, h: f64, v: &[f64]) -> String {
    let penalty = if entry.penalty.is_empty() { String::new() } else { format!("{} + ", entry.penalty) };
    let constraint =
        if entry.constraint.is_empty() { String::new() } else { format!("subject to {}\n", entry.constraint) };
    format!("const v: vector[{N}] = {}\nvar y: vector[{N}]\nminimize {penalty}{h:?}*||y - v||^2\n{constraint}", list(v))
}

#[test]
fn the_prox_is_no_worse_than_any_point_around_it() {
    for entry in ENTRIES {
        for (k, v) in points().iter().enumerate() {
            for h in [0.5, 0.05] {
                let s = solve(&text(entry, h, v), 1e-12);
                let y = &s.point["y"];
                let of =
                    |y: &[f64]| h * y.iter().zip(v).map(|(y, v)| (y - v) * (y - v)).sum::<f64>() + (entry.value)(y);
                let at = of(y);
                let size = at.abs().max(1.0);
                let case = format!("{} at point {k}, h = {h}", entry.name);
                assert!((at - s.objective).abs() <= 1e-12 * size, "{case}: objective {} is not {at}", s.objective);
                assert!(s.violation <= 1e-12 * max_abs(v).max(1.0), "{case}: violation {}", s.violation);
                assert!(s.gap <= 1e-10 && s.gap >= -1e-13, "{case}: gap {}", s.gap);
                let mut r = Random(k as u64 + 11);
                for scale in [1.0, 1e-1, 1e-2, 1e-3, 1e-4] {
                    for _ in 0..40 {
                        let mut q: Vec<f64> = y.iter().map(|y| y + scale * r.next()).collect();
                        (entry.into)(&mut q);
                        // Rounding of both objectives; the set may be left by as much as the map into it rounds.
                        assert!(of(&q) >= at - 1e-11 * size, "{case}: {} < {at} at {q:?}, not {y:?}", of(&q));
                    }
                }
            }
        }
    }
}

#[test]
fn every_function_with_a_prox_and_every_set_has_an_entry() {
    use sparsec_compiler::calculus::Form;
    let texts: Vec<String> = ENTRIES.iter().map(|e| format!("{} {}", e.penalty, e.constraint)).collect();
    let has = |name: &str| texts.iter().any(|t| t.contains(name));
    for f in sparsec_compiler::calculus::functions::FUNCTIONS {
        if matches!(f.form(), Form::Proxable(_)) {
            assert!(has(f.name()), "{} has no entry", f.name());
        }
    }
    for s in sparsec_compiler::calculus::sets::SETS {
        let spelled = match s.name() {
            "ball1" => "norm1(y) <=",
            "ball_inf" => "norm_inf(y) <=",
            // The mirror image of nonneg, made of the same atom.
            "nonpos" => continue,
            name => name,
        };
        assert!(has(spelled), "{} has no entry", s.name());
    }
}

/// Sums whose prox is not the composition of the proxes: they must be refused.
#[test]
fn traps_are_refused() {
    let traps = [
        ("norm1(y)", "dot([1, 1, 1, 1, 1, 2], y) == 1"),
        ("group_norm(y, 2)", "y in box(-1, 1)"),
        ("", "y in simplex, norm2(y) <= 0.5"),
        ("", "y in box(0, 1), sum(y) == 2"),
        ("norm1([1, 1, 1, 1, 1, 2] .* y) + norm_inf(y)", ""),
        ("norm_inf(y) + group_norm(y, 2)", ""),
        ("neg_entropy(y)", "y in box(0.1, 1)"),
        ("norm2(y)", "norm1(y) <= 1"),
        ("norm1(y)", "norm2(y - [1, 0, 0, 0, 0, 0]) <= 1"),
        ("norm1(diff(y))", ""),
        ("", "diff(y) >= 0"),
    ];
    for (penalty, constraint) in traps {
        let entry = Entry { name: "", penalty, constraint, value: zero, into: anywhere };
        let text = text(&entry, 0.5, &[1.0; N]);
        let ast = sparsec_syntax::parse(&text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let result = sparsec_compiler::compile(&ast, "trap", &sparsec_compiler::Options::default());
        let errors = result.err().unwrap_or_else(|| panic!("accepted: {penalty} {constraint}"));
        assert!(errors.iter().all(|e| e.code.code == "E0402" && !e.labels.is_empty()), "{text}: {errors:?}");
    }
}
