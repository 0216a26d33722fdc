use super::prelude::*;

code! {
    /// Several terms without a gradient meet on the same unknown, or one acts on more than unknowns scaled and shifted, and
    /// no rule gives the proximal operator. The prox of a sum is rarely the composition of the proxes, so that is not tried.
    ///
    /// What a penalty or set may act on: an unknown, a slice, row or column of it, unknowns below each other (`[y; z]`), times a number
    /// other than 0, plus data; an orthogonal map of that (`dct(y)`, `Y.T`); for `norm1` also `w .* y` and `w .* (y - a)`. An equality and
    /// one inequality of scalars may hold several unknowns: `A*y + B*z == b`, `sum(y) - t <= 1`.
    ///
    /// Sums with a known prox, on one part of the unknowns:
    ///
    /// - one penalty or set alone, in any of these forms
    /// - `norm1` (weighted too) with `nonneg` or any box, `neg_entropy` with any box
    /// - `norm1`, `nonneg`, or both, with one of `group_norm`, `norm_inf`, `ball1` (unweighted `norm1` for the last two), and with
    ///   `norm2` and `ball2` (not after `ball1`)
    /// - `norm1` (weighted too) or `neg_entropy` with `simplex` (also by rows or columns), `norm1` with `neg_entropy`
    /// - a subspace `A*y == 0` with `norm2` and `ball2`
    /// - any of these with squares `‖y − a‖²` and linear terms, which are smooth
    /// - a box with `simplex`, one equality or one inequality of scalars (`0 <= y <= 0.1, sum(y) == 1`); where the box lies in y ≥ 0 with
    ///   `ball1`, and `norm1` beside these
    /// - several boxes, several equalities, several uses of one norm, group norms on the same or on disjoint groups
    ///
    /// Splitting methods, which take any sum apart, are not available in this version. Often the smooth part can be changed instead:
    /// a constraint `norm2(D*y - x) <= r` is a term `λ ‖D y − x‖²` for some λ.
    ///
    /// ```sparse
    /// dim m = 2, n = 3
    /// const D: matrix[m, n] = [[1, 0, 2], [0, 1, 1]]
    /// const x: vector[m] = [1, 2]
    /// var y: vector[n]
    /// minimize ||y||_1
    /// subject to D*y == x
    /// ```
    ///
    /// ```sparse,fixed
    /// dim m = 2, n = 3
    /// const D: matrix[m, n] = [[1, 0, 2], [0, 1, 1]]
    /// const x: vector[m] = [1, 2]
    /// var y: vector[n]
    /// minimize ||x - D*y||^2 + 0.01*||y||_1
    /// ```
    E0402, Curvature, "no known prox for the sum"
}
