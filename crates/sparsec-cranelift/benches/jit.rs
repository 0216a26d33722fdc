//! Compile time, and time for one iteration, of a program like FISTA on a lasso of 64 × 256.

use sparsec_cranelift::{Precision, asm, clif, compile};
use sparsec_program::builder::{Builder, when};
use sparsec_program::executor::Executor;
use sparsec_program::formula::Entries;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::program::{BlockKind, Compare, Role, View};
use sparsec_program::verify::{Verified, verify};
use sparsec_runtime::{Float, Kernel};

const ROWS: usize = 64;
const COLS: usize = 256;

fn main() {
    divan::main();
}

/// FISTA with restart; `products` says whether with the products, or with the elementwise part alone.
fn fista(products: bool) -> Verified {
    let mut b = Builder::new("fista");
    let (m, n) = (ROWS, COLS);
    let d = b.buffer("D", m, n, Role::Const, "");
    let x = b.buffer("x", m, 1, Role::Param, "");
    let lambda = b.buffer("lambda", 1, 1, Role::Param, "");
    let lipschitz = b.derived("L", 1, 1, "");
    let work = b.derived("work", 1, m * (m + 4) + n, "");
    let [y, z, g] = ["y", "z", "g"].map(|name| b.state(name, n, ""));
    let [t, best, gap, objective] = ["t", "best", "gap", "objective"].map(|name| b.state(name, 1, ""));
    let out = b.buffer("out", n, 1, Role::Output, "");

    b.kernel(Kernel::SpectralNormSquared, &[m, n], &[d], &[lipschitz, work]);
    b.at(BlockKind::Prepare);
    b.fill(t, 1.0);
    b.fill(best, f64::INFINITY);

    b.at(BlockKind::Step);
    let r = b.scratch("r", m);
    if products {
        residual(&mut b, d, x, z, r);
        b.kernel(Kernel::GemvT, &[m, n], &[d, r], &[g]);
    } else {
        b.copy(r, x);
    }
    let [step, threshold, momentum, turn] = ["step", "threshold", "momentum", "turn"].map(|name| b.scratch(name, 1));
    b.set(step, 1.0 / lipschitz);
    b.set(threshold, step * lambda);
    b.map(1, |m| {
        let next = 0.5 * (1.0 + (1.0 + 4.0 * t.square()).sqrt());
        m.store(t, &next);
        m.store(momentum, (t - 1.0) / next);
    });
    b.map(n, |m| {
        let v = z - step * g;
        let next = (&v - threshold).max(0.0) + (&v + threshold).min(0.0);
        let change = &next - y;
        m.store(y, &next);
        m.store(z, &next + momentum * &change);
        m.sum(turn, (z - next) * change);
    });
    b.branch(
        when(0.0, Compare::Lt, turn),
        |b| {
            b.fill(t, 1.0);
            b.copy(z, y);
        },
        |_| {},
    );

    b.at(BlockKind::Stop);
    let [half_square, norm, largest] = ["half_square", "norm", "largest"].map(|name| b.scratch(name, 1));
    if products {
        residual(&mut b, d, x, y, r);
        b.kernel(Kernel::GemvT, &[m, n], &[d, r], &[g]);
    } else {
        b.copy(r, x);
    }
    b.sum(half_square, 0.5 * r.square());
    b.map(n, |m| {
        m.sum(norm, y.abs());
        m.max(largest, g.abs());
    });
    let [scale, dual] = ["scale", "dual"].map(|name| b.scratch(name, 1));
    b.set(scale, (lambda / largest).min(1.0));
    let theta = scale * r;
    b.sum(dual, -(0.5 * theta.square() + theta * x));
    b.map(1, |m| {
        let primal = half_square + lambda * norm;
        m.store(objective, &primal);
        m.store(gap, (&primal - dual) / primal.abs().max(1.0));
    });
    b.branch(
        when(gap, Compare::Lt, best),
        |b| {
            b.copy(best, gap);
            b.copy(out, y);
        },
        |_| {},
    );
    verify(b.finish()).expect("a valid program")
}

/// r = D v − x
fn residual(b: &mut Builder, d: View, x: View, v: View, r: View) {
    b.kernel(Kernel::Gemv, &[ROWS, COLS], &[d, v], &[r]);
    b.set(r, r - x);
}

#[divan::bench(types = [f64, f32])]
fn compile_fista<T: Float>(bencher: divan::Bencher) {
    let program = fista(true);
    bencher.bench(|| compile::<T>(&program).expect("native code"));
}

#[divan::bench]
fn text_of_fista() -> (String, String) {
    let program = fista(true);
    (clif(&program, Precision::F64).expect("text"), asm(&program, Precision::F64).expect("text"))
}

/// Memories with plausible numbers, after `setup` and `prepare`.
fn ready<T: Float>(program: &Verified, run: &dyn Executor<T>) -> (Vec<T>, Vec<T>) {
    let layout = Layout::of(program);
    let mut seed = 1_u64;
    let mut numbers = |len: usize| -> Vec<T> {
        let next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            T::from_f64((seed >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
        };
        std::iter::repeat_with(next).take(len).collect()
    };
    let mut storage = numbers(layout.storage_len());
    let mut workspace = numbers(layout.workspace_len());
    run.setup(&mut storage, &mut workspace);
    run.run(BlockKind::Prepare, &storage, &mut workspace);
    (storage, workspace)
}

fn time<T: Float>(bencher: divan::Bencher, products: bool, block: BlockKind, native: bool) {
    let program = fista(products);
    let run: Box<dyn Executor<T>> = if native {
        Box::new(compile::<T>(&program).expect("native code"))
    } else {
        Box::new(Interpreter::new(&program))
    };
    let (storage, mut workspace) = ready(&program, &*run);
    bencher.bench_local(|| run.run(block, &storage, &mut workspace));
}

#[divan::bench(types = [f64, f32])]
fn step_elementwise<T: Float>(bencher: divan::Bencher) {
    time::<T>(bencher, false, BlockKind::Step, true);
}

#[divan::bench(types = [f64, f32])]
fn stop_elementwise<T: Float>(bencher: divan::Bencher) {
    time::<T>(bencher, false, BlockKind::Stop, true);
}

#[divan::bench(types = [f64, f32])]
fn step_with_products<T: Float>(bencher: divan::Bencher) {
    time::<T>(bencher, true, BlockKind::Step, true);
}

#[divan::bench(types = [f64, f32])]
fn step_elementwise_interpreted<T: Float>(bencher: divan::Bencher) {
    time::<T>(bencher, false, BlockKind::Step, false);
}

/// The kernels of a step without the program around them.
#[divan::bench(types = [f64, f32])]
fn products_alone<T: Float>(bencher: divan::Bencher) {
    let d = vec![T::from_f64(0.25); ROWS * COLS];
    let (mut r, mut g) = (vec![T::ONE; ROWS], vec![T::ONE; COLS]);
    bencher.bench_local(|| {
        Kernel::Gemv.call(&[ROWS, COLS], &[&d, &g], &mut [&mut r]);
        Kernel::GemvT.call(&[ROWS, COLS], &[&d, &r], &mut [&mut g]);
        g.fill(T::ONE);
    });
}
