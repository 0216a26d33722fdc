//! Cholesky's factorisation with complete pivoting of positive semidefinite matrices, and solutions with it.
//!
//! Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., section 10.3. Permutations are stored as numbers.

use super::{Float, reduce};

/// `a[perm_i, perm_j] = (L Lᵀ)_ij` with L lower triangular; stops at pivots ≤ n·eps·max diagonal, from where on L's columns are 0.
/// Something not finite in a makes all of L NaN. Shapes: a n×n (symmetric), l n×n, perm n.
#[inline(always)]
pub fn psd_factor<T: Float>(n: usize, a: &[T], l: &mut [T], perm: &mut [T]) {
    let (a, u, perm) = (&a[..n * n], &mut l[..n * n], &mut perm[..n]);
    for (i, perm) in perm.iter_mut().enumerate() {
        *perm = T::from_usize(i);
    }
    if !a.iter().all(|a| a.is_finite()) {
        u.fill(T::NAN);
        return;
    }
    u.copy_from_slice(a);
    let largest = (0..n).fold(T::ZERO, |m, i| m.max_nan(a[i * n + i]));
    let least = T::from_usize(n) * T::EPSILON * largest;
    let mut rank = n;
    // Row k of u becomes column k of L; the rest of u is what is left of a, both triangles.
    for k in 0..n {
        let pivot = (k + 1..n).fold(k, |best, i| if u[i * n + i] > u[best * n + best] { i } else { best });
        let value = u[pivot * n + pivot];
        if value <= least {
            rank = k;
            break;
        }
        if pivot != k {
            perm.swap(k, pivot);
            let (above, below) = u.split_at_mut(pivot * n);
            above[k * n..][..n].swap_with_slice(&mut below[..n]);
            for row in u.chunks_exact_mut(n) {
                row.swap(k, pivot);
            }
        }
        let (above, below) = u.split_at_mut((k + 1) * n);
        let row = &mut above[k * n + k..];
        let root = value.sqrt();
        row[0] = root;
        let row = &mut row[1..];
        for u in row.iter_mut() {
            *u /= root;
        }
        for (below, &factor) in below.chunks_exact_mut(n).zip(row.iter()) {
            for (a, &u) in below[k + 1..].iter_mut().zip(row.iter()) {
                *a -= factor * u;
            }
        }
    }
    // Transpose: the pivots' rows become columns, all else 0.
    for i in 0..n {
        for j in 0..i {
            u[i * n + j] = if j < rank { u[j * n + i] } else { T::ZERO };
            u[j * n + i] = T::ZERO;
        }
        if i >= rank {
            u[i * n + i] = T::ZERO;
        }
    }
}

/// `scale_i = a_ii^(−1/2)`, 0 where a_ii ≤ 0, and `out_ij = scale_i a_ij scale_j`: the diagonal becomes 1, so that the units of the
/// unknowns do not decide the rank. Shapes: a n×n, scale n, out n×n.
#[inline(always)]
pub fn equilibrate<T: Float>(n: usize, a: &[T], scale: &mut [T], out: &mut [T]) {
    let (a, scale, out) = (&a[..n * n], &mut scale[..n], &mut out[..n * n]);
    for (i, scale) in scale.iter_mut().enumerate() {
        let d = a[i * n + i];
        *scale = if d <= T::ZERO { T::ZERO } else { T::ONE / d.sqrt() };
    }
    for (i, (out, a)) in out.chunks_exact_mut(n).zip(a.chunks_exact(n)).enumerate() {
        for ((out, &a), &s) in out.iter_mut().zip(a).zip(scale.iter()) {
            *out = scale[i] * a * s;
        }
    }
}

/// R with `RᵀR = A` for a positive semidefinite A, by Cholesky's factor of A scaled to a unit diagonal; rows beyond A's rank are 0.
/// Shapes: a n×n, root n×n, work 2n² + 2n.
#[inline(always)]
pub fn psd_root<T: Float>(n: usize, a: &[T], root: &mut [T], work: &mut [T]) {
    let (scaled, work) = work.split_at_mut(n * n);
    let (l, work) = work.split_at_mut(n * n);
    let (scale, perm) = work.split_at_mut(n);
    equilibrate(n, a, scale, scaled);
    psd_factor(n, scaled, l, perm);
    root[..n * n].fill(T::ZERO);
    for i in 0..n {
        let column = place(perm[i], n);
        let size = if scale[column] == T::ZERO { T::ZERO } else { T::ONE / scale[column] };
        for k in 0..n {
            root[k * n + column] = l[i * n + k] * size;
        }
    }
}

/// `out = A + d I`. Shapes: a n×n, d 1, out n×n.
#[inline(always)]
pub fn add_diagonal<T: Float>(n: usize, a: &[T], d: &[T], out: &mut [T]) {
    let out = &mut out[..n * n];
    out.copy_from_slice(&a[..n * n]);
    for i in 0..n {
        out[i * n + i] += d[0];
    }
}

/// The basic solution of A x = b from [`psd_factor`]: unknowns of dropped pivots are 0. Shapes: l n×n, perm n, b n, x n, work n.
#[inline(always)]
pub fn psd_solve<T: Float>(n: usize, l: &[T], perm: &[T], b: &[T], x: &mut [T], work: &mut [T]) {
    let (l, perm, b) = (&l[..n * n], &perm[..n], &b[..n]);
    let (x, y) = (&mut x[..n], &mut work[..n]);
    // Written whole even where `perm` is no permutation.
    x.fill(T::ZERO);
    for i in 0..n {
        let row = &l[i * n..][..i + 1];
        let pivot = row[i];
        y[i] =
            if pivot == T::ZERO { T::ZERO } else { (b[place(perm[i], n)] - reduce::dot(&row[..i], &y[..i])) / pivot };
    }
    for i in (0..n).rev() {
        let row = &l[i * n..][..i + 1];
        let pivot = row[i];
        let z = if pivot == T::ZERO { T::ZERO } else { y[i] / pivot };
        x[place(perm[i], n)] = z;
        for (y, &l) in y.iter_mut().zip(&row[..i]) {
            *y -= l * z;
        }
    }
}

/// [`psd_solve`] for each column of B, in rows of k. Shapes: l n×n, perm n, b n×k, x n×k, work n×k.
#[inline(always)]
pub fn psd_solve_many<T: Float>(
    n: usize,
    k: usize,
    l: &[T],
    perm: &[T],
    b: &[T],
    x: &mut [T],
    work: &mut [T],
) {
    let (l, perm, b) = (&l[..n * n], &perm[..n], &b[..n * k]);
    let (x, y) = (&mut x[..n * k], &mut work[..n * k]);
    x.fill(T::ZERO);
    for i in 0..n {
        let row = &l[i * n..][..i + 1];
        let pivot = row[i];
        let (known, rest) = y.split_at_mut(i * k);
        let yi = &mut rest[..k];
        if pivot == T::ZERO {
            yi.fill(T::ZERO);
            continue;
        }
        yi.copy_from_slice(&b[place(perm[i], n) * k..][..k]);
        for (&l, known) in row.iter().zip(known.chunks_exact(k)) {
            for (y, &known) in yi.iter_mut().zip(known) {
                *y -= l * known;
            }
        }
        for y in yi.iter_mut() {
            *y /= pivot;
        }
    }
    for i in (0..n).rev() {
        let row = &l[i * n..][..i + 1];
        let pivot = row[i];
        let (rest, yi) = y.split_at_mut(i * k);
        let z = &mut x[place(perm[i], n) * k..][..k];
        for (z, &y) in z.iter_mut().zip(yi.iter()) {
            *z = if pivot == T::ZERO { T::ZERO } else { y / pivot };
        }
        for (&l, rest) in row.iter().zip(rest.chunks_exact_mut(k)) {
            for (y, &z) in rest.iter_mut().zip(z.iter()) {
                *y -= l * z;
            }
        }
    }
}

/// An index from a number; the last one for a number that is none.
#[inline(always)]
fn place<T: Float>(number: T, n: usize) -> usize {
    let index = number.to_f64() as usize;
    if index < n { index } else { n - 1 }
}
