//! Affine set: {A y = b}; a single row makes a hyperplane, b = 0 a subspace.
//!
//! - Spellings: `A*y == b`, `dot(a, y) == b`, `sum(y) == b`
//! - Projection: v − Qᵀ(Q v − q) with A = L Q, the rows of Q orthonormal, L q = b; dependent rows are found and dropped
//! - Support function: ⟨q, Q u⟩ where u is in the range of Aᵀ, +∞ elsewhere
//! - Jacobian of the projection: I − QᵀQ
//! - Inconsistent rows make it empty, which is found when the data is bound
//! - Source: Beck, *First-Order Methods in Optimization* (2017), lemma 6.26

use crate::calculus::functions::prelude::*;
use crate::expr;
use sparsec_runtime::Kernel;

/// The indicator of {A y = b}; its arguments are A (k×n) and b (length k).
#[derive(Debug)]
pub struct Affine;

/// Rows that are inconsistent by more than this, relative to the data, make the set empty.
const INCONSISTENT: f64 = 1e-9;

/// Q (k×n), q (k) and the inconsistency of the rows.
fn factors(cx: &mut Emit, at: &Use) -> (View, View, View) {
    let a = cx.data_arg(at, 0);
    let b = cx.data_arg(at, 1);
    let (k, n) = (b.len, at.rows * at.len);
    let row_space = cx.memo("row_space", &[a], &[("q", k * n), ("l", k * k)], |cx, out| {
        cx.b.kernel(Kernel::RowSpace, &[k, n], &[a], out);
    });
    let (q, l) = (row_space[0], row_space[1]);
    let solved = cx.memo("forward_solve", &[l, b], &[("offsets", k), ("inconsistency", 1)], |cx, out| {
        cx.b.kernel(Kernel::ForwardSolve, &[k], &[l, b], out);
    });
    (q, solved[0], solved[1])
}

impl Proxable for Affine {
    fn name(&self) -> &'static str {
        "affine"
    }
    fn facts(&self, at: &Use) -> Facts {
        let subspace = at.args.get(1).and_then(Arg::expr).and_then(expr::uniform) == Some(0.0);
        Facts { set: true, affine: true, homogeneous: subspace, ..Facts::default() }
    }
    fn value(&self, cx: &mut Emit, _at: &Use, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, _gamma: Value, out: View) {
        let (q, offsets, _) = factors(cx, at);
        let (k, n) = (offsets.len, v.len);
        let (t, back) = (cx.b.scratch("rows", k), cx.b.scratch("back", n));
        cx.b.kernel(Kernel::Gemv, &[k, n], &[q, v], &[t]);
        let d = cx.b.scratch("off", k);
        cx.b.set(d, t - offsets);
        cx.b.kernel(Kernel::GemvT, &[k, n], &[q, d], &[back]);
        cx.b.set(out, v - back);
    }
    fn jacobian(&self, cx: &mut Emit, at: &Use, _point: &ProxPoint, d: View, out: View) {
        let (q, offsets, _) = factors(cx, at);
        let (k, n) = (offsets.len, d.len);
        let (qd, back) = (cx.b.scratch("qd", k), cx.b.scratch("back", n));
        cx.b.kernel(Kernel::Gemv, &[k, n], &[q, d], &[qd]);
        cx.b.kernel(Kernel::GemvT, &[k, n], &[q, qd], &[back]);
        cx.b.set(out, d - back);
    }
    fn recession(&self, cx: &mut Emit, at: &Use, d: View, out: View) {
        let point = ProxPoint { v: d, x: d, gamma: Value::Literal(1.0) };
        self.jacobian(cx, at, &point, d, out);
    }
    fn prox_text(&self, _at: &Use) -> String {
        "v − Qᵀ(Q v − q), A = L Q, L q = b".to_owned()
    }
    fn conjugate_text(&self, _at: &Use) -> String {
        "⟨q, Q u⟩ where u is in the range of Aᵀ".to_owned()
    }
    fn conjugate(&self, cx: &mut Emit, at: &Use, _before: &[Atom], u: View, value: View, violation: View) {
        let (q, offsets, _) = factors(cx, at);
        let (k, n) = (offsets.len, u.len);
        let (qu, back) = (cx.b.scratch("qu", k), cx.b.scratch("back", n));
        cx.b.kernel(Kernel::Gemv, &[k, n], &[q, u], &[qu]);
        cx.b.kernel(Kernel::GemvT, &[k, n], &[q, qu], &[back]);
        cx.b.sum(value, qu * offsets);
        let rest = cx.b.scratch("rest", n);
        cx.b.set(rest, u - back);
        cx.norm_to(violation, rest);
    }
    fn violation(&self, cx: &mut Emit, at: &Use, x: View, out: View) {
        let (a, b) = (cx.data_arg(at, 0), cx.data_arg(at, 1));
        let ax = cx.b.scratch("ax", b.len);
        cx.b.kernel(Kernel::Gemv, &[b.len, x.len], &[a, x], &[ax]);
        cx.b.max(out, (ax - b).abs());
    }
    fn empty(&self, cx: &mut Emit, at: &Use, out: View) -> bool {
        let (_, _, inconsistency) = factors(cx, at);
        cx.b.set(out, inconsistency.gt(INCONSISTENT).then(1.0, 0.0));
        true
    }
    fn flops(&self, at: &Use) -> usize {
        let k = at.args.get(1).and_then(Arg::expr).map_or(1, |b| b.shape.len());
        4 * k * at.rows * at.len
    }
}
