use crate::support::{assert_close, first, norm, numbers};
use sparsec_runtime::{Float, Kernel};

fn definition(x: &[f64]) -> Vec<f64> {
    let n = x.len() as f64;
    let entry = |k: usize| {
        let angle = |i: usize| std::f64::consts::PI * ((2 * i + 1) * k % (4 * x.len())) as f64 / (2.0 * n);
        let scale = if k == 0 { 1.0 / n } else { 2.0 / n }.sqrt();
        scale * x.iter().enumerate().map(|(i, x)| x * angle(i).cos()).sum::<f64>()
    };
    (0..x.len()).map(entry).collect()
}

fn check<T: Float>(tolerance: f64) {
    for n in [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 31, 32, 47, 48, 49, 63, 64, 65, 100, 127, 128, 243, 256, 1000, 1021] {
        let x = numbers(n as u64, n);
        let y = first::<T>(Kernel::Dct, &[n], &[&x]);
        let bound = tolerance * norm(&x) * (n as f64).log2().max(1.0);
        assert_close(&y, &definition(&x), bound.max(2e-12 * tolerance / 1e-15 * 1e-3), "dct");
        assert!((norm(&y) - norm(&x)).abs() <= bound);
        assert_close(&first::<T>(Kernel::DctT, &[n], &[&y]), &x, 2.0 * bound, "dct_t");
    }
}

#[test]
fn cosine_transforms_agree_with_the_definition() {
    check::<f64>(3e-15);
    check::<f32>(1e-6);
}

#[test]
fn a_constant_has_one_coefficient() {
    for n in [1, 2, 8, 9, 64] {
        let y = first::<f64>(Kernel::Dct, &[n], &[&vec![1.0; n]]);
        assert!((y[0] - (n as f64).sqrt()).abs() < 1e-13 && y[1..].iter().all(|y| y.abs() < 1e-13));
    }
    assert!(first::<f64>(Kernel::Dct, &[8], &[&[f64::NAN; 8]]).iter().all(|y| y.is_nan()));
}
