//! Symmetric matrices by their structure: second derivatives, and generalised Jacobians of proxes.

use super::Layout;
use crate::lower::Emit;
use crate::lower::formulas::ratio_or_zero;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::View;
use sparsec_runtime::Kernel;

/// A symmetric matrix whose products cost what its structure costs. A `Value` is one number or one per entry.
#[derive(Clone, Copy, Debug)]
pub enum Symmetric {
    /// diag(d)
    Diagonal(Value),
    /// diag(d) + σₖ aₖ aₖᵀ on every part k of the entries
    Blocks {
        /// d
        diagonal: Value,
        /// The aₖ, each on the entries of its part.
        direction: View,
        /// The σₖ.
        factor: Value,
        /// Which entries.
        parts: Parts,
    },
    /// diag(d) + σ RᵀR
    LowRank {
        /// d
        diagonal: Value,
        /// R, one row below the other.
        rows: View,
        /// Number of rows of R.
        count: usize,
        /// σ
        factor: Value,
    },
    /// diag(d) + σ M
    Dense {
        /// d
        diagonal: Value,
        /// M
        matrix: View,
        /// σ
        factor: Value,
    },
}

/// Disjoint parts of the entries.
#[derive(Clone, Copy, Debug)]
pub enum Parts {
    /// The vectors of a layout, whose columns are laid out as rows.
    Vectors(Layout),
    /// Groups by number; a negative number is no group, and there the matrix is the diagonal alone.
    Groups {
        /// The number of every entry's group.
        ids: View,
        /// How many groups there are.
        count: usize,
    },
}

impl Parts {
    /// Σ of the entries of every part.
    pub fn sums(self, cx: &mut Emit, x: View) -> View {
        match self {
            Parts::Vectors(on) => cx.row_sums(x, on),
            Parts::Groups { ids, count } => {
                let out = cx.b.scratch("sums", count);
                cx.b.kernel(Kernel::GroupSums, &[x.len, count], &[ids, x], &[out]);
                out
            }
        }
    }

    /// The largest entry of every part, at the level of x.
    pub fn tops(self, cx: &mut Emit, x: View) -> View {
        match self {
            Parts::Vectors(on) => cx.kernel_once(&["tops"], Kernel::RowMax, &[on.count(), on.len()], &[x])[0],
            Parts::Groups { ids, count } => cx.kernel_once(&["tops"], Kernel::GroupMax, &[x.len, count], &[ids, x])[0],
        }
    }

    /// A number of every part for each of its entries, 1 on entries in none.
    pub fn spread(self, cx: &mut Emit, of: View, len: usize) -> View {
        match self {
            Parts::Vectors(on) => cx.rows_to_entries(of, on),
            Parts::Groups { ids, count } => {
                let out = cx.b.scratch("spread", len);
                cx.b.kernel(Kernel::GroupSpread, &[len, count], &[ids, of], &[out]);
                out
            }
        }
    }

    /// How many there are.
    pub fn count(self) -> usize {
        match self {
            Parts::Vectors(on) => on.count(),
            Parts::Groups { count, .. } => count,
        }
    }
}

impl Symmetric {
    /// diag(d) of a formula of the entries.
    pub fn diagonal(cx: &mut Emit, len: usize, d: impl Into<Formula>) -> Self {
        let out = cx.b.scratch("diagonal", len);
        cx.b.set(out, d);
        Symmetric::Diagonal(Value::View(out))
    }

    /// On every part `across` (I − n nᵀ) + `along` n nᵀ, n = v/‖v‖: the Jacobian of a function of the norm. All but v are one per part.
    pub fn radial(cx: &mut Emit, parts: Parts, v: View, norms: View, [across, along]: [Formula; 2]) -> Self {
        let (of_part, factor) = (cx.b.scratch("across", norms.len), cx.b.scratch("factor", norms.len));
        cx.b.map(norms.len, |m| {
            m.store(factor, along - &across);
            m.store(of_part, across);
        });
        let (diagonal, size) = (parts.spread(cx, of_part, v.len), parts.spread(cx, norms, v.len));
        let n = ratio_or_zero(v, size);
        let direction = cx.b.scratch("direction", v.len);
        cx.b.set(
            direction,
            match parts {
                Parts::Vectors(_) => n,
                Parts::Groups { ids, .. } => ids.lt(0.0).then(0.0, n),
            },
        );
        Symmetric::Blocks { diagonal: Value::View(diagonal), direction, factor: Value::View(factor), parts }
    }

    /// W − W 1 1ᵀ W/(1ᵀ W 1) on every vector, W = diag(slopes) ≥ 0: what a fixed sum leaves of separable slopes.
    pub fn of_fixed_sum(cx: &mut Emit, on: Layout, slopes: View) -> Self {
        let sums = cx.row_sums(slopes, on);
        let factor = cx.entries("factor", on.count(), -ratio_or_zero(1.0, sums));
        let (diagonal, parts) = (Value::View(slopes), Parts::Vectors(on));
        Symmetric::Blocks { diagonal, direction: slopes, factor: Value::View(factor), parts }
    }

    /// The Jacobian at v of the projection x on the l1 ball: I inside, else diag(1_A) − s sᵀ/|A|, s the signs on the support A.
    pub fn onto_l1_ball(cx: &mut Emit, on: Layout, radius: Value, v: View, x: View) -> Self {
        let sign = x.lt(0.0).then(-1.0, x.gt(0.0).then(1.0, 0.0));
        let [size, direction, support] = ["size", "signs", "support"].map(|name| cx.b.scratch(name, v.len));
        cx.b.map(v.len, |m| {
            m.store(size, v.abs());
            m.store(direction, &sign);
            m.store(support, sign.abs());
        });
        let (sizes, counts) = (cx.row_sums(size, on), cx.row_sums(support, on));
        let factor = sizes.le(radius).then(0.0, -ratio_or_zero(1.0, counts));
        let factor = Value::View(cx.entries("factor", on.count(), factor));
        let sizes = cx.rows_to_entries(sizes, on);
        let diagonal = Value::View(cx.entries("diagonal", v.len, sizes.le(radius).then(1.0, support)));
        Symmetric::Blocks { diagonal, direction, factor, parts: Parts::Vectors(on) }
    }

    /// d
    pub fn diagonal_part(&self) -> Value {
        match *self {
            Symmetric::Diagonal(d)
            | Symmetric::Blocks { diagonal: d, .. }
            | Symmetric::LowRank { diagonal: d, .. }
            | Symmetric::Dense { diagonal: d, .. } => d,
        }
    }

    /// I less this.
    pub fn complement(self, cx: &mut Emit, len: usize) -> Self {
        let rest = |cx: &mut Emit, d: Value| {
            let out = cx.b.scratch("complement", len);
            cx.b.set(out, 1.0 - d);
            Value::View(out)
        };
        let minus = |cx: &mut Emit, factor: Value| {
            let out = cx.b.scratch("minus", factor.view().map_or(1, |v| v.len));
            cx.b.set(out, -factor);
            Value::View(out)
        };
        match self {
            Symmetric::Diagonal(d) => Symmetric::Diagonal(rest(cx, d)),
            Symmetric::Blocks { diagonal, direction, factor, parts } => {
                Symmetric::Blocks { diagonal: rest(cx, diagonal), direction, factor: minus(cx, factor), parts }
            }
            Symmetric::LowRank { diagonal, rows, count, factor } => {
                Symmetric::LowRank { diagonal: rest(cx, diagonal), rows, count, factor: minus(cx, factor) }
            }
            Symmetric::Dense { diagonal, matrix, factor } => {
                Symmetric::Dense { diagonal: rest(cx, diagonal), matrix, factor: minus(cx, factor) }
            }
        }
    }

    /// `out =` this times x; `out` may not overlap x.
    pub fn times(&self, cx: &mut Emit, x: View, out: View) {
        match *self {
            Symmetric::Diagonal(d) => cx.b.set(out, d * x),
            Symmetric::Blocks { diagonal, direction, factor, parts } => {
                let product = cx.b.scratch("product", x.len);
                cx.b.set(product, direction * x);
                let along = parts.sums(cx, product);
                let scaled = cx.b.scratch("along", parts.count());
                cx.b.set(scaled, factor * along);
                let spread = parts.spread(cx, scaled, x.len);
                cx.b.set(out, diagonal * x + spread * direction);
            }
            Symmetric::LowRank { diagonal, rows, count, factor } => {
                let (image, back) = (cx.b.scratch("image", count), cx.b.scratch("back", x.len));
                cx.b.kernel(Kernel::Gemv, &[count, x.len], &[rows, x], &[image]);
                cx.b.kernel(Kernel::GemvT, &[count, x.len], &[rows, image], &[back]);
                cx.b.set(out, diagonal * x + factor * back);
            }
            Symmetric::Dense { diagonal, matrix, factor } => {
                let image = cx.b.scratch("image", x.len);
                cx.b.kernel(Kernel::Gemv, &[x.len, x.len], &[matrix, x], &[image]);
                cx.b.set(out, diagonal * x + factor * image);
            }
        }
    }
}
