use crate::support::{call, first, numbers};
use sparsec_runtime::{Float, Kernel};

/// Integers of up to this many bits.
fn integers(seed: u64, len: usize, bits: u32) -> Vec<f64> {
    numbers(seed, len).iter().map(|x| (x * f64::from(1_u32 << bits)).round()).collect()
}

/// The exact Σ aᵢ xᵢ + b of integers.
fn exact(a: impl Iterator<Item = f64>, x: &[f64], b: f64) -> f64 {
    let sum = a.zip(x).fold(b as i128, |sum, (a, x)| sum + a as i128 * *x as i128);
    sum as f64
}

/// Products of 2·bits digits, whose sum cancels down to a few: a plain sum has no digit right.
fn check<T: Float>(bits: u32) {
    for (rows, cols) in [(1, 1), (3, 5), (7, 8), (20, 33), (64, 100)] {
        let mut a = integers(1, rows * cols, bits);
        let x = integers(2, cols, bits);
        let b: Vec<f64> = (0..rows)
            .map(|i| {
                // −Σ but for a small rest, as far as T can hold it.
                let row = a[i * cols..][..cols].iter().copied();
                let sum = -exact(row, &x, i as f64 + 1.0);
                T::from_f64(sum).to_f64()
            })
            .collect();
        let out = first::<T>(Kernel::GemvTwice, &[rows, cols], &[&a, &x, &b]);
        for i in 0..rows {
            let expected = exact(a[i * cols..][..cols].iter().copied(), &x, b[i]);
            assert_eq!(out[i], T::from_f64(expected).to_f64(), "{rows}×{cols}, row {i}");
        }
        // The same numbers as columns.
        a = (0..rows * cols).map(|k| a[(k % rows) * cols + k / rows]).collect();
        let out = first::<T>(Kernel::GemvTTwice, &[cols, rows], &[&a, &x, &b]);
        for i in 0..rows {
            let expected = exact((0..cols).map(|j| a[j * rows + i]), &x, b[i]);
            assert_eq!(out[i], T::from_f64(expected).to_f64(), "{cols}×{rows}, column {i}");
        }
    }
}

#[test]
fn sums_are_those_of_twice_the_precision() {
    check::<f64>(26);
    check::<f32>(11);
}

#[test]
fn the_largest_and_infinite_numbers_come_out_as_in_plain_sums() {
    for x in [f64::MAX, f64::INFINITY, f64::NAN, 1e300] {
        let out = first::<f64>(Kernel::GemvTwice, &[1, 2], &[&[1.0, 1.0], &[x, 1.0], &[0.0]]);
        assert!(out[0] == x + 1.0 || out[0].is_nan() && x.is_nan(), "{x} gives {out:?}");
        let out = first::<f64>(Kernel::GemvTTwice, &[1, 2], &[&[x, 1.0], &[1.0], &[0.0, 0.0]]);
        assert!(out[0] == x || out[0].is_nan() && x.is_nan(), "{x} gives {out:?}");
    }
}

#[test]
fn sizes_are_those_of_the_entries() {
    let (rows, cols) = (5, 19);
    let (a, x, z) = (numbers(1, rows * cols), numbers(2, cols), numbers(3, rows));
    let sizes = |v: &[f64]| v.iter().map(|v| v.abs()).collect::<Vec<f64>>();
    let plain = first::<f64>(Kernel::Gemv, &[rows, cols], &[&sizes(&a), &sizes(&x)]);
    assert_eq!(first::<f64>(Kernel::GemvSizes, &[rows, cols], &[&a, &x]), plain);
    let plain = first::<f64>(Kernel::GemvT, &[rows, cols], &[&sizes(&a), &sizes(&z)]);
    let out = first::<f64>(Kernel::GemvTSizes, &[rows, cols], &[&a, &z]);
    assert!(out.iter().zip(&plain).all(|(out, plain)| (out - plain).abs() <= 1e-14 * plain));
}

#[test]
fn blocks_are_placed_and_the_rest_stays() {
    assert_eq!(first::<f64>(Kernel::Unit, &[3], &[&[1.0]]), [0.0, 1.0, 0.0]);
    assert_eq!(first::<f64>(Kernel::Unit, &[3], &[&[7.0]]), [0.0; 3]);
    let into = call::<f64>(Kernel::PlaceBlock, &[2, 2, 3, 4], &[&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0]]);
    let kept = 7e7;
    assert_eq!(into[0], [kept, kept, kept, kept, kept, kept, 1.0, 2.0, kept, kept, 3.0, 4.0]);
    let out = call::<f64>(Kernel::PlaceBlock, &[2, 2, 3, 4], &[&[1.0, 2.0, 3.0, 4.0], &[2.0, 3.0]]);
    assert_eq!(out[0][11], 1.0);
    assert!(out[0][..11].iter().all(|x| *x == kept));
}
