use super::prelude::*;

code! {
    /// An objective is an expression, not an equation. In constraints the relations are `<=`, `>=` and `==` (or `≤ ≥ =`);
    /// strict ones have no meaning for a minimum, and a chain must go one way: `l <= e <= u`.
    ///
    /// ```sparse
    /// var y: vector[3]
    /// minimize ||y||^2 == 3
    /// ```
    ///
    /// Move the relation behind `subject to`:
    ///
    /// ```sparse,fixed
    /// var y: vector[3]
    /// minimize ||y||^2
    /// subject to sum(y) == 3
    /// ```
    E0113, Syntax, "relation not allowed here"
}
