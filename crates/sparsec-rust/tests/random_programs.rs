//! Random programs, generated, compiled with optimisation and run: the same bits as the interpreter's.
//!
//! A stand-alone file has elementary functions of its own, so programs with `exp`, `ln` and the like are compared elsewhere.
#![cfg(feature = "source")]

mod common;

use common::rustc;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::program::{Instr, Node, Unary};
use sparsec_program::testing::{arbitrary_memory, arbitrary_program, compare, run};
use sparsec_program::verify::{Verified, verify};
use sparsec_runtime::Float;
use sparsec_rust::{Precision, blocks};
use std::process::Command;

const PROGRAMS: u64 = 24;
const STEPS: usize = 2;

/// Replaces elementary functions; `None` where a kernel needs them.
fn plain(program: Verified) -> Option<Verified> {
    fn visit(body: &mut [Instr]) -> bool {
        body.iter_mut().all(|instr| match instr {
            Instr::Map(map) => {
                for node in &mut map.nodes {
                    if let Node::Unary(op @ (Unary::Exp | Unary::Log | Unary::Log1p), _) = node {
                        *op = Unary::Abs;
                    }
                }
                true
            }
            Instr::Kernel(call) => !["omega", "logistic", "cosine"].contains(&call.kernel.module()),
            Instr::If { then, otherwise, .. } => visit(then) && visit(otherwise),
            Instr::Loop { body, .. } => visit(body),
        })
    }
    let mut program = program.into_program();
    let is_plain = program.blocks.iter_mut().all(|block| visit(block));
    is_plain.then(|| verify(program).expect("still valid"))
}

/// Numbers as bytes.
fn bytes<T: Float>(numbers: &[T]) -> Vec<u8> {
    numbers.iter().flat_map(|v| v.to_f64().to_bits().to_le_bytes()).collect()
}

fn agree<T: Float>(precision: Precision) {
    let real = precision.name();
    let folder = common::folder(&format!("random_{real}"));
    let programs: Vec<(u64, Verified)> =
        (0..).filter_map(|seed| Some((seed, plain(arbitrary_program(seed))?))).take(PROGRAMS as usize).collect();
    let mut text = String::from("//! Random programs.\n#![forbid(unsafe_code)]\n");
    let (mut calls, mut input) = (String::new(), Vec::new());
    for (seed, program) in &programs {
        let (storage, workspace) = arbitrary_memory::<T>(program, *seed);
        text.push_str(&format!("mod p{seed} {{\n{}\n}}\n", blocks(program, precision)));
        calls.push_str(&format!("    run!(p{seed}, {}, {}, input, output);\n", storage.len(), workspace.len()));
        input.extend(bytes(&storage));
        input.extend(bytes(&workspace));
    }
    text.push_str(&format!(
        "macro_rules! run {{ ($p:ident, $s:expr, $w:expr, $input:ident, $output:ident) => {{{{
            use $p::program as p;
            let mut storage = vec![0.0; p::STORAGE];
            let mut workspace = vec![0.0; p::WORKSPACE];
            for v in storage[..$s].iter_mut().chain(&mut workspace[..$w]) {{
                *v = f64::from_le_bytes($input.next().unwrap()) as {real};
            }}
            let storage: &mut [{real}; p::STORAGE] = storage.first_chunk_mut().unwrap();
            let work: &mut [{real}; p::WORKSPACE] = workspace.first_chunk_mut().unwrap();
            p::run_setup(storage);
            p::run_prepare(storage, work);
            for _ in 0..{STEPS} {{
                p::run_step(storage, work);
                p::run_stop(storage, work);
            }}
            p::run_finish(storage, work);
            for v in storage[..$s].iter().chain(&work[..$w]) {{
                $output.extend(f64::from(*v).to_le_bytes());
            }}
        }}}} }}
fn main() {{
    let bytes = std::fs::read(\"input\").unwrap();
    let mut input = bytes.chunks_exact(8).map(|b| <[u8; 8]>::try_from(b).unwrap());
    let mut output: Vec<u8> = Vec::new();
{calls}
    std::fs::write(\"output\", output).unwrap();
}}
"
    ));
    std::fs::write(folder.join("main.rs"), text).expect("written");
    std::fs::write(folder.join("input"), input).expect("written");
    rustc(&folder, "main.rs", &["-O", "-o", "main"]);
    let status = Command::new(folder.join("main")).current_dir(&folder).status().expect("run");
    assert!(status.success());

    let output = std::fs::read(folder.join("output")).expect("read");
    let mut output = output.chunks_exact(8).map(|b| T::from_f64(f64::from_le_bytes(b.try_into().expect("eight"))));
    for (seed, program) in &programs {
        let (mut storage, mut workspace) = arbitrary_memory::<T>(program, *seed);
        let generated: Vec<T> = output.by_ref().take(storage.len() + workspace.len()).collect();
        run(&Interpreter::new(program), STEPS, &mut storage, &mut workspace);
        let generated = generated.split_at(Layout::of(program).storage_len());
        if let Err(difference) = compare(program, generated, (&storage, &workspace)) {
            panic!("seed {seed}, generated code on the left: {difference}");
        }
    }
}

#[test]
fn fault_106_generated_code_and_interpreter_agree_in_f64() {
    agree::<f64>(Precision::F64);
}

#[test]
fn fault_106_generated_code_and_interpreter_agree_in_f32() {
    agree::<f32>(Precision::F32);
}
