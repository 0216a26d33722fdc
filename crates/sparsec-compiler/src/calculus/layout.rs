//! How the entries of an expression are cut into the vectors that a function or set is taken of.

use crate::model::{Expr, ExprKind};
use sparsec_program::solver::Shape;

/// The vectors of an expression: itself, its rows or its columns. Equal layouts cut the same entries into the same vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// Rows and columns of the expression; a vector is one column.
    pub shape: (usize, usize),
    /// What of it is taken.
    pub by: By,
}

/// What a function or set is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// All entries together.
    Whole,
    /// Every row.
    Rows,
    /// Every column.
    Columns,
}

impl Layout {
    /// That of `rows(A)` and `cols(A)`; of anything else the entries are one vector.
    pub fn of(e: &Expr) -> Self {
        let by = match &e.kind {
            ExprKind::Rows(_) => By::Rows,
            ExprKind::Cols(_) => By::Columns,
            _ => By::Whole,
        };
        Layout { shape: e.shape.rows_cols(), by }
    }

    /// One vector.
    pub fn vector(len: usize) -> Self {
        Layout { shape: (len, 1), by: By::Whole }
    }

    /// The entries as one vector.
    pub fn flat(self) -> Self {
        Layout::vector(self.entries())
    }

    /// Columns as the rows of the transpose, which is how rules see them.
    pub fn as_rows(self) -> Self {
        match (self.by, self.shape) {
            (By::Columns, (m, n)) => Layout { shape: (n, m), by: By::Rows },
            _ => self,
        }
    }

    /// Number of vectors.
    pub fn count(self) -> usize {
        match self.by {
            By::Whole => 1,
            By::Rows => self.shape.0,
            By::Columns => self.shape.1,
        }
    }

    /// Length of a vector.
    pub fn len(self) -> usize {
        self.entries() / self.count()
    }

    /// True where there is no entry.
    pub fn is_empty(self) -> bool {
        self.entries() == 0
    }

    /// Number of all entries.
    pub fn entries(self) -> usize {
        self.shape.0 * self.shape.1
    }

    /// The entries of every vector, by their place in the expression.
    pub fn vectors(self) -> Vec<Vec<usize>> {
        let (m, n) = self.shape;
        match self.by {
            By::Whole => vec![(0..m * n).collect()],
            By::Rows => (0..m).map(|i| (i * n..(i + 1) * n).collect()).collect(),
            By::Columns => (0..n).map(|j| (0..m).map(|i| i * n + j).collect()).collect(),
        }
    }

    /// Shape of the expression, for one that is a vector.
    pub fn vector_shape(self) -> Shape {
        Shape::Vector(self.entries())
    }
}
