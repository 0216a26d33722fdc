//! Checks of data against its declaration.

use sparsec_runtime::domain::{Domain, Violation, check, scratch_len};

fn violation(values: &[f64], rows: usize, cols: usize, domains: &[Domain]) -> Option<(usize, Violation)> {
    let mut scratch = vec![0.0; scratch_len(rows, cols, domains).unwrap()];
    check(values, rows, cols, domains, false, &mut scratch).err().map(|e| (e.index, e.violation))
}

// Fault 41.
#[test]
fn not_finite() {
    assert_eq!(violation(&[1.0, f64::NAN], 2, 1, &[]), Some((1, Violation::NotFinite)));
    assert_eq!(violation(&[f64::INFINITY], 1, 1, &[]), Some((0, Violation::NotFinite)));
    assert_eq!(check(&[f64::INFINITY], 1, 1, &[], true, &mut []), Ok(()));
    assert!(check(&[f64::NAN], 1, 1, &[], true, &mut []).is_err());
    assert_eq!(violation(&[1.0], 2, 1, &[]), Some((0, Violation::WrongLength)));
}

#[test]
fn bounds() {
    let cases = [
        (Domain::AtLeast(0.0), 0.0, -1e-300),
        (Domain::Above(0.0), 1e-300, 0.0),
        (Domain::AtMost(1.0), 1.0, 1.5),
        (Domain::Below(1.0), 0.5, 1.0),
        (Domain::Nonzero, 1e-300, -0.0),
    ];
    for (domain, good, bad) in cases {
        assert_eq!(violation(&[good, good], 2, 1, &[domain]), None);
        assert_eq!(violation(&[good, bad], 2, 1, &[domain]), Some((1, Violation::Outside(domain))));
    }
    let error = check(&[-2.0_f32], 1, 1, &[Domain::AtLeast(0.0)], false, &mut []).unwrap_err();
    assert_eq!(error.to_string(), "entry 0 is -2, but every entry must be >= 0");
}

// Fault 49.
#[test]
fn matrices() {
    let symmetric = &[Domain::Symmetric];
    assert_eq!(violation(&[1.0, 2.0, 2.0, 5.0], 2, 2, symmetric), None);
    assert_eq!(violation(&[1.0, 2.0, 2.0 + 1e-15, 5.0], 2, 2, symmetric), None);
    let wrong = Violation::NotSymmetric { mirrored: 1, mirrored_value: 2.0 };
    assert_eq!(violation(&[1.0, 2.0, 3.0, 5.0], 2, 2, symmetric), Some((2, wrong)));
    assert_eq!(violation(&[1.0, 2.0], 1, 2, symmetric), Some((0, Violation::NotSquare)));
    let psd = &[Domain::Psd];
    assert_eq!(violation(&[1.0, 2.0, 2.0, 5.0], 2, 2, psd), None);
    assert_eq!(violation(&[1.0, 1.0, 1.0, 1.0], 2, 2, psd), None);
    assert_eq!(violation(&[0.0; 9], 3, 3, psd), None);
    assert_eq!(violation(&[1.0, 2.0, 2.0, 3.0], 2, 2, psd), Some((3, Violation::NotPsd)));
    assert_eq!(violation(&[-1e-9], 1, 1, psd), Some((0, Violation::NotPsd)));
    assert!(check(&[1.0], 1, 1, psd, false, &mut []).is_err());
    let error = check(&[1.0, 2.0, 2.0, 3.0], 2, 2, psd, false, &mut [0.0; 4]).unwrap_err();
    assert!((error.value + 1.0).abs() < 1e-12, "x = (-2, 1) gives {}", error.value);
    // Beyond the sizes that `eigen_min` brackets to rounding.
    let n = 600;
    let mut large: Vec<f64> = (0..n * n).map(|e| f64::from(e % n == 0) * f64::from(e < n)).collect();
    large[n * n - 1] = 1e6;
    assert_eq!(violation(&large, n, n, psd), None);
    large[5 * n + 5] = -1e-3;
    assert_eq!(violation(&large, n, n, psd), Some((5 * n + 5, Violation::NotPsd)));
    // Singular Gram matrices pass, scaled ones too.
    for scale in [1e-100, 1.0, 1e100] {
        let b: Vec<f64> = (0..40).map(|i| ((i * i) as f64).sin() * scale).collect();
        let gram: Vec<f64> = (0..400).map(|e| (0..2).map(|r| b[r * 20 + e / 20] * b[r * 20 + e % 20]).sum()).collect();
        assert_eq!(violation(&gram, 20, 20, psd), None);
    }
}
