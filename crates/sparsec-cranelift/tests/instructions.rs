//! Every instruction of the array language, in f64 and f32, bit for bit as the interpreter does it.

mod common;

use common::{Fill, Memories, agree, agree_on, verified};
use sparsec_cranelift::compile;
use sparsec_program::builder::{Builder, MapBuilder, when};
use sparsec_program::executor::Executor;
use sparsec_program::formula::{Entries, Formula, Test};
use sparsec_program::interpreter::Interpreter;
use sparsec_program::program::{Binary, BlockKind, Compare, ReduceOp, Role, Unary, View};
use sparsec_runtime::Kernel;

const UNARY: [Unary; 6] = [Unary::Neg, Unary::Abs, Unary::Sqrt, Unary::Exp, Unary::Log, Unary::Log1p];
const BINARY: [Binary; 6] = [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div, Binary::Min, Binary::Max];
const COMPARE: [Compare; 4] = [Compare::Lt, Compare::Le, Compare::Eq, Compare::Ne];
const REDUCE: [ReduceOp; 3] = [ReduceOp::Sum, ReduceOp::Max, ReduceOp::Min];
const LITERALS: [f64; 8] = [0.0, -0.0, 1.0, -2.5, f64::INFINITY, f64::NEG_INFINITY, 1e-310, 1e300];

/// All lengths around the sizes of vectors and blocks of 8, and loops with and without a rest.
fn lengths() -> impl Iterator<Item = usize> {
    (1..=27).chain([31, 32, 33, 40, 63, 64, 65, 100, 255, 256, 257, 1000])
}

/// A block `step` with one map over three views of odd offsets, of which the last is written.
fn one_map(len: usize, build: impl Fn(&mut MapBuilder, [View; 3], View)) -> Builder {
    let mut b = Builder::new("one_map");
    let [a, c, out] = ["a", "c", "out"].map(|name| b.state(name, len + 3, "").slice(3, len));
    let scalar = b.state("scalar", 1, "");
    b.at(BlockKind::Step);
    b.map(len, |m| build(m, [a, c, scalar], out));
    b
}

fn check(len: usize, build: impl Fn(&mut MapBuilder, [View; 3], View)) {
    let program = verified(one_map(len, build).finish());
    for seed in 0..3 {
        agree(&program, Fill::Nasty, seed);
    }
    agree(&program, Fill::Plain, 3);
}

#[test]
fn copies_and_fills() {
    for len in lengths() {
        check(len, |m, [a, ..], out| m.store(out, a));
        check(len, |m, [.., scalar], out| m.store(out, scalar));
        check(len, |m, _, out| m.store(out, 0.1));
    }
}

#[test]
fn unary_operations() {
    for op in UNARY {
        for len in [1, 2, 3, 5, 8, 19, 64, 67] {
            check(len, |m, [a, ..], out| m.store(out, Formula::unary(op, a)));
            // The same for every element.
            check(len, |m, [.., scalar], out| m.store(out, Formula::unary(op, scalar)));
        }
    }
}

#[test]
fn binary_operations() {
    for op in BINARY {
        for len in [1, 3, 8, 19, 200] {
            for (left, right) in [(0, 1), (0, 2), (2, 1), (0, 0)] {
                check(len, |m, operands, out| m.store(out, Formula::binary(op, operands[left], operands[right])));
            }
        }
        for literal in LITERALS {
            check(21, |m, [a, _, scalar], out| {
                let (left, right) = (Formula::binary(op, literal, a), Formula::binary(op, a, literal));
                let fixed = Formula::binary(op, scalar, literal);
                m.store(out, fixed.lt(&left).then(&left + &right, &right));
            });
            check(21, |m, [a, ..], out| m.store(out, Formula::binary(op, a, literal)));
        }
    }
}

#[test]
fn selects() {
    for relation in COMPARE {
        for len in [1, 2, 7, 8, 19, 100] {
            check(len, |m, [a, c, scalar], out| m.store(out, Test::new(a, relation, c).then(c, scalar)));
            // The shape of a minimum, which has other rules for NaN and zeros.
            check(len, |m, [a, c, _], out| {
                let test = Test::new(a, relation, c);
                m.store(out, test.clone().then(a, c) - test.then(c, a));
            });
            check(len, |m, [a, ..], out| m.store(out, Test::new(0.0, relation, a).then(a, 0.0)));
        }
    }
}

#[test]
fn reductions_in_the_documented_order() {
    for op in REDUCE {
        for len in lengths() {
            let mut b = Builder::new("reduce");
            let (a, c) = (b.state("a", len + 1, "").slice(1, len), b.state("c", len, ""));
            let results = b.state("results", 3, "");
            b.at(BlockKind::Step);
            b.map(len, |m| {
                m.reduce(op, results.slice(0, 1), a);
                m.sum(results.slice(2, 1), a * c);
                m.store(c, a * c);
            });
            let program = verified(b.finish());
            agree(&program, Fill::Nasty, len as u64);
            agree(&program, Fill::Plain, len as u64);
        }
    }
}

#[test]
fn reductions_of_fixed_numbers_and_many_at_once() {
    for len in [1, 4, 9, 50, 131] {
        let mut b = Builder::new("many");
        let a = b.state("a", len, "");
        let results = b.state("results", 8, "");
        b.at(BlockKind::Step);
        b.map(len, |m| {
            m.sum(results.slice(0, 1), 1.0);
            for i in 1..8 {
                m.reduce(REDUCE[i % 3], results.slice(i, 1), i as f64 * a);
            }
        });
        agree(&verified(b.finish()), Fill::Plain, len as u64);
    }
}

#[test]
fn a_scalar_of_the_next_round_may_be_its_own_argument() {
    for len in [3, 64, 129] {
        let mut b = Builder::new("accumulate");
        let (a, s) = (b.state("a", len, ""), b.state("s", 1, ""));
        b.at(BlockKind::Step);
        b.map(len, |m| {
            m.store(a, a * s);
            m.sum(s, a * s);
        });
        b.set(s, s.sqrt());
        agree(&verified(b.finish()), Fill::Plain, len as u64);
    }
}

#[test]
fn functions_of_the_host_in_loops_keep_what_is_live() {
    for len in [1, 5, 30, 77] {
        check(len, |m, [a, c, scalar], out| {
            let (e, l) = ((-a.abs()).exp(), a.abs().log());
            m.store(out, (e.log1p() + l) * c + scalar.exp());
        });
    }
}

#[test]
fn unused_nodes_are_left_out() {
    let text = "program unused {
    state a [40]
    state c [40]

    setup {}

    prepare {}

    step {
        map 40 {
            %0 = a[i]
            %1 = c[i]
            %2 = exp(%1)
            %3 = %2 + %0
            c[i] = %0
        }
    }

    stop {}

    finish {}
}
";
    agree(&verified(sparsec_program::parse::parse(text).unwrap()), Fill::Plain, 3);
}

#[test]
fn branches_on_every_relation() {
    for relation in COMPARE {
        let mut b = Builder::new("branch");
        let [left, right, out] = ["left", "right", "out"].map(|name| b.state(name, 1, ""));
        b.at(BlockKind::Step);
        b.branch(
            when(left, relation, right),
            |b| b.fill(out, 1.0),
            |b| b.branch(when(0.25, relation, left), |b| b.fill(out, 2.0), |b| b.copy(out, right)),
        );
        let program = verified(b.finish());
        for seed in 0..200 {
            agree(&program, Fill::Nasty, seed);
        }
    }
}

#[test]
fn loops_end_after_their_rounds_or_when_told() {
    for times in [1, 2, 17] {
        for until in [false, true] {
            let mut b = Builder::new("loop");
            let (count, inner) = (b.state("count", 1, ""), b.state("inner", 1, ""));
            b.at(BlockKind::Prepare);
            b.fill(count, 0.0);
            b.at(BlockKind::Step);
            let one_more = |b: &mut Builder, view: View| b.set(view, view + 1.0);
            let until = until.then(|| when(9.0, Compare::Lt, count));
            b.repeat(times, until, |b| {
                b.fill(inner, 0.0);
                b.repeat(3, Some(when(inner, Compare::Eq, 2.0)), |b| one_more(b, inner));
                one_more(b, count);
            });
            let program = verified(b.finish());
            agree(&program, Fill::Plain, 1);
            let native = compile::<f64>(&program).unwrap();
            let mut memories = Memories::new(&program, Fill::Plain, 2);
            memories.run(&native, BlockKind::Prepare);
            memories.run(&native, BlockKind::Step);
            let rounds = if until.is_some() { times.min(10) } else { times };
            assert_eq!(memories.workspace[0], rounds as f64);
        }
    }
}

#[test]
fn every_kernel() {
    for &kernel in Kernel::ALL {
        for size in [1, 2, 5] {
            let dims = vec![size; kernel.dims().len()];
            let mut b = Builder::new("kernel");
            let inputs = kernel.input_lens(&dims).unwrap();
            let outputs = kernel.output_lens(&dims).unwrap();
            let inputs: Vec<View> = inputs.iter().map(|&len| b.buffer("input", len, 1, Role::Const, "")).collect();
            let outputs: Vec<View> = outputs.iter().map(|&len| b.derived("output", len, 1, "")).collect();
            let again: Vec<View> = outputs.iter().map(|out| b.state("again", out.len, "")).collect();
            let kept = |i: &usize| kernel.is_kept(*i);
            (0..outputs.len()).filter(kept).for_each(|i| b.fill(outputs[i], 0.5));
            b.kernel(kernel, &dims, &inputs, &outputs);
            b.at(BlockKind::Step);
            (0..again.len()).filter(kept).for_each(|i| b.fill(again[i], 0.5));
            b.kernel(kernel, &dims, &inputs, &again);
            let program = verified(b.finish());
            agree(&program, Fill::Plain, size as u64);
            agree(&program, Fill::Nasty, size as u64);
        }
    }
}

#[test]
fn setup_writes_what_the_other_blocks_read() {
    let mut b = Builder::new("setup");
    let a = b.buffer("a", 37, 1, Role::Const, "");
    let table = b.buffer("table", 37, 1, Role::Table((0..37).map(f64::from).collect()), "");
    let (product, sum) = (b.derived("product", 37, 1, ""), b.derived("sum", 1, 1, ""));
    b.map(37, |m| {
        m.store(product, a * table);
        m.sum(sum, a * table);
    });
    b.set(sum, sum.exp());
    let out = b.buffer("out", 37, 1, Role::Output, "");
    b.at(BlockKind::Finish);
    b.set(out, product / sum);
    let program = verified(b.finish());
    agree(&program, Fill::Plain, 1);
    agree(&program, Fill::Nasty, 2);
}

#[test]
fn setup_does_nothing_where_the_storage_can_not_be_written() {
    let mut b = Builder::new("setup");
    let derived = b.derived("derived", 1, 1, "");
    b.fill(derived, 1.0);
    let program = verified(b.finish());
    let native = compile::<f64>(&program).unwrap();
    let mut memories = Memories::<f64>::new(&program, Fill::Plain, 1);
    let before = memories.storage.clone();
    native.run(BlockKind::Setup, &memories.storage, &mut memories.workspace);
    assert_eq!(memories.storage, before);
}

#[test]
fn a_program_without_instructions() {
    let program = verified(Builder::new("empty").finish());
    let native = compile::<f32>(&program).unwrap();
    agree_on(&program, &native, Fill::Plain, 0);
    assert_eq!((native.code_size(), native.backend()), (0, "jit"));
}

/// ½‖Dy − x‖² + λ‖y‖₁ by proximal gradient steps; the objective falls and ends where the interpreter's does.
#[test]
fn ista_for_a_lasso() {
    let (m, n) = (20, 50);
    let mut b = Builder::new("ista");
    let d = b.buffer("D", m, n, Role::Const, "");
    let x = b.buffer("x", m, 1, Role::Param, "");
    let (lipschitz, work) = (b.derived("L", 1, 1, ""), b.derived("work", 1, m * (m + 4) + n, ""));
    let (y, g) = (b.state("y", n, ""), b.state("g", n, ""));
    let (r, objective) = (b.state("r", m, ""), b.state("objective", 1, ""));
    let lambda = 0.05;
    b.kernel(Kernel::SpectralNormSquared, &[m, n], &[d], &[lipschitz, work]);
    b.at(BlockKind::Prepare);
    b.fill(y, 0.0);
    b.at(BlockKind::Step);
    b.kernel(Kernel::Gemv, &[m, n], &[d, y], &[r]);
    b.set(r, r - x);
    b.kernel(Kernel::GemvT, &[m, n], &[d, r], &[g]);
    let (v, by) = (y - g / lipschitz, lambda / lipschitz);
    b.set(y, (&v - &by).max(0.0) + (v + by).min(0.0));
    b.at(BlockKind::Stop);
    let (smooth, norm) = (b.scratch("smooth", 1), b.scratch("norm", 1));
    b.kernel(Kernel::Gemv, &[m, n], &[d, y], &[r]);
    b.sum(smooth, 0.5 * (r - x).square());
    b.sum(norm, y.abs());
    b.set(objective, smooth + lambda * norm);
    let program = verified(b.finish());
    agree(&program, Fill::Plain, 5);

    let (interpreter, native) = (Interpreter::<f64>::new(&program), compile::<f64>(&program).unwrap());
    let mut expected = Memories::new(&program, Fill::Plain, 6);
    let mut found = expected.clone();
    let place = sparsec_program::layout::Layout::of(&program).place_view(objective).1;
    let mut last = f64::INFINITY;
    for block in [BlockKind::Setup, BlockKind::Prepare] {
        expected.run(&interpreter, block);
        found.run(&native, block);
    }
    for _ in 0..50 {
        for _ in 0..20 {
            expected.run(&interpreter, BlockKind::Step);
            found.run(&native, BlockKind::Step);
        }
        expected.run(&interpreter, BlockKind::Stop);
        found.run(&native, BlockKind::Stop);
        expected.assert_same(&found, &String::new);
        let now = found.workspace[place];
        assert!(now <= last * (1.0 + 1e-12), "{now} after {last}");
        last = now;
    }
}
