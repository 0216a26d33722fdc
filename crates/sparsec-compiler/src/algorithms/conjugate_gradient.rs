//! `conjugate_gradient`: conjugate gradients with a diagonal preconditioner, for quadratics without penalties or sets.
//!
//! r = −∇F(y), z = M⁻¹ r, p ← z + β p with β = max(0, ⟨z, r − r₋⟩/⟨z₋, r₋⟩), y ← y + (⟨p, r⟩/⟨p, H p⟩) p. M bounds the second
//! derivatives along the coordinates, so the units of the columns do not matter. It takes what `closed_form` does not: several unknowns
//! (least squares with an intercept), matrix unknowns, operators such as `conv` and `diff`, and sizes beyond a factorisation.
//!
//! - Options: `tol`, `max_iter`
//! - Source: Hestenes & Stiefel, *Methods of Conjugate Gradients for Solving Linear Systems* (1952); Polak & Ribière (1969) for β

use super::{Algorithm, Problem};
use crate::composite::SmoothTerm;
use crate::lower::formulas::ratio_or_zero;
use crate::lower::{Emit, Frame};
use crate::plan::{Options, Plan};
use sparsec_program::program::BlockKind;

/// See the file's head.
#[derive(Debug)]
pub struct ConjugateGradient;

impl Algorithm for ConjugateGradient {
    fn name(&self) -> &'static str {
        "conjugate_gradient"
    }
    fn doc(&self) -> String {
        crate::calculus::head(include_str!("conjugate_gradient.rs"))
    }
    fn fits(&self, problem: Problem<'_>, _options: &Options) -> Result<(), String> {
        if let Some(t) = problem.form.smooth.iter().find(|t| t.rule.quadratic().is_none()) {
            return Err(format!("{} is not quadratic", t.at.text));
        }
        if problem.form.smooth.is_empty() {
            return Err("there is no quadratic term".to_owned());
        }
        let nonsmooth = problem.form.blocks.iter().flat_map(|b| &b.sum.steps).next();
        nonsmooth.map_or(Ok(()), |a| Err(format!("{} is nonsmooth or a constraint", a.at.text)))
    }
    fn iteration(&self, _problem: Problem<'_>, _options: &Options) -> String {
        "p ← M⁻¹ r + β p, y ← y + (⟨p, r⟩/⟨p, H p⟩) p, r = −∇F(y), M the coordinates' second derivatives".to_owned()
    }
    fn lower(&self, cx: &mut Emit<'_>, problem: Problem<'_>, _plan: &Plan, frame: &Frame) {
        let form = problem.form;
        let n = form.len;
        let terms: Vec<&SmoothTerm> = form.smooth.iter().collect();
        cx.b.at(BlockKind::Prepare);
        let v = cx.b.state("v", n, "the iterate, all unknowns below each other");
        frame.start(cx, form, v);
        let inverse = cx.b.state("inverse", n, "1/M");
        let p = cx.b.state("p", n, "the direction");
        let last = cx.b.state("last", n, "the residual before");
        let size = cx.b.state("size", 1, "⟨z, r⟩ before");
        let bends = cx.b.scratch("bends", n);
        cx.coordinate_curvatures(form, &terms, bends);
        cx.b.set(inverse, ratio_or_zero(1.0, bends));
        for state in [p, last, size] {
            cx.b.fill(state, 0.0);
        }

        cx.b.at(BlockKind::Step);
        let g = cx.b.scratch("grad", n);
        cx.gradient(form, v, g);
        let (turn, now, along) = (cx.b.scratch("turn", 1), cx.b.scratch("now", 1), cx.b.scratch("along", 1));
        cx.b.map(n, |m| {
            let r = -g;
            let z = inverse * &r;
            m.sum(now, &z * &r);
            m.sum(turn, z * (r - last));
        });
        cx.b.map(n, |m| {
            let beta = ratio_or_zero(turn, size).max(0.0);
            let r = -g;
            let next = inverse * &r + beta * p;
            m.store(p, &next);
            m.store(last, &r);
            m.sum(along, next * r);
        });
        cx.b.copy(size, now);
        let (hp, bend) = (cx.b.scratch("hp", n), cx.b.scratch("bend", 1));
        cx.hessian(form, &terms, p, hp);
        cx.b.sum(bend, p * hp);
        cx.b.set(v, v + ratio_or_zero(along, bend) * p);

        cx.b.at(BlockKind::Stop);
        let measured = cx.measure(form, v);
        frame.keep_measured(cx, v, &measured, false);
    }
}
