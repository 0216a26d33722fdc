//! Functions and sets in use.

use super::{Facts, Layout, Proxable};
use crate::composite::affine::Op;
use crate::expr;
use crate::model::Expr;
use crate::text::Names;
use sparsec_syntax::span::Span;
use std::sync::Arc;

/// Where a function or set stands, and with which coefficient.
#[derive(Clone, Debug)]
pub struct Use {
    /// Scalar factor, ≥ 0, without unknowns; 1 for a set.
    pub coefficient: Expr,
    /// The vectors that it is taken of.
    pub layout: Layout,
    /// Place in the text.
    pub span: Span,
    /// As a person would write it.
    pub text: String,
    /// Names of the quantities in it.
    pub names: Names,
}

impl Use {
    /// c g of the vectors of a layout.
    pub fn of(coefficient: Expr, layout: Layout, span: Span, text: String, names: &Names) -> Self {
        Use { coefficient, layout, span, text, names: names.clone() }
    }
}

/// What a rule is taken of: factor · (turn(y) − shift).
#[derive(Clone, Debug)]
pub struct Argument {
    /// An orthogonal map: the operations, applied in order.
    pub turn: Vec<Op>,
    /// The shift, without unknowns.
    pub shift: Option<Expr>,
    /// Not 0; a sign alone for what is homogeneous.
    pub factor: f64,
}

impl Argument {
    /// y itself.
    pub fn itself() -> Self {
        Argument { turn: Vec::new(), shift: None, factor: 1.0 }
    }

    /// True where it is y as it is.
    pub fn is_plain(&self) -> bool {
        self.turn.is_empty() && self.shift.is_none() && self.factor == 1.0
    }

    /// The same of directions, which no shift moves.
    pub fn unshifted(&self) -> Self {
        Argument { shift: None, ..self.clone() }
    }
}

/// A proxable function or set in use: c g(factor · (turn(y) − shift)).
#[derive(Clone, Debug)]
pub struct Atom {
    /// g
    pub rule: Arc<dyn Proxable>,
    /// Where and with which c.
    pub at: Use,
    /// Of what.
    pub argument: Argument,
}

impl Atom {
    /// What holds of the atom as a function of y; `homogeneous` is about its centre.
    pub fn facts(&self) -> Facts {
        let facts = self.rule.facts(self.at.layout);
        let Facts { separable, symmetric, homogeneous, set, nonnegative, maximiser, .. } = facts;
        let argument = &self.argument;
        if !argument.turn.is_empty() {
            return Facts { homogeneous, set, nonnegative, maximiser, ..Facts::default() };
        }
        let shifted = Facts { separable, homogeneous, set, nonnegative, maximiser, ..Facts::default() };
        if argument.shift.is_some() {
            return shifted;
        }
        if argument.factor != 1.0 {
            let nonnegative_domain = facts.nonnegative_domain && argument.factor > 0.0;
            return Facts { symmetric, nonnegative_domain, ..shifted };
        }
        facts
    }

    /// True where the rule acts on y as it is.
    pub fn plain(&self) -> bool {
        self.argument.is_plain()
    }

    /// The rule, where it is of this type and acts on y as it is. Only a rule for a sum asks.
    pub fn plain_rule<T: Proxable>(&self) -> Option<&T> {
        self.rule.is::<T>().filter(|_| self.plain())
    }

    /// The same with another rule, coefficient 1 and another text.
    pub fn become_rule(&mut self, rule: Arc<dyn Proxable>, text: String) {
        self.rule = rule;
        self.at.coefficient = expr::number(1.0);
        self.at.text = text;
    }

    /// For the rule's formulas.
    pub fn words(&self) -> Words<'_> {
        Words::of(&self.at)
    }
}

/// What a rule's formulas for reading are written with.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    names: &'a Names,
    /// The coefficient: `λ`.
    pub c: String,
    /// The step times the coefficient: `γ`, `γ·λ`.
    pub t: String,
}

impl<'a> Words<'a> {
    /// Those of a use.
    pub fn of(at: &'a Use) -> Self {
        let c = at.names.factor(&at.coefficient);
        let t = if c == "1" { "γ".to_owned() } else { format!("γ·{c}") };
        Words { names: &at.names, c, t }
    }

    /// An expression of data.
    pub fn data(&self, e: &Expr) -> String {
        self.names.expr(e)
    }
}
