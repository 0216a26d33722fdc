//! Orthonormal bases of row spaces, for affine constraints.
//!
//! Gram–Schmidt, modified and done twice for each row (Giraud, Langou & Rozložník, *Computers & Mathematics with
//! Applications* 50, 2005: twice is enough).

use super::{Float, reduce};

/// `A = L Q`: rows of Q are orthonormal, or 0 where a row of A depends on those before it (what is left of it is at most
/// `8·max(k, n)·eps` of its length); L is lower triangular with 0 on the diagonal there. Shapes: a k×n, q k×n, l k×k.
#[inline(always)]
pub fn row_space<T: Float>(k: usize, n: usize, a: &[T], q: &mut [T], l: &mut [T]) {
    let (a, q, l) = (&a[..k * n], &mut q[..k * n], &mut l[..k * k]);
    l.fill(T::ZERO);
    let tolerance = T::from_usize(8 * if k > n { k } else { n }) * T::EPSILON;
    for i in 0..k {
        let (known, rest) = q.split_at_mut(i * n);
        let row = &mut rest[..n];
        let l = &mut l[i * k..][..i + 1];
        row.copy_from_slice(&a[i * n..][..n]);
        let length = reduce::norm2(row);
        for _ in 0..2 {
            for (l, known) in l.iter_mut().zip(known.chunks_exact(n)) {
                let along = reduce::dot(row, known);
                *l += along;
                for (row, &known) in row.iter_mut().zip(known) {
                    *row -= along * known;
                }
            }
        }
        let left = reduce::norm2(row);
        if left <= tolerance * length {
            row.fill(T::ZERO);
        } else {
            l[i] = left;
            for row in row.iter_mut() {
                *row /= left;
            }
        }
    }
}

/// `L c = b` by forward substitution; `c_i = 0` where `l_ii = 0`, and `inconsistency` is the largest of `|b_i − Σ l_ij c_j|` there,
/// relative to `|b_i| + Σ |l_ij c_j|`. Shapes: l k×k lower triangular, b k, c k, inconsistency 1.
#[inline(always)]
pub fn forward_solve<T: Float>(k: usize, l: &[T], b: &[T], c: &mut [T], inconsistency: &mut [T]) {
    let (l, b, c) = (&l[..k * k], &b[..k], &mut c[..k]);
    inconsistency[0] = T::ZERO;
    for i in 0..k {
        let (known, rest) = c.split_at_mut(i);
        let row = &l[i * k..][..i + 1];
        let residual = b[i] - reduce::dot(row, known);
        if row[i] != T::ZERO {
            rest[0] = residual / row[i];
            continue;
        }
        rest[0] = T::ZERO;
        let scale = row.iter().zip(known.iter()).fold(b[i].abs(), |s, (&l, &c)| s + (l * c).abs());
        if scale != T::ZERO {
            inconsistency[0] = inconsistency[0].max_nan(residual.abs() / scale);
        }
    }
}
