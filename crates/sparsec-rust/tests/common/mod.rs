//! Specs for the tests, built by hand: a small lasso solved with ISTA, and a program with every kind of instruction.
#![allow(dead_code)]

use sparsec_program::builder::{Builder, when};
use sparsec_program::formula::{Entries, Formula};
use sparsec_program::program::{BlockKind, Compare, Role, View};
use sparsec_program::solver::{Claim, Domain, Input, InputKind, Output, Report, Settings, Shape, Signals, SolverSpec};
use sparsec_program::verify::{Verified, verify};
use sparsec_runtime::Kernel;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Views of objective and gap.
struct Measured {
    objective: View,
    gap: View,
}

/// `‖x − D y‖² + λ ‖y‖₁` and its relative duality gap, of given views.
fn measure(b: &mut Builder, (m, n): (usize, usize), d: View, x: View, lambda: View, y: View) -> Measured {
    let r = b.scratch("residual", m);
    let u = b.scratch("correlation", n);
    let (fit, size, largest) = (b.scratch("fit", 1), b.scratch("size", 1), b.scratch("largest", 1));
    let (xr, dual) = (b.scratch("xr", 1), b.scratch("dual", 1));
    let objective = b.state("objective", 1, "objective at the iterate");
    let gap = b.state("gap", 1, "relative duality gap at the iterate");
    b.kernel(Kernel::Gemv, &[m, n], &[d, y], &[r]);
    b.map(m, |map| {
        let e = x - r;
        map.store(r, &e);
        map.sum(fit, e.square());
        map.sum(xr, x * e);
    });
    b.kernel(Kernel::GemvT, &[m, n], &[d, r], &[u]);
    b.map(n, |map| {
        map.sum(size, y.abs());
        map.max(largest, u.abs());
    });
    b.map(1, |map| {
        // The dual point is 2 s r with s = min(1, λ / (2 largest)); its value is s (2 xr − s fit).
        let value = fit + lambda * size;
        let reach = 2.0 * largest;
        let s = reach.le(lambda).then(1.0, lambda / reach);
        let bound = &s * (2.0 * xr - &s * fit);
        map.store(objective, &value);
        map.store(dual, &bound);
        map.store(gap, (&value - bound) / value.abs().max(1.0));
    });
    Measured { objective, gap }
}

/// sign(v) max(|v| − t, 0)
fn soft(v: &Formula, t: &Formula) -> Formula {
    (v - t).max(0.0) + (v + t).min(0.0)
}

/// A spec's program, for tests that change it.
pub fn lasso_program(m: usize, n: usize) -> (Builder, LassoViews) {
    let mut b = Builder::new("lasso");
    let d = b.buffer("D", m, n, Role::Const, "the dictionary");
    let lipschitz = b.derived("lipschitz", 1, 1, "a bound of the largest eigenvalue of DᵀD");
    let gamma = b.derived("gamma", 1, 1, "step size: 1 / (2 lipschitz)");
    let x = b.buffer("x", m, 1, Role::Param, "the signal");
    let lambda = b.buffer("lambda", 1, 1, Role::Param, "");
    let start = b.buffer("start_y", n, 1, Role::Param, "");
    let has_start = b.buffer("has_start", 1, 1, Role::Param, "");
    let y = b.state("y", n, "the iterate");
    let r = b.scratch("r", m);
    let g = b.scratch("g", n);
    let best = b.state("best_gap", 1, "smallest gap so far");
    let kept = b.state("kept", 1, "objective there");
    let scale = b.state("scale", 1, "size of the objective");
    let out = b.buffer("y_best", n, 1, Role::Output, "the best iterate");

    b.at(BlockKind::Setup);
    let k = m.min(n);
    let work = b.scratch("work", k * (k.min(512) + 4) + m.max(n));
    b.kernel(Kernel::SpectralNormSquared, &[m, n], &[d], &[lipschitz, work]);
    b.set(gamma, 0.5 / lipschitz);

    b.at(BlockKind::Prepare);
    b.branch(when(has_start, Compare::Eq, 1.0), |b| b.copy(y, start), |b| b.fill(y, 0.0));
    b.fill(best, f64::INFINITY);

    b.at(BlockKind::Step);
    b.kernel(Kernel::Gemv, &[m, n], &[d, y], &[r]);
    b.set(r, r - x);
    b.kernel(Kernel::GemvT, &[m, n], &[d, r], &[g]);
    b.set(y, soft(&(y - gamma * (2.0 * g)), &(gamma * lambda)));

    b.at(BlockKind::Stop);
    let measured = measure(&mut b, (m, n), d, x, lambda, y);
    b.branch(
        when(measured.gap, Compare::Lt, best),
        |b| {
            b.copy(best, measured.gap);
            b.copy(kept, measured.objective);
            b.copy(out, y);
        },
        |_| {},
    );
    b.set(scale, measured.objective.abs().max(1.0));
    let objective = measured.objective;
    let views = LassoViews { d, x, lambda, start, has_start, best, kept, scale, out, objective };
    (b, views)
}

/// Views of [`lasso_program`].
#[derive(Clone, Copy)]
pub struct LassoViews {
    pub d: View,
    pub x: View,
    pub lambda: View,
    pub start: View,
    pub has_start: View,
    pub best: View,
    pub kept: View,
    pub scale: View,
    pub out: View,
    pub objective: View,
}

/// A lasso with consts `D`, params `x` and `lambda >= 0 = 0.1`, unknown `y`.
pub fn lasso(name: &str, m: usize, n: usize) -> SolverSpec<Verified> {
    let (b, views) = lasso_program(m, n);
    let program = verified(b);

    let mut c = Builder::new("lasso_check");
    c.at(BlockKind::Finish);
    let d = c.buffer("D", m, n, Role::Const, "");
    let x = c.buffer("x", m, 1, Role::Param, "");
    let lambda = c.buffer("lambda", 1, 1, Role::Param, "");
    let y = c.buffer("y", n, 1, Role::Param, "the point");
    let measured = measure(&mut c, (m, n), d, x, lambda, y);
    let [bound, residual, rounding, zero] = ["bound", "residual", "rounding", "zero"].map(|name| c.state(name, 1, ""));
    let tol = c.buffer("tol", 1, 1, Role::Param, "");
    let size = measured.objective.abs().max(1.0);
    c.set(bound, measured.objective - measured.gap * &size);
    c.set(rounding, 1e-13 * size);
    c.fill(residual, -1.0);
    let check = verified(c);

    let input = |name: &str, docs: &str, kind, shape, buffer: View, check_buffer: View| Input {
        name: name.to_owned(),
        canonical: name.to_owned(),
        docs: docs.to_owned(),
        kind,
        shape,
        default: None,
        domains: Vec::new(),
        allow_infinite: false,
        buffer: Some(buffer.buffer),
        check_buffer: Some(check_buffer.buffer),
    };
    let mut penalty = input("lambda", "", InputKind::Param, Shape::Scalar, views.lambda, lambda);
    penalty.name = "λ".to_owned();
    penalty.default = Some(vec![0.1]);
    penalty.domains = vec![Domain::AtLeast(0.0)];
    SolverSpec {
        name: name.to_owned(),
        docs: "Sparse coding of a signal.".to_owned(),
        inputs: vec![
            input("D", "One atom a column.", InputKind::Const, Shape::Matrix(m, n), views.d, d),
            input("x", "The signal.", InputKind::Param, Shape::Vector(m), views.x, x),
            penalty,
        ],
        outputs: vec![Output {
            name: "y".to_owned(),
            canonical: "y".to_owned(),
            docs: String::new(),
            shape: Shape::Vector(n),
            view: views.out,
            start: Some(views.start),
            check_view: y,
        }],
        signals: Signals {
            objective: views.objective,
            measure: views.best,
            scale: views.scale,
            kept: views.kept,
            has_start: Some(views.has_start),
        },
        report: Report {
            tol,
            objective: measured.objective,
            bound,
            gap: measured.gap,
            leftover: zero,
            residual,
            violation: zero,
            slackness: zero,
            contradiction: zero,
            infeasible: zero,
            unbounded: zero,
            rounding,
            disagreement: zero,
            gradient: Vec::new(),
            terms: Vec::new(),
        },
        settings: Settings {
            algorithm: "ista",
            tol: None,
            max_iter: 10_000,
            check_every: 10,
            exact_steps: false,
            early: false,
            claim: Claim::Optimal,
        },
        derivation: "f(y) = ‖x − D y‖², its gradient 2Dᵀ(Dy − x)\ng(y) = λ ‖y‖₁, its prox the soft threshold"
            .to_owned(),
        program,
        check,
    }
}

/// The program, verified.
pub fn verified(b: Builder) -> Verified {
    match verify(b.finish()) {
        Ok(program) => program,
        Err(error) => panic!("{error}"),
    }
}

/// Numbers in [-1, 1) from a seed.
pub fn numbers(len: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        })
        .collect()
}

/// A folder of the test's own.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Compiles and asks for silence.
pub fn rustc(folder: &Path, file: &str, arguments: &[&str]) {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let edition: &[&str] = if arguments.contains(&"--edition") { &[] } else { &["--edition", "2024"] };
    let output = Command::new(rustc)
        .current_dir(folder)
        .args(edition)
        .args(["-D", "warnings", "-W", "missing-docs"])
        .args(arguments)
        .arg(file)
        .output()
        .expect("rustc");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.is_empty(), "{text}");
}
