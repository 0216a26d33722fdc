//! Every rule of the registries against the laws of its kind, and the laws against rules with mistakes.

mod common;

use common::lab::{Proxable, Smooth, text};
use common::laws::{PROXABLE, SMOOTH, points, slopes};
use common::mistakes::{EntryMistake, FACTS, Mistake, SmoothMistake, Wrong, WrongEntry, WrongSmooth};
use common::stages;
use sparsec_compiler::calculus::oracle::{Example, N, Place};
use sparsec_compiler::calculus::{Facts, Proxable as Rule, functions, sets};
use std::sync::Arc;

fn examples() -> Vec<Example> {
    [functions::examples(), sets::examples()].concat()
}

#[test]
fn every_proxable_rule_keeps_the_laws() {
    let mut broken = Vec::new();
    for example in examples().iter().filter(|e| e.place != Place::Smooth) {
        let stages = stages(&text(example));
        let block = &stages.composite.blocks[0];
        assert_eq!((stages.composite.blocks.len(), block.sum.steps.len()), (1, 1), "{}", example.text);
        let mut rule = Proxable::new(&stages, block);
        for (law, holds) in PROXABLE {
            if let Err(why) = holds(&mut rule, example, block.sum.steps[0].facts()) {
                broken.push(format!("{}: {law}: {why}", example.text));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_smooth_rule_keeps_the_laws() {
    let mut broken = Vec::new();
    for example in examples().iter().filter(|e| e.place == Place::Smooth) {
        let stages = stages(&text(example));
        let mut rule = Smooth::new(&stages, &stages.composite.smooth[0]);
        for (law, holds) in SMOOTH {
            if let Err(why) = holds(&mut rule, example) {
                broken.push(format!("{}: {law}: {why}", example.text));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The first law that a rule with a mistake breaks.
fn caught(example: &Example, wrong: impl FnOnce(Arc<dyn Rule>) -> Arc<dyn Rule>) -> Option<&'static str> {
    let stages = stages(&text(example));
    let mut block = stages.composite.blocks[0].clone();
    let atom = &mut block.sum.steps[0];
    atom.rule = wrong(atom.rule.clone());
    let facts = atom.facts();
    let mut rule = Proxable::new(&stages, &block);
    PROXABLE.iter().find(|(_, holds)| holds(&mut rule, example, facts).is_err()).map(|(law, _)| *law)
}

/// Mistakes that change something of a rule with these facts.
fn possible(rule: &mut Proxable, facts: Facts, bounded: bool) -> Vec<Mistake> {
    let mut all = vec![Mistake::Conjugate, Mistake::Prox, Mistake::Jacobian, Mistake::Rough];
    let kinks = points().iter().any(|v| {
        let x = rule.prox(v, 1.0);
        rule.tangent(&x, v, &[0.0; N])[1] != *v
    });
    all.extend(kinks.then_some(Mistake::Smooth));
    let grows = (0..2 * N).any(|i| {
        let d: Vec<f64> = (0..N).map(|j| if i % N == j { if i < N { 1.0 } else { -1.0 } } else { 0.0 }).collect();
        rule.recession(&d).1 != 0.0
    });
    all.extend(rule.gauge(&[1.0; N]).map(|_| Mistake::Gauge));
    all.extend((!facts.set).then_some(Mistake::Value));
    all.extend((!facts.set).then_some(Mistake::Slope));
    // A bounded set's conjugate is finite everywhere.
    let ends = slopes(rule).iter().any(|u| rule.conjugate(u).1.iter().any(|x| x.abs() > 1e-6));
    all.extend(ends.then_some(Mistake::Outside));
    all.extend((!bounded).then_some(Mistake::Recession));
    all.extend(grows.then_some(Mistake::Growth));
    all.extend((facts.set || facts.nonnegative_domain).then_some(Mistake::Violation));
    all.extend(rule.extent().iter().any(|x| x.is_finite()).then_some(Mistake::Extent));
    all.extend(facts.maximiser.then_some(Mistake::Maximiser));
    all
}

#[test]
fn a_mistake_in_a_proxable_rule_breaks_a_law() {
    let mut unnoticed = Vec::new();
    for example in examples().iter().filter(|e| e.place != Place::Smooth) {
        let stages = stages(&text(example));
        let block = &stages.composite.blocks[0];
        let mut facts = block.sum.steps[0].facts();
        let mut rule = Proxable::new(&stages, block);
        // Nothing but 0 is a direction of linear growth.
        let bounded = (0..N).all(|i| {
            let unit = |s: f64| (0..N).map(|j| if i == j { s } else { 0.0 }).collect::<Vec<f64>>();
            [1.0, -1.0].iter().all(|s| rule.recession(&unit(*s)).0 == [0.0; N])
        });
        for mistake in possible(&mut rule, facts, bounded) {
            if caught(example, |rule| Arc::new(Wrong { rule, mistake })).is_none() {
                unnoticed.push(format!("{}: {mistake:?}", example.text));
            }
        }
        let of_entries = block.sum.steps[0].rule.separable().is_some();
        // Half of 0 and of ∞ is no mistake: what a cone says holds for other sets.
        for mistake in [EntryMistake::Slopes, EntryMistake::Subdifferential] {
            let changes = of_entries && !facts.set && !(matches!(mistake, EntryMistake::Slopes) && bounded);
            if changes && caught(example, |rule| Arc::new(WrongEntry { rule, mistake })).is_none() {
                unnoticed.push(format!("{}: {mistake:?}", example.text));
            }
        }
        for (name, fact) in FACTS {
            let claimed = *fact(&mut facts);
            let true_all_the_same = UNCLAIMED.contains(&(example.text, *name));
            let mistake = Mistake::Fact(*fact);
            let noticed = caught(example, |rule| Arc::new(Wrong { rule, mistake })).is_some();
            if !claimed && noticed == true_all_the_same {
                unnoticed.push(format!("(\"{}\", \"{name}\"),", example.text));
            }
        }
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

/// Facts that hold of an example and are not claimed, since they do not hold of its rule as such or since nothing would be won.
const UNCLAIMED: &[(&str, &str)] = &[
    // Whole rows or columns become 0, of others nothing.
    ("0.6*sum(norm_inf(rows(Y)))", "sparse"),
    ("0.6*sum(norm_inf(cols(Y)))", "sparse"),
    // A corner of the box, which is infinitely far out in a cone.
    ("y in nonneg", "maximiser"),
    ("y in nonpos", "maximiser"),
    ("y in box([-1, 0, 0.2, -inf, 0, 0], [0, 0, 0.4, 1, inf, 3])", "maximiser"),
    ("0.1 <= y <= 0.5", "maximiser"),
    ("y in ball_inf(0.6)", "maximiser"),
    // Of these bounds.
    ("y in box([-1, 0, 0.2, -inf, 0, 0], [0, 0, 0.4, 1, inf, 3])", "sparse"),
    ("y in ball_inf(0.6)", "absolute"),
    ("0 <= y <= 0.4, sum(y) == 1", "symmetric"),
    ("0 <= y <= 0.4, sum(y) == 1", "sparse"),
    ("-1 <= y <= 0.5, -1 <= dot([1, 1, 1, 1, 1, 1], y) <= 0.7", "symmetric"),
    // About its centre; of a shifted rule nothing of the kind is passed on.
    ("y in ball2(0.7, [1, 0, 0, 0, 0, 0])", "radial"),
    ("y in ball2(0.7, [1, 0, 0, 0, 0, 0])", "absolute"),
    ("y in ball2(0.7, [1, 0, 0, 0, 0, 0])", "symmetric"),
    ("y in ball2(0.7, [1, 0, 0, 0, 0, 0])", "nonnegative_domain"),
    ("y in ball2(0.7, [1, 0, 0, 0, 0, 0])", "sparse"),
];

#[test]
fn a_mistake_in_a_smooth_rule_breaks_a_law() {
    let mistakes = [
        SmoothMistake::Excess,
        SmoothMistake::Clip,
        SmoothMistake::Lag,
        SmoothMistake::Metric,
        SmoothMistake::Second,
        SmoothMistake::Lipschitz,
        SmoothMistake::Loose,
        SmoothMistake::Recession,
        SmoothMistake::Value,
        SmoothMistake::Gradient,
    ];
    let mut unnoticed = Vec::new();
    for example in examples().iter().filter(|e| e.place == Place::Smooth) {
        for mistake in mistakes {
            let stages = stages(&text(example));
            let mut term = stages.composite.smooth[0].clone();
            term.rule = Arc::new(WrongSmooth { rule: term.rule.clone(), mistake });
            let mut rule = Smooth::new(&stages, &term);
            // What grows faster than linearly states no slope.
            let stated = rule.recession(&[1.0; N]).is_some();
            let clips = rule.clip(&[9.0; N]) != [9.0; N];
            let changes = match mistake {
                SmoothMistake::Recession => stated,
                SmoothMistake::Clip => clips,
                _ => true,
            };
            if !changes {
                continue;
            }
            if SMOOTH.iter().all(|(_, holds)| holds(&mut rule, example).is_ok()) {
                unnoticed.push(format!("{}: {mistake:?}", example.text));
            }
        }
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}
