//! Linear operations as instructions: forward, adjoint, and a bound on the norm.

use super::emit::Emit;
use super::terms::sum_of;
use crate::composite::affine::{Affine, Op, OpKind, Term};
use crate::composite::{Composite, VarPart};
use crate::expr;
use crate::model::{Depends, Expr, ExprKind, LinearMap};
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::View;
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
                    self.b.set(to, x.slice(1, n) - x.slice(0, n));
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
                    self.b.set(to.slice(0, 1), -z.slice(0, 1));
                    if n > 1 {
                        self.b.set(to.slice(1, n - 1), z.slice(0, n - 1) - z.slice(1, n - 1));
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
                self.b.sum(out, a * x);
            }
            OpKind::Times(d) => {
                let d = self.value(d);
                self.b.set(out, x * d);
            }
            OpKind::Sum => self.b.sum(out, x),
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
            OpKind::Fill => self.b.set(out, x),
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
                self.kernel_once(&["atoms"], Kernel::Transpose, &[rows, cols], &[a])[0]
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
        self.b.set(out, d * x);
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
                self.b.set(out, z * a);
            }
            OpKind::Times(d) => {
                let d = self.value(d);
                self.b.sum(out, z * d);
            }
            OpKind::Sum => self.b.set(out, z),
            OpKind::Slice(rows, cols) => {
                self.b.fill(out, 0.0);
                let len = cols.1 - cols.0;
                for (k, i) in (rows.0..rows.1).enumerate() {
                    self.b.copy(out.slice(i * n + cols.0, len), z.slice(k * len, len));
                }
            }
            OpKind::Place(at) => return z.slice(*at, op.input.len()),
            OpKind::Transpose => self.b.kernel(Kernel::Transpose, &[n, m], &[z], &[out]),
            OpKind::Fill => self.b.sum(out, z),
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
        let offset = a.offset.as_ref().map(|o| self.value(o)).filter(|o| *o != Value::Literal(0.0));
        let out = self.b.scratch("affine", a.shape.len());
        self.b.set(out, sum_of(offset.map(Formula::from), &pieces));
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
        factors.extend(first.map(Value::View));
        self.named_product("column_squares", &factors)
    }

    /// dⱼ²
    pub fn squares_of_entries(&mut self, d: &Expr) -> View {
        let d = self.data(d);
        self.entries_once("entry_squares", d.square())
    }

    /// ‖A eⱼ‖²
    pub fn squares_of_columns(&mut self, a: &Expr) -> View {
        if let (of, true) = untransposed(a) {
            let ((rows, cols), of) = (of.shape.rows_cols(), self.data(of));
            let norms = self.kernel_once(&["row_norms"], Kernel::RowNorms, &[rows, cols], &[of])[0];
            return self.entries_once("row_squares", norms.square());
        }
        let ((rows, cols), a) = (a.shape.rows_cols(), self.data(a));
        self.kernel_once(&["column_sums"], Kernel::ColumnSquares, &[rows, cols], &[a])[0]
    }

    /// An upper bound of the squared norm of a term's map.
    pub fn term_norm_squared(&mut self, t: &Term) -> Value {
        let scale = self.value(&t.scale);
        let mut factors = vec![scale, scale];
        for op in &t.ops {
            factors.push(self.op_norm_squared(op));
        }
        self.product(&factors)
    }

    /// The same of one operation.
    pub fn op_norm_squared(&mut self, op: &Op) -> Value {
        let n = op.input.len();
        match &op.kind {
            OpKind::Left(a) | OpKind::Right(a) => match &a.kind {
                ExprKind::Transpose(of) => self.spectral_norm_squared(of),
                _ => self.spectral_norm_squared(a),
            },
            OpKind::Diagonal(d) => self.largest_square(d),
            OpKind::Dot(a) | OpKind::Times(a) => self.sum_over_entries("sum_of_squares", a, |x| x.square()),
            OpKind::Sum => Value::Literal(n as f64),
            OpKind::Fill => Value::Literal(op.output.len() as f64),
            OpKind::Slice(..) | OpKind::Place(_) | OpKind::Transpose => Value::Literal(1.0),
            OpKind::Linear(map) => Value::Literal(map.norm_squared(n)),
            OpKind::Convolve(k) => {
                // ‖k ∗ x‖ ≤ ‖k‖₁ ‖x‖ (Young).
                let sum = self.sum_over_entries("sum_of_sizes", k, |x| x.abs());
                self.product(&[sum, sum])
            }
        }
    }

    /// max xᵢ² of data.
    fn largest_square(&mut self, e: &Expr) -> Value {
        if let Some(x) = expr::uniform(e) {
            return Value::Literal(x * x);
        }
        let x = self.data(e);
        Value::View(self.max_once("largest_square", x.square()))
    }

    /// Σ f(xᵢ) of data.
    fn sum_over_entries(&mut self, name: &str, e: &Expr, f: impl Fn(View) -> Formula) -> Value {
        let x = self.data(e);
        Value::View(self.sum_once(name, f(x)))
    }
}

/// A matrix, or the one whose transpose it is, and whether it is that.
pub fn untransposed(a: &Expr) -> (&Expr, bool) {
    match &a.kind {
        ExprKind::Transpose(of) => (of, true),
        _ => (a, false),
    }
}
