//! Laws of the catalogue: every function, set and sum with a prox against plain definitions.
//!
//! Each entry is solved as `h‖y − v‖² + g(y)`, whose solution is the prox of g at v with step 1/(2h). The definition of g is written here a
//! second time, in plain Rust, and the answer must be no worse than any of many feasible points around it. The objective is strongly
//! convex, so a point that is no worse than its neighbours is the prox.

mod common;

use common::entries::{ENTRIES, Entry, N, Random, anywhere, max_abs, points, text, unknown, zero};
use common::lab::Proxable;
use common::laws::OF_SUMS;
use common::{solve, stages};
use sparsec_compiler::calculus::Facts;
use sparsec_compiler::calculus::oracle::Example;

#[test]
fn the_prox_is_no_worse_than_any_point_around_it() {
    for entry in ENTRIES {
        for (k, v) in points().iter().enumerate() {
            for h in [0.5, 0.05] {
                let s = solve(&text(entry, h, v), 1e-12);
                let y = &s.point[unknown(entry)];
                let of =
                    |y: &[f64]| h * y.iter().zip(v).map(|(y, v)| (y - v) * (y - v)).sum::<f64>() + (entry.value)(y);
                let at = of(y);
                let size = at.abs().max(1.0);
                let case = format!("{} at point {k}, h = {h}", entry.name);
                assert!((at - s.objective).abs() <= 1e-12 * size, "{case}: objective {} is not {at}", s.objective);
                assert!(s.violation <= 1e-12 * max_abs(v).max(1.0), "{case}: violation {}", s.violation);
                assert!(s.gap <= 1e-10 && s.gap >= -1e-13, "{case}: gap {}", s.gap);
                let mut r = Random(k as u64 + 11);
                for scale in [1.0, 1e-1, 1e-2, 1e-3, 1e-4] {
                    for _ in 0..40 {
                        let mut q: Vec<f64> = y.iter().map(|y| y + scale * r.next()).collect();
                        (entry.into)(&mut q);
                        // Rounding of both objectives; the set may be left by as much as the map into it rounds.
                        assert!(of(&q) >= at - 1e-11 * size, "{case}: {} < {at} at {q:?}, not {y:?}", of(&q));
                    }
                }
            }
        }
    }
}

/// The laws that need no plain definition, of the block that each statement makes: shifts, turns, columns and sums included.
#[test]
fn the_blocks_of_statements_keep_the_laws() {
    let mut broken = Vec::new();
    for entry in ENTRIES {
        let stages = stages(&text(entry, 0.5, &[0.0; N]));
        let block = &stages.composite.blocks[0];
        assert_eq!(stages.composite.blocks.len(), 1, "{}", entry.name);
        if block.sum.composed.is_none() {
            continue;
        }
        let mut rule = Proxable::new(&stages, block);
        let example = Example::penalty("", |_| 0.0, |_| 0.0);
        for (law, holds) in OF_SUMS {
            if let Err(why) = holds(&mut rule, &example, Facts::default()) {
                broken.push(format!("{}: {law}: {why}", entry.name));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Sums whose prox is not the composition of the proxes: they must be refused.
#[test]
fn traps_are_refused() {
    let traps = [
        ("norm1(y)", "dot([1, 1, 1, 1, 1, 2], y) == 1"),
        ("group_norm(y, 2)", "y in box(-1, 1)"),
        ("", "y in simplex, norm2(y) <= 0.5"),
        ("", "y in box(0, 1), sum(y) == 2, y[0] - y[1] == 0"),
        ("norm1(y)", "y in box(-1, 1), sum(y) == 2"),
        ("norm_inf(y) + group_norm(y, 2)", ""),
        ("sum(norm_inf(rows(Y))) + sum(norm_inf(cols(Y)))", ""),
        ("norm21(Y) + sum(norm2(cols(Y)))", ""),
        ("neg_entropy(2*y)", "y in box(0.1, 1)"),
        ("norm1(y) + norm1(dct(y))", ""),
        ("norm1(dct(y))", "y >= 0"),
        ("norm1([1, 0, 1, 0, -1, 2] .* y - 1)", ""),
        ("norm2(y)", "norm1(y) <= 1"),
        ("norm1(y)", "norm2(y - [1, 0, 0, 0, 0, 0]) <= 1"),
        ("norm1(diff(y))", ""),
        ("", "diff(y) >= 0"),
    ];
    for (penalty, constraint) in traps {
        let entry = Entry { name: "", penalty, constraint, value: zero, into: anywhere };
        let text = text(&entry, 0.5, &[1.0; N]);
        let ast = sparsec_syntax::parse(&text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let result = sparsec_compiler::compile(&ast, "trap", &sparsec_compiler::Options::default());
        let errors = result.err().unwrap_or_else(|| panic!("accepted: {penalty} {constraint}"));
        assert!(errors.iter().all(|e| e.code.code == "E0402" && !e.labels.is_empty()), "{text}: {errors:?}");
    }
}
