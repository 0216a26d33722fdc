//! Removes what nobody reads: stores and reductions to scratch and derived buffers, nodes, kernel calls, empty branches and loops.
//!
//! State and outputs count as read by the host. A scratch or derived buffer that is left without use keeps its number and becomes a
//! scalar, which costs no more than the alignment.

use crate::passes::Effects;
use crate::program::{BlockKind, Condition, Instr, Map, Node, NodeId, Program, Role, Scalar, View};
use std::collections::HashSet;

/// Removes dead instructions from all blocks, the last block first.
pub fn remove_dead(mut program: Program) -> Program {
    let observed: Vec<bool> =
        program.buffers.iter().map(|b| !matches!(b.role, Role::Scratch | Role::Derived)).collect();
    let derived: Vec<bool> = program.buffers.iter().map(|b| b.role == Role::Derived).collect();
    let mut read_later = Vec::new();
    for block in BlockKind::ALL.into_iter().rev() {
        let body = std::mem::take(&mut program.blocks[block as usize]);
        let live = if block == BlockKind::Setup { std::mem::take(&mut read_later) } else { Vec::new() };
        let mut sweep = Sweep { observed: &observed, live: Live(live) };
        let body = sweep.body(body);
        for instr in &body {
            let reads = Effects::of(instr).reads;
            read_later.extend(reads.into_iter().filter(|view| derived[view.buffer.0 as usize]));
        }
        program.blocks[block as usize] = body;
    }
    shrink_unused(&mut program);
    program
}

fn shrink_unused(program: &mut Program) {
    let mut used = HashSet::new();
    for instr in program.blocks.iter().flatten() {
        let effects = Effects::of(instr);
        used.extend(effects.reads.iter().chain(&effects.writes).chain(&effects.works).map(|view| view.buffer.0));
    }
    for (i, buffer) in program.buffers.iter_mut().enumerate() {
        if matches!(buffer.role, Role::Scratch | Role::Derived) && !used.contains(&(i as u32)) {
            (buffer.rows, buffer.cols) = (1, 1);
        }
    }
}

/// Parts of buffers that are read later, before they are written again. May hold more than that.
#[derive(Clone)]
struct Live(Vec<View>);

impl Live {
    fn overlaps(&self, view: View) -> bool {
        self.0.iter().any(|live| live.overlaps(view))
    }

    fn add(&mut self, view: View) {
        if !self.0.contains(&view) {
            self.0.push(view);
        }
    }

    /// What lies within a view that is written.
    fn remove(&mut self, view: View) {
        let within = |live: &View| {
            live.buffer == view.buffer && view.offset <= live.offset && live.offset + live.len <= view.offset + view.len
        };
        self.0.retain(|live| !within(live));
    }
}

/// Goes backwards through a block.
struct Sweep<'a> {
    observed: &'a [bool],
    live: Live,
}

impl Sweep<'_> {
    fn needed(&self, view: View) -> bool {
        self.observed[view.buffer.0 as usize] || self.live.overlaps(view)
    }

    fn body(&mut self, body: Vec<Instr>) -> Vec<Instr> {
        let mut kept: Vec<Instr> = body.into_iter().rev().filter_map(|instr| self.instr(instr)).collect();
        kept.reverse();
        kept
    }

    fn instr(&mut self, instr: Instr) -> Option<Instr> {
        match instr {
            Instr::Map(mut map) => {
                map.stores.retain(|store| self.needed(store.to));
                map.reductions.retain(|reduction| self.needed(reduction.to));
                if map.stores.is_empty() && map.reductions.is_empty() {
                    return None;
                }
                remove_nodes(&mut map);
                self.pass(&Instr::Map(map.clone()));
                Some(Instr::Map(map))
            }
            Instr::Kernel(call) => {
                let mut outputs = call.outputs.iter().enumerate();
                if !outputs.any(|(i, view)| !call.kernel.is_work(i) && self.needed(*view)) {
                    return None;
                }
                let instr = Instr::Kernel(call);
                self.pass(&instr);
                Some(instr)
            }
            Instr::If { condition, then, otherwise } => {
                let after = self.live.clone();
                let then = self.body(then);
                let before_then = std::mem::replace(&mut self.live, after);
                let otherwise = self.body(otherwise);
                before_then.0.into_iter().for_each(|view| self.live.add(view));
                if then.is_empty() && otherwise.is_empty() {
                    return None;
                }
                self.condition(&condition);
                Some(Instr::If { condition, then, otherwise })
            }
            Instr::Loop { times, until, body } => {
                // A later round may read anything that the loop reads.
                let after = self.live.clone();
                until.iter().for_each(|until| self.condition(until));
                for instr in &body {
                    Effects::of(instr).reads.into_iter().for_each(|view| self.live.add(view));
                }
                let body = self.body(body);
                if body.is_empty() {
                    self.live = after;
                    return None;
                }
                // What later rounds need is needed before the first too, as far as is known here.
                after.0.into_iter().for_each(|view| self.live.add(view));
                Some(Instr::Loop { times, until, body })
            }
        }
    }

    fn condition(&mut self, condition: &Condition) {
        for side in [condition.left, condition.right] {
            if let Scalar::View(view) = side {
                self.live.add(view);
            }
        }
    }

    /// Over a map or kernel: what it writes is not needed before it, what it reads is.
    fn pass(&mut self, instr: &Instr) {
        let effects = Effects::of(instr);
        effects.writes.iter().for_each(|view| self.live.remove(*view));
        effects.reads.into_iter().for_each(|view| self.live.add(view));
    }
}

/// Removes the nodes that no store and no reduction needs.
fn remove_nodes(map: &mut Map) {
    let mut needed = vec![false; map.nodes.len()];
    for value in map.stores.iter().map(|s| s.value).chain(map.reductions.iter().map(|r| r.value)) {
        needed[value.0 as usize] = true;
    }
    for (i, node) in map.nodes.iter().enumerate().rev() {
        if needed[i] {
            operands(node).into_iter().flatten().for_each(|operand| needed[operand.0 as usize] = true);
        }
    }
    let mut moved = Vec::with_capacity(map.nodes.len());
    let mut kept: Vec<Node> = Vec::new();
    for (node, needed) in map.nodes.iter().zip(needed) {
        moved.push(NodeId(kept.len() as u32));
        if needed {
            kept.push(renumbered(node, &moved));
        }
    }
    map.nodes = kept;
    map.stores.iter_mut().for_each(|s| s.value = moved[s.value.0 as usize]);
    map.reductions.iter_mut().for_each(|r| r.value = moved[r.value.0 as usize]);
}

fn operands(node: &Node) -> [Option<NodeId>; 4] {
    match *node {
        Node::Element(_) | Node::Scalar(_) | Node::Literal(_) => [None; 4],
        Node::Unary(_, a) => [Some(a), None, None, None],
        Node::Binary(_, a, b) => [Some(a), Some(b), None, None],
        Node::Select { a, b, then, otherwise, .. } => [Some(a), Some(b), Some(then), Some(otherwise)],
    }
}

fn renumbered(node: &Node, moved: &[NodeId]) -> Node {
    let of = |id: NodeId| moved[id.0 as usize];
    match *node {
        Node::Element(_) | Node::Scalar(_) | Node::Literal(_) => *node,
        Node::Unary(op, a) => Node::Unary(op, of(a)),
        Node::Binary(op, a, b) => Node::Binary(op, of(a), of(b)),
        Node::Select { compare, a, b, then, otherwise } => {
            Node::Select { compare, a: of(a), b: of(b), then: of(then), otherwise: of(otherwise) }
        }
    }
}
