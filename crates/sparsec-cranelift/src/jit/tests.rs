//! Tests of what can't be seen from outside: other processors, and memory that is refused.
#![allow(unsafe_code, reason = "a memory provider is an unsafe trait's implementation")]

use super::native::compile_on;
use super::target::Host;
use crate::{Error, Native};
use cranelift_jit::{BranchProtection, JITMemoryKind, JITMemoryProvider, SystemMemoryProvider};
use cranelift_module::{ModuleError, ModuleResult};
use sparsec_program::builder::{Builder, when};
use sparsec_program::executor::Executor;
use sparsec_program::formula::{Formula, Test};
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::program::{Binary, BlockKind, Compare, ReduceOp, Unary, View};
use sparsec_program::testing::same;
use sparsec_program::verify::{Verified, verify};
use sparsec_runtime::{Float, Kernel};
use std::cell::Cell;
use std::io;

/// Every operation, over lengths with and without a rest.
fn all_operations() -> Verified {
    let mut b = Builder::new("all");
    let [x, y] = ["x", "y"].map(|name| b.state(name, 19, ""));
    let a = b.state("a", 38, "");
    let s = b.state("s", 1, "");
    b.at(BlockKind::Step);
    let mut each = |build: &dyn Fn([View; 3]) -> Formula| {
        for len in [1, 2, 3, 19] {
            let out = b.state("out", len, "");
            b.set(out, build([x.slice(0, len), y.slice(0, len), s]));
        }
    };
    for op in [Unary::Neg, Unary::Abs, Unary::Sqrt, Unary::Exp, Unary::Log, Unary::Log1p] {
        each(&|[x, ..]| Formula::unary(op, x));
    }
    for op in [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div, Binary::Min, Binary::Max] {
        each(&|[x, y, _]| Formula::binary(op, x, y));
        for literal in [0.0, -0.0, 2.0] {
            each(&|[x, ..]| Formula::binary(op, x, literal));
        }
    }
    for relation in [Compare::Lt, Compare::Le, Compare::Eq, Compare::Ne] {
        each(&|[x, y, s]| Test::new(x, relation, y).then(s, x));
    }
    for op in [ReduceOp::Sum, ReduceOp::Max, ReduceOp::Min] {
        for len in [1, 5, 19] {
            let out = b.state("out", 1, "");
            b.map(len, |m| m.reduce(op, out, x.slice(0, len)));
        }
    }
    b.repeat(3, Some(when(s, Compare::Ne, 1.0)), |b| b.kernel(Kernel::Gemv, &[2, 19], &[a, x], &[y.slice(0, 2)]));
    verify(b.finish()).unwrap()
}

fn agrees<T: Float>(program: &Verified, native: &Native<T>) {
    let numbers = [0.5, -0.0, f64::NAN, 3.0, -1.0, 0.0, f64::INFINITY, 1e-310, -7.5, 2.0, f64::NEG_INFINITY];
    let mut expected: Vec<T> =
        numbers.iter().cycle().map(|&x| T::from_f64(x)).take(Layout::of(program).workspace_len()).collect();
    let mut found = expected.clone();
    Interpreter::new(program).run(BlockKind::Step, &[], &mut expected);
    native.run(BlockKind::Step, &[], &mut found);
    for (i, (&a, &b)) in expected.iter().zip(&found).enumerate() {
        assert!(same(a, b), "workspace[{i}]: interpreter {a:e}, native {b:e}");
    }
}

// Fault 120.
#[test]
fn baseline_processors_give_the_same() {
    let program = all_operations();
    for native in [false, true] {
        let host = Host { native, ..Host::default() };
        agrees::<f64>(&program, &compile_on(&host, &program, &mut || true).unwrap());
        agrees::<f32>(&program, &compile_on(&host, &program, &mut || true).unwrap());
    }
}

/// The two kinds of processors lack different instructions of vectors, which Cranelift reports by panics.
// Fault 120.
#[cfg(feature = "cross-tests")]
#[test]
fn all_processors_have_code_for_all_programs() {
    use super::generate::Generator;
    use super::target::finish;
    use crate::Precision;
    use cranelift_codegen::isa::lookup_by_name;
    use sparsec_program::testing::arbitrary_program;

    let programs = std::iter::once(all_operations()).chain((0..400).map(arbitrary_program));
    for program in programs {
        for processor in ["aarch64", "x86_64"] {
            let isa = finish(lookup_by_name(processor).unwrap()).unwrap();
            for precision in [Precision::F64, Precision::F32] {
                let mut generator = Generator::new(&program, precision, &*isa).unwrap();
                for block in generator.blocks() {
                    generator.compile(block).unwrap();
                }
            }
        }
    }
}

// Fault 113.
#[test]
fn the_host_may_lie_far_from_the_code() {
    let program = all_operations();
    let native: Native<f64> = compile_on(&Host::default(), &program, &mut || true).unwrap();
    let code = native.start(BlockKind::Step).unwrap();
    let host = the_host_may_lie_far_from_the_code as fn() as usize;
    // Linux loads programs many terabytes away from where it gives pages; under Valgrind both lie low.
    let apart = cfg!(target_os = "linux") && host > 1 << 40;
    assert!(!apart || code.abs_diff(host) > 1 << 31, "{code:x} and {host:x} are near");
    agrees(&program, &native);
}

thread_local! {
    /// Allocations that still succeed, and whether the last step does.
    static GRANTED: Cell<(usize, bool)> = const { Cell::new((0, false)) };
    /// Providers whose memory was freed.
    static FREED: Cell<usize> = const { Cell::new(0) };
}

/// Memory as the system gives it, up to a point.
struct Failing(SystemMemoryProvider);

impl JITMemoryProvider for Failing {
    fn allocate(&mut self, size: usize, align: u64, kind: JITMemoryKind) -> io::Result<*mut u8> {
        let (left, last) = GRANTED.get();
        let left = left.checked_sub(1).ok_or_else(|| io::Error::other("no more memory"))?;
        GRANTED.set((left, last));
        self.0.allocate(size, align, kind)
    }

    unsafe fn free_memory(&mut self) {
        FREED.set(FREED.get() + 1);
        // SAFETY: as for this function.
        unsafe { self.0.free_memory() };
    }

    fn finalize(&mut self, protection: BranchProtection) -> ModuleResult<()> {
        if GRANTED.get().1 {
            return self.0.finalize(protection);
        }
        Err(ModuleError::Allocation { err: io::Error::other("code may not be executed") })
    }
}

fn compile_with(granted: (usize, bool)) -> Result<Native<f64>, Error> {
    let mut b = Builder::new("two_blocks");
    let x = b.state("x", 1, "");
    for block in [BlockKind::Prepare, BlockKind::Step] {
        b.at(block);
        b.fill(x, 1.0);
    }
    let program = verify(b.finish()).unwrap();
    let host = Host { memory: || Box::new(Failing(SystemMemoryProvider::new())), ..Host::default() };
    GRANTED.set(granted);
    compile_on(&host, &program, &mut || true)
}

// Fault 111.
#[test]
fn where_code_may_not_be_executed_there_is_an_error() {
    let error = compile_with((2, false)).unwrap_err();
    assert!(matches!(&error, Error::Memory(why) if why.contains("may not be executed")), "{error}");
    assert_eq!(FREED.get(), 1);
}

// Fault 119.
#[test]
fn memory_is_returned_after_a_failure() {
    for granted in [0, 1] {
        let error = compile_with((granted, true)).unwrap_err();
        assert!(matches!(&error, Error::Memory(why) if why.contains("no more memory")), "{error}");
        assert_eq!(FREED.get(), granted + 1);
    }
    drop(compile_with((2, true)).unwrap());
    assert_eq!(FREED.get(), 3);
}

#[test]
fn other_element_types_are_refused() {
    assert_eq!(
        (crate::Precision::of::<f64>(), crate::Precision::of::<f32>()),
        (Some(crate::Precision::F64), Some(crate::Precision::F32))
    );
    assert_eq!(crate::Precision::of::<u64>(), None);
}

/// A provider that fails as Cranelift's own mistakes do.
struct Panicking;

impl JITMemoryProvider for Panicking {
    fn allocate(&mut self, _: usize, _: u64, _: JITMemoryKind) -> io::Result<*mut u8> {
        panic!("an instruction that was not expected");
    }

    unsafe fn free_memory(&mut self) {}

    fn finalize(&mut self, _: BranchProtection) -> ModuleResult<()> {
        Ok(())
    }
}

// Fault 105.
#[test]
fn a_panic_while_compiling_is_an_internal_error() {
    let host = Host { memory: || Box::new(Panicking), ..Host::default() };
    let error = compile_on::<f64>(&host, &all_operations(), &mut || true).unwrap_err();
    assert!(matches!(&error, Error::Internal(why) if why.contains("not expected")), "{error}");
    assert!(error.to_string().contains("bug"), "{error}");
}

// Fault 105.
#[test]
fn the_verifier_of_the_code_generator_is_on() {
    use cranelift_codegen::control::ControlPlane;
    use cranelift_codegen::cursor::{Cursor, FuncCursor};
    use cranelift_codegen::ir::{Function, InstBuilder, types};
    for native in [false, true] {
        let isa = Host { native, ..Host::default() }.isa().unwrap();
        assert!(isa.flags().enable_verifier());
        // A block without an end.
        let mut function = Function::new();
        let block = function.dfg.make_block();
        function.layout.append_block(block);
        FuncCursor::new(&mut function).at_bottom(block).ins().iconst(types::I64, 1);
        let mut context = cranelift_codegen::Context::for_function(function);
        let error = context.compile(&*isa, &mut ControlPlane::default()).unwrap_err();
        assert!(matches!(error.inner, cranelift_codegen::CodegenError::Verifier(_)), "{:?}", error.inner);
    }
}
