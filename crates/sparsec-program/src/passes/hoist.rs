//! Moves what depends only on consts to `setup`, and what depends only on consts and params to `prepare`.
//!
//! An instruction of `prepare`, `step` or `stop`, outside branches and loops, moves to the end of the earlier block if it writes
//! nothing but scratch that no other instruction writes. That scratch becomes derived in `setup` and state in `prepare`.

use crate::passes::Effects;
use crate::program::{BlockKind, BufferId, Instr, Program, Role, View};

/// Moves instructions until none can move any more.
pub fn hoist(mut program: Program) -> Program {
    use BlockKind::{Prepare, Setup, Step, Stop};
    for (from, to) in [(Prepare, Setup), (Step, Setup), (Stop, Setup), (Step, Prepare), (Stop, Prepare)] {
        move_all(&mut program, from, to);
    }
    program
}

fn move_all(program: &mut Program, from: BlockKind, to: BlockKind) {
    let body = std::mem::take(&mut program.blocks[from as usize]);
    let effects: Vec<Effects> = body.iter().map(Effects::of).collect();
    let mut kept = Vec::with_capacity(body.len());
    for (i, instr) in body.iter().enumerate() {
        // Other instructions that may write: those of this block, moved or not, and those of the others.
        let others = effects.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, effects)| effects);
        if !may_move(program, &effects[i], others, to) {
            kept.push(instr.clone());
            continue;
        }
        let role = if to == BlockKind::Setup { Role::Derived } else { Role::State };
        for view in &effects[i].writes {
            program.buffers[view.buffer.0 as usize].role = role.clone();
        }
        program.blocks[to as usize].push(instr.clone());
    }
    program.blocks[from as usize] = kept;
}

/// `program` lacks the block that the instruction comes from; `others` are the effects of its other instructions.
fn may_move<'a>(
    program: &Program,
    effects: &Effects,
    others: impl Iterator<Item = &'a Effects> + Clone,
    to: BlockKind,
) -> bool {
    let role = |view: &View| &program.buffers[view.buffer.0 as usize].role;
    let readable = |view: &View| match role(view) {
        Role::Const | Role::Table(_) | Role::Derived => true,
        Role::Param => to == BlockKind::Prepare,
        // State that only `prepare` writes stays what it is at the end of `prepare`.
        Role::State => to == BlockKind::Prepare && !written_after_prepare(program, others.clone(), view.buffer),
        Role::Scratch | Role::Output => false,
    };
    let is_scratch = |view: &View| *role(view) == Role::Scratch;
    let in_blocks = |buffer: BufferId| program.blocks.iter().flatten().any(|instr| writes(&Effects::of(instr), buffer));
    let only_writer = |view: &View| {
        let used_as_work = effects.works.iter().any(|work| work.buffer == view.buffer);
        !used_as_work && !others.clone().any(|e| writes(e, view.buffer)) && !in_blocks(view.buffer)
    };
    effects.reads.iter().all(readable)
        && !effects.writes.is_empty()
        && effects.writes.iter().all(|view| is_scratch(view) && only_writer(view))
        && effects.works.iter().all(is_scratch)
}

fn writes(effects: &Effects, buffer: BufferId) -> bool {
    effects.writes.iter().chain(&effects.works).any(|view| view.buffer == buffer)
}

fn written_after_prepare<'a>(
    program: &Program,
    mut others: impl Iterator<Item = &'a Effects>,
    buffer: BufferId,
) -> bool {
    let later = [BlockKind::Step, BlockKind::Stop, BlockKind::Finish];
    let instrs = |block: &BlockKind| -> &[Instr] { &program.blocks[*block as usize] };
    others.any(|e| writes(e, buffer)) || later.iter().flat_map(instrs).any(|instr| writes(&Effects::of(instr), buffer))
}
