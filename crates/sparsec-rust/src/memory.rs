//! Where the buffers of a program lie in the arrays of the generated code, and what they are called there.

use crate::Precision;
use crate::names::Scope;
use proc_macro2::Ident;
use sparsec_program::layout::{Layout, Region};
use sparsec_program::program::{BlockKind, Instr, Node, Program, Role, Scalar, View};
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
    "storage", "workspace", "rest", "i", "block", "lane", "part", "take", "total", "largest", "smallest", "runtime", "Float",
    "f32", "f64", "usize", "u64", "bool", "core",
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

    /// Places the scratch of `setup` anew, from `start` of the storage on; returns the first element behind it.
    pub(crate) fn setup_scratch_at(&mut self, start: usize) -> usize {
        let used = Uses::of(&self.program.blocks[BlockKind::Setup as usize]);
        let mut end = start;
        for &id in used.read.union(&used.written) {
            let buffer = &self.program.buffers[id];
            if buffer.role == Role::Scratch {
                self.slots[id].area = Area::Storage;
                self.slots[id].start = end;
                end += buffer.len();
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

    fn body(&mut self, body: &[Instr]) {
        for instr in body {
            match instr {
                Instr::Map(map) => {
                    for node in &map.nodes {
                        if let Node::Element(view) | Node::Scalar(view) = node {
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
