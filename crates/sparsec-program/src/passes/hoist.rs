//! Moves what depends only on consts to `setup`, and what depends only on consts and params to `prepare`.
//!
//! An instruction of `prepare`, `step` or `stop`, outside branches and loops, moves to the end of the earlier block if it writes
//! nothing but scratch that no other instruction writes. That scratch becomes derived in `setup` and state in `prepare`.

use crate::passes::Effects;
use crate::program::{BlockKind, BufferId, Program, Role, View};

/// Moves instructions until none can move any more.
pub fn hoist(mut program: Program) -> Program {
    use BlockKind::{Prepare, Setup, Step, Stop};
    let mut writers = Writers::of(&program);
    for (from, to) in [(Prepare, Setup), (Step, Setup), (Stop, Setup), (Step, Prepare), (Stop, Prepare)] {
        move_all(&mut program, &mut writers, from, to);
    }
    program
}

fn move_all(program: &mut Program, writers: &mut Writers, from: BlockKind, to: BlockKind) {
    let body = std::mem::take(&mut program.blocks[from as usize]);
    let mut kept = Vec::with_capacity(body.len());
    for instr in body {
        let effects = Effects::of(&instr);
        if !may_move(program, writers, &effects, to) {
            kept.push(instr);
            continue;
        }
        let role = if to == BlockKind::Setup { Role::Derived } else { Role::State };
        for view in &effects.writes {
            program.buffers[view.buffer.0 as usize].role = role.clone();
        }
        writers.remove(&effects, from);
        writers.add(&effects, to);
        program.blocks[to as usize].push(instr);
    }
    program.blocks[from as usize] = kept;
}

fn may_move(program: &Program, writers: &Writers, effects: &Effects, to: BlockKind) -> bool {
    let role = |view: &View| &program.buffers[view.buffer.0 as usize].role;
    let readable = |view: &View| match role(view) {
        Role::Const | Role::Table(_) | Role::Derived => true,
        Role::Param => to == BlockKind::Prepare,
        // State that only `prepare` writes stays what it is at the end of `prepare`.
        Role::State => to == BlockKind::Prepare && !writers.after_prepare(view.buffer),
        Role::Scratch | Role::Output => false,
    };
    let is_scratch = |view: &View| *role(view) == Role::Scratch;
    effects.reads.iter().all(readable)
        && !effects.writes.is_empty()
        && effects.writes.iter().all(|view| is_scratch(view) && writers.count(view.buffer) == 1)
        && effects.works.iter().all(is_scratch)
}

/// How many views of each buffer are written or worked in, by block.
struct Writers(Vec<[usize; 5]>);

impl Writers {
    fn of(program: &Program) -> Self {
        let mut writers = Writers(vec![[0; 5]; program.buffers.len()]);
        for block in BlockKind::ALL {
            for instr in &program.blocks[block as usize] {
                writers.add(&Effects::of(instr), block);
            }
        }
        writers
    }

    fn add(&mut self, effects: &Effects, block: BlockKind) {
        for view in effects.writes.iter().chain(&effects.works) {
            self.0[view.buffer.0 as usize][block as usize] += 1;
        }
    }

    fn remove(&mut self, effects: &Effects, block: BlockKind) {
        for view in effects.writes.iter().chain(&effects.works) {
            self.0[view.buffer.0 as usize][block as usize] -= 1;
        }
    }

    fn count(&self, buffer: BufferId) -> usize {
        self.0[buffer.0 as usize].iter().sum()
    }

    fn after_prepare(&self, buffer: BufferId) -> bool {
        let later = [BlockKind::Step, BlockKind::Stop, BlockKind::Finish];
        later.iter().any(|block| self.0[buffer.0 as usize][*block as usize] > 0)
    }
}
