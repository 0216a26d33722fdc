//! `steepest_descent`: descent along the subgradient of least norm.
//!
//! An arbitrary subgradient need not be a descent direction; minus the one of least norm is. For F + Σ wᵢ|yᵢ| it is ∇ᵢF + wᵢ sign(yᵢ) where
//! yᵢ ≠ 0 and S_{wᵢ}(∇ᵢF) where yᵢ = 0 (the bounds are ±wᵢ). A step of 1/L follows; an entry that would cross 0 stops there, so
//! that the objective is smooth along the step and never rises. Without a penalty this is gradient descent.
//!
//! - Options: `step`, `tol`, `max_iter`
//! - Source: Bertsekas, *Convex Optimization Algorithms* (2015), section 2.1; Andrew & Gao, *Scalable Training of L1-Regularized
//!   Log-Linear Models* (2007), for the stop at 0

use super::proximal_gradient::is_l1;
use super::{Algorithm, Problem};
use crate::lower::{Emit, Frame};
use crate::plan::{Options, Plan};
use sparsec_program::formula::Value;
use sparsec_program::program::BlockKind;

/// See the file's head.
#[derive(Debug)]
pub struct SteepestDescent;

impl Algorithm for SteepestDescent {
    fn name(&self) -> &'static str {
        "steepest_descent"
    }
    fn doc(&self) -> String {
        crate::calculus::head(include_str!("steepest_descent.rs"))
    }
    fn options(&self) -> &'static [&'static str] {
        &["step"]
    }
    fn fits(&self, problem: Problem<'_>, options: &Options) -> Result<(), String> {
        if options.backtracking {
            return Err("its step is fixed".to_owned());
        }
        for block in &problem.form.blocks {
            match block.sum.steps.as_slice() {
                [] => {}
                [a] if is_l1(a) && a.plain() => {}
                [a, ..] => {
                    return Err(format!("{} is neither smooth nor an l1 norm of the unknown", a.at.text));
                }
            }
        }
        Ok(())
    }
    fn iteration(&self, _problem: Problem<'_>, options: &Options) -> String {
        let gamma = options.step.map_or("1/L".to_owned(), |s| s.to_string());
        format!("y ← y − γ s, s the subgradient of least norm, γ = {gamma}; an entry that would cross 0 stops there")
    }
    fn lower(&self, cx: &mut Emit<'_>, problem: Problem<'_>, plan: &Plan, frame: &Frame) {
        let form = problem.form;
        cx.b.at(BlockKind::Prepare);
        let v = cx.b.state("v", form.len, "the iterate, all unknowns below each other");
        frame.start(cx, form, v);
        let gamma = match plan.options.step {
            Some(step) => Value::Literal(step),
            None => cx.step_size(form),
        };

        cx.b.at(BlockKind::Step);
        let g = cx.b.scratch("grad", form.len);
        cx.gradient(form, v, g);
        for block in &form.blocks {
            let (y, g) = (v.slice(block.offset, block.len), g.slice(block.offset, block.len));
            let Some(atom) = block.sum.steps.first() else {
                cx.b.set(y, y - gamma * g);
                continue;
            };
            let Some(rule) = atom.rule.separable() else { continue };
            let c = cx.value(&atom.at.coefficient);
            // The element of ∇F + [low, high] next to 0.
            let [low, high] = rule.subdifferential(cx, c, y);
            let s = (g + low).max(0.0) + (g + high).min(0.0);
            let next = y - gamma * s;
            cx.b.set(y, (y * &next).lt(0.0).then(0.0, next));
        }

        cx.b.at(BlockKind::Stop);
        let measured = cx.measure(form, v);
        frame.keep_measured(cx, v, &measured, false);
    }
}
