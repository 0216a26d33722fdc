//! Sums in the order that every executor follows, and norms that neither overflow nor underflow.

use super::{Float, LANES};

/// `((p0+p4)+(p2+p6)) + ((p1+p5)+(p3+p7))`
#[inline(always)]
pub fn combine<T: Float>(p: [T; LANES]) -> T {
    ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]))
}

/// The partial sums p with one product more in each lane.
#[inline(always)]
pub fn add_products<T: Float>(p: [T; LANES], x: &[T; LANES], y: &[T; LANES]) -> [T; LANES] {
    let mut q = p;
    for l in 0..LANES {
        q[l] = p[l] + x[l] * y[l];
    }
    q
}

/// The partial sums with the last products, fewer than [`LANES`].
#[inline(always)]
pub fn add_last<T: Float>(p: [T; LANES], x: &[T], y: &[T]) -> [T; LANES] {
    if x.is_empty() {
        return p;
    }
    let mut q = p;
    for (q, (&x, &y)) in q.iter_mut().zip(x.iter().zip(y)) {
        *q += x * y;
    }
    q
}

/// Σ xᵢ yᵢ over the shorter length.
#[inline(always)]
pub fn dot<T: Float>(x: &[T], y: &[T]) -> T {
    let n = if x.len() < y.len() { x.len() } else { y.len() };
    let (xs, x_rest) = x[..n].as_chunks::<LANES>();
    let (ys, y_rest) = y[..n].as_chunks::<LANES>();
    let mut p = [T::ZERO; LANES];
    for (x, y) in xs.iter().zip(ys) {
        p = add_products(p, x, y);
    }
    combine(add_last(p, x_rest, y_rest))
}

/// Σ xᵢ
#[inline(always)]
pub fn sum<T: Float>(x: &[T]) -> T {
    let (xs, rest) = x.as_chunks::<LANES>();
    let mut p = [T::ZERO; LANES];
    for x in xs {
        for l in 0..LANES {
            p[l] += x[l];
        }
    }
    if rest.is_empty() {
        return combine(p);
    }
    let mut last = p;
    for (last, &x) in last.iter_mut().zip(rest) {
        *last += x;
    }
    combine(last)
}

/// max |xᵢ|; NaN if any is, 0 for none.
#[inline(always)]
pub fn max_abs<T: Float>(x: &[T]) -> T {
    let mut p = [T::ZERO; LANES];
    let (xs, rest) = x.as_chunks::<LANES>();
    for x in xs {
        for l in 0..LANES {
            p[l] = p[l].max_nan(x[l].abs());
        }
    }
    for (l, &x) in rest.iter().enumerate() {
        p[l] = p[l].max_nan(x.abs());
    }
    p.iter().fold(T::ZERO, |m, &p| m.max_nan(p))
}

/// A scale near `size` to divide by before squaring; 1 where squares of it neither overflow nor underflow, and for NaN.
#[inline(always)]
pub fn safe_scale<T: Float>(size: T) -> T {
    let small = T::MIN_POSITIVE.sqrt() / T::EPSILON;
    let large = T::MAX.sqrt() * T::EPSILON;
    if (size > large || (size < small && size > T::ZERO)) && size.is_finite() { size } else { T::ONE }
}

/// √(Σ xᵢ²), without overflow or underflow.
#[inline(always)]
pub fn norm2<T: Float>(x: &[T]) -> T {
    let scale = safe_scale(max_abs(x));
    if scale == T::ONE {
        return dot(x, x).sqrt();
    }
    let mut p = [T::ZERO; LANES];
    for (i, &x) in x.iter().enumerate() {
        let x = x / scale;
        p[i % LANES] += x * x;
    }
    scale * combine(p).sqrt()
}
