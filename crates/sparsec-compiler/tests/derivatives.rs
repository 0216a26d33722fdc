//! Laws of the prox and its Jacobian over the catalogue, from the very instructions that solvers are made of.

mod common;

use common::entries::{ENTRIES, Entry, N, Random, text};
use common::{memories, stages};
use sparsec_compiler::lower::{Emit, Mode};
use sparsec_program::executor::Executor;
use sparsec_program::formula::Value;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::program::{BlockKind, BufferId, Role};
use sparsec_program::verify::verify;

const GAMMA: f64 = 0.7;

/// x = prox_γ(v) and J d of an entry's penalties and sets.
struct Prox {
    run: Interpreter<f64>,
    run32: Interpreter<f32>,
    storage: Vec<f64>,
    workspace: Vec<f64>,
    /// Where v, d, x and J d lie.
    at: [usize; 4],
}

impl Prox {
    fn of(entry: &Entry) -> Self {
        let stages = stages(&text(entry, 0.5, &[0.0; N]));
        let blocks = &stages.composite.blocks;
        assert_eq!(blocks.len(), 1, "{}", entry.name);
        let mut cx = Emit::new(&stages.model, Mode::Check);
        let v = cx.b.buffer("v", N, 1, Role::Param, "");
        let d = cx.b.buffer("d", N, 1, Role::Param, "");
        let x = cx.b.buffer("x", N, 1, Role::Output, "");
        let jd = cx.b.buffer("jd", N, 1, Role::Output, "");
        cx.prox_block(&blocks[0], v, Value::Literal(GAMMA), x);
        cx.jacobian_block(&blocks[0], v, Value::Literal(GAMMA), d, jd);
        let program = verify(cx.b.finish()).unwrap_or_else(|e| panic!("{}: {e}", entry.name));
        let layout = Layout::of(&program);
        let at = [v, d, x, jd].map(|view| layout.place(view.buffer).1);
        let (storage, workspace) = memories(&program);
        for (i, b) in program.program().buffers.iter().enumerate() {
            let fed = [v, d].iter().any(|view| view.buffer == BufferId(i as u32));
            assert!(fed || !matches!(b.role, Role::Const | Role::Param), "{}: {} is not fed", entry.name, b.name);
        }
        Prox { run: Interpreter::new(&program), run32: Interpreter::new(&program), storage, workspace, at }
    }

    fn both(&mut self, v: &[f64], d: &[f64]) -> ([f64; N], [f64; N]) {
        let [at_v, at_d, at_x, at_jd] = self.at;
        self.workspace[at_v..at_v + N].copy_from_slice(v);
        self.workspace[at_d..at_d + N].copy_from_slice(d);
        self.run.run(BlockKind::Finish, &self.storage, &mut self.workspace);
        let out = |at: usize| std::array::from_fn(|i| self.workspace[at + i]);
        (out(at_x), out(at_jd))
    }

    fn prox(&mut self, v: &[f64]) -> [f64; N] {
        self.both(v, &[0.0; N]).0
    }

    fn jacobian(&mut self, v: &[f64], d: &[f64]) -> [f64; N] {
        self.both(v, d).1
    }

    /// The prox in f32, from the same storage rounded.
    fn prox32(&mut self, v: &[f64]) -> [f64; N] {
        let storage: Vec<f32> = self.storage.iter().map(|&x| x as f32).collect();
        let mut workspace = vec![0.0_f32; self.workspace.len()];
        for (to, &from) in workspace[self.at[0]..].iter_mut().zip(v) {
            *to = from as f32;
        }
        self.run32.run(BlockKind::Finish, &storage, &mut workspace);
        std::array::from_fn(|i| f64::from(workspace[self.at[2] + i]))
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn random(r: &mut Random, scale: f64) -> [f64; N] {
    std::array::from_fn(|_| scale * r.next())
}

/// J d is the derivative of the prox along d wherever it has one, and J is symmetric with 0 ≤ J ≤ I.
#[test]
fn the_jacobian_is_the_derivative_of_the_prox() {
    // Differences over 2h: the truncation is O(h²) times a third derivative of order 1, the rounding ε·|v|/h.
    let (h, tolerance) = (1e-6, 1e-7);
    for entry in ENTRIES {
        let mut prox = Prox::of(entry);
        let mut r = Random(3);
        let mut compared = 0;
        for k in 0..60 {
            let scale: f64 = [0.3, 1.0, 3.0][k % 3];
            let (v, d, e) = (random(&mut r, scale), random(&mut r, 1.0), random(&mut r, 1.0));
            let step = |s: f64| -> [f64; N] { std::array::from_fn(|i| v[i] + s * h * d[i]) };
            let (here, before, after) = (prox.prox(&v), prox.prox(&step(-1.0)), prox.prox(&step(1.0)));
            let (jd, je) = (prox.jacobian(&v, &d), prox.jacobian(&v, &e));
            let kink = (0..N).any(|i| ((after[i] - here[i]) - (here[i] - before[i])).abs() > 1e-3 * h);
            if kink {
                continue;
            }
            compared += 1;
            for i in 0..N {
                let difference = (after[i] - before[i]) / (2.0 * h);
                let name = entry.name;
                assert!((difference - jd[i]).abs() <= tolerance, "{name}: {} is not {difference}, {v:?} {d:?}", jd[i]);
            }
            assert!((dot(&jd, &e) - dot(&je, &d)).abs() <= 1e-12, "{}: not symmetric at {v:?}", entry.name);
            let bent = dot(&jd, &d);
            assert!(bent >= -1e-12 && bent <= dot(&d, &d) + 1e-12, "{}: {bent} at {v:?}", entry.name);
        }
        assert!(compared >= 50, "{}: {compared} points without a kink", entry.name);
    }
}

/// At kinks, at 0 and at points that are far out the Jacobian is still an element between 0 and I.
#[test]
fn the_jacobian_is_bounded_at_special_points() {
    let t = GAMMA;
    let special =
        [[0.0; N], [1.0; N], [t; N], [-t; N], [1e9; N], [1e-12; N], [0.8 * t, -0.8 * t, t, 0.0, -0.0, 0.6 * t]];
    for entry in ENTRIES {
        let mut prox = Prox::of(entry);
        for v in special {
            let mut r = Random(5);
            for _ in 0..5 {
                let d = random(&mut r, 1.0);
                let jd = prox.jacobian(&v, &d);
                let bent = dot(&jd, &jd);
                // Products of Jacobians need not be symmetric where the prox has a kink, but their norm is at most 1.
                assert!(bent <= dot(&d, &d) * (1.0 + 1e-12), "{}: J d = {jd:?} for d = {d:?} at {v:?}", entry.name);
            }
        }
    }
}

/// ‖p − q‖² ≤ ⟨p − q, v − w⟩ for the proxes p, q of v, w.
#[test]
fn the_prox_is_firmly_nonexpansive() {
    for entry in ENTRIES {
        let mut prox = Prox::of(entry);
        let mut r = Random(9);
        for k in 0..60 {
            let scale: f64 = [0.1, 1.0, 30.0][k % 3];
            let (v, w) = (random(&mut r, scale), random(&mut r, scale));
            let (p, q) = (prox.prox(&v), prox.prox(&w));
            let moved: [f64; N] = std::array::from_fn(|i| p[i] - q[i]);
            let apart: [f64; N] = std::array::from_fn(|i| v[i] - w[i]);
            // Each prox is right to a few units of the largest entry.
            let slack = 1e-13 * scale * scale.max(1.0);
            assert!(dot(&moved, &moved) <= dot(&moved, &apart) + slack, "{}: {v:?} {w:?}", entry.name);
        }
    }
}

/// A NaN in the argument is in the result: nothing turns it into a number.
#[test]
fn the_prox_hands_a_nan_on() {
    for entry in ENTRIES {
        let mut prox = Prox::of(entry);
        let mut v = [0.5; N];
        v[2] = f64::NAN;
        assert!(prox.prox(&v).iter().any(|x| x.is_nan()), "{}", entry.name);
    }
}

#[test]
fn the_prox_in_f32_is_that_in_f64_to_its_precision() {
    for entry in ENTRIES {
        let mut prox = Prox::of(entry);
        let mut r = Random(13);
        for k in 0..30 {
            let scale: f64 = [0.3, 1.0, 10.0][k % 3];
            // A prox is nonexpansive: rounding v moves it by at most √n ε|v|; the sums inside take n terms of that size.
            let tolerance = 64.0 * f64::from(f32::EPSILON) * scale.max(1.0);
            let v = random(&mut r, scale);
            let (double, single) = (prox.prox(&v), prox.prox32(&v));
            for (a, b) in double.iter().zip(single) {
                assert!((a - b).abs() <= tolerance, "{}: {b} is not {a} at {v:?}", entry.name);
            }
        }
    }
}
