//! The size of a program, checked before Cranelift sees it.

use crate::{Error, MAX_SIZE};
use sparsec_program::program::{Instr, Program};

/// Refuses a program that exceeds [`MAX_SIZE`]. The lengths of maps do not count: long ones become loops.
pub(super) fn check(program: &Program) -> Result<(), Error> {
    let size = program.blocks.iter().fold(0, |size, block| size + count(block));
    if size > MAX_SIZE {
        return Err(Error::TooLarge { what: "operations", size, limit: MAX_SIZE });
    }
    Ok(())
}

/// The verifier bounds how deep bodies nest.
fn count(instrs: &[Instr]) -> usize {
    let one = |instr: &Instr| match instr {
        Instr::Map(map) => 1 + map.nodes.len() + map.stores.len() + map.reductions.len(),
        Instr::Kernel(_) => 1,
        Instr::If { then, otherwise, .. } => 1 + count(then) + count(otherwise),
        Instr::Loop { body, .. } => 1 + count(body),
    };
    instrs.iter().map(one).sum()
}
