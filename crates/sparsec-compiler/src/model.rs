//! The model: a problem with every name looked up, every shape known, and sign and curvature of every expression.
//!
//! Made by [`crate::resolve`]. It holds no data, only the declarations and literals of the text.

use crate::calculus::{Function, Set};
use sparsec_program::solver::{Domain, Shape};
use sparsec_syntax::ast::Sense;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::span::Span;

/// A resolved problem.
#[derive(Clone, Debug)]
pub struct Model {
    /// Name of the problem.
    pub name: String,
    /// Its `///` lines.
    pub docs: String,
    /// Dims by declared name, in the order declared.
    pub dims: Vec<(String, usize)>,
    /// Consts, params and vars, in the order declared.
    pub quantities: Vec<Quantity>,
    /// Direction.
    pub sense: Sense,
    /// The objective as written (not negated for `maximize`), a scalar.
    pub objective: Expr,
    /// Constraints, domains of vars included, in the order written.
    pub constraints: Vec<Constraint>,
    /// `solve with …`; `None` for `auto`.
    pub method: Option<Method>,
    /// Warnings found on the way.
    pub warnings: Vec<Diagnostic>,
}

/// Index of a quantity in [`Model::quantities`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QuantityId(pub usize);

/// A declared quantity.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// As declared.
    pub name: String,
    /// Canonical ASCII name.
    pub canonical: String,
    /// Its `///` lines.
    pub docs: String,
    /// const, param or var.
    pub kind: QuantityKind,
    /// Shape with numbers.
    pub shape: Shape,
    /// Declared domains (of a var: turned into constraints as well).
    pub domains: Vec<Domain>,
    /// Declared value.
    pub value: Option<QuantityValue>,
    /// Place of its name in its declaration.
    pub span: Span,
    /// Domain demands that functions made of it beyond the declaration (`Q` psd), with the place that demands.
    pub demands: Vec<(Domain, Span)>,
    /// Used as a bound, so that infinite entries are allowed.
    pub allow_infinite: bool,
}

/// Kinds of quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityKind {
    /// Fixed when the solver is built.
    Const,
    /// Changes from solve to solve.
    Param,
    /// Unknown.
    Var,
}

/// Value of a quantity in the text.
#[derive(Clone, Debug, PartialEq)]
pub enum QuantityValue {
    /// Row-major numbers of the declared shape.
    Literal(Vec<f64>),
    /// `load("path", "key")`
    Load {
        /// As written.
        path: String,
        /// Member of a container.
        key: Option<String>,
        /// Place of the whole `load(…)`.
        span: Span,
    },
}

/// What an expression's value depends on; ordered, the larger wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depends {
    /// Literals only.
    Literal,
    /// Consts at most.
    Const,
    /// Params at most.
    Param,
    /// An unknown.
    Var,
}

/// What is known of the signs of all entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    /// All are 0.
    Zero,
    /// All ≥ 0.
    Nonnegative,
    /// All ≤ 0.
    Nonpositive,
    /// Nothing is known.
    Unknown,
}

/// Curvature in the unknowns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curvature {
    /// No unknown in it.
    Constant,
    /// Affine.
    Affine,
    /// Convex.
    Convex,
    /// Concave.
    Concave,
    /// Neither could be shown.
    Unknown,
}

/// A resolved expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Which.
    pub kind: ExprKind,
    /// Shape of its value.
    pub shape: Shape,
    /// What it depends on.
    pub depends: Depends,
    /// Signs of its entries.
    pub sign: Sign,
    /// Curvature.
    pub curvature: Curvature,
    /// Place in the text.
    pub span: Span,
}

/// Kinds of resolved expression. `let` names are expanded; a matrix with one column is not a vector.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A literal: a number, or row-major entries of the expression's shape (`[1, 2]`). `ones(n)` is a `Fill`, `eye(n)` the
    /// `Diag` of one.
    Literal(Vec<f64>),
    /// A declared quantity.
    Quantity(QuantityId),
    /// `-e`
    Negate(Box<Expr>),
    /// `a + b`, same shape (a scalar on either side of a constraint is spread by `Fill` first).
    Add(Box<Expr>, Box<Expr>),
    /// `a − b`, same shape.
    Subtract(Box<Expr>, Box<Expr>),
    /// Scalar times anything; the scalar is on the left, whichever way it was written.
    Scale(Box<Expr>, Box<Expr>),
    /// Matrix times vector or matrix.
    Product(Box<Expr>, Box<Expr>),
    /// `a .* b`, same shape.
    ElementProduct(Box<Expr>, Box<Expr>),
    /// `a ./ b`, same shape, b without unknowns. `a / s` of data by a scalar has a `Fill`ed divisor unless `a` is a scalar too;
    /// where `a` holds unknowns it is `Scale` by `1 / s`.
    ElementQuotient(Box<Expr>, Box<Expr>),
    /// `e^k` elementwise of data, k ≥ 2; powers of unknowns become calls or errors.
    Power(Box<Expr>, u32),
    /// Transpose of a matrix; of a vector: a matrix of one row.
    Transpose(Box<Expr>),
    /// Inner product `⟨a, b⟩` of two equal shapes; also `a.T b` of vectors, and `trace(A.T B)`.
    Dot(Box<Expr>, Box<Expr>),
    /// Sum of all entries.
    Sum(Box<Expr>),
    /// Sum of the diagonal of a square matrix.
    Trace(Box<Expr>),
    /// Entries `rows.0..rows.1` (and columns) of a vector or matrix, the end excluded. A single entry has shape Scalar, one row
    /// or column of a matrix (`Y[2, ..]`) is a vector.
    Slice {
        /// Of what.
        of: Box<Expr>,
        /// Rows (entries of a vector).
        rows: (usize, usize),
        /// Columns, `(0, 1)` for a vector.
        cols: (usize, usize),
    },
    /// Vectors (scalars as length 1) below each other.
    Stack(Vec<Expr>),
    /// Diagonal matrix of a vector.
    Diag(Box<Expr>),
    /// A scalar repeated to the expression's shape.
    Fill(Box<Expr>),
    /// A named linear map that is applied without a matrix.
    Linear(LinearMap, Box<Expr>),
    /// Convolution with a kernel that holds no unknown: `conv(k, y)`.
    Convolve(Box<Expr>, Box<Expr>),
    /// `rows(Y)`: the argument of a vector function or set, taken for every row.
    Rows(Box<Expr>),
    /// `cols(Y)`
    Cols(Box<Expr>),
    /// An elementwise function of data (no unknown inside).
    Elementwise(Elementwise, Vec<Expr>),
    /// A function of the registry; `args[0]` is the expression, the rest as its signature says. A scalar, or with `Rows` or
    /// `Cols` a vector of one value each.
    Call(&'static Function, Vec<Arg>),
}

/// Linear maps by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinearMap {
    /// k-th finite difference of a vector: length n − k.
    Diff(usize),
    /// Running sums.
    Cumsum,
    /// Orthonormal DCT-II.
    Dct,
    /// 2-D gradient of a `matrix[m, n]`: a `matrix[2*m, n]`, differences down the rows above differences along them; those past the edge are 0.
    Grad2,
}

impl LinearMap {
    /// A bound on ‖A‖² for n entries, exact but for the differences.
    pub fn norm_squared(self, n: usize) -> f64 {
        match self {
            LinearMap::Diff(k) => 4f64.powi(k as i32),
            LinearMap::Grad2 => 8.0,
            LinearMap::Dct => 1.0,
            LinearMap::Cumsum => {
                // The inverse's Gram matrix is tridiagonal with smallest eigenvalue 4 sin²(π/(4n + 2)).
                let s = (std::f64::consts::PI / (4 * n + 2) as f64).sin();
                1.0 / (4.0 * s * s) * (1.0 + 1e-12)
            }
        }
    }
}

/// Elementwise functions of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Elementwise {
    /// |a|
    Abs,
    /// eᵃ
    Exp,
    /// ln a
    Log,
    /// √a
    Sqrt,
    /// a²
    Square,
    /// max(a, 0)
    Pos,
    /// max(a, b)
    Max,
    /// min(a, b)
    Min,
}

/// An argument of a function or set.
#[derive(Clone, Debug)]
pub enum Arg {
    /// An expression (with unknowns only as `args[0]` of a function).
    Expr(Expr),
    /// Disjoint groups of entries; entries in none are free.
    Groups(Vec<Vec<usize>>),
    /// An integer literal.
    Integer(usize),
}

impl Arg {
    /// The expression in it, if it is one.
    pub fn expr(&self) -> Option<&Expr> {
        match self {
            Arg::Expr(e) => Some(e),
            _ => None,
        }
    }
}

/// A resolved constraint.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// The constrained expression, affine; `Rows`/`Cols` of one for a set taken row by row.
    pub value: Expr,
    /// The set that it lies in. `e <= f` is `f − e in nonneg` unless one side holds no unknown: then it is a box;
    /// `norm2(e) <= r` is `e in ball2(r)`, and so on; `e == f` is `Equal`.
    pub set: SetUse,
    /// Place in the text.
    pub span: Span,
}

/// A set with its arguments.
#[derive(Clone, Debug)]
pub enum SetUse {
    /// A set of the registry with its arguments (without the expression).
    Named(&'static Set, Vec<Arg>),
    /// Entrywise bounds; each a scalar or of the value's shape, without unknowns. `None` is no bound.
    Box(Option<Expr>, Option<Expr>),
    /// `value == rhs`, the right side without unknowns and of the value's shape.
    Equal(Expr),
}

/// `solve with NAME(options)` with values.
#[derive(Clone, Debug)]
pub struct Method {
    /// Name of the algorithm.
    pub name: String,
    /// Place of the name.
    pub span: Span,
    /// Options by name; whether the algorithm knows them is checked in planning.
    pub options: Vec<MethodOption>,
}

/// One option.
#[derive(Clone, Debug)]
pub struct MethodOption {
    /// Its name.
    pub name: String,
    /// Place of the whole option.
    pub span: Span,
    /// Its value.
    pub value: OptionValue,
}

/// Values of options.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// A number (arithmetic of literals is done).
    Number(f64),
    /// A word: `seed`, `nesterov`, `lambda_max`, `true`.
    Word(String),
    /// A word with numbers: `sigshrink(10)`.
    Call(String, Vec<f64>),
    /// `load("…")`
    Load(String, Option<String>),
}
