//! Euclidean ball: {‖y − c‖₂ ≤ r}, c = 0 unless given.
//!
//! - Spellings: `y in ball2(r)`, `y in ball2(r, c)`, `norm2(y − c) <= r`, `‖y‖ ≤ r`; `rows(Y) in ball2(r)` for every row
//! - Projection: c + (v − c) min(1, r/‖v − c‖)
//! - Support function: ⟨c, u⟩ + r ‖u‖₂
//! - Jacobian of the projection: I inside; else (r/d)(I − n nᵀ), d = ‖v − c‖, n = (v − c)/d
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use crate::calculus::functions::prelude::*;
use sparsec_program::solver::Domain;

/// {‖y − c‖₂ ≤ r}
#[derive(Debug)]
pub struct Ball2;

impl SetRule for Ball2 {
    fn name(&self) -> &'static str {
        "ball2"
    }
    fn doc(&self) -> String {
        head(include_str!("ball2.rs"))
    }
    fn takes(&self) -> Takes {
        Takes::Entries
    }
    fn parameters(&self) -> &'static [Parameter] {
        &[
            Parameter { name: "r", kind: ParameterKind::Scalar(Some(Domain::AtLeast(0.0))), optional: false },
            Parameter { name: "c", kind: ParameterKind::Vector(None), optional: true },
        ]
    }
    fn indicator(&self, args: &[Arg]) -> Indicator {
        let shift = args.get(1).and_then(Arg::expr).cloned();
        Indicator { atom: &Ball2, args: args.iter().take(1).cloned().collect(), shift }
    }
}

impl Proxable for Ball2 {
    fn name(&self) -> &'static str {
        "ball2"
    }
    fn facts(&self, at: &Use) -> Facts {
        Facts {
            set: true,
            radial: at.shift.is_none(),
            symmetric: at.shift.is_none(),
            absolute: at.shift.is_none(),
            ..Facts::default()
        }
    }
    fn value(&self, cx: &mut Emit, _at: &Use, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, _gamma: Value, out: View) {
        let radius = cx.arg_value(at, 0);
        let norms = cx.row_norms(v, at.rows, at.len);
        let factors = cx.b.scratch("shrink", at.rows);
        cx.b.set(factors, norms.le(radius).then(1.0, radius / norms));
        cx.scale_rows_to(out, factors, v, at.rows, at.len);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View) {
        let radius = cx.arg_value(at, 0);
        let norms = cx.row_norms(point.v, at.rows, at.len);
        let inverse = cx.b.scratch("inverse", at.rows);
        cx.b.set(inverse, ratio_or_zero(1.0, norms));
        let (direction, product) = (cx.b.scratch("direction", d.len), cx.b.scratch("product", d.len));
        cx.scale_rows_to(direction, inverse, point.v, at.rows, at.len);
        cx.b.set(product, direction * d);
        let along = cx.row_sums(product, at.rows, at.len);
        // (r/‖v‖)(d − ⟨n, d⟩ n) outside the ball, d in it.
        let (factors, taken) = (cx.b.scratch("factors", at.rows), cx.b.scratch("taken", at.rows));
        cx.b.map(at.rows, |m| {
            let factor = norms.le(radius).then(1.0, radius / norms);
            m.store(factors, &factor);
            m.store(taken, norms.le(radius).then(0.0, factor * along));
        });
        let (kept, back) = (cx.b.scratch("kept", d.len), cx.b.scratch("back", d.len));
        cx.scale_rows_to(kept, factors, d, at.rows, at.len);
        cx.scale_rows_to(back, taken, direction, at.rows, at.len);
        cx.b.set(out, kept - back);
    }
    fn prox_text(&self, at: &Use) -> String {
        format!("v min(1, {}/‖v‖)", arg_text(at, 0))
    }
    fn conjugate_text(&self, at: &Use) -> String {
        format!("{} ‖u‖", arg_text(at, 0))
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, before: &[Atom], u: View, value: View, violation: View) {
        // (h + δ_C)*(u) = r dist(u, dom h*) = r ‖prox_h(u)‖ for a homogeneous h (Moreau).
        let rest = cx.prox_at_one(before, u);
        let radius = cx.arg_value(at, 0);
        let norms = cx.row_norms(rest, at.rows, at.len);
        cx.b.sum(value, radius * norms);
        cx.b.fill(violation, 0.0);
    }
    fn violation(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let radius = cx.arg_value(at, 0);
        let norms = cx.row_norms(x, at.rows, at.len);
        cx.b.max(out, (norms - radius).max(0.0));
    }
    fn empty(&self, cx: &mut Emit, at: &Use, out: View) -> bool {
        cx.negative_radius(at, out)
    }
}
