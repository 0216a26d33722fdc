//! Euclidean ball: {‖y − c‖₂ ≤ r}, c = 0 unless given.
//!
//! - Spellings: `y in ball2(r)`, `y in ball2(r, c)`, `norm2(y − c) <= r`, `‖y‖ ≤ r`; `rows(Y) in ball2(r)` for every row
//! - Projection: c + (v − c) min(1, r/‖v − c‖)
//! - Support function: ⟨c, u⟩ + r ‖u‖₂
//! - Jacobian of the projection: I inside; else (r/d)(I − n nᵀ), d = ‖v − c‖, n = (v − c)/d
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use crate::calculus::prelude::*;
use sparsec_program::solver::Domain;

pub(crate) static SET: Set = Set {
    name: "ball2",
    file: include_str!("ball2.rs"),
    parameters: &[
        Parameter { name: "r", kind: ParameterKind::Scalar(Some(Domain::AtLeast(0.0))), optional: false },
        Parameter { name: "c", kind: ParameterKind::Vector(None), optional: true },
    ],
    meaning: Meaning::Indicator(|args| Indicator {
        rule: Arc::new(Ball2 { radius: argument(args, 0) }),
        centre: args.get(1).and_then(Arg::expr).cloned(),
    }),
    ..ANY
};

/// {‖y‖₂ ≤ r}
#[derive(Debug)]
pub struct Ball2 {
    /// r ≥ 0
    pub radius: Expr,
}

impl Proxable for Ball2 {
    fn name(&self) -> &'static str {
        "ball2"
    }
    fn facts(&self, on: Layout) -> Facts {
        let radial = on.count() == 1;
        Facts { set: true, nonnegative: true, absolute: true, radial, symmetric: radial, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _on: Layout, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, on: Layout, v: View, _t: Value, out: View) -> Kept {
        let (r, norms) = (cx.value(&self.radius), cx.row_norms(v, on));
        let shrink = cx.per_row(on, norms.le(r).then(1.0, r / norms));
        cx.b.set(out, shrink * v);
        vec![norms]
    }
    fn jacobian(&self, cx: &mut Emit, on: Layout, point: &ProxPoint) -> Symmetric {
        // I inside; outside 0 along v and r/‖v‖ across it.
        let (r, norms) = (cx.value(&self.radius), point.kept[0]);
        let across = norms.le(r).then(1.0, r / norms);
        let along = norms.le(r).then(1.0, 0.0);
        Symmetric::radial(cx, Parts::Vectors(on), point.v, norms, [across, along])
    }
    fn tangent(&self, cx: &mut Emit, on: Layout, _c: Value, x: View) -> Tangent {
        // I inside, I − n nᵀ with n = x/‖x‖ on the sphere; a ball of radius 0 is all border.
        let (r, norms) = (cx.value(&self.radius), cx.row_norms(x, on));
        let [across, factor] = ["across", "factor"].map(|name| cx.b.scratch(name, on.count()));
        cx.b.map(on.count(), |m| {
            m.store(across, r.gt(0.0).then(1.0, 0.0));
            m.store(factor, r.gt(0.0).then(norms.lt((1.0 - NEAR) * r).then(0.0, -1.0), 0.0));
        });
        let [across, sizes] = [across, norms].map(|of| cx.rows_to_entries(of, on));
        let direction = cx.entries("direction", x.len, ratio_or_zero(x, sizes));
        let diagonal = Value::View(cx.entries("smooth", x.len, across));
        let (factor, parts) = (Value::View(factor), Parts::Vectors(on));
        Tangent::new(cx.zeros(x.len), Symmetric::Blocks { diagonal, direction, factor, parts })
    }
    fn conjugate(&self, cx: &mut Emit, on: Layout, _c: Value, u: View, value: View, outside: View) {
        let (r, norms) = (cx.value(&self.radius), cx.row_norms(u, on));
        cx.b.sum(value, r * norms);
        cx.b.fill(outside, 0.0);
    }
    fn extent(&self, cx: &mut Emit) -> Option<Formula> {
        Some(cx.value(&self.radius).into())
    }
    fn violation(&self, cx: &mut Emit, on: Layout, x: View, _sizes: View, out: View) {
        let (r, norms) = (cx.value(&self.radius), cx.row_norms(x, on));
        cx.b.max(out, part_of(norms - r, r));
    }
    fn empty(&self, cx: &mut Emit, _on: Layout, out: View) -> bool {
        cx.negative(&self.radius, out)
    }
    fn scaled(&self, _on: Layout, s: &Expr) -> Option<Scaled> {
        let radius = expr::scale(expr::number(1.0 / expr::nonzero(s)?.abs()), self.radius.clone());
        Some(Scaled { coefficient: expr::number(1.0), rule: Some(Arc::new(Ball2 { radius })), factor: 1.0 })
    }
    fn data(&self) -> Vec<&Expr> {
        vec![&self.radius]
    }
    fn prox_text(&self, words: &Words) -> String {
        format!("v min(1, {}/‖v‖)", words.data(&self.radius))
    }
    fn conjugate_text(&self, words: &Words) -> String {
        format!("{} ‖u‖", words.data(&self.radius))
    }
}

/// Uses with their plain definitions, for the laws.
#[cfg(feature = "testing")]
pub fn examples() -> Vec<crate::calculus::oracle::Example> {
    use crate::calculus::oracle::*;
    vec![
        Example::set("y in ball2(1.5)", |y| norm2(y) - 1.5, |u| 1.5 * norm2(u), |y| shrink(y, norm2, 1.5)),
        Example::set(
            "y in ball2(0.7, [1, 0, 0, 0, 0, 0])",
            |y| norm2(&[y[0] - 1.0, y[1], y[2], y[3], y[4], y[5]]) - 0.7,
            |u| u[0] + 0.7 * norm2(u),
            |y| {
                y[0] -= 1.0;
                shrink(y, norm2, 0.7);
                y[0] += 1.0;
            },
        ),
        Example::set(
            "rows(Y) in ball2(0.8)",
            |y| max(&y.chunks(3).map(|y| norm2(y) - 0.8).collect::<Vec<_>>()),
            |u| over_rows(u, |u| 0.8 * norm2(u)),
            |y| each_row(y, |y| shrink(y, norm2, 0.8)),
        ),
    ]
}
