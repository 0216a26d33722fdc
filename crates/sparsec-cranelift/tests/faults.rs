//! What can go wrong around compiled programs.

mod common;

use common::{Fill, Memories, agree, agree_on, verified};
use sparsec_cranelift::{
    Error, MAX_MAP_SIZE, MAX_REDUCTIONS, MAX_SIZE, Native, Precision, asm, clif, compile, compile_while, supported,
};
use sparsec_program::builder::{Builder, when};
use sparsec_program::executor::Executor;
use sparsec_program::formula::{Entries, Formula};
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::program::{BlockKind, Compare, Role};
use sparsec_program::testing::Random;
use sparsec_program::verify::Verified;
use sparsec_runtime::Kernel;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A program with each kind of instruction; different for each seed.
fn mixed(seed: u64) -> Verified {
    let mut random = Random::new(seed);
    let n = 1 + random.below(70);
    let factor = random.uniform();
    let mut b = Builder::new("mixed");
    let a = b.buffer("A", n, n, Role::Const, "");
    let (x, y) = (b.state("x", n, ""), b.state("y", n, ""));
    let (norm, rounds) = (b.state("norm", 1, ""), b.state("rounds", 1, ""));
    let out = b.buffer("out", n, 1, Role::Output, "");
    b.at(BlockKind::Step);
    b.repeat(1 + n % 5, Some(when(norm, Compare::Lt, 0.5)), |b| {
        b.kernel(Kernel::Gemv, &[n, n], &[a, x], &[y]);
        b.map(n, |m| {
            let next = x - factor * y;
            m.store(x, next.abs().log1p());
            m.sum(norm, next.square());
        });
        b.branch(when(1.0, Compare::Lt, norm), |b| b.copy(rounds, norm), |b| b.fill(rounds, factor));
    });
    b.at(BlockKind::Finish);
    b.copy(out, x);
    verified(b.finish())
}

#[test]
fn texts_are_the_same_each_time_and_have_no_addresses() {
    for seed in 0..5 {
        let program = mixed(seed);
        for precision in [Precision::F64, Precision::F32] {
            let text = (clif(&program, precision).unwrap(), asm(&program, precision).unwrap());
            compile::<f64>(&program).unwrap();
            assert_eq!(text, (clif(&program, precision).unwrap(), asm(&program, precision).unwrap()));
            assert!(text.0.contains("function %step(i64, i64, i64)"), "{}", text.0);
            assert!(text.0.contains("; kernel 0: gemv("), "{}", text.0);
            assert!(text.1.contains("step:") && text.1.contains("finish:"), "{}", text.1);
            assert!(!has_address(&text.0) && !has_address(&text.1));
        }
    }
    let here = 0;
    assert!(!cfg!(target_os = "linux") || has_address(&format!("{:p}", &here)));
}

/// Whether a number in the text is an address in this process.
fn has_address(text: &str) -> bool {
    let Ok(maps) = std::fs::read_to_string("/proc/self/maps") else { return false };
    let hex = |s: &str| u64::from_str_radix(s, 16).ok();
    let range = |line: &str| {
        let (start, end) = line.split(' ').next()?.split_once('-')?;
        Some(hex(start)?..hex(end)?)
    };
    let ranges: Vec<_> = maps.lines().filter_map(range).collect();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let numbers = words.filter_map(|word| word.strip_prefix("0x").map_or_else(|| word.parse().ok(), hex));
    numbers.into_iter().any(|number| ranges.iter().any(|range| range.contains(&number)))
}

// Fault 112.
#[test]
fn this_machine_is_supported() {
    assert_eq!(supported(), Ok(()));
}

// Fault 114.
#[test]
fn long_maps_are_loops_and_far_offsets_are_reached() {
    // 300 million elements, of which the map below touches the last few.
    let far = 300_000_000;
    let mut b = Builder::new("far");
    let big = b.state("big", far, "");
    let (few, sum) = (b.state("few", 21, ""), b.state("sum", 1, ""));
    b.at(BlockKind::Step);
    b.map(21, |m| {
        let both = big.slice(far - 21, 21) + few;
        m.store(few, &both);
        m.sum(sum, both);
    });
    let whole = |b: &mut Builder| b.set(big, big.exp());
    let near = b.clone();
    b.at(BlockKind::Stop);
    whole(&mut b);
    let code_size = |b: Builder| compile::<f64>(&verified(b.finish())).unwrap().code_size();
    let both = code_size(b);
    assert!(both < 4000, "{both} bytes");

    let program = verified(near.finish());
    let (interpreter, native) = (Interpreter::<f64>::new(&program), compile::<f64>(&program).unwrap());
    let layout = Layout::of(&program);
    let start = layout.place_view(big.slice(far - 21, 1)).1;
    // Zeroed pages that nobody touches take no memory.
    let mut workspace = vec![0.0_f64; layout.workspace_len()];
    assert!(start * 8 > i32::MAX as usize);
    let mut run = |executor: &dyn Executor<f64>| {
        for (i, x) in workspace[start..].iter_mut().enumerate() {
            *x = 1.0 / (1.0 + i as f64);
        }
        executor.run(BlockKind::Step, &[], &mut workspace);
        workspace[start..].to_vec()
    };
    assert_eq!(run(&interpreter), run(&native));
}

// Fault 114.
#[test]
fn a_program_beyond_a_limit_is_refused_before_it_is_compiled() {
    let refused = |build: &dyn Fn(&mut Builder), what: &str, limit: usize| {
        let mut b = Builder::new("large");
        b.at(BlockKind::Step);
        build(&mut b);
        let program = verified(b.finish());
        let error = compile::<f64>(&program).unwrap_err();
        match &error {
            Error::TooLarge { what: found, size, limit: l } => {
                assert!(*found == what && size > l && *l == limit, "{error}");
            }
            _ => panic!("{error}"),
        }
        assert_eq!(clif(&program, Precision::F32).unwrap_err(), error);
    };
    let copies = |b: &mut Builder| {
        let v = b.state("v", 2, "");
        (0..=MAX_SIZE / 3).for_each(|_| b.copy(v.slice(0, 1), v.slice(1, 1)));
    };
    refused(&|b| b.repeat(2, None, copies), "operations", MAX_SIZE);
    let v = |b: &mut Builder| b.state("v", MAX_MAP_SIZE + 1, "");
    let nodes = |b: &mut Builder| {
        let v = v(b);
        b.set(v, (0..MAX_MAP_SIZE).fold(v.into(), |e: Formula, _| e.exp()));
    };
    refused(&nodes, "operations in one map", MAX_MAP_SIZE);
    let reductions = |b: &mut Builder| {
        let (v, sums) = (v(b), b.state("sums", MAX_REDUCTIONS + 1, ""));
        b.map(v.len, |m| {
            (0..sums.len).for_each(|i| m.sum(sums.slice(i, 1), v));
        });
    };
    refused(&|b| b.branch(when(0.0, Compare::Lt, 1.0), reductions, |_| {}), "reductions in one map", MAX_REDUCTIONS);
}

#[test]
fn programs_at_the_limits_are_compiled() {
    let mut b = Builder::new("limits");
    let (v, sums) = (b.state("v", 50, ""), b.state("sums", MAX_REDUCTIONS, ""));
    b.at(BlockKind::Step);
    b.map(50, |m| {
        // One node and one store besides these.
        let last = (2..MAX_MAP_SIZE - MAX_REDUCTIONS).fold(v.into(), |e: Formula, _| e + v);
        m.store(v, &last);
        (0..MAX_REDUCTIONS).for_each(|i| m.sum(sums.slice(i, 1), &last));
    });
    agree(&verified(b.finish()), Fill::Plain, 1);
}

// Fault 115.
#[test]
fn compiling_ends_when_told() {
    let program = mixed(1);
    let mut asked = 0;
    let mut keep_going = || {
        asked += 1;
        asked < 2
    };
    let error = compile_while::<f64>(&program, &mut keep_going).unwrap_err();
    assert_eq!((error, asked), (Error::Stopped, 2));
}

// Fault 116.
#[test]
fn threads_compile_and_run_different_programs() {
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for round in 0..10 {
                    agree(&mixed(thread * 100 + round), Fill::Plain, round);
                }
            });
        }
    });
}

// Fault 117.
#[test]
fn threads_share_one_compiled_program() {
    let program = mixed(3);
    let native = compile::<f64>(&program).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (program, native) = (&program, &native);
            scope.spawn(move || {
                for round in 0..50 {
                    agree_on(program, native, Fill::Plain, thread * 1000 + round);
                }
            });
        }
    });
}

#[test]
fn a_compiled_program_can_be_shared_and_sent() {
    fn is<T: Send + Sync + Clone + std::fmt::Debug>() {}
    is::<Native<f64>>();
    is::<Native<f32>>();
    let native = compile::<f64>(&mixed(0)).unwrap();
    assert!(format!("{native:?}").contains("code_size"));
}

// Fault 118.
#[test]
fn short_memories_are_refused() {
    let program = mixed(2);
    let layout = Layout::of(&program);
    let native = compile::<f64>(&program).unwrap();
    let (s, w) = (layout.storage_len(), layout.workspace_len());
    let runs = |storage: usize, workspace: usize, block: BlockKind| {
        let (mut storage, mut workspace) = (vec![0.5; storage], vec![0.5; workspace]);
        catch_unwind(AssertUnwindSafe(|| match block {
            BlockKind::Setup => native.setup(&mut storage, &mut workspace),
            _ => native.run(block, &storage, &mut workspace),
        }))
        .is_ok()
    };
    for block in BlockKind::ALL {
        assert!(runs(s, w, block) && runs(s + 1, w + 100, block));
        if block != BlockKind::Setup {
            assert!(!runs(s - 1, w, block) && !runs(s, w - 1, block) && !runs(0, 0, block), "{}", block.name());
        }
    }
    assert!(!runs(s - 1, w, BlockKind::Setup) && !runs(s, w - 1, BlockKind::Setup));
}

// Fault 118.
#[test]
fn memories_need_no_alignment_beyond_that_of_their_elements() {
    let program = mixed(2);
    let (interpreter, native) = (Interpreter::<f32>::new(&program), compile::<f32>(&program).unwrap());
    let memories = Memories::<f32>::new(&program, Fill::Plain, 4);
    for shift in 0..4 {
        let shifted = |values: &[f32]| [&vec![0.0; shift][..], values].concat();
        let storage = shifted(&memories.storage);
        let run = |executor: &dyn Executor<f32>| {
            let mut workspace = shifted(&memories.workspace);
            executor.run(BlockKind::Step, &storage[shift..], &mut workspace[shift..]);
            workspace
        };
        assert_eq!(run(&interpreter), run(&native));
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let errors = [
        Error::Unsupported("why".to_owned()),
        Error::TooLarge { what: "operations", size: 7, limit: 5 },
        Error::Stopped,
        Error::Memory("why".to_owned()),
        Error::Internal("why".to_owned()),
    ];
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(texts[0].contains("why") && texts[3].contains("why") && texts[4].contains("bug"));
    assert!(texts[1].contains("7 operations") && texts[1].contains('5'));
}
