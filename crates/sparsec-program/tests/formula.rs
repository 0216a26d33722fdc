//! What formulas become: the nodes of a map, and numbers.

use sparsec_program::builder::Builder;
use sparsec_program::executor::Executor;
use sparsec_program::formula::{Entries, Formula, Value};
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::program::{BlockKind, Instr, Program, Role, View};
use sparsec_program::verify::verify;

const LEN: usize = 5;

/// The entries of a formula of a vector v, a vector w and a scalar s.
fn entries(formula: impl Fn(View, View, View) -> Formula) -> Vec<f64> {
    let mut b = Builder::new("formula");
    let (v, w, s) = (b.state("v", LEN, ""), b.state("w", LEN, ""), b.state("s", 1, ""));
    let out = b.buffer("out", LEN, 1, Role::Output, "");
    b.at(BlockKind::Finish);
    b.set(out, formula(v, w, s));
    let program = verify(b.finish()).expect("a valid program");
    let layout = Layout::of(&program);
    let mut workspace = vec![0.0; layout.workspace_len()];
    for i in 0..LEN {
        workspace[layout.place_view(v).1 + i] = V[i];
        workspace[layout.place_view(w).1 + i] = W[i];
    }
    workspace[layout.place_view(s).1] = S;
    Interpreter::<f64>::new(&program).run(BlockKind::Finish, &[], &mut workspace);
    let at = layout.place_view(out).1;
    workspace[at..at + LEN].to_vec()
}

const V: [f64; LEN] = [3.0, -0.5, 0.0, -4.0, 1.0];
const W: [f64; LEN] = [2.0, 2.0, -1.0, 0.25, 1.0];
const S: f64 = 1.5;

fn is(formula: impl Fn(View, View, View) -> Formula, plain: impl Fn(f64, f64) -> f64) {
    let expected: Vec<f64> = V.iter().zip(W).map(|(v, w)| plain(*v, w)).collect();
    assert_eq!(entries(formula), expected);
}

#[test]
fn operators_take_views_numbers_values_and_formulas_on_either_side() {
    is(|v, w, _| v - w * 2.0, |v, w| v - w * 2.0);
    is(|v, w, _| 1.0 - v / w, |v, w| 1.0 - v / w);
    is(|v, w, s| s + v * Value::View(w) - Value::Literal(3.0), |v, w| S + v * w - 3.0);
    is(|v, _, s| -(2.0 * s - &(v + 0.5)), |v, _| -(2.0 * S - (v + 0.5)));
    is(|v, w, s| (v - s).max(0.0) + (v + s).min(w), |v, w| (v - S).max(0.0) + (v + S).min(w));
    is(|v, _, _| v.square() + v.abs().sqrt(), |v, _| v * v + v.abs().sqrt());
}

#[test]
fn tests_choose() {
    is(|v, w, _| v.lt(w).then(1.0, v), |v, w| if v < w { 1.0 } else { v });
    is(|v, w, _| v.le(w).then(v, w), |v, w| if v <= w { v } else { w });
    is(|v, w, _| v.gt(w).then(v, w), |v, w| if v > w { v } else { w });
    is(|v, w, s| v.ge(w).then(s, -w), |v, w| if v >= w { S } else { -w });
    is(|v, w, _| v.eq(w).then(7.0, 8.0), |v, w| if v == w { 7.0 } else { 8.0 });
    // A comparison with NaN is false, and max hands a NaN on.
    let nan = Formula::from(0.0) / 0.0;
    is(|v, _, _| nan.le(v).then(1.0, 2.0), |_, _| 2.0);
    assert!(entries(|v, _, _| v.max(&nan)).iter().all(|x| x.is_nan()));
}

#[test]
fn folds_go_from_the_left() {
    let parts = |v: View, w: View| vec![Formula::from(v), w.into(), 0.1.into(), 1e17.into(), (-1e17).into()];
    is(|v, w, _| Formula::sum(parts(v, w)), |v, w| v + w + 0.1 + 1e17 - 1e17);
    is(|v, w, _| Formula::product([v, w, v]), |v, w| v * w * v);
    is(|v, w, _| Formula::largest(0.0, [v, w]), |v, w| v.max(w).max(0.0));
    is(|_, _, _| Formula::sum(Vec::<Formula>::new()), |_, _| 0.0);
    is(|_, _, _| Formula::largest(-1.0, Vec::<Formula>::new()), |_, _| -1.0);
}

fn nodes(program: &Program) -> usize {
    let maps = program.blocks.iter().flatten();
    maps.map(|i| if let Instr::Map(map) = i { map.nodes.len() } else { 0 }).sum()
}

/// What stands in a formula several times is one node, however often it is used, and a factor of 1 none.
#[test]
fn equal_parts_are_one_node() {
    let mut b = Builder::new("shared");
    let (v, out) = (b.state("v", LEN, ""), b.state("out", LEN, ""));
    let mut f: Formula = v.exp();
    // 2⁶⁴ leaves, if it were a tree.
    for _ in 0..64 {
        f = 1.0 * &f + &f * Value::Literal(1.0);
    }
    b.map(LEN, |m| {
        m.store(out, &f);
        m.sum(b_scalar(v), f.max(v.exp()));
    });
    assert_eq!(nodes(&b.finish()), 2 + 64 + 1);
}

fn b_scalar(v: View) -> View {
    v.slice(0, 1)
}

#[test]
fn a_formula_has_as_many_entries_as_its_longest_view() {
    let mut b = Builder::new("lengths");
    let (v, s) = (b.state("v", LEN, ""), b.state("s", 1, ""));
    assert_eq!(Formula::from(2.0).entries(), 1);
    assert_eq!((2.0 * s).entries(), 1);
    assert_eq!((s * v + 1.0).entries(), LEN);
    assert_eq!(s.lt(v).then(0.0, 1.0).entries(), LEN);
}
