//! The builder of programs as rules and algorithms see it: values, levels, and data expressions.
//!
//! What depends on consts alone is computed in `setup`, what depends on params in `prepare`, each once; the same expression asked for
//! twice is computed once. In the checker everything is computed where it stands, in `finish`.

use crate::calculus::{Atom, Form, Function, Layout, ProxPoint, RowSum, Use};
use crate::expr;
use crate::model::{Arg, Depends, Elementwise, Expr, ExprKind, Model, QuantityId, QuantityKind};
use crate::text::Names;
use sparsec_program::builder::Builder;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::program::{BlockKind, BufferId, Role, View};
use sparsec_program::solver::Shape;
use sparsec_runtime::Kernel;
use std::collections::HashMap;
use std::fmt::Write;

/// What is being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The program that finds the answer.
    Solver,
    /// The program that recomputes it.
    Check,
}

/// Builds a program from the model's expressions and the calculus.
#[derive(Debug)]
pub struct Emit<'a> {
    /// The builder of instructions.
    pub b: Builder,
    model: &'a Model,
    names: Names,
    mode: Mode,
    /// Where the unknowns are, for expressions that hold them (in the checker).
    point: HashMap<QuantityId, View>,
    inputs: HashMap<QuantityId, View>,
    data: HashMap<String, View>,
    memo: HashMap<String, Vec<View>>,
    /// Buffers computed in `prepare` that stay as they are.
    prepared: Vec<BufferId>,
}

impl<'a> Emit<'a> {
    /// An empty program for a model.
    pub fn new(model: &'a Model, mode: Mode) -> Self {
        let mut b = Builder::new(&model.name);
        if mode == Mode::Check {
            b.at(BlockKind::Finish);
        }
        Emit {
            b,
            model,
            names: Names::of(model),
            mode,
            point: HashMap::new(),
            inputs: HashMap::new(),
            data: HashMap::new(),
            memo: HashMap::new(),
            prepared: Vec::new(),
        }
    }

    /// Says where an unknown is.
    pub fn set_point(&mut self, id: QuantityId, view: View) {
        self.point.insert(id, view);
    }

    /// The buffers of consts and params that the program reads.
    pub fn inputs(&self) -> &HashMap<QuantityId, View> {
        &self.inputs
    }

    /// The model.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// True while the checker is built.
    pub fn is_check(&self) -> bool {
        self.mode == Mode::Check
    }

    /// The instructions that `f` makes, for the body of a branch or loop.
    pub fn nested(&mut self, f: &mut dyn FnMut(&mut Self)) -> Vec<sparsec_program::program::Instr> {
        self.b.open();
        f(self);
        self.b.close()
    }

    /// The buffer of a const or param.
    pub fn input(&mut self, id: QuantityId) -> View {
        if let Some(v) = self.inputs.get(&id) {
            return *v;
        }
        let q = &self.model.quantities[id.0];
        let role = if q.kind == QuantityKind::Const { Role::Const } else { Role::Param };
        let (rows, cols) = q.shape.rows_cols();
        let doc = q.docs.lines().next().unwrap_or_default();
        let view = self.b.buffer(&q.canonical, rows, cols, role, doc);
        self.inputs.insert(id, view);
        view
    }

    // ---- levels ------------------------------------------------------------------------------------------------------------

    /// On what a value depends, by where its buffer is written.
    fn level(&self, v: Value) -> Depends {
        let Value::View(view) = v else {
            return Depends::Literal;
        };
        match self.b.buffer_of(view).role {
            Role::Const | Role::Table(_) | Role::Derived => Depends::Const,
            Role::Param => Depends::Param,
            _ if self.prepared.contains(&view.buffer) => Depends::Param,
            _ => Depends::Var,
        }
    }

    /// Runs `f` where values of this level are computed, and returns to where we were.
    pub fn at_level<R>(&mut self, level: Depends, f: impl FnOnce(&mut Self) -> R) -> R {
        let block = match (self.mode, level) {
            (_, Depends::Var) => return f(self),
            (Mode::Check, _) => BlockKind::Finish,
            (Mode::Solver, Depends::Literal | Depends::Const) => BlockKind::Setup,
            (Mode::Solver, Depends::Param) => BlockKind::Prepare,
        };
        let place = self.b.enter(block);
        let result = f(self);
        self.b.leave(place);
        result
    }

    /// A buffer for a value of this level.
    pub fn room(&mut self, name: &str, rows: usize, cols: usize, level: Depends) -> View {
        match (self.mode, level) {
            (Mode::Check, _) | (_, Depends::Var) => self.b.buffer(name, rows, cols, Role::Scratch, ""),
            (Mode::Solver, Depends::Literal | Depends::Const) => self.b.derived(name, rows, cols, ""),
            (Mode::Solver, Depends::Param) => {
                let view = self.b.buffer(name, rows, cols, Role::State, "");
                self.prepared.push(view.buffer);
                view
            }
        }
    }

    /// Results of a computation on some views, made once per set of views, at the level of the highest of them.
    pub fn memo(
        &mut self,
        what: &str,
        on: &[View],
        rooms: &[(&str, usize)],
        f: impl FnOnce(&mut Self, &[View]),
    ) -> Vec<View> {
        let level = on.iter().map(|v| self.level(Value::View(*v))).max().unwrap_or(Depends::Literal);
        self.once(&format!("{what}{on:?}"), level, rooms, f)
    }

    /// Results of a computation that a key names, at a given level; made once unless that is where we stand.
    pub fn once(
        &mut self,
        key: &str,
        level: Depends,
        rooms: &[(&str, usize)],
        f: impl FnOnce(&mut Self, &[View]),
    ) -> Vec<View> {
        if let Some(views) = self.memo.get(key) {
            return views.clone();
        }
        let views = self.at_level(level, |cx| {
            let views: Vec<View> = rooms.iter().map(|(name, len)| cx.room(name, *len, 1, level)).collect();
            f(cx, &views);
            views
        });
        if level != Depends::Var {
            self.memo.insert(key.to_owned(), views.clone());
        }
        views
    }

    /// A scalar from scalars, computed at the level of the highest of them, once.
    pub fn scalar(&mut self, name: &str, on: &[Value], f: impl Into<Formula>) -> Value {
        let views: Vec<View> = on.iter().filter_map(|v| v.view()).collect();
        let f = f.into();
        let out = self.memo(&format!("{name}{on:?}"), &views, &[(name, 1)], |cx, out| cx.b.set(out[0], f));
        Value::View(out[0])
    }

    /// A sum of scalars, once; 0 where there are none.
    pub fn scalar_sum(&mut self, name: &str, parts: &[Value]) -> Value {
        match parts {
            [] => Value::Literal(0.0),
            [one] => *one,
            _ => self.scalar(name, parts, Formula::sum(parts.iter().copied())),
        }
    }

    /// A product of scalars; literals are multiplied here.
    pub fn product(&mut self, factors: &[Value]) -> Value {
        self.named_product("product", factors)
    }

    /// A product of scalars under a name that says what it is.
    fn named_product(&mut self, name: &str, factors: &[Value]) -> Value {
        let mut literal = 1.0;
        let mut views = Vec::new();
        for f in factors {
            match f {
                Value::Literal(v) => literal *= v,
                Value::View(_) => views.push(*f),
            }
        }
        match views.as_slice() {
            [] => Value::Literal(literal),
            [one] if literal == 1.0 => *one,
            _ => {
                // The literal is one of the factors, so that products with different literals are different computations.
                let mut factors = views;
                if literal != 1.0 {
                    factors.insert(0, Value::Literal(literal));
                }
                self.scalar(name, &factors, Formula::product(factors.iter().copied()))
            }
        }
    }

    /// A value as a view.
    pub fn as_view(&mut self, v: Value) -> View {
        match v {
            Value::View(v) => v,
            Value::Literal(x) => self.table("number", vec![x]),
        }
    }

    /// A table of numbers, made once.
    pub fn table(&mut self, name: &str, values: Vec<f64>) -> View {
        let bits: Vec<u64> = values.iter().map(|v| v.to_bits()).collect();
        let key = format!("table {name} {bits:?}");
        if let Some(v) = self.data.get(&key) {
            return *v;
        }
        let view = self.b.buffer(name, values.len(), 1, Role::Table(values), "");
        self.data.insert(key, view);
        view
    }

    // ---- arguments ---------------------------------------------------------------------------------------------------------

    /// An expression without unknowns for maps over its entries: a literal where all are equal, else a view.
    pub fn value(&mut self, e: &Expr) -> Value {
        match expr::uniform(e) {
            Some(v) => Value::Literal(v),
            None => Value::View(self.data(e)),
        }
    }

    /// The i-th further argument, as [`Emit::value`] gives it.
    pub fn arg_value(&mut self, at: &Use, i: usize) -> Value {
        match at.args.get(i) {
            Some(Arg::Expr(e)) => self.value(e),
            Some(Arg::Integer(k)) => Value::Literal(*k as f64),
            _ => Value::Literal(f64::NAN),
        }
    }

    /// The i-th further argument as data in memory.
    pub fn data_arg(&mut self, at: &Use, i: usize) -> View {
        match at.args.get(i).and_then(Arg::expr) {
            Some(e) => self.data(e),
            None => self.table("missing", vec![f64::NAN]),
        }
    }

    /// γ c wᵢ of a separable penalty.
    pub fn threshold(&mut self, at: &Use, gamma: Value) -> Formula {
        let c = self.value(&at.coefficient);
        let scalar = self.named_product("threshold", &[gamma, c]);
        match &at.weights {
            None => scalar.into(),
            Some(w) => scalar * self.value(w),
        }
    }

    /// Values one after the other, each by its own number of entries: a scalar is repeated.
    pub fn joined(&mut self, parts: &[(Value, usize)]) -> View {
        if let [(Value::View(v), len)] = parts
            && v.len == *len
        {
            return *v;
        }
        let literals: Option<Vec<Vec<f64>>> = parts
            .iter()
            .map(|(v, len)| match v {
                Value::Literal(x) => Some(vec![*x; *len]),
                Value::View(_) => None,
            })
            .collect();
        if let Some(values) = literals {
            return self.table("numbers", values.concat());
        }
        let views: Vec<View> = parts.iter().filter_map(|(v, _)| v.view()).collect();
        let total = parts.iter().map(|(_, len)| len).sum();
        self.memo(&format!("joined{parts:?}"), &views, &[("joined", total)], |cx, out| {
            let mut from = 0;
            for (value, len) in parts {
                cx.b.set(out[0].slice(from, *len), *value);
                from += len;
            }
        })[0]
    }

    // ---- small computations ------------------------------------------------------------------------------------------------

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

    /// ‖row‖₂ of each row.
    pub fn row_norms(&mut self, x: View, rows: usize, len: usize) -> View {
        let out = self.b.scratch("norms", rows);
        self.b.kernel(Kernel::RowNorms, &[rows, len], &[x], &[out]);
        out
    }

    /// Sum of each row.
    pub fn row_sums(&mut self, x: View, rows: usize, len: usize) -> View {
        let out = self.b.scratch("sums", rows);
        if rows == 1 {
            self.b.sum(out, x);
        } else {
            let ones = self.table("ones", vec![1.0; len]);
            self.b.kernel(Kernel::Gemv, &[rows, len], &[x, ones], &[out]);
        }
        out
    }

    /// Largest entry of each row.
    pub fn row_max(&mut self, x: View, rows: usize, len: usize) -> View {
        let out = self.b.scratch("tops", rows);
        if rows == 1 {
            self.b.max(out, x);
        } else {
            self.b.kernel(Kernel::RowMax, &[rows, len], &[x], &[out]);
        }
        out
    }

    /// A number per row for each entry of the row; one row's number is broadcast as it is.
    pub fn rows_to_entries(&mut self, of: View, rows: usize, len: usize) -> View {
        if rows == 1 {
            return of;
        }
        let spread = self.b.scratch("spread", rows * len);
        self.b.kernel(Kernel::RowSpread, &[rows, len], &[of], &[spread]);
        spread
    }

    /// `out = factors_i row_i`
    pub fn scale_rows_to(&mut self, out: View, factors: View, x: View, rows: usize, len: usize) {
        let spread = self.rows_to_entries(factors, rows, len);
        self.b.set(out, spread * x);
    }

    /// u less the weights of penalties that are linear on y ≥ 0.
    pub fn minus_weights(&mut self, before: &[Atom], u: View) -> View {
        let mut u = u;
        for atom in before {
            let w = self.threshold(&atom.at, Value::Literal(1.0));
            let out = self.b.scratch("tilted", u.len);
            self.b.set(out, u - w);
            u = out;
        }
        u
    }

    /// The proxes at γ = 1 of homogeneous atoms, one after the other: u less its projection on the domain of their conjugate.
    pub fn prox_at_one(&mut self, atoms: &[Atom], u: View) -> View {
        let mut u = u;
        for atom in atoms {
            let out = self.b.scratch("rest", u.len);
            self.prox(atom, u, Value::Literal(1.0), out);
            u = out;
        }
        u
    }

    /// The same for atoms with shifts, which do not change the domain of a conjugate.
    pub fn outside_domain(&mut self, atoms: &[Atom], u: View) -> View {
        let unshifted = |a: &Atom| Atom { at: Use { shift: None, ..a.at.clone() }, ..a.clone() };
        let unshifted: Vec<Atom> = atoms.iter().map(unshifted).collect();
        self.prox_at_one(&unshifted, u)
    }

    /// `out = 1` where the first argument, a radius, is negative; false where it never is.
    pub fn negative_radius(&mut self, at: &Use, out: View) -> bool {
        let radius = self.arg_value(at, 0);
        if matches!(radius, Value::Literal(r) if r >= 0.0) {
            return false;
        }
        self.b.set(out, radius.lt(0.0).then(1.0, 0.0));
        true
    }

    /// Room for a kernel whose second output is room to work in.
    pub fn kernel_work(&mut self, kernel: Kernel, dims: &[usize]) -> View {
        let len = kernel.output_lens(dims).and_then(|lens| lens.get(1).copied()).unwrap_or(1);
        self.b.scratch("work", len)
    }

    /// The largest eigenvalue of a symmetric argument.
    pub fn largest_eigenvalue(&mut self, at: &Use, i: usize) -> Value {
        let q = self.data_arg(at, i);
        let n = at.args.get(i).and_then(Arg::expr).map_or(1, |e| e.shape.rows_cols().0);
        let out = self.memo("eigen_max", &[q], &[("top_eigenvalue", 1)], |cx, out| {
            let work = cx.kernel_work(Kernel::EigenMax, &[n]);
            cx.b.kernel(Kernel::EigenMax, &[n], &[q], &[out[0], work]);
        });
        Value::View(out[0])
    }

    /// The largest eigenvalue of MᵀM.
    pub fn spectral_norm_squared(&mut self, m: &Expr) -> Value {
        let (rows, cols) = m.shape.rows_cols();
        let view = self.data(m);
        let out = self.memo("spectral_norm_squared", &[view], &[("norm_squared", 1)], |cx, out| {
            let work = cx.kernel_work(Kernel::SpectralNormSquared, &[rows, cols]);
            cx.b.kernel(Kernel::SpectralNormSquared, &[rows, cols], &[view], &[out[0], work]);
        });
        Value::View(out[0])
    }

    // ---- atoms with shift and columns --------------------------------------------------------------------------------------

    /// `scale · (turn(x) − shift)`, and the columns laid out as rows.
    fn inner(&mut self, at: &Use, x: View) -> View {
        let mut x = at.turn.iter().fold(x, |x, op| self.forward_op(op, x));
        if at.shift.is_some() || at.scale != 1.0 {
            let s = at.shift.as_ref().map(|s| self.value(s));
            let out = self.b.scratch("shifted", x.len);
            let moved = s.map_or_else(|| x.into(), |s| x - s);
            self.b.set(out, at.scale * moved);
            x = out;
        }
        if at.by_columns {
            let out = self.b.scratch("columns", x.len);
            // The unknown is len × rows; its columns become rows.
            self.b.kernel(Kernel::Transpose, &[at.len, at.rows], &[x], &[out]);
            x = out;
        }
        x
    }

    /// `out = prox_{γ c g}(v)` of an atom.
    pub fn prox(&mut self, atom: &Atom, v: View, gamma: Value, out: View) {
        let gamma = self.inner_step(&atom.at, gamma);
        self.shaped(&atom.at, v, out, |cx, inner, room| atom.rule.prox(cx, &atom.at, inner, gamma, room));
    }

    /// The step at which a prox is taken where y is scaled: α² γ (Beck, theorem 6.11).
    fn inner_step(&mut self, at: &Use, gamma: Value) -> Value {
        match at.scale {
            1.0 => gamma,
            s => self.product(&[gamma, Value::Literal(s * s)]),
        }
    }

    /// The domain of the conjugate of a homogeneous atom is that of the rule's, turned: u where the rule is asked.
    pub fn turned(&mut self, at: &Use, u: View) -> View {
        let at = Use { shift: None, ..at.clone() };
        self.inner(&at, u)
    }

    /// `out = J d` at an evaluated prox of an atom.
    pub fn jacobian(&mut self, atom: &Atom, point: &ProxPoint, d: View, out: View) {
        let at = &atom.at;
        if as_it_is(at) {
            return atom.rule.jacobian(self, at, point, d, out);
        }
        let gamma = self.inner_step(at, point.gamma);
        // The prox is taken again where the rule acts: x turned and shifted back and forth is no longer exactly 0 or at a bound.
        let (v, x) = (self.inner(at, point.v), self.b.scratch("inner_prox", point.v.len));
        atom.rule.prox(self, at, v, gamma, x);
        let point = ProxPoint { v, x, gamma };
        // A direction has no shift.
        let at = &Use { shift: None, ..at.clone() };
        self.shaped(at, d, out, |cx, d, room| atom.rule.jacobian(cx, &atom.at, &point, d, room));
    }

    /// Runs an operation of an atom on turned, shifted, scaled and transposed data, and undoes all four on the result.
    pub fn shaped(&mut self, at: &Use, v: View, out: View, f: impl FnOnce(&mut Self, View, View)) {
        if as_it_is(at) {
            return f(self, v, out);
        }
        let inner = self.inner(at, v);
        let mut result = self.b.scratch("result", v.len);
        f(self, inner, result);
        if at.by_columns {
            let back = self.b.scratch("rows", v.len);
            self.b.kernel(Kernel::Transpose, &[at.rows, at.len], &[result], &[back]);
            result = back;
        }
        let shift = at.shift.as_ref().map_or(Value::Literal(0.0), |s| self.value(s));
        let back = if at.turn.is_empty() { out } else { self.b.scratch("unshifted", v.len) };
        let scaled = (1.0 / at.scale) * result;
        self.b.set(back, if shift == Value::Literal(0.0) { scaled } else { scaled + shift });
        if !at.turn.is_empty() {
            let turned = at.turn.iter().rev().fold(back, |z, op| self.adjoint_op(op, z));
            self.b.copy(out, turned);
        }
    }

    /// `out = c g(x)` of an atom.
    pub fn atom_value(&mut self, atom: &Atom, x: View, out: View) {
        let x = self.inner(&atom.at, x);
        atom.rule.value(self, &atom.at, x, out);
    }

    /// `out =` violation of an atom.
    pub fn atom_violation(&mut self, atom: &Atom, x: View, out: View) {
        let x = self.inner(&atom.at, x);
        atom.rule.violation(self, &atom.at, x, out);
    }

    /// Conjugate of `before + atom` at u and how far u is from its domain: with h(y) = g(α (Q y − s)), h*(u) = g*(Q u/α) + ⟨s, Q u⟩.
    pub fn atom_conjugate(&mut self, atom: &Atom, before: &[Atom], u: View, value: View, violation: View) {
        let at = &atom.at;
        let inner = self.turned(&Use { scale: 1.0 / at.scale, ..at.clone() }, u);
        atom.rule.conjugate(self, at, before, inner, value, violation);
        if at.scale != 1.0 {
            self.b.set(violation, at.scale.abs() * violation);
        }
        self.add_shift(at, u, value);
    }

    /// `value += ⟨shift, turn(u)⟩`
    pub fn add_shift(&mut self, at: &Use, u: View, value: View) {
        let Some(shift) = &at.shift else { return };
        let u = at.turn.iter().fold(u, |u, op| self.forward_op(op, u));
        let s = self.value(shift);
        let inner = self.b.scratch("inner", 1);
        self.b.sum(inner, u * s);
        self.b.set(value, value + inner);
    }

    // ---- data expressions --------------------------------------------------------------------------------------------------

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
        let level = e.depends;
        let key = key(e);
        if level != Depends::Var
            && let Some(v) = self.data.get(&key)
        {
            return *v;
        }
        let view = self.at_level(level, |cx| {
            let (rows, cols) = e.shape.rows_cols();
            let out = cx.room("data", rows, cols, level);
            cx.compute(e, out);
            out
        });
        if level != Depends::Var {
            self.data.insert(key, view);
        }
        view
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
                    return self.call_sum(*f, args, a, out);
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
            ExprKind::Call(f, args) => self.call(*f, args, e, out),
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

    /// The value of a function at data or at the point.
    /// `out =` a function of an expression: one number, or with `rows(Y)` or `cols(Y)` one for each of them.
    fn call(&mut self, f: &'static dyn Function, args: &[Arg], e: &Expr, out: View) {
        let Some((at, x)) = self.operand(args, e) else {
            return;
        };
        if at.rows == 1 {
            return self.function_value(f, &at, x, out);
        }
        if f.row_values(self, &at, x, out) {
            return;
        }
        let of_row = Use { rows: 1, ..at };
        for i in 0..at.rows {
            self.function_value(f, &of_row, x.slice(i * at.len, at.len), out.slice(i, 1));
        }
    }

    /// `out = Σ f(rowᵢ)`
    fn call_sum(&mut self, f: &'static dyn Function, args: &[Arg], e: &Expr, out: View) {
        match self.operand(args, e) {
            Some((at, x)) if at.rows > 1 && f.row_sum() != RowSum::Unknown => self.function_value(f, &at, x, out),
            _ => {
                let values = self.data(e);
                self.b.sum(out, values);
            }
        }
    }

    /// The first argument of a call in memory, columns laid out as rows, and how the function is used on it.
    fn operand(&mut self, args: &[Arg], e: &Expr) -> Option<(Use, View)> {
        let inner = args.first().and_then(Arg::expr)?;
        let x = self.data(inner);
        let at = Use::plain(args[1..].to_vec(), Layout::of(inner), e.span, String::new(), &self.names);
        let x = self.inner(&at, x);
        Some((Use { by_columns: false, ..at }, x))
    }

    fn function_value(&mut self, f: &'static dyn Function, at: &Use, x: View, out: View) {
        match f.form() {
            Form::Smooth(rule) => rule.value(self, at, x, out),
            Form::Proxable(rule) => rule.value(self, at, x, out),
            Form::Negated(g) => {
                self.function_value(g, at, x, out);
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

/// True where a rule acts on a block as it lies there.
fn as_it_is(at: &Use) -> bool {
    at.turn.is_empty() && at.shift.is_none() && at.scale == 1.0 && !at.by_columns
}

/// max(0, 1 − t/norm), 0 where the norm is 0.
pub fn shrink_factor(norm: impl Into<Formula>, t: impl Into<Formula>) -> Formula {
    let norm = norm.into();
    norm.eq(0.0).then(0.0, (1.0 - t.into() / &norm).max(0.0))
}

/// a/b, 0 where b is 0.
pub fn ratio_or_zero(a: impl Into<Formula>, b: impl Into<Formula>) -> Formula {
    let (a, b) = (a.into(), b.into());
    b.eq(0.0).then(0.0, a / &b)
}

/// a/b, 0 where a ≤ 0, also for b = 0.
pub fn part_of(a: impl Into<Formula>, b: impl Into<Formula>) -> Formula {
    let (a, b) = (a.into(), b.into());
    a.le(0.0).then(0.0, &a / b)
}

/// A text that is equal for equal expressions, wherever they stand.
fn key(e: &Expr) -> String {
    let mut out = String::new();
    write_key(e, &mut out);
    out
}

fn write_key(e: &Expr, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "{}",
        match e.shape {
            Shape::Scalar => "s".to_owned(),
            Shape::Vector(n) => format!("v{n}"),
            Shape::Matrix(m, n) => format!("m{m}x{n}"),
        }
    );
    let many = |tag: &str, parts: &[&Expr], out: &mut String| {
        let _ = write!(out, "{tag}(");
        for p in parts {
            write_key(p, out);
            out.push(',');
        }
        out.push(')');
    };
    match &e.kind {
        ExprKind::Literal(v) => {
            let bits: Vec<u64> = v.iter().map(|x| x.to_bits()).collect();
            let _ = write!(out, "{bits:x?}");
        }
        ExprKind::Quantity(id) => {
            let _ = write!(out, "q{}", id.0);
        }
        ExprKind::Negate(a) => many("neg", &[a], out),
        ExprKind::Add(a, b) => many("add", &[a, b], out),
        ExprKind::Subtract(a, b) => many("sub", &[a, b], out),
        ExprKind::Scale(a, b) => many("scale", &[a, b], out),
        ExprKind::Product(a, b) => many("mm", &[a, b], out),
        ExprKind::ElementProduct(a, b) => many("mul", &[a, b], out),
        ExprKind::ElementQuotient(a, b) => many("div", &[a, b], out),
        ExprKind::Power(a, k) => many(&format!("pow{k}"), &[a], out),
        ExprKind::Transpose(a) => many("t", &[a], out),
        ExprKind::Dot(a, b) => many("dot", &[a, b], out),
        ExprKind::Sum(a) => many("sum", &[a], out),
        ExprKind::Trace(a) => many("trace", &[a], out),
        ExprKind::Slice { of, rows, cols } => many(&format!("at{rows:?}{cols:?}"), &[of], out),
        ExprKind::Stack(parts) => many("stack", &parts.iter().collect::<Vec<_>>(), out),
        ExprKind::Diag(a) => many("diag", &[a], out),
        ExprKind::Fill(a) => many("fill", &[a], out),
        ExprKind::Linear(map, a) => many(&format!("{map:?}"), &[a], out),
        ExprKind::Convolve(a, b) => many("conv", &[a, b], out),
        ExprKind::Rows(a) => many("rows", &[a], out),
        ExprKind::Cols(a) => many("cols", &[a], out),
        ExprKind::Elementwise(f, args) => many(&format!("{f:?}"), &args.iter().collect::<Vec<_>>(), out),
        ExprKind::Call(f, args) => {
            let _ = write!(out, "{}{:?}", f.name(), args.iter().filter(|a| a.expr().is_none()).collect::<Vec<_>>());
            many("call", &args.iter().filter_map(Arg::expr).collect::<Vec<_>>(), out);
        }
    }
}
