//! From a verified program to the machine code of its blocks, or their text.

use super::context::Context;
use super::numbers::Numbers;
use super::size;
use super::translate::Translator;
use crate::{Error, Precision};
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{Function, Signature};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::print_errors::pretty_error;
use cranelift_codegen::{CompiledCode, Context as Cranelift};
use sparsec_program::layout::Layout;
use sparsec_program::program::{BlockKind, KernelCall, Program};
use sparsec_program::verify::Verified;
use sparsec_runtime::Float;

/// Generates code for the blocks of one program.
pub(super) struct Generator<'p> {
    program: &'p Program,
    layout: Layout,
    isa: &'p dyn TargetIsa,
    translator: Translator<'p>,
    cranelift: Cranelift,
}

impl<'p> Generator<'p> {
    /// Checks the program's size first.
    pub fn new(program: &'p Verified, precision: Precision, isa: &'p dyn TargetIsa) -> Result<Self, Error> {
        let layout = Layout::of(program);
        let program = program.program();
        size::check(program)?;
        let translator = Translator::new(program, layout.clone(), Numbers::new(precision));
        Ok(Generator { program, layout, isa, translator, cranelift: Cranelift::new() })
    }

    /// The blocks that have instructions.
    pub fn blocks(&self) -> impl Iterator<Item = BlockKind> + use<'p> {
        let program = self.program;
        BlockKind::ALL.into_iter().filter(|&block| !program.blocks[block as usize].is_empty())
    }

    /// The signature of every block's function.
    pub fn signature(&self) -> Signature {
        Translator::signature(self.isa)
    }

    /// The machine code of a block.
    pub fn compile(&mut self, block: BlockKind) -> Result<&CompiledCode, Error> {
        self.generate(block, false)
    }

    fn generate(&mut self, block: BlockKind, text: bool) -> Result<&CompiledCode, Error> {
        self.cranelift.clear();
        self.cranelift.set_disasm(text);
        self.cranelift.func = self.translator.block(block, self.isa);
        if let Err(error) = self.cranelift.compile(self.isa, &mut ControlPlane::default()) {
            let text = pretty_error(error.func, error.inner);
            return Err(Error::Internal(format!("block `{}`: {text}", block.name())));
        }
        // Nothing outside the function's own bytes is referred to, so the code can lie anywhere.
        match self.cranelift.compiled_code() {
            Some(code) if code.buffer.relocs().is_empty() => Ok(code),
            _ => Err(Error::Internal(format!("block `{}`: the code has relocations", block.name()))),
        }
    }

    /// The context of the blocks compiled so far.
    pub fn context<T: Float>(&self) -> Result<Context<T>, Error> {
        Context::new(self.translator.calls(), &self.layout)
    }

    /// A block before it is optimised.
    pub fn function(&mut self, block: BlockKind) -> Function {
        self.translator.block(block, self.isa)
    }

    /// The machine code of a block as text.
    pub fn disassemble(&mut self, block: BlockKind) -> Result<String, Error> {
        let code = self.generate(block, true)?;
        code.vcode.clone().ok_or_else(|| Error::Internal("no text of the machine code".to_owned()))
    }

    /// The kernel calls of the blocks translated so far.
    pub fn calls(&self) -> &[&'p KernelCall] {
        self.translator.calls()
    }
}
