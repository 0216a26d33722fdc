//! Bounds with one row: {l ≤ y ≤ h, b₀ ≤ ⟨a, y⟩ ≤ b₁}.
//!
//! By duality (Beck, *First-Order Methods in Optimization*, 2017, theorem 6.27) the projection of v is clip(v − μ a, l, h) with the μ at which
//! ⟨a, ·⟩ meets its bound. That inner product never grows with μ and is linear between the breakpoints at which an entry meets a bound; the
//! breakpoints are sorted and halved, and on the interval that is left μ is the root of a line. So the worst case is n log n, and no sum is
//! carried along from breakpoint to breakpoint.

use super::Float;

/// argmin ‖u − v‖ over l ≤ u ≤ h, b₀ ≤ ⟨a, u⟩ ≤ b₁. `multiplier` gets μ, and 1 where the row holds with equality (0 where it does not
/// matter). Where the set is empty u is the point of the box whose ⟨a, u⟩ is nearest; NaN in any of the data makes u NaN.
/// Shapes: v, a, l, h n, b 2, out n, multiplier 2, work 2n.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn project_box_row<T: Float>(
    n: usize,
    v: &[T],
    a: &[T],
    l: &[T],
    h: &[T],
    b: &[T],
    out: &mut [T],
    multiplier: &mut [T],
    work: &mut [T],
) {
    let at = |mu: T, i: usize| if a[i] == T::ZERO { clip(v[i], l[i], h[i]) } else { clip(v[i] - mu * a[i], l[i], h[i]) };
    let inner = |mu: T| (0..n).fold(T::ZERO, |s, i| if a[i] == T::ZERO { s } else { s + a[i] * at(mu, i) });
    let fill = |out: &mut [T], mu: T| (0..n).for_each(|i| out[i] = at(mu, i));
    multiplier[0] = T::ZERO;
    multiplier[1] = T::ZERO;
    let free = inner(T::ZERO);
    if free.is_nan() || b[0].is_nan() || b[1].is_nan() {
        out[..n].fill(T::NAN);
        return;
    }
    let target = clip(free, b[0], b[1]);
    multiplier[1] = if target == b[0] || target == b[1] { T::ONE } else { T::ZERO };
    if free == target {
        return fill(out, T::ZERO);
    }
    let mut count = 0;
    for i in 0..n {
        for bound in [l[i], h[i]] {
            if a[i] != T::ZERO && bound.is_finite() {
                work[count] = (v[i] - bound) / a[i];
                count += 1;
            }
        }
    }
    let (low, high) = around(&mut work[..count], |mu| inner(mu) >= target);
    // Between these the same entries are free. A point inside says which.
    let inside = between(low, high);
    let (mut sum, mut squares) = (T::ZERO, T::ZERO);
    for i in (0..n).filter(|&i| a[i] != T::ZERO) {
        let u = v[i] - inside * a[i];
        let bound = clip(u, l[i], h[i]);
        if u == bound {
            sum += a[i] * v[i];
            squares += a[i] * a[i];
        } else {
            sum += a[i] * bound;
        }
    }
    let root = if squares > T::ZERO { (sum - target) / squares } else { inside };
    let mu = clip(root, low, high);
    multiplier[0] = mu;
    fill(out, mu);
}

/// An upper bound of sup ⟨u, y⟩ over l ≤ y ≤ h, b₀ ≤ ⟨a, y⟩ ≤ b₁, which is the least one: min over μ of
/// Σ max(lᵢ tᵢ, hᵢ tᵢ) + max(b₀ μ, b₁ μ) with t = u − μ a. Where for every μ an entry of t pulls at an infinite bound, μ makes the Euclidean
/// norm of those entries least; `value` is without them, and `outside` has them alone. Shapes: u, a, l, h n, b 2, value 1, outside n, work n.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn support_box_row<T: Float>(
    n: usize,
    u: &[T],
    a: &[T],
    l: &[T],
    h: &[T],
    b: &[T],
    value: &mut [T],
    outside: &mut [T],
    work: &mut [T],
) {
    // The slopes at μ: of the entries that pull at infinity, and Σ aᵢ yᵢ of the others.
    let slopes = |mu: T| {
        let (mut off, mut finite) = (T::ZERO, T::ZERO);
        for i in (0..n).filter(|&i| a[i] != T::ZERO) {
            let t = slack(u[i], mu * a[i]);
            match pulled(t, l[i], h[i]) {
                Some(y) => finite += a[i] * y,
                None => off += a[i] * t,
            }
        }
        (off, finite)
    };
    // True where a larger μ is better, against the bound that the row meets on that side; towards no bound nothing is.
    let up = |mu: T| {
        let (off, finite) = slopes(mu);
        let bound = if mu < T::ZERO { b[0] } else { b[1] };
        let better = if off == T::ZERO { finite > bound } else { off > T::ZERO };
        better && (mu < T::ZERO || b[1] < T::INFINITY)
    };
    let down_at_zero = {
        let (off, finite) = slopes(T::ZERO);
        b[0] > -T::INFINITY && if off == T::ZERO { finite < b[0] } else { off < T::ZERO }
    };
    let mu = if !up(T::ZERO) && !down_at_zero {
        T::ZERO
    } else {
        let mut count = 0;
        for i in (0..n).filter(|&i| a[i] != T::ZERO) {
            work[count] = u[i] / a[i];
            count += 1;
        }
        let (low, high) = around(&mut work[..count], up);
        let inside = between(low, high);
        let (mut sum, mut squares) = (T::ZERO, T::ZERO);
        for i in (0..n).filter(|&i| a[i] != T::ZERO) {
            if pulled(slack(u[i], inside * a[i]), l[i], h[i]).is_none() {
                sum += a[i] * u[i];
                squares += a[i] * a[i];
            }
        }
        // Nothing pulls: the value is linear there, so least at an end. It does not rise at the lower one.
        if squares > T::ZERO {
            clip(sum / squares, low, high)
        } else if up(inside) && high.is_finite() || !low.is_finite() {
            high
        } else {
            low
        }
    };
    let mu = if down_at_zero { mu.min_nan(T::ZERO) } else { mu.max_nan(T::ZERO) };
    let side = if mu < T::ZERO { b[0] } else { b[1] };
    let mut sum = if mu == T::ZERO { T::ZERO } else { mu * side };
    for i in 0..n {
        let t = if a[i] == T::ZERO { u[i] } else { slack(u[i], mu * a[i]) };
        outside[i] = T::ZERO;
        match pulled(t, l[i], h[i]) {
            Some(y) => sum += t * y,
            None => outside[i] = t,
        }
    }
    value[0] = sum;
}

/// u − w, or 0 where that is no more than its rounding: an entry that is free in the primal has none.
#[inline(always)]
fn slack<T: Float>(u: T, w: T) -> T {
    let t = u - w;
    if t.abs() <= (u.abs() + w.abs()) * T::EPSILON { T::ZERO } else { t }
}

/// The bound at which t pulls, or `None` if that is infinite; any point between the bounds for t = 0.
#[inline(always)]
fn pulled<T: Float>(t: T, l: T, h: T) -> Option<T> {
    if t == T::ZERO {
        return Some(clip(T::ZERO, l, h));
    }
    let y = if t > T::ZERO { h } else { l };
    if y.is_finite() || t.is_nan() { Some(y) } else { None }
}

#[inline(always)]
fn clip<T: Float>(x: T, l: T, h: T) -> T {
    x.max_nan(l).min_nan(h)
}

/// The neighbouring breakpoints (or ∓∞) between which `left` turns from true to false.
#[inline(always)]
fn around<T: Float>(breakpoints: &mut [T], left: impl Fn(T) -> bool) -> (T, T) {
    breakpoints.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(core::cmp::Ordering::Equal));
    let (mut low, mut high) = (0, breakpoints.len());
    while low < high {
        let middle = (low + high) / 2;
        if left(breakpoints[middle]) { low = middle + 1 } else { high = middle }
    }
    let before = if low == 0 { -T::INFINITY } else { breakpoints[low - 1] };
    let after = if low == breakpoints.len() { T::INFINITY } else { breakpoints[low] };
    (before, after)
}

/// A number between two, the first of which may be −∞ and the second +∞.
#[inline(always)]
fn between<T: Float>(low: T, high: T) -> T {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => low + (high - low) / (T::ONE + T::ONE),
        (true, false) => low + low.abs().max_nan(T::ONE),
        (false, true) => high - high.abs().max_nan(T::ONE),
        (false, false) => T::ZERO,
    }
}
