//! Elementwise maps and reductions as loops over vectors.

use super::context;
use super::numbers::{Extremum, Operand, neutral};
use super::translate::{Code, Memory, POINTER};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Value};
use sparsec_program::program::{Binary, Map, Node, NodeId, ReduceOp, Unary, View};
use sparsec_runtime::LANES;

/// A map of at most this many vectors times nodes is straight code without a loop.
const STRAIGHT: usize = 48;

/// A map of at most this many nodes takes 8 elements in each round of its loop even if it reduces nothing.
const FEW: usize = 16;

/// What is known of a map's nodes.
struct Plan {
    /// Something that is stored or reduced depends on it.
    used: Vec<bool>,
    /// It differs from element to element.
    varying: Vec<bool>,
}

impl Plan {
    fn of(map: &Map) -> Plan {
        let mut varying = Vec::with_capacity(map.nodes.len());
        for node in &map.nodes {
            let is = matches!(node, Node::Element(_)) || operands(node).any(|id| varying[id.0 as usize]);
            varying.push(is);
        }
        let mut used = vec![false; map.nodes.len()];
        for id in map.stores.iter().map(|s| s.value).chain(map.reductions.iter().map(|r| r.value)) {
            used[id.0 as usize] = true;
        }
        for (i, node) in map.nodes.iter().enumerate().rev() {
            if used[i] {
                operands(node).for_each(|id| used[id.0 as usize] = true);
            }
        }
        Plan { used, varying }
    }
}

fn operands(node: &Node) -> impl Iterator<Item = NodeId> {
    let (ids, count) = match *node {
        Node::Element(_) | Node::Scalar(_) | Node::Literal(_) => ([NodeId(0); 4], 0),
        Node::Unary(_, a) => ([a; 4], 1),
        Node::Binary(_, a, b) => ([a, b, a, a], 2),
        Node::Select { a, b, then, otherwise, .. } => ([a, b, then, otherwise], 4),
    };
    ids.into_iter().take(count)
}

/// Up to one vector of consecutive elements.
#[derive(Clone, Copy)]
struct Part {
    /// The memories, moved on to the elements of this round of the loop.
    memory: Memory,
    /// First element, from where `memory` points to.
    first: usize,
    /// Number of elements, at most the width of a vector.
    lanes: usize,
    /// Which of the vectors of 8 elements this is.
    slot: usize,
}

/// A map under translation.
struct Elements<'m> {
    map: &'m Map,
    plan: Plan,
    /// Values of the nodes that do not vary.
    fixed: Vec<Option<Value>>,
}

impl Code<'_, '_> {
    /// Translates a map. Elements are taken 8 at a time; see the text of this crate.
    pub fn map(&mut self, map: &Map) {
        let width = self.numbers.width;
        let slots = LANES / width;
        let mut elements = Elements { map, plan: Plan::of(map), fixed: vec![None; map.nodes.len()] };
        self.fixed(&mut elements);

        // One accumulator for each reduction and slot.
        let mut partials: Vec<Value> = Vec::with_capacity(map.reductions.len() * slots);
        for reduction in &map.reductions {
            let start = self.numbers.splat(&mut self.b, neutral(reduction.op));
            partials.extend(std::iter::repeat_n(start, slots));
        }

        // Reductions need 8 elements in a round, and little work does not fill one; otherwise one vector is enough.
        let step = if map.reductions.is_empty() && map.nodes.len() > FEW { width } else { LANES };
        let rounds = map.len / step;
        let straight = rounds < 2 || map.len.div_ceil(width) * map.nodes.len() <= STRAIGHT;
        let looped = if straight { 0 } else { rounds * step };
        if looped > 0 {
            self.rounds(&elements, looped, step, &mut partials);
        }
        for first in (looped..map.len).step_by(width) {
            let part =
                Part { memory: self.memory, first, lanes: width.min(map.len - first), slot: first % LANES / width };
            self.part(&elements, part, &mut partials);
        }
        for (reduction, partials) in map.reductions.iter().zip(partials.chunks(slots)) {
            self.combine(reduction.op, partials, reduction.to);
        }
    }

    /// A loop over the first `count` elements in steps.
    fn rounds(&mut self, elements: &Elements<'_>, count: usize, step: usize, partials: &mut [Value]) {
        let (width, size) = (self.numbers.width, self.numbers.size);
        let [head, exit] = [(); 2].map(|()| self.b.create_block());
        let bytes = self.b.append_block_param(head, POINTER);
        let zero = self.b.ins().iconst(POINTER, 0);
        let args: Vec<BlockArg> = [zero].into_iter().chain(partials.iter().copied()).map(BlockArg::Value).collect();
        self.b.ins().jump(head, &args);
        for partial in partials.iter_mut() {
            *partial = self.b.append_block_param(head, self.numbers.vector);
        }

        self.b.switch_to_block(head);
        let memory = Memory {
            storage: self.b.ins().iadd(self.memory.storage, bytes),
            workspace: self.b.ins().iadd(self.memory.workspace, bytes),
        };
        for slot in 0..step / width {
            self.part(elements, Part { memory, first: slot * width, lanes: width, slot }, partials);
        }
        let next = self.b.ins().iadd_imm_s(bytes, (step * size) as i64);
        let more = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, next, (count * size) as i64);
        let args: Vec<BlockArg> = [next].into_iter().chain(partials.iter().copied()).map(BlockArg::Value).collect();
        self.b.ins().brif(more, head, &args, exit, &[]);
        self.b.switch_to_block(exit);
    }

    /// Computes the nodes that are the same for every element.
    fn fixed(&mut self, elements: &mut Elements<'_>) {
        let Elements { map, plan, fixed } = elements;
        for (i, node) in map.nodes.iter().enumerate() {
            if plan.used[i] && !plan.varying[i] {
                let value = match *node {
                    Node::Scalar(view) => {
                        let scalar = self.load(self.memory, view, 0, self.numbers.scalar);
                        self.spread(scalar, map.len)
                    }
                    // One call for all elements.
                    Node::Unary(Unary::Exp | Unary::Log | Unary::Log1p, _) => {
                        let value = self.operation(map, node, fixed, 1);
                        let scalar = self.b.ins().extractlane(value, 0);
                        self.spread(scalar, map.len)
                    }
                    _ => self.operation(map, node, fixed, self.numbers.width),
                };
                fixed[i] = Some(value);
            }
        }
    }

    /// A number in every lane that a map of `len` elements needs.
    fn spread(&mut self, scalar: Value, len: usize) -> Value {
        let vector = self.numbers.vector;
        if len == 1 { self.b.ins().scalar_to_vector(vector, scalar) } else { self.b.ins().splat(vector, scalar) }
    }

    /// Computes, reduces and stores the elements of a part.
    fn part(&mut self, elements: &Elements<'_>, part: Part, partials: &mut [Value]) {
        let Elements { map, plan, fixed } = elements;
        let mut values = fixed.clone();
        for (i, node) in map.nodes.iter().enumerate() {
            if plan.used[i] && plan.varying[i] {
                let value = match *node {
                    Node::Element(view) => self.gather(view, part),
                    _ => self.operation(map, node, &values, part.lanes),
                };
                values[i] = Some(value);
            }
        }
        let slots = LANES / self.numbers.width;
        for (reduction, partials) in map.reductions.iter().zip(partials.chunks_mut(slots)) {
            let partial = partials[part.slot];
            let mut next = self.numbers.reduce(&mut self.b, reduction.op, partial, get(&values, reduction.value));
            if part.lanes < self.numbers.width {
                let lanes = self.numbers.first_lanes(&mut self.b, part.lanes);
                next = self.b.ins().bitselect(lanes, next, partial);
            }
            partials[part.slot] = next;
        }
        for store in &map.stores {
            self.scatter(store.to, part, get(&values, store.value));
        }
    }

    /// Loads the part's elements of a view; further lanes are 0.
    fn gather(&mut self, view: View, part: Part) -> Value {
        let (vector, scalar) = (self.numbers.vector, self.numbers.scalar);
        if part.lanes == self.numbers.width {
            return self.load(part.memory, view, part.first, vector);
        }
        let first = self.load(part.memory, view, part.first, scalar);
        let first = self.b.ins().scalar_to_vector(vector, first);
        (1..part.lanes).fold(first, |value, lane| {
            let element = self.load(part.memory, view, part.first + lane, scalar);
            self.b.ins().insertlane(value, element, lane as u8)
        })
    }

    /// Stores the part's elements of a view.
    fn scatter(&mut self, view: View, part: Part, value: Value) {
        if part.lanes == self.numbers.width {
            return self.store(part.memory, view, part.first, value);
        }
        for lane in 0..part.lanes {
            let element = self.b.ins().extractlane(value, lane as u8);
            self.store(part.memory, view, part.first + lane, element);
        }
    }

    /// A node from the values of its operands. Functions of the host are called for the first `lanes` lanes only.
    fn operation(&mut self, map: &Map, node: &Node, values: &[Option<Value>], lanes: usize) -> Value {
        let numbers = self.numbers;
        let operand = |id: NodeId| Operand {
            value: get(values, id),
            literal: match map.nodes[id.0 as usize] {
                Node::Literal(literal) => Some(numbers.round(literal)),
                _ => None,
            },
        };
        match *node {
            Node::Literal(literal) => numbers.splat(&mut self.b, literal),
            Node::Unary(op, a) => {
                let a = get(values, a);
                match op {
                    Unary::Neg => numbers.negate(&mut self.b, a),
                    Unary::Abs => numbers.absolute(&mut self.b, a),
                    Unary::Sqrt => self.b.ins().sqrt(a),
                    Unary::Exp => self.each_lane(context::EXP, a, lanes),
                    Unary::Log => self.each_lane(context::LOG, a, lanes),
                    Unary::Log1p => self.each_lane(context::LOG1P, a, lanes),
                }
            }
            Node::Binary(op, a, b) => {
                let (left, right) = (get(values, a), get(values, b));
                match op {
                    Binary::Add => self.b.ins().fadd(left, right),
                    Binary::Sub => self.b.ins().fsub(left, right),
                    Binary::Mul => self.b.ins().fmul(left, right),
                    Binary::Div => self.b.ins().fdiv(left, right),
                    Binary::Min => numbers.extremum(&mut self.b, Extremum::Min, operand(a), operand(b)),
                    Binary::Max => numbers.extremum(&mut self.b, Extremum::Max, operand(a), operand(b)),
                }
            }
            Node::Select { compare, a, b, then, otherwise } => {
                let condition = (get(values, a), compare, get(values, b));
                numbers.select(&mut self.b, condition, get(values, then), get(values, otherwise))
            }
            Node::Element(_) | Node::Scalar(_) => unreachable!("loads are not operations"),
        }
    }

    fn each_lane(&mut self, slot: i32, argument: Value, lanes: usize) -> Value {
        (0..lanes as u8).fold(argument, |result, lane| {
            let x = self.b.ins().extractlane(argument, lane);
            let y = self.function(slot, x);
            self.b.ins().insertlane(result, y, lane)
        })
    }

    /// `((p0+p4)+(p2+p6)) + ((p1+p5)+(p3+p7))`, and the same for the other reductions.
    fn combine(&mut self, op: ReduceOp, partials: &[Value], to: View) {
        let numbers = self.numbers;
        let halves = |code: &mut Self, values: &[Value]| -> Vec<Value> {
            let (low, high) = values.split_at(values.len() / 2);
            low.iter().zip(high).map(|(&a, &b)| numbers.reduce(&mut code.b, op, a, b)).collect()
        };
        let mut values = partials.to_vec();
        while values.len() > 1 {
            values = halves(self, &values);
        }
        let mut lanes: Vec<Value> = (0..numbers.width).map(|lane| numbers.lane(&mut self.b, values[0], lane)).collect();
        while lanes.len() > 1 {
            lanes = halves(self, &lanes);
        }
        let result = self.b.ins().extractlane(lanes[0], 0);
        self.store(self.memory, to, 0, result);
    }
}

/// The value of a node that was computed before its users.
fn get(values: &[Option<Value>], id: NodeId) -> Value {
    values[id.0 as usize].expect("operands come before their users")
}
