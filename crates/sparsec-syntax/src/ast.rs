//! The syntax tree: what a problem file says, before any name is looked up.
//!
//! The tree holds no shapes and no meanings: `f(e)` is an application whether `f` turns out to be a function
//! or a declared quantity, and `D y` is a juxtaposition. Equality of two trees ignores spans and spelling
//! (`λ` and `lambda` are one name), so `parse(format(p)) == p` is meaningful; see [`Problem::same`].

use crate::span::Span;

/// A name as written, and its canonical form: Greek letters as words, subscript digits as digits.
#[derive(Clone, Debug)]
pub struct Ident {
    /// As the user wrote it.
    pub text: String,
    /// The name that is compared: `λ₁` is `lambda1`.
    pub canonical: String,
    /// Where.
    pub span: Span,
}

/// One problem.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The name in `problem NAME { … }`; `None` where the wrapper was left out.
    pub name: Option<Ident>,
    /// The `///` lines before the wrapper, without their markers, joined by newlines.
    pub docs: String,
    /// In the order of the text.
    pub statements: Vec<Statement>,
    /// The whole text of the problem.
    pub span: Span,
}

/// One statement with its documentation.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The `///` lines before it.
    pub docs: String,
    /// What it states.
    pub kind: StatementKind,
    /// From its keyword to its last token.
    pub span: Span,
}

/// The statements of the language.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// `dim m = 64, n`
    Dim(Vec<DimDecl>),
    /// `const D: matrix[m, n] = load("D.npy")`
    Const(Vec<Decl>),
    /// `param x: vector[m]`
    Param(Vec<Decl>),
    /// `var y: vector[n] >= 0`
    Var(Vec<Decl>),
    /// `let r = x - D*y`
    Let(Vec<LetDecl>),
    /// `minimize E` or `maximize E`
    Objective {
        /// Which of the two.
        sense: Sense,
        /// The objective.
        value: Expr,
    },
    /// `subject to C, C`
    Subject(Vec<Constraint>),
    /// `solve with fista(tol = 1e-8)`
    Solve(Method),
}

/// Direction of the optimisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// `minimize`
    Minimize,
    /// `maximize`
    Maximize,
}

/// `n = 256` in a `dim` statement.
#[derive(Clone, Debug)]
pub struct DimDecl {
    /// Its name.
    pub name: Ident,
    /// Its value as a number literal (checked to be a size in resolution), where given.
    pub value: Option<Expr>,
}

/// One declared quantity.
#[derive(Clone, Debug)]
pub struct Decl {
    /// Its name.
    pub name: Ident,
    /// `scalar`, `vector[n]`, `matrix[m, n]` or `sparse matrix[m, n]`.
    pub ty: Type,
    /// `>= 0`, `in [0, 1]`, `symmetric`, …
    pub domains: Vec<Domain>,
    /// `= 0.1`, `= [1, 2]`, `= load("x.npy")`.
    pub value: Option<Value>,
    /// From the name to the last token.
    pub span: Span,
}

/// A declared type; the sizes are names of dims or integer literals.
#[derive(Clone, Debug)]
pub struct Type {
    /// Which.
    pub kind: TypeKind,
    /// Where.
    pub span: Span,
}

/// Kinds of type.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// `scalar`
    Scalar,
    /// `vector[n]`
    Vector(Expr),
    /// `matrix[m, n]`
    Matrix(Expr, Expr),
    /// `sparse matrix[m, n]`
    SparseMatrix(Expr, Expr),
}

/// A declared domain.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Which.
    pub kind: DomainKind,
    /// Where.
    pub span: Span,
}

/// Kinds of domain. Bounds are signed number literals (`inf` allowed).
#[derive(Clone, Debug, PartialEq)]
pub enum DomainKind {
    /// `>= c`
    AtLeast(f64),
    /// `> c`
    Above(f64),
    /// `<= c`
    AtMost(f64),
    /// `< c`
    Below(f64),
    /// `in [a, b]`
    Between(f64, f64),
    /// `symmetric`
    Symmetric,
    /// `psd`
    Psd,
}

/// A given value.
#[derive(Clone, Debug)]
pub enum Value {
    /// A number, `[1, 2, 3]` or `[[1, 2], [3, 4]]`, possibly with signs and `inf`.
    Literal(Expr),
    /// `load("file.npz", "key")`
    Load {
        /// Path as written, relative to the problem's file.
        path: String,
        /// The member of a container.
        key: Option<String>,
        /// The whole `load(…)`.
        span: Span,
    },
}

/// `r = x - D*y` in a `let` statement.
#[derive(Clone, Debug)]
pub struct LetDecl {
    /// Its name.
    pub name: Ident,
    /// What it stands for.
    pub value: Expr,
}

/// One constraint.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Which.
    pub kind: ConstraintKind,
    /// Where.
    pub span: Span,
}

/// Kinds of constraint.
#[derive(Clone, Debug)]
pub enum ConstraintKind {
    /// `e in SET`
    In {
        /// The expression.
        value: Expr,
        /// The set.
        set: SetExpr,
    },
    /// `e <= f`, `e >= f`, `e == f`
    Compare {
        /// Left side.
        left: Expr,
        /// Relation.
        relation: Relation,
        /// Right side.
        right: Expr,
    },
    /// `l <= e <= u` (also written `u >= e >= l`, stored in ascending order)
    Between {
        /// Lower bound.
        lower: Expr,
        /// The bounded expression.
        value: Expr,
        /// Upper bound.
        upper: Expr,
    },
}

/// Relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<=`
    LessEqual,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
}

/// A set as written after `in`.
#[derive(Clone, Debug)]
pub struct SetExpr {
    /// Which.
    pub kind: SetKind,
    /// Where.
    pub span: Span,
}

/// Kinds of set expression.
#[derive(Clone, Debug)]
pub enum SetKind {
    /// `simplex`, `box(l, u)`, `ball2(r, c)`
    Named {
        /// Its name.
        name: Ident,
        /// Arguments, empty without parentheses.
        args: Vec<Expr>,
    },
    /// `[l, u]`
    Interval(Expr, Expr),
}

/// `solve with NAME(options)`.
#[derive(Clone, Debug)]
pub struct Method {
    /// The algorithm.
    pub name: Ident,
    /// Options in the order written.
    pub options: Vec<MethodOption>,
    /// From the name to the last token.
    pub span: Span,
}

/// `tol = 1e-8`, or a positional value.
#[derive(Clone, Debug)]
pub struct MethodOption {
    /// The option's name; `None` for a positional value (`sigshrink(10)` within `shrink`).
    pub name: Option<Ident>,
    /// Its value.
    pub value: OptionValue,
    /// Where.
    pub span: Span,
}

/// Values of options. Names (`seed`, `lambda_max`, `true`) and shrinkages (`sigshrink(10)`, an expression in x and t)
/// are expressions too: a name or an application.
#[derive(Clone, Debug)]
pub enum OptionValue {
    /// Any expression.
    Expr(Expr),
    /// `load("w.safetensors")`
    Load {
        /// Path as written.
        path: String,
        /// The member of a container.
        key: Option<String>,
        /// The whole `load(…)`.
        span: Span,
    },
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Which.
    pub kind: ExprKind,
    /// Where; of a parenthesised expression, with its parentheses.
    pub span: Span,
}

/// Kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A literal; `inf` is a literal as well.
    Number(f64),
    /// A name.
    Name(Ident),
    /// `-e`
    Negate(Box<Expr>),
    /// `a + b`, `a D y`, …
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `e^2`: the exponent is kept as an expression so that a wrong one can be explained.
    Power(Box<Expr>, Box<Expr>),
    /// `D.T`
    Transpose(Box<Expr>),
    /// `‖e‖₁`
    Norm(NormKind, Box<Expr>),
    /// `f(a, b)`: a call or a product, which resolution decides.
    Apply(Ident, Vec<Expr>),
    /// `y[0..10]`, `Y[0..4, ..]`
    Index(Box<Expr>, Vec<IndexItem>),
    /// `[1, 2, 3]`; a matrix is an array of arrays.
    Array(Vec<Expr>),
    /// `[a; b]`
    Stack(Vec<Expr>),
    /// `⟨a, b⟩`
    Inner(Box<Expr>, Box<Expr>),
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `2 D y`: side by side, binds tighter than `*`.
    Juxtapose,
    /// `/`
    Divide,
    /// `.*`
    ElementMultiply,
    /// `./`
    ElementDivide,
}

/// Norms with bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// `‖e‖`: Euclidean of a vector, Frobenius of a matrix.
    Plain,
    /// `‖e‖₁`
    One,
    /// `‖e‖₂`: Euclidean of a vector, spectral of a matrix.
    Two,
    /// `‖e‖∞`
    Infinity,
    /// `‖A‖_F`
    Frobenius,
    /// `‖A‖_*`
    Nuclear,
}

/// One position of an index.
#[derive(Clone, Debug)]
pub enum IndexItem {
    /// `3`
    At(Expr),
    /// `0..10`, `..`, `3..`: zero-based, the end excluded.
    Range(Option<Expr>, Option<Expr>),
}
