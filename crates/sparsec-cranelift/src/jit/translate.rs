//! One block of a program as a Cranelift function.

use super::context;
use super::numbers::Numbers;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    AbiParam, AliasRegionData, BlockArg, Function, InstBuilder, MemFlagsData, SigRef, Signature, Type, UserFuncName,
    Value, types,
};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use sparsec_program::layout::{Layout, Region};
use sparsec_program::program::{BlockKind, Compare, Condition, Instr, KernelCall, Program, Scalar, View};

/// Pointers and sizes; all targets are 64-bit.
pub(super) const POINTER: Type = types::I64;

/// Translates the blocks of one program.
pub(super) struct Translator<'p> {
    program: &'p Program,
    layout: Layout,
    numbers: Numbers,
    frontend: FunctionBuilderContext,
    /// The kernel calls met so far; the code calls them by their index.
    calls: Vec<&'p KernelCall>,
}

impl<'p> Translator<'p> {
    pub fn new(program: &'p Program, layout: Layout, numbers: Numbers) -> Self {
        Translator { program, layout, numbers, frontend: FunctionBuilderContext::new(), calls: Vec::new() }
    }

    /// The block's function `extern "C" fn(storage, workspace, context)`.
    pub fn block(&mut self, block: BlockKind, isa: &dyn TargetIsa) -> Function {
        let call_conv = isa.default_call_conv();
        let name = UserFuncName::testcase(block.name());
        let mut function = Function::with_name_signature(name, Self::signature(isa));
        let flags = Flags::new(&mut function, block);
        let mut builder = FunctionBuilder::new(&mut function, &mut self.frontend);
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        let &[storage, workspace, context] = builder.block_params(entry) else {
            unreachable!("the signature has three parameters")
        };
        let mut code = Code {
            b: builder,
            layout: &self.layout,
            numbers: self.numbers,
            calls: &mut self.calls,
            call_conv,
            memory: Memory { storage, workspace },
            context,
            flags,
            kernel_signature: None,
            function_signature: None,
        };
        code.instrs(&self.program.blocks[block as usize]);
        code.b.ins().return_(&[]);
        code.b.seal_all_blocks();
        code.b.finalize(isa.frontend_config());
        function
    }

    /// The signature of every block's function.
    pub fn signature(isa: &dyn TargetIsa) -> Signature {
        signature(isa.default_call_conv(), &[POINTER; 3], &[])
    }

    /// The kernel calls of all blocks translated so far.
    pub fn calls(&self) -> &[&'p KernelCall] {
        &self.calls
    }
}

fn signature(call_conv: CallConv, params: &[Type], returns: &[Type]) -> Signature {
    let abi = |types: &[Type]| types.iter().map(|&t| AbiParam::new(t)).collect();
    Signature { params: abi(params), returns: abi(returns), call_conv }
}

/// Where the two memories start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    pub storage: Value,
    pub workspace: Value,
}

/// What is known of loads and stores.
#[derive(Clone, Copy, Debug)]
struct Flags {
    storage: MemFlagsData,
    workspace: MemFlagsData,
    context: MemFlagsData,
}

impl Flags {
    fn new(function: &mut Function, block: BlockKind) -> Self {
        let mut region = |user_id, description: &'static str| {
            let data = AliasRegionData { user_id, description: description.into() };
            MemFlagsData::new().with_notrap().with_alias_region(Some(function.dfg.alias_regions.insert(data)))
        };
        let storage = region(0, "storage");
        let workspace = region(1, "workspace");
        let context = region(2, "context").with_aligned().with_readonly().with_can_move();
        // Only `setup` writes the storage.
        let storage = if block == BlockKind::Setup { storage } else { storage.with_readonly().with_can_move() };
        Flags { storage, workspace, context }
    }
}

/// A function under construction.
pub(super) struct Code<'a, 'p> {
    pub b: FunctionBuilder<'a>,
    layout: &'a Layout,
    pub numbers: Numbers,
    calls: &'a mut Vec<&'p KernelCall>,
    call_conv: CallConv,
    pub memory: Memory,
    context: Value,
    flags: Flags,
    kernel_signature: Option<SigRef>,
    function_signature: Option<SigRef>,
}

impl<'p> Code<'_, 'p> {
    fn instrs(&mut self, instrs: &'p [Instr]) {
        for instr in instrs {
            match instr {
                Instr::Map(map) => self.map(map),
                Instr::Kernel(call) => self.kernel(call),
                Instr::If { condition, then, otherwise } => self.branch(condition, then, otherwise),
                Instr::Loop { times, until, body } => self.repeat(*times, until.as_ref(), body),
            }
        }
    }

    fn branch(&mut self, condition: &Condition, then: &'p [Instr], otherwise: &'p [Instr]) {
        let [if_true, if_false, join] = [(); 3].map(|()| self.b.create_block());
        let holds = self.condition(condition);
        self.b.ins().brif(holds, if_true, &[], if_false, &[]);
        for (block, instrs) in [(if_true, then), (if_false, otherwise)] {
            self.b.switch_to_block(block);
            self.instrs(instrs);
            self.b.ins().jump(join, &[]);
        }
        self.b.switch_to_block(join);
    }

    fn repeat(&mut self, times: usize, until: Option<&Condition>, body: &'p [Instr]) {
        let [head, tail, exit] = [(); 3].map(|()| self.b.create_block());
        let round = self.b.append_block_param(head, POINTER);
        let first = self.b.ins().iconst(POINTER, 0);
        self.b.ins().jump(head, &[BlockArg::Value(first)]);
        self.b.switch_to_block(head);
        self.instrs(body);
        match until {
            Some(until) => {
                let holds = self.condition(until);
                self.b.ins().brif(holds, exit, &[], tail, &[]);
            }
            None => {
                self.b.ins().jump(tail, &[]);
            }
        }
        self.b.switch_to_block(tail);
        let next = self.b.ins().iadd_imm_s(round, 1);
        let more = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, next, times as i64);
        self.b.ins().brif(more, head, &[BlockArg::Value(next)], exit, &[]);
        self.b.switch_to_block(exit);
    }

    /// An integer that is not 0 where the condition holds.
    fn condition(&mut self, condition: &Condition) -> Value {
        let relation = match condition.compare {
            Compare::Lt => FloatCC::LessThan,
            Compare::Le => FloatCC::LessThanOrEqual,
            Compare::Eq => FloatCC::Equal,
            Compare::Ne => FloatCC::OrderedNotEqual,
        };
        let left = self.scalar(&condition.left);
        let right = self.scalar(&condition.right);
        self.b.ins().fcmp(relation, left, right)
    }

    fn scalar(&mut self, scalar: &Scalar) -> Value {
        match scalar {
            Scalar::View(view) => self.load(self.memory, *view, 0, self.numbers.scalar),
            Scalar::Literal(literal) => self.numbers.constant(&mut self.b, *literal),
        }
    }

    fn kernel(&mut self, call: &'p KernelCall) {
        let index = self.b.ins().iconst(POINTER, self.calls.len() as i64);
        self.calls.push(call);
        let conv = self.call_conv;
        let function = &mut self.b.func;
        let signature = *self
            .kernel_signature
            .get_or_insert_with(|| function.import_signature(signature(conv, &[POINTER; 4], &[])));
        let callee = self.b.ins().load(POINTER, self.flags.context, self.context, context::KERNEL);
        let Memory { storage, workspace } = self.memory;
        self.b.ins().call_indirect(signature, callee, &[self.context, index, storage, workspace]);
    }

    /// A function of the host on one number; `slot` is its place in the context.
    pub fn function(&mut self, slot: i32, argument: Value) -> Value {
        let (conv, scalar) = (self.call_conv, self.numbers.scalar);
        let function = &mut self.b.func;
        let signature = *self
            .function_signature
            .get_or_insert_with(|| function.import_signature(signature(conv, &[scalar], &[scalar])));
        let callee = self.b.ins().load(POINTER, self.flags.context, self.context, slot);
        let call = self.b.ins().call_indirect(signature, callee, &[argument]);
        self.b.inst_results(call)[0]
    }

    /// Loads from element `index` of a view on.
    pub fn load(&mut self, memory: Memory, view: View, index: usize, ty: Type) -> Value {
        let (base, offset, flags) = self.address(memory, view, index, ty);
        self.b.ins().load(ty, flags, base, offset)
    }

    /// Stores to element `index` of a view and the following.
    pub fn store(&mut self, memory: Memory, view: View, index: usize, value: Value) {
        let ty = self.b.func.dfg.value_type(value);
        let (base, offset, flags) = self.address(memory, view, index, ty);
        self.b.ins().store(flags, value, base, offset);
    }

    fn address(&mut self, memory: Memory, view: View, index: usize, ty: Type) -> (Value, i32, MemFlagsData) {
        let (region, start) = self.layout.place_view(view);
        let (base, flags) = match region {
            Region::Storage => (memory.storage, self.flags.storage),
            Region::Workspace => (memory.workspace, self.flags.workspace),
        };
        // The host's slices are aligned for their elements, not for vectors.
        let flags = if ty == self.numbers.scalar { flags.with_aligned() } else { flags };
        let bytes = (start + index) * self.numbers.size;
        match i32::try_from(bytes) {
            Ok(offset) => (base, offset, flags),
            Err(_) => (self.b.ins().iadd_imm_s(base, bytes as i64), 0, flags),
        }
    }
}
