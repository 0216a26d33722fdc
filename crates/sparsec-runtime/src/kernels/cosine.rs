//! The orthonormal cosine transform.
//!
//! `y_k = s_k Σ_i x_i cos(π(2i+1)k/(2n))` with s_0 = √(1/n), s_k = √(2/n) (Ahmed, Natarajan & Rao 1974), by one complex Fourier
//! transform of length n (Makhoul, IEEE Trans. ASSP 28, 1980). Where n is no power of two that is a convolution of a length that is one
//! (Bluestein, IEEE Trans. Audio 18, 1970), and for few entries the definition is used.

use super::Float;

/// Below this length, unless it is a power of two, the definition is faster.
const FEW: usize = 48;

/// `out = C x`. Shapes: x n, out n, work 4n, and 6 times the length of the convolution.
#[inline(always)]
pub fn dct<T: Float>(n: usize, x: &[T], out: &mut [T], work: &mut [T]) {
    let (x, out) = (&x[..n], &mut out[..n]);
    let (work, convolution) = work.split_at_mut(4 * n);
    let (values, table) = work.split_at_mut(2 * n);
    let (cos, sin) = table.split_at_mut(n);
    quarter_circle(cos, sin);
    let (first, other) = scales(n);
    if n < FEW && !n.is_power_of_two() {
        for (k, out) in out.iter_mut().enumerate() {
            let sum = x.iter().enumerate().fold(T::ZERO, |sum, (i, &x)| sum + x * cosine(cos, (2 * i + 1) * k));
            *out = sum * if k == 0 { first } else { other };
        }
        return;
    }
    let (re, im) = values.split_at_mut(n);
    for (i, &x) in x.iter().enumerate() {
        re[if i % 2 == 0 { i / 2 } else { n - 1 - i / 2 }] = x;
    }
    im.fill(T::ZERO);
    transform(re, im, cos, sin, convolution);
    for (k, out) in out.iter_mut().enumerate() {
        *out = (cos[k] * re[k] + sin[k] * im[k]) * if k == 0 { first } else { other };
    }
}

/// `out = Cᵀ x = C⁻¹ x`. Shapes as for `dct`.
#[inline(always)]
pub fn dct_t<T: Float>(n: usize, x: &[T], out: &mut [T], work: &mut [T]) {
    let (x, out) = (&x[..n], &mut out[..n]);
    let (work, convolution) = work.split_at_mut(4 * n);
    let (values, table) = work.split_at_mut(2 * n);
    let (cos, sin) = table.split_at_mut(n);
    quarter_circle(cos, sin);
    let (first, other) = scales(n);
    if n < FEW && !n.is_power_of_two() {
        for (i, out) in out.iter_mut().enumerate() {
            let rest = x.iter().enumerate().skip(1);
            let sum = rest.fold(T::ZERO, |sum, (k, &x)| sum + x * cosine(cos, (2 * i + 1) * k));
            *out = x[0] * first + sum * other;
        }
        return;
    }
    // The values whose transform `dct` rotates and scales, conjugated: the inverse transform is a conjugated one.
    let (re, im) = values.split_at_mut(n);
    let half = T::from_f64(0.5);
    re[0] = x[0] * first;
    im[0] = T::ZERO;
    for k in 1..n {
        // s_k² = 2/n, so x/s_k/n = x·s_k/2.
        let (c, s) = (x[k] * other * half, x[n - k] * other * half);
        re[k] = cos[k] * c + sin[k] * s;
        im[k] = cos[k] * s - sin[k] * c;
    }
    transform(re, im, cos, sin, convolution);
    for (i, out) in out.iter_mut().enumerate() {
        *out = re[if i % 2 == 0 { i / 2 } else { n - 1 - i / 2 }];
    }
}

/// √(1/n) and √(2/n)
#[inline(always)]
fn scales<T: Float>(n: usize) -> (T, T) {
    let n = T::from_usize(n);
    ((T::ONE / n).sqrt(), (T::from_f64(2.0) / n).sqrt())
}

/// cos and sin of πj/(2n) for j in 0..n. Powers of two come from the library, the others are products of log n of them.
#[inline(always)]
fn quarter_circle<T: Float>(cos: &mut [T], sin: &mut [T]) {
    let n = cos.len();
    cos[0] = T::ONE;
    sin[0] = T::ZERO;
    let mut known = 1;
    while known < n {
        let angle = core::f64::consts::FRAC_PI_2 * known as f64 / n as f64;
        let (c, s) = (T::from_f64(Float::cos(angle)), T::from_f64(Float::sin(angle)));
        let end = if 2 * known < n { 2 * known } else { n };
        for j in known..end {
            let (a, b) = (cos[j - known], sin[j - known]);
            cos[j] = c * a - s * b;
            sin[j] = s * a + c * b;
        }
        known = end;
    }
}

/// cos(πq/(2n)) for any q, from the table.
#[inline(always)]
fn cosine<T: Float>(cos: &[T], q: usize) -> T {
    let n = cos.len();
    let q = q % (4 * n);
    let q = if q > 2 * n { 4 * n - q } else { q };
    if q < n {
        cos[q]
    } else if q == n {
        T::ZERO
    } else {
        -cos[2 * n - q]
    }
}

/// The discrete Fourier transform, in place, of any length; from the table of a quarter circle.
///
/// With w_j = exp(−iπj²/n) it is w_k Σ_j (x_j w_j) conj(w_{k−j}), since 2jk = j² + k² − (k − j)².
#[inline(always)]
fn transform<T: Float>(re: &mut [T], im: &mut [T], cos: &[T], sin: &[T], work: &mut [T]) {
    let n = re.len();
    if n.is_power_of_two() {
        return fourier(re, im, cos, sin);
    }
    // cos and sin of πj²/n.
    let chirp = |j: usize| {
        let q = 2 * (j * j % (2 * n));
        (cosine(cos, q), cosine(cos, q + 3 * n))
    };
    let length = work.len() / 6;
    let (a, rest) = work.split_at_mut(2 * length);
    let (b, table) = rest.split_at_mut(2 * length);
    let ((a_re, a_im), (b_re, b_im)) = (a.split_at_mut(length), b.split_at_mut(length));
    let (table_cos, table_sin) = table.split_at_mut(length);
    let table_sin = &mut table_sin[..length];
    quarter_circle(table_cos, table_sin);
    a_re.fill(T::ZERO);
    a_im.fill(T::ZERO);
    b_re.fill(T::ZERO);
    b_im.fill(T::ZERO);
    for j in 0..n {
        let (c, s) = chirp(j);
        a_re[j] = re[j] * c + im[j] * s;
        a_im[j] = im[j] * c - re[j] * s;
        for at in [j, (length - j) % length] {
            b_re[at] = c;
            b_im[at] = s;
        }
    }
    fourier(a_re, a_im, table_cos, table_sin);
    fourier(b_re, b_im, table_cos, table_sin);
    // The product, conjugated: the inverse transform is a conjugated one over the length.
    let scale = T::ONE / T::from_usize(length);
    for j in 0..length {
        let (x, y) = (a_re[j] * b_re[j] - a_im[j] * b_im[j], a_re[j] * b_im[j] + a_im[j] * b_re[j]);
        a_re[j] = x * scale;
        a_im[j] = -y * scale;
    }
    fourier(a_re, a_im, table_cos, table_sin);
    for k in 0..n {
        let (c, s) = chirp(k);
        let (x, y) = (a_re[k], -a_im[k]);
        re[k] = x * c + y * s;
        im[k] = y * c - x * s;
    }
}

/// The discrete Fourier transform, in place, of a length that is a power of two; from the table of a quarter circle.
#[inline(always)]
fn fourier<T: Float>(re: &mut [T], im: &mut [T], cos: &[T], sin: &[T]) {
    let n = re.len();
    let mut reversed = 0;
    for i in 1..n {
        let mut bit = n >> 1;
        while reversed & bit != 0 {
            reversed ^= bit;
            bit >>= 1;
        }
        reversed |= bit;
        if i < reversed {
            re.swap(i, reversed);
            im.swap(i, reversed);
        }
    }
    let mut half = 1;
    while half < n {
        let stride = 2 * n / half;
        for (re, im) in re.chunks_exact_mut(2 * half).zip(im.chunks_exact_mut(2 * half)) {
            let (re_low, re_high) = re.split_at_mut(half);
            let (im_low, im_high) = im.split_at_mut(half);
            for j in 0..half {
                // exp(−iπj/half); a quarter turn is a factor of −i.
                let q = j * stride;
                let (c, s) = if q < n { (cos[q], sin[q]) } else { (-sin[q - n], cos[q - n]) };
                let (a, b) = (c * re_high[j] + s * im_high[j], c * im_high[j] - s * re_high[j]);
                re_high[j] = re_low[j] - a;
                im_high[j] = im_low[j] - b;
                re_low[j] += a;
                im_low[j] += b;
            }
        }
        half *= 2;
    }
}
