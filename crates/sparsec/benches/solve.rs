//! What a user waits for: text to native code, one iteration in each executor beside a hand-written loop, a lasso to a gap of 1e-6.
//!
//! `cargo bench -p sparsec --bench solve`. Compare rows of one run only.

use divan::{Bencher, black_box};
use sparsec::{Backend, Options, Problem, Solver, View, sparse_solver};

const M: usize = 64;
const N: usize = 256;
/// Steps of the rows that compare iterations.
const STEPS: u64 = 500;

const TEXT: &str = "problem lasso {
    dim m = 64, n = 256
    const D: matrix[m, n]
    param x: vector[m]
    param λ: scalar >= 0
    var y: vector[n]
    minimize ‖x − D y‖² + λ ‖y‖₁
}";

sparse_solver! {
    <f64; m = 64, n = 256>
    problem generated {
        const D: matrix[m, n]
        param x: vector[m]
        param lambda: scalar >= 0
        var y: vector[n]
        minimize ||x - D*y||^2 + lambda*||y||_1
    }
}

/// Normal numbers from a fixed seed (sums of uniform ones).
fn normal(len: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    (0..len).map(|_| (0..12).map(|_| uniform()).sum()).collect()
}

struct Data {
    d: Vec<f64>,
    x: Vec<f64>,
    lambda: f64,
}

/// A dictionary of unit-norm Gaussian atoms, a signal of ten of them, and λ = 0.1 λmax.
fn data() -> Data {
    let mut d = normal(M * N, 1);
    for j in 0..N {
        let norm = (0..M).map(|i| d[i * N + j] * d[i * N + j]).sum::<f64>().sqrt();
        (0..M).for_each(|i| d[i * N + j] /= norm);
    }
    let (weights, noise) = (normal(10, 2), normal(M, 3));
    let x: Vec<f64> =
        (0..M).map(|i| (0..10).map(|k| weights[k] * d[i * N + 25 * k]).sum::<f64>() + 0.01 * noise[i]).collect();
    let top = (0..N).map(|j| (0..M).map(|i| 2.0 * d[i * N + j] * x[i]).sum::<f64>().abs()).fold(0.0, f64::max);
    Data { d, x, lambda: 0.1 * top }
}

fn solver(data: &Data, backend: Backend, tol: f64, max_iter: u64) -> Solver<f64> {
    let options = Options::new().backend(backend).tol(tol).max_iter(max_iter);
    let problem = Problem::parse(TEXT).expect("the text is right");
    problem.compile::<f64>(&options).expect("it compiles").bind([("D", View::matrix(M, N, &data.d))]).expect("it binds")
}

fn solve(bencher: Bencher, backend: Backend, tol: f64, max_iter: u64) {
    let data = data();
    let solver = solver(&data, backend, tol, max_iter);
    let params = [("x", View::from(data.x.as_slice())), ("lambda", View::from(data.lambda))];
    let mut workspace = solver.workspace().expect("memory");
    let mut y = vec![0.0; N];
    bencher.bench_local(|| solver.solve_into(&params, &mut [("y", &mut y)], &mut workspace).map(|r| r.iterations));
}

/// Parsing, resolution, derivation, lowering, passes, Cranelift.
#[divan::bench]
fn text_to_native_code(bencher: Bencher) {
    bencher.bench_local(|| {
        let options = Options::new().backend(Backend::Jit);
        Problem::parse(black_box(TEXT)).and_then(|p| p.compile::<f64>(&options)).map(|c| c.backend())
    });
}

#[divan::bench]
fn steps_500_jit(bencher: Bencher) {
    solve(bencher, Backend::Jit, 0.0, STEPS);
}

#[divan::bench]
fn steps_500_interpreter(bencher: Bencher) {
    solve(bencher, Backend::Interpreter, 0.0, STEPS);
}

#[divan::bench]
fn steps_500_generated_rust(bencher: Bencher) {
    let data = data();
    let coder = Generated::new(&data.d).expect("the dictionary is right");
    let coder = coder.with_tol(0.0).with_max_iter(STEPS);
    bencher.bench_local(|| coder.solve(&data.x, data.lambda).map(|s| s.iterations));
}

/// FISTA with gradient restart as one would write it: no gap, no check, no sparsity.
fn by_hand(data: &Data, step: f64, steps: u64) -> Vec<f64> {
    let (mut v, mut w, mut next) = (vec![0.0; N], vec![0.0; N], vec![0.0; N]);
    let (mut r, mut g, mut t) = (vec![0.0; M], vec![0.0; N], 1.0_f64);
    for _ in 0..steps {
        for (i, r) in r.iter_mut().enumerate() {
            let row = &data.d[i * N..(i + 1) * N];
            // Eight sums, so that the compiler may use vectors.
            let mut sums = [0.0; 8];
            for (a, b) in row.chunks_exact(8).zip(w.chunks_exact(8)) {
                for k in 0..8 {
                    sums[k] += a[k] * b[k];
                }
            }
            *r = 2.0 * (sums.iter().sum::<f64>() - data.x[i]);
        }
        g.fill(0.0);
        for (i, r) in r.iter().enumerate() {
            for (g, d) in g.iter_mut().zip(&data.d[i * N..(i + 1) * N]) {
                *g += r * d;
            }
        }
        let mut against = 0.0;
        for j in 0..N {
            let z = w[j] - step * g[j];
            next[j] = (z - step * data.lambda).max(0.0) + (z + step * data.lambda).min(0.0);
            against += (w[j] - next[j]) * (next[j] - v[j]);
        }
        let (beta, k) = if against > 0.0 {
            (0.0, 1.0)
        } else {
            let k = 0.5 * (1.0 + (1.0 + 4.0 * t * t).sqrt());
            ((t - 1.0) / k, k)
        };
        t = k;
        for j in 0..N {
            w[j] = next[j] + beta * (next[j] - v[j]);
            v[j] = next[j];
        }
    }
    v
}

#[divan::bench]
fn steps_500_by_hand(bencher: Bencher) {
    let data = data();
    // The largest eigenvalue of D Dᵀ, by the power method with room to spare.
    let mut u = vec![1.0; M];
    let mut top = 1.0;
    for _ in 0..200 {
        let back: Vec<f64> = (0..N).map(|j| (0..M).map(|i| data.d[i * N + j] * u[i]).sum()).collect();
        let image: Vec<f64> = (0..M).map(|i| (0..N).map(|j| data.d[i * N + j] * back[j]).sum()).collect();
        top = image.iter().map(|v| v * v).sum::<f64>().sqrt();
        u = image.iter().map(|v| v / top).collect();
    }
    let step = 1.0 / (2.0 * top * 1.0001);
    bencher.bench_local(|| by_hand(black_box(&data), step, STEPS));
}

/// To a relative gap of 1e-6, certified.
#[divan::bench]
fn lasso_to_1e_6_jit(bencher: Bencher) {
    solve(bencher, Backend::Jit, 1e-6, 100_000);
}

fn main() {
    divan::main();
}
