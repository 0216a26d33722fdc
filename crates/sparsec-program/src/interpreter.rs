//! The interpreter: follows the program's text, resolves every view once, and is the oracle for the other executors.

use crate::executor::Executor;
use crate::layout::{Layout, Region};
use crate::program::{
    Binary, BlockKind, Compare, Condition, Instr, KernelCall, Map, Node, ReduceOp, Scalar, Unary, View,
};
use crate::verify::Verified;
use sparsec_runtime::kernels::{MOST_ARGUMENTS, reduce};
use sparsec_runtime::{Float, Kernel, LANES};

/// Elements of a map that are evaluated together, node by node; a multiple of [`LANES`].
const CHUNK: usize = 64;
/// Nodes of a map, and reductions, for which there is room without the heap; larger maps are rare and pay for it.
const FEW_NODES: usize = 64;
/// See [`FEW_NODES`].
const FEW_REDUCTIONS: usize = 8;

/// Runs a program in f64 or f32 without generating code.
#[derive(Clone, Debug)]
pub struct Interpreter<T> {
    blocks: [Vec<Op<T>>; 5],
    storage_len: usize,
    workspace_len: usize,
    /// The largest number of nodes in a map.
    nodes: usize,
}

impl<T: Float> Interpreter<T> {
    /// Prepares a program to be run.
    pub fn new(program: &Verified) -> Self {
        let layout = Layout::of(program);
        let resolver = Resolver { layout: &layout };
        Self {
            blocks: BlockKind::ALL.map(|block| resolver.body(&program.program().blocks[block as usize])),
            storage_len: layout.storage_len(),
            workspace_len: layout.workspace_len(),
            nodes: BlockKind::ALL.iter().map(|&b| most_nodes(&program.program().blocks[b as usize])).max().unwrap_or(0),
        }
    }

    fn run_block(&self, block: BlockKind, storage: Storage<'_, T>, workspace: &mut [T]) {
        let workspace = &mut workspace[..self.workspace_len];
        let body = &self.blocks[block as usize];
        if self.nodes <= FEW_NODES {
            let mut values = [T::ZERO; FEW_NODES * CHUNK];
            Machine { storage, workspace, values: &mut values }.body(body);
        } else {
            let mut values = vec![T::ZERO; self.nodes * CHUNK];
            Machine { storage, workspace, values: &mut values }.body(body);
        }
    }
}

impl<T: Float> Executor<T> for Interpreter<T> {
    fn setup(&self, storage: &mut [T], workspace: &mut [T]) {
        let storage = Storage::Writable(&mut storage[..self.storage_len]);
        self.run_block(BlockKind::Setup, storage, workspace);
    }

    fn run(&self, block: BlockKind, storage: &[T], workspace: &mut [T]) {
        if block != BlockKind::Setup {
            let storage = Storage::Readable(&storage[..self.storage_len]);
            self.run_block(block, storage, workspace);
        }
    }

    fn backend(&self) -> &'static str {
        "interpreter"
    }
}

fn most_nodes(body: &[Instr]) -> usize {
    let nodes = |instr: &Instr| match instr {
        Instr::Map(map) => map.nodes.len(),
        Instr::Kernel(_) => 0,
        Instr::If { then, otherwise, .. } => most_nodes(then).max(most_nodes(otherwise)),
        Instr::Loop { body, .. } => most_nodes(body),
    };
    body.iter().map(nodes).max().unwrap_or(0)
}

/// A resolved view.
#[derive(Clone, Copy, Debug)]
struct Place {
    region: Region,
    start: usize,
    len: usize,
}

#[derive(Clone, Debug)]
enum Op<T> {
    Map(MapOp<T>),
    Kernel(KernelOp),
    If { condition: Test<T>, then: Vec<Op<T>>, otherwise: Vec<Op<T>> },
    Loop { times: usize, until: Option<Test<T>>, body: Vec<Op<T>> },
}

#[derive(Clone, Debug)]
struct MapOp<T> {
    len: usize,
    nodes: Vec<NodeOp<T>>,
    stores: Vec<(Place, usize)>,
    reductions: Vec<(ReduceOp, usize, Place)>,
}

#[derive(Clone, Copy, Debug)]
enum NodeOp<T> {
    Element(Place),
    Scalar(Place),
    Literal(T),
    Unary(Unary, usize),
    Binary(Binary, usize, usize),
    Select { compare: Compare, a: usize, b: usize, then: usize, otherwise: usize },
}

#[derive(Clone, Debug)]
struct KernelOp {
    kernel: Kernel,
    dims: Vec<usize>,
    inputs: Vec<Place>,
    outputs: Vec<Place>,
    /// The outputs in ascending order of their places.
    ascending: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Test<T> {
    compare: Compare,
    left: Operand<T>,
    right: Operand<T>,
}

#[derive(Clone, Copy, Debug)]
enum Operand<T> {
    Place(Place),
    Literal(T),
}

struct Resolver<'a> {
    layout: &'a Layout,
}

impl Resolver<'_> {
    fn place(&self, view: View) -> Place {
        let (region, start) = self.layout.place_view(view);
        Place { region, start, len: view.len }
    }

    fn body<T: Float>(&self, body: &[Instr]) -> Vec<Op<T>> {
        body.iter().map(|instr| self.instr(instr)).collect()
    }

    fn instr<T: Float>(&self, instr: &Instr) -> Op<T> {
        match instr {
            Instr::Map(map) => Op::Map(self.map(map)),
            Instr::Kernel(call) => Op::Kernel(self.kernel(call)),
            Instr::If { condition, then, otherwise } => {
                Op::If { condition: self.condition(condition), then: self.body(then), otherwise: self.body(otherwise) }
            }
            Instr::Loop { times, until, body } => Op::Loop {
                times: *times,
                until: until.as_ref().map(|condition| self.condition(condition)),
                body: self.body(body),
            },
        }
    }

    fn map<T: Float>(&self, map: &Map) -> MapOp<T> {
        MapOp {
            len: map.len,
            nodes: map.nodes.iter().map(|node| self.node(node)).collect(),
            stores: map.stores.iter().map(|s| (self.place(s.to), s.value.0 as usize)).collect(),
            reductions: map.reductions.iter().map(|r| (r.op, r.value.0 as usize, self.place(r.to))).collect(),
        }
    }

    fn node<T: Float>(&self, node: &Node) -> NodeOp<T> {
        match *node {
            Node::Element(view) => NodeOp::Element(self.place(view)),
            Node::Scalar(view) => NodeOp::Scalar(self.place(view)),
            Node::Literal(value) => NodeOp::Literal(T::from_f64(value)),
            Node::Unary(op, a) => NodeOp::Unary(op, a.0 as usize),
            Node::Binary(op, a, b) => NodeOp::Binary(op, a.0 as usize, b.0 as usize),
            Node::Select { compare, a, b, then, otherwise } => NodeOp::Select {
                compare,
                a: a.0 as usize,
                b: b.0 as usize,
                then: then.0 as usize,
                otherwise: otherwise.0 as usize,
            },
        }
    }

    fn kernel(&self, call: &KernelCall) -> KernelOp {
        let outputs: Vec<Place> = call.outputs.iter().map(|&view| self.place(view)).collect();
        let mut ascending: Vec<usize> = (0..outputs.len()).collect();
        ascending.sort_by_key(|&i| outputs[i].start);
        KernelOp {
            kernel: call.kernel,
            dims: call.dims.clone(),
            inputs: call.inputs.iter().map(|&view| self.place(view)).collect(),
            outputs,
            ascending,
        }
    }

    fn condition<T: Float>(&self, condition: &Condition) -> Test<T> {
        let operand = |scalar| match scalar {
            Scalar::View(view) => Operand::Place(self.place(view)),
            Scalar::Literal(value) => Operand::Literal(T::from_f64(value)),
        };
        Test { compare: condition.compare, left: operand(condition.left), right: operand(condition.right) }
    }
}

enum Storage<'a, T> {
    Readable(&'a [T]),
    Writable(&'a mut [T]),
}

struct Machine<'a, T> {
    storage: Storage<'a, T>,
    workspace: &'a mut [T],
    /// [`CHUNK`] elements of each node.
    values: &'a mut [T],
}

impl<T: Float> Machine<'_, T> {
    fn body(&mut self, body: &[Op<T>]) {
        for op in body {
            match op {
                Op::Map(map) => self.map(map),
                Op::Kernel(call) => self.kernel(call),
                Op::If { condition, then, otherwise } => {
                    let body = if self.holds(condition) { then } else { otherwise };
                    self.body(body);
                }
                Op::Loop { times, until, body } => {
                    for _ in 0..*times {
                        self.body(body);
                        if until.as_ref().is_some_and(|until| self.holds(until)) {
                            break;
                        }
                    }
                }
            }
        }
    }

    fn read(&self, place: Place) -> &[T] {
        let memory: &[T] = match (place.region, &self.storage) {
            (Region::Workspace, _) => self.workspace,
            (Region::Storage, Storage::Readable(storage)) => storage,
            (Region::Storage, Storage::Writable(storage)) => storage,
        };
        &memory[place.start..place.start + place.len]
    }

    fn write(&mut self, place: Place) -> &mut [T] {
        let memory: &mut [T] = match (place.region, &mut self.storage) {
            (Region::Workspace, _) => self.workspace,
            (Region::Storage, Storage::Writable(storage)) => storage,
            // The verifier lets only `setup` write to the storage.
            (Region::Storage, Storage::Readable(_)) => &mut [],
        };
        &mut memory[place.start..place.start + place.len]
    }

    fn holds(&self, test: &Test<T>) -> bool {
        let value = |operand| match operand {
            Operand::Place(place) => self.read(place)[0],
            Operand::Literal(value) => value,
        };
        compare(test.compare, value(test.left), value(test.right))
    }

    fn map(&mut self, map: &MapOp<T>) {
        let (mut few, mut many) = ([[T::ZERO; LANES]; FEW_REDUCTIONS], Vec::new());
        let partials: &mut [[T; LANES]] = match map.reductions.len() {
            count @ ..=FEW_REDUCTIONS => &mut few[..count],
            count => {
                many.resize(count, [T::ZERO; LANES]);
                &mut many
            }
        };
        for (partials, &(op, ..)) in partials.iter_mut().zip(&map.reductions) {
            *partials = [start(op); LANES];
        }
        let values = std::mem::take(&mut self.values);
        let mut first = 0;
        while first < map.len {
            let count = CHUNK.min(map.len - first);
            for (i, node) in map.nodes.iter().enumerate() {
                let (before, rest) = values.split_at_mut(i * CHUNK);
                self.node(node, first, before, &mut rest[..count]);
            }
            for &(to, value) in &map.stores {
                let to = Place { start: to.start + first, len: count, ..to };
                self.write(to).copy_from_slice(&values[value * CHUNK..][..count]);
            }
            for (&(op, value, _), partials) in map.reductions.iter().zip(&mut *partials) {
                for (i, &v) in values[value * CHUNK..][..count].iter().enumerate() {
                    let partial = &mut partials[i % LANES];
                    *partial = reduce_two(op, *partial, v);
                }
            }
            first += count;
        }
        self.values = values;
        for (&(op, _, to), p) in map.reductions.iter().zip(&*partials) {
            self.write(to)[0] = match op {
                ReduceOp::Sum => reduce::combine(*p),
                ReduceOp::Max | ReduceOp::Min => {
                    let two = |a, b| reduce_two(op, a, b);
                    two(two(two(p[0], p[4]), two(p[2], p[6])), two(two(p[1], p[5]), two(p[3], p[7])))
                }
            };
        }
    }

    /// One node over the elements `first..first + out.len()`.
    fn node(&self, node: &NodeOp<T>, first: usize, before: &[T], out: &mut [T]) {
        let count = out.len();
        let operand = |i: usize| &before[i * CHUNK..][..count];
        match *node {
            NodeOp::Element(place) => {
                out.copy_from_slice(self.read(Place { start: place.start + first, len: count, ..place }));
            }
            NodeOp::Scalar(place) => out.fill(self.read(place)[0]),
            NodeOp::Literal(value) => out.fill(value),
            NodeOp::Unary(op, a) => {
                for (out, &a) in out.iter_mut().zip(operand(a)) {
                    *out = unary(op, a);
                }
            }
            NodeOp::Binary(op, a, b) => {
                for ((out, &a), &b) in out.iter_mut().zip(operand(a)).zip(operand(b)) {
                    *out = binary(op, a, b);
                }
            }
            NodeOp::Select { compare: relation, a, b, then, otherwise } => {
                let (a, b, then, otherwise) = (operand(a), operand(b), operand(then), operand(otherwise));
                for (i, out) in out.iter_mut().enumerate() {
                    *out = if compare(relation, a[i], b[i]) { then[i] } else { otherwise[i] };
                }
            }
        }
    }

    /// Cuts the memories into the outputs and the gaps between them; each input lies within a gap.
    fn kernel(&mut self, call: &KernelOp) {
        let mut outputs: [&mut [T]; MOST_ARGUMENTS] = std::array::from_fn(|_| &mut [][..]);
        let mut gaps: [(Region, usize, &[T]); 2 * MOST_ARGUMENTS + 2] =
            [(Region::Workspace, 0, &[]); 2 * MOST_ARGUMENTS + 2];
        let mut count = 0;
        let storage: &mut [T] = match &mut self.storage {
            Storage::Writable(storage) => storage,
            Storage::Readable(storage) => {
                gaps[count] = (Region::Storage, 0, storage);
                count += 1;
                &mut []
            }
        };
        for (region, memory) in [(Region::Storage, storage), (Region::Workspace, &mut *self.workspace)] {
            let (mut rest, mut start) = (memory, 0);
            for &i in call.ascending.iter().filter(|&&i| call.outputs[i].region == region) {
                let place = call.outputs[i];
                let (gap, tail) = std::mem::take(&mut rest).split_at_mut(place.start - start);
                let (output, tail) = tail.split_at_mut(place.len);
                gaps[count] = (region, start, gap);
                count += 1;
                outputs[i] = output;
                start = place.start + place.len;
                rest = tail;
            }
            gaps[count] = (region, start, rest);
            count += 1;
        }
        let mut inputs: [&[T]; MOST_ARGUMENTS] = [&[]; MOST_ARGUMENTS];
        for (input, place) in inputs.iter_mut().zip(&call.inputs) {
            let inside = |(region, start, gap): &&(Region, usize, &'_ [T])| {
                *region == place.region && *start <= place.start && place.start + place.len <= start + gap.len()
            };
            if let Some(&(_, start, gap)) = gaps[..count].iter().find(inside) {
                *input = &gap[place.start - start..][..place.len];
            }
        }
        call.kernel.call(&call.dims, &inputs[..call.inputs.len()], &mut outputs[..call.outputs.len()]);
    }
}

fn start<T: Float>(op: ReduceOp) -> T {
    match op {
        ReduceOp::Sum => T::ZERO,
        ReduceOp::Max => -T::INFINITY,
        ReduceOp::Min => T::INFINITY,
    }
}

fn reduce_two<T: Float>(op: ReduceOp, a: T, b: T) -> T {
    match op {
        ReduceOp::Sum => a + b,
        ReduceOp::Max => a.max_nan(b),
        ReduceOp::Min => a.min_nan(b),
    }
}

fn unary<T: Float>(op: Unary, a: T) -> T {
    match op {
        Unary::Neg => -a,
        Unary::Abs => a.abs(),
        Unary::Sqrt => a.sqrt(),
        Unary::Exp => a.exp(),
        Unary::Log => a.ln(),
        Unary::Log1p => a.ln_1p(),
    }
}

fn binary<T: Float>(op: Binary, a: T, b: T) -> T {
    match op {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Min => a.min_nan(b),
        Binary::Max => a.max_nan(b),
    }
}

fn compare<T: Float>(relation: Compare, a: T, b: T) -> bool {
    match relation {
        Compare::Lt => a < b,
        Compare::Le => a <= b,
        Compare::Eq => a == b,
        // Not `a != b`, which holds where a side is NaN.
        Compare::Ne => a.partial_cmp(&b).is_some_and(std::cmp::Ordering::is_ne),
    }
}
