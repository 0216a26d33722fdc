//! Compiled programs as text: the same for the same program and machine, and without addresses.

use super::generate::Generator;
use super::target::Host;
use crate::{Error, Precision};
use sparsec_program::program::{BlockKind, KernelCall, Program, View};
use sparsec_program::verify::Verified;
use std::fmt::Write;

/// The program's blocks as Cranelift functions, before Cranelift's own passes.
///
/// # Errors
/// As [`compile`](crate::compile).
pub fn clif(program: &Verified, precision: Precision) -> Result<String, Error> {
    render(program, precision, |generator, block| Ok(generator.function(block).display().to_string()))
}

/// The program's blocks as machine code for this machine.
///
/// # Errors
/// As [`compile`](crate::compile).
pub fn asm(program: &Verified, precision: Precision) -> Result<String, Error> {
    render(program, precision, |generator, block| {
        let text = generator.disassemble(block)?;
        Ok(format!("{}:\n{text}", block.name()))
    })
}

fn render(
    program: &Verified,
    precision: Precision,
    mut body: impl FnMut(&mut Generator<'_>, BlockKind) -> Result<String, Error>,
) -> Result<String, Error> {
    let isa = Host::default().isa()?;
    let mut generator = Generator::new(program, precision, &*isa)?;
    let mut text = format!("; {} for {}\n", program.program().name, isa.triple());
    for block in generator.blocks() {
        let first = generator.calls().len();
        let body = body(&mut generator, block)?;
        text.push('\n');
        for (index, call) in generator.calls().iter().enumerate().skip(first) {
            // Writing to a string does not fail.
            let _ = writeln!(text, "; kernel {index}: {}", describe(program.program(), call));
        }
        text.push_str(body.trim_end());
        text.push('\n');
    }
    Ok(text)
}

/// `gemv(4, 3; D, y => r)`
fn describe(program: &Program, call: &KernelCall) -> String {
    let list = |views: &[View]| {
        let names: Vec<String> = views.iter().map(|&view| name(program, view)).collect();
        names.join(", ")
    };
    let dims: Vec<String> = call.dims.iter().map(usize::to_string).collect();
    format!("{}({}; {} => {})", call.kernel, dims.join(", "), list(&call.inputs), list(&call.outputs))
}

fn name(program: &Program, view: View) -> String {
    let buffer = &program.buffers[view.buffer.0 as usize];
    if view.len == buffer.len() {
        return buffer.name.clone();
    }
    format!("{}[{}..{}]", buffer.name, view.offset, view.offset + view.len)
}
