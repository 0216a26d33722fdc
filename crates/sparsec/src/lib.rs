//! A compiler from problem statements to solvers.
