//! The memory that code lies in. The tests read this process's memory map, so they take turns.
#![cfg(target_os = "linux")]

mod common;

use common::{Fill, Memories, verified};
use sparsec_cranelift::{Native, compile};
use sparsec_program::builder::Builder;
use sparsec_program::program::{BlockKind, ReduceOp};
use sparsec_program::verify::Verified;
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
    b.reduce_to(norm, ReduceOp::Sum, 100, |m| {
        let x = m.element(v);
        m.square(x)
    });
    b.at(BlockKind::Stop);
    b.map_to(norm, |m| {
        let x = m.element(norm);
        m.sqrt(x)
    });
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

/// Resident pages.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn fault_109_memory_stays_flat_over_many_rounds() {
    let _turn = turn();
    let rounds = std::env::var("SPARSEC_COMPILE_ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(2000);
    let program = program();
    let round = || {
        let native = compile::<f64>(&program).unwrap();
        let mut memories = Memories::new(&program, Fill::Plain, 1);
        memories.run(&native, BlockKind::Step);
    };
    (0..100).for_each(|_| round());
    let (pages, mappings) = (resident(), executable());
    (0..rounds).for_each(|_| round());
    assert_eq!(executable(), mappings);
    let more = resident().saturating_sub(pages);
    assert!(more < 256, "{more} pages more after {rounds} rounds");
}

#[test]
fn fault_110_no_page_is_writable_and_executable() {
    let _turn = turn();
    let before = executable();
    let program = program();
    let natives: Vec<Native<f64>> = (0..10).map(|_| compile(&program).unwrap()).collect();
    let now = anonymous();
    assert!(executable() > before, "the code's pages are among those that were looked at");
    for permissions in now {
        assert!(!(permissions.contains('w') && permissions.contains('x')), "{permissions}");
    }
    drop(natives);
    assert_eq!(executable(), before);
}

#[test]
fn fault_108_the_code_lives_as_long_as_its_last_owner() {
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
