//! Combinations of the rows in use.

use sparsec_runtime::kernels::products::gemv_t;
use sparsec_runtime::kernels::sparse_rows::combine_rows;

#[test]
fn zero_factors_change_nothing() {
    let (rows, cols) = (37, 11);
    let a: Vec<f64> = (0..rows * cols).map(|i| ((i * 37 % 101) as f64 - 50.0) / 7.0).collect();
    for keep in [0usize, 1, 3, 7, 8, 9, 16, 37] {
        let x: Vec<f64> = (0..rows).map(|i| if i * 5 % rows < keep { i as f64 - 9.5 } else { 0.0 }).collect();
        let (mut sparse, mut dense) = (vec![1.0; cols], vec![2.0; cols]);
        combine_rows(rows, cols, &a, &x, &mut sparse);
        gemv_t(rows, cols, &a, &x, &mut dense);
        assert_eq!(sparse, dense);
    }
}

#[test]
fn a_nan_factor_is_seen() {
    let mut out = [0.0f32; 2];
    combine_rows(2, 2, &[1.0, 2.0, 3.0, 4.0], &[0.0, f32::NAN], &mut out);
    assert!(out.iter().all(|v| v.is_nan()));
}
