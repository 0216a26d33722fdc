//! Small problems from text to answer through the interpreter.

use sparsec_compiler::{Options, Stages, compile};
use sparsec_program::executor::Executor;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::{Layout, Region};
use sparsec_program::program::{BlockKind, Role, View};
use sparsec_program::solver::SolverSpec;
use sparsec_program::verify::Verified;
use std::collections::HashMap;

fn stages(text: &str) -> Stages {
    let ast = sparsec_syntax::parse(text).unwrap_or_else(|e| panic!("{e:#?}"));
    compile(&ast, "problem", &Options::default()).unwrap_or_else(|e| panic!("{e:#?}"))
}

/// What a solve gives.
struct Solved {
    point: HashMap<String, Vec<f64>>,
    objective: f64,
    gap: f64,
    certified: f64,
    violation: f64,
    iterations: u64,
}

fn read(program: &Verified, storage: &[f64], workspace: &[f64], view: View) -> Vec<f64> {
    let (region, at) = Layout::of(program).place(view.buffer);
    let memory = if region == Region::Storage { storage } else { workspace };
    memory[at + view.offset..at + view.offset + view.len].to_vec()
}

fn memories(program: &Verified) -> (Vec<f64>, Vec<f64>) {
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

fn solve(text: &str, tol: f64) -> Solved {
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

    let check = Interpreter::new(&spec.check);
    let (mut cs, mut cw) = memories(&spec.check);
    bind(&spec, &spec.check, true, &mut cs, &mut cw);
    let mut point = HashMap::new();
    for out in &spec.outputs {
        let y = read(&spec.program, &storage, &workspace, out.view);
        let (_, at) = Layout::of(&spec.check).place(out.check_view.buffer);
        cw[at..at + y.len()].copy_from_slice(&y);
        point.insert(out.canonical.clone(), y);
    }
    check.run(BlockKind::Finish, &cs, &mut cw);
    let at = |v: View| read(&spec.check, &cs, &cw, v)[0];
    Solved {
        point,
        objective: at(spec.report.objective),
        gap: at(spec.report.gap),
        certified: at(spec.report.certified),
        violation: at(spec.report.violation),
        iterations,
    }
}

fn close(a: &[f64], b: &[f64], tol: f64) {
    assert_eq!(a.len(), b.len());
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).abs() <= tol, "{a:?} is not {b:?}");
    }
}

#[test]
fn soft_threshold_is_the_solution_for_an_identity_dictionary() {
    // ‖x − y‖² + λ‖y‖₁ has the solution S_{λ/2}(x): no hidden ½.
    let s = solve("const x: vector[3] = [2, -0.3, 0.1]\nvar y: vector[3]\nminimize ||x - y||^2 + 0.5*||y||_1", 1e-10);
    close(&s.point["y"], &[1.75, -0.05, 0.0], 1e-15);
    assert!(s.gap.abs() < 1e-14 && s.certified == 2.0);
}

#[test]
fn lasso() {
    let s = solve(
        "const D: matrix[2, 3] = [[1, 0.5, -0.2], [0.3, 1, 0.7]]\nconst x: vector[2] = [1, 2]\nvar y: vector[3]\n\
         minimize ||x - D*y||^2 + 0.3*||y||_1",
        1e-10,
    );
    assert!(s.gap <= 1e-10 && s.gap >= -1e-14, "{}", s.gap);
    assert!(s.iterations > 0 && s.certified == 2.0 && s.objective.is_finite());
}

#[test]
fn simplex_projection_and_sparsemax_are_closed_forms() {
    let s = solve("const z: vector[3] = [1, 0.8, -1]\nvar p: vector[3]\nmaximize dot(z, p) - 0.5*||p||^2\nsubject to p in simplex", 1e-12);
    close(&s.point["p"], &[0.6, 0.4, 0.0], 1e-15);
    assert!(s.gap.abs() < 1e-14 && s.violation < 1e-15 && s.iterations == 1);
}

#[test]
fn softmax() {
    let s = solve("const z: vector[3] = [1, 2, 3]\nvar p: vector[3]\nmaximize dot(z, p) + entropy(p)\nsubject to p in simplex", 1e-12);
    let e: Vec<f64> = [1f64, 2.0, 3.0].iter().map(|z| z.exp()).collect();
    let total: f64 = e.iter().sum();
    close(&s.point["p"], &e.iter().map(|v| v / total).collect::<Vec<_>>(), 1e-15);
    assert!((s.objective - total.ln()).abs() < 1e-14 && s.gap.abs() < 1e-14);
}

#[test]
fn nonnegative_least_squares_says_to_what_its_dual_is_feasible() {
    let s = solve(
        "const D: matrix[3, 2] = [[1, 0.9], [0, 0.5], [1, 1]]\nconst x: vector[3] = [1, -1, 1]\nvar y: vector[2] >= 0\nminimize ||x - D*y||^2",
        1e-10,
    );
    assert!(s.gap <= 1e-10, "{}", s.gap);
    close(&s.point["y"], &[1.0, 0.0], 1e-6);
}
