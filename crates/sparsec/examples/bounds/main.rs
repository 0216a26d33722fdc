//! Every gap a bound: solves regressions as they are met, and holds what is claimed of them against a reference in double-double arithmetic.
//!
//! `cargo run --release -p sparsec --example bounds -- [problems] [first]` says what is wrong, if anything, and ends with 1 then.
//!
//! - No answer is called optimal whose objective is above the reference by more than its gap; none infeasible, and none unbounded where the reference converges.
//! - No bound, at the answer, at the reference, along the flattest directions from it, or anywhere, is beyond the reference by more than 10⁻¹² S.
//! - At the reference rounded to the solver's precision at least 90 % are proven.

mod double;
mod judge;
mod reference;
mod wild;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(default, |a| a.parse().expect("a number"));
    let (count, first) = (number(1000), number(0));
    if count == 1 {
        println!("{}", wild::problem(first).text);
    }
    let tally = judge::judge(count, first);
    println!("{:<50} {:>9} {:>9} {:>9}", "", "reference", "proven", "solved");
    for (kind, [converged, proven, solved, _]) in &tally.kinds {
        println!("{kind:<50} {converged:>9} {proven:>9} {solved:>9}");
    }
    tally.wrong.iter().for_each(|line| println!("{line}"));
    println!(
        "{} problems, {} solved within 3000 steps; {} references, {} of them proven; {} points beside them, {} accepted; {} wrong",
        tally.problems,
        tally.solved,
        tally.converged,
        tally.proven,
        tally.points,
        tally.accepted,
        tally.wrong.len()
    );
    let enough = tally.proven as f64 >= 0.9 * tally.converged as f64;
    std::process::exit(i32::from(!(enough && tally.wrong.is_empty())));
}
