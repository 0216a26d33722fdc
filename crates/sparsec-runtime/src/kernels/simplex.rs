//! Projections on the simplex and on l1 balls.
//!
//! The threshold is found by Michelot's method (J. Optim. Theory Appl. 50, 1986), which drops what lies below the mean threshold
//! until nothing does; after a few passes the rest is sorted (Held, Wolfe & Crowder, Math. Program. 6, 1974), so the
//! worst case is n log n. Everything is relative to the largest entry, so that large and close entries do not cancel.

use super::{Float, LANES, reduce};

/// Passes before sorting.
const PASSES: usize = 12;

/// argmin ‖u − v‖ over u ≥ 0, Σ u = radius, for each row. A NaN in a row or as radius, a negative radius, or an infinite one
/// makes the row NaN; radius 0 makes it 0. Shapes: v rows×n, radius 1, out rows×n, work n.
#[inline(always)]
pub fn project_simplex<T: Float>(rows: usize, n: usize, v: &[T], radius: &[T], out: &mut [T], work: &mut [T]) {
    let radius = radius[0];
    let (v, out, work) = (&v[..rows * n], &mut out[..rows * n], &mut work[..n]);
    for (v, out) in v.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
        let (top, threshold) = threshold(v, radius, work);
        for (out, &v) in out.iter_mut().zip(v) {
            *out = ((v - top) - threshold).max_nan(T::ZERO);
        }
    }
}

/// argmin ‖u − v‖ over Σ |u| ≤ radius, for each row; a row inside is unchanged. A NaN in a row or as radius, or a negative
/// radius, makes the row NaN. Shapes: v rows×n, radius 1, out rows×n, work n.
#[inline(always)]
pub fn project_ball1<T: Float>(rows: usize, n: usize, v: &[T], radius: &[T], out: &mut [T], work: &mut [T]) {
    let radius = radius[0];
    let (v, out, work) = (&v[..rows * n], &mut out[..rows * n], &mut work[..n]);
    for (v, out) in v.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
        for (out, &v) in out.iter_mut().zip(v) {
            *out = v.abs();
        }
        if reduce::sum(out) <= radius {
            out.copy_from_slice(v);
            continue;
        }
        let (top, threshold) = threshold(out, radius, work);
        for (out, &v) in out.iter_mut().zip(v) {
            let u = ((*out - top) - threshold).max_nan(T::ZERO);
            *out = if v < T::ZERO { T::ZERO - u } else { u };
        }
    }
}

/// The largest entry of v, and the τ with Σ max(v − top − τ, 0) = radius.
#[inline(always)]
fn threshold<T: Float>(v: &[T], radius: T, work: &mut [T]) -> (T, T) {
    let tops = largest_of_lanes(v);
    let top = tops.iter().fold(-T::INFINITY, |m, &p| m.max_nan(p));
    if radius == T::ZERO {
        // Nothing lies above the largest entry; NaN stays NaN.
        return (top, T::ZERO);
    }
    if !(radius > T::ZERO && radius.is_finite() && top.is_finite()) {
        return (top, T::NAN);
    }
    // The threshold of a few entries is below that of all: only what lies above it counts.
    let least = bound(tops, top, radius);
    let mut count = 0;
    for &v in v {
        let u = v - top;
        work[count] = u;
        count += usize::from(u >= least);
    }
    for _ in 0..PASSES {
        let kept = &mut work[..count];
        let threshold = (reduce::sum(kept) - radius) / T::from_usize(count);
        let mut next = 0;
        for i in 0..count {
            let u = kept[i];
            kept[next] = u;
            next += usize::from(u >= threshold);
        }
        // Nothing lies below; or rounding has dropped all, which it can't where the threshold is below 0.
        if next == count || next == 0 {
            return (top, threshold);
        }
        count = next;
    }
    let kept = &mut work[..count];
    kept.sort_unstable_by(|a, b| b.partial_cmp(a).unwrap_or(core::cmp::Ordering::Equal));
    let (mut sum, mut threshold) = (T::ZERO, -radius);
    for (i, &u) in kept.iter().enumerate() {
        sum += u;
        let next = (sum - radius) / T::from_usize(i + 1);
        if u < next {
            break;
        }
        threshold = next;
    }
    (top, threshold)
}

/// A τ < 0 with Σ max(v − top − τ, 0) ≥ radius over these entries alone, top the largest of them.
#[inline(always)]
fn bound<T: Float>(tops: [T; LANES], top: T, radius: T) -> T {
    let mut bound = -radius;
    for _ in 0..LANES {
        let (mut sum, mut count) = (T::ZERO, T::ZERO);
        for &v in &tops {
            let u = v - top;
            if u >= bound {
                sum += u;
                count += T::ONE;
            }
        }
        let next = (sum - radius) / count;
        // False for NaN, too.
        if next > bound {
            bound = next;
        } else {
            break;
        }
    }
    bound
}

/// The largest entry of each lane, −∞ for none; NaN where one is.
#[inline(always)]
fn largest_of_lanes<T: Float>(v: &[T]) -> [T; LANES] {
    let mut p = [-T::INFINITY; LANES];
    let (chunks, rest) = v.as_chunks::<LANES>();
    for v in chunks {
        for l in 0..LANES {
            p[l] = p[l].max_nan(v[l]);
        }
    }
    let mut last = p;
    for (p, &v) in last.iter_mut().zip(rest) {
        *p = p.max_nan(v);
    }
    last
}

/// max v; NaN if any is.
#[inline(always)]
fn largest<T: Float>(v: &[T]) -> T {
    largest_of_lanes(v).iter().fold(-T::INFINITY, |m, &p| m.max_nan(p))
}

/// argmin ‖u − v‖ over Σ w|u| ≤ radius with w ≥ 0: `u = sign(v)·max(|v| − τ w, 0)` (Perez, Ament, Gomes & Barlaud, J. Math. Imaging
/// Vis. 2022); v inside is unchanged, as is an entry of weight 0. NaN or a negative weight or radius makes all NaN.
/// Shapes: v n, w n, radius 1, out n, work 2n.
#[inline(always)]
pub fn project_weighted_ball1<T: Float>(n: usize, v: &[T], w: &[T], radius: &[T], out: &mut [T], work: &mut [T]) {
    let (v, w, out) = (&v[..n], &w[..n], &mut out[..n]);
    let (weights, sorted) = work.split_at_mut(n);
    let sorted = &mut sorted[..n];
    let heaviest = largest(w);
    let lightest = w.iter().fold(T::INFINITY, |m, &w| m.min_nan(w));
    let broken = v.iter().any(|v| v.is_nan());
    if broken || !(lightest >= T::ZERO && radius[0] >= T::ZERO && heaviest.is_finite()) {
        out.fill(T::NAN);
        return;
    }
    out.copy_from_slice(v);
    if heaviest == T::ZERO {
        return;
    }
    // Weights relative to the heaviest, so that their squares are safe.
    let radius = radius[0] / heaviest;
    for (weight, &w) in weights.iter_mut().zip(w) {
        *weight = w / heaviest;
    }
    let whole = weights.iter().zip(v).fold(T::ZERO, |s, (&w, &v)| if w > T::ZERO { s + w * v.abs() } else { s });
    if whole <= radius {
        return;
    }
    let mut tau = T::ZERO;
    let mut settled = false;
    for _ in 0..PASSES {
        let next = weighted_threshold(v, weights, radius, tau);
        settled = next <= tau;
        if settled {
            break;
        }
        tau = next;
    }
    if !settled {
        // The largest breakpoint |v|/w at which too much is left, by halving the sorted list.
        for ((s, &v), &w) in sorted.iter_mut().zip(v).zip(weights.iter()) {
            *s = if w > T::ZERO { v.abs() / w } else { T::ZERO };
        }
        sorted.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(core::cmp::Ordering::Equal));
        let (mut low, mut high) = (0, n);
        while low < high {
            let middle = (low + high) / 2;
            if weighted_rest(v, weights, sorted[middle]) >= radius { low = middle + 1 } else { high = middle }
        }
        if low > 0 {
            tau = tau.max_nan(sorted[low - 1]);
        }
        tau = tau.max_nan(weighted_threshold(v, weights, radius, tau));
    }
    for (out, &w) in out.iter_mut().zip(weights.iter()) {
        if w > T::ZERO {
            *out = (out.abs() - tau * w).max_nan(T::ZERO);
        }
    }
    // What rounding of large entries left wrong in the sum, twice.
    for _ in 0..2 {
        let (mut sum, mut squares) = (T::ZERO, T::ZERO);
        for (&u, &w) in out.iter().zip(weights.iter()) {
            if w > T::ZERO && u > T::ZERO {
                sum += w * u;
                squares += w * w;
            }
        }
        let correction = (radius - sum) / squares;
        if !correction.is_finite() {
            break;
        }
        for (u, &w) in out.iter_mut().zip(weights.iter()) {
            if w > T::ZERO && *u > T::ZERO {
                *u = (*u + correction * w).max_nan(T::ZERO);
            }
        }
    }
    for ((u, &v), &w) in out.iter_mut().zip(v).zip(weights.iter()) {
        if w > T::ZERO && v < T::ZERO {
            *u = T::ZERO - *u;
        }
    }
}

/// The threshold of the entries that lie above another one: a step of Michelot's method.
#[inline(always)]
fn weighted_threshold<T: Float>(v: &[T], w: &[T], radius: T, tau: T) -> T {
    let (mut sum, mut squares) = (T::ZERO, T::ZERO);
    for (&v, &w) in v.iter().zip(w) {
        if w > T::ZERO && v.abs() > tau * w {
            sum += w * v.abs();
            squares += w * w;
        }
    }
    if squares > T::ZERO { (sum - radius) / squares } else { tau }
}

/// Σ w·max(|v| − τ w, 0)
#[inline(always)]
fn weighted_rest<T: Float>(v: &[T], w: &[T], tau: T) -> T {
    let mut sum = T::ZERO;
    for (&v, &w) in v.iter().zip(w) {
        if w > T::ZERO {
            sum += w * (v.abs() - tau * w).max_nan(T::ZERO);
        }
    }
    sum
}
