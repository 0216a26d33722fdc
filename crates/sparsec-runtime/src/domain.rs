//! Declared domains of data, checked when data is bound.

/// What a declaration promises of its data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// Every entry ≥ c.
    AtLeast(f64),
    /// Every entry > c.
    Above(f64),
    /// Every entry ≤ c.
    AtMost(f64),
    /// Every entry < c.
    Below(f64),
    /// A symmetric matrix (to rounding).
    Symmetric,
    /// A symmetric positive semidefinite matrix (to rounding).
    Psd,
    /// No entry is 0 (`1/w` in a rule).
    Nonzero,
}
