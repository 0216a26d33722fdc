//! Runs programs in the interpreter and natively, and compares the bits.
#![allow(dead_code, reason = "each test uses a part of this")]

use sparsec_cranelift::{Native, compile};
use sparsec_program::executor::Executor;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::program::{BlockKind, Program};
use sparsec_program::verify::{Verified, verify};
use sparsec_runtime::Float;

/// A small generator of pseudo-random numbers (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    /// In [−1, 1).
    pub fn unit(&mut self) -> f64 {
        self.below(1 << 40) as f64 / (1_u64 << 39) as f64 - 1.0
    }

    /// An ordinary number, or one of those that go wrong easily.
    pub fn nasty<T: Float>(&mut self) -> T {
        let special = [
            T::ZERO,
            -T::ZERO,
            T::ONE,
            -T::ONE,
            T::INFINITY,
            -T::INFINITY,
            T::NAN,
            -T::NAN,
            T::MAX,
            -T::MAX,
            T::MIN_POSITIVE,
            T::MIN_POSITIVE * T::EPSILON,
            -(T::MIN_POSITIVE * T::EPSILON),
            T::ONE + T::EPSILON,
        ];
        match self.below(3) {
            0 => special[self.below(special.len())],
            _ => T::from_f64(self.unit() * [1e-3, 1.0, 4.0, 1e6][self.below(4)]),
        }
    }
}

/// What memories hold before a run.
#[derive(Clone, Copy, Debug)]
pub enum Fill {
    /// Numbers in [−1, 1).
    Plain,
    /// See [`Random::nasty`].
    Nasty,
}

/// Equal bits, or both NaN. No two numbers but the zeros are equal with different bits.
pub fn same<T: Float>(a: T, b: T) -> bool {
    (a.is_nan() && b.is_nan()) || (a == b && (T::ONE / a == T::ONE / b))
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
                Fill::Plain => T::from_f64(random.unit()),
                Fill::Nasty => random.nasty(),
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
