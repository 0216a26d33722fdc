//! Formulas of entries, written as on paper: the soft threshold is `(v - t).max(0.0) + (v + t).min(0.0)`.
//!
//! A view stands for its entry i, a number for itself, and a view of length 1 is the same number for every i. What operators and methods
//! make of them is a [`Formula`]; [`Builder`](crate::builder::Builder) turns formulas into the nodes of a map. A product with the literal 1 is the
//! other factor, a quotient by it the dividend; nothing else is simplified, so that a program computes what was written, in that order.

use crate::builder::Key;
use crate::program::{Binary, Compare, Unary, View};
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::rc::Rc;

/// A formula of entry i of some views.
#[derive(Clone, Debug)]
pub struct Formula {
    term: Rc<Term>,
    /// Length of the longest view in it; 1 where there is none.
    len: usize,
}

/// The outermost operation of a formula.
#[derive(Debug)]
pub(crate) enum Term {
    Entry(View),
    Literal(f64),
    Unary(Unary, Formula),
    /// Of two or more operands, combined from the left.
    Fold(Binary, Vec<Formula>),
    Select(Test, Formula, Formula),
}

/// A number known to the compiler, or a view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Known.
    Literal(f64),
    /// In memory; of length 1, or of the length of the maps that it is used in.
    View(View),
}

impl Value {
    /// The view, if it is one.
    pub fn view(self) -> Option<View> {
        match self {
            Value::View(v) => Some(v),
            Value::Literal(_) => None,
        }
    }
}

/// A formula by its nodes: equal and hashed alike where the same is computed of the same views.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Structure(pub(crate) Vec<Key>);

impl Structure {
    /// The views that it is of.
    pub fn views(&self) -> Vec<View> {
        let view = |key: &Key| match key {
            Key::Element(view) | Key::Scalar(view) => Some(*view),
            _ => None,
        };
        self.0.iter().filter_map(view).collect()
    }
}

/// `a compare b`; false where a side is NaN.
#[derive(Clone, Debug)]
pub struct Test {
    pub(crate) compare: Compare,
    pub(crate) a: Formula,
    pub(crate) b: Formula,
}

impl Test {
    /// `a compare b`
    pub fn new(a: impl Into<Formula>, compare: Compare, b: impl Into<Formula>) -> Self {
        Test { compare, a: a.into(), b: b.into() }
    }

    /// `yes` where it holds, `no` where it does not.
    pub fn then(self, yes: impl Into<Formula>, no: impl Into<Formula>) -> Formula {
        let (yes, no) = (yes.into(), no.into());
        let len = self.a.len.max(self.b.len).max(yes.len).max(no.len);
        Formula::new(Term::Select(self, yes, no), len)
    }
}

impl Formula {
    fn new(term: Term, len: usize) -> Self {
        Formula { term: Rc::new(term), len }
    }

    pub(crate) fn term(&self) -> &Rc<Term> {
        &self.term
    }

    /// Length of the longest view in it: the number of entries that it has. 1 where there is none.
    pub fn entries(&self) -> usize {
        self.len
    }

    fn literal(&self) -> Option<f64> {
        match *self.term {
            Term::Literal(x) => Some(x),
            _ => None,
        }
    }

    /// `op a`
    pub fn unary(op: Unary, a: impl Into<Formula>) -> Formula {
        let a = a.into();
        let len = a.len;
        Formula::new(Term::Unary(op, a), len)
    }

    /// `a op b`
    pub fn binary(op: Binary, a: impl Into<Formula>, b: impl Into<Formula>) -> Formula {
        let (a, b) = (a.into(), b.into());
        match (op, a.literal(), b.literal()) {
            (Binary::Mul, Some(1.0), _) => b,
            (Binary::Mul | Binary::Div, _, Some(1.0)) => a,
            _ => Formula::fold(op, vec![a, b]),
        }
    }

    fn fold(op: Binary, operands: Vec<Formula>) -> Formula {
        let len = operands.iter().map(|f| f.len).max().unwrap_or(1);
        Formula::new(Term::Fold(op, operands), len)
    }

    fn folded(op: Binary, operands: impl IntoIterator<Item = impl Into<Formula>>) -> Option<Formula> {
        let mut operands: Vec<Formula> = operands.into_iter().map(Into::into).collect();
        if operands.len() > 1 { Some(Formula::fold(op, operands)) } else { operands.pop() }
    }

    /// a + b + …, from the left; 0 of nothing.
    pub fn sum(operands: impl IntoIterator<Item = impl Into<Formula>>) -> Formula {
        Formula::folded(Binary::Add, operands).unwrap_or_else(|| 0.0.into())
    }

    /// a · b · …, from the left; 1 of nothing.
    pub fn product(operands: impl IntoIterator<Item = impl Into<Formula>>) -> Formula {
        Formula::folded(Binary::Mul, operands).unwrap_or_else(|| 1.0.into())
    }

    /// The largest of `least` and the operands; NaN if any is.
    pub fn largest(least: f64, operands: impl IntoIterator<Item = impl Into<Formula>>) -> Formula {
        let all = std::iter::once(least.into()).chain(operands.into_iter().map(Into::into));
        Formula::folded(Binary::Max, all).unwrap_or_else(|| least.into())
    }
}

impl From<f64> for Formula {
    fn from(x: f64) -> Self {
        Formula::new(Term::Literal(x), 1)
    }
}

impl From<View> for Formula {
    fn from(v: View) -> Self {
        Formula::new(Term::Entry(v), v.len)
    }
}

impl From<Value> for Formula {
    fn from(v: Value) -> Self {
        match v {
            Value::Literal(x) => x.into(),
            Value::View(v) => v.into(),
        }
    }
}

impl From<&Formula> for Formula {
    fn from(f: &Formula) -> Self {
        f.clone()
    }
}

macro_rules! operators {
    ($($left:ty),*) => { $(
        operators! { @one $left, Add add, Sub sub, Mul mul, Div div }

        impl Neg for $left {
            type Output = Formula;
            fn neg(self) -> Formula {
                Formula::unary(Unary::Neg, self)
            }
        }
    )* };
    (@one $left:ty, $($op:ident $method:ident),*) => { $(
        impl<R: Into<Formula>> $op<R> for $left {
            type Output = Formula;
            fn $method(self, right: R) -> Formula {
                Formula::binary(Binary::$op, self, right)
            }
        }
    )* };
    (@number $($right:ty),*) => { $(
        operators! { @number_one $right, Add add, Sub sub, Mul mul, Div div }
    )* };
    (@number_one $right:ty, $($op:ident $method:ident),*) => { $(
        impl $op<$right> for f64 {
            type Output = Formula;
            fn $method(self, right: $right) -> Formula {
                Formula::binary(Binary::$op, self, right)
            }
        }
    )* };
}

operators! { Formula, &Formula, View, Value }
operators! { @number Formula, &Formula, View, Value }

macro_rules! methods {
    (
        unary: $($(#[$unary_doc:meta])* $unary:ident $unary_op:ident),*;
        binary: $($(#[$binary_doc:meta])* $binary:ident $binary_op:ident),*;
        tests: $($(#[$test_doc:meta])* $test:ident $compare:ident $swapped:literal),*;
    ) => {
        impl Formula {
            $($(#[$unary_doc])* pub fn $unary(&self) -> Formula {
                Formula::unary(Unary::$unary_op, self)
            })*
            $($(#[$binary_doc])* pub fn $binary(&self, other: impl Into<Formula>) -> Formula {
                Formula::binary(Binary::$binary_op, self, other)
            })*
            $($(#[$test_doc])* pub fn $test(&self, other: impl Into<Formula>) -> Test {
                match $swapped {
                    false => Test::new(self, Compare::$compare, other),
                    true => Test::new(other, Compare::$compare, self),
                }
            })*
            /// Its square.
            pub fn square(&self) -> Formula {
                self * self
            }
        }

        /// The methods of a formula on what stands for an entry.
        pub trait Entries: Into<Formula> + Copy {
            $($(#[$unary_doc])* fn $unary(self) -> Formula {
                self.into().$unary()
            })*
            $($(#[$binary_doc])* fn $binary(self, other: impl Into<Formula>) -> Formula {
                self.into().$binary(other)
            })*
            $($(#[$test_doc])* fn $test(self, other: impl Into<Formula>) -> Test {
                self.into().$test(other)
            })*
            /// Its square.
            fn square(self) -> Formula {
                self.into().square()
            }
        }
    };
}

methods! {
    unary:
        /// Its absolute value.
        abs Abs,
        /// Its root; NaN below 0.
        sqrt Sqrt,
        /// e to it.
        exp Exp,
        /// Its natural logarithm; −∞ at 0, NaN below.
        log Log,
        /// The natural logarithm of 1 plus it.
        log1p Log1p;
    binary:
        /// The larger of the two; NaN if either is.
        max Max,
        /// The smaller of the two; NaN if either is.
        min Min;
    tests:
        /// Whether it is less.
        lt Lt false,
        /// Whether it is less or equal.
        le Le false,
        /// Whether it is greater.
        gt Lt true,
        /// Whether it is greater or equal.
        ge Le true,
        /// Whether the two are equal.
        eq Eq false;
}

impl Entries for View {}
impl Entries for Value {}
