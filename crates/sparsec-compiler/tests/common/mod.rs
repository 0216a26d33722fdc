//! From text to answer through the interpreter, and the checker's report.
#![allow(dead_code)]

pub mod entries;
pub mod lab;
pub mod laws;
pub mod mistakes;

use sparsec_compiler::{Options, Stages, compile};
use sparsec_program::executor::Executor;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::{Layout, Region};
use sparsec_program::program::{BlockKind, Role, View};
use sparsec_program::solver::SolverSpec;
use sparsec_program::verify::Verified;
use std::collections::HashMap;

/// Compiles a text or fails the test with its errors.
pub fn stages(text: &str) -> Stages {
    let ast = sparsec_syntax::parse(text).unwrap_or_else(|e| panic!("{e:#?}"));
    compile(&ast, "problem", &Options::default()).unwrap_or_else(|e| panic!("{e:#?}"))
}

/// What a solve gives.
pub struct Solved {
    pub point: HashMap<String, Vec<f64>>,
    pub objective: f64,
    pub bound: f64,
    pub gap: f64,
    pub leftover: f64,
    pub residual: f64,
    pub contradiction: f64,
    pub unbounded: f64,
    pub violation: f64,
    pub infeasible: f64,
    pub iterations: u64,
}

fn read(program: &Verified, storage: &[f64], workspace: &[f64], view: View) -> Vec<f64> {
    let (region, at) = Layout::of(program).place(view.buffer);
    let memory = if region == Region::Storage { storage } else { workspace };
    memory[at + view.offset..at + view.offset + view.len].to_vec()
}

pub fn memories(program: &Verified) -> (Vec<f64>, Vec<f64>) {
    let layout = Layout::of(program);
    let mut storage = vec![0.0; layout.storage_len()];
    for (i, b) in program.program().buffers.iter().enumerate() {
        if let Role::Table(values) = &b.role {
            let (_, at) = layout.place(sparsec_program::program::BufferId(i as u32));
            storage[at..at + values.len()].copy_from_slice(values);
        }
    }
    (storage, vec![0.0; layout.workspace_len()])
}

fn bind(spec: &SolverSpec<Verified>, program: &Verified, check: bool, storage: &mut [f64], workspace: &mut [f64]) {
    for input in &spec.inputs {
        let buffer = if check { input.check_buffer } else { input.buffer };
        if let (Some(buffer), Some(values)) = (buffer, &input.default) {
            let (region, at) = Layout::of(program).place(buffer);
            let memory = if region == Region::Storage { &mut *storage } else { &mut *workspace };
            memory[at..at + values.len()].copy_from_slice(values);
        }
    }
}

/// Solves with the literals of the text as data.
pub fn solve(text: &str, tol: f64) -> Solved {
    let spec = stages(text).spec;
    let run = Interpreter::new(&spec.program);
    let (mut storage, mut workspace) = memories(&spec.program);
    bind(&spec, &spec.program, false, &mut storage, &mut workspace);
    run.setup(&mut storage, &mut workspace);
    run.run(BlockKind::Prepare, &storage, &mut workspace);
    let mut iterations = 0;
    loop {
        if !spec.settings.exact_steps {
            run.run(BlockKind::Stop, &storage, &mut workspace);
            let measure = read(&spec.program, &storage, &workspace, spec.signals.measure)[0];
            if measure <= tol {
                break;
            }
        }
        if iterations >= spec.settings.max_iter.min(20_000) {
            break;
        }
        run.run(BlockKind::Step, &storage, &mut workspace);
        iterations += 1;
    }
    run.run(BlockKind::Stop, &storage, &mut workspace);
    run.run(BlockKind::Finish, &storage, &mut workspace);

    let point: Vec<Vec<f64>> =
        spec.outputs.iter().map(|out| read(&spec.program, &storage, &workspace, out.view)).collect();
    let parts: Vec<&[f64]> = point.iter().map(Vec::as_slice).collect();
    let report = checked_at(&spec, &parts);
    let names = spec.outputs.iter().map(|out| out.canonical.clone());
    Solved { point: names.zip(point).collect(), iterations, ..report }
}

/// What the checker says of a point, given by unknowns in order.
pub fn checked_at(spec: &SolverSpec<Verified>, point: &[&[f64]]) -> Solved {
    checked_to(spec, point, 1e-9)
}

/// The same, where it tries to prove the point to a tolerance.
pub fn checked_to(spec: &SolverSpec<Verified>, point: &[&[f64]], tol: f64) -> Solved {
    let check = Interpreter::new(&spec.check);
    let (mut cs, mut cw) = memories(&spec.check);
    bind(spec, &spec.check, true, &mut cs, &mut cw);
    for (out, y) in spec.outputs.iter().zip(point) {
        let (_, at) = Layout::of(&spec.check).place(out.check_view.buffer);
        cw[at..at + y.len()].copy_from_slice(y);
    }
    check.setup(&mut cs, &mut cw);
    let (_, at) = Layout::of(&spec.check).place(spec.report.tol.buffer);
    cw[at] = tol;
    check.run(BlockKind::Finish, &cs, &mut cw);
    let at = |v: View| read(&spec.check, &cs, &cw, v)[0];
    Solved {
        point: HashMap::new(),
        objective: at(spec.report.objective),
        bound: at(spec.report.bound),
        gap: at(spec.report.gap),
        leftover: at(spec.report.leftover),
        residual: at(spec.report.residual),
        contradiction: at(spec.report.contradiction),
        unbounded: at(spec.report.unbounded),
        violation: at(spec.report.violation),
        infeasible: at(spec.report.infeasible),
        iterations: 0,
    }
}
