//! Passes: programs that the verifier accepts to faster ones that it accepts, with the same bits in state and outputs.
//!
//! Buffers keep their numbers, so that what the host knows of them stays true; the roles of scratch buffers may change. The host
//! reads nothing but state and outputs.

pub mod fuse_maps;
pub mod hoist;
pub mod remove_dead;

use crate::program::{Condition, Instr, Node, Program, Scalar, View};

/// All passes, in their order: what can run once leaves the loop before it is fused with what can't.
pub fn run(program: Program) -> Program {
    let program = hoist::hoist(program);
    let program = fuse_maps::fuse_maps(program);
    remove_dead::remove_dead(program)
}

/// What an instruction reads and writes, branches and loops included.
#[derive(Debug, Default)]
struct Effects {
    reads: Vec<View>,
    /// Without `work`.
    writes: Vec<View>,
    /// What kernels use as `work`.
    works: Vec<View>,
}

impl Effects {
    fn of(instr: &Instr) -> Effects {
        let mut effects = Effects::default();
        effects.add(instr);
        effects
    }

    fn add(&mut self, instr: &Instr) {
        match instr {
            Instr::Map(map) => {
                for node in &map.nodes {
                    if let Node::Element(view) | Node::Scalar(view) = node {
                        self.reads.push(*view);
                    }
                }
                self.writes.extend(map.stores.iter().map(|s| s.to));
                self.writes.extend(map.reductions.iter().map(|r| r.to));
            }
            Instr::Kernel(call) => {
                self.reads.extend(&call.inputs);
                for (i, view) in call.outputs.iter().enumerate() {
                    let kind = if call.kernel.is_work(i) { &mut self.works } else { &mut self.writes };
                    kind.push(*view);
                    if call.kernel.is_kept(i) {
                        self.reads.push(*view);
                    }
                }
            }
            Instr::If { condition, then, otherwise } => {
                self.add_condition(condition);
                then.iter().chain(otherwise).for_each(|instr| self.add(instr));
            }
            Instr::Loop { until, body, .. } => {
                until.iter().for_each(|until| self.add_condition(until));
                body.iter().for_each(|instr| self.add(instr));
            }
        }
    }

    fn add_condition(&mut self, condition: &Condition) {
        for side in [condition.left, condition.right] {
            if let Scalar::View(view) = side {
                self.reads.push(view);
            }
        }
    }
}
