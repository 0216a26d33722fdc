//! Code in memory, and calling it.
#![allow(unsafe_code, reason = "calling compiled code and freeing it")]

use super::context::{BlockFn, Context};
use super::generate::Generator;
use super::target::Host;
use crate::{Error, Precision};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Module, ModuleError, default_libcall_names};
use sparsec_program::executor::Executor;
use sparsec_program::layout::Layout;
use sparsec_program::program::BlockKind;
use sparsec_program::verify::Verified;
use sparsec_runtime::Float;
use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

/// Native code of a program. A clone shares the code, which is freed with the last one.
pub struct Native<T> {
    code: Arc<Code<T>>,
}

struct Code<T> {
    /// By block; `None` for one without instructions.
    functions: [Option<BlockFn<T>>; 5],
    context: Context<T>,
    storage_len: usize,
    workspace_len: usize,
    size: usize,
    /// Holds the memory that the functions lie in. A module may move between threads but not be used by two of them; behind
    /// a lock, which nobody takes before the end, it may be shared.
    _memory: Mutex<CodeMemory>,
}

/// A module whose memory is freed with it, which `JITModule` alone does not do.
struct CodeMemory(ManuallyDrop<JITModule>);

impl Drop for CodeMemory {
    fn drop(&mut self) {
        // SAFETY: the field is not used after this.
        let module = unsafe { ManuallyDrop::take(&mut self.0) };
        // SAFETY: functions of this module are called through a `Code` only, which holds this memory until its own end.
        unsafe { module.free_memory() };
    }
}

impl<T> Clone for Native<T> {
    fn clone(&self) -> Self {
        Native { code: Arc::clone(&self.code) }
    }
}

impl<T> fmt::Debug for Native<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Native").field("code_size", &self.code.size).finish_non_exhaustive()
    }
}

impl<T> Native<T> {
    /// Bytes of machine code, its constants included.
    pub fn code_size(&self) -> usize {
        self.code.size
    }

    /// Address of a block's function.
    #[cfg(test)]
    pub(super) fn start(&self, block: BlockKind) -> Option<usize> {
        self.code.functions[block as usize].map(|function| function as usize)
    }

    /// Calls a block's function.
    ///
    /// # Safety
    /// `storage` points to as many elements as the layout asks for, which nobody writes meanwhile, and which the block may
    /// write where it is `setup`.
    unsafe fn call(&self, block: BlockKind, storage: *mut T, workspace: &mut [T]) {
        let Code { functions, context, workspace_len, .. } = &*self.code;
        let workspace = &mut workspace[..*workspace_len];
        if let Some(function) = functions[block as usize] {
            // SAFETY: the function is compiled for this element type and for a verified program, so it stays within both
            // memories, whose lengths are checked, and writes the storage in `setup` only; the code and the context live in
            // `self`.
            unsafe { function(storage, workspace.as_mut_ptr(), context) };
        }
    }
}

impl<T: Float> Executor<T> for Native<T> {
    fn setup(&self, storage: &mut [T], workspace: &mut [T]) {
        let storage = &mut storage[..self.code.storage_len];
        // SAFETY: the storage is long enough, and ours to write.
        unsafe { self.call(BlockKind::Setup, storage.as_mut_ptr(), workspace) };
    }

    fn run(&self, block: BlockKind, storage: &[T], workspace: &mut [T]) {
        if block != BlockKind::Setup {
            let storage = &storage[..self.code.storage_len];
            // SAFETY: the storage is long enough, and blocks other than `setup` only read it.
            unsafe { self.call(block, storage.as_ptr().cast_mut(), workspace) };
        }
    }

    fn backend(&self) -> &'static str {
        "jit"
    }
}

/// Compiles a program for f64 or f32.
///
/// # Errors
/// Where the machine has no compiler, the program is too large, or the system gives no executable memory; the interpreter
/// can run the program instead.
pub fn compile<T: Float>(program: &Verified) -> Result<Native<T>, Error> {
    compile_while(program, &mut || true)
}

/// Compiles a program as long as `keep_going`, which is asked before each block, says so.
///
/// # Errors
/// As [`compile`], and [`Error::Stopped`].
pub fn compile_while<T: Float>(program: &Verified, keep_going: &mut dyn FnMut() -> bool) -> Result<Native<T>, Error> {
    compile_on(&Host::default(), program, keep_going)
}

/// Cranelift reports some of its own mistakes as panics; they become errors here.
pub(super) fn compile_on<T: Float>(
    host: &Host,
    program: &Verified,
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<Native<T>, Error> {
    catch_unwind(AssertUnwindSafe(|| generate(host, program, keep_going))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Error::Internal(text.unwrap_or("a panic").to_owned()))
    })
}

fn generate<T: Float>(
    host: &Host,
    program: &Verified,
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<Native<T>, Error> {
    let precision = Precision::of::<T>()
        .ok_or_else(|| Error::Unsupported(format!("for elements of type {}", std::any::type_name::<T>())))?;
    let isa = host.isa()?;
    let mut generator = Generator::new(program, precision, &*isa)?;
    let mut builder = JITBuilder::with_isa(isa.clone(), default_libcall_names());
    builder.memory_provider((host.memory)());
    let mut memory = CodeMemory(ManuallyDrop::new(JITModule::new(builder)));
    let module = &mut *memory.0;
    let mut ids: [Option<FuncId>; 5] = [None; 5];
    let mut size = 0;
    for block in generator.blocks() {
        if !keep_going() {
            return Err(Error::Stopped);
        }
        let id = module.declare_anonymous_function(&generator.signature()).map_err(from_module)?;
        let compiled = generator.compile(block)?;
        let bytes = compiled.code_buffer();
        module.define_function_bytes(id, u64::from(compiled.buffer.alignment), bytes, &[]).map_err(from_module)?;
        size += bytes.len();
        ids[block as usize] = Some(id);
    }
    let context = generator.context()?;
    module.finalize_definitions().map_err(from_module)?;
    let functions = ids.map(|id| {
        id.map(|id| {
            let start = module.get_finalized_function(id);
            // SAFETY: the function was generated with the signature of `BlockFn` in the machine's C convention.
            unsafe { std::mem::transmute::<*const u8, BlockFn<T>>(start) }
        })
    });
    let layout = Layout::of(program);
    let code = Code {
        functions,
        context,
        storage_len: layout.storage_len(),
        workspace_len: layout.workspace_len(),
        size,
        _memory: Mutex::new(memory),
    };
    Ok(Native { code: Arc::new(code) })
}

fn from_module(error: ModuleError) -> Error {
    match error {
        ModuleError::Allocation { err } => Error::Memory(err.to_string()),
        ModuleError::Backend(error) => Error::Memory(format!("{error:#}")),
        error => Error::Internal(error.to_string()),
    }
}
