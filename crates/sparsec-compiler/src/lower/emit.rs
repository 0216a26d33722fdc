//! The builder of programs as rules and algorithms see it: values, levels, and data expressions.
//!
//! What depends on consts alone is computed in `setup`, what depends on params in `prepare`, each once; the same expression asked for
//! twice is computed once. The checker has no `prepare`: there what depends on params is computed where it stands.

use crate::expr::{self, Structure};
use crate::model::{Depends, Expr, Model, QuantityId, QuantityKind};
use sparsec_program::builder::Builder;
use sparsec_program::formula::{self, Formula, Value};
use sparsec_program::program::{BlockKind, BufferId, Condition, Instr, ReduceOp, Role, View};
use sparsec_runtime::Kernel;
use std::collections::HashMap;

/// What is being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The program that finds the answer.
    Solver,
    /// The program that recomputes it.
    Check,
}

/// What is computed once: all that its value depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The entries of a formula.
    Entries(formula::Structure),
    /// The sum, largest or smallest of the entries of a formula.
    Reduced(ReduceOp, formula::Structure),
    /// Outputs of a kernel.
    Kernel(Kernel, Vec<usize>, Vec<View>),
    /// The squared lengths of columns that steps are scaled by, of the unknown at this place.
    OwnSquares(View, usize),
    /// The norm of a matrix whose columns are scaled by these squares.
    Scaled(View, View),
    /// Values one after the other, each for so many entries.
    Joined(Vec<(formula::Structure, usize)>),
    /// A table of numbers, by their bits.
    Table(Vec<u64>),
    /// An expression of data.
    Data(Structure),
    /// Something of the whole problem, of which a program holds one.
    Whole(Whole),
}

/// What is made of the whole problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whole {
    /// The gradient of the linear term of this number.
    LinearTerm(usize),
    /// Bounds on the second derivatives along the coordinates.
    Curvatures,
    /// The metric of the steps, and the steps.
    Metric,
    /// The maps of the smooth terms by rows, and what they add.
    Rows,
    /// An orthonormal basis of all their columns.
    Basis,
    /// The objective at the origin.
    Origin,
    /// Scale and factor of the normal equations.
    NormalEquations,
    /// Factor of the system of Woodbury's identity.
    Woodbury,
}

/// Builds a program from the model's expressions and the calculus.
#[derive(Debug)]
pub struct Emit<'a> {
    /// The builder of instructions.
    pub b: Builder,
    model: &'a Model,
    mode: Mode,
    /// The solve works in single precision.
    pub single: bool,
    /// Where the unknowns are, for expressions that hold them (in the checker).
    pub(super) point: HashMap<QuantityId, View>,
    inputs: HashMap<QuantityId, View>,
    /// What was computed once.
    done: HashMap<Key, Vec<View>>,
    /// Buffers computed in `prepare` that stay as they are.
    prepared: Vec<BufferId>,
    /// What was computed once within the open branches and loops of the checker, and is not there outside of them.
    scopes: Vec<Vec<Key>>,
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
            mode,
            single: false,
            point: HashMap::new(),
            inputs: HashMap::new(),
            done: HashMap::new(),
            prepared: Vec::new(),
            scopes: Vec::new(),
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

    /// Runs `f` in a block of the checker; what it computes from params is known there alone.
    pub fn in_block<R>(&mut self, block: BlockKind, f: impl FnOnce(&mut Self) -> R) -> R {
        self.b.at(block);
        self.scopes.push(Vec::new());
        let result = f(self);
        for key in self.scopes.pop().unwrap_or_default() {
            self.done.remove(&key);
        }
        result
    }

    /// The instructions that `f` makes, for the body of a branch or loop.
    fn nested(&mut self, f: impl FnOnce(&mut Self)) -> Vec<Instr> {
        self.b.open();
        self.scopes.push(Vec::new());
        f(self);
        for key in self.scopes.pop().unwrap_or_default() {
            self.done.remove(&key);
        }
        self.b.close()
    }

    /// `if condition { f }`
    pub fn branch(&mut self, condition: Condition, f: impl FnOnce(&mut Self)) {
        let then = self.nested(f);
        self.b.push(Instr::If { condition, then, otherwise: Vec::new() });
    }

    /// `if condition { f } else { g }`
    pub fn either(&mut self, condition: Condition, f: impl FnOnce(&mut Self), g: impl FnOnce(&mut Self)) {
        let (then, otherwise) = (self.nested(f), self.nested(g));
        self.b.push(Instr::If { condition, then, otherwise });
    }

    /// Runs `f` at least once and at most `times` times, until the condition holds after a round.
    pub fn repeat(&mut self, times: usize, until: Option<Condition>, f: impl FnOnce(&mut Self)) {
        let body = self.nested(f);
        self.b.push(Instr::Loop { times, until, body });
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
            (_, Depends::Literal | Depends::Const) => BlockKind::Setup,
            (Mode::Solver, Depends::Param) => BlockKind::Prepare,
            (Mode::Check, Depends::Param) | (_, Depends::Var) => return f(self),
        };
        let place = self.b.enter(block);
        let result = f(self);
        self.b.leave(place);
        result
    }

    /// A buffer for a value of this level.
    pub fn room(&mut self, name: &str, rows: usize, cols: usize, level: Depends) -> View {
        match (self.mode, level) {
            (_, Depends::Literal | Depends::Const) => self.b.derived(name, rows, cols, ""),
            (Mode::Check, Depends::Param) => {
                let view = self.b.buffer(name, rows, cols, Role::Scratch, "");
                self.prepared.push(view.buffer);
                view
            }
            (_, Depends::Var) => self.b.scratch(name, rows * cols),
            (Mode::Solver, Depends::Param) => {
                let view = self.b.buffer(name, rows, cols, Role::State, "");
                self.prepared.push(view.buffer);
                view
            }
        }
    }

    /// Results of a computation that a key names, at a given level; made once unless that is where we stand. Each room has a name, rows
    /// and columns.
    pub fn once(
        &mut self,
        key: Key,
        level: Depends,
        rooms: &[(&str, usize, usize)],
        f: impl FnOnce(&mut Self, &[View]),
    ) -> Vec<View> {
        if let Some(views) = self.done.get(&key) {
            return views.clone();
        }
        let views = self.at_level(level, |cx| {
            let views: Vec<View> = rooms.iter().map(|(name, m, n)| cx.room(name, *m, *n, level)).collect();
            f(cx, &views);
            views
        });
        if level != Depends::Var {
            if let (Mode::Check, Depends::Param, Some(scope)) = (self.mode, level, self.scopes.last_mut()) {
                scope.push(key.clone());
            }
            self.done.insert(key, views.clone());
        }
        views
    }

    /// The level of the highest of some views.
    pub fn level_of(&self, views: &[View]) -> Depends {
        views.iter().map(|v| self.level(Value::View(*v))).max().unwrap_or(Depends::Literal)
    }

    /// The entries of a formula, at the level of the highest of its views, once.
    pub fn entries_once(&mut self, name: &str, f: impl Into<Formula>) -> View {
        let f = f.into();
        let (structure, len) = (f.structure(), f.entries());
        let level = self.level_of(&structure.views());
        self.once(Key::Entries(structure), level, &[(name, len, 1)], |cx, out| cx.b.set(out[0], f))[0]
    }

    /// A scalar from scalars, at the level of the highest of them, once.
    pub fn scalar(&mut self, name: &str, f: impl Into<Formula>) -> Value {
        Value::View(self.entries_once(name, f))
    }

    /// The sum of a formula's entries, at the level of the highest of its views, once.
    pub fn sum_once(&mut self, name: &str, f: impl Into<Formula>) -> View {
        self.reduced_once(name, ReduceOp::Sum, f)
    }

    /// The largest of a formula's entries, at the level of the highest of its views, once.
    pub fn max_once(&mut self, name: &str, f: impl Into<Formula>) -> View {
        self.reduced_once(name, ReduceOp::Max, f)
    }

    fn reduced_once(&mut self, name: &str, op: ReduceOp, f: impl Into<Formula>) -> View {
        let f = f.into();
        let (structure, len) = (f.structure(), f.entries());
        let level = self.level_of(&structure.views());
        self.once(Key::Reduced(op, structure), level, &[(name, 1, 1)], |cx, out| {
            cx.b.map(len, |m| m.reduce(op, out[0], f));
        })[0]
    }

    /// The outputs of a kernel under these names, room to work in apart, at the level of the highest of its inputs, once.
    pub fn kernel_once(&mut self, names: &[&str], kernel: Kernel, dims: &[usize], inputs: &[View]) -> Vec<View> {
        let key = Key::Kernel(kernel, dims.to_vec(), inputs.to_vec());
        let lens: Vec<usize> = kernel.output_lens(dims).map(|lens| lens.to_vec()).unwrap_or_default();
        let results = (0..lens.len()).filter(|i| !kernel.is_work(*i));
        let rooms: Vec<(&str, usize, usize)> = names.iter().zip(results).map(|(name, i)| (*name, lens[i], 1)).collect();
        self.once(key, self.level_of(inputs), &rooms, |cx, out| {
            let mut out = out.iter().copied();
            let outputs: Vec<View> = (0..lens.len())
                .filter_map(|i| if kernel.is_work(i) { Some(cx.b.scratch("work", lens[i])) } else { out.next() })
                .collect();
            cx.b.kernel(kernel, dims, inputs, &outputs);
        })
    }

    /// Room for a kernel whose second output is room to work in.
    pub fn kernel_work(&mut self, kernel: Kernel, dims: &[usize]) -> View {
        let len = kernel.output_lens(dims).and_then(|lens| lens.get(1).copied()).unwrap_or(1);
        self.b.scratch("work", len)
    }

    /// A sum of scalars, once; 0 where there are none.
    pub fn scalar_sum(&mut self, name: &str, parts: &[Value]) -> Value {
        match parts {
            [] => Value::Literal(0.0),
            [one] => *one,
            _ => self.scalar(name, Formula::sum(parts.iter().copied())),
        }
    }

    /// A product of scalars and at most one vector, or of vectors entry by entry, once; literals are multiplied here.
    pub fn product(&mut self, factors: &[Value]) -> Value {
        self.named_product("product", factors)
    }

    /// The same under a name that says what it is.
    pub fn named_product(&mut self, name: &str, factors: &[Value]) -> Value {
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
            _ if literal == 1.0 => self.scalar(name, Formula::product(views)),
            _ => self.scalar(name, Formula::product(std::iter::once(Value::Literal(literal)).chain(views))),
        }
    }

    // ---- values ------------------------------------------------------------------------------------------------------------

    /// An expression without unknowns for maps over its entries: a literal where all are equal, else a view.
    pub fn value(&mut self, e: &Expr) -> Value {
        match expr::uniform(e) {
            Some(v) => Value::Literal(v),
            None => Value::View(self.data(e)),
        }
    }

    /// A value as a view.
    pub fn as_view(&mut self, v: Value) -> View {
        match v {
            Value::View(v) => v,
            Value::Literal(x) => self.table("number", vec![x]),
        }
    }

    /// A scalar expression without unknowns in memory.
    pub fn number(&mut self, e: &Expr) -> View {
        let value = self.value(e);
        self.as_view(value)
    }

    /// A table of numbers, made once.
    pub fn table(&mut self, name: &str, values: Vec<f64>) -> View {
        let key = Key::Table(values.iter().map(|v| v.to_bits()).collect());
        if let Some(views) = self.done.get(&key) {
            return views[0];
        }
        let view = self.b.buffer(name, values.len(), 1, Role::Table(values), "");
        self.done.insert(key, vec![view]);
        view
    }

    /// Values one after the other, each by its own number of entries: a scalar is repeated.
    pub fn joined(&mut self, parts: &[(Value, usize)]) -> View {
        if let [(Value::View(v), len)] = parts
            && v.len == *len
        {
            return *v;
        }
        let literal = |(v, len): &(Value, usize)| match v {
            Value::Literal(x) => Some(vec![*x; *len]),
            Value::View(_) => None,
        };
        if let Some(values) = parts.iter().map(literal).collect::<Option<Vec<_>>>() {
            return self.table("numbers", values.concat());
        }
        let views: Vec<View> = parts.iter().filter_map(|(v, _)| v.view()).collect();
        let total = parts.iter().map(|(_, len)| len).sum();
        let key = Key::Joined(parts.iter().map(|(v, len)| (Formula::from(*v).structure(), *len)).collect());
        self.once(key, self.level_of(&views), &[("joined", total, 1)], |cx, out| {
            let mut from = 0;
            for (value, len) in parts {
                cx.b.set(out[0].slice(from, *len), *value);
                from += len;
            }
        })[0]
    }

    /// The largest eigenvalue of a symmetric matrix of data.
    pub fn largest_eigenvalue(&mut self, q: &Expr) -> Value {
        let (n, q) = (q.shape.rows_cols().0, self.data(q));
        Value::View(self.kernel_once(&["top_eigenvalue"], Kernel::EigenMax, &[n], &[q])[0])
    }

    /// The largest eigenvalue of MᵀM.
    pub fn spectral_norm_squared(&mut self, m: &Expr) -> Value {
        let ((rows, cols), m) = (m.shape.rows_cols(), self.data(m));
        Value::View(self.kernel_once(&["norm_squared"], Kernel::SpectralNormSquared, &[rows, cols], &[m])[0])
    }
}
