//! A compiled problem: programs without data.

use crate::backend::{self, Backend, Real};
use crate::checker::Checker;
use crate::error::Error;
use crate::options::Options;
use crate::problem::Problem;
use crate::solver::Solver;
use crate::view::View;
use sparsec_compiler::Stages;
use sparsec_program::executor::Executor;
use sparsec_program::layout::Layout;
use sparsec_program::solver::{Input, SolverSpec};
use sparsec_program::verify::Verified;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics;
use sparsec_syntax::span::Span;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A problem whose program is ready to take data. Cheap to clone; shared by all solvers that come from it.
pub struct Compiled<T> {
    pub(crate) inner: Arc<Inner<T>>,
}

impl<T> Clone for Compiled<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<T> std::fmt::Debug for Compiled<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiled").field("name", &self.inner.stages.spec.name).finish_non_exhaustive()
    }
}

pub(crate) struct Inner<T> {
    pub text: Arc<str>,
    pub stages: Stages,
    pub executor: Box<dyn Executor<T>>,
    pub layout: Layout,
    pub checker: Checker,
    pub tol: f64,
    pub warnings: Vec<Diagnostic>,
    pub time: Duration,
    /// Places of the declarations, by the order of the inputs.
    pub spans: Vec<Option<Span>>,
}

impl<T> Inner<T> {
    pub fn spec(&self) -> &SolverSpec<Verified> {
        &self.stages.spec
    }
}

impl<T: Real> Compiled<T> {
    pub(crate) fn new(problem: &Problem, options: &Options) -> Result<Self, Error> {
        let start = Instant::now();
        let native = |program: &Verified| backend::executor::<T>(options.backend, program);
        let checking = |program: &Verified| backend::executor::<f64>(Backend::Interpreter, program);
        let (stages, executor, checking) = stages_with(problem, options, T::NAME == f32::NAME, native, checking)?;
        let (executor, fell_back) = executor?;
        let checker = Checker { executor: checking?.0, layout: Layout::of(&stages.spec.check) };
        let tol = options.tol.or(stages.spec.settings.tol).unwrap_or(T::DEFAULT_TOL);
        let mut warnings = stages.warnings.clone();
        warnings.extend(fell_back);
        if tol > 0.0 && tol < T::LEAST_TOL {
            let message =
                format!("a tolerance of {tol:e} is below what {} can give, about {:e}", T::NAME, T::LEAST_TOL);
            warnings.push(Diagnostic::new(diagnostics::W0303, message));
        }
        let spans = stages.spec.inputs.iter().map(|input| declared_at(&stages, input)).collect();
        let layout = Layout::of(&stages.spec.program);
        let text = Arc::clone(problem.shared_text());
        let inner = Inner { text, stages, executor, layout, checker, tol, warnings, time: start.elapsed(), spans };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Takes the consts (and params, which then need not be given to each solve), checks them, and computes what depends on
    /// them alone.
    pub fn bind<'a>(&self, data: impl IntoIterator<Item = (&'a str, View<'a>)>) -> Result<Solver<T>, Error> {
        Solver::new(self.clone(), data).map_err(|e| e.within(&self.inner.text))
    }

    /// What each stage made.
    pub fn stages(&self) -> &Stages {
        &self.inner.stages
    }

    /// The inputs, outputs and settings of the solver.
    pub fn spec(&self) -> &SolverSpec<Verified> {
        self.inner.spec()
    }

    /// Warnings of all stages.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.inner.warnings
    }

    /// `jit` or `interpreter`.
    pub fn backend(&self) -> &'static str {
        self.inner.executor.backend()
    }

    /// The tolerance that solves are held to.
    pub fn tol(&self) -> f64 {
        self.inner.tol
    }

    /// Time that compilation took.
    pub fn time(&self) -> Duration {
        self.inner.time
    }
}

/// All stages without a backend, for a solver in f32 where `single` says so: what `emit` prints.
pub(crate) fn stages(problem: &Problem, options: &Options, single: bool) -> Result<Stages, Error> {
    stages_with(problem, options, single, |_| (), |_| ()).map(|(stages, (), ())| stages)
}

/// The same, and what `make` and `make_check` make of the solver's and the checker's programs.
fn stages_with<R, C: Send>(
    problem: &Problem,
    options: &Options,
    single: bool,
    make: impl FnOnce(&Verified) -> R,
    make_check: impl Fn(&Verified) -> C + Sync,
) -> Result<(Stages, R, C), Error> {
    if let Some(tol) = options.tol
        && !(tol >= 0.0 && tol.is_finite())
    {
        return Err(Error::new(diagnostics::E0901, format!("the tolerance {tol} is not a finite number of 0 or more")));
    }
    let options = sparsec_compiler::Options {
        dims: options.dims.clone(),
        shapes: options
            .shapes
            .iter()
            .map(|(name, shape, from)| sparsec_compiler::resolve::KnownShape {
                name: name.clone(),
                shape: shape.clone(),
                from: from.clone(),
            })
            .collect(),
        algorithm: options.algorithm.clone(),
        tol: options.tol,
        max_iter: options.max_iter,
        single,
        ..sparsec_compiler::Options::default()
    };
    sparsec_compiler::compile_with(problem.ast(), problem.name(), &options, make, make_check)
        .map_err(|e| Error::from(e).within(problem.shared_text()))
}

fn declared_at(stages: &Stages, input: &Input) -> Option<Span> {
    stages.model.quantities.iter().find(|q| q.canonical == input.canonical).map(|q| q.span)
}
