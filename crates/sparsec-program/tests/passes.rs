//! Each pass on a small program, and all of them on random ones.

use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::parse::parse;
use sparsec_program::passes::{fuse_maps::fuse_maps, hoist::hoist, remove_dead::remove_dead, run as run_passes};
use sparsec_program::program::{BufferId, Instr, Program, Role};
use sparsec_program::testing::{arbitrary_memory, arbitrary_program, run, same};
use sparsec_program::verify::{Verified, verify};
use sparsec_runtime::Float;

const BUFFERS: &str = "
    const D [4, 8]
    param x [4]
    param lambda
    derived norm
    state y [8]
    state z [8]
    state s
    scratch g [8]
    scratch h [8]
    scratch t
    scratch r [4]
    scratch work [128]
    output answer [8]
";

/// The blocks of a program, after a pass.
fn after(pass: fn(Program) -> Program, blocks: &str) -> String {
    let program = parse(&format!("program p {{ {BUFFERS} {blocks} }}")).unwrap();
    let program = pass(verify(program).unwrap().into_program());
    let text = program.to_string();
    verify(program).unwrap();
    let (_, blocks) = text.split_once("\n\n").unwrap();
    let empty = |block: &&str| !block.trim_end_matches(['}', '\n']).ends_with('{') && !block.trim().ends_with("{}\n}");
    let blocks: Vec<&str> = blocks.trim_end().trim_end_matches('}').split("\n\n").filter(empty).collect();
    let unindent = |line: &str| line.strip_prefix("    ").unwrap_or(line).to_owned();
    let lines: Vec<String> = blocks.iter().flat_map(|block| block.trim_end().lines()).map(unindent).collect();
    lines.join("\n")
}

fn unchanged(pass: fn(Program) -> Program, blocks: &str) {
    assert_eq!(after(pass, blocks), after(|program| program, blocks));
}

#[test]
fn maps_are_fused() {
    let blocks = "step {
        map 8 { %0 = y[i] %1 = z[i] %2 = %0 - %1 g[i] = %2 }
        map 8 { %0 = g[i] %1 = %0 * %0 %2 = y[i] t = sum(%1) z[i] = %2 }
        map 8 { %0 = g[i] %1 = 0.5 %2 = %0 * %1 g[i] = %2 s = max(%2) }
    }";
    let expected = "\
step {
    map 8 {
        %0 = y[i]
        %1 = z[i]
        %2 = %0 - %1
        %3 = %2 * %2
        %4 = 0.5
        %5 = %2 * %4
        z[i] = %0
        g[i] = %5
        t = sum(%3)
        s = max(%5)
    }
}";
    assert_eq!(after(fuse_maps, blocks), expected);
}

#[test]
fn scalar_arithmetic_is_fused() {
    let blocks = "step { if s < 1.0 {
        map 1 { %0 = s %1 = %0 * %0 t[i] = %1 }
        map 1 { %0 = t %1 = sqrt(%0) s[i] = %1 }
    } }";
    let expected = "\
step {
    if s < 1.0 {
        map 1 {
            %0 = s
            %1 = %0 * %0
            %2 = sqrt(%1)
            t[i] = %1
            s[i] = %2
        }
    }
}";
    assert_eq!(after(fuse_maps, blocks), expected);
}

#[test]
fn maps_that_depend_on_each_other_stay_apart() {
    // A sum is known after the loop only.
    unchanged(fuse_maps, "step { map 8 { %0 = y[i] t = sum(%0) } map 8 { %0 = z[i] %1 = t %2 = %0 / %1 z[i] = %2 } }");
    // Another element of what was stored.
    unchanged(fuse_maps, "step { map 8 { %0 = y[i] g[i] = %0 } map 8 { %0 = g[0] z[i] = %0 } }");
    unchanged(fuse_maps, "step { map 4 { %0 = y[0..4][i] z[0..4][i] = %0 } map 4 { %0 = z[2..6][i] r[i] = %0 } }");
    // A scalar that the first reads and the second stores an element over.
    unchanged(fuse_maps, "step { map 8 { %0 = y[0] z[i] = %0 } map 8 { %0 = z[i] y[i] = %0 } }");
    // Another length, or something between.
    unchanged(fuse_maps, "step { map 8 { %0 = y[i] z[i] = %0 } map 4 { %0 = x[i] r[i] = %0 } }");
    unchanged(
        fuse_maps,
        "step { map 8 { %0 = y[i] z[i] = %0 } r = gemv(rows = 4, cols = 8; D, y) map 8 { %0 = y[i] answer[i] = %0 } }",
    );
}

#[test]
fn instructions_are_hoisted() {
    let blocks = "
        setup { norm, work[0..40] = spectral_norm_squared(rows = 4, cols = 8; D) }
        prepare { g = gemv_t(rows = 4, cols = 8; D, x) map 8 { %0 = g[i] y[i] = %0 } }
        step {
            map 1 { %0 = norm %1 = 2.0 %2 = %1 / %0 t[i] = %2 }
            h = gemv_t(rows = 4, cols = 8; D, x)
            r = gemv(rows = 4, cols = 8; D, y)
            map 8 { %0 = h[i] %1 = t %2 = %0 * %1 y[i] = %2 }
        }";
    let expected = "\
setup {
    norm, work[0..40] = spectral_norm_squared(rows = 4, cols = 8; D)
    map 1 {
        %0 = norm
        %1 = 2.0
        %2 = %1 / %0
        t[i] = %2
    }
}
prepare {
    g = gemv_t(rows = 4, cols = 8; D, x)
    map 8 {
        %0 = g[i]
        y[i] = %0
    }
    h = gemv_t(rows = 4, cols = 8; D, x)
}
step {
    r = gemv(rows = 4, cols = 8; D, y)
    map 8 {
        %0 = h[i]
        %1 = t
        %2 = %0 * %1
        y[i] = %2
    }
}";
    assert_eq!(after(hoist, blocks), expected);
}

#[test]
fn what_is_written_twice_stays() {
    unchanged(hoist, "step { map 1 { %0 = 0.0 t[i] = %0 } map 8 { %0 = y[i] t = sum(%0) } if t < s {} }");
    unchanged(hoist, "step { map 8 { %0 = lambda y[i] = %0 } }");
    unchanged(hoist, "step { map 1 { %0 = s t[i] = %0 } map 1 { %0 = t s[i] = %0 } }");
    unchanged(hoist, "finish { map 1 { %0 = lambda t[i] = %0 } map 1 { %0 = t s[i] = %0 } }");
}

#[test]
fn dead_code_is_removed() {
    let blocks = "
        setup { map 1 { %0 = 1.0 norm[i] = %0 } }
        step {
            map 8 { %0 = y[i] %1 = exp(%0) %2 = %0 * %0 g[i] = %1 t = sum(%2) h[i] = %2 }
            r = gemv(rows = 4, cols = 8; D, g)
            if t < 1.0 { map 8 { %0 = h[i] g[i] = %0 } }
            loop 3 { map 8 { %0 = y[i] g[i] = %0 } }
            map 1 { %0 = t s[i] = %0 }
            map 1 { %0 = 2.0 t[i] = %0 }
        }";
    let expected = "\
step {
    map 8 {
        %0 = y[i]
        %1 = %0 * %0
        t = sum(%1)
    }
    map 1 {
        %0 = t
        s[i] = %0
    }
}";
    assert_eq!(after(remove_dead, blocks), expected);
}

#[test]
fn loops_keep_what_their_next_round_needs() {
    unchanged(
        remove_dead,
        "step {
            map 1 { %0 = 1.0 t[i] = %0 }
            loop 3 until t <= 0.1 {
                map 1 { %0 = t s[i] = %0 }
                map 1 { %0 = s %1 = 0.5 %2 = %0 * %1 t[i] = %2 }
            }
        }",
    );
    unchanged(
        remove_dead,
        "step { if s < 1.0 { map 1 { %0 = 1.0 t[i] = %0 } } else { map 1 { %0 = 2.0 t[i] = %0 } } map 1 { %0 = t s[i] = %0 } }",
    );
    // Only a part is overwritten.
    unchanged(
        remove_dead,
        "step { map 8 { %0 = y[i] g[i] = %0 } map 4 { %0 = x[i] g[0..4][i] = %0 } map 8 { %0 = g[i] y[i] = %0 } }",
    );
}

#[test]
fn unused_buffers_shrink() {
    let program = verify(parse("program p { const D [9] scratch g [100] derived d [100] state y [100] }").unwrap());
    let after = remove_dead(program.unwrap().into_program());
    let lens: Vec<usize> = after.buffers.iter().map(|b| b.len()).collect();
    assert_eq!(lens, [9, 1, 1, 100]);
}

/// State and outputs, in the order of the buffers that had these roles before the passes.
fn results<T: Float>(before: &Program, program: &Verified, seed: u64) -> Vec<T> {
    let (mut storage, mut workspace) = arbitrary_memory::<T>(program, seed);
    run(&Interpreter::new(program), 3, &mut storage, &mut workspace);
    let layout = Layout::of(program);
    let mut results = Vec::new();
    for (i, buffer) in before.buffers.iter().enumerate() {
        if matches!(buffer.role, Role::State | Role::Output) {
            let (_, start) = layout.place(BufferId(i as u32));
            results.extend_from_slice(&workspace[start..start + buffer.len()]);
        }
    }
    results
}

fn count(body: &[Instr]) -> usize {
    let inner = |instr: &Instr| match instr {
        Instr::If { then, otherwise, .. } => count(then) + count(otherwise),
        Instr::Loop { body, .. } => count(body),
        _ => 0,
    };
    body.iter().map(|instr| 1 + inner(instr)).sum()
}

fn keeps_bits(pass: fn(Program) -> Program, name: &str) -> [i64; 3] {
    let mut changed = [0; 3];
    for seed in 0..1500 {
        let before = arbitrary_program(seed);
        let program = pass(before.program().clone());
        let after = match verify(program.clone()) {
            Ok(after) => after,
            Err(error) => panic!("{name}, seed {seed}: {error}\n{}\n{program}", before.program()),
        };
        let blocks = |p: &Program, b: usize| count(&p.blocks[b]) as i64;
        changed[0] += blocks(after.program(), 0) - blocks(before.program(), 0);
        changed[1] += blocks(after.program(), 1) - blocks(before.program(), 1);
        changed[2] += blocks(after.program(), 2) - blocks(before.program(), 2);
        let left = results::<f64>(before.program(), &before, seed);
        let right = results::<f64>(before.program(), &after, seed);
        let difference = left.iter().zip(&right).position(|(a, b)| !same(*a, *b));
        assert_eq!(difference, None, "{name}, seed {seed}\n{}\n{}", before.program(), after.program());
    }
    changed
}

#[test]
fn passes_keep_the_bits_of_random_programs() {
    let [_, _, step] = keeps_bits(fuse_maps, "fuse_maps");
    assert!(step < -100, "maps are joined: {step}");
    let [setup, _, step] = keeps_bits(hoist, "hoist");
    assert!(setup > 50 && step < -50, "instructions move: {setup} {step}");
    let [_, _, step] = keeps_bits(remove_dead, "remove_dead");
    assert!(step < -100, "instructions go: {step}");
    keeps_bits(run_passes, "all");
}
