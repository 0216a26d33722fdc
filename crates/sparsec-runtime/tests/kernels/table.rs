//! The table itself, and what holds for all kernels.

use crate::support::{convert, numbers};
use sparsec_runtime::kernels::{SOURCES, eigen, factor, products, simplex, sparse_rows};
use sparsec_runtime::{Float, Kernel, kernels};

#[test]
fn names_are_unique_and_found() {
    for &kernel in Kernel::ALL {
        assert_eq!(Kernel::from_name(kernel.name()), Some(kernel));
        assert!(!kernel.doc().is_empty() && kernel.dims().len() <= 4);
        assert_eq!(kernel.source().module, kernel.module());
        assert!(kernel.source().text.contains(&format!("pub fn {}<T: Float>(", kernel.name())), "{kernel}");
    }
    assert_eq!(Kernel::from_name("gem"), None);
}

#[test]
fn lengths_are_checked() {
    assert_eq!(Kernel::Gemv.input_lens(&[3, 4]).as_deref(), Some(&[12, 4][..]));
    assert_eq!(Kernel::Conv.output_lens(&[3, 4]).as_deref(), Some(&[6][..]));
    assert_eq!(Kernel::Gemv.input_lens(&[3]), None);
    assert_eq!(Kernel::Gemv.input_lens(&[3, 0]), None);
    assert_eq!(Kernel::Gemv.input_lens(&[usize::MAX, 2]), None);
    for &kernel in Kernel::ALL {
        let ones = vec![1; kernel.dims().len()];
        assert!(kernel.input_lens(&ones).is_some() && kernel.output_lens(&ones).is_some(), "{kernel}");
        let huge = vec![usize::MAX; kernel.dims().len()];
        let overflows = kernel.input_lens(&huge).is_none() || kernel.output_lens(&huge).is_none();
        // The lengths of these are dims themselves, not products of them.
        let plain = [Kernel::GroupNorms, Kernel::GroupSums, Kernel::GroupMax, Kernel::GroupSpread].contains(&kernel);
        assert!(overflows || kernel.dims().len() == 1 || plain, "{kernel}");
    }
}

#[test]
fn sources_name_what_they_use() {
    for source in SOURCES {
        let mut used: Vec<&str> = Vec::new();
        for other in SOURCES {
            let mentions = source.text.contains(&format!("{}::", other.module));
            if mentions && other.module != source.module {
                used.push(other.module);
            }
        }
        let mut declared = source.uses.to_vec();
        declared.sort_unstable();
        used.sort_unstable();
        assert_eq!(used, declared, "{}", source.module);
        assert!(!source.text.contains("crate::") && !source.text.contains("unsafe"), "{}", source.module);
        assert!(!source.text.contains("#[cfg"), "{}", source.module);
    }
}

const SIZES: [usize; 7] = [1, 2, 3, 5, 8, 13, 18];

/// Runs `check` with each kernel and several sizes.
fn for_each_case(mut check: impl FnMut(Kernel, &[usize])) {
    for &kernel in Kernel::ALL {
        for i in 0..SIZES.len() * 3 {
            let pick = |k: usize| SIZES[(i * (2 * k + 1) + k) % SIZES.len()];
            let dims: Vec<usize> = (0..kernel.dims().len()).map(pick).collect();
            check(kernel, &dims);
        }
    }
}

fn call_with<T: Float>(kernel: Kernel, dims: &[usize], inputs: &[Vec<f64>], garbage: f64) -> Vec<Vec<T>> {
    let inputs: Vec<Vec<T>> = inputs.iter().map(|v| convert(v)).collect();
    let inputs: Vec<&[T]> = inputs.iter().map(Vec::as_slice).collect();
    let lens = kernel.output_lens(dims).expect("valid sizes");
    let mut outputs: Vec<Vec<T>> = lens.iter().map(|&n| vec![T::from_f64(garbage); n]).collect();
    let mut slices: Vec<&mut [T]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    kernel.call(dims, &inputs, &mut slices);
    outputs
}

/// What was in the outputs before makes no difference, and every output but `work` is written whole.
#[test]
fn outputs_are_written_and_not_read() {
    for_each_case(|kernel, dims| {
        let lens = kernel.input_lens(dims).expect("valid sizes");
        let inputs: Vec<Vec<f64>> = lens.iter().enumerate().map(|(i, &n)| numbers(i as u64, n)).collect();
        let a = call_with::<f64>(kernel, dims, &inputs, 3.0);
        let b = call_with::<f64>(kernel, dims, &inputs, f64::NAN);
        for (i, (a, b)) in a.iter().zip(&b).enumerate() {
            if !kernel.is_work(i) && !kernel.is_kept(i) {
                let bits = |v: &[f64]| v.iter().map(|v| if v.is_nan() { 1 } else { v.to_bits() }).collect::<Vec<_>>();
                assert_eq!(bits(a), bits(b), "{kernel} {dims:?}");
            }
        }
    });
}

/// Nothing that floats can hold makes a kernel panic or hang.
#[test]
fn nasty_inputs_are_survived() {
    let nasty =
        [f64::NAN, 0.0, -0.0, 1e150, -1e150, 1e-150, f64::INFINITY, f64::NEG_INFINITY, 5e-324, f64::MAX, 1.0, -1.0];
    for_each_case(|kernel, dims| {
        for start in 0..nasty.len() {
            for repeat in [1, 3, 1000] {
                let lens = kernel.input_lens(dims).expect("valid sizes");
                let fill = |(i, &n): (usize, &usize)| {
                    (0..n).map(|j| nasty[(start + i + j / repeat) % nasty.len()]).collect::<Vec<f64>>()
                };
                let inputs: Vec<Vec<f64>> = lens.iter().enumerate().map(fill).collect();
                call_with::<f64>(kernel, dims, &inputs, 0.0);
                call_with::<f32>(kernel, dims, &inputs, 0.0);
            }
        }
    });
}

/// The dispatched functions give the bits of the plain ones, which this test compiles for the baseline processor.
#[test]
fn wider_vectors_change_no_bits() {
    fn check<T: Float>() {
        for (rows, cols) in [(1, 1), (3, 5), (4, 16), (9, 33), (64, 256), (70, 19), (300, 40)] {
            let a: Vec<T> = convert(&numbers(1, rows * cols));
            let b: Vec<T> = convert(&numbers(2, rows * cols));
            let (mut plain, mut wide) = (vec![T::ZERO; 90_000], vec![T::ONE; 90_000]);
            let (mut work, mut work_2) = (vec![T::ZERO; 90_000], vec![T::ZERO; 90_000]);
            let same = |plain: &[T], wide: &[T], len: usize, what: &str| {
                let equal = |(a, b): (&T, &T)| a.to_f64().to_bits() == b.to_f64().to_bits();
                assert!(plain[..len].iter().zip(&wide[..len]).all(equal), "{what} {rows}×{cols}");
            };
            products::gemv(rows, cols, &a, &b, &mut plain);
            kernels::gemv(rows, cols, &a, &b, &mut wide);
            same(&plain, &wide, rows, "gemv");
            products::gemv_t(rows, cols, &a, &b, &mut plain);
            kernels::gemv_t(rows, cols, &a, &b, &mut wide);
            same(&plain, &wide, cols, "gemv_t");
            sparse_rows::combine_rows(rows, cols, &a, &b, &mut plain);
            kernels::combine_rows(rows, cols, &a, &b, &mut wide);
            same(&plain, &wide, cols, "combine_rows");
            products::gemm_nt(rows, cols, rows, &a, &b, &mut plain);
            kernels::gemm_nt(rows, cols, rows, &a, &b, &mut wide);
            same(&plain, &wide, rows * rows, "gemm_nt");
            products::gemm_tn(cols, rows, cols, &a, &b, &mut plain);
            kernels::gemm_tn(cols, rows, cols, &a, &b, &mut wide);
            same(&plain, &wide, cols * cols, "gemm_tn");
            products::gemm_nn(rows, cols, rows, &a, &b, &mut plain);
            kernels::gemm_nn(rows, cols, rows, &a, &b, &mut wide);
            same(&plain, &wide, rows * rows, "gemm_nn");
            let radius = [T::from_f64(0.7)];
            simplex::project_simplex(rows, cols, &a, &radius, &mut plain, &mut work);
            kernels::project_simplex(rows, cols, &a, &radius, &mut wide, &mut work_2);
            same(&plain, &wide, rows * cols, "project_simplex");
            simplex::project_ball1(rows, cols, &a, &radius, &mut plain, &mut work);
            kernels::project_ball1(rows, cols, &a, &radius, &mut wide, &mut work_2);
            same(&plain, &wide, rows * cols, "project_ball1");
            eigen::spectral_norm_squared(rows, cols, &a, &mut plain, &mut work);
            kernels::spectral_norm_squared(rows, cols, &a, &mut wide, &mut work_2);
            same(&plain, &wide, 1, "spectral_norm_squared");
            let n = if rows < cols { rows } else { cols };
            factor::psd_factor(n, &a, &mut plain, &mut work);
            kernels::psd_factor(n, &a, &mut wide, &mut work_2);
            same(&plain, &wide, n * n, "psd_factor");
        }
    }
    check::<f64>();
    check::<f32>();
}
