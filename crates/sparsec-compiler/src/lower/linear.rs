//! Linear operations as instructions: forward, adjoint, and a bound on the norm.

use super::emit::{Emit, Value};
use crate::composite::affine::{Affine, Op, OpKind, Term};
use crate::composite::{Composite, VarPart};
use crate::expr;
use crate::model::{Depends, Expr, ExprKind, LinearMap};
use sparsec_program::program::{ReduceOp, View};
use sparsec_program::solver::Shape;
use sparsec_runtime::Kernel;

/// A part of a gradient: `scale · view`, to be added to an unknown's part.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// Scalar factor.
    pub scale: Value,
    /// Of the unknown's length.
    pub view: View,
}

impl Emit<'_> {
    /// `out = map x`
    pub fn linear_map(&mut self, map: LinearMap, input: Shape, x: View, out: View) {
        match map {
            LinearMap::Diff(k) => {
                let mut x = x;
                for round in 0..k {
                    let n = x.len - 1;
                    let to = if round + 1 == k { out } else { self.b.scratch("difference", n) };
                    self.b.map_to(to, |m| {
                        let (a, b) = (m.element(x.slice(1, n)), m.element(x.slice(0, n)));
                        m.sub(a, b)
                    });
                    x = to;
                }
                if k == 0 {
                    self.b.copy(out, x);
                }
            }
            LinearMap::Cumsum => self.b.kernel(Kernel::Cumsum, &[x.len], &[x], &[out]),
            LinearMap::Dct => {
                let work = self.kernel_work(Kernel::Dct, &[x.len]);
                self.b.kernel(Kernel::Dct, &[x.len], &[x], &[out, work]);
            }
            LinearMap::Grad2 => {
                let (m, n) = input.rows_cols();
                self.b.kernel(Kernel::Grad2, &[m, n], &[x], &[out]);
            }
        }
    }

    /// `out = mapᵀ z`
    fn linear_map_adjoint(&mut self, map: LinearMap, input: Shape, z: View, out: View) {
        match map {
            LinearMap::Diff(k) => {
                let mut z = z;
                for round in 0..k {
                    let n = z.len;
                    let to = if round + 1 == k { out } else { self.b.scratch("difference", n + 1) };
                    // (Dᵀz)ᵢ = z_{i−1} − zᵢ with z outside its range 0.
                    self.b.map_to(to.slice(0, 1), |m| {
                        let a = m.element(z.slice(0, 1));
                        m.neg(a)
                    });
                    if n > 1 {
                        self.b.map_to(to.slice(1, n - 1), |m| {
                            let (a, b) = (m.element(z.slice(0, n - 1)), m.element(z.slice(1, n - 1)));
                            m.sub(a, b)
                        });
                    }
                    self.b.copy(to.slice(n, 1), z.slice(n - 1, 1));
                    z = to;
                }
                if k == 0 {
                    self.b.copy(out, z);
                }
            }
            LinearMap::Cumsum => self.b.kernel(Kernel::CumsumT, &[z.len], &[z], &[out]),
            LinearMap::Dct => {
                let work = self.kernel_work(Kernel::DctT, &[z.len]);
                self.b.kernel(Kernel::DctT, &[z.len], &[z], &[out, work]);
            }
            LinearMap::Grad2 => {
                let (m, n) = input.rows_cols();
                self.b.kernel(Kernel::Grad2T, &[m, n], &[z], &[out]);
            }
        }
    }

    /// `op x`
    pub fn forward_op(&mut self, op: &Op, x: View) -> View {
        let (m, n) = op.input.rows_cols();
        if let OpKind::Slice(rows, cols) = &op.kind
            && (*cols == (0, n) || rows.1 == rows.0 + 1)
        {
            return x.slice(rows.0 * n + cols.0, op.output.len());
        }
        let out = self.b.scratch("image", op.output.len());
        match &op.kind {
            OpKind::Left(a) => self.left(a, x, n, out),
            OpKind::Right(a) => {
                let cols = a.shape.rows_cols().1;
                let a = self.data(a);
                if cols == 1 {
                    self.b.kernel(Kernel::Gemv, &[m, n], &[x, a], &[out]);
                } else {
                    self.b.kernel(Kernel::GemmNn, &[m, n, cols], &[x, a], &[out]);
                }
            }
            OpKind::Diagonal(d) => self.diagonal(d, x, out),
            OpKind::Dot(a) => {
                let a = self.value(a);
                self.sum_to(out, x.len, |m| {
                    let (a, x) = (a.e(m), m.element(x));
                    m.mul(a, x)
                });
            }
            OpKind::Times(d) => {
                let d = self.value(d);
                self.b.map_to(out, |m| {
                    let (x, d) = (m.scalar(x), d.e(m));
                    m.mul(x, d)
                });
            }
            OpKind::Sum => self.sum_to(out, x.len, |m| m.element(x)),
            OpKind::Slice(rows, cols) => {
                let len = cols.1 - cols.0;
                for (k, i) in (rows.0..rows.1).enumerate() {
                    self.b.copy(out.slice(k * len, len), x.slice(i * n + cols.0, len));
                }
            }
            OpKind::Place(at) => {
                self.b.fill(out, 0.0);
                self.b.copy(out.slice(*at, x.len), x);
            }
            OpKind::Transpose => self.b.kernel(Kernel::Transpose, &[m, n], &[x], &[out]),
            OpKind::Fill => self.b.map_to(out, |m| m.scalar(x)),
            OpKind::Linear(map) => self.linear_map(*map, op.input, x, out),
            OpKind::Convolve(k) => {
                let k = self.data(k);
                self.b.kernel(Kernel::Conv, &[k.len, x.len], &[k, x], &[out]);
            }
        }
        out
    }

    /// A x as a combination of A's columns, which skips those whose factor is 0: rows of the transpose, made once.
    fn combine(&mut self, a: &Expr, x: View, op: &Op) -> View {
        let (rows, cols) = a.shape.rows_cols();
        let transposed = match &a.kind {
            ExprKind::Transpose(of) => self.data(of),
            _ if a.depends <= Depends::Const => {
                let a = self.data(a);
                self.memo("transpose", &[a], &[("atoms", rows * cols)], |cx, out| {
                    cx.b.kernel(Kernel::Transpose, &[rows, cols], &[a], &[out[0]]);
                })[0]
            }
            // A matrix that changes with every solve is not worth a second copy.
            _ => return self.forward_op(op, x),
        };
        let out = self.b.scratch("image", rows);
        self.b.kernel(Kernel::CombineRows, &[cols, rows], &[transposed, x], &[out]);
        out
    }

    /// `out = A X` for X with `n` columns.
    fn left(&mut self, a: &Expr, x: View, n: usize, out: View) {
        let (rows, k) = a.shape.rows_cols();
        match (&a.kind, n) {
            (ExprKind::Transpose(of), 1) => {
                let of = self.data(of);
                self.b.kernel(Kernel::GemvT, &[k, rows], &[of, x], &[out]);
            }
            (ExprKind::Transpose(of), _) => {
                let of = self.data(of);
                self.b.kernel(Kernel::GemmTn, &[rows, k, n], &[of, x], &[out]);
            }
            (_, 1) => {
                let a = self.data(a);
                self.b.kernel(Kernel::Gemv, &[rows, k], &[a, x], &[out]);
            }
            _ => {
                let a = self.data(a);
                self.b.kernel(Kernel::GemmNn, &[rows, k, n], &[a, x], &[out]);
            }
        }
    }

    fn diagonal(&mut self, d: &Expr, x: View, out: View) {
        let d = self.value(d);
        self.b.map_to(out, |m| {
            let x = m.element(x);
            d.times(m, x)
        });
    }

    /// `opᵀ z`
    pub fn adjoint_op(&mut self, op: &Op, z: View) -> View {
        let (m, n) = op.input.rows_cols();
        let out = self.b.scratch("preimage", op.input.len());
        match &op.kind {
            OpKind::Left(a) => {
                let (rows, k) = a.shape.rows_cols();
                match (&a.kind, n) {
                    (ExprKind::Transpose(of), 1) => {
                        let of = self.data(of);
                        self.b.kernel(Kernel::Gemv, &[k, rows], &[of, z], &[out]);
                    }
                    (ExprKind::Transpose(of), _) => {
                        let of = self.data(of);
                        self.b.kernel(Kernel::GemmNn, &[k, rows, n], &[of, z], &[out]);
                    }
                    (_, 1) => {
                        let a = self.data(a);
                        self.b.kernel(Kernel::GemvT, &[rows, k], &[a, z], &[out]);
                    }
                    _ => {
                        let a = self.data(a);
                        self.b.kernel(Kernel::GemmTn, &[k, rows, n], &[a, z], &[out]);
                    }
                }
            }
            OpKind::Right(a) => {
                let cols = a.shape.rows_cols().1;
                let a = self.data(a);
                self.b.kernel(Kernel::GemmNt, &[m, cols, n], &[z, a], &[out]);
            }
            OpKind::Diagonal(d) => self.diagonal(d, z, out),
            OpKind::Dot(a) => {
                let a = self.value(a);
                self.b.map_to(out, |m| {
                    let (z, a) = (m.scalar(z), a.e(m));
                    m.mul(z, a)
                });
            }
            OpKind::Times(d) => {
                let d = self.value(d);
                self.sum_to(out, z.len, |m| {
                    let (z, d) = (m.element(z), d.e(m));
                    m.mul(z, d)
                });
            }
            OpKind::Sum => self.b.map_to(out, |m| m.scalar(z)),
            OpKind::Slice(rows, cols) => {
                self.b.fill(out, 0.0);
                let len = cols.1 - cols.0;
                for (k, i) in (rows.0..rows.1).enumerate() {
                    self.b.copy(out.slice(i * n + cols.0, len), z.slice(k * len, len));
                }
            }
            OpKind::Place(at) => return z.slice(*at, op.input.len()),
            OpKind::Transpose => self.b.kernel(Kernel::Transpose, &[n, m], &[z], &[out]),
            OpKind::Fill => self.sum_to(out, z.len, |m| m.element(z)),
            OpKind::Linear(map) => self.linear_map_adjoint(*map, op.input, z, out),
            OpKind::Convolve(k) => {
                let k = self.data(k);
                self.b.kernel(Kernel::ConvT, &[k.len, op.input.len()], &[k, z], &[out]);
            }
        }
        out
    }

    /// The value of an affine expression at v.
    pub fn affine(&mut self, form: &Composite, a: &Affine, v: View) -> View {
        let mut pieces = Vec::new();
        for t in &a.terms {
            let Some(part) = form.part(t.var) else {
                continue;
            };
            let mut x = v.slice(part.offset, part.shape.len());
            let sparse = !self.is_check() && form.sparse(t.var);
            for (i, op) in t.ops.iter().enumerate() {
                x = match &op.kind {
                    OpKind::Left(a) if i == 0 && sparse && op.input.rows_cols().1 == 1 => self.combine(a, x, op),
                    _ => self.forward_op(op, x),
                };
            }
            pieces.push(Piece { scale: self.value(&t.scale), view: x });
        }
        let offset = a.offset.as_ref().map(|o| self.value(o));
        let out = self.b.scratch("affine", a.shape.len());
        self.b.map_to(out, |m| {
            let mut sum = offset.filter(|o| *o != Value::Literal(0.0)).map(|o| o.e(m));
            for p in &pieces {
                let x = m.element(p.view);
                sum = Some(match (sum, p.scale) {
                    (None, s) => s.times(m, x),
                    // x − D y rather than x + (−1) D y.
                    (Some(sum), Value::Literal(-1.0)) => m.sub(sum, x),
                    (Some(sum), s) => {
                        let sx = s.times(m, x);
                        m.add(sum, sx)
                    }
                });
            }
            sum.unwrap_or_else(|| m.literal(0.0))
        });
        out
    }

    /// Aᵀ z, per term: the unknown's part of v and what is added there.
    pub fn adjoint(&mut self, form: &Composite, a: &Affine, z: View) -> Vec<(VarPart, Piece)> {
        let mut pieces = Vec::new();
        for t in &a.terms {
            let Some(part) = form.part(t.var).copied() else {
                continue;
            };
            let mut x = z;
            for op in t.ops.iter().rev() {
                x = self.adjoint_op(op, x);
            }
            pieces.push((part, Piece { scale: self.value(&t.scale), view: x }));
        }
        pieces
    }

    /// A bound on ‖A‖², exact for one term.
    pub fn norm_squared(&mut self, a: &Affine) -> Value {
        // Terms on different unknowns: ‖[A B]‖² ≤ ‖A‖² + ‖B‖². On the same one: ‖A + B‖² ≤ 2(‖A‖² + ‖B‖²) for two, k Σ for k.
        let mut parts = Vec::new();
        for t in &a.terms {
            let same = a.terms.iter().filter(|s| s.var == t.var).count();
            let norm = self.term_norm_squared(t);
            parts.push(self.product(&[Value::Literal(same as f64), norm]));
        }
        self.scalar_sum("norm_squared", &parts)
    }

    /// Bounds on ‖A eⱼ‖² for the entries j of the unknown of a term, exact where its map is one matrix or a diagonal.
    pub fn column_squares(&mut self, t: &Term) -> Value {
        let scale = self.value(&t.scale);
        let mut factors = vec![scale, scale];
        let (first, rest) = match t.ops.split_first() {
            Some((Op { kind: OpKind::Left(a), input: Shape::Vector(_), .. }, rest)) => {
                (Some(self.squares_of_columns(a)), rest)
            }
            Some((Op { kind: OpKind::Diagonal(d) | OpKind::Dot(d), .. }, rest)) => {
                (Some(self.squares_of_entries(d)), rest)
            }
            _ => (None, t.ops.as_slice()),
        };
        for op in rest {
            factors.push(self.op_norm_squared(op));
        }
        let factor = self.product(&factors);
        let Some(Value::View(squares)) = first else {
            return factor;
        };
        let mut on = vec![squares];
        on.extend(factor.view());
        let out =
            self.memo(&format!("column_squares{factor:?}"), &on, &[("column_squares", squares.len)], |cx, out| {
                cx.b.map_to(out[0], |m| {
                    let s = m.element(squares);
                    match factor {
                        Value::Literal(c) => m.scale(c, s),
                        Value::View(c) => {
                            let c = m.scalar(c);
                            m.mul(c, s)
                        }
                    }
                });
            });
        Value::View(out[0])
    }

    fn squares_of_entries(&mut self, d: &Expr) -> Value {
        let view = self.data(d);
        let out = self.memo("entry_squares", &[view], &[("entry_squares", view.len)], |cx, out| {
            cx.b.map_to(out[0], |m| {
                let x = m.element(view);
                m.square(x)
            });
        });
        Value::View(out[0])
    }

    fn squares_of_columns(&mut self, a: &Expr) -> Value {
        let (rows, cols) = a.shape.rows_cols();
        let view = self.data(a);
        let out = self.memo("column_sums", &[view], &[("column_sums", cols)], |cx, out| {
            let squares = cx.b.scratch("squares", rows * cols);
            cx.b.map_to(squares, |m| {
                let x = m.element(view);
                m.square(x)
            });
            let ones = cx.table("ones", vec![1.0; rows]);
            cx.b.kernel(Kernel::GemvT, &[rows, cols], &[squares, ones], &[out[0]]);
        });
        Value::View(out[0])
    }

    fn term_norm_squared(&mut self, t: &Term) -> Value {
        let scale = self.value(&t.scale);
        let mut factors = vec![scale, scale];
        for op in &t.ops {
            factors.push(self.op_norm_squared(op));
        }
        self.product(&factors)
    }

    fn op_norm_squared(&mut self, op: &Op) -> Value {
        let n = op.input.len();
        match &op.kind {
            OpKind::Left(a) | OpKind::Right(a) => match &a.kind {
                ExprKind::Transpose(of) => self.spectral_norm_squared(of),
                _ => self.spectral_norm_squared(a),
            },
            OpKind::Diagonal(d) => self.reduced("largest_square", d, ReduceOp::Max),
            OpKind::Dot(a) | OpKind::Times(a) => self.reduced("sum_of_squares", a, ReduceOp::Sum),
            OpKind::Sum => Value::Literal(n as f64),
            OpKind::Fill => Value::Literal(op.output.len() as f64),
            OpKind::Slice(..) | OpKind::Place(_) | OpKind::Transpose => Value::Literal(1.0),
            OpKind::Linear(map) => Value::Literal(map.norm_squared(n)),
            OpKind::Convolve(k) => {
                // ‖k ∗ x‖ ≤ ‖k‖₁ ‖x‖ (Young).
                let sum = self.reduced("sum_of_sizes", k, ReduceOp::Sum);
                self.product(&[sum, sum])
            }
        }
    }

    /// Σ or max of squares (of sizes for `sum_of_sizes`) of data.
    fn reduced(&mut self, name: &str, e: &Expr, op: ReduceOp) -> Value {
        let sizes = name == "sum_of_sizes";
        if let Some(v) = expr::uniform(e) {
            let one = if sizes { v.abs() } else { v * v };
            let times = if op == ReduceOp::Sum { e.shape.len() as f64 } else { 1.0 };
            return Value::Literal(one * times);
        }
        let view = self.data(e);
        let out = self.memo(name, &[view], &[(name, 1)], |cx, out| {
            cx.b.reduce_to(out[0], op, view.len, |m| {
                let x = m.element(view);
                if sizes { m.abs(x) } else { m.square(x) }
            });
        });
        Value::View(out[0])
    }
}
