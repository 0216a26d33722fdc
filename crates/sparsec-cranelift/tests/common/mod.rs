//! Runs programs in the interpreter and natively, and compares the bits.
#![allow(dead_code, reason = "each test uses a part of this")]

use sparsec_cranelift::{Native, compile};
use sparsec_program::executor::Executor;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::program::{BlockKind, Program};
use sparsec_program::testing::{Random, same};
use sparsec_program::verify::{Verified, verify};
use sparsec_runtime::Float;

/// What memories hold before a run.
#[derive(Clone, Copy, Debug)]
pub enum Fill {
    /// Numbers in [−1, 1).
    Plain,
    /// One of three is NaN, a zero, infinite, denormal, huge or tiny.
    Nasty,
}

/// Storage and workspace of a program.
#[derive(Clone, Debug)]
pub struct Memories<T> {
    pub storage: Vec<T>,
    pub workspace: Vec<T>,
}

impl<T: Float> Memories<T> {
    pub fn new(program: &Verified, fill: Fill, seed: u64) -> Self {
        let layout = Layout::of(program);
        let mut random = Random::new(seed);
        let mut numbers = |len| {
            let number = || match fill {
                Fill::Nasty if random.one_in(3) => T::from_f64(random.nasty()),
                Fill::Plain | Fill::Nasty => T::from_f64(random.uniform()),
            };
            std::iter::repeat_with(number).take(len).collect::<Vec<T>>()
        };
        let mut storage = numbers(layout.storage_len());
        let workspace = numbers(layout.workspace_len());
        layout.write_tables(program, &mut storage);
        Memories { storage, workspace }
    }

    pub fn run(&mut self, executor: &dyn Executor<T>, block: BlockKind) {
        match block {
            BlockKind::Setup => executor.setup(&mut self.storage, &mut self.workspace),
            _ => executor.run(block, &self.storage, &mut self.workspace),
        }
    }

    /// Panics with the first difference.
    pub fn assert_same(&self, other: &Self, what: &dyn Fn() -> String) {
        for (name, a, b) in
            [("storage", &self.storage, &other.storage), ("workspace", &self.workspace, &other.workspace)]
        {
            assert_eq!(a.len(), b.len());
            for (i, (&a, &b)) in a.iter().zip(b).enumerate() {
                assert!(same(a, b), "{name}[{i}]: interpreter {a:e}, native {b:e}\n{}", what());
            }
        }
    }
}

pub fn verified(program: Program) -> Verified {
    verify(program).unwrap_or_else(|e| panic!("{e}"))
}

/// Runs all blocks (`step` twice) in both ways on the same numbers and compares all memory after each.
pub fn agree_on<T: Float>(program: &Verified, native: &Native<T>, fill: Fill, seed: u64) {
    let interpreter = Interpreter::<T>::new(program);
    let mut expected = Memories::new(program, fill, seed);
    let mut found = expected.clone();
    let order =
        [BlockKind::Setup, BlockKind::Prepare, BlockKind::Step, BlockKind::Step, BlockKind::Stop, BlockKind::Finish];
    for block in order {
        expected.run(&interpreter, block);
        found.run(native, block);
        expected
            .assert_same(&found, &|| format!("after {} with {fill:?} {seed}: {:#?}", block.name(), program.program()));
    }
}

/// [`agree_on`] in f64 and f32.
pub fn agree(program: &Verified, fill: Fill, seed: u64) {
    agree_on(program, &compile::<f64>(program).expect("native code"), fill, seed);
    agree_on(program, &compile::<f32>(program).expect("native code"), fill, seed);
}
