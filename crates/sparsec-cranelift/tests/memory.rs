//! The memory that code lies in. The tests read this process's memory map, so they take turns.
#![cfg(target_os = "linux")]

mod common;

use common::{Fill, Memories, verified};
use sparsec_cranelift::{Native, compile, compile_while};
use sparsec_program::builder::Builder;
use sparsec_program::formula::Entries;
use sparsec_program::program::BlockKind;
use sparsec_program::verify::Verified;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(|e| e.into_inner())
}

fn program() -> Verified {
    let mut b = Builder::new("norm");
    let (v, norm) = (b.state("v", 100, ""), b.state("norm", 1, ""));
    b.at(BlockKind::Prepare);
    b.fill(norm, 0.0);
    b.at(BlockKind::Step);
    b.sum(norm, v.square());
    b.at(BlockKind::Stop);
    b.set(norm, norm.sqrt());
    verified(b.finish())
}

/// Permissions of the mappings without a file.
fn anonymous() -> Vec<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.len() == 5)
        .map(|fields| fields[1].to_owned())
        .collect()
}

fn executable() -> usize {
    anonymous().iter().filter(|p| p.contains('x')).count()
}

/// All mappings, those of files among them.
fn mappings() -> usize {
    std::fs::read_to_string("/proc/self/maps").unwrap().lines().count()
}

/// Pages that may be written and executed.
fn writable_and_executable() -> Vec<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let both = |line: &&str| line.split_whitespace().nth(1).is_some_and(|p| p.contains('w') && p.contains('x'));
    maps.lines().filter(both).map(str::to_owned).collect()
}

/// Resident pages.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse().unwrap()
}

// Fault 109.
#[test]
fn memory_stays_flat_over_many_rounds() {
    let _turn = turn();
    let rounds = std::env::var("SPARSEC_COMPILE_ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(2000);
    let program = program();
    let round = || {
        let native = compile::<f64>(&program).unwrap();
        let mut memories = Memories::new(&program, Fill::Plain, 1);
        memories.run(&native, BlockKind::Step);
    };
    (0..100).for_each(|_| round());
    let (pages, code, all) = (resident(), executable(), mappings());
    (0..rounds).for_each(|_| round());
    assert_eq!(executable(), code);
    // The allocator may split and join its own, a few of them.
    let now = mappings();
    assert!(now <= all + 8, "{now} mappings after {rounds} rounds, {all} before");
    let more = resident().saturating_sub(pages);
    assert!(more < 256, "{more} pages more after {rounds} rounds");
}

// Fault 110.
#[test]
fn no_page_is_writable_and_executable() {
    let _turn = turn();
    let before = executable();
    let program = program();
    let natives: Vec<Native<f64>> = (0..10).map(|_| compile(&program).unwrap()).collect();
    let now = anonymous();
    let code: Vec<&String> = now.iter().filter(|p| p.contains('x')).collect();
    assert!(code.len() > before, "the code's pages are among those that were looked at");
    assert!(code.iter().all(|p| *p == "r-xp"), "{code:?}");
    assert!(writable_and_executable().is_empty());
    drop(natives);
    assert_eq!(executable(), before);
}

// Fault 110.
#[test]
fn not_even_while_compiling() {
    let _turn = turn();
    let program = program();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut looks, mut found) = (0_u32, Vec::new());
            while !done.load(Ordering::Acquire) {
                found.extend(writable_and_executable());
                looks += 1;
            }
            (looks, found)
        });
        for _ in 0..50 {
            let native = compile_while::<f64>(&program, &mut || writable_and_executable().is_empty()).unwrap();
            let mut memories = Memories::new(&program, Fill::Plain, 1);
            memories.run(&native, BlockKind::Step);
        }
        done.store(true, Ordering::Release);
        let (looks, found) = watcher.join().unwrap();
        assert!(looks > 0 && found.is_empty(), "{looks} looks: {found:?}");
    });
}

// Fault 108.
#[test]
fn an_owner_goes_while_the_code_runs() {
    let _turn = turn();
    let program = program();
    let before = executable();
    let native = compile::<f64>(&program).unwrap();
    let mut wanted = Memories::new(&program, Fill::Plain, 1);
    wanted.run(&native, BlockKind::Step);
    let (owner, started, stop) = (native.clone(), AtomicBool::new(false), AtomicBool::new(false));
    let mut memories = Memories::new(&program, Fill::Plain, 1);
    let memories = std::thread::scope(|scope| {
        let runner = scope.spawn(|| {
            let owner = owner;
            memories.run(&owner, BlockKind::Step);
            started.store(true, Ordering::Release);
            while !stop.load(Ordering::Acquire) {
                memories.run(&owner, BlockKind::Step);
            }
            // The last owner is freed by a thread that has never run it.
            std::thread::spawn(move || drop(owner)).join().unwrap();
            memories
        });
        while !started.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        scope.spawn(move || drop(native)).join().unwrap();
        assert!(executable() > before, "the code went while it ran");
        stop.store(true, Ordering::Release);
        runner.join().unwrap()
    });
    assert_eq!(executable(), before);
    wanted.assert_same(&memories, &|| "after the first owner had gone".to_owned());
}

// Fault 108.
#[test]
fn the_code_lives_as_long_as_its_last_owner() {
    let _turn = turn();
    let program = program();
    let before = executable();
    let native = compile::<f64>(&program).unwrap();
    let clone = native.clone();
    drop(native);
    assert!(executable() > before);
    let mut memories = Memories::new(&program, Fill::Plain, 1);
    let runner = std::thread::spawn(move || {
        for _ in 0..1000 {
            memories.run(&clone, BlockKind::Step);
        }
        memories.run(&clone, BlockKind::Stop);
        memories
    });
    let memories = runner.join().unwrap();
    assert_eq!(executable(), before);
    assert!(memories.workspace.iter().any(|&x| x > 1.0));
}
