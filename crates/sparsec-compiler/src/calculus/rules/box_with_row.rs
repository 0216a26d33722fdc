//! Bounds l ≤ y ≤ h and one row, ⟨a, y⟩ = b or b₀ ≤ ⟨a, y⟩ ≤ b₁, are one set whose projection has a single unknown number, the multiplier of
//! the row.
//!
//! On y ≥ 0 the l1 ball of radius r is such a row, Σ yᵢ ≤ r, and the simplex of radius r is Σ yᵢ = r.
//!
//! - Condition: there is one row, and the bounds are not shifted; y ≥ 0 with a sum is the simplex or the l1 ball instead

use super::{Sum, SumRule, find};
use crate::calculus::sets::box_row::BoxRow;
use crate::calculus::sets::slab::Slab;
use crate::calculus::{Atom, Proxable, head};
use crate::expr;
use crate::model::{Arg, Elementwise, Expr};
use sparsec_program::solver::Shape;

pub struct BoxWithRow;

/// a, b₀ and b₁ of one row.
fn row(atom: &Atom) -> Option<[Expr; 3]> {
    let arg = |i: usize| atom.at.args.get(i).and_then(Arg::expr).cloned();
    let n = Shape::Vector(atom.at.rows * atom.at.len);
    if !atom.plain() {
        return None;
    }
    if atom.facts().affine {
        let b = arg(1).filter(|b| b.shape.len() == 1)?;
        let b = expr::reshape(b, Shape::Scalar);
        return Some([expr::reshape(arg(0)?, n), b.clone(), b]);
    }
    (atom.rule.name() == Slab.name()).then(|| Some([arg(0)?, arg(1)?, arg(2)?]))?
}

/// The same of a simplex, and on y ≥ 0 of an l1 ball.
fn sum(atom: &Atom, nonneg: bool) -> Option<[Expr; 3]> {
    let facts = atom.facts();
    if !atom.plain() || atom.at.rows != 1 || !(facts.simplex || facts.l1_ball && nonneg) {
        return None;
    }
    let ones = expr::literal(vec![1.0; atom.at.len], Shape::Vector(atom.at.len));
    let radius = expr::reshape(atom.at.args.first().and_then(Arg::expr)?.clone(), Shape::Scalar);
    let least = if facts.simplex { radius.clone() } else { expr::number(f64::NEG_INFINITY) };
    Some([ones, least, radius])
}

impl SumRule for BoxWithRow {
    fn name(&self) -> &'static str {
        "bounds and one row"
    }
    fn doc(&self) -> String {
        head(include_str!("box_with_row.rs"))
    }
    fn source(&self) -> &'static str {
        "Beck, theorem 6.27"
    }
    fn rewrite(&self, atoms: &mut Vec<Atom>, _sum: &mut Sum) -> Option<String> {
        // Another set beside them has no rule with the two together.
        if atoms.iter().filter(|a| a.facts().set).count() != 2 {
            return None;
        }
        let bounds = find(atoms, |a| a.facts().bounds && a.plain())?;
        let nonneg = atoms[bounds].facts().implies_nonneg && !atoms[bounds].facts().nonneg;
        let row = |a: &Atom| row(a).or_else(|| sum(a, nonneg));
        let other = find(atoms, |a| row(a).is_some())?;
        let [a, low, high] = row(&atoms[other])?;
        let (mut l, h) =
            (atoms[bounds].at.args.first()?.expr()?.clone(), atoms[bounds].at.args.get(1)?.expr()?.clone());
        if atoms[other].facts().simplex {
            l = expr::tighter(Elementwise::Max, l, expr::number(0.0), a.shape);
        }
        let text = format!("{} and {}", atoms[other].at.text, atoms[bounds].at.text);
        atoms[other].rule = &BoxRow;
        atoms[other].at.args = [a, l, h, low, high].map(Arg::Expr).to_vec();
        atoms[other].at.text = text.clone();
        atoms.remove(bounds);
        Some(text)
    }
}
