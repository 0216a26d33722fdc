//! Norms, sums and maxima of groups and of rows.

use super::{Float, reduce};

/// True for the number of one of `g` groups.
#[inline(always)]
fn group<T: Float>(id: T, g: usize) -> Option<usize> {
    let id = id.to_f64();
    // `as` turns NaN into 0 and saturates; only an id in range is a group.
    if id >= 0.0 && id < g as f64 { Some(id as usize) } else { None }
}

/// `norms_k = ‖v_{i : ids_i = k}‖₂`, without overflow or underflow; an id outside 0..g (−1) is in no group.
/// Elements are added in ascending order, squared where that is safe. Shapes: ids n, v n, norms g.
#[inline(always)]
pub fn group_norms<T: Float>(n: usize, g: usize, ids: &[T], v: &[T], norms: &mut [T]) {
    let (ids, v, norms) = (&ids[..n], &v[..n], &mut norms[..g]);
    let scale = reduce::safe_scale(reduce::max_abs(v));
    norms.fill(T::ZERO);
    if scale == T::ONE && !below_squares(ids, v, norms) {
        for norm in norms.iter_mut() {
            *norm = norm.sqrt();
        }
        return;
    }
    norms.fill(T::ZERO);
    for (&id, &v) in ids.iter().zip(v) {
        if let Some(k) = group(id, g) {
            norms[k] = hypot(norms[k], v.abs());
        }
    }
}

/// √(a² + b²) for a, b ≥ 0, relative to the larger.
#[inline(always)]
fn hypot<T: Float>(a: T, b: T) -> T {
    let (small, large) = (a.min_nan(b), a.max_nan(b));
    if large == T::ZERO || large == T::INFINITY {
        return large;
    }
    let ratio = small / large;
    large * (T::ONE + ratio * ratio).sqrt()
}

/// Sums the squares of each group; true where a sum is too small to be trusted though an element is not 0.
#[inline(always)]
fn below_squares<T: Float>(ids: &[T], v: &[T], sums: &mut [T]) -> bool {
    let g = sums.len();
    for (&id, &v) in ids.iter().zip(v) {
        if let Some(k) = group(id, g) {
            sums[k] += v * v;
        }
    }
    let trusted = T::MIN_POSITIVE / (T::EPSILON * T::EPSILON);
    ids.iter().zip(v).any(|(&id, &v)| match group(id, g) {
        Some(k) => v != T::ZERO && sums[k] < trusted,
        None => false,
    })
}

/// `out_i = factor_{ids_i}`, 1 where ids_i is no group. Shapes: ids n, factor g, out n.
#[inline(always)]
pub fn group_spread<T: Float>(n: usize, g: usize, ids: &[T], factor: &[T], out: &mut [T]) {
    let factor = &factor[..g];
    for (out, &id) in out[..n].iter_mut().zip(&ids[..n]) {
        *out = match group(id, g) {
            Some(k) => factor[k],
            None => T::ONE,
        };
    }
}

/// `sums_k = Σ v_i over ids_i = k`, in ascending order; an id outside 0..g (−1) is in no group. Shapes: ids n, v n, sums g.
#[inline(always)]
pub fn group_sums<T: Float>(n: usize, g: usize, ids: &[T], v: &[T], sums: &mut [T]) {
    let sums = &mut sums[..g];
    sums.fill(T::ZERO);
    for (&id, &v) in ids[..n].iter().zip(&v[..n]) {
        if let Some(k) = group(id, g) {
            sums[k] += v;
        }
    }
}

/// `tops_k = max v_i over ids_i = k`, −∞ for an empty group, NaN where an entry is. Shapes: ids n, v n, tops g.
#[inline(always)]
pub fn group_max<T: Float>(n: usize, g: usize, ids: &[T], v: &[T], tops: &mut [T]) {
    let tops = &mut tops[..g];
    tops.fill(-T::INFINITY);
    for (&id, &v) in ids[..n].iter().zip(&v[..n]) {
        if let Some(k) = group(id, g) {
            tops[k] = tops[k].max_nan(v);
        }
    }
}

/// `out_ij = factor_i`. Shapes: factor rows, out rows×cols.
#[inline(always)]
pub fn row_spread<T: Float>(rows: usize, cols: usize, factor: &[T], out: &mut [T]) {
    for (out, &factor) in out[..rows * cols].chunks_exact_mut(cols).zip(&factor[..rows]) {
        out.fill(factor);
    }
}

/// `squares_j = Σ_i a_ij²`. Shapes: a rows×cols, squares cols.
#[inline(always)]
pub fn column_squares<T: Float>(rows: usize, cols: usize, a: &[T], squares: &mut [T]) {
    let squares = &mut squares[..cols];
    squares.fill(T::ZERO);
    for row in a[..rows * cols].chunks_exact(cols) {
        for (square, &a) in squares.iter_mut().zip(row) {
            *square += a * a;
        }
    }
}

/// `out_ij = a_ij/√squares_j`, 0 where squares_j is: with the squared lengths of the columns, columns of length 1. Shapes: a rows×cols,
/// squares cols, out rows×cols.
#[inline(always)]
pub fn unit_columns<T: Float>(rows: usize, cols: usize, a: &[T], squares: &[T], out: &mut [T]) {
    let squares = &squares[..cols];
    for (out, a) in out[..rows * cols].chunks_exact_mut(cols).zip(a[..rows * cols].chunks_exact(cols)) {
        for ((out, &a), &square) in out.iter_mut().zip(a).zip(squares) {
            *out = if square == T::ZERO { T::ZERO } else { a / square.sqrt() };
        }
    }
}

/// The squares as they are, the largest in place of 0; the largest alone where it is no more than `most` times the smallest that is not 0.
/// Shapes: squares n, most 1, out n.
#[inline(always)]
pub fn alike<T: Float>(n: usize, squares: &[T], most: &[T], out: &mut [T]) {
    let squares = &squares[..n];
    let top = squares.iter().fold(T::ZERO, |top, &s| top.max_nan(s));
    let least = squares.iter().fold(top, |least, &s| if s > T::ZERO && s < least { s } else { least });
    for (out, &square) in out[..n].iter_mut().zip(squares) {
        *out = if top > most[0] * least && square > T::ZERO { square } else { top };
    }
}

/// `tops_i = max_j v_ij`, NaN where an entry of the row is. Shapes: v rows×cols, tops rows.
#[inline(always)]
pub fn row_max<T: Float>(rows: usize, cols: usize, v: &[T], tops: &mut [T]) {
    for (top, v) in tops[..rows].iter_mut().zip(v[..rows * cols].chunks_exact(cols)) {
        *top = v.iter().fold(-T::INFINITY, |top, &v| top.max_nan(v));
    }
}

/// `norms_i = ‖v_i,·‖₂`, without overflow or underflow. Shapes: v rows×cols, norms rows.
#[inline(always)]
pub fn row_norms<T: Float>(rows: usize, cols: usize, v: &[T], norms: &mut [T]) {
    for (norm, v) in norms[..rows].iter_mut().zip(v[..rows * cols].chunks_exact(cols)) {
        *norm = reduce::norm2(v);
    }
}
