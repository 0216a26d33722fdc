//! Extreme eigenvalues of symmetric matrices, as bounds that rounding does not break.
//!
//! Up to n = 512 the matrix is made tridiagonal by Householder reflections and the eigenvalue is bracketed by bisection with Sturm
//! counts (Golub & Van Loan, *Matrix Computations*, 4th ed., sections 8.3.1 and 8.4.1); the far end of the bracket, moved by a
//! bound on the rounding errors, is the result. Beyond that, 128 steps of Lanczos' method with full reorthogonalisation from a
//! pseudo-random start give a Ritz value θ. With a start that is uniform on the sphere the probability that λ_max − θ
//! exceeds ε(λ_max − λ_min) is at most 1.648·√n·exp(−√ε(2·128 − 1)) (Kuczyński & Woźniakowski, SIAM J. Matrix Anal.
//! Appl. 13, 1992); the ε of probability 1e-12, about 0.016, is the margin that is added.

use super::{Float, products, reduce};

/// The largest matrix that is made tridiagonal.
const DIRECT: usize = 512;
/// Steps of Lanczos' method.
const STEPS: usize = 128;

/// An upper bound, tight to rounding, of the largest eigenvalue of AᵀA. Shapes: a rows×cols, out 1,
/// work k·(min(k, 512) + 4) + max(rows, cols) with k = min(rows, cols).
#[inline(always)]
pub fn spectral_norm_squared<T: Float>(rows: usize, cols: usize, a: &[T], out: &mut [T], work: &mut [T]) {
    let a = &a[..rows * cols];
    let wide = rows <= cols;
    let (k, inner) = if wide { (rows, cols) } else { (cols, rows) };
    if k <= DIRECT {
        let (gram, rest) = work.split_at_mut(k * k);
        // A sum of `inner` terms: 8 partial ones in a dot product, one in a combination of rows.
        let terms = if wide {
            products::gemm_nt(k, inner, k, a, a, gram);
            inner / 8 + 8
        } else {
            products::gemm_tn(k, inner, k, a, a, gram);
            inner
        };
        let trace = (0..k).fold(T::ZERO, |sum, i| sum + gram[i * k + i]);
        out[0] = largest(k, gram, rest) + T::from_usize(terms) * T::EPSILON * trace;
        return;
    }
    let (work, half) = work.split_at_mut(work.len() - inner);
    out[0] = lanczos(k, work, &mut |v: &[T], product: &mut [T]| {
        if wide {
            products::gemv_t(rows, cols, a, v, half);
            products::gemv(rows, cols, a, half, product);
        } else {
            products::gemv(rows, cols, a, v, half);
            products::gemv_t(rows, cols, a, half, product);
        }
    });
}

/// An upper bound, tight to rounding, of the largest eigenvalue of the symmetric part of a. Shapes: a n×n, out 1,
/// work n·(min(n, 512) + 4).
#[inline(always)]
pub fn eigen_max<T: Float>(n: usize, a: &[T], out: &mut [T], work: &mut [T]) {
    out[0] = extreme(n, a, T::ONE, work);
}

/// A lower bound, tight to rounding, of the smallest eigenvalue of the symmetric part of a. Shapes: a n×n, out 1,
/// work n·(min(n, 512) + 4).
#[inline(always)]
pub fn eigen_min<T: Float>(n: usize, a: &[T], out: &mut [T], work: &mut [T]) {
    out[0] = -extreme(n, a, -T::ONE, work);
}

/// [`eigen_max`] of `sign·a`.
#[inline(always)]
fn extreme<T: Float>(n: usize, a: &[T], sign: T, work: &mut [T]) -> T {
    let a = &a[..n * n];
    let half = sign / T::from_f64(2.0);
    if n <= DIRECT {
        let (matrix, rest) = work.split_at_mut(n * n);
        for i in 0..n {
            for j in 0..n {
                matrix[i * n + j] = half * a[i * n + j] + half * a[j * n + i];
            }
        }
        return largest(n, matrix, rest);
    }
    lanczos(n, work, &mut |v: &[T], product: &mut [T]| {
        products::gemv_t(n, n, a, v, product);
        for (product, row) in product.iter_mut().zip(a.chunks_exact(n)) {
            *product = half * (*product + reduce::dot(row, v));
        }
    })
}

/// An upper bound of the largest eigenvalue of a symmetric matrix, which is overwritten; `work` has 3n elements or more.
#[inline(always)]
fn largest<T: Float>(n: usize, matrix: &mut [T], work: &mut [T]) -> T {
    let scale = reduce::max_abs(matrix);
    if scale == T::ZERO {
        return T::ZERO;
    }
    if !scale.is_finite() {
        return T::NAN;
    }
    for entry in matrix.iter_mut() {
        *entry /= scale;
    }
    let size = reduce::dot(matrix, matrix).sqrt();
    let (d, rest) = work.split_at_mut(n);
    let (e, rest) = rest.split_at_mut(n);
    tridiagonalise(n, matrix, d, e, &mut rest[..n]);
    let margin = T::from_usize(4 * n + 8) * T::EPSILON * size;
    (largest_of_tridiagonal(d, e) + margin) * scale
}

/// Householder reflections from both sides: the diagonal to d, what lies beside it to e (the last of e is 0).
#[inline(always)]
fn tridiagonalise<T: Float>(n: usize, a: &mut [T], d: &mut [T], e: &mut [T], w: &mut [T]) {
    for k in 0..n {
        d[k] = a[k * n + k];
        let m = n - k - 1;
        let (above, below) = a.split_at_mut((k + 1) * n);
        // By symmetry, what is right of the diagonal is what is below it.
        let v = &mut above[k * n + k + 1..];
        e[k] = if m == 0 { T::ZERO } else { v[0] };
        if m < 2 {
            continue;
        }
        let norm = reduce::norm2(v);
        if norm == T::ZERO {
            continue;
        }
        e[k] = if v[0] > T::ZERO { -norm } else { norm };
        v[0] -= e[k];
        // I − β v vᵀ with β = 2/(vᵀv) = 1/(norm·|v_0|)
        let beta = T::ONE / (norm * v[0].abs());
        if !beta.is_finite() {
            v[0] += e[k];
            continue;
        }
        let w = &mut w[..m];
        for (w, row) in w.iter_mut().zip(below.chunks_exact(n)) {
            *w = beta * reduce::dot(&row[k + 1..], v);
        }
        let shift = beta * reduce::dot(w, v) / T::from_f64(2.0);
        for (w, &v) in w.iter_mut().zip(v.iter()) {
            *w -= shift * v;
        }
        for ((row, &vi), &wi) in below.chunks_exact_mut(n).zip(v.iter()).zip(w.iter()) {
            for ((a, &vj), &wj) in row[k + 1..].iter_mut().zip(v.iter()).zip(w.iter()) {
                *a -= vi * wj + wi * vj;
            }
        }
    }
}

/// The upper end of a bracket, as narrow as rounding allows, of the largest eigenvalue.
#[inline(always)]
fn largest_of_tridiagonal<T: Float>(d: &[T], e: &[T]) -> T {
    // Gershgorin's discs.
    let (mut low, mut high) = (d[0], d[0]);
    for i in 0..d.len() {
        let before = if i == 0 { T::ZERO } else { e[i - 1].abs() };
        let after = if i + 1 == d.len() { T::ZERO } else { e[i].abs() };
        high = high.max_nan(d[i] + (before + after));
        low = low.max_nan(d[i]);
    }
    // The largest eigenvalue is at least the largest diagonal entry.
    for _ in 0..200 {
        let middle = low + (high - low) / T::from_f64(2.0);
        let narrow = middle <= low || middle >= high;
        if narrow || !middle.is_finite() {
            break;
        }
        if all_below(d, e, middle) { high = middle } else { low = middle }
    }
    high
}

/// True if every eigenvalue is below x: all pivots of T − xI are negative.
#[inline(always)]
fn all_below<T: Float>(d: &[T], e: &[T], x: T) -> bool {
    let mut pivot = d[0] - x;
    for i in 1..d.len() {
        if pivot >= T::ZERO {
            return false;
        }
        pivot = (d[i] - x) - e[i - 1] / pivot * e[i - 1];
    }
    pivot < T::ZERO
}

/// An upper bound of the largest eigenvalue of a symmetric operator of dimension n > 512.
#[inline(always)]
fn lanczos<T: Float>(n: usize, work: &mut [T], apply: &mut impl FnMut(&[T], &mut [T])) -> T {
    let (basis, rest) = work.split_at_mut(STEPS * n);
    let (w, rest) = rest.split_at_mut(n);
    let (alpha, rest) = rest.split_at_mut(STEPS);
    let beta = &mut rest[..STEPS];
    random_direction(&mut basis[..n]);
    let mut steps = 0;
    while steps < STEPS {
        let (known, fresh) = basis.split_at_mut((steps + 1) * n);
        let v = &known[steps * n..];
        apply(v, w);
        alpha[steps] = reduce::dot(w, v);
        for _ in 0..2 {
            for v in known.chunks_exact(n) {
                let along = reduce::dot(w, v);
                for (w, &v) in w.iter_mut().zip(v) {
                    *w -= along * v;
                }
            }
        }
        let norm = reduce::norm2(w);
        beta[steps] = norm;
        steps += 1;
        let size = reduce::max_abs(&alpha[..steps]).max_nan(reduce::max_abs(&beta[..steps]));
        if norm <= T::from_usize(n) * T::EPSILON * size {
            break;
        }
        if !norm.is_finite() {
            return T::NAN;
        }
        if steps < STEPS {
            for (fresh, &w) in fresh[..n].iter_mut().zip(w.iter()) {
                *fresh = w / norm;
            }
        }
    }
    let (alpha, beta) = (&mut alpha[..steps], &beta[..steps]);
    let high = largest_of_tridiagonal(alpha, beta);
    for alpha in alpha.iter_mut() {
        *alpha = -*alpha;
    }
    let low = -largest_of_tridiagonal(alpha, beta);
    let root = T::from_f64(1.648e12 * (n as f64).sqrt()).ln() / T::from_usize(2 * STEPS - 1);
    let epsilon = root * root;
    let rounding = T::from_usize(n) * T::EPSILON * high.abs().max_nan(low.abs());
    high + (high - low) * epsilon / (T::ONE - epsilon - epsilon) + rounding
}

/// A unit vector, nearly uniform on the sphere: entries are sums of twelve uniform numbers, scaled.
#[inline(always)]
fn random_direction<T: Float>(v: &mut [T]) {
    // The multiplier and increment of Knuth's MMIX generator.
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    for v in v.iter_mut() {
        let mut sum = 0.0;
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            sum += (state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5;
        }
        *v = T::from_f64(sum);
    }
    let norm = reduce::norm2(v);
    for v in v.iter_mut() {
        *v /= norm;
    }
}
