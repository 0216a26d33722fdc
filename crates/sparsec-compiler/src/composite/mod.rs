//! The composite form: minimise Σ cᵢ fᵢ(Aᵢ v + bᵢ) + ⟨l, v⟩ + Σ gⱼ(v_j) + const, v all unknowns below each other.
//!
//! Every fᵢ is smooth; the vector v is cut into blocks, and what is nonsmooth on a block (penalties and sets) is one sum whose
//! prox a rule of [`crate::calculus::rules`] gives. A problem that cannot be brought to this form is refused here.

pub mod affine;
mod display;
pub mod lift;
mod normalise;
mod target;

use crate::calculus::rules::Sum;
use crate::calculus::{Smooth, Use};
use crate::model::{Depends, Expr, QuantityId};
use crate::text::Names;
use affine::Affine;
pub use normalise::normalise;
use sparsec_program::solver::Shape;
use sparsec_syntax::ast::Sense;
use sparsec_syntax::diagnostic::Diagnostic;
use std::sync::Arc;

/// A problem in composite form.
#[derive(Clone, Debug)]
pub struct Composite {
    /// Direction of the problem as written; the form itself always minimises.
    pub sense: Sense,
    /// Where each unknown lies in v.
    pub vars: Vec<VarPart>,
    /// Length of v.
    pub len: usize,
    /// The smooth terms.
    pub smooth: Vec<SmoothTerm>,
    /// Scalar affine terms, constants apart.
    pub linear: Vec<Affine>,
    /// Scalar terms without unknowns.
    pub constants: Vec<Expr>,
    /// v cut into blocks, in order and without gaps.
    pub blocks: Vec<Block>,
    /// Names for printing.
    pub names: Names,
    /// Terms that were dropped and the like.
    pub warnings: Vec<Diagnostic>,
}

/// One unknown's part of v.
#[derive(Clone, Copy, Debug)]
pub struct VarPart {
    /// Which unknown.
    pub quantity: QuantityId,
    /// First entry in v.
    pub offset: usize,
    /// Its shape, row-major in v.
    pub shape: Shape,
}

/// c f(A v + b)
#[derive(Clone, Debug)]
pub struct SmoothTerm {
    /// f
    pub rule: Arc<dyn Smooth>,
    /// c, and the text of the term.
    pub at: Use,
    /// A v + b.
    pub affine: Affine,
    /// The term is c ‖v_b − a‖² on exactly this block.
    pub centred: Option<Centred>,
}

impl SmoothTerm {
    /// On what its map, its curvature and its coefficient depend.
    pub fn depends(&self) -> Depends {
        let maps = self.affine.terms.iter().map(affine::Term::depends);
        let args = self.rule.data().into_iter().map(|e| e.depends);
        maps.chain(args).fold(self.at.coefficient.depends, Depends::max)
    }
}

/// A square centred on a block: weight · ‖v_b − centre‖².
#[derive(Clone, Debug)]
pub struct Centred {
    /// Index of the block.
    pub block: usize,
    /// Weight ≥ 0.
    pub weight: Expr,
    /// Centre; `None` is 0.
    pub centre: Option<Expr>,
}

/// A part of v with what is nonsmooth on it.
#[derive(Clone, Debug)]
pub struct Block {
    /// First entry in v.
    pub offset: usize,
    /// Number of entries.
    pub len: usize,
    /// Unknown that it is (a part of), for messages.
    pub quantity: QuantityId,
    /// Its text: `y`, `y[0..10]`.
    pub text: String,
    /// The prox of the sum of all penalties and sets on it.
    pub sum: Sum,
}

impl Block {
    /// The block with every penalty and set centred at 0: its recession function has this prox and these values.
    pub fn unshifted(&self) -> Block {
        let mut block = self.clone();
        block.sum.steps.iter_mut().for_each(|a| a.argument.shift = None);
        block
    }
}

impl Composite {
    /// The smooth terms that are no squares centred on a block.
    pub fn losses(&self) -> impl Iterator<Item = &SmoothTerm> {
        self.smooth.iter().filter(|t| t.centred.is_none())
    }

    /// The squares that are centred on the block of this number.
    pub fn squares(&self, block: usize) -> impl Iterator<Item = &Centred> {
        self.smooth.iter().filter_map(|t| t.centred.as_ref()).filter(move |c| c.block == block)
    }

    /// The part of v of an unknown.
    pub fn part(&self, id: QuantityId) -> Option<&VarPart> {
        self.vars.iter().find(|v| v.quantity == id)
    }

    /// True where the prox makes most entries of an unknown exactly 0.
    pub fn sparse(&self, id: QuantityId) -> bool {
        let mut blocks = self.blocks.iter().filter(|b| b.quantity == id).peekable();
        blocks.peek().is_some() && blocks.all(|b| b.sum.steps.iter().any(|a| a.facts().sparse))
    }

    /// A group for each unknown, counted from 0: those that one block joins are in one group.
    pub fn groups(&self) -> Vec<usize> {
        let joined = |start: usize| self.blocks.iter().any(|b| b.offset < start && start < b.offset + b.len);
        let mut groups: Vec<usize> = Vec::new();
        for var in &self.vars {
            let next = match groups.last() {
                None => 0,
                Some(last) if joined(var.offset) => *last,
                Some(last) => last + 1,
            };
            groups.push(next);
        }
        groups
    }

    /// True where no block has a penalty or set.
    pub fn unconstrained(&self) -> bool {
        self.blocks.iter().all(|b| b.sum.steps.is_empty())
    }
}
