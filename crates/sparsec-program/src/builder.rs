//! Building programs: one method per operation, maps through a small expression type.

use crate::program::{
    Binary, BlockKind, Buffer, BufferId, Compare, Condition, Instr, KernelCall, Map, Node, NodeId, Program, ReduceOp,
    Reduction, Role, Scalar, Store, Unary, View,
};
use sparsec_runtime::Kernel;
use std::collections::HashMap;

/// Builds a [`Program`]. Instructions go to the block chosen last with [`Builder::at`].
#[derive(Clone, Debug)]
pub struct Builder {
    program: Program,
    block: BlockKind,
    /// Bodies of the open `if`s and `loop`s.
    open: Vec<Vec<Instr>>,
    /// Names that are taken, with the number to be tried next behind each.
    taken: HashMap<String, usize>,
}

/// Where building goes on after [`Builder::enter`].
#[derive(Debug)]
pub struct Place {
    block: BlockKind,
    open: Vec<Vec<Instr>>,
}

impl Builder {
    /// An empty program.
    pub fn new(name: &str) -> Self {
        Self {
            program: Program { name: name.to_owned(), ..Program::default() },
            block: BlockKind::Setup,
            open: Vec::new(),
            taken: HashMap::new(),
        }
    }

    /// Chooses the block that following instructions go to, and returns the one chosen before.
    pub fn at(&mut self, block: BlockKind) -> BlockKind {
        debug_assert!(self.open.is_empty(), "a block was changed within a branch");
        std::mem::replace(&mut self.block, block)
    }

    /// Goes to the end of a block for a while, out of all open branches and loops; [`Builder::leave`] returns.
    pub fn enter(&mut self, block: BlockKind) -> Place {
        Place { block: std::mem::replace(&mut self.block, block), open: std::mem::take(&mut self.open) }
    }

    /// Returns to where [`Builder::enter`] was called.
    pub fn leave(&mut self, place: Place) {
        debug_assert!(self.open.is_empty(), "a branch was left open");
        self.block = place.block;
        self.open = place.open;
    }

    /// The block that instructions go to now.
    pub fn block(&self) -> BlockKind {
        self.block
    }

    /// A new buffer; a taken name gets a number appended.
    pub fn buffer(&mut self, name: &str, rows: usize, cols: usize, role: Role, doc: &str) -> View {
        let mut unique = name.to_owned();
        while self.taken.contains_key(&unique) {
            let k = self.taken.entry(name.to_owned()).or_insert(2);
            unique = format!("{name}_{k}");
            *k += 1;
        }
        self.taken.insert(unique.clone(), 2);
        let id = BufferId(self.program.buffers.len() as u32);
        self.program.buffers.push(Buffer { name: unique, rows, cols, role, doc: doc.to_owned() });
        View { buffer: id, offset: 0, len: rows * cols }
    }

    /// A scratch vector, or a derived one while building `setup`'s results is wanted by `derived`.
    pub fn scratch(&mut self, name: &str, len: usize) -> View {
        self.buffer(name, len, 1, Role::Scratch, "")
    }

    /// A state vector.
    pub fn state(&mut self, name: &str, len: usize, doc: &str) -> View {
        self.buffer(name, len, 1, Role::State, doc)
    }

    /// A derived buffer (written in `setup`, read everywhere).
    pub fn derived(&mut self, name: &str, rows: usize, cols: usize, doc: &str) -> View {
        self.buffer(name, rows, cols, Role::Derived, doc)
    }

    /// The buffer behind a view.
    pub fn buffer_of(&self, view: View) -> &Buffer {
        &self.program.buffers[view.buffer.0 as usize]
    }

    /// Appends an instruction.
    pub fn push(&mut self, instr: Instr) {
        match self.open.last_mut() {
            Some(body) => body.push(instr),
            None => self.program.blocks[self.block as usize].push(instr),
        }
    }

    /// Calls a kernel.
    pub fn kernel(&mut self, kernel: Kernel, dims: &[usize], inputs: &[View], outputs: &[View]) {
        self.push(Instr::Kernel(KernelCall {
            kernel,
            dims: dims.to_vec(),
            inputs: inputs.to_vec(),
            outputs: outputs.to_vec(),
        }));
    }

    /// An elementwise loop: `build` makes nodes and says what is stored and reduced.
    pub fn map(&mut self, len: usize, build: impl FnOnce(&mut MapBuilder)) {
        let mut m = MapBuilder { map: Map { len, ..Map::default() } };
        build(&mut m);
        self.push(Instr::Map(m.map));
    }

    /// `out = f(…)` elementwise.
    pub fn map_to(&mut self, out: View, build: impl FnOnce(&mut MapBuilder) -> E) {
        self.map(out.len, |m| {
            let e = build(m);
            m.store(out, e);
        });
    }

    /// `out = Σ f(…)` (or max, min) over `len` elements into a new or given scalar.
    pub fn reduce_to(&mut self, out: View, op: ReduceOp, len: usize, build: impl FnOnce(&mut MapBuilder) -> E) {
        self.map(len, |m| {
            let e = build(m);
            m.reduce(op, out, e);
        });
    }

    /// Copies a view.
    pub fn copy(&mut self, out: View, from: View) {
        self.map_to(out, |m| m.element(from));
    }

    /// Sets every element.
    pub fn fill(&mut self, out: View, value: f64) {
        self.map_to(out, |m| m.literal(value));
    }

    /// Starts collecting instructions for the body of a branch or loop; [`Builder::close`] gives them.
    pub fn open(&mut self) {
        self.open.push(Vec::new());
    }

    /// The instructions since the last [`Builder::open`].
    pub fn close(&mut self) -> Vec<Instr> {
        self.open.pop().unwrap_or_default()
    }

    /// `if condition { then } else { otherwise }`
    pub fn branch(&mut self, condition: Condition, then: impl FnOnce(&mut Self), otherwise: impl FnOnce(&mut Self)) {
        self.open();
        then(self);
        let then = self.close();
        self.open();
        otherwise(self);
        let otherwise = self.close();
        self.push(Instr::If { condition, then, otherwise });
    }

    /// A bounded loop with an optional early exit.
    pub fn repeat(&mut self, times: usize, until: Option<Condition>, body: impl FnOnce(&mut Self)) {
        self.open();
        body(self);
        let body = self.close();
        self.push(Instr::Loop { times, until, body });
    }

    /// The program built so far.
    pub fn finish(self) -> Program {
        self.program
    }
}

/// A condition on two scalars.
pub fn when(left: impl Into<Scalar>, compare: Compare, right: impl Into<Scalar>) -> Condition {
    Condition { compare, left: left.into(), right: right.into() }
}

impl From<View> for Scalar {
    fn from(view: View) -> Self {
        Scalar::View(view)
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Scalar::Literal(value)
    }
}

/// A node of the map under construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct E(NodeId);

/// Builds one [`Map`]. Equal nodes are shared.
#[derive(Debug)]
pub struct MapBuilder {
    map: Map,
}

impl MapBuilder {
    /// Number of elements of this map.
    pub fn len(&self) -> usize {
        self.map.len
    }

    /// True for a map over nothing (never valid).
    pub fn is_empty(&self) -> bool {
        self.map.len == 0
    }

    fn node(&mut self, node: Node) -> E {
        let same = |n: &Node| match (n, &node) {
            (Node::Literal(a), Node::Literal(b)) => a.to_bits() == b.to_bits(),
            (a, b) => *a == *b,
        };
        if let Some(i) = self.map.nodes.iter().position(same) {
            return E(NodeId(i as u32));
        }
        self.map.nodes.push(node);
        E(NodeId(self.map.nodes.len() as u32 - 1))
    }

    /// Element `i` of a view; a view of length 1 in a longer map is a scalar for every `i`.
    pub fn element(&mut self, view: View) -> E {
        if view.len == 1 && self.map.len != 1 {
            return self.node(Node::Scalar(view));
        }
        debug_assert_eq!(view.len, self.map.len, "a view's length differs from its map's");
        self.node(Node::Element(view))
    }

    /// A scalar for every `i`.
    pub fn scalar(&mut self, view: View) -> E {
        debug_assert_eq!(view.len, 1);
        self.node(Node::Scalar(view))
    }

    /// A literal.
    pub fn literal(&mut self, value: f64) -> E {
        self.node(Node::Literal(value))
    }

    /// A unary operation.
    pub fn unary(&mut self, op: Unary, a: E) -> E {
        self.node(Node::Unary(op, a.0))
    }

    /// A binary operation.
    pub fn binary(&mut self, op: Binary, a: E, b: E) -> E {
        self.node(Node::Binary(op, a.0, b.0))
    }

    /// a + b
    pub fn add(&mut self, a: E, b: E) -> E {
        self.binary(Binary::Add, a, b)
    }

    /// a − b
    pub fn sub(&mut self, a: E, b: E) -> E {
        self.binary(Binary::Sub, a, b)
    }

    /// a · b
    pub fn mul(&mut self, a: E, b: E) -> E {
        self.binary(Binary::Mul, a, b)
    }

    /// a / b
    pub fn div(&mut self, a: E, b: E) -> E {
        self.binary(Binary::Div, a, b)
    }

    /// min(a, b)
    pub fn min(&mut self, a: E, b: E) -> E {
        self.binary(Binary::Min, a, b)
    }

    /// max(a, b)
    pub fn max(&mut self, a: E, b: E) -> E {
        self.binary(Binary::Max, a, b)
    }

    /// −a
    pub fn neg(&mut self, a: E) -> E {
        self.unary(Unary::Neg, a)
    }

    /// |a|
    pub fn abs(&mut self, a: E) -> E {
        self.unary(Unary::Abs, a)
    }

    /// √a
    pub fn sqrt(&mut self, a: E) -> E {
        self.unary(Unary::Sqrt, a)
    }

    /// eᵃ
    pub fn exp(&mut self, a: E) -> E {
        self.unary(Unary::Exp, a)
    }

    /// ln a
    pub fn log(&mut self, a: E) -> E {
        self.unary(Unary::Log, a)
    }

    /// ln(1 + a)
    pub fn log1p(&mut self, a: E) -> E {
        self.unary(Unary::Log1p, a)
    }

    /// a²
    pub fn square(&mut self, a: E) -> E {
        self.mul(a, a)
    }

    /// `c·a` with a literal factor; 1 is dropped.
    pub fn scale(&mut self, c: f64, a: E) -> E {
        if c == 1.0 {
            return a;
        }
        let c = self.literal(c);
        self.mul(c, a)
    }

    /// `if a compare b { then } else { otherwise }`
    pub fn select(&mut self, a: E, compare: Compare, b: E, then: E, otherwise: E) -> E {
        self.node(Node::Select { compare, a: a.0, b: b.0, then: then.0, otherwise: otherwise.0 })
    }

    /// Stores a node's elements.
    pub fn store(&mut self, to: View, value: E) {
        debug_assert_eq!(to.len, self.map.len, "a stored view's length differs from its map's");
        self.map.stores.push(Store { to, value: value.0 });
    }

    /// Reduces a node's elements into a scalar.
    pub fn reduce(&mut self, op: ReduceOp, to: View, value: E) {
        debug_assert_eq!(to.len, 1);
        self.map.reductions.push(Reduction { op, value: value.0, to });
    }
}
