//! Expressions of data in memory.

use super::emit::{Emit, Key};
use crate::calculus::{Argument, Form, Function, Layout, RowSum};
use crate::expr::{self, Structure};
use crate::model::{Arg, Elementwise, Expr, ExprKind};
use sparsec_program::formula::Formula;
use sparsec_program::program::View;
use sparsec_runtime::Kernel;

impl Emit<'_> {
    /// An expression in memory, row-major; computed once, at its own level.
    pub fn data(&mut self, e: &Expr) -> View {
        match &e.kind {
            ExprKind::Literal(v) => return self.table("literal", v.clone()),
            ExprKind::Quantity(id) => match self.point.get(id) {
                Some(v) => return *v,
                None => return self.input(*id),
            },
            ExprKind::Rows(a) | ExprKind::Cols(a) => return self.data(a),
            ExprKind::Stack(parts) if parts.len() == 1 => return self.data(&parts[0]),
            ExprKind::Slice { of, rows, cols } => {
                let width = of.shape.rows_cols().1;
                if *cols == (0, width) || rows.1 == rows.0 + 1 {
                    let whole = self.data(of);
                    return whole.slice(rows.0 * width + cols.0, e.shape.len());
                }
            }
            _ => {}
        }
        let (rows, cols) = e.shape.rows_cols();
        self.once(Key::Data(Structure(e.clone())), e.depends, &[("data", rows, cols)], |cx, out| cx.compute(e, out[0]))
            [0]
    }

    fn compute(&mut self, e: &Expr, out: View) {
        match &e.kind {
            ExprKind::Negate(_)
            | ExprKind::Add(..)
            | ExprKind::Subtract(..)
            | ExprKind::Scale(..)
            | ExprKind::ElementProduct(..)
            | ExprKind::ElementQuotient(..)
            | ExprKind::Power(..)
            | ExprKind::Fill(_)
            | ExprKind::Elementwise(..) => {
                let formula = self.formula(e);
                self.b.set(out, formula);
            }
            ExprKind::Product(a, b) => self.data_product(a, b, out),
            ExprKind::Transpose(a) => {
                let (m, n) = a.shape.rows_cols();
                let a = self.data(a);
                self.b.kernel(Kernel::Transpose, &[m, n], &[a], &[out]);
            }
            ExprKind::Dot(a, b) => {
                let (a, b) = (self.data(a), self.data(b));
                self.b.sum(out, a * b);
            }
            ExprKind::Sum(a) => {
                if let ExprKind::Call(f, args) = &a.kind {
                    return self.call_sum(f, args, a, out);
                }
                let formula = self.formula(a);
                self.b.sum_over(out, a.shape.len(), formula);
            }
            ExprKind::Trace(a) => {
                let n = a.shape.rows_cols().0;
                let a = self.data(a);
                let diagonal = self.b.scratch("diagonal", n);
                for i in 0..n {
                    self.b.copy(diagonal.slice(i, 1), a.slice(i * (n + 1), 1));
                }
                self.b.sum(out, diagonal);
            }
            ExprKind::Slice { of, rows, cols } => {
                let width = of.shape.rows_cols().1;
                let whole = self.data(of);
                let len = cols.1 - cols.0;
                for (k, i) in (rows.0..rows.1).enumerate() {
                    self.b.copy(out.slice(k * len, len), whole.slice(i * width + cols.0, len));
                }
            }
            ExprKind::Stack(parts) => {
                let mut at = 0;
                for p in parts {
                    let from = self.data(p);
                    self.b.copy(out.slice(at, from.len), from);
                    at += from.len;
                }
            }
            ExprKind::Diag(a) => {
                let n = a.shape.len();
                let a = self.data(a);
                self.b.fill(out, 0.0);
                for i in 0..n {
                    self.b.copy(out.slice(i * (n + 1), 1), a.slice(i, 1));
                }
            }
            ExprKind::Linear(map, a) => {
                let x = self.data(a);
                self.linear_map(*map, a.shape, x, out);
            }
            ExprKind::Convolve(k, a) => {
                let (k, x) = (self.data(k), self.data(a));
                self.b.kernel(Kernel::Conv, &[k.len, x.len], &[k, x], &[out]);
            }
            ExprKind::Call(f, args) => self.call(f, args, out),
            // The rest was answered by `data` without a computation.
            ExprKind::Literal(_) | ExprKind::Quantity(_) | ExprKind::Rows(_) | ExprKind::Cols(_) => {
                let from = self.data(e);
                self.b.copy(out, from);
            }
        }
    }

    fn data_product(&mut self, a: &Expr, b: &Expr, out: View) {
        let (m, k) = a.shape.rows_cols();
        let (_, n) = b.shape.rows_cols();
        let x = self.data(b);
        if let (1, ExprKind::Transpose(of)) = (n, &a.kind) {
            let of = self.data(of);
            self.b.kernel(Kernel::GemvT, &[k, m], &[of, x], &[out]);
            return;
        }
        let a = self.data(a);
        if n == 1 {
            self.b.kernel(Kernel::Gemv, &[m, k], &[a, x], &[out]);
        } else {
            self.b.kernel(Kernel::GemmNn, &[m, k, n], &[a, x], &[out]);
        }
    }

    /// `out =` a function of an expression: one number, or with `rows(Y)` or `cols(Y)` one for each of them.
    fn call(&mut self, f: &Function, args: &[Arg], out: View) {
        let Some((on, x)) = self.operand(args) else { return };
        let one = Layout::vector(on.len());
        for i in 0..on.count() {
            self.function_value(f, &args[1..], one, x.slice(i * on.len(), on.len()), out.slice(i, 1));
        }
    }

    /// `out = Σ f(rowᵢ)`
    fn call_sum(&mut self, f: &Function, args: &[Arg], e: &Expr, out: View) {
        match self.operand(args) {
            Some((on, x)) if on.count() > 1 && f.over_rows != RowSum::Unknown => {
                self.function_value(f, &args[1..], on, x, out);
            }
            _ => {
                let values = self.data(e);
                self.b.sum(out, values);
            }
        }
    }

    /// The first argument of a call in memory, columns laid out as rows.
    fn operand(&mut self, args: &[Arg]) -> Option<(Layout, View)> {
        let inner = args.first().and_then(Arg::expr)?;
        let (on, x) = (Layout::of(inner), self.data(inner));
        let x = self.inner(&Argument::itself(), on, x);
        Some((on.as_rows(), x))
    }

    fn function_value(&mut self, f: &Function, args: &[Arg], on: Layout, x: View, out: View) {
        match f.form {
            Form::Smooth(rule) => rule(args).value(self, on, x, out),
            Form::Proxable(rule) => rule(args).value(self, on, x, out),
            Form::Negated(g) => {
                self.function_value(g, args, on, x, out);
                self.b.set(out, -out);
            }
        }
    }

    /// An elementwise expression as a formula, so that it becomes one map.
    fn formula(&mut self, e: &Expr) -> Formula {
        if let Some(v) = expr::uniform(e) {
            return v.into();
        }
        match &e.kind {
            ExprKind::Negate(a) => -self.formula(a),
            ExprKind::Add(a, b) => self.formula(a) + self.formula(b),
            ExprKind::Subtract(a, b) => self.formula(a) - self.formula(b),
            ExprKind::Scale(a, b) | ExprKind::ElementProduct(a, b) => self.formula(a) * self.formula(b),
            ExprKind::ElementQuotient(a, b) => self.formula(a) / self.formula(b),
            ExprKind::Power(a, k) => {
                let a = self.formula(a);
                Formula::product(std::iter::repeat_n(a, *k as usize))
            }
            ExprKind::Fill(a) => self.value(a).into(),
            ExprKind::Elementwise(f, args) => {
                let x: Vec<Formula> = args.iter().map(|a| self.formula(a)).collect();
                match f {
                    Elementwise::Abs => x[0].abs(),
                    Elementwise::Exp => x[0].exp(),
                    Elementwise::Log => x[0].log(),
                    Elementwise::Sqrt => x[0].sqrt(),
                    Elementwise::Square => x[0].square(),
                    Elementwise::Pos => x[0].max(0.0),
                    Elementwise::Max => x[0].max(&x[1]),
                    Elementwise::Min => x[0].min(&x[1]),
                }
            }
            _ => self.data(e).into(),
        }
    }
}
