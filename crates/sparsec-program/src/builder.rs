//! Building programs: one method per instruction, maps from [formulas](crate::formula).

use crate::formula::{Formula, Structure, Term, Test};
use crate::program::{
    Binary, BlockKind, Buffer, BufferId, Compare, Condition, Instr, KernelCall, Map, Node, NodeId, Program, ReduceOp,
    Reduction, Role, Scalar, Store, Unary, View,
};
use sparsec_runtime::Kernel;
use std::collections::HashMap;
use std::rc::Rc;

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

    /// One pass over `len` entries: `build` says what is stored and reduced.
    pub fn map(&mut self, len: usize, build: impl FnOnce(&mut MapBuilder)) {
        let mut m = MapBuilder::new(len);
        build(&mut m);
        self.push(Instr::Map(m.map));
    }

    /// `out = f`, entry by entry.
    pub fn set(&mut self, out: View, f: impl Into<Formula>) {
        self.map(out.len, |m| m.store(out, f));
    }

    /// `out = Σ f` over its entries.
    pub fn sum(&mut self, out: View, f: impl Into<Formula>) {
        self.reduce(ReduceOp::Sum, out, f);
    }

    /// `out = Σ f` over `len` entries, where f may be the same number for all of them.
    pub fn sum_over(&mut self, out: View, len: usize, f: impl Into<Formula>) {
        self.map(len, |m| m.sum(out, f));
    }

    /// `out = max f` over its entries.
    pub fn max(&mut self, out: View, f: impl Into<Formula>) {
        self.reduce(ReduceOp::Max, out, f);
    }

    /// `out = min f` over its entries.
    pub fn min(&mut self, out: View, f: impl Into<Formula>) {
        self.reduce(ReduceOp::Min, out, f);
    }

    fn reduce(&mut self, op: ReduceOp, out: View, f: impl Into<Formula>) {
        let f = f.into();
        self.map(f.entries(), |m| m.reduce(op, out, f));
    }

    /// Copies a view.
    pub fn copy(&mut self, out: View, from: View) {
        self.set(out, from);
    }

    /// Sets every element.
    pub fn fill(&mut self, out: View, value: f64) {
        self.set(out, value);
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

/// Builds one [`Map`]. Equal nodes are shared.
#[derive(Debug)]
pub struct MapBuilder {
    map: Map,
    /// The nodes by their bits.
    keys: Vec<Key>,
    /// Where each is, once there are so many that looking through them takes longer.
    places: HashMap<Key, NodeId>,
}

/// So many nodes are looked through one by one.
const FEW: usize = 32;

/// A node by its bits, so that equal ones are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Element(View),
    Scalar(View),
    Literal(u64),
    Unary(Unary, NodeId),
    Binary(Binary, NodeId, NodeId),
    Select(Compare, [NodeId; 4]),
}

impl Key {
    fn of(node: &Node) -> Self {
        match *node {
            Node::Element(view) => Key::Element(view),
            Node::Scalar(view) => Key::Scalar(view),
            Node::Literal(x) => Key::Literal(x.to_bits()),
            Node::Unary(op, a) => Key::Unary(op, a),
            Node::Binary(op, a, b) => Key::Binary(op, a, b),
            Node::Select { compare, a, b, then, otherwise } => Key::Select(compare, [a, b, then, otherwise]),
        }
    }
}

impl Formula {
    /// Its nodes, the last of which is the formula.
    pub fn structure(&self) -> Structure {
        let mut m = MapBuilder::new(self.entries());
        m.value(self);
        Structure(m.keys)
    }
}

impl MapBuilder {
    fn new(len: usize) -> Self {
        MapBuilder { map: Map { len, ..Map::default() }, keys: Vec::new(), places: HashMap::new() }
    }

    /// Stores a formula's entries.
    pub fn store(&mut self, to: View, f: impl Into<Formula>) {
        debug_assert_eq!(to.len, self.map.len, "a stored view's length differs from its map's");
        let value = self.value(f);
        self.map.stores.push(Store { to, value });
    }

    /// Reduces a formula's entries into a scalar.
    pub fn reduce(&mut self, op: ReduceOp, to: View, f: impl Into<Formula>) {
        debug_assert_eq!(to.len, 1);
        let value = self.value(f);
        self.map.reductions.push(Reduction { op, value, to });
    }

    /// `to = Σ f`
    pub fn sum(&mut self, to: View, f: impl Into<Formula>) {
        self.reduce(ReduceOp::Sum, to, f);
    }

    /// `to = max f`
    pub fn max(&mut self, to: View, f: impl Into<Formula>) {
        self.reduce(ReduceOp::Max, to, f);
    }

    fn value(&mut self, f: impl Into<Formula>) -> NodeId {
        // A formula that stands in another one several times is walked once. It is alive for as long as its address stands here.
        self.formula(&f.into(), &mut HashMap::new())
    }

    fn formula(&mut self, f: &Formula, seen: &mut HashMap<*const Term, NodeId>) -> NodeId {
        let at = Rc::as_ptr(f.term());
        let shared = Rc::strong_count(f.term()) > 1;
        if let Some(id) = seen.get(&at).filter(|_| shared) {
            return *id;
        }
        let node = match &**f.term() {
            Term::Entry(view) if view.len == 1 && self.map.len != 1 => Node::Scalar(*view),
            Term::Entry(view) => {
                debug_assert_eq!(view.len, self.map.len, "a view's length differs from its map's");
                Node::Element(*view)
            }
            Term::Literal(x) => Node::Literal(*x),
            Term::Unary(op, a) => Node::Unary(*op, self.formula(a, seen)),
            Term::Fold(op, operands) => {
                let mut operands = operands.iter();
                let mut fold = operands.next().map_or(NodeId(0), |f| self.formula(f, seen));
                for operand in operands {
                    let operand = self.formula(operand, seen);
                    fold = self.node(Node::Binary(*op, fold, operand));
                }
                if shared {
                    seen.insert(at, fold);
                }
                return fold;
            }
            Term::Select(Test { compare, a, b }, then, otherwise) => {
                let [a, b, then, otherwise] = [a, b, then, otherwise].map(|f| self.formula(f, seen));
                Node::Select { compare: *compare, a, b, then, otherwise }
            }
        };
        let id = self.node(node);
        if shared {
            seen.insert(at, id);
        }
        id
    }

    fn node(&mut self, node: Node) -> NodeId {
        let (key, next) = (Key::of(&node), NodeId(self.keys.len() as u32));
        let found = match self.keys.len() {
            ..FEW => self.keys.iter().position(|k| *k == key).map(|i| NodeId(i as u32)),
            _ => self.places.get(&key).copied(),
        };
        if let Some(id) = found {
            return id;
        }
        self.map.nodes.push(node);
        self.keys.push(key);
        if self.keys.len() == FEW {
            self.places = (0..).map(NodeId).zip(&self.keys).map(|(id, key)| (*key, id)).collect();
        } else if self.keys.len() > FEW {
            self.places.insert(key, next);
        }
        next
    }
}
