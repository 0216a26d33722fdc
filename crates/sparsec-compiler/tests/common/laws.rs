//! Laws of proxable and smooth rules. Each says what is wrong with a rule, or that nothing is: so they can be tried on rules with mistakes.

use super::lab::{Proxable, Smooth};
use sparsec_compiler::calculus::Facts;
use sparsec_compiler::calculus::oracle::{Example, N, Place, dot, norm_inf, norm2};

/// `Err` says how a law is broken.
pub type Verdict = Result<(), String>;

/// A law of a proxable rule.
pub type ProxableLaw = fn(&mut Proxable, &Example, Facts) -> Verdict;

/// A law of a smooth rule.
pub type SmoothLaw = fn(&mut Smooth, &Example) -> Verdict;

/// All of them, by name.
pub const PROXABLE: &[(&str, ProxableLaw)] = &[
    ("the value is the plain one", value),
    ("the prox is no worse than any point around it", prox),
    ("the prox is firmly nonexpansive", nonexpansive),
    ("the prox hands a NaN on", nan),
    ("the prox in f32 is that in f64 to its precision", single),
    ("the Jacobian is the derivative of the prox", jacobian),
    ("the Jacobian is bounded where the prox has kinks", jacobian_at_kinks),
    ("⟨x, u⟩ ≤ g(x) + g*(u), with equality at a prox", fenchel),
    ("the conjugate is the plain one", conjugate),
    ("the subdifferential of an entry is all its slopes", subdifferential),
    ("along the tangent the prox moves, and all slopes are one", tangent),
    ("the gauge is where the plain conjugate becomes finite", gauge),
    ("recession directions are those of at most linear growth", recession),
    ("the violation is 0 in the domain and nowhere else", violation),
    ("no point of the domain is beyond its extent, which a bounded one has", extent),
    ("the maximiser attains the conjugate", maximiser),
    ("every fact holds", facts),
];

/// Those that need no plain definition: they hold of sums as well.
pub const OF_SUMS: &[(&str, ProxableLaw)] = &[
    ("the prox is firmly nonexpansive", nonexpansive),
    ("the prox hands a NaN on", nan),
    ("the prox in f32 is that in f64 to its precision", single),
    ("the Jacobian is the derivative of the prox", jacobian),
    ("the Jacobian is bounded where the prox has kinks", jacobian_at_kinks),
    ("⟨x, u⟩ ≤ g(x) + g*(u), with equality at a prox", fenchel),
    ("along the tangent the prox moves, and all slopes are one", tangent),
];

/// All of them, by name.
pub const SMOOTH: &[(&str, SmoothLaw)] = &[
    ("the value is the plain one", smooth_value),
    ("the gradient is the derivative", gradient),
    ("the second derivative is the gradient's", second),
    ("the Lipschitz constant is never exceeded, and nearly reached", lipschitz),
    ("the excess is f(t) + f*(z) − ⟨z, t⟩, and nothing at the gradient", excess),
    ("clipping leads into the conjugate's domain and leaves what is there", clip),
    ("the lag is minus the derivative of the excess", lag),
    ("the metric bounds the function from above, and is the one that its weights say", metric),
    ("the slope at infinity is a limit", smooth_recession),
];

/// A small generator with a fixed seed: the tests must not change from run to run.
pub struct Random(pub u64);

impl Random {
    /// In [−1, 1).
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0
    }

    pub fn vector(&mut self, scale: f64) -> Vec<f64> {
        (0..N).map(|_| scale * self.next()).collect()
    }
}

/// Points of several sizes, and special ones.
pub fn points() -> Vec<Vec<f64>> {
    let mut r = Random(7);
    let mut points: Vec<Vec<f64>> = [0.1, 1.0, 3.0, 30.0].iter().map(|scale| r.vector(*scale)).collect();
    points.push(vec![0.0; N]);
    points.push(vec![1.0; N]);
    points.push(vec![0.8, -0.8, 0.4, -0.4, 0.25, 1e-9]);
    points
}

fn plus(a: &[f64], s: f64, b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + s * b).collect()
}

fn close(what: &str, found: f64, expected: f64, tolerance: f64) -> Verdict {
    let size = expected.abs().max(1.0);
    // False for NaN, and where one alone is infinite.
    if found == expected || (size.is_finite() && (found - expected).abs() <= tolerance * size) {
        return Ok(());
    }
    Err(format!("{what}: {found} is not {expected}"))
}

fn holds(that: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if that { Ok(()) } else { Err(otherwise()) }
}

/// A random point of the domain.
fn inside(example: &Example, r: &mut Random, scale: f64) -> Vec<f64> {
    let mut x = r.vector(scale);
    (example.into)(&mut x);
    x
}

fn value(rule: &mut Proxable, example: &Example, _facts: Facts) -> Verdict {
    let mut r = Random(1);
    for k in 0..30 {
        let x = inside(example, &mut r, [0.1, 1.0, 10.0][k % 3]);
        let plain = if example.place == Place::Constraint { 0.0 } else { (example.value)(&x) };
        close(&format!("at {x:?}"), rule.value(&x), plain, 1e-13)?;
    }
    Ok(())
}

fn prox(rule: &mut Proxable, example: &Example, _facts: Facts) -> Verdict {
    for v in points() {
        for gamma in [0.3, 1.0, 10.0] {
            let x = rule.prox(&v, gamma);
            let of = |y: &[f64]| {
                let d = plus(y, -1.0, &v);
                let value = if example.place == Place::Constraint { 0.0 } else { (example.value)(y) };
                0.5 * dot(&d, &d) + gamma * value
            };
            let outside = example.value_at(&x) == f64::INFINITY && {
                let mut moved = x.clone();
                (example.into)(&mut moved);
                norm2(&plus(&moved, -1.0, &x)) > 1e-10 * (1.0 + norm_inf(&v))
            };
            holds(!outside, || format!("the prox at {v:?}, γ = {gamma}, is outside of the domain: {x:?}"))?;
            let mut x = x;
            (example.into)(&mut x);
            let (at, mut r) = (of(&x), Random(11));
            for scale in [3.0, 1.0, 1e-1, 1e-2, 1e-3] {
                for _ in 0..40 {
                    let mut q = plus(&x, scale, &r.vector(1.0));
                    (example.into)(&mut q);
                    holds(of(&q) >= at - 1e-10 * at.abs().max(1.0), || {
                        format!("{} < {at} at {q:?}, not {x:?} = prox({v:?}), γ = {gamma}", of(&q))
                    })?;
                }
            }
        }
    }
    Ok(())
}

fn nonexpansive(rule: &mut Proxable, _example: &Example, _facts: Facts) -> Verdict {
    let mut r = Random(9);
    for k in 0..60 {
        let scale: f64 = [0.1, 1.0, 30.0][k % 3];
        let (v, w) = (r.vector(scale), r.vector(scale));
        let moved = plus(&rule.prox(&v, 0.7), -1.0, &rule.prox(&w, 0.7));
        // Each prox is right to a few units of the largest entry.
        let slack = 1e-13 * scale * scale.max(1.0);
        holds(dot(&moved, &moved) <= dot(&moved, &plus(&v, -1.0, &w)) + slack, || format!("{v:?} {w:?}"))?;
    }
    Ok(())
}

fn nan(rule: &mut Proxable, _example: &Example, _facts: Facts) -> Verdict {
    let mut v = vec![0.5; N];
    v[2] = f64::NAN;
    holds(rule.prox(&v, 0.7).iter().any(|x| x.is_nan()), || "nothing but numbers".to_owned())
}

fn single(rule: &mut Proxable, _example: &Example, _facts: Facts) -> Verdict {
    let mut r = Random(13);
    for k in 0..30 {
        let scale: f64 = [0.3, 1.0, 10.0][k % 3];
        // A prox is nonexpansive: rounding v moves it by at most √n ε|v|; the sums inside take n terms of that size.
        let tolerance = 64.0 * f64::from(f32::EPSILON) * scale.max(1.0);
        let v = r.vector(scale);
        let (double, single) = (rule.prox(&v, 0.7), rule.prox32(&v, 0.7));
        for (a, b) in double.iter().zip(single) {
            holds((a - b).abs() <= tolerance, || format!("{b} is not {a} at {v:?}"))?;
        }
    }
    Ok(())
}

fn jacobian(rule: &mut Proxable, _example: &Example, _facts: Facts) -> Verdict {
    // Differences over 2h: the truncation is O(h²) times a third derivative of order 1, the rounding ε·|v|/h.
    let (gamma, h, tolerance) = (0.7, 1e-6, 1e-7);
    let mut r = Random(3);
    let mut compared = 0;
    for k in 0..60 {
        let scale: f64 = [0.3, 1.0, 3.0][k % 3];
        let (v, d, e) = (r.vector(scale), r.vector(1.0), r.vector(1.0));
        let [here, before, after] = [0.0, -h, h].map(|s| rule.prox(&plus(&v, s, &d), gamma));
        let (jd, je) = (rule.jacobian(&v, gamma, &d), rule.jacobian(&v, gamma, &e));
        if (0..N).any(|i| ((after[i] - here[i]) - (here[i] - before[i])).abs() > 1e-3 * h) {
            continue;
        }
        compared += 1;
        for i in 0..N {
            let difference = (after[i] - before[i]) / (2.0 * h);
            holds((difference - jd[i]).abs() <= tolerance, || format!("{} is not {difference} at {v:?}", jd[i]))?;
        }
        holds((dot(&jd, &e) - dot(&je, &d)).abs() <= 1e-12, || format!("not symmetric at {v:?}"))?;
        let bent = dot(&jd, &d);
        holds(bent >= -1e-12 && bent <= dot(&d, &d) + 1e-12, || format!("⟨d, J d⟩ = {bent} at {v:?}"))?;
    }
    holds(compared >= 50, || format!("{compared} points without a kink"))
}

fn jacobian_at_kinks(rule: &mut Proxable, _example: &Example, _facts: Facts) -> Verdict {
    let t = 0.7;
    let special: [[f64; N]; 7] =
        [[0.0; N], [1.0; N], [t; N], [-t; N], [1e9; N], [1e-12; N], [0.8 * t, -0.8 * t, t, 0.0, -0.0, 0.6 * t]];
    let mut r = Random(5);
    for v in special {
        for gamma in [t, 0.0] {
            let d = r.vector(1.0);
            let jd = rule.jacobian(&v, gamma, &d);
            // Products of Jacobians need not be symmetric where the prox has a kink, but their norm is at most 1.
            holds(dot(&jd, &jd) <= dot(&d, &d) * (1.0 + 1e-12), || format!("J d = {jd:?} for d = {d:?} at {v:?}"))?;
        }
    }
    Ok(())
}

fn fenchel(rule: &mut Proxable, _example: &Example, _facts: Facts) -> Verdict {
    let mut r = Random(17);
    for k in 0..60 {
        let scale: f64 = [0.1, 1.0, 10.0][k % 3];
        let (v, gamma) = (r.vector(scale), [0.2, 1.0, 5.0][k / 3 % 3]);
        let x = rule.prox(&v, gamma);
        let u: Vec<f64> = v.iter().zip(&x).map(|(v, x)| (v - x) / gamma).collect();
        let (conjugate, outside) = rule.conjugate(&u);
        let (size, off) = (norm_inf(&u) + 1.0, norm2(&outside));
        holds(off <= 1e-12 * size, || format!("(v − x)/γ = {u:?} is {off} from the conjugate's domain"))?;
        let (value, inner) = (rule.value(&x), dot(&x, &u));
        let scale_of_terms = value.abs() + conjugate.abs() + norm2(&x) * norm2(&u);
        let excess = value + conjugate - inner;
        holds(excess.abs() <= 1e-11 * scale_of_terms.max(1.0), || {
            format!("g(x) + g*(u) − ⟨x, u⟩ = {excess} at the prox x = {x:?} of {v:?}, u = {u:?}")
        })?;
        // Any other point of the domain against the same slope.
        for _ in 0..10 {
            let other = rule.prox(&r.vector(3.0 * scale), 0.1);
            let (value, inner) = (rule.value(&other), dot(&other, &u));
            let size = value.abs() + conjugate.abs() + norm2(&other) * norm2(&u);
            holds(value + conjugate - inner >= -1e-12 * size.max(1.0), || {
                format!("g(x) + g*(u) = {} < ⟨x, u⟩ = {inner} at {other:?}, {u:?}", value + conjugate)
            })?;
        }
    }
    Ok(())
}

/// Slopes of all kinds: random ones, those that proxes leave, and these made longer and shorter.
pub fn slopes(rule: &mut Proxable) -> Vec<Vec<f64>> {
    let mut r = Random(23);
    let mut all = vec![vec![0.0; N]];
    for k in 0..24 {
        let v = r.vector([0.3, 1.0, 5.0][k % 3]);
        let x = rule.prox(&v, 1.0);
        let left = plus(&v, -1.0, &x);
        for s in [1.0, 0.5, 0.97, 1.03, 2.0] {
            all.push(left.iter().map(|u| s * u).collect());
        }
        all.push(v);
    }
    all
}

fn conjugate(rule: &mut Proxable, example: &Example, _facts: Facts) -> Verdict {
    for u in slopes(rule) {
        let (found, outside) = rule.conjugate(&u);
        let plain = (example.conjugate)(&u);
        let (size, off) = (norm_inf(&u) + 1.0, norm2(&outside));
        if off <= 1e-12 * size {
            // On the border of the domain rounding decides for the plain one.
            let shorter: Vec<f64> = u.iter().map(|u| u * (1.0 - 1e-9)).collect();
            let plain = if plain.is_finite() { plain } else { (example.conjugate)(&shorter) };
            close(&format!("g* at {u:?}"), found, plain, 1e-8)?;
        } else {
            holds(plain == f64::INFINITY, || format!("{u:?} is said to be {off} from the domain, but g* is {plain}"))?;
            // Without it u is in the domain, at the point next to it, whose value is told; nearer there is none.
            let next = plus(&u, -1.0, &outside);
            let shorter: Vec<f64> = next.iter().map(|u| u * (1.0 - 1e-9)).collect();
            let there = [&next, &shorter].map(|u| (example.conjugate)(u)).into_iter().fold(f64::INFINITY, f64::min);
            close(&format!("g* next to {u:?}"), found, there, 1e-8)?;
            let nearer = plus(&u, -(1.0 - 1e-6), &outside);
            let inside = (example.conjugate)(&nearer) < f64::INFINITY;
            holds(!inside, || format!("{nearer:?} is in the domain, and nearer to {u:?} than {next:?}"))?;
        }
    }
    Ok(())
}

fn subdifferential(rule: &mut Proxable, _example: &Example, _facts: Facts) -> Verdict {
    let mut r = Random(47);
    for k in 0..40 {
        let v = r.vector([0.3, 1.0, 5.0][k % 3]);
        let x = rule.prox(&v, 1.0);
        let Some([low, high]) = rule.subdifferential(&x) else { return Ok(()) };
        let size = 1.0 + norm_inf(&v);
        for i in 0..N {
            let u = v[i] - x[i];
            holds(low[i] <= high[i] && low[i] - u <= 1e-12 * size && u - high[i] <= 1e-12 * size, || {
                format!("{u} is a slope at {}, but not in [{}, {}]", x[i], low[i], high[i])
            })?;
        }
        // What it holds are slopes: they reach the conjugate.
        let within = |l: f64, h: f64, s: f64| match (l.is_finite(), h.is_finite()) {
            (true, true) => l + s * (h - l),
            (true, false) => l + s,
            (false, true) => h - s,
            (false, false) => s,
        };
        for s in [0.0, 0.5, 1.0] {
            let u: Vec<f64> = low.iter().zip(&high).map(|(l, h)| within(*l, *h, s)).collect();
            let ((conjugate, outside), value) = (rule.conjugate(&u), rule.value(&x));
            let off = norm2(&outside);
            let size = value.abs() + conjugate.abs() + norm2(&x) * norm2(&u) + 1.0;
            let excess = value + conjugate - dot(&x, &u);
            holds(off <= 1e-12 * size && excess.abs() <= 1e-11 * size, || {
                format!("{u:?} is no slope at {x:?}: {excess}, {off} from the domain")
            })?;
        }
    }
    Ok(())
}

fn tangent(rule: &mut Proxable, _example: &Example, _facts: Facts) -> Verdict {
    let (gamma, mut r, h) = (0.7, Random(53), 1e-9);
    for (k, v) in
        points().into_iter().chain((0..40).map(|k| Random(k).vector([0.3, 1.0, 5.0][k as usize % 3]))).enumerate()
    {
        let x = rule.prox(&v, gamma);
        let u: Vec<f64> = v.iter().zip(&x).map(|(v, x)| (v - x) / gamma).collect();
        let (d, e) = (r.vector(1.0), r.vector(1.0));
        let ([slope, pd], [_, pe]) = (rule.tangent(&x, &d, &u), rule.tangent(&x, &e, &u));
        let [_, twice] = rule.tangent(&x, &pd, &u);
        let same = |a: &[f64], b: &[f64], size: f64| norm2(&plus(a, -1.0, b)) <= 1e-11 * size;
        holds(same(&twice, &pd, 1.0) && (dot(&pd, &e) - dot(&d, &pe)).abs() <= 1e-12, || {
            format!("no symmetric projection at {x:?}: {d:?} → {pd:?} → {twice:?}")
        })?;
        // The slope of the prox is one, and so it has what they all have in common.
        let (size, [_, along]) = (1.0 + norm2(&u), rule.tangent(&x, &u, &u));
        holds(same(&along, &slope, size), || format!("{along:?} of the slope {u:?} at {x:?} is not {slope:?}"))?;
        // On both sides along it the growth is what the slope says, and the domain goes on.
        for s in [h, -h] {
            let moved = plus(&x, s, &pd);
            let grown = (rule.value(&moved) - rule.value(&x)) / s;
            let rounding = 1e-15 * (1.0 + rule.value(&x).abs()) / h;
            let expected = dot(&slope, &pd);
            // An entry that is nearly 0 bends an entropy, and a group that is, its norm.
            let bent = 1e-3 * (1.0 + expected.abs()) + rounding;
            let least = x.iter().filter(|x| **x != 0.0).fold(f64::INFINITY, |least: f64, x| least.min(x.abs()));
            let far_from_borders = least > 1e3 * h;
            holds(!far_from_borders || (grown - expected).abs() <= bent, || {
                format!("{grown} is not {expected} along {pd:?} at {x:?}")
            })?;
            let off = rule.violation(&moved);
            holds(!far_from_borders || off <= 1e-11 + 1e4 * h * h, || format!("{off} along {pd:?} at {x:?}"))?;
        }
        // Where the prox is differentiable its range is no larger.
        let [before, after] = [-1e-9, 1e-9].map(|s| rule.prox(&plus(&v, s, &d), gamma));
        let kink = (0..N).any(|i| ((after[i] - x[i]) - (x[i] - before[i])).abs() > 1e-12);
        let jd = rule.jacobian(&v, gamma, &d);
        let [_, kept] = rule.tangent(&x, &jd, &u);
        holds(kink || same(&kept, &jd, 1.0 + norm2(&jd)), || {
            format!("the prox moves along {jd:?} at {x:?}, of which {kept:?} is said to be smooth (point {k})")
        })?;
    }
    Ok(())
}

fn gauge(rule: &mut Proxable, example: &Example, _facts: Facts) -> Verdict {
    for u in slopes(rule) {
        let Some(found) = rule.gauge(&u) else { return Ok(()) };
        let feasible = |s: f64| (example.conjugate)(&u.iter().map(|u| u / s).collect::<Vec<_>>()) < f64::INFINITY;
        let (mut low, mut high) = (1e-9, 1e9);
        if !feasible(high) {
            // What rounding leaves of a slope is no slope.
            let rounding = norm2(&rule.conjugate(&u).1) <= 1e-12 * (1.0 + norm_inf(&u));
            holds(found == f64::INFINITY || found > 1e8 || rounding, || {
                format!("{found} for {u:?}, which no scale makes feasible")
            })?;
            continue;
        }
        if feasible(low) {
            holds(found <= 2.0 * low, || format!("{found} is not 0 for {u:?}"))?;
            continue;
        }
        for _ in 0..200 {
            let middle = (low * high).sqrt();
            if feasible(middle) { high = middle } else { low = middle }
        }
        close(&format!("gauge of {u:?}"), found / high, 1.0, 1e-6)?;
    }
    Ok(())
}

fn recession(rule: &mut Proxable, example: &Example, _facts: Facts) -> Verdict {
    let mut r = Random(29);
    let mut tried: Vec<Vec<f64>> = (0..20).map(|_| r.vector(1.0)).collect();
    for i in 0..N {
        let unit = |s: f64| (0..N).map(|j| if i == j { s } else { 0.0 }).collect::<Vec<f64>>();
        tried.extend([unit(1.0), unit(-1.0)]);
    }
    tried.push(vec![0.0; N]);
    for d in tried {
        let (along, slope) = rule.recession(&d);
        let x = inside(example, &mut r, 1.0);
        let grown = |d: &[f64], s: f64| {
            let far = plus(&x, s, d);
            // Far out the set is left by rounding of that size.
            let mut moved = far.clone();
            (example.into)(&mut moved);
            let left = norm2(&plus(&moved, -1.0, &far)) > 1e-12 * (1.0 + s);
            let value = |y: &[f64]| if example.place == Place::Constraint { 0.0 } else { (example.value)(y) };
            if left { f64::INFINITY } else { (value(&far) - value(&x)) / s }
        };
        let (near, far) = (grown(&along, 1e4), grown(&along, 1e8));
        holds(far.is_finite(), || format!("g is infinite along {along:?}, which is made of {d:?}"))?;
        close(&format!("growth along {along:?}"), far, slope, 1e-6)?;
        holds(far - near <= 1e-2 * (1.0 + far.abs()), || format!("g grows faster than linearly along {along:?}"))?;
        // A direction that is changed was none.
        let changed = norm2(&plus(&along, -1.0, &d)) > 1e-12 * (1.0 + norm2(&d));
        if changed {
            let (near, far) = (grown(&d, 1e2), grown(&d, 1e8));
            holds(far == f64::INFINITY || far - near > 1.0, || format!("{d:?} is moved to {along:?} without need"))?;
        }
    }
    Ok(())
}

fn violation(rule: &mut Proxable, example: &Example, _facts: Facts) -> Verdict {
    let mut r = Random(31);
    for k in 0..40 {
        let scale = [0.1, 1.0, 10.0][k % 3];
        let x = inside(example, &mut r, scale);
        let off = rule.violation(&x);
        holds(off <= 1e-12 * (1.0 + norm_inf(&x)), || format!("{off} at {x:?}, which is inside"))?;
        let y = r.vector(scale);
        let mut moved = y.clone();
        (example.into)(&mut moved);
        let outside = norm2(&plus(&moved, -1.0, &y)) > 1e-6 * (1.0 + norm2(&y));
        holds(!outside || rule.violation(&y) > 0.0, || format!("0 at {y:?}, which is outside"))?;
    }
    Ok(())
}

fn extent(rule: &mut Proxable, example: &Example, _facts: Facts) -> Verdict {
    const FAR: f64 = 1e6;
    let extent = rule.extent();
    for i in 0..N {
        let mut reached = 0.0_f64;
        for far in [-FAR, FAR] {
            let mut x: Vec<f64> = (0..N).map(|j| if i == j { far } else { 0.1 }).collect();
            (example.into)(&mut x);
            reached = reached.max(x[i].abs());
        }
        holds(reached <= extent[i] * (1.0 + 1e-9), || format!("{reached} is beyond {}", extent[i]))?;
        let bounded = reached < 0.1 * FAR;
        holds(!bounded || extent[i] < f64::INFINITY, || format!("none, for an end at {reached}"))?;
    }
    Ok(())
}

fn maximiser(rule: &mut Proxable, example: &Example, facts: Facts) -> Verdict {
    let mut r = Random(37);
    for k in 0..20 {
        let u = r.vector([0.3, 1.0, 5.0][k % 3]);
        let Some(x) = rule.maximiser(&u) else {
            return holds(!facts.maximiser, || "there is none".to_owned());
        };
        let reached = dot(&u, &x) - (example.value)(&x);
        close(&format!("⟨u, x⟩ − g(x) at the maximiser for {u:?}"), reached, (example.conjugate)(&u), 1e-12)?;
    }
    Ok(())
}

fn facts(rule: &mut Proxable, example: &Example, facts: Facts) -> Verdict {
    let mut r = Random(41);
    let plain = |x: &[f64]| example.value_at(x);
    for k in 0..40 {
        let scale = [0.3, 1.0, 4.0][k % 3];
        let (x, v) = (inside(example, &mut r, scale), r.vector(scale));
        if facts.set {
            holds(rule.value(&x) == 0.0 && plain(&x) == 0.0, || format!("not a set: {} at {x:?}", rule.value(&x)))?;
        }
        if facts.nonnegative {
            holds(plain(&x) >= 0.0, || format!("negative: {} at {x:?}", plain(&x)))?;
        }
        if facts.homogeneous {
            let s = 0.5 + r.next().abs() * 3.0;
            let scaled: Vec<f64> = x.iter().map(|x| s * x).collect();
            close(&format!("not homogeneous: g({s} x) at {x:?}"), plain(&scaled), s * plain(&x), 1e-12)?;
        }
        if facts.separable {
            // An entry of the prox depends on its own entry alone.
            let mut w = v.clone();
            w[k % N] = r.next() * scale;
            let (a, b) = (rule.prox(&v, 1.0), rule.prox(&w, 1.0));
            let same = (0..N).filter(|i| *i != k % N).all(|i| (a[i] - b[i]).abs() <= 1e-13 * scale);
            holds(same, || format!("not separable: {a:?} {b:?}"))?;
        }
        if facts.absolute {
            let turned: Vec<f64> = x.iter().map(|x| if r.next() > 0.0 { *x } else { -x }).collect();
            close(&format!("signs matter at {x:?}"), plain(&turned), plain(&x), 1e-13)?;
            let smaller: Vec<f64> = x.iter().map(|x| x * r.next().abs()).collect();
            holds(plain(&smaller) <= plain(&x) + 1e-13 * (1.0 + plain(&x).abs()), || {
                format!("not growing with the absolute values: {smaller:?} {x:?}")
            })?;
        }
        if facts.symmetric {
            let mut turned = x.clone();
            let (i, j) = (k % N, (k / N + k + 1) % N);
            turned.swap(i, j);
            close(&format!("the order matters at {x:?}"), plain(&turned), plain(&x), 1e-12)?;
        }
        if facts.radial {
            // A reflection leaves the norm; a longer point is worth no less.
            let a = r.vector(1.0);
            let turned = plus(&x, -2.0 * dot(&a, &x) / dot(&a, &a), &a);
            let shorter: Vec<f64> = turned.iter().map(|x| x * (1.0 - 1e-9)).collect();
            let inside = plain(&turned).is_finite() || plain(&shorter).is_finite();
            let value = if example.place == Place::Constraint { 0.0 } else { plain(&turned) };
            holds(inside, || format!("not radial at {x:?}"))?;
            close(&format!("not radial at {x:?}"), value, plain(&x), 1e-12)?;
        }
        if facts.nonnegative_domain {
            let mut y = x.clone();
            y[k % N] = -0.1 - y[k % N].abs();
            holds(plain(&y) == f64::INFINITY, || format!("finite at {y:?}"))?;
        }
    }
    if facts.sparse {
        // Zeros beside others that are none, of entries that were none.
        let some = (0..60).any(|_| {
            let x = rule.prox(&r.vector(1.0), 0.5);
            x.contains(&0.0) && x.iter().any(|x| *x != 0.0)
        });
        holds(some, || "not sparse: the prox has no zeros beside other numbers".to_owned())?;
    }
    Ok(())
}

fn smooth_value(rule: &mut Smooth, example: &Example) -> Verdict {
    let mut r = Random(1);
    for k in 0..30 {
        let t = r.vector([0.1, 1.0, 30.0][k % 3]);
        close(&format!("at {t:?}"), rule.value(&t), (example.value)(&t), 1e-13)?;
    }
    Ok(())
}

fn gradient(rule: &mut Smooth, example: &Example) -> Verdict {
    // Differences over 2h: the truncation is O(h²), the rounding ε f/h.
    let h = 1e-5;
    let mut r = Random(2);
    for k in 0..40 {
        let scale: f64 = [0.1, 1.0, 5.0][k % 3];
        let (t, d) = (r.vector(scale), r.vector(1.0));
        let [before, after] = [-h, h].map(|s| (example.value)(&plus(&t, s, &d)));
        let slope = dot(&rule.gradient(&t), &d);
        close(&format!("slope at {t:?}"), slope, (after - before) / (2.0 * h), 1e-8 * (1.0 + scale * scale))?;
    }
    Ok(())
}

fn second(rule: &mut Smooth, _example: &Example) -> Verdict {
    let (h, tolerance) = (1e-6, 1e-7);
    let mut r = Random(3);
    let mut compared = 0;
    for k in 0..60 {
        let (t, d, e) = (r.vector([0.3, 1.0, 3.0][k % 3]), r.vector(1.0), r.vector(1.0));
        let [here, before, after] = [0.0, -h, h].map(|s| rule.gradient(&plus(&t, s, &d)));
        if (0..N).any(|i| ((after[i] - here[i]) - (here[i] - before[i])).abs() > 1e-3 * h) {
            continue;
        }
        compared += 1;
        let (hd, he) = (rule.second(&t, &d), rule.second(&t, &e));
        for i in 0..N {
            let difference = (after[i] - before[i]) / (2.0 * h);
            holds((difference - hd[i]).abs() <= tolerance * (1.0 + difference.abs()), || {
                format!("{} is not {difference} at {t:?}", hd[i])
            })?;
        }
        holds((dot(&hd, &e) - dot(&he, &d)).abs() <= 1e-11, || format!("not symmetric at {t:?}"))?;
        holds(dot(&hd, &d) >= -1e-12, || format!("negative along {d:?} at {t:?}"))?;
    }
    holds(compared >= 50, || format!("{compared} points without a kink"))
}

fn lipschitz(rule: &mut Smooth, _example: &Example) -> Verdict {
    let l = rule.lipschitz();
    let mut r = Random(4);
    let mut most: f64 = 0.0;
    for k in 0..200 {
        let t = r.vector([0.1, 1.0, 3.0, 10.0][k % 4]);
        let mut d = r.vector([1e-3, 0.1, 1.0][k % 3]);
        // Towards the steepest change of the gradient, by power iteration on differences.
        for _ in 0..20 {
            let moved = plus(&rule.gradient(&plus(&t, 1.0, &d)), -1.0, &rule.gradient(&t));
            let (size, length) = (norm2(&moved), norm2(&d));
            let ratio = size / length;
            holds(ratio <= l * (1.0 + 1e-9), || format!("{ratio} > {l} between {t:?} and {d:?} on"))?;
            most = most.max(ratio);
            if size == 0.0 {
                break;
            }
            d = moved.iter().map(|x| x * length / size).collect();
        }
    }
    // softmax's ½ is reached at two equal entries far above the rest.
    let mut peak = vec![-40.0; N];
    (peak[0], peak[1]) = (0.0, 0.0);
    let d: Vec<f64> = (0..N).map(|i| [1e-4, -1e-4].get(i).copied().unwrap_or(0.0)).collect();
    let moved = plus(&rule.gradient(&plus(&peak, 1.0, &d)), -1.0, &rule.gradient(&peak));
    most = most.max(norm2(&moved) / norm2(&d));
    holds(most >= 0.9 * l, || format!("{l} is nowhere reached, {most} is the most"))
}

/// A point of the conjugate's domain: between the gradients at two points, all of whose entries count.
fn dual_point(rule: &mut Smooth, r: &mut Random, scale: f64) -> Vec<f64> {
    let (a, b) = (rule.gradient(&r.vector(scale)), rule.gradient(&r.vector(scale)));
    a.iter().zip(b).map(|(a, b)| 0.5 * (a + b)).collect()
}

fn excess(rule: &mut Smooth, example: &Example) -> Verdict {
    let mut r = Random(6);
    for k in 0..60 {
        let scale = [0.1, 1.0, 5.0][k % 3];
        let (t, z) = (r.vector(scale), dual_point(rule, &mut r, 2.0 * scale));
        let (value, conjugate, inner) = ((example.value)(&t), (example.conjugate)(&z), dot(&z, &t));
        let size = value.abs() + conjugate.abs() + norm2(&t) * norm2(&z);
        let (found, plain) = (rule.excess(&t, &z), value + conjugate - inner);
        holds((found - plain).abs() <= 1e-11 * size, || format!("{found} is not {plain} at {t:?}, {z:?}"))?;
        holds(found >= 0.0, || format!("negative: {found} at {t:?}, {z:?}"))?;
        // At the gradient nothing cancels: what is left is a square of rounding. So it is for the gradient of a nearby point.
        let z = rule.gradient(&t);
        let size = value.abs() + norm2(&t) * norm2(&z);
        let at = rule.excess(&t, &z);
        holds(at.abs() <= 1e-28 * size.max(1e-300), || format!("{at} at {t:?} and its gradient"))?;
        let d = r.vector(1e-9 * scale);
        let next = rule.gradient(&plus(&t, 1.0, &d));
        let (near, expected) = (rule.excess(&t, &next), 0.5 * dot(&d, &rule.second(&t, &d)));
        // ½ dᵀ f'' d, in which the rounding of the gradient's difference counts.
        holds((near - expected).abs() <= 1e-4 * expected + 1e-28 * size, || {
            format!("{near} is not {expected} at {t:?} and the gradient {d:?} further")
        })?;
    }
    Ok(())
}

fn clip(rule: &mut Smooth, example: &Example) -> Verdict {
    let mut r = Random(10);
    for k in 0..40 {
        let z = dual_point(rule, &mut r, [0.1, 1.0, 5.0][k % 3]);
        let kept = rule.clip(&z);
        holds(norm2(&plus(&kept, -1.0, &z)) <= 1e-15 * norm2(&z), || format!("{z:?} becomes {kept:?}"))?;
        let mut far = r.vector(4.0);
        far[k % N] = 3.0;
        let clipped = rule.clip(&far);
        let moved = norm2(&plus(&clipped, -1.0, &far)) > 0.0;
        let range = rule.gradient(&far);
        // What is in the domain as it is (a square's is everything, a form's its range) stays.
        let inside = (example.conjugate)(&clipped) < f64::INFINITY;
        holds(inside || (!moved && norm2(&range) > 0.0 && example.text.contains("ones")), || {
            format!("{clipped:?}, made of {far:?}, is not in the domain")
        })?;
        holds(rule.clip(&clipped) == clipped, || format!("{clipped:?} is clipped again"))?;
    }
    Ok(())
}

fn lag(rule: &mut Smooth, _example: &Example) -> Verdict {
    let mut r = Random(12);
    for k in 0..40 {
        let scale = [0.1, 1.0, 3.0][k % 3];
        let (t, z) = (r.vector(scale), dual_point(rule, &mut r, scale));
        let lag = rule.lag(&t, &z);
        // Towards another point of the domain, so that the excess is finite on both sides.
        let d = plus(&dual_point(rule, &mut r, scale), -1.0, &z);
        let h = 1e-4;
        let [before, after] = [-h, h].map(|s| rule.excess(&t, &plus(&z, s, &d)));
        let (slope, expected) = ((after - before) / (2.0 * h), -dot(&lag, &d));
        holds((slope - expected).abs() <= 1e-5 * (1.0 + scale) * (1.0 + norm2(&d)), || {
            format!("{expected} is not {slope} along {d:?} at {t:?}, {z:?}")
        })?;
    }
    Ok(())
}

fn metric(rule: &mut Smooth, example: &Example) -> Verdict {
    let mut r = Random(14);
    for k in 0..60 {
        let scale = [0.1, 1.0, 10.0][k % 3];
        let (t, d, e) = (r.vector(scale), r.vector([0.1, 1.0, 10.0][k / 3 % 3]), r.vector(1.0));
        for coarse in [false, true] {
            let ([wd, weights], [we, _]) = (rule.metric(&t, coarse, &d), rule.metric(&t, coarse, &e));
            holds(weights.iter().all(|w| *w >= 0.0), || format!("negative weights {weights:?} at {t:?}"))?;
            let (bent, size) = (dot(&wd, &d), norm2(&wd) * norm2(&d));
            holds(bent >= -1e-14 * size && (dot(&wd, &e) - dot(&we, &d)).abs() <= 1e-13 * (1.0 + norm2(&wd)), || {
                format!("not symmetric and psd at {t:?}")
            })?;
            if rule.scalable() {
                let grown = (example.value)(&plus(&t, 1.0, &d)) - (example.value)(&t) - dot(&rule.gradient(&t), &d);
                let size = (example.value)(&t).abs() + (example.value)(&plus(&t, 1.0, &d)).abs();
                holds(grown <= 0.5 * bent + 1e-13 * size, || {
                    format!("{grown} > {} from {t:?} along {d:?}", 0.5 * bent)
                })?;
            } else if !coarse {
                let second = rule.second(&t, &d);
                let off = norm2(&plus(&wd, -1.0, &second));
                holds(off <= 1e-13 * (1.0 + norm2(&second)), || format!("{wd:?} is not f'' d = {second:?} at {t:?}"))?;
            } else {
                // It moves what the second derivative leaves: every entry.
                let least = weights.iter().fold(f64::INFINITY, |least: f64, w| least.min(*w));
                holds(least >= 1e-3, || format!("{weights:?} at {t:?}"))?;
            }
        }
    }
    Ok(())
}

fn smooth_recession(rule: &mut Smooth, example: &Example) -> Verdict {
    let mut r = Random(8);
    for _ in 0..20 {
        let (t, d) = (r.vector(1.0), r.vector(1.0));
        let grown = |s: f64| ((example.value)(&plus(&t, s, &d)) - (example.value)(&t)) / s;
        match rule.recession(&d) {
            Some(slope) => close(&format!("growth along {d:?}"), grown(1e8), slope, 1e-6)?,
            None => holds(grown(1e6) > 1e2 + grown(1e2), || format!("linear growth along {d:?} is not known"))?,
        }
    }
    Ok(())
}
