//! Numbers and comparisons for the tests.

use sparsec_runtime::{Float, Kernel};

/// Pseudo-random numbers in −1..1.
pub fn numbers(seed: u64, len: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) >> 11
    };
    (0..len).map(|_| next() as f64 / (1_u64 << 52) as f64 - 1.0).collect()
}

pub fn convert<T: Float>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&v| T::from_f64(v)).collect()
}

pub fn widen<T: Float>(values: &[T]) -> Vec<f64> {
    values.iter().map(|v| v.to_f64()).collect()
}

/// Calls a kernel on copies in T, with outputs that hold garbage before, and gives all outputs as f64.
pub fn call<T: Float>(kernel: Kernel, dims: &[usize], inputs: &[&[f64]]) -> Vec<Vec<f64>> {
    let inputs: Vec<Vec<T>> = inputs.iter().map(|v| convert(v)).collect();
    let inputs: Vec<&[T]> = inputs.iter().map(Vec::as_slice).collect();
    let lens = kernel.output_lens(dims).expect("valid sizes");
    let mut outputs: Vec<Vec<T>> = lens.iter().map(|&n| vec![T::from_f64(7e7); n]).collect();
    let mut slices: Vec<&mut [T]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    kernel.call(dims, &inputs, &mut slices);
    outputs.iter().map(|v| widen(v)).collect()
}

/// The first output.
pub fn first<T: Float>(kernel: Kernel, dims: &[usize], inputs: &[&[f64]]) -> Vec<f64> {
    call::<T>(kernel, dims, inputs).swap_remove(0)
}

pub fn assert_close(left: &[f64], right: &[f64], tolerance: f64, what: &str) {
    assert_eq!(left.len(), right.len(), "{what}");
    for (i, (l, r)) in left.iter().zip(right).enumerate() {
        let close = (l - r).abs() <= tolerance || l == r || (l.is_nan() && r.is_nan());
        assert!(close, "{what}: entry {i} is {l:e}, expected {r:e} to {tolerance:e}");
    }
}

pub fn norm(v: &[f64]) -> f64 {
    v.iter().map(|v| v * v).sum::<f64>().sqrt()
}

pub fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A·B for A m×k, B k×n.
pub fn product(m: usize, k: usize, n: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut c = vec![0.0; m * n];
    for i in 0..m {
        for j in 0..n {
            c[i * n + j] = (0..k).map(|p| a[i * k + p] * b[p * n + j]).sum();
        }
    }
    c
}

pub fn transposed(rows: usize, cols: usize, a: &[f64]) -> Vec<f64> {
    (0..cols * rows).map(|i| a[(i % rows) * cols + i / rows]).collect()
}
