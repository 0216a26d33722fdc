//! Problem statements to programs: names, shapes, convexity, calculus, derivation, lowering.

pub mod calculus;
pub mod model;
pub mod resolve;
