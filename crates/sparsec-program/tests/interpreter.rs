//! The semantics of the array language, one sentence of its document after the other.

use sparsec_program::executor::Executor;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::{ALIGN, Layout, Region};
use sparsec_program::parse::parse;
use sparsec_program::program::{BlockKind, BufferId};
use sparsec_program::testing::arbitrary_program;
use sparsec_program::verify::{Verified, verify};
use sparsec_runtime::Float;

fn program(text: &str) -> Verified {
    match parse(&format!("program p {{ {text} }}")) {
        Ok(program) => verify(program).unwrap_or_else(|error| panic!("{error}")),
        Err(error) => panic!("{error}"),
    }
}

/// Runs `step` once with `x` bound to the given numbers, and gives the buffer `y`.
fn step<T: Float>(text: &str, x: &[f64]) -> Vec<f64> {
    let program = program(text);
    let layout = Layout::of(&program);
    let (mut storage, mut workspace) = (vec![T::ZERO; layout.storage_len()], vec![T::ZERO; layout.workspace_len()]);
    layout.write_tables(&program, &mut storage);
    let find = |name: &str| program.program().buffers.iter().position(|b| b.name == name).unwrap();
    let (_, start) = layout.place(BufferId(find("x") as u32));
    for (to, from) in workspace[start..].iter_mut().zip(x) {
        *to = T::from_f64(*from);
    }
    let interpreter = Interpreter::<T>::new(&program);
    assert_eq!(interpreter.backend(), "interpreter");
    interpreter.setup(&mut storage, &mut workspace);
    interpreter.run(BlockKind::Step, &storage, &mut workspace);
    let (_, start) = layout.place(BufferId(find("y") as u32));
    let len = program.program().buffers[find("y")].len();
    workspace[start..start + len].iter().map(|v| v.to_f64()).collect()
}

#[test]
fn sums_keep_eight_partial_results() {
    for n in [1, 7, 8, 9, 64, 65, 200] {
        let x: Vec<f64> = (0..n).map(|i| ((i * i) as f64).sin() * 10.0_f64.powi(i % 17 - 8)).collect();
        let mut p = [0.0; 8];
        for (i, x) in x.iter().enumerate() {
            p[i % 8] += x * x;
        }
        let expected = ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
        let text = format!("param x [{n}] state y step {{ map {n} {{ %0 = x[i] %1 = %0 * %0 y = sum(%1) }} }}");
        assert_eq!(step::<f64>(&text, &x), [expected]);
    }
}

#[test]
fn extremes_propagate_nan() {
    let text = "param x [9] state y [2] step { map 9 { %0 = x[i] y[0] = max(%0) y[1] = min(%0) } }";
    let mut x = vec![-3.0, 5.0, 2.0, 9.0, -7.0, 0.0, 1.0, 4.0, 8.0];
    assert_eq!(step::<f64>(text, &x), [9.0, -7.0]);
    for i in 0..9 {
        let before = std::mem::replace(&mut x[i], f64::NAN);
        assert!(step::<f64>(text, &x).iter().all(|y| y.is_nan()));
        x[i] = before;
    }
    let text = "param x [4] state y [4] step { map 1 {
        %0 = x[0] %1 = x[1] %2 = min(%0, %1) %3 = max(%0, %1) %4 = min(%1, %0) %5 = max(%1, %0)
        y[0][i] = %2 y[1][i] = %3 y[2][i] = %4 y[3][i] = %5 } }";
    assert!(step::<f64>(text, &[f64::NAN, 1.0]).iter().all(|y| y.is_nan()));
    assert_eq!(step::<f64>(text, &[2.0, 1.0]), [1.0, 2.0, 1.0, 2.0]);
}

#[test]
fn comparisons_with_nan_are_false() {
    for sign in ["<", "<=", "==", "!="] {
        let text = format!(
            "param x [2] state y [2] step {{
                map 1 {{ %0 = x[0] %1 = x[1] %2 = 1.0 %3 = -1.0 %4 = select(%0 {sign} %1, %2, %3) y[0][i] = %4 }}
                if x[0] {sign} x[1] {{ map 1 {{ %0 = 1.0 y[1][i] = %0 }} }} else {{ map 1 {{ %0 = -1.0 y[1][i] = %0 }} }}
            }}"
        );
        assert_eq!(step::<f64>(&text, &[f64::NAN, 0.0]), [-1.0, -1.0], "{sign}");
        assert_eq!(step::<f64>(&text, &[0.0, f64::NAN]), [-1.0, -1.0], "{sign}");
        let holds = if sign == "!=" || sign.starts_with('<') { 1.0 } else { -1.0 };
        assert_eq!(step::<f64>(&text, &[0.0, 1.0]), [holds; 2], "{sign}");
        let holds = if sign == "<=" || sign == "==" { 1.0 } else { -1.0 };
        assert_eq!(step::<f64>(&text, &[-0.0, 0.0]), [holds; 2], "{sign}");
    }
}

#[test]
fn nothing_is_contracted_and_literals_are_rounded_once() {
    let text = "param x [2] state y step { map 1 { %0 = x[0] %1 = x[1] %2 = %0 * %0 %3 = %2 + %1 y[i] = %3 } }";
    let e = 1.0 + f64::EPSILON;
    assert_eq!(step::<f64>(text, &[e, -(1.0 + 2.0 * f64::EPSILON)]), [0.0]);
    let text = "param x state y step { map 1 { %0 = 0.1 y[i] = %0 } }";
    assert_eq!(step::<f32>(text, &[0.0]), [f64::from(0.1_f32)]);
}

#[test]
fn loops_run_once_at_least_and_leave_early() {
    let halve =
        "map 1 { %0 = y[0] %1 = 0.5 %2 = %0 * %1 y[0][i] = %2 } map 1 { %0 = y[1] %1 = 1.0 %2 = %0 + %1 y[1][i] = %2 }";
    let start = "map 2 { %0 = x[i] y[i] = %0 }";
    let text = format!("param x [2] state y [2] step {{ {start} loop 9 until y[0] <= 0.1 {{ {halve} }} }}");
    assert_eq!(step::<f64>(&text, &[1.0, 0.0]), [0.0625, 4.0]);
    assert_eq!(step::<f64>(&text, &[0.01, 0.0]), [0.005, 1.0]);
    assert_eq!(step::<f64>(&text, &[f64::INFINITY, 0.0]), [f64::INFINITY, 9.0]);
    assert_eq!(step::<f64>(&text, &[f64::NAN, 0.0])[1], 9.0);
}

#[test]
fn a_reductions_target_is_read_before_it_is_written() {
    let text = "param x [3] state y [1] step {
        map 1 { %0 = 100.0 y[i] = %0 }
        map 3 { %0 = x[i] %1 = y %2 = %0 * %1 y = sum(%2) } }";
    assert_eq!(step::<f64>(text, &[1.0, 2.0, 3.0]), [600.0]);
}

#[test]
fn kernels_read_and_write_both_memories() {
    let text = "const c [2] table w [2] = [3.0, 4.0] derived d [4] param x [2] state y [4] scratch t [2]
        setup { d[1..3] = cumsum(n = 2; w) map 1 { %0 = -1.0 d[0][i] = %0 d[3][i] = %0 } }
        step { y[1..3] = cumsum(n = 2; x) t = cumsum(n = 2; d[1..3]) y[0..1] = gemv(rows = 1, cols = 2; t, d[2..4]) }";
    assert_eq!(step::<f64>(text, &[5.0, 6.0]), [3.0 * 7.0 - 10.0, 5.0, 11.0, 0.0]);
}

#[test]
fn setup_runs_in_setup_only() {
    let program = program("derived d setup { map 1 { %0 = 2.0 d[i] = %0 } }");
    let interpreter = Interpreter::<f64>::new(&program);
    let mut storage = [0.0; 16];
    interpreter.run(BlockKind::Setup, &storage, &mut []);
    assert_eq!(storage[0], 0.0);
    interpreter.setup(&mut storage, &mut []);
    assert_eq!(storage[0], 2.0);
}

#[test]
fn buffers_are_aligned_and_apart() {
    for seed in 0..50 {
        let program = arbitrary_program(seed);
        let layout = Layout::of(&program);
        for region in [Region::Storage, Region::Workspace] {
            let mut ranges: Vec<(usize, usize)> = Vec::new();
            for (i, buffer) in program.program().buffers.iter().enumerate() {
                let (at, start) = layout.place(BufferId(i as u32));
                if at == region {
                    assert!(start.is_multiple_of(ALIGN));
                    ranges.push((start, start + buffer.len()));
                }
            }
            ranges.sort_unstable();
            assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            let len = if region == Region::Storage { layout.storage_len() } else { layout.workspace_len() };
            assert!(ranges.last().is_none_or(|last| last.1 <= len));
        }
    }
}
