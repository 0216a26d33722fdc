//! Where the buffers of a program lie in the arrays of the generated code, and what they are called there.

use crate::Precision;
use crate::names::Scope;
use proc_macro2::Ident;
use sparsec_program::layout::{ALIGN, Layout, Region};
use sparsec_program::program::{BlockKind, Instr, Map, Node, NodeId, Program, Role, Scalar, View};
use sparsec_program::verify::Verified;
use std::collections::BTreeSet;

/// One of the arrays that a block's function is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Area {
    /// Constants and what was derived from them.
    Storage,
    /// What one solve works in.
    Workspace,
}

/// A buffer's array, its first element there, and its name.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) area: Area,
    pub(crate) start: usize,
    pub(crate) name: Ident,
}

/// A program with a slot for every buffer.
#[derive(Clone, Debug)]
pub(crate) struct Memory<'a> {
    pub(crate) program: &'a Program,
    pub(crate) precision: Precision,
    pub(crate) slots: Vec<Slot>,
}

/// What means something in a block's function besides the buffers.
const TAKEN: &[&str] = &[
    "storage",
    "workspace",
    "rest",
    "i",
    "block",
    "lane",
    "part",
    "take",
    "total",
    "largest",
    "smallest",
    "runtime",
    "Float",
    "f32",
    "f64",
    "usize",
    "u64",
    "bool",
    "core",
];

impl<'a> Memory<'a> {
    /// The slots of the program's layout.
    pub(crate) fn of(program: &'a Verified, precision: Precision) -> Self {
        let layout = Layout::of(program);
        let program = program.program();
        let mut scope = Scope::new(TAKEN);
        let slots = (0..program.buffers.len() as u32)
            .zip(&program.buffers)
            .map(|(id, buffer)| {
                let (region, start) = layout.place(sparsec_program::program::BufferId(id));
                let area = match region {
                    Region::Storage => Area::Storage,
                    Region::Workspace => Area::Workspace,
                };
                Slot { area, start, name: scope.name(&buffer.name) }
            })
            .collect();
        Self { program, precision, slots }
    }

    /// The slot of a view's buffer.
    pub(crate) fn slot(&self, view: View) -> &Slot {
        &self.slots[view.buffer.0 as usize]
    }

    /// Number of elements of a view's buffer.
    pub(crate) fn buffer_len(&self, view: View) -> usize {
        self.program.buffers[view.buffer.0 as usize].len()
    }

    /// First element of a view in its area.
    pub(crate) fn start(&self, view: View) -> usize {
        self.slot(view).start + view.offset
    }

    /// The same for `setup`, which has no workspace: its scratch lies in the storage from `start` on. Also the first element
    /// behind it.
    pub(crate) fn for_setup(&self, start: usize) -> (Self, usize) {
        let mut memory = self.clone();
        let used = Uses::of(&self.program.blocks[BlockKind::Setup as usize]);
        let mut end = start;
        for id in used.all() {
            let buffer = &self.program.buffers[id];
            if buffer.role == Role::Scratch {
                memory.slots[id].area = Area::Storage;
                memory.slots[id].start = end;
                end += buffer.len();
            }
        }
        (memory, end)
    }

    /// Leaves out of the workspace what none of some blocks uses; returns the workspace's length.
    pub(crate) fn compact(&mut self, blocks: &[BlockKind]) -> usize {
        let uses = blocks.iter().map(|kind| Uses::of(&self.program.blocks[*kind as usize]));
        let used: BTreeSet<usize> = uses.flat_map(|uses| uses.all().collect::<Vec<_>>()).collect();
        let mut end = 0;
        for (id, buffer) in self.program.buffers.iter().enumerate() {
            let idle = matches!(buffer.role, Role::Scratch | Role::Output) && !used.contains(&id);
            if self.slots[id].area == Area::Workspace && !idle {
                self.slots[id].start = end;
                end += buffer.len().next_multiple_of(ALIGN);
            }
        }
        end
    }
}

/// The buffers that a list of instructions reads and writes, by index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses {
    pub(crate) read: BTreeSet<usize>,
    pub(crate) written: BTreeSet<usize>,
}

impl Uses {
    pub(crate) fn of(body: &[Instr]) -> Self {
        let mut uses = Self::default();
        uses.body(body);
        uses
    }

    /// Read or written.
    pub(crate) fn all(&self) -> impl Iterator<Item = usize> {
        self.read.union(&self.written).copied()
    }

    fn body(&mut self, body: &[Instr]) {
        for instr in body {
            match instr {
                Instr::Map(map) => {
                    for (node, uses) in map.nodes.iter().zip(node_uses(map)) {
                        if let Node::Element(view) | Node::Scalar(view) = node
                            && uses > 0
                        {
                            self.read(*view);
                        }
                    }
                    map.stores.iter().for_each(|store| self.write(store.to));
                    map.reductions.iter().for_each(|reduction| self.write(reduction.to));
                }
                Instr::Kernel(call) => {
                    call.inputs.iter().for_each(|&view| self.read(view));
                    call.outputs.iter().for_each(|&view| self.write(view));
                }
                Instr::If { condition, then, otherwise } => {
                    self.scalar(condition.left);
                    self.scalar(condition.right);
                    self.body(then);
                    self.body(otherwise);
                }
                Instr::Loop { until, body, .. } => {
                    if let Some(condition) = until {
                        self.scalar(condition.left);
                        self.scalar(condition.right);
                    }
                    self.body(body);
                }
            }
        }
    }

    fn scalar(&mut self, scalar: Scalar) {
        if let Scalar::View(view) = scalar {
            self.read(view);
        }
    }

    fn read(&mut self, view: View) {
        self.read.insert(view.buffer.0 as usize);
    }

    fn write(&mut self, view: View) {
        self.written.insert(view.buffer.0 as usize);
    }
}

/// How often each node is used by what counts, directly or not, for a store or a reduction.
pub(crate) fn node_uses(map: &Map) -> Vec<usize> {
    let mut uses = vec![0; map.nodes.len()];
    for id in map.stores.iter().map(|s| s.value).chain(map.reductions.iter().map(|r| r.value)) {
        uses[id.0 as usize] += 1;
    }
    for (index, node) in map.nodes.iter().enumerate().rev() {
        if uses[index] > 0 {
            for operand in operands(node) {
                uses[operand.0 as usize] += 1;
            }
        }
    }
    uses
}

/// The operands of a node.
pub(crate) fn operands(node: &Node) -> impl Iterator<Item = NodeId> {
    let operands: [Option<NodeId>; 4] = match *node {
        Node::Element(_) | Node::Scalar(_) | Node::Literal(_) => [None; 4],
        Node::Unary(_, a) => [Some(a), None, None, None],
        Node::Binary(_, a, b) => [Some(a), Some(b), None, None],
        Node::Select { a, b, then, otherwise, .. } => [Some(a), Some(b), Some(then), Some(otherwise)],
    };
    operands.into_iter().flatten()
}
