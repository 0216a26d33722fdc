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
fn columns_in_their_own_units() {
    for (rows, cols) in [(3, 5), (5, 3), (6, 6)] {
        let plain = numbers(3, rows * cols);
        let unit = |j: usize| [1.0, 1e6, 1e-5][j % 3];
        let a: Vec<f64> = plain.iter().enumerate().map(|(k, x)| x * unit(k % cols)).collect();
        let square = |j: usize| (0..rows).map(|i| a[i * cols + j] * a[i * cols + j]).sum();
        let columns: Vec<f64> = (0..cols).map(square).collect();
        assert_eq!(first::<f64>(Kernel::ColumnSquares, &[rows, cols], &[&a]), columns);
        let scaled = first::<f64>(Kernel::UnitColumns, &[rows, cols], &[&a, &columns]);
        for j in 0..cols {
            let length: f64 = (0..rows).map(|i| scaled[i * cols + j] * scaled[i * cols + j]).sum();
            assert!((length - 1.0).abs() < 1e-14, "{length}");
        }
        let norm = first::<f64>(Kernel::SpectralNormSquared, &[rows, cols], &[&scaled])[0];
        assert!(norm >= 1.0 && norm <= cols as f64 * (1.0 + 1e-12), "{norm}");
        // They are not alike: all stay. With one factor for all the largest stands for each.
        assert_eq!(first::<f64>(Kernel::Alike, &[cols], &[&columns, &[16.0]]), columns);
        let top = columns.iter().copied().fold(0.0, f64::max);
        let alike = first::<f64>(Kernel::Alike, &[cols], &[&columns, &[1e30]]);
        assert_eq!(alike, vec![top; cols]);
        let whole = first::<f64>(Kernel::SpectralNormSquared, &[rows, cols], &[&a])[0];
        let scaled = first::<f64>(Kernel::UnitColumns, &[rows, cols], &[&a, &alike]);
        let norm_alike = first::<f64>(Kernel::SpectralNormSquared, &[rows, cols], &[&scaled])[0];
        assert!((norm_alike * top / whole - 1.0).abs() < 1e-12, "{norm_alike} {whole}");
        let single = first::<f32>(Kernel::UnitColumns, &[rows, cols], &[&a, &columns]);
        let single = first::<f32>(Kernel::SpectralNormSquared, &[rows, cols], &[&single])[0];
        assert!((single / norm - 1.0).abs() < 1e-3, "{single} {norm}");
    }
    assert_eq!(first::<f64>(Kernel::Alike, &[3], &[&[25.0, 0.0, 1.0], &[0.0]]), [25.0, 25.0, 1.0]);
    assert_eq!(first::<f64>(Kernel::Alike, &[2], &[&[0.0, 0.0], &[16.0]]), [0.0, 0.0]);
    assert_eq!(
        first::<f64>(Kernel::UnitColumns, &[2, 2], &[&[3.0, 0.0, 4.0, 0.0], &[25.0, 0.0]]),
        [0.6, 0.0, 0.8, 0.0]
    );
    let nan = first::<f64>(Kernel::Alike, &[2], &[&[f64::NAN, 1.0], &[16.0]]);
    let scaled = first::<f64>(Kernel::UnitColumns, &[1, 2], &[&[f64::NAN, 1.0], &nan]);
    assert!(first::<f64>(Kernel::SpectralNormSquared, &[1, 2], &[&scaled])[0].is_nan());
}

#[test]
fn factors_are_spread() {
    let ids = [0.0, -1.0, 1.0, f64::NAN, 7.0, 0.0];
    assert_eq!(first::<f64>(Kernel::GroupSpread, &[6, 2], &[&ids, &[2.0, 3.0]]), [2.0, 1.0, 3.0, 1.0, 1.0, 2.0]);
}
