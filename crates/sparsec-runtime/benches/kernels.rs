//! Times of the hot kernels: `cargo bench -p sparsec-runtime`.

use divan::{Bencher, black_box};
use sparsec_runtime::{Float, Kernel, kernels};

fn main() {
    divan::main();
}

fn numbers<T: Float>(len: usize) -> Vec<T> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        T::from_f64((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
    };
    (0..len).map(|_| next()).collect()
}

fn time<T: Float>(bencher: Bencher, kernel: Kernel, dims: &[usize]) {
    let inputs: Vec<Vec<T>> = kernel.input_lens(dims).unwrap().iter().map(|&n| numbers(n)).collect();
    let mut outputs: Vec<Vec<T>> = kernel.output_lens(dims).unwrap().iter().map(|&n| numbers(n)).collect();
    let inputs: Vec<&[T]> = inputs.iter().map(Vec::as_slice).collect();
    let mut outputs: Vec<&mut [T]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    bencher.bench_local(|| kernel.call(black_box(dims), black_box(&inputs), black_box(&mut outputs)));
}

#[divan::bench(types = [f64, f32], args = [(16, 64), (64, 64), (64, 256), (256, 256), (1000, 10000)])]
fn gemv<T: Float>(bencher: Bencher, (rows, cols): (usize, usize)) {
    time::<T>(bencher, Kernel::Gemv, &[rows, cols]);
}

#[divan::bench(types = [f64, f32], args = [(16, 64), (64, 64), (64, 256), (256, 256), (1000, 10000)])]
fn gemv_t<T: Float>(bencher: Bencher, (rows, cols): (usize, usize)) {
    time::<T>(bencher, Kernel::GemvT, &[rows, cols]);
}

#[divan::bench(types = [f64, f32], args = [(64, 64, 64), (256, 64, 256), (512, 512, 512)])]
fn gemm_nn<T: Float>(bencher: Bencher, (m, k, n): (usize, usize, usize)) {
    time::<T>(bencher, Kernel::GemmNn, &[m, k, n]);
}

#[divan::bench(types = [f64, f32], args = [(64, 64, 64), (256, 64, 256), (512, 512, 512)])]
fn gemm_tn<T: Float>(bencher: Bencher, (m, k, n): (usize, usize, usize)) {
    time::<T>(bencher, Kernel::GemmTn, &[m, k, n]);
}

#[divan::bench(types = [f64, f32], args = [(64, 64, 64), (256, 64, 256), (512, 512, 512)])]
fn gemm_nt<T: Float>(bencher: Bencher, (m, k, n): (usize, usize, usize)) {
    time::<T>(bencher, Kernel::GemmNt, &[m, k, n]);
}

#[divan::bench(args = [16, 256, 10000])]
fn project_simplex(bencher: Bencher, n: usize) {
    time::<f64>(bencher, Kernel::ProjectSimplex, &[1, n]);
}

#[divan::bench(args = [16, 256, 10000])]
fn project_ball1(bencher: Bencher, n: usize) {
    let (v, mut out, mut work) = (numbers(n), numbers(n), numbers(n));
    bencher.bench_local(|| kernels::project_ball1::<f64>(1, n, black_box(&v), &[1.0], &mut out, &mut work));
}

#[divan::bench(args = [64, 256])]
fn eigen_max(bencher: Bencher, n: usize) {
    time::<f64>(bencher, Kernel::EigenMax, &[n]);
}

#[divan::bench(args = [64, 256])]
fn psd_factor(bencher: Bencher, n: usize) {
    let (a, mut l, mut perm) = (numbers::<f64>(n * n), numbers(n * n), numbers(n));
    let mut gram = numbers(n * n);
    kernels::gemm_nt(n, n, n, &a, &a, &mut gram);
    bencher.bench_local(|| kernels::psd_factor::<f64>(n, black_box(&gram), &mut l, &mut perm));
}

#[divan::bench(args = [64, 256, 1024])]
fn dct(bencher: Bencher, n: usize) {
    time::<f64>(bencher, Kernel::Dct, &[n]);
}
