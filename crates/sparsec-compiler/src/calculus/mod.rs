//! The calculus: one file per function, per set and per rule, each in a registry.
//!
//! A function or set says what it is (shapes, sign, monotonicity, curvature) for [`crate::resolve`], and how it is computed
//! with for [`crate::lower`]: value, gradient and Lipschitz constant of a smooth function ([`Smooth`]); value, prox, gauge and
//! conjugate of a proxable one ([`Proxable`]). Everything is written once, as instructions of the array language, so that
//! interpreter, Rust and JIT get it from the same lines.

use crate::composite::affine::Op;
use crate::lower::Emit;
use crate::model::{Arg, Curvature, Expr, ExprKind, Sign};
use crate::text::Names;
use sparsec_program::formula::Value;
use sparsec_program::program::View;
use sparsec_program::solver::Domain;
use sparsec_syntax::span::Span;

pub mod functions;
pub mod rules;
pub mod sets;

/// Whether a function grows with its argument, given the argument's sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Monotone {
    /// Nondecreasing in every entry.
    Increasing,
    /// Nonincreasing in every entry.
    Decreasing,
    /// Neither.
    No,
}

/// Which shapes the expression of a function or set may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any: a scalar is a vector of length 1, a matrix is taken by its entries.
    Entries,
    /// A scalar or vector; a matrix needs `rows(…)` or `cols(…)`.
    Vector,
    /// A matrix.
    Matrix,
}

/// A further argument of a function or set.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in messages and documentation.
    pub name: &'static str,
    /// What it may be.
    pub kind: ParameterKind,
    /// May be left out.
    pub optional: bool,
}

/// Kinds of parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParameterKind {
    /// A scalar without unknowns, in a domain (checked on literals and declarations, else demanded when data is bound).
    Scalar(Option<Domain>),
    /// A scalar, or data of the expression's shape, without unknowns.
    Bounds,
    /// Data of the expression's shape without unknowns.
    Vector(Option<Domain>),
    /// A square matrix of the expression's length without unknowns, symmetric or psd.
    Square(Domain),
    /// A group size (must divide the length) or a list of lists of zero-based indices.
    Groups,
    /// One nonnegative weight per group.
    GroupWeights,
}

/// How the calculus uses a function.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// By its gradient.
    Smooth(&'static dyn Smooth),
    /// By its prox.
    Proxable(&'static dyn Proxable),
    /// A concave function: minus this convex one.
    Negated(&'static dyn Function),
}

/// How the sum of a function over the rows of a matrix is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowSum {
    /// Not at all.
    Unknown,
    /// The function is a sum over entries, so this is the function of all entries.
    Entries,
    /// The rule looks at [`Use::rows`].
    Rows,
    /// The rows are the groups of `group_norm`.
    Groups,
}

/// A function of the registry.
pub trait Function: Sync + std::fmt::Debug {
    /// Its name in problem files.
    fn name(&self) -> &'static str;
    /// Other names.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }
    /// The file's documentation: Markdown for the reference page and `explain`.
    fn doc(&self) -> String;
    /// Shapes of `args[0]`.
    fn takes(&self) -> Takes;
    /// The further arguments.
    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }
    /// Curvature in `args[0]`: convex or concave.
    fn curvature(&self) -> Curvature;
    /// Sign of the value.
    fn sign(&self) -> Sign;
    /// Monotonicity for an argument of this sign.
    fn monotone(&self, argument: Sign) -> Monotone;
    /// How it is computed with.
    fn form(&self) -> Form;
    /// `out = f(rowᵢ)` for every row; false where it is to be computed row by row.
    fn row_values(&self, _cx: &mut Emit, _at: &Use, _x: View, _out: View) -> bool {
        false
    }
    /// How `sum(f(rows(Y)))` is computed: where it is known, value and prox take all rows of their [`Use`].
    fn row_sum(&self) -> RowSum {
        match self.takes() {
            Takes::Entries => RowSum::Entries,
            _ => RowSum::Unknown,
        }
    }
}

/// A set of the registry.
pub trait SetRule: Sync + std::fmt::Debug {
    /// Its name in problem files.
    fn name(&self) -> &'static str;
    /// Other names.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }
    /// The file's documentation: Markdown for the reference page and `explain`.
    fn doc(&self) -> String;
    /// Shapes of the expression.
    fn takes(&self) -> Takes;
    /// The arguments.
    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }
    /// Sign of every point of the set, for the convexity check.
    fn sign(&self) -> Sign {
        Sign::Unknown
    }
    /// Its indicator, as used with these arguments.
    fn indicator(&self, args: &[Arg]) -> Indicator;
}

/// What a set's indicator is in the calculus.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// The atom.
    pub atom: &'static dyn Proxable,
    /// Its arguments.
    pub args: Vec<Arg>,
    /// The set is centred here instead of at 0.
    pub shift: Option<Expr>,
}

/// One use of a function or set: which, on what, with which weight.
#[derive(Clone, Debug)]
pub struct Use {
    /// Scalar factor, ≥ 0, without unknowns; 1 for a set.
    pub coefficient: Expr,
    /// Further arguments.
    pub args: Vec<Arg>,
    /// Separable functions only: g(w .* y) with these w, without unknowns.
    pub weights: Option<Expr>,
    /// g(scale · (turn(y) − shift)): an orthogonal map, the operations applied in order.
    pub turn: Vec<Op>,
    /// The shift, without unknowns.
    pub shift: Option<Expr>,
    /// The scale, not 0; 1 for what is homogeneous, where it is part of the coefficient.
    pub scale: f64,
    /// Taken row by row over this many rows (1 for a plain vector).
    pub rows: usize,
    /// Length of a row.
    pub len: usize,
    /// The rows are the columns of the matrix.
    pub by_columns: bool,
    /// Place in the text.
    pub span: Span,
    /// As a person would write it.
    pub text: String,
    /// Names of the quantities in it.
    pub names: Names,
}

/// How the entries of an expression are rows.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Number of rows; 1 for a plain vector.
    pub rows: usize,
    /// Length of a row.
    pub len: usize,
    /// The rows are the columns of the matrix.
    pub by_columns: bool,
}

impl Layout {
    /// That of `rows(A)` and `cols(A)`; of anything else the entries are one row.
    pub fn of(e: &Expr) -> Self {
        let (m, n) = e.shape.rows_cols();
        let (rows, len, by_columns) = match &e.kind {
            ExprKind::Rows(_) => (m, n, false),
            ExprKind::Cols(_) => (n, m, true),
            _ => (1, m * n, false),
        };
        Layout { rows, len, by_columns }
    }
}

impl Use {
    /// g(y) itself: coefficient 1, no weights, not turned, shifted or scaled.
    pub fn plain(args: Vec<Arg>, layout: Layout, span: Span, text: String, names: &Names) -> Self {
        let Layout { rows, len, by_columns } = layout;
        Use {
            coefficient: crate::expr::number(1.0),
            args,
            weights: None,
            turn: Vec::new(),
            shift: None,
            scale: 1.0,
            rows,
            len,
            by_columns,
            span,
            text,
            names: names.clone(),
        }
    }
}

/// A smooth convex function f(t) of a vector t, with gradient and Lipschitz constant.
pub trait Smooth: Sync + std::fmt::Debug {
    /// `out = f(t)`, without the coefficient.
    fn value(&self, cx: &mut Emit, at: &Use, t: View, out: View);
    /// `out = c f'(t)`, with the coefficient c.
    fn gradient(&self, cx: &mut Emit, at: &Use, t: View, out: View);
    /// A Lipschitz constant of f' in the Euclidean norm, without the coefficient.
    fn lipschitz(&self, cx: &mut Emit, at: &Use) -> Value;
    /// Formula of the gradient in `t` for `explain`.
    fn gradient_text(&self, at: &Use) -> String;
    /// Formula of the Lipschitz constant for `explain`.
    fn lipschitz_text(&self, at: &Use) -> String;
    /// Formula of the conjugate in `z` for `explain`.
    fn conjugate_text(&self, at: &Use) -> String;
    /// `out = f∞(d)`, the slope lim f(t + s d)/s at infinity, without the coefficient; false where that is +∞ but for d = 0.
    fn recession(&self, _cx: &mut Emit, _at: &Use, _d: View, _out: View) -> bool {
        false
    }
    /// How c f behaves when its dual point z = c f'(t) is scaled by s in [0, 1].
    fn scaling(&self) -> Scaling;
    /// `out = (c f)*(s z)` for a scalar s in [0, 1]; called for [`Scaling::StarShaped`] only.
    fn conjugate(&self, _cx: &mut Emit, _at: &Use, _z: View, _s: View, _out: View) {}
}

/// What scaling of the dual point does to a smooth term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// Homogeneous of degree 2: (c f)*(s z) = s² c f(t) at z = c f'(t).
    Quadratic,
    /// The conjugate's domain is star-shaped at 0 and [`Smooth::conjugate`] gives its value.
    StarShaped,
    /// The scaled point leaves the conjugate's domain.
    Leaves,
}

/// What the sum rules ask of a proxable function or set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// f(x) = Σ fᵢ(xᵢ).
    pub separable: bool,
    /// f(t x) = t f(x) for t ≥ 0: a norm or (as an indicator) a cone.
    pub homogeneous: bool,
    /// φ(‖x‖₂), φ nondecreasing: the l2 norm, an l2 ball centred at 0.
    pub radial: bool,
    /// A sum of radial functions of disjoint groups of entries.
    pub group_radial: bool,
    /// Depends on |xᵢ| only and is nondecreasing in each.
    pub absolute: bool,
    /// Invariant under permutations of the entries.
    pub symmetric: bool,
    /// Finite at nonnegative points only.
    pub implies_nonneg: bool,
    /// An indicator.
    pub set: bool,
    /// The indicator of {x ≥ 0}.
    pub nonneg: bool,
    /// Equals ⟨w, x⟩ on x ≥ 0 with the weights of its use: the l1 norm.
    pub linear_on_nonneg: bool,
    /// The indicator of entrywise bounds.
    pub bounds: bool,
    /// {x ≥ 0, Σ x = r}
    pub simplex: bool,
    /// x log x on x ≥ 0.
    pub entropy: bool,
    /// {‖x‖₁ ≤ r}
    pub l1_ball: bool,
    /// Max norm.
    pub max_norm: bool,
    /// {A x = b}
    pub affine: bool,
    /// The prox gives exact zeros, so that products with the iterate pay for its nonzero entries only.
    pub sparse: bool,
}

/// A convex function or the indicator of a convex set, with its prox.
pub trait Proxable: Sync + std::fmt::Debug {
    /// Name in `explain`.
    fn name(&self) -> &'static str;
    /// What the sum rules may rely on.
    fn facts(&self, at: &Use) -> Facts;
    /// `out = c g(x)` for a point of the domain (0 for an indicator).
    fn value(&self, cx: &mut Emit, at: &Use, x: View, out: View);
    /// `out = prox_{γ c g}(v)`, γ > 0 a scalar. `out` may not overlap `v`.
    fn prox(&self, cx: &mut Emit, at: &Use, v: View, gamma: Value, out: View);
    /// `out = J d` with a symmetric element J of the generalised Jacobian of the prox: 0 ≤ J ≤ I. `out` may not overlap `d`.
    fn jacobian(&self, cx: &mut Emit, at: &Use, point: &ProxPoint, d: View, out: View);
    /// `out =` the point next to d among the directions along which g stays finite and grows at most linearly: d itself for a norm,
    /// its projection on the recession cone of a set, 0 elsewhere. `out` may not overlap `d`.
    fn recession(&self, cx: &mut Emit, at: &Use, d: View, out: View) {
        let facts = self.facts(at);
        match (facts.homogeneous, facts.set) {
            (true, true) => self.prox(cx, at, d, Value::Literal(1.0), out),
            (true, false) => cx.b.copy(out, d),
            (false, _) => cx.b.fill(out, 0.0),
        }
    }
    /// Formula of the prox in `v` for `explain`.
    fn prox_text(&self, at: &Use) -> String;
    /// Formula of the conjugate in `u` for `explain`.
    fn conjugate_text(&self, at: &Use) -> String;
    /// `out =` the least s ≥ 0 with u in s·dom g*, for a homogeneous g alone; +∞ if there is none.
    /// False where the general search is to be used.
    fn gauge(&self, _cx: &mut Emit, _at: &Use, _u: View, _out: View) -> bool {
        false
    }
    /// Conjugate of `before + this` at u, `before` being homogeneous: `value` gets it over the part of u in its domain, `violation`
    /// the Euclidean distance of u from it. Called for those that are not homogeneous.
    fn conjugate(&self, _cx: &mut Emit, _at: &Use, _before: &[Atom], _u: View, _value: View, _violation: View) {}
    /// `out =` largest violation of the set at x; 0 for functions.
    fn violation(&self, cx: &mut Emit, _at: &Use, _x: View, out: View) {
        cx.b.fill(out, 0.0);
    }
    /// `out = 1` where the set is empty, 0 where not; false where it never is.
    fn empty(&self, _cx: &mut Emit, _at: &Use, _out: View) -> bool {
        false
    }
    /// Numbers of floating-point operations of one prox.
    fn flops(&self, at: &Use) -> usize {
        4 * at.rows * at.len
    }
}

/// A prox that has been evaluated: x = prox_{γ c g}(v).
#[derive(Clone, Copy, Debug)]
pub struct ProxPoint {
    /// Its argument.
    pub v: View,
    /// Its value.
    pub x: View,
    /// The step γ.
    pub gamma: Value,
}

/// A proxable function or set in use.
#[derive(Clone, Debug)]
pub struct Atom {
    /// Which.
    pub rule: &'static dyn Proxable,
    /// How.
    pub at: Use,
}

impl Atom {
    /// What holds of the atom as a function of y: see [`Proxable::facts`].
    pub fn facts(&self) -> Facts {
        let facts = self.rule.facts(&self.at);
        let at = &self.at;
        if !at.turn.is_empty() {
            return Facts { homogeneous: facts.homogeneous, set: facts.set, ..Facts::default() };
        }
        if at.scale != 1.0 {
            let implies_nonneg = facts.implies_nonneg && at.scale > 0.0;
            let Facts { separable, symmetric, homogeneous, set, .. } = facts;
            return Facts { separable, symmetric, homogeneous, set, implies_nonneg, ..Facts::default() };
        }
        facts
    }

    /// True where the rule acts on y as it is.
    pub fn plain(&self) -> bool {
        self.at.turn.is_empty() && self.at.shift.is_none() && self.at.scale == 1.0
    }
}

/// The `//!` lines at the head of a source file, without their markers: what `explain NAME` and the reference page show.
pub(crate) fn head(source: &str) -> String {
    let mut out = String::new();
    for line in source.lines() {
        let Some(rest) = line.strip_prefix("//!") else {
            break;
        };
        out.push_str(rest.strip_prefix(' ').unwrap_or(rest));
        out.push('\n');
    }
    out
}
