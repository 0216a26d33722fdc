//! Orthonormal bases of chosen columns, and least squares with them.
//!
//! Block Gram–Schmidt, done twice (Giraud, Langou & Rozložník, *Computers & Mathematics with Applications* 50, 2005: twice is enough): columns
//! are orthogonal to rounding whatever their condition, and two passes of matrix products do nearly all of the work. Columns are scaled to
//! length 1 first, so that their units do not decide which of them are independent.

use super::{Float, products, reduce};

/// Columns that are made orthogonal to those before them at once.
const PANEL: usize = 32;

/// `B D = Qᵀ R`, B the columns j of diag(roots)·[A; C] with `chosen_j > 0` and D their scales to length 1. A column that depends on those before it
/// (what is left of it is at most `√(rows + more)·eps`: rounding alone), is 0 or is not finite is left out, and so are all after the first `most`. Row k of
/// `q` is the k-th basis vector; column k of R is `r[k·most..][..k + 1]`; `which` has the columns' numbers, their scales, and how many there are.
/// Shapes: a rows×n, c more×n, roots rows + more, chosen n, q most×(rows + more), r most×most, which 2·most + 1, work 32·(2·(rows + more) + 2·most).
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn column_space<T: Float>(
    rows: usize,
    more: usize,
    n: usize,
    most: usize,
    a: &[T],
    c: &[T],
    roots: &[T],
    chosen: &[T],
    q: &mut [T],
    r: &mut [T],
    which: &mut [T],
    work: &mut [T],
) {
    let m = rows + more;
    let (a, c, roots, chosen) = (&a[..rows * n], &c[..more * n], &roots[..m], &chosen[..n]);
    let (q, r, which) = (&mut q[..most * m], &mut r[..most * most], &mut which[..2 * most + 1]);
    q.fill(T::ZERO);
    r.fill(T::ZERO);
    which.fill(T::ZERO);
    let (panel, work) = work.split_at_mut(PANEL * m);
    let (along, work) = work.split_at_mut(PANEL * m);
    let (inner, total) = work.split_at_mut(PANEL * most);
    let least = T::from_usize(m).sqrt() * T::EPSILON;
    let (mut next, mut count) = (0, 0);
    while next < n && count < most {
        // The next columns, scaled; their numbers and scales wait in `which` behind those that are in.
        let room = if most - count < PANEL { most - count } else { PANEL };
        let mut width = 0;
        while next < n && width < room {
            let column = &mut panel[width * m..][..m];
            for (i, (entry, &root)) in column.iter_mut().zip(roots).enumerate() {
                *entry = root * if i < rows { a[i * n + next] } else { c[(i - rows) * n + next] };
            }
            let length = reduce::norm2(column);
            if chosen[next] > T::ZERO && length > T::ZERO && length.is_finite() {
                for entry in column.iter_mut() {
                    *entry /= length;
                }
                which[count + width] = T::from_usize(next);
                which[most + count + width] = T::ONE / length;
                width += 1;
            }
            next += 1;
        }
        let (panel, total) = (&mut panel[..width * m], &mut total[..width * most]);
        total.fill(T::ZERO);
        if count > 0 {
            for _ in 0..2 {
                let inner = &mut inner[..width * count];
                products::gemm_nt(width, m, count, panel, &q[..count * m], inner);
                products::gemm_nn(width, count, m, inner, &q[..count * m], along);
                for (entry, &along) in panel.iter_mut().zip(along.iter()) {
                    *entry -= along;
                }
                for (total, inner) in total.chunks_exact_mut(most).zip(inner.chunks_exact(count)) {
                    for (total, &inner) in total.iter_mut().zip(inner) {
                        *total += inner;
                    }
                }
            }
        }
        let before = count;
        for k in 0..width {
            let (column, coefficients) = (&mut panel[k * m..][..m], &mut total[k * most..][..most]);
            let start = reduce::norm2(column);
            subtract(column, &q[before * m..count * m], &mut coefficients[before..count]);
            let mut left = reduce::norm2(column);
            // So much cancelled that what rounding left along the others counts.
            if left < start / T::from_usize(8) {
                subtract(column, &q[..count * m], &mut coefficients[..count]);
                left = reduce::norm2(column);
            }
            subtract(column, &q[before * m..count * m], &mut coefficients[before..count]);
            left = if left > T::ZERO { reduce::norm2(column) } else { left };
            if left <= least || left.is_nan() {
                continue;
            }
            for (q, &entry) in q[count * m..][..m].iter_mut().zip(column.iter()) {
                *q = entry / left;
            }
            coefficients[count] = left;
            r[count * most..][..=count].copy_from_slice(&coefficients[..=count]);
            which[count] = which[before + k];
            which[most + count] = which[most + before + k];
            count += 1;
        }
        for k in count..before + width {
            which[k] = T::ZERO;
            which[most + k] = T::ZERO;
        }
    }
    which[2 * most] = T::from_usize(count);
}

/// `column −= Σ (column·q_k) q_k` over the rows of q, one after the other, with the coefficients added to `sums`.
#[inline(always)]
fn subtract<T: Float>(column: &mut [T], q: &[T], sums: &mut [T]) {
    for (q, sum) in q.chunks_exact(column.len()).zip(sums) {
        let inner = reduce::dot(column, q);
        *sum += inner;
        for (entry, &q) in column.iter_mut().zip(q) {
            *entry -= inner * q;
        }
    }
}

/// The x with `BᵀB x = b` on the columns of [`column_space`], 0 elsewhere, and `along = B x`, which is Qᵀ R⁻ᵀ D b and so needs no x.
/// Shapes: q most×rows, r most×most, which 2·most + 1, b n, along rows, x n, work most.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn normal_solve<T: Float>(
    rows: usize,
    n: usize,
    most: usize,
    q: &[T],
    r: &[T],
    which: &[T],
    b: &[T],
    along: &mut [T],
    x: &mut [T],
    work: &mut [T],
) {
    let (q, r, b) = (&q[..most * rows], &r[..most * most], &b[..n]);
    let (along, x, y) = (&mut along[..rows], &mut x[..n], &mut work[..most]);
    along.fill(T::ZERO);
    x.fill(T::ZERO);
    let (columns, rest) = which[..2 * most + 1].split_at(most);
    let (scales, count) = rest.split_at(most);
    let count = place(count[0], most + 1);
    for k in 0..count {
        let column = &r[k * most..][..k + 1];
        y[k] = (scales[k] * b[place(columns[k], n)] - reduce::dot(&column[..k], &y[..k])) / column[k];
        for (along, &q) in along.iter_mut().zip(&q[k * rows..][..rows]) {
            *along += y[k] * q;
        }
    }
    for k in (0..count).rev() {
        let column = &r[k * most..][..k + 1];
        let z = y[k] / column[k];
        x[place(columns[k], n)] = scales[k] * z;
        for (y, &r) in y.iter_mut().zip(&column[..k]) {
            *y -= r * z;
        }
    }
}

/// An index from a number; the last one for a number that is none.
#[inline(always)]
fn place<T: Float>(number: T, n: usize) -> usize {
    let index = number.to_f64() as usize;
    if index < n { index } else { n - 1 }
}
