//! Random programs, generated, compiled with optimisation and run: the same bits as the interpreter's.
//!
//! A stand-alone file has elementary functions of its own, so programs with `exp`, `ln` and the like, and with kernels that
//! need them, are compared on the runtime crate.
#![cfg(feature = "source")]

mod common;

use common::rustc;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::program::{Instr, Node, Unary};
use sparsec_program::testing::{arbitrary_memory, arbitrary_program, compare, run};
use sparsec_program::verify::{Verified, verify};
use sparsec_runtime::Float;
use sparsec_rust::{Precision, blocks, blocks_on_runtime};
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

/// True where a program computes an elementary function, by itself or in a kernel.
fn elementary(body: &[Instr]) -> bool {
    body.iter().any(|instr| match instr {
        Instr::Map(map) => {
            map.nodes.iter().any(|node| matches!(node, Node::Unary(Unary::Exp | Unary::Log | Unary::Log1p, _)))
        }
        Instr::Kernel(call) => ["omega", "logistic", "cosine"].contains(&call.kernel.module()),
        Instr::If { then, otherwise, .. } => elementary(then) || elementary(otherwise),
        Instr::Loop { body, .. } => elementary(body),
    })
}

/// The text of a program that runs all of these on numbers from the file `input`, and those numbers.
fn text_and_input<T: Float>(
    programs: &[(u64, Verified)],
    real: &str,
    module: impl Fn(&Verified) -> String,
) -> (String, Vec<u8>) {
    let mut text = String::from("//! Random programs.\n#![forbid(unsafe_code)]\n");
    let (mut calls, mut input) = (String::new(), Vec::new());
    for (seed, program) in programs {
        let (storage, workspace) = arbitrary_memory::<T>(program, *seed);
        text.push_str(&format!("mod p{seed} {{\n{}\n}}\n", module(program)));
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
    (text, input)
}

/// Compares what `output` holds with what the interpreter leaves.
fn assert_same<T: Float>(programs: &[(u64, Verified)], output: &[u8]) {
    let mut output = output.chunks_exact(8).map(|b| T::from_f64(f64::from_le_bytes(b.try_into().expect("eight"))));
    for (seed, program) in programs {
        let (mut storage, mut workspace) = arbitrary_memory::<T>(program, *seed);
        let generated: Vec<T> = output.by_ref().take(storage.len() + workspace.len()).collect();
        run(&Interpreter::new(program), STEPS, &mut storage, &mut workspace);
        let generated = generated.split_at(Layout::of(program).storage_len());
        if let Err(difference) = compare(program, generated, (&storage, &workspace)) {
            panic!("seed {seed}, generated code on the left: {difference}");
        }
    }
}

fn agree<T: Float>(precision: Precision) {
    let real = precision.name();
    let folder = common::folder(&format!("random_{real}"));
    let programs: Vec<(u64, Verified)> =
        (0..).filter_map(|seed| Some((seed, plain(arbitrary_program(seed))?))).take(PROGRAMS as usize).collect();
    let (text, input) = text_and_input::<T>(&programs, real, |program| blocks(program, precision));
    std::fs::write(folder.join("main.rs"), text).expect("written");
    std::fs::write(folder.join("input"), input).expect("written");
    rustc(&folder, "main.rs", &["-O", "-o", "main"]);
    let status = Command::new(folder.join("main")).current_dir(&folder).status().expect("run");
    assert!(status.success());
    assert_same::<T>(&programs, &std::fs::read(folder.join("output")).expect("read"));
}

/// Random programs with elementary functions, on nasty numbers: `arbitrary_memory` has them for every third seed.
fn elementary_programs() -> Vec<(u64, Verified)> {
    let all = (0..).step_by(3).map(|seed| (seed, arbitrary_program(seed)));
    let mut elementary = all.filter(|(_, program)| program.program().blocks.iter().any(|block| elementary(block)));
    let mut programs: Vec<(u64, Verified)> = elementary.by_ref().take(PROGRAMS as usize).collect();
    // And for each family of kernels that needs them one that calls it.
    for module in ["omega", "logistic", "cosine"] {
        if !programs.iter().any(|(_, program)| modules(program).contains(&module)) {
            programs.extend(elementary.find(|(_, program)| modules(program).contains(&module)));
        }
    }
    programs
}

// Fault 106.
#[test]
fn on_the_runtime_crate_elementary_functions_are_the_same() {
    let folder = common::folder("random_on_runtime");
    std::fs::create_dir_all(folder.join("src/bin")).expect("a folder");
    let programs = elementary_programs();
    let kernels: std::collections::BTreeSet<&str> = programs.iter().flat_map(|(_, program)| modules(program)).collect();
    assert!(["omega", "logistic", "cosine"].iter().all(|module| kernels.contains(module)), "{kernels:?}");
    let module = |program: &Verified, precision| {
        format!("    use ::sparsec_runtime as runtime;\n{}", blocks_on_runtime(program, precision))
    };
    let wide = text_and_input::<f64>(&programs, "f64", |program| module(program, Precision::F64));
    let narrow = text_and_input::<f32>(&programs, "f32", |program| module(program, Precision::F32));
    for (real, (text, input)) in [("f64", wide), ("f32", narrow)] {
        std::fs::create_dir_all(folder.join(real)).expect("a folder");
        std::fs::write(folder.join(format!("src/bin/{real}.rs")), text).expect("written");
        std::fs::write(folder.join(real).join("input"), input).expect("written");
    }
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/../sparsec-runtime");
    let manifest = format!(
        "[package]\nname = \"random\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nsparsec-runtime = {{ path = {runtime:?} }}\n\n[profile.dev]\nopt-level = 2\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("written");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .current_dir(&folder)
        .args(["build", "--quiet", "--offline", "--target-dir", "target"])
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for real in ["f64", "f32"] {
        let program = folder.join("target/debug").join(real);
        assert!(Command::new(program).current_dir(folder.join(real)).status().expect("run").success());
        let output = std::fs::read(folder.join(real).join("output")).expect("read");
        match real {
            "f64" => assert_same::<f64>(&programs, &output),
            _ => assert_same::<f32>(&programs, &output),
        }
    }
}

/// The modules of a program's kernels.
fn modules(program: &Verified) -> Vec<&'static str> {
    fn visit(body: &[Instr], found: &mut Vec<&'static str>) {
        for instr in body {
            match instr {
                Instr::Map(_) => {}
                Instr::Kernel(call) => found.push(call.kernel.module()),
                Instr::If { then, otherwise, .. } => {
                    visit(then, found);
                    visit(otherwise, found);
                }
                Instr::Loop { body, .. } => visit(body, found),
            }
        }
    }
    let mut found = Vec::new();
    program.program().blocks.iter().for_each(|block| visit(block, &mut found));
    found
}

// Fault 106.
#[test]
fn generated_code_and_interpreter_agree_in_f64() {
    agree::<f64>(Precision::F64);
}

// Fault 106.
#[test]
fn generated_code_and_interpreter_agree_in_f32() {
    agree::<f32>(Precision::F32);
}
