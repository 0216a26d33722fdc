//! Many solves with one solver.

use crate::backend::Real;
use crate::error::Error;
use crate::solution::Solution;
use crate::solver::{Request, Solver, Workspace};
use crate::view::View;
use rayon::prelude::*;
use sparsec_program::solver::{InputKind, Shape};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One param's values for a batch: the values of one solve after those of another.
#[derive(Clone, Copy, Debug)]
pub struct BatchRows<'a> {
    /// Name of the param.
    pub name: &'a str,
    /// Row-major; as many numbers per solve as the param's shape has.
    pub rows: &'a [f64],
}

impl<T: Real> Solver<T> {
    /// Solves once per row of `rows`, on all threads of the current rayon pool. The results are in the order of the rows, and
    /// the same bits for any number of threads; a row that fails is an error in its place.
    pub fn solve_batch(&self, name: &str, rows: &[f64]) -> Result<Vec<Result<Solution<T>, Error>>, Error> {
        let count = self.batch_len(&[BatchRows { name, rows }])?;
        Ok(self.solve_rows(&[BatchRows { name, rows }], 0..count, &Request::default()))
    }

    /// Number of solves in a batch, if all its params agree on it.
    pub fn batch_len(&self, batch: &[BatchRows<'_>]) -> Result<usize, Error> {
        let mut found: Option<(usize, &str)> = None;
        for rows in batch {
            let shape = self.batch_shape(rows.name)?;
            let width = shape.len();
            if !rows.rows.len().is_multiple_of(width) {
                let message = format!(
                    "`{}` is a {shape}, so that each solve takes {width} numbers, but the batch has {}",
                    rows.name,
                    rows.rows.len()
                );
                return Err(Diagnostic::new(diagnostics::E0502, message).into());
            }
            let count = rows.rows.len() / width;
            match found {
                Some((other, name)) if other != count => {
                    let message = format!("the batch has {other} rows for `{name}`, but {count} for `{}`", rows.name);
                    return Err(Diagnostic::new(diagnostics::E0502, message).into());
                }
                _ => found = Some((count, rows.name)),
            }
        }
        Ok(found.map_or(0, |(count, _)| count))
    }

    /// Shape of a param that a batch varies.
    pub fn batch_shape(&self, name: &str) -> Result<Shape, Error> {
        let spec = self.compiled().spec();
        let canonical = sparsec_syntax::names::canonical(name);
        match spec.inputs.iter().find(|i| i.canonical == canonical) {
            Some(input) if input.kind == InputKind::Param => Ok(input.shape),
            Some(input) => {
                let message = format!("`{}` is a const, and a batch varies params", input.name);
                Err(Diagnostic::new(diagnostics::E0901, message).help("declare it `param`").into())
            }
            None => Err(Error::new(diagnostics::E0901, format!("the problem has no param `{name}`"))),
        }
    }

    /// Solves the rows of a range, in parallel. [`Solver::batch_len`] has checked the batch; a range beyond it gives errors in
    /// place. A fault of sparsec's own in one row is an error in that row.
    pub fn solve_rows(
        &self,
        batch: &[BatchRows<'_>],
        range: std::ops::Range<usize>,
        request: &Request<'_, '_>,
    ) -> Vec<Result<Solution<T>, Error>> {
        let shapes: Vec<Shape> = batch.iter().map(|b| self.batch_shape(b.name).unwrap_or(Shape::Scalar)).collect();
        let solve = |workspace: &mut Option<Workspace<T>>, row: usize| {
            if workspace.is_none() {
                *workspace = Some(self.workspace()?);
            }
            let Some(workspace) = workspace.as_mut() else { return Err(Error::internal("no workspace")) };
            let mut params: Vec<(&str, View<'_>)> = request.params.to_vec();
            for (rows, shape) in batch.iter().zip(&shapes) {
                let width = shape.len();
                let values = rows.rows.get(row * width..(row + 1) * width).unwrap_or_default();
                params.push((rows.name, View::shaped(*shape, values)));
            }
            self.solve_with(&Request { params: &params, ..*request }, workspace)
        };
        let guarded = |workspace: &mut Option<Workspace<T>>, row: usize| {
            let solved = catch_unwind(AssertUnwindSafe(|| solve(workspace, row)));
            solved.unwrap_or_else(|_| {
                // What the workspace holds now is unknown.
                *workspace = None;
                Err(Error::internal(format!("row {row} ended in a panic")))
            })
        };
        range.into_par_iter().map_init(|| None, guarded).collect()
    }
}
