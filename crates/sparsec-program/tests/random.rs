//! Random programs: the verifier accepts them, and the interpreter runs them without a panic, the same each time.

use sparsec_program::interpreter::Interpreter;
use sparsec_program::testing::{arbitrary_memory, arbitrary_program, compare, run};
use sparsec_runtime::Float;

fn runs_alike<T: Float>(seed: u64) {
    let program = arbitrary_program(seed);
    let interpreter = Interpreter::<T>::new(&program);
    let (mut storage, mut workspace) = arbitrary_memory::<T>(&program, seed);
    let (mut storage_2, mut workspace_2) = (storage.clone(), workspace.clone());
    run(&interpreter, 3, &mut storage, &mut workspace);
    run(&interpreter, 3, &mut storage_2, &mut workspace_2);
    let same = compare(&program, (&storage, &workspace), (&storage_2, &workspace_2));
    assert_eq!(same, Ok(()), "seed {seed}");
}

// Fault 106.
#[test]
fn random_programs_run() {
    for seed in 0..600 {
        runs_alike::<f64>(seed);
        runs_alike::<f32>(seed);
    }
}
