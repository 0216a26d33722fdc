//! The size of a program, checked before Cranelift sees it.
//!
//! The time that Cranelift takes grows with the size, and with the square of what is live at once in a loop.

use crate::{Error, MAX_MAP_SIZE, MAX_REDUCTIONS, MAX_SIZE};
use sparsec_program::program::{Instr, Program};

/// Refuses a program that exceeds a limit. The lengths of maps do not count: long ones become loops.
pub(super) fn check(program: &Program) -> Result<(), Error> {
    let mut size = 0;
    program.blocks.iter().try_for_each(|block| add(block, &mut size))?;
    limit("operations", size, MAX_SIZE)
}

/// The verifier bounds how deep bodies nest.
fn add(instrs: &[Instr], size: &mut usize) -> Result<(), Error> {
    for instr in instrs {
        *size += 1;
        match instr {
            Instr::Map(map) => {
                let map_size = map.nodes.len() + map.stores.len() + map.reductions.len();
                limit("operations in one map", map_size, MAX_MAP_SIZE)?;
                limit("reductions in one map", map.reductions.len(), MAX_REDUCTIONS)?;
                *size += map_size;
            }
            Instr::Kernel(_) => {}
            Instr::If { then, otherwise, .. } => {
                add(then, size)?;
                add(otherwise, size)?;
            }
            Instr::Loop { body, .. } => add(body, size)?,
        }
    }
    Ok(())
}

fn limit(what: &'static str, size: usize, limit: usize) -> Result<(), Error> {
    if size > limit { Err(Error::TooLarge { what, size, limit }) } else { Ok(()) }
}
