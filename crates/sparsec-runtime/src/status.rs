//! What a solve may claim of its answer.

use core::fmt;

/// The status of an answer, as the user reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Proved to the tolerance by the checker.
    Optimal,
    /// Stationary to the tolerance, by the fixed-point residual: the problem is not convex, or no proof can be afforded.
    Stationary,
    /// From a network or another shrinkage; nothing is claimed.
    Approximate,
    /// The iteration limit came first, or nothing improved any more.
    IterationLimit,
    /// The time limit came first.
    TimeLimit,
    /// No point satisfies the constraints; certified.
    Infeasible,
    /// The objective has no bound; certified.
    Unbounded,
    /// Something was not finite.
    NumericalError,
    /// The user asked to stop.
    Interrupted,
    /// What was derived contradicts what was written, or itself: a bug.
    InternalError,
}

impl Status {
    /// All statuses.
    pub const ALL: [Status; 10] = [
        Status::Optimal,
        Status::Stationary,
        Status::Approximate,
        Status::IterationLimit,
        Status::TimeLimit,
        Status::Infeasible,
        Status::Unbounded,
        Status::NumericalError,
        Status::Interrupted,
        Status::InternalError,
    ];

    /// As printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Optimal => "optimal",
            Status::Stationary => "stationary",
            Status::Approximate => "approximate",
            Status::IterationLimit => "iteration_limit",
            Status::TimeLimit => "time_limit",
            Status::Infeasible => "infeasible",
            Status::Unbounded => "unbounded",
            Status::NumericalError => "numerical_error",
            Status::Interrupted => "interrupted",
            Status::InternalError => "internal_error",
        }
    }

    /// The exit code of a process that ends with this status.
    pub const fn exit_code(self) -> u8 {
        match self {
            Status::Optimal | Status::Stationary | Status::Approximate => 0,
            Status::IterationLimit | Status::TimeLimit => 5,
            Status::Infeasible | Status::Unbounded => 6,
            Status::NumericalError => 7,
            Status::Interrupted => 130,
            Status::InternalError => 70,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
