//! What an executor's user needs besides the program: the inputs, the outputs and the settings of a solver.

use crate::program::{BufferId, View};

/// A compiled problem: the solver's program, its checker, and how to feed and read them.
///
/// `program` finds the answer, in f64 or f32. `check` recomputes from the problem as written, always in f64, with plain
/// unfused instructions, what is reported: objective, bound, gap, violation.
#[derive(Clone, Debug)]
pub struct SolverSpec<P> {
    /// The problem's name.
    pub name: String,
    /// The problem's `///` lines.
    pub docs: String,
    /// The solver (verified or not, by `P`).
    pub program: P,
    /// The checker (verified or not, by `P`): see [`Report`].
    pub check: P,
    /// Consts and params, in the order declared.
    pub inputs: Vec<Input>,
    /// Unknowns, in the order declared.
    pub outputs: Vec<Output>,
    /// What the host reads in the solver's workspace after `stop`.
    pub signals: Signals,
    /// What the host reads in the checker's workspace after `finish`.
    pub report: Report,
    /// Algorithm and how it ends.
    pub settings: Settings,
    /// The derivation in plain text, for the documentation of generated code.
    pub derivation: String,
}

/// One const or param.
#[derive(Clone, Debug)]
pub struct Input {
    /// As declared (`λ`).
    pub name: String,
    /// ASCII identifier (`lambda`).
    pub canonical: String,
    /// The declaration's `///` lines.
    pub docs: String,
    /// Const or param.
    pub kind: InputKind,
    /// Shape as declared.
    pub shape: Shape,
    /// Value when none is bound, row-major.
    pub default: Option<Vec<f64>>,
    /// What is checked when data is bound, besides shape and finiteness.
    pub domains: Vec<Domain>,
    /// Infinite entries are allowed (bounds of boxes).
    pub allow_infinite: bool,
    /// Its buffer in the solver; `None` if the solver does not read it.
    pub buffer: Option<BufferId>,
    /// Its buffer in the checker; `None` if the checker does not read it.
    pub check_buffer: Option<BufferId>,
}

/// When an input is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Once, before `setup`.
    Const,
    /// Before each solve.
    Param,
}

/// A shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A number.
    Scalar,
    /// `vector[n]`
    Vector(usize),
    /// `matrix[m, n]`, row-major.
    Matrix(usize, usize),
}

impl Shape {
    /// Number of elements.
    pub fn len(self) -> usize {
        match self {
            Shape::Scalar => 1,
            Shape::Vector(n) => n,
            Shape::Matrix(m, n) => m * n,
        }
    }

    /// True if there are no elements (sizes are at least 1, so never for a declared quantity).
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Rows and columns; a vector is a column.
    pub fn rows_cols(self) -> (usize, usize) {
        match self {
            Shape::Scalar => (1, 1),
            Shape::Vector(n) => (n, 1),
            Shape::Matrix(m, n) => (m, n),
        }
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Shape::Scalar => write!(f, "scalar"),
            Shape::Vector(n) => write!(f, "vector[{n}]"),
            Shape::Matrix(m, n) => write!(f, "matrix[{m}, {n}]"),
        }
    }
}

pub use sparsec_runtime::Claim;
pub use sparsec_runtime::domain::Domain;

/// One unknown.
#[derive(Clone, Debug)]
pub struct Output {
    /// As declared.
    pub name: String,
    /// ASCII identifier.
    pub canonical: String,
    /// The declaration's `///` lines.
    pub docs: String,
    /// Shape as declared.
    pub shape: Shape,
    /// The best iterate in the solver's workspace (role Output).
    pub view: View,
    /// Where `--start` values go before `prepare` (role Param); `None` where the algorithm takes no start.
    pub start: Option<View>,
    /// Where the host puts the point to be checked in the checker (role Param).
    pub check_view: View,
}

/// Scalars in the solver's workspace that the host reads after `stop`; all are views of length 1.
#[derive(Clone, Copy, Debug)]
pub struct Signals {
    /// Objective at the iterate just measured, to be minimised.
    pub objective: View,
    /// An estimate of its relative gap, or a residual; compared with the tolerance.
    pub measure: View,
    /// The size of the objective that the gap is relative to, there.
    pub scale: View,
    /// Objective at the best iterate, to be minimised.
    pub kept: View,
    /// 1 where a start is bound, else 0 (role Param); `None` where the algorithm takes no start.
    pub has_start: Option<View>,
}

/// Where the checker is fed and read. `finish` certifies the point; `step` computes the gradient there; `stop` compares the objective as
/// written with the one that the solver's form has. All but `gradient` are views of length 1.
#[derive(Clone, Debug)]
pub struct Report {
    /// The tolerance to which the point is to be proven (role Param): more is tried where less does not do.
    pub tol: View,
    /// The objective as the file wrote it, its sign included.
    pub objective: View,
    /// A proven bound of the optimum in the same units; infinite where nothing is known.
    pub bound: View,
    /// Objective less bound over the size of the objective, outward by all rounding; +∞ where nothing is known.
    pub gap: View,
    /// To what part of its terms the dual point misses what is asked of it; 0 where it is feasible as it is.
    pub leftover: View,
    /// The fixed-point residual; −1 where it was not looked at.
    pub residual: View,
    /// Largest violation of a constraint at the point, relative to its own terms.
    pub violation: View,
    /// Σ |multiplier × violation| of the constraints, over the size of the objective.
    pub slackness: View,
    /// 1 where a bound lies beyond the objective of a point that satisfies the constraints, else 0.
    pub contradiction: View,
    /// 1 where a set was shown to be empty (a lower bound above its upper one, inconsistent equalities), else 0.
    pub infeasible: View,
    /// 1 where a direction was verified along which the objective falls without end, else 0.
    pub unbounded: View,
    /// An upper bound of what rounding in f64 does to the objective.
    pub rounding: View,
    /// After `finish` and after `stop`: the objective as written less the solver's form of it.
    pub disagreement: View,
    /// Gradient of the smooth and linear terms as written, one view per output.
    pub gradient: Vec<View>,
    /// The terms of the objective as written, with their text: for `eval`.
    pub terms: Vec<(String, View)>,
}

/// How a solver ends.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of the algorithm that was chosen.
    pub algorithm: &'static str,
    /// Tolerance from the text, if any.
    pub tol: Option<f64>,
    /// Iteration limit (from the text, or the algorithm's own).
    pub max_iter: u64,
    /// Steps between two `stop`s.
    pub check_every: u64,
    /// Exactly `max_iter` steps, no early stop (closed forms: 0 or 1; unrolled networks).
    pub exact_steps: bool,
    /// What the check proves is of higher order than what the loop measures: it is asked early.
    pub early: bool,
    /// The best claim that this solver can make.
    pub claim: Claim,
}
