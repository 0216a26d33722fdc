use crate::support::{assert_close, call, inner, norm, numbers};
use sparsec_runtime::{Float, Kernel};

struct Space {
    /// Basis vectors.
    q: Vec<Vec<f64>>,
    columns: Vec<usize>,
    scales: Vec<f64>,
    parts: Vec<Vec<f64>>,
}

fn space<T: Float>(dims: &[usize; 4], a: &[f64], c: &[f64], roots: &[f64], chosen: &[f64]) -> Space {
    let parts = call::<T>(Kernel::ColumnSpace, dims, &[a, c, roots, chosen]);
    let (m, most) = (dims[0] + dims[1], dims[3]);
    let count = parts[2][2 * most] as usize;
    Space {
        q: parts[0].chunks(m).take(count).map(<[f64]>::to_vec).collect(),
        columns: parts[2][..count].iter().map(|c| *c as usize).collect(),
        scales: parts[2][most..][..count].to_vec(),
        parts,
    }
}

/// Column j of diag(roots)·[A; C].
fn column([rows, _, n, _]: &[usize; 4], a: &[f64], c: &[f64], roots: &[f64], j: usize) -> Vec<f64> {
    let entry = |(i, root): (usize, &f64)| root * if i < *rows { a[i * n + j] } else { c[(i - rows) * n + j] };
    roots.iter().enumerate().map(entry).collect()
}

fn check<T: Float>(eps: f64) {
    for dims in [[1, 1, 1, 1], [5, 1, 3, 3], [40, 2, 70, 42], [100, 3, 90, 90], [33, 1, 64, 20]] {
        let [rows, more, n, most] = dims;
        let m = rows + more;
        let (mut a, c) = (numbers(1, rows * n), numbers(2, more * n));
        // Columns in units of their own, every fifth left out.
        for (k, a) in a.iter_mut().enumerate() {
            *a *= 10_f64.powi((k % n) as i32 % 7 - 3);
        }
        let roots: Vec<f64> = numbers(3, m).iter().map(|w| w.abs() + 0.1).collect();
        let chosen: Vec<f64> = (0..n).map(|j| if j % 5 == 4 { 0.0 } else { 1.0 }).collect();
        let found = space::<T>(&dims, &a, &c, &roots, &chosen);
        let asked = chosen.iter().filter(|c| **c > 0.0).count();
        assert_eq!(found.q.len(), asked.min(most).min(m), "{dims:?}");
        assert!(found.columns.iter().all(|j| chosen[*j] > 0.0) && found.columns.is_sorted());
        for (i, u) in found.q.iter().enumerate() {
            for (j, v) in found.q[..=i].iter().enumerate() {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((inner(u, v) - expected).abs() <= 20.0 * eps, "{dims:?}: q{i}·q{j} is {:e}", inner(u, v));
            }
        }
        let r = |i: usize, k: usize| found.parts[1][k * most + i];
        for (k, (j, scale)) in found.columns.iter().zip(&found.scales).enumerate() {
            let expected: Vec<f64> = column(&dims, &a, &c, &roots, *j).iter().map(|x| x * scale).collect();
            let back: Vec<f64> = (0..m).map(|l| (0..=k).map(|i| r(i, k) * found.q[i][l]).sum()).collect();
            assert!((norm(&expected) - 1.0).abs() <= 20.0 * eps);
            assert_close(&back, &expected, 20.0 * eps, "Q R");
        }
    }
}

#[test]
fn columns_are_orthogonal_and_come_back() {
    check::<f64>(f64::EPSILON);
    check::<f32>(f64::from(f32::EPSILON));
}

/// Columns that are 1e-10 apart keep all digits of their difference; doubled, zero and infinite ones are left out.
#[test]
fn collinear_columns_are_kept_and_dependent_ones_left_out() {
    let (m, n) = (50, 40);
    let base = numbers(4, m);
    let mut a = vec![0.0; m * n];
    for j in 0..n {
        let off = numbers(10 + j as u64, m);
        for i in 0..m {
            a[i * n + j] = base[i] + 1e-10 * off[i];
        }
    }
    let ones = [vec![1.0; m], vec![0.0]].concat();
    let found = space::<f64>(&[m, 1, n, n], &a, &vec![0.0; n], &ones, &vec![1.0; n]);
    assert_eq!(found.q.len(), n);
    for (i, u) in found.q.iter().enumerate() {
        assert!(found.q[..i].iter().all(|v| inner(u, v).abs() <= 1e-14));
    }
    for i in 0..m {
        a[i * n + 7] = 0.0;
        a[i * n + 9] = f64::INFINITY;
        a[i * n + 20] = -3.0 * a[i * n + 3];
        a[i * n + 39] = a[i * n + 5] + a[i * n + 6];
    }
    let found = space::<f64>(&[m, 1, n, n], &a, &vec![0.0; n], &ones, &vec![1.0; n]);
    let left_out: Vec<usize> = (0..n).filter(|j| !found.columns.contains(j)).collect();
    assert_eq!(left_out, [7, 9, 20, 39]);
}

/// BᵀB x = b on the chosen columns, 0 elsewhere, and `along` is B x; the latter to rounding also where BᵀB is singular in doubles.
#[test]
fn normal_equations_are_solved() {
    for tiny in [1.0, 1e-5, 1e-9] {
        let dims = [30, 1, 12, 10];
        let [rows, more, n, most] = dims;
        let base = numbers(5, rows);
        let a: Vec<f64> = numbers(6, rows * n).iter().enumerate().map(|(k, off)| base[k / n] + tiny * off).collect();
        let (c, roots) = (numbers(7, more * n), vec![1.0; rows + more]);
        let chosen: Vec<f64> = (0..n).map(|j| if j == 2 || j == 3 { 0.0 } else { 1.0 }).collect();
        let found = space::<f64>(&dims, &a, &c, &roots, &chosen);
        assert_eq!(found.q.len(), 10);
        let b = numbers(8, n);
        let inputs = [&found.parts[0][..], &found.parts[1], &found.parts[2], &b];
        let solved = call::<f64>(Kernel::NormalSolve, &[rows + more, n, most], &inputs);
        let (along, x) = (&solved[0], &solved[1]);
        for j in 0..n {
            let column = column(&dims, &a, &c, &roots, j);
            if chosen[j] == 0.0 {
                assert_eq!(x[j], 0.0);
            } else {
                let size: f64 = column.iter().zip(along).map(|(a, d)| (a * d).abs()).sum();
                assert!((inner(&column, along) - b[j]).abs() <= 1e-14 * (size + b[j].abs()), "{tiny}: row {j}");
            }
        }
        let forward: Vec<f64> =
            (0..rows + more).map(|i| (0..n).map(|j| x[j] * column(&dims, &a, &c, &roots, j)[i]).sum()).collect();
        let size = x.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        assert_close(&forward, along, 1e-13 * size + 1e-12 * norm(along), "B x");
    }
}
