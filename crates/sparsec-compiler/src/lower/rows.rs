//! Norms, sums and maxima of the vectors of a layout (columns laid out as rows).

use super::emit::Emit;
use super::formulas::ratio_or_zero;
use crate::calculus::Layout;
use crate::model::Expr;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::View;
use sparsec_runtime::Kernel;

impl Emit<'_> {
    /// The entries of a formula in a new scratch vector.
    pub fn entries(&mut self, name: &str, len: usize, f: impl Into<Formula>) -> View {
        let out = self.b.scratch(name, len);
        self.b.set(out, f);
        out
    }

    /// A vector of zeros.
    pub fn zeros(&mut self, len: usize) -> View {
        let out = self.b.scratch("zeros", len);
        self.b.fill(out, 0.0);
        out
    }

    /// ‖x‖₂, without overflow or underflow.
    pub fn norm(&mut self, x: View) -> View {
        let out = self.b.scratch("norm", 1);
        self.norm_to(out, x);
        out
    }

    /// `out = ‖x‖₂`
    pub fn norm_to(&mut self, out: View, x: View) {
        self.b.kernel(Kernel::RowNorms, &[1, x.len], &[x], &[out]);
    }

    /// ‖·‖₂ of each vector.
    pub fn row_norms(&mut self, x: View, on: Layout) -> View {
        let out = self.b.scratch("norms", on.count());
        self.b.kernel(Kernel::RowNorms, &[on.count(), on.len()], &[x], &[out]);
        out
    }

    /// Sum of each vector.
    pub fn row_sums(&mut self, x: View, on: Layout) -> View {
        let out = self.b.scratch("sums", on.count());
        match on.count() {
            1 => self.b.sum(out, x),
            count => {
                let ones = self.table("ones", vec![1.0; on.len()]);
                self.b.kernel(Kernel::Gemv, &[count, on.len()], &[x, ones], &[out]);
            }
        }
        out
    }

    /// Largest entry of each vector.
    pub fn row_max(&mut self, x: View, on: Layout) -> View {
        let out = self.b.scratch("tops", on.count());
        match on.count() {
            1 => self.b.max(out, x),
            count => self.b.kernel(Kernel::RowMax, &[count, on.len()], &[x], &[out]),
        }
        out
    }

    /// A number per vector for each of its entries; that of one vector is broadcast as it is.
    pub fn rows_to_entries(&mut self, of: View, on: Layout) -> View {
        if on.count() == 1 {
            return of;
        }
        let spread = self.b.scratch("spread", on.entries());
        self.b.kernel(Kernel::RowSpread, &[on.count(), on.len()], &[of], &[spread]);
        spread
    }

    /// A formula of the vectors' numbers, for each of their entries.
    pub fn per_row(&mut self, on: Layout, f: impl Into<Formula>) -> View {
        let of_row = self.entries("per_row", on.count(), f);
        self.rows_to_entries(of_row, on)
    }

    /// `out =` by how much x leaves {y ≥ 0, Σ yᵢ = r}, the worst of its vectors, relative to the magnitudes of what is added up.
    pub fn off_simplex(&mut self, on: Layout, radius: &Expr, x: View, sizes: View, out: View) {
        let (radius, sums, totals) = (self.value(radius), self.row_sums(x, on), self.row_sums(sizes, on));
        let [below, off] = ["below", "off"].map(|name| self.b.scratch(name, 1));
        self.b.max(below, ratio_or_zero(-x, sizes));
        self.b.max(off, ratio_or_zero((sums - radius).abs(), totals + radius.abs()));
        self.b.set(out, below.max(off).max(0.0));
    }

    /// `out = 1` where a scalar is negative; false where it never is.
    pub fn negative(&mut self, e: &Expr, out: View) -> bool {
        let value = self.value(e);
        if matches!(value, Value::Literal(x) if x >= 0.0) {
            return false;
        }
        self.b.set(out, value.lt(0.0).then(1.0, 0.0));
        true
    }
}
