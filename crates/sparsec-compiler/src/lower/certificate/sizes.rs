//! Sizes of what is added up in affine expressions, which bound the rounding of their sums.
//!
//! A sum of numbers xᵢ, computed with chains of at most p additions, is right to p·eps·Σ|xᵢ| (Higham, *Accuracy and Stability of Numerical
//! Algorithms*, section 4.2). The sizes of A x + b are |A||x| + |b|; those of a chain of maps, |A₁|(|A₂| ⋯ |x|).

use crate::composite::affine::{Affine, Op, OpKind};
use crate::composite::{Composite, SmoothTerm};
use crate::lower::Emit;
use crate::lower::linear::untransposed;
use crate::model::{Expr, ExprKind, LinearMap};
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::View;
use sparsec_program::solver::Shape;
use sparsec_runtime::{Kernel, LANES};

/// Which way a map is gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A x
    Forward,
    /// Aᵀ z
    Back,
}

/// Additions one after the other in a sum of `n` numbers by lanes.
pub(super) fn by_lanes(n: usize) -> f64 {
    (n.div_ceil(LANES) + 4) as f64
}

/// Additions one after the other in an operation.
fn additions(op: &Op, way: Way) -> f64 {
    let of_product = |of: &Expr, columns: usize| {
        let (rows, cols) = of.shape.rows_cols();
        let inner = if way == Way::Forward { cols } else { rows };
        // A product with a vector by rows of the matrix in memory is one by lanes, every other one adds row after row.
        let dots = columns == 1 && matches!(of.kind, ExprKind::Transpose(_)) == (way == Way::Back);
        if dots { by_lanes(inner) } else { inner as f64 }
    };
    let (input, output) = (op.input.len(), op.output.len());
    match &op.kind {
        OpKind::Left(a) => of_product(a, op.input.rows_cols().1),
        OpKind::Right(a) => a.shape.rows_cols().0.max(a.shape.rows_cols().1) as f64,
        OpKind::Dot(_) | OpKind::Sum if way == Way::Forward => by_lanes(input),
        OpKind::Times(_) | OpKind::Fill if way == Way::Back => by_lanes(output),
        OpKind::Diagonal(_) | OpKind::Dot(_) | OpKind::Times(_) => 1.0,
        OpKind::Sum | OpKind::Fill | OpKind::Slice(..) | OpKind::Place(_) | OpKind::Transpose => 0.0,
        OpKind::Linear(LinearMap::Diff(k)) => *k as f64,
        OpKind::Linear(LinearMap::Cumsum) => input as f64,
        OpKind::Linear(LinearMap::Grad2) => 4.0,
        // Stages of a fast transform, by way of a convolution where the length is no power of two.
        OpKind::Linear(LinearMap::Dct) => 16.0 * (input as f64).log2().max(1.0),
        OpKind::Convolve(k) => k.shape.len().min(input) as f64,
    }
}

/// Additions one after the other in an affine expression.
pub(super) fn chain(a: &Affine, way: Way) -> f64 {
    let of_term = |ops: &[Op]| ops.iter().map(|op| additions(op, way)).sum::<f64>() + 1.0;
    let longest = a.terms.iter().map(|t| of_term(&t.ops)).fold(0.0, f64::max);
    longest + a.terms.len() as f64 + 1.0
}

impl Emit<'_> {
    /// The sizes of A v + b: an entry for each of its entries.
    pub fn affine_sizes(&mut self, form: &Composite, a: &Affine, v: View) -> View {
        let mut parts: Vec<Formula> = Vec::new();
        for t in &a.terms {
            let Some(part) = form.part(t.var) else { continue };
            let mut x = self.entries("size", part.shape.len(), v.slice(part.offset, part.shape.len()).abs());
            for op in &t.ops {
                x = self.op_sizes(op, x, Way::Forward);
            }
            parts.push(self.value(&t.scale).abs() * x);
        }
        let offset = a.offset.as_ref().map(|o| self.value(o)).filter(|o| *o != Value::Literal(0.0));
        parts.extend(offset.map(|o| o.abs()));
        let out = self.b.scratch("sizes", a.shape.len());
        self.b.set(out, Formula::sum(parts));
        out
    }

    /// `out =` the sizes of Σ Aᵀ z: an entry for each of v's, where the z are given by their sizes.
    pub fn adjoint_sizes(&mut self, form: &Composite, terms: &[(&SmoothTerm, View)], out: View) {
        let mut pieces: Vec<(usize, Formula)> = Vec::new();
        for (term, z) in terms {
            for t in &term.affine.terms {
                let Some(part) = form.part(t.var) else { continue };
                let x = t.ops.iter().rev().fold(*z, |x, op| self.op_sizes(op, x, Way::Back));
                pieces.push((part.offset, self.value(&t.scale).abs() * x));
            }
        }
        for part in &form.vars {
            let here = pieces.iter().filter(|(o, _)| *o == part.offset).map(|(_, f)| f.clone());
            self.b.set(out.slice(part.offset, part.shape.len()), Formula::sum(here));
        }
    }

    /// |op| x or |op|ᵀ x for x ≥ 0.
    fn op_sizes(&mut self, op: &Op, x: View, way: Way) -> View {
        let (m, n) = op.input.rows_cols();
        let len = if way == Way::Forward { op.output.len() } else { op.input.len() };
        match &op.kind {
            OpKind::Left(a) if n == 1 => {
                let (of, transposed) = untransposed(a);
                let ((rows, cols), of) = (of.shape.rows_cols(), self.data(of));
                let kernel = if transposed == (way == Way::Back) { Kernel::GemvSizes } else { Kernel::GemvTSizes };
                let out = self.b.scratch("sizes", len);
                self.b.kernel(kernel, &[rows, cols], &[of, x], &[out]);
                out
            }
            OpKind::Left(a) => {
                let ((rows, k), a) = (a.shape.rows_cols(), self.sizes_of(a));
                let out = self.b.scratch("sizes", len);
                match way {
                    Way::Forward => self.b.kernel(Kernel::GemmNn, &[rows, k, n], &[a, x], &[out]),
                    Way::Back => self.b.kernel(Kernel::GemmTn, &[k, rows, n], &[a, x], &[out]),
                }
                out
            }
            OpKind::Right(a) => {
                let (cols, a) = (a.shape.rows_cols().1, self.sizes_of(a));
                let out = self.b.scratch("sizes", len);
                match way {
                    Way::Forward => self.b.kernel(Kernel::GemmNn, &[m, n, cols], &[x, a], &[out]),
                    Way::Back => self.b.kernel(Kernel::GemmNt, &[m, cols, n], &[x, a], &[out]),
                }
                out
            }
            OpKind::Diagonal(d) => {
                let d = self.value(d);
                self.entries("sizes", len, d.abs() * x)
            }
            OpKind::Dot(d) | OpKind::Times(d) => {
                let (d, inner) = (self.value(d), matches!(op.kind, OpKind::Dot(_)) == (way == Way::Forward));
                let out = self.b.scratch("sizes", len);
                match inner {
                    true => self.b.sum_over(out, x.len, d.abs() * x),
                    false => self.b.set(out, d.abs() * x),
                }
                out
            }
            OpKind::Linear(map) => self.map_sizes(*map, op.input, x, len, way),
            OpKind::Convolve(k) => {
                let (k, out) = (self.sizes_of(k), self.b.scratch("sizes", len));
                let kernel = if way == Way::Forward { Kernel::Conv } else { Kernel::ConvT };
                self.b.kernel(kernel, &[k.len, op.input.len()], &[k, x], &[out]);
                out
            }
            OpKind::Sum | OpKind::Slice(..) | OpKind::Place(_) | OpKind::Transpose | OpKind::Fill => match way {
                Way::Forward => self.forward_op(op, x),
                Way::Back => self.adjoint_op(op, x),
            },
        }
    }

    fn map_sizes(&mut self, map: LinearMap, input: Shape, x: View, len: usize, way: Way) -> View {
        let out = self.b.scratch("sizes", len);
        match (map, way) {
            (LinearMap::Diff(k), Way::Forward) => {
                let mut x = x;
                for _ in 0..k {
                    let n = x.len - 1;
                    x = self.entries("sums", n, x.slice(1, n) + x.slice(0, n));
                }
                self.b.copy(out, x);
            }
            (LinearMap::Diff(k), Way::Back) => {
                let mut z = x;
                for _ in 0..k {
                    let n = z.len;
                    let to = self.zeros(n + 1);
                    self.b.copy(to.slice(0, n), z);
                    self.b.set(to.slice(1, n), to.slice(1, n) + z);
                    z = to;
                }
                self.b.copy(out, z);
            }
            (LinearMap::Cumsum, Way::Forward) => self.b.kernel(Kernel::Cumsum, &[x.len], &[x], &[out]),
            (LinearMap::Cumsum, Way::Back) => self.b.kernel(Kernel::CumsumT, &[x.len], &[x], &[out]),
            // Its entries are at most √(2/n), and so its rounding is that of the whole.
            (LinearMap::Dct, _) => {
                let norm = self.norm(x);
                self.b.set(out, norm);
            }
            // Σ where the map takes differences: the difference and twice what is taken off.
            (LinearMap::Grad2, Way::Forward) => {
                let ((m, n), half) = (input.rows_cols(), x.len);
                self.b.kernel(Kernel::Grad2, &[m, n], &[x], &[out]);
                for part in [out.slice(0, half), out.slice(half, half)] {
                    self.b.set(part, part + 2.0 * x);
                }
            }
            (LinearMap::Grad2, Way::Back) => {
                let (m, n) = input.rows_cols();
                self.b.kernel(Kernel::Grad2T, &[m, n], &[x], &[out]);
                self.b.set(out, out + 2.0 * (x.slice(0, len) + x.slice(len, len)));
            }
        }
        out
    }

    /// |A| by entries.
    fn sizes_of(&mut self, a: &Expr) -> View {
        let a = self.data(a);
        self.entries_once("sizes_of_entries", a.abs())
    }
}
