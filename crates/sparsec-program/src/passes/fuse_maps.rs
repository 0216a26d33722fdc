//! Joins neighbouring maps of one length into one loop.
//!
//! What the first stores and the second loads goes from node to node; a second store to the same view replaces the first. Maps stay
//! apart where the second needs another element of what the first stores, or a reduction's result, and where the joined map would
//! break a rule of the verifier. Elements keep their partial sums, so reductions keep their bits.

use crate::program::{Instr, Map, Node, NodeId, Program, View};
use crate::verify::map_alias;

/// The most nodes of a joined map: beyond it, registers are short and the loop gains nothing.
const MAX_NODES: usize = 96;

/// Joins maps in all blocks, branches and loops.
pub fn fuse_maps(mut program: Program) -> Program {
    for block in &mut program.blocks {
        fuse_body(block);
    }
    program
}

fn fuse_body(body: &mut Vec<Instr>) {
    let mut fused: Vec<Instr> = Vec::with_capacity(body.len());
    for mut instr in std::mem::take(body) {
        match &mut instr {
            Instr::Map(map) => {
                if let Some(Instr::Map(before)) = fused.last()
                    && let Some(joined) = join(before, map)
                {
                    fused.pop();
                    fused.push(Instr::Map(joined));
                    continue;
                }
            }
            Instr::Kernel(_) => {}
            Instr::If { then, otherwise, .. } => {
                fuse_body(then);
                fuse_body(otherwise);
            }
            Instr::Loop { body, .. } => fuse_body(body),
        }
        fused.push(instr);
    }
    *body = fused;
}

/// Both maps in one loop, if that means the same.
fn join(first: &Map, second: &Map) -> Option<Map> {
    if first.len != second.len || first.nodes.len() + second.nodes.len() > MAX_NODES {
        return None;
    }
    let mut joined = first.clone();
    // The joined map's node for each of the second's.
    let mut moved: Vec<NodeId> = Vec::with_capacity(second.nodes.len());
    for node in &second.nodes {
        let of = |id: NodeId| moved.get(id.0 as usize).copied();
        let node = match *node {
            Node::Element(view) | Node::Scalar(view) => {
                if let Some(value) = forwarded(first, view, matches!(node, Node::Element(_)))? {
                    moved.push(value);
                    continue;
                }
                *node
            }
            Node::Literal(_) => *node,
            Node::Unary(op, a) => Node::Unary(op, of(a)?),
            Node::Binary(op, a, b) => Node::Binary(op, of(a)?, of(b)?),
            Node::Select { compare, a, b, then, otherwise } => {
                Node::Select { compare, a: of(a)?, b: of(b)?, then: of(then)?, otherwise: of(otherwise)? }
            }
        };
        moved.push(add_node(&mut joined, node));
    }
    for store in &second.stores {
        let value = *moved.get(store.value.0 as usize)?;
        joined.stores.retain(|before| before.to != store.to);
        joined.stores.push(crate::program::Store { to: store.to, value });
    }
    for reduction in &second.reductions {
        let value = *moved.get(reduction.value.0 as usize)?;
        joined.reductions.push(crate::program::Reduction { value, ..*reduction });
    }
    map_alias(&joined).is_none().then_some(joined)
}

/// What the second map's load of a view finds: a node that the first stores there, or what was there before (`Some(None)`).
/// `None` where it is neither.
fn forwarded(first: &Map, view: View, element: bool) -> Option<Option<NodeId>> {
    if first.reductions.iter().any(|r| r.to.overlaps(view)) {
        return None;
    }
    let Some(store) = first.stores.iter().find(|s| s.to.overlaps(view)) else { return Some(None) };
    let same = store.to == view && (element || first.len == 1);
    same.then_some(Some(store.value))
}

/// The node, shared with an equal one.
fn add_node(map: &mut Map, node: Node) -> NodeId {
    let same = |other: &Node| match (other, &node) {
        (Node::Literal(a), Node::Literal(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    };
    let at = map.nodes.iter().position(same).unwrap_or(map.nodes.len());
    if at == map.nodes.len() {
        map.nodes.push(node);
    }
    NodeId(at as u32)
}
