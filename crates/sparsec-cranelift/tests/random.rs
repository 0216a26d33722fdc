//! Random programs natively and in the interpreter. More of them with `SPARSEC_RANDOM_PROGRAMS=100000`.

mod common;

use common::{Fill, Memories, agree_on};
use sparsec_cranelift::{Precision, asm, clif, compile};
use sparsec_program::executor::Executor;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::program::BlockKind;
use sparsec_program::testing::{arbitrary_memory, arbitrary_program};
use sparsec_program::verify::Verified;
use sparsec_runtime::Float;

fn seeds() -> std::ops::Range<u64> {
    0..std::env::var("SPARSEC_RANDOM_PROGRAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(300)
}

/// All blocks, from the inputs that belong to the program; all memory is compared after each.
fn agree_on_inputs<T: Float>(program: &Verified, native: &dyn Executor<T>, seed: u64) {
    let interpreter = Interpreter::<T>::new(program);
    let (storage, workspace) = arbitrary_memory::<T>(program, seed);
    let mut expected = Memories { storage, workspace };
    let mut found = expected.clone();
    let order =
        [BlockKind::Setup, BlockKind::Prepare, BlockKind::Step, BlockKind::Stop, BlockKind::Step, BlockKind::Finish];
    for block in order {
        expected.run(&interpreter, block);
        found.run(native, block);
        expected.assert_same(&found, &|| format!("seed {seed} after {}: {:#?}", block.name(), program.program()));
    }
}

fn all_ways<T: Float>(program: &Verified, seed: u64) {
    let native = compile::<T>(program).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    agree_on_inputs(program, &native, seed);
    // Whatever the memories hold, NaN, infinities and denormals included.
    agree_on(program, &native, Fill::Nasty, seed);
    agree_on(program, &native, Fill::Plain, seed);
}

// Fault 105.
#[test]
fn and_106_random_programs_give_the_bits_of_the_interpreter() {
    for seed in seeds() {
        let program = arbitrary_program(seed);
        all_ways::<f64>(&program, seed);
        all_ways::<f32>(&program, seed);
    }
}

// Fault 105.
#[test]
fn random_programs_have_texts() {
    for seed in seeds().take(100) {
        let program = arbitrary_program(seed);
        for precision in [Precision::F64, Precision::F32] {
            let texts = (clif(&program, precision).unwrap(), asm(&program, precision).unwrap());
            assert_eq!(texts, (clif(&program, precision).unwrap(), asm(&program, precision).unwrap()));
        }
    }
}
