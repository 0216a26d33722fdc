//! Negative entropy on the simplex: g(y) = c Σ yᵢ log yᵢ + δ{y ≥ 0, Σ yᵢ = r}.
//!
//! - Made by the sum rules from `neg_entropy(y)` (or `−entropy(y)`) and `y in simplex(r)`
//! - Prox: yᵢ = t ω((vᵢ − ν)/t − 1 − log t), t = γ c, with the ν that makes the sum r
//! - Jacobian of the prox: W − W 1 1ᵀ W/(1ᵀ W 1), W = diag(yᵢ/(yᵢ + t)) at the prox y
//! - Conjugate: r c log Σ exp(uᵢ/c) − c r log r, reached at r softmax(u/c)
//! - Source: Combettes & Pesquet (2011); Blondel, Martins & Niculae, *Learning with Fenchel-Young Losses* (2020)

use crate::calculus::prelude::*;
use sparsec_runtime::Kernel;

/// Σ yᵢ log yᵢ on the simplex.
#[derive(Debug)]
pub struct EntropySimplex {
    /// r ≥ 0
    pub radius: Expr,
}

impl Proxable for EntropySimplex {
    fn name(&self) -> &'static str {
        "entropy on the simplex"
    }
    fn facts(&self, on: Layout) -> Facts {
        let symmetric = on.count() == 1;
        Facts { symmetric, nonnegative_domain: true, maximiser: true, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _on: Layout, x: View, out: View) {
        cx.b.sum(out, xlogx(x));
    }
    fn prox(&self, cx: &mut Emit, on: Layout, v: View, t: Value, out: View) -> Kept {
        let (t, r) = (cx.as_view(t), cx.number(&self.radius));
        let work = cx.b.scratch("work", on.len());
        cx.b.kernel(Kernel::ProxEntropySimplex, &[on.count(), on.len()], &[v, t, r], &[out, work]);
        Kept::new()
    }
    fn jacobian(&self, cx: &mut Emit, on: Layout, point: &ProxPoint) -> Symmetric {
        let slopes = cx.entries("slopes", point.x.len, part_of(point.x, point.x + point.t));
        Symmetric::of_fixed_sum(cx, on, slopes)
    }
    fn tangent(&self, cx: &mut Emit, on: Layout, c: Value, x: View) -> Tangent {
        let [support, slopes, slope] = ["support", "slopes", "slope"].map(|name| cx.b.scratch(name, x.len));
        cx.b.map(x.len, |m| {
            m.store(support, x.gt(0.0).then(1.0, 0.0));
            m.store(slopes, x.gt(0.0).then(c * (1.0 + x.log()), 0.0));
        });
        let within = Symmetric::of_fixed_sum(cx, on, support);
        within.times(cx, slopes, slope);
        Tangent::new(slope, within)
    }
    fn conjugate(&self, cx: &mut Emit, on: Layout, c: Value, u: View, value: View, outside: View) {
        let (best, r) = (cx.b.scratch("best", u.len), cx.value(&self.radius));
        self.maximiser(cx, on, c, u, best);
        let (tops, top) = (cx.row_max(u, on), cx.b.scratch("tops_sum", 1));
        cx.b.sum(value, u * best - c * xlogx(best));
        cx.b.sum(top, tops);
        // c = 0 leaves the simplex.
        cx.b.set(value, c.le(0.0).then(r * top, value));
        cx.b.fill(outside, 0.0);
    }
    fn maximiser(&self, cx: &mut Emit, on: Layout, c: Value, u: View, out: View) {
        // r softmax(u/c)
        let tops = cx.row_max(u, on);
        let tops = cx.rows_to_entries(tops, on);
        let powers = cx.entries("exp", u.len, ((u - tops) / c).exp());
        let sums = cx.row_sums(powers, on);
        let (sums, r) = (cx.rows_to_entries(sums, on), cx.value(&self.radius));
        cx.b.set(out, r * (powers / sums));
    }
    fn extent(&self, cx: &mut Emit) -> Option<Formula> {
        Some(cx.value(&self.radius).into())
    }
    fn violation(&self, cx: &mut Emit, on: Layout, x: View, sizes: View, out: View) {
        cx.off_simplex(on, &self.radius, x, sizes, out);
    }
    fn empty(&self, cx: &mut Emit, _on: Layout, out: View) -> bool {
        cx.negative(&self.radius, out)
    }
    fn data(&self) -> Vec<&Expr> {
        vec![&self.radius]
    }
    fn prox_text(&self, words: &Words) -> String {
        format!("t ω((v − ν)/t − 1 − log t), t = {}, ν such that the sum is {}", words.t, words.data(&self.radius))
    }
    fn conjugate_text(&self, words: &Words) -> String {
        match expr::uniform(&self.radius) {
            Some(1.0) => format!("{c} log Σ exp(u/{c})", c = words.c),
            _ => format!("{r} {c} (log Σ exp(u/{c}) − log {r})", c = words.c, r = words.data(&self.radius)),
        }
    }
    fn flops(&self, on: Layout) -> usize {
        200 * on.entries()
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::penalty("0.5*neg_entropy(y)", |y| value(y, 0.5, 1.0), |u| conjugate(u, 0.5, 1.0))
            .with("y in simplex")
            .within(|y| onto_simplex(y, 1.0)),
        Example::penalty("0.5*neg_entropy(Y)", |y| over_rows(y, |y| value(y, 0.5, 2.0)), |u| {
            over_rows(u, |u| conjugate(u, 0.5, 2.0))
        })
        .with("rows(Y) in simplex(2)")
        .within(|y| each_row(y, |y| onto_simplex(y, 2.0))),
    ]
}

#[cfg(feature = "testing")]
fn value(y: &[f64], c: f64, r: f64) -> f64 {
    use crate::calculus::oracle::*;
    indicator(off_simplex(y, r) <= 1e-9) + c * y.iter().map(|y| xlogx(y.max(0.0))).sum::<f64>()
}

/// r c (log Σ exp(u/c) − log r)
#[cfg(feature = "testing")]
fn conjugate(u: &[f64], c: f64, r: f64) -> f64 {
    let top = crate::calculus::oracle::max(u);
    r * (top + c * u.iter().map(|u| ((u - top) / c).exp()).sum::<f64>().ln() - c * r.ln())
}
