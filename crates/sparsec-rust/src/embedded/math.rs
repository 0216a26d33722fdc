//! Elementary functions without a standard library, to about one unit in the last place.

/// √a, correctly rounded; NaN below 0.
#[cfg(any(no_std, test))]
pub fn sqrt(a: f64) -> f64 {
    if !(a > 0.0 && a.is_finite()) {
        return if a == 0.0 || a == f64::INFINITY { a } else { f64::NAN };
    }
    // a = mantissa · 2^exponent with an even exponent and a root of at least 55 bits.
    let bits = a.to_bits();
    let (stored, fraction) = ((bits >> 52) as i64, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = if stored == 0 { (fraction, -1074) } else { (fraction | (1 << 52), stored - 1075) };
    let shift = 110 - (64 - i64::from(mantissa.leading_zeros()));
    let shift = shift + ((exponent - shift) & 1);
    let scaled = u128::from(mantissa) << shift;
    let root = scaled.isqrt();
    // The last bit says whether something was cut off: the conversion to f64 then rounds as the exact root would.
    let sticky = u64::from(root * root != scaled);
    let rounded = (((root as u64) << 1) | sticky) as f64;
    rounded * power_of_two((exponent - shift) / 2 - 1)
}

/// √a in single precision.
#[cfg(any(no_std, test))]
pub fn sqrtf(a: f32) -> f32 {
    sqrt(f64::from(a)) as f32
}

/// 2^n for |n| < 1022.
pub fn power_of_two(n: i64) -> f64 {
    f64::from_bits(((1023 + n) as u64) << 52)
}

/// Σ c_k xᵏ
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The upper part of ln 2, which has trailing zeros, and the rest.
const LN_2: (f64, f64) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);

/// eᵃ
pub fn exp(a: f64) -> f64 {
    if a.is_nan() {
        return a;
    }
    if a > 709.8 {
        return f64::INFINITY;
    }
    if a < -745.2 {
        return 0.0;
    }
    // a = n·ln 2 + r with |r| <= ln 2 / 2, and the series of eʳ.
    let half = if a < 0.0 { -0.5 } else { 0.5 };
    let n = (a * core::f64::consts::LOG2_E + half) as i64;
    let (high, low) = (a - n as f64 * LN_2.0, n as f64 * LN_2.1);
    let r = high - low;
    let (mut series, mut k) = (0.0, 14.0);
    while k > 1.5 {
        series = (1.0 + series) * r / k;
        k -= 1.0;
    }
    // 1 + r·(1 + series), with what the subtraction above lost.
    let lost = (high - r) - low;
    let value = 1.0 + (r + (r * series + lost));
    value * power_of_two(n / 2) * power_of_two(n - n / 2)
}

/// ln a; −∞ at 0, NaN below.
pub fn log(a: f64) -> f64 {
    if !(a > 0.0 && a.is_finite()) {
        return match a {
            _ if a == 0.0 => f64::NEG_INFINITY,
            _ if a > 0.0 => a,
            _ => f64::NAN,
        };
    }
    // a = m·2ⁿ with m in [√½, √2), and ln m = 2·atanh(s), s = (m − 1)/(m + 1).
    let (a, below) = if a < f64::MIN_POSITIVE { (a * power_of_two(54), 54) } else { (a, 0) };
    let bits = a.to_bits();
    let mut n = (bits >> 52) as i64 - 1023;
    let mut m = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    if m > core::f64::consts::SQRT_2 {
        m *= 0.5;
        n += 1;
    }
    let n = (n - below) as f64;
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let odd = [3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0, 17.0, 19.0, 21.0].map(|k| 2.0 / k);
    let tail = z * polynomial(z, &odd);
    // ln m = f − s·(f − tail): the large part is exact.
    n * LN_2.0 + (f - (s * (f - tail) - n * LN_2.1))
}

/// ln(1 + a)
pub fn log1p(a: f64) -> f64 {
    let u = 1.0 + a;
    if u == 1.0 || !u.is_finite() || u <= 0.0 {
        return if u == 1.0 { a } else { log(u) };
    }
    // What 1 + a lost to rounding, relative to u.
    let lost = if a < 1.0 { a - (u - 1.0) } else { 1.0 - (u - a) };
    log(u) + lost / u
}

/// π/2 in three parts; the first two have trailing zeros.
const HALF_PI: (f64, f64, f64) = (1.570_796_310_901_641_8, 1.589_325_471_229_585_7e-8, 6.123_233_995_736_766e-17);

/// The quarter of the circle, and the angle in it.
fn quarter(a: f64) -> (i64, f64) {
    let half = if a < 0.0 { -0.5 } else { 0.5 };
    let n = (a / core::f64::consts::FRAC_PI_2 + half) as i64;
    let f = n as f64;
    (n & 3, ((a - f * HALF_PI.0) - f * HALF_PI.1) - f * HALF_PI.2)
}

/// The series of the sine, |r| <= π/4.
fn sine(r: f64) -> f64 {
    let z = r * r;
    let (mut series, mut k) = (0.0, 18.0);
    while k > 1.5 {
        series = (1.0 + series) * -z / (k * (k + 1.0));
        k -= 2.0;
    }
    r + r * series
}

/// The series of the cosine, |r| <= π/4.
fn cosine(r: f64) -> f64 {
    let z = r * r;
    let (mut series, mut k) = (0.0, 19.0);
    while k > 2.5 {
        series = (1.0 + series) * -z / (k * (k + 1.0));
        k -= 2.0;
    }
    1.0 - (0.5 * z + 0.5 * z * series)
}

/// cos a, for angles below about 10⁵
pub fn cos(a: f64) -> f64 {
    match quarter(a) {
        (0, r) => cosine(r),
        (1, r) => -sine(r),
        (2, r) => -cosine(r),
        (_, r) => sine(r),
    }
}

/// sin a, for angles below about 10⁵
pub fn sin(a: f64) -> f64 {
    match quarter(a) {
        (0, r) => sine(r),
        (1, r) => cosine(r),
        (2, r) => -sine(r),
        (_, r) => -cosine(r),
    }
}
