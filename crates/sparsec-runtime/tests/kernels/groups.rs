use crate::support::{assert_close, first, norm, numbers};
use sparsec_runtime::Kernel;

#[test]
fn norms_of_groups_and_rows() {
    let v = numbers(1, 12);
    let ids = [0.0, 1.0, -1.0, 2.0, 0.0, 1.0, 2.0, 2.0, 0.0, -1.0, 4.0, 1.0];
    for scale in [1.0, 1e-160, 1e160, 1e-300, 1e300] {
        let scaled: Vec<f64> = v.iter().map(|v| v * scale).collect();
        let found = first::<f64>(Kernel::GroupNorms, &[12, 5], &[&ids, &scaled]);
        let of =
            |g: f64| norm(&v.iter().zip(&ids).filter(|(_, id)| **id == g).map(|(v, _)| *v).collect::<Vec<_>>()) * scale;
        assert_close(&found, &[of(0.0), of(1.0), of(2.0), 0.0, of(4.0)], 1e-14 * scale, "groups");
        let rows = first::<f64>(Kernel::RowNorms, &[3, 4], &[&scaled]);
        let expected: Vec<f64> = v.chunks(4).map(|row| norm(row) * scale).collect();
        assert_close(&rows, &expected, 1e-14 * scale, "rows");
    }
}

#[test]
fn groups_of_different_scale() {
    let ids = [0.0, 0.0, 1.0, 1.0, 2.0];
    let found = first::<f64>(Kernel::GroupNorms, &[5, 3], &[&ids, &[3e200, 4e200, 3e-200, 4e-200, 0.0]]);
    assert!((found[0] / 5e200 - 1.0).abs() < 1e-15 && (found[1] / 5e-200 - 1.0).abs() < 1e-15, "{found:?}");
    assert_eq!(found[2], 0.0);
    let found = first::<f64>(Kernel::GroupNorms, &[3, 2], &[&[0.0, 1.0, 0.0], &[1.0, f64::NAN, 2.0]]);
    assert!((found[0] - 5.0_f64.sqrt()).abs() < 1e-15 && found[1].is_nan());
    let found = first::<f32>(Kernel::GroupNorms, &[2, 1], &[&[0.0, 0.0], &[3e30, 4e30]]);
    assert!((found[0] / 5e30 - 1.0).abs() < 1e-6);
    let infinite = first::<f64>(Kernel::GroupNorms, &[2, 1], &[&[0.0, 0.0], &[f64::INFINITY, 1.0]]);
    assert_eq!(infinite, [f64::INFINITY]);
    assert_eq!(first::<f64>(Kernel::RowNorms, &[1, 2], &[&[f64::NEG_INFINITY, 1.0]]), [f64::INFINITY]);
}

#[test]
fn the_largest_of_each_group() {
    let ids = [0.0, -1.0, 1.0, 0.0, 7.0, 1.0];
    let found = first::<f64>(Kernel::GroupMax, &[6, 3], &[&ids, &[-2.0, 9.0, 3.0, -1.0, 8.0, 2.5]]);
    assert_eq!(found, [-1.0, 3.0, f64::NEG_INFINITY]);
    assert!(first::<f64>(Kernel::GroupMax, &[2, 1], &[&[0.0, 0.0], &[f64::NAN, 1.0]])[0].is_nan());
}

#[test]
fn factors_are_spread() {
    let ids = [0.0, -1.0, 1.0, f64::NAN, 7.0, 0.0];
    assert_eq!(first::<f64>(Kernel::GroupSpread, &[6, 2], &[&ids, &[2.0, 3.0]]), [2.0, 1.0, 3.0, 1.0, 1.0, 2.0]);
}
