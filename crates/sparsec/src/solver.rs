//! A solver: a compiled problem with its data.

use crate::backend::Real;
use crate::checker::{Evaluation, read};
use crate::compiled::{Compiled, Inner};
use crate::error::Error;
use crate::solution::{Solution, Variable};
use crate::view::{Entries, View, fits};
use sparsec_program::layout::{Layout, Region};
use sparsec_program::program::{BlockKind, BufferId, View as Place};
use sparsec_program::solver::{Input, InputKind, Output, Shape};
use sparsec_runtime::domain::{self, DomainError, Violation};
use sparsec_runtime::drive::{Blocks, Control, Limits, Measure, Progress};
use sparsec_runtime::{Certificate, Findings, Float, Solve, Status, Summary, solve};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::{diagnostics, names};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A compiled problem with its consts. It is not changed by solving, so threads share one.
pub struct Solver<T> {
    compiled: Compiled<T>,
    storage: Vec<T>,
    check_storage: Vec<f64>,
    /// Per input, in their order: the value of a param that was bound, kept for every solve.
    bound: Vec<Option<Vec<f64>>>,
    /// The objective that was derived has been compared with the one that was written.
    compared: AtomicBool,
    setup_time: Duration,
}

impl<T> std::fmt::Debug for Solver<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Solver").field("compiled", &self.compiled).finish_non_exhaustive()
    }
}

/// The memory of one solve at a time; made by [`Solver::workspace`] and reused as often as one likes.
#[derive(Clone, Debug, Default)]
pub struct Workspace<T> {
    main: Vec<T>,
    check: Vec<f64>,
    scratch: Scratch,
}

/// Room for checks of data that compute something (eigenvalues).
#[derive(Clone, Debug, Default)]
struct Scratch {
    f64: Vec<f64>,
    f32: Vec<f32>,
}

/// What a solve is given, beyond the consts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r, 'v> {
    /// Params by name; they win over bound ones and defaults.
    pub params: &'r [(&'r str, View<'v>)],
    /// Where to start, by unknown; unknowns that are left out start at 0. Ignored by algorithms that take no start.
    pub start: &'r [(&'r str, View<'v>)],
    /// Ends the solve after this time, with the best point so far.
    pub time_limit: Option<Duration>,
    /// Ends the solve soon after it becomes true, with the best point so far.
    pub interrupt: Option<&'r AtomicBool>,
}

impl<T: Real> Solver<T> {
    pub(crate) fn new<'a>(
        compiled: Compiled<T>,
        data: impl IntoIterator<Item = (&'a str, View<'a>)>,
    ) -> Result<Self, Error> {
        let start = Instant::now();
        let inner = Arc::clone(&compiled.inner);
        let spec = inner.spec();
        let mut given: Vec<Option<View<'a>>> = vec![None; spec.inputs.len()];
        for (name, view) in data {
            let at = find(&spec.inputs, name).ok_or_else(|| unknown_input(&spec.inputs, name))?;
            if given[at].replace(view).is_some() {
                return Err(Error::new(diagnostics::E0901, format!("`{}` is given twice", spec.inputs[at].name)));
            }
        }
        let mut storage = zeros(inner.layout.storage_len())?;
        let mut check_storage = zeros(inner.checker.layout.storage_len())?;
        inner.layout.write_tables(&spec.program, &mut storage);
        inner.checker.layout.write_tables(&spec.check, &mut check_storage);
        let mut bound = vec![None; spec.inputs.len()];
        let mut scratch = Scratch::default();
        let mut wrong = Vec::new();
        for (at, input) in spec.inputs.iter().enumerate() {
            let view = match (&given[at], &input.default) {
                (Some(view), _) => view.clone(),
                (None, Some(default)) if input.kind == InputKind::Const => View::shaped(input.shape, default),
                (None, None) if input.kind == InputKind::Const => {
                    wrong.push(missing(input, inner.spans[at]));
                    continue;
                }
                (None, _) => continue,
            };
            if let Err(e) = accept::<T>(&inner, at, &view, &mut scratch) {
                wrong.extend(e.diagnostics);
                continue;
            }
            if input.kind == InputKind::Param || !fixed(&inner, input) {
                bound[at] = Some(owned(&view));
            }
            place(&inner.layout, input.buffer, Region::Storage, &view, &mut storage);
            place(&inner.checker.layout, input.check_buffer, Region::Storage, &view, &mut check_storage);
        }
        if !wrong.is_empty() {
            return Err(wrong.into());
        }
        let mut workspace = zeros(inner.layout.workspace_len())?;
        inner.executor.setup(&mut storage, &mut workspace);
        drop(workspace);
        let mut check_workspace = zeros(inner.checker.layout.workspace_len())?;
        inner.checker.executor.setup(&mut check_storage, &mut check_workspace);
        let compared = AtomicBool::new(false);
        Ok(Self { compiled, storage, check_storage, bound, compared, setup_time: start.elapsed() })
    }

    /// The compiled problem.
    pub fn compiled(&self) -> &Compiled<T> {
        &self.compiled
    }

    /// Time that binding took: checks of the consts, and what was computed from them.
    pub fn setup_time(&self) -> Duration {
        self.setup_time
    }

    fn inner(&self) -> &Inner<T> {
        &self.compiled.inner
    }

    /// Memory for a solve at a time.
    pub fn workspace(&self) -> Result<Workspace<T>, Error> {
        Ok(Workspace {
            main: zeros(self.inner().layout.workspace_len())?,
            check: zeros(self.inner().checker.layout.workspace_len())?,
            scratch: Scratch::default(),
        })
    }

    /// Solves with these params.
    pub fn solve(&self, params: &[(&str, View<'_>)]) -> Result<Solution<T>, Error> {
        self.solve_with(&Request { params, ..Request::default() }, &mut self.workspace()?)
    }

    /// Solves with these params, from a point: a solution's, say, to a problem nearby.
    pub fn solve_from(&self, params: &[(&str, View<'_>)], start: &[(&str, View<'_>)]) -> Result<Solution<T>, Error> {
        self.solve_with(&Request { params, start, ..Request::default() }, &mut self.workspace()?)
    }

    /// Solves in a workspace that is used again.
    pub fn solve_with(&self, request: &Request<'_, '_>, workspace: &mut Workspace<T>) -> Result<Solution<T>, Error> {
        self.solve_observed(request, workspace, &mut |_| {})
    }

    /// The same, with an observer that sees every measurement of the loop.
    pub fn solve_observed(
        &self,
        request: &Request<'_, '_>,
        workspace: &mut Workspace<T>,
        observe: &mut dyn FnMut(&Progress),
    ) -> Result<Solution<T>, Error> {
        let start = Instant::now();
        let summary = self.run(request, workspace, observe).map_err(|e| e.within(&self.inner().text))?;
        let inner = self.inner();
        let value = |output: &Output| {
            let (_, at) = inner.layout.place_view(output.view);
            Variable {
                name: output.name.clone(),
                canonical: output.canonical.clone(),
                shape: output.shape,
                values: workspace.main[at..at + output.view.len].to_vec(),
            }
        };
        let variables = inner.spec().outputs.iter().map(value).collect();
        let mut warnings = Vec::new();
        warnings.extend(stalled(&summary, inner.tol));
        warnings.extend(without_bound(&summary));
        if summary.status == Status::NumericalError {
            warnings.push(not_finite(inner, &summary));
        }
        Ok(Solution { summary, variables, warnings, time: start.elapsed() })
    }

    /// Solves into slices of the caller, one per unknown by its name; allocates nothing once the workspace has been used.
    pub fn solve_into(
        &self,
        params: &[(&str, View<'_>)],
        unknowns: &mut [(&str, &mut [T])],
        workspace: &mut Workspace<T>,
    ) -> Result<Summary, Error> {
        let inner = self.inner();
        let outputs = &inner.spec().outputs;
        for (name, slice) in unknowns.iter() {
            let output = find_output(outputs, name).ok_or_else(|| unknown_output(outputs, name))?;
            if slice.len() != output.shape.len() {
                let message = format!(
                    "`{}` is a {} of {} numbers, but the slice for it has {}",
                    output.name,
                    output.shape,
                    output.shape.len(),
                    slice.len()
                );
                return Err(Error::new(diagnostics::E0502, message));
            }
        }
        let request = Request { params, ..Request::default() };
        let summary = self.run(&request, workspace, &mut |_| {}).map_err(|e| e.within(&inner.text))?;
        for (name, slice) in unknowns.iter_mut() {
            if let Some(output) = find_output(outputs, name) {
                let (_, at) = inner.layout.place_view(output.view);
                slice.copy_from_slice(&workspace.main[at..at + output.view.len]);
            }
        }
        Ok(summary)
    }

    /// Objective, its terms, gap and violation at a point of the caller's; unknowns that are left out are 0.
    pub fn evaluate(&self, params: &[(&str, View<'_>)], point: &[(&str, View<'_>)]) -> Result<Evaluation, Error> {
        let inner = self.inner();
        let mut workspace = self.workspace()?;
        self.write_params(params, &mut workspace).map_err(|e| e.within(&inner.text))?;
        for (name, view) in point {
            let output = self.output_for(name, view)?;
            let (_, at) = inner.checker.layout.place_view(output.check_view);
            copy(view, &mut workspace.check[at..at + output.check_view.len]);
        }
        let (report, checker) = (&inner.spec().report, &inner.checker);
        let findings = checker.run(report, inner.tol, &self.check_storage, &mut workspace.check);
        if findings.contradiction || findings.disagrees() {
            return Err(contradiction().within(&inner.text));
        }
        let certificate = findings.certificate();
        let proof = matches!(certificate, Certificate::DualityGap | Certificate::DualityGapTo(_));
        Ok(Evaluation {
            objective: findings.objective,
            terms: checker.terms(inner.spec(), &self.check_storage, &workspace.check),
            gradient: checker.gradient(inner.spec(), &self.check_storage, &mut workspace.check),
            bound: if proof { findings.bound } else { f64::NAN },
            gap: if proof { findings.gap } else { f64::INFINITY },
            certificate,
            residual: if certificate == Certificate::FixedPointResidual { findings.residual } else { f64::INFINITY },
            violation: findings.violation,
        })
    }

    /// The output of a name, for which the view fits.
    fn output_for(&self, name: &str, view: &View<'_>) -> Result<&Output, Error> {
        let outputs = &self.inner().spec().outputs;
        let output = find_output(outputs, name).ok_or_else(|| unknown_output(outputs, name))?;
        if !fits(view.shape, output.shape) || view.len() != output.shape.len() {
            let message =
                format!("the point for `{0}` is a {1}, but `{0}` is a {2}", output.name, view.shape, output.shape);
            return Err(Error::new(diagnostics::E0502, message));
        }
        let finite = match &view.entries {
            Entries::Number(v) => v.is_finite(),
            Entries::F64(v) => v.iter().all(|v| v.is_finite()),
            Entries::F32(v) => v.iter().all(|v| v.is_finite()),
        };
        if finite {
            Ok(output)
        } else {
            Err(Error::new(diagnostics::E0503, format!("the point for `{}` is not finite", output.name)))
        }
    }

    /// Clears the workspace and writes all params to it, and to the checker's.
    fn write_params(&self, params: &[(&str, View<'_>)], workspace: &mut Workspace<T>) -> Result<(), Error> {
        let inner = self.inner();
        let spec = inner.spec();
        if workspace.main.len() != inner.layout.workspace_len()
            || workspace.check.len() != inner.checker.layout.workspace_len()
        {
            *workspace = self.workspace()?;
        }
        inner.layout.clear(&mut workspace.main);
        inner.checker.layout.clear(&mut workspace.check);
        for (i, (name, _)) in params.iter().enumerate() {
            let at = find(&spec.inputs, name).ok_or_else(|| unknown_input(&spec.inputs, name))?;
            let input = &spec.inputs[at];
            if input.kind == InputKind::Const {
                let message = format!("`{}` is a const: it is bound once, before the solves", input.name);
                return Err(Error::new(diagnostics::E0901, message));
            }
            if params[..i].iter().any(|(other, _)| find(&spec.inputs, other) == Some(at)) {
                return Err(Error::new(diagnostics::E0901, format!("`{}` is given twice", input.name)));
            }
        }
        for (at, input) in spec.inputs.iter().enumerate() {
            let given = params.iter().find(|(name, _)| find(&spec.inputs, name) == Some(at)).map(|(_, view)| view);
            let kept;
            let view = match (given, &self.bound[at], &input.default) {
                (Some(view), _, _) => {
                    accept::<T>(inner, at, view, &mut workspace.scratch)?;
                    view
                }
                (None, Some(bound), _) => {
                    kept = View::shaped(input.shape, bound);
                    &kept
                }
                (None, None, _) if input.kind == InputKind::Const => continue,
                (None, None, Some(default)) => {
                    kept = View::shaped(input.shape, default);
                    accept::<T>(inner, at, &kept, &mut workspace.scratch)?;
                    &kept
                }
                (None, None, None) => return Err(missing(input, inner.spans[at]).into()),
            };
            place(&inner.layout, input.buffer, Region::Workspace, view, &mut workspace.main);
            place(&inner.checker.layout, input.check_buffer, Region::Workspace, view, &mut workspace.check);
        }
        Ok(())
    }

    /// Solves; the answer stays in the workspace.
    fn run(
        &self,
        request: &Request<'_, '_>,
        workspace: &mut Workspace<T>,
        observe: &mut dyn FnMut(&Progress),
    ) -> Result<Summary, Error> {
        let inner = self.inner();
        let spec = inner.spec();
        self.write_params(request.params, workspace)?;
        for (name, view) in request.start {
            let output = self.output_for(name, view)?;
            if let Some(start) = output.start {
                let (_, at) = inner.layout.place_view(start);
                copy(view, &mut workspace.main[at..at + start.len]);
            }
            if let Some(has_start) = spec.signals.has_start {
                let (_, at) = inner.layout.place_view(has_start);
                workspace.main[at] = T::ONE;
            }
        }
        if !self.compared.swap(true, Ordering::Relaxed) {
            self.compare_objectives(workspace)?;
        }
        let began = Instant::now();
        let observer = |progress: &Progress| {
            observe(progress);
            if request.interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                Control::Interrupt
            } else if request.time_limit.is_some_and(|limit| began.elapsed() >= limit) {
                Control::TimeLimit
            } else {
                Control::Continue
            }
        };
        let settings = &spec.settings;
        let limits = Limits {
            tol: inner.tol,
            max_iter: settings.max_iter,
            check_every: settings.check_every,
            exact_steps: settings.exact_steps,
            early: settings.early,
        };
        let mut running = Running { solver: self, workspace, resumed: false };
        let summary = solve(&mut running, &limits, settings.claim, observer);
        if summary.status == Status::InternalError { Err(contradiction()) } else { Ok(summary) }
    }

    /// Compares the objective that was derived with the one that was written, at several points: a mistake in the derivation shows there before
    /// anything is solved.
    fn compare_objectives(&self, workspace: &mut Workspace<T>) -> Result<(), Error> {
        let inner = self.inner();
        let outputs = &inner.spec().outputs;
        // Pseudo-random numbers of a multiplicative generator, in [−1, 1).
        let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        };
        for size in [0.0, 1.0, 1e-3, 1e3] {
            for output in outputs {
                let (_, at) = inner.checker.layout.place_view(output.check_view);
                workspace.check[at..at + output.check_view.len].fill_with(|| size * next());
            }
            if !inner.checker.agrees(&inner.spec().report, &self.check_storage, &mut workspace.check) {
                return Err(contradiction());
            }
        }
        Ok(())
    }

    /// Shows the point to the checker.
    fn check(&self, workspace: &mut Workspace<T>) -> Findings {
        let inner = self.inner();
        for output in &inner.spec().outputs {
            let (_, from) = inner.layout.place_view(output.view);
            let (_, to) = inner.checker.layout.place_view(output.check_view);
            let len = output.view.len.min(output.check_view.len);
            for (to, from) in workspace.check[to..to + len].iter_mut().zip(&workspace.main[from..from + len]) {
                *to = from.to_f64();
            }
        }
        inner.checker.run(&inner.spec().report, inner.tol, &self.check_storage, &mut workspace.check)
    }

    fn point_is_finite(&self, workspace: &Workspace<T>) -> bool {
        let inner = self.inner();
        inner.spec().outputs.iter().all(|output| {
            let (_, at) = inner.layout.place_view(output.view);
            workspace.main[at..at + output.view.len].iter().all(|v| v.is_finite())
        })
    }
}

/// The program's blocks on a solver's data.
struct Running<'a, T> {
    solver: &'a Solver<T>,
    workspace: &'a mut Workspace<T>,
    /// The state of the run before is kept.
    resumed: bool,
}

impl<T: Real> Running<'_, T> {
    fn run(&mut self, block: BlockKind) {
        self.solver.inner().executor.run(block, &self.solver.storage, &mut self.workspace.main);
    }

    fn signal(&self, place: Place) -> f64 {
        read(&self.solver.inner().layout, place, &self.solver.storage, &self.workspace.main).to_f64()
    }
}

impl<T: Real> Blocks for Running<'_, T> {
    fn prepare(&mut self) {
        if !self.resumed {
            self.run(BlockKind::Prepare);
        }
    }

    fn step(&mut self) {
        self.run(BlockKind::Step);
    }

    fn stop(&mut self) -> Measure {
        self.run(BlockKind::Stop);
        let signals = &self.solver.inner().spec().signals;
        Measure {
            objective: self.signal(signals.objective),
            measure: self.signal(signals.measure),
            scale: self.signal(signals.scale),
        }
    }

    fn finish(&mut self) {
        self.run(BlockKind::Finish);
    }
}

impl<T: Real> Solve for Running<'_, T> {
    fn resume(&mut self) {
        self.resumed = true;
    }

    fn check(&mut self) -> Findings {
        self.solver.check(self.workspace)
    }

    fn point_is_finite(&self) -> bool {
        self.solver.point_is_finite(self.workspace)
    }

    fn own_objective(&self) -> (f64, f64) {
        (self.signal(self.solver.inner().spec().signals.kept), T::EPSILON.to_f64())
    }
}

/// A warning where the loop made no further progress.
fn stalled(summary: &Summary, tol: f64) -> Option<Diagnostic> {
    let shown = match summary.certificate {
        Certificate::FixedPointResidual => format!("the residual is {:.1e}", summary.residual),
        Certificate::DualityGap | Certificate::DualityGapTo(_) => format!("the gap is {:.1e}", summary.gap),
        _ => "no gap is known".to_owned(),
    };
    let message = format!("stalled: no further progress at this precision; {shown}, the tolerance {tol:.1e}");
    summary.stalled.then(|| Diagnostic::new(diagnostics::W0302, message))
}

/// A warning where an answer is stationary only.
fn without_bound(summary: &Summary) -> Option<Diagnostic> {
    let stationary = summary.status == Status::Stationary && summary.certificate == Certificate::FixedPointResidual;
    stationary.then(|| {
        let message = "the distance to the optimum is not known: a proof would take a factorisation that is too large";
        Diagnostic::new(diagnostics::W0305, message)
            .help("the residual says how far every entry is from balance, relative to its terms")
    })
}

/// Where two things that must agree do not, beyond rounding.
fn contradiction() -> Error {
    Error::internal("the objective or the bound that was derived contradicts what was written")
}

/// What is known of the cause of a solve that was not finite.
fn not_finite<T: Real>(inner: &Inner<T>, summary: &Summary) -> Diagnostic {
    let stages = &inner.stages;
    let k = summary.iterations;
    if let Some(step) = stages.plan.options.step {
        let all = stages.derivation.sections.iter().flat_map(|section| &section.steps);
        let constant = all.map(|step| step.formula.as_str()).find(|formula| formula.starts_with("L = "));
        let constant = constant.map_or_else(String::new, |formula| format!(", {formula}"));
        let message = format!("the iterates grew without bound, by iteration {k}: the step {step} is too large here");
        let diagnostic = Diagnostic::new(diagnostics::W0601, message).help(format!(
            "a step is at most 2/L{constant}: leave it out, which takes 1/L, or write `step = backtracking`"
        ));
        let options = stages.model.method.iter().flat_map(|method| &method.options);
        return match options.into_iter().find(|option| option.name == "step") {
            Some(option) => diagnostic.label(option.span, "the step"),
            None => diagnostic,
        };
    }
    let message = format!("a number overflowed or was undefined by iteration {k}, in {}", T::NAME);
    let help = if T::NAME == "f32" {
        "solve in f64, or scale the data so that its entries are within about 1e-8 and 1e8"
    } else {
        "scale the data so that its entries are within about 1e-8 and 1e8"
    };
    Diagnostic::new(diagnostics::W0601, message).help(help)
}

/// Zeroed memory, or an error where there is none.
fn zeros<F: Float>(len: usize) -> Result<Vec<F>, Error> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(len).map_err(|_| {
        let message = format!("the solver needs {len} numbers of memory, which are not to be had");
        Error::new(diagnostics::E0304, message)
    })?;
    memory.resize(len, F::ZERO);
    Ok(memory)
}

/// Index of the input of a name, as declared or in another spelling.
fn find(inputs: &[Input], name: &str) -> Option<usize> {
    inputs.iter().position(|i| i.name == name || i.canonical == name).or_else(|| {
        if name.is_ascii() {
            return None;
        }
        let canonical = names::canonical(name);
        inputs.iter().position(|i| i.canonical == canonical)
    })
}

fn find_output<'a>(outputs: &'a [Output], name: &str) -> Option<&'a Output> {
    outputs.iter().find(|o| o.name == name || o.canonical == name).or_else(|| {
        if name.is_ascii() {
            return None;
        }
        let canonical = names::canonical(name);
        outputs.iter().find(|o| o.canonical == canonical)
    })
}

fn unknown_input(inputs: &[Input], name: &str) -> Error {
    unknown("const or param", inputs.iter().map(|i| (i.name.as_str(), i.canonical.as_str())), name)
}

fn unknown_output(outputs: &[Output], name: &str) -> Error {
    unknown("unknown", outputs.iter().map(|o| (o.name.as_str(), o.canonical.as_str())), name)
}

fn unknown<'a>(what: &str, known: impl Iterator<Item = (&'a str, &'a str)> + Clone, name: &str) -> Error {
    let near = names::nearest(&names::canonical(name), known.clone().map(|(_, canonical)| canonical));
    let error = Diagnostic::new(diagnostics::E0901, format!("the problem has no {what} `{name}`"));
    match near.and_then(|near| known.clone().find(|(_, canonical)| *canonical == near)) {
        Some((near, _)) => error.help(format!("did you mean `{near}`?")).into(),
        None => {
            let names: Vec<String> = known.map(|(name, _)| format!("`{name}`")).collect();
            error
                .help(if names.is_empty() {
                    "there is none".to_owned()
                } else {
                    format!("there is {}", names.join(", "))
                })
                .into()
        }
    }
}

fn missing(input: &Input, span: Option<sparsec_syntax::span::Span>) -> Diagnostic {
    let kind = if input.kind == InputKind::Const { "const" } else { "param" };
    let diagnostic = Diagnostic::new(diagnostics::E0501, format!("no value is given for the {kind} `{}`", input.name));
    match span {
        Some(span) => diagnostic.label(span, "declared here"),
        None => diagnostic,
    }
}

/// Checks data against its declaration: shape, finiteness, domains.
fn accept<T: Real>(inner: &Inner<T>, at: usize, view: &View<'_>, scratch: &mut Scratch) -> Result<(), Error> {
    let input = &inner.spec().inputs[at];
    let fail = |code, message: String, help: Option<&str>| {
        let mut error = Error::new(code, message).at(inner.spans[at], "declared here");
        if let Some(help) = help {
            error = error.help(help);
        }
        Err(error)
    };
    if !fits(view.shape, input.shape) {
        let help = match (view.shape, input.shape) {
            (Shape::Matrix(m, n), Shape::Matrix(p, q)) if (m, n) == (q, p) => Some("its transpose would fit"),
            _ => None,
        };
        return fail(
            diagnostics::E0502,
            format!("`{}` is declared {}, but its data is {}", input.name, input.shape, view.shape),
            help,
        );
    }
    if view.len() != input.shape.len() {
        let message = format!(
            "`{}` is declared {} and needs {} {}, not {}",
            input.name,
            input.shape,
            input.shape.len(),
            if input.shape.len() == 1 { "number" } else { "numbers" },
            view.len()
        );
        return fail(diagnostics::E0502, message, None);
    }
    let (rows, cols) = input.shape.rows_cols();
    let (domains, infinite) = (input.domains.as_slice(), input.allow_infinite);
    let room = domain::scratch_len(rows, cols, domains).unwrap_or(0);
    let checked = match &view.entries {
        Entries::Number(value) => {
            scratch.f64.resize(room.max(scratch.f64.len()), 0.0);
            domain::check(std::slice::from_ref(value), rows, cols, domains, infinite, &mut scratch.f64)
        }
        Entries::F64(values) => {
            scratch.f64.resize(room.max(scratch.f64.len()), 0.0);
            domain::check(values, rows, cols, domains, infinite, &mut scratch.f64)
        }
        Entries::F32(values) => {
            scratch.f32.resize(room.max(scratch.f32.len()), 0.0);
            domain::check(values, rows, cols, domains, infinite, &mut scratch.f32)
        }
    };
    if let Err(error) = checked {
        return fail(code_of(&error), format!("`{}`: {}", input.name, describe(&error, input.shape)), None);
    }
    if let Entries::F64(values) = &view.entries
        && let Some(index) = values.iter().position(|v| v.is_finite() && !T::from_f64(*v).is_finite())
    {
        let message = format!(
            "`{}`: {} is {:e}, too large for {}",
            input.name,
            entry(index, input.shape),
            values[index],
            T::NAME
        );
        return fail(diagnostics::E0503, message, Some("solve in f64"));
    }
    Ok(())
}

fn code_of(error: &DomainError) -> &'static sparsec_syntax::diagnostic::Code {
    match error.violation {
        Violation::NotFinite => diagnostics::E0503,
        Violation::WrongLength | Violation::NotSquare => diagnostics::E0502,
        Violation::Outside(_) | Violation::NotSymmetric { .. } | Violation::NotPsd => diagnostics::E0504,
    }
}

/// An entry as a problem would write it: `[3]`, `[1, 2]`, or `the value` of a number.
fn entry(index: usize, shape: Shape) -> String {
    match shape {
        Shape::Scalar => "the value".to_owned(),
        Shape::Vector(_) => format!("entry [{index}]"),
        Shape::Matrix(_, cols) => format!("entry [{}, {}]", index / cols.max(1), index % cols.max(1)),
    }
}

fn describe(error: &DomainError, shape: Shape) -> String {
    let DomainError { index, value, violation } = error;
    let here = entry(*index, shape);
    match violation {
        Violation::NotFinite => format!("{here} is {value}, which is not finite"),
        Violation::Outside(domain) => {
            use sparsec_program::solver::Domain;
            let bound = match domain {
                Domain::AtLeast(c) => format!(">= {c}"),
                Domain::Above(c) => format!("> {c}"),
                Domain::AtMost(c) => format!("<= {c}"),
                Domain::Below(c) => format!("< {c}"),
                Domain::Nonzero | Domain::Symmetric | Domain::Psd => "nonzero".to_owned(),
            };
            format!("{here} is {value}, but must be {bound}")
        }
        Violation::NotSymmetric { mirrored, mirrored_value } => {
            format!(
                "{here} is {value}, but {} is {mirrored_value}: the matrix is not symmetric",
                entry(*mirrored, shape)
            )
        }
        Violation::NotPsd => {
            format!("the matrix is not positive semidefinite: x'Ax = {value} for an x, found by elimination at {here}")
        }
        Violation::NotSquare | Violation::WrongLength => error.to_string(),
    }
}

/// True where a const's data is needed in storage alone, so that no copy has to be kept for the solves.
fn fixed<T>(inner: &Inner<T>, input: &Input) -> bool {
    let in_storage = |layout: &Layout, buffer: Option<BufferId>| {
        buffer.is_none_or(|buffer| layout.place(buffer).0 == Region::Storage)
    };
    in_storage(&inner.layout, input.buffer) && in_storage(&inner.checker.layout, input.check_buffer)
}

/// Writes data to its buffer, if it has one in this region.
fn place<F: Float>(layout: &Layout, buffer: Option<BufferId>, region: Region, view: &View<'_>, memory: &mut [F]) {
    if let Some(buffer) = buffer {
        let (found, at) = layout.place(buffer);
        if found == region {
            copy(view, &mut memory[at..at + view.len()]);
        }
    }
}

fn copy<F: Float>(view: &View<'_>, to: &mut [F]) {
    match &view.entries {
        Entries::Number(value) => to[0] = F::from_f64(*value),
        Entries::F64(values) => to.iter_mut().zip(values.iter()).for_each(|(to, v)| *to = F::from_f64(*v)),
        Entries::F32(values) => to.iter_mut().zip(values.iter()).for_each(|(to, v)| *to = F::from_f64(f64::from(*v))),
    }
}

fn owned(view: &View<'_>) -> Vec<f64> {
    match &view.entries {
        Entries::Number(value) => vec![*value],
        Entries::F64(Cow::Borrowed(values)) => values.to_vec(),
        Entries::F64(Cow::Owned(values)) => values.clone(),
        Entries::F32(values) => values.iter().map(|v| f64::from(*v)).collect(),
    }
}

#[cfg(test)]
mod tests {
    //! Executors that lie: what the loop and the verdict make of wrong numbers in the program's memory.

    use super::*;
    use crate::backend::Backend;
    use crate::options::Options;
    use crate::problem::Problem;
    use sparsec_program::executor::Executor;
    use sparsec_program::program::Role;
    use sparsec_runtime::Status;
    use std::sync::atomic::AtomicU64;

    /// Changes the workspace after a block has run; the number is of the steps so far.
    type Meddle<T> = Box<dyn Fn(BlockKind, u64, &mut [T]) + Send + Sync>;

    /// An executor whose memory somebody meddles with.
    struct Meddled<T> {
        honest: Box<dyn Executor<T>>,
        steps: AtomicU64,
        meddle: Meddle<T>,
    }

    impl<T: Real> Executor<T> for Meddled<T> {
        fn setup(&self, storage: &mut [T], workspace: &mut [T]) {
            self.honest.setup(storage, workspace);
        }

        fn run(&self, block: BlockKind, storage: &[T], workspace: &mut [T]) {
            self.honest.run(block, storage, workspace);
            if block == BlockKind::Step {
                self.steps.fetch_add(1, Ordering::Relaxed);
            }
            (self.meddle)(block, self.steps.load(Ordering::Relaxed), workspace);
        }

        fn backend(&self) -> &'static str {
            self.honest.backend()
        }
    }

    const LASSO: &str = "const D: matrix[3, 4] = [[1, 0, 2, 1], [0, 1, 1, -1], [1, 1, 0, 3]]
        param x: vector[3] = [1, 2, 3]
        var y: vector[4]
        minimize ||x - D*y||^2 + 0.1*||y||_1
        solve with ista";
    const ON_THE_SIMPLEX: &str = "const D: matrix[3, 4] = [[1, 0, 2, 1], [0, 1, 1, -1], [1, 1, 0, 3]]
        param x: vector[3] = [1, 2, 3]
        var y: vector[4]
        minimize ||x - D*y||^2
        subject to y in simplex
        solve with fista";

    fn compiled<T: Real>(text: &str, backend: Backend) -> Compiled<T> {
        Problem::parse(text).unwrap().compile(&Options::new().backend(backend)).unwrap()
    }

    /// Solves while the executor is meddled with.
    fn solve_meddled<T: Real>(mut compiled: Compiled<T>, meddle: Meddle<T>) -> Result<Solution<T>, Error> {
        let inner = Arc::get_mut(&mut compiled.inner).expect("the only owner");
        let honest = std::mem::replace(
            &mut inner.executor,
            Box::new(sparsec_program::interpreter::Interpreter::new(&inner.stages.spec.program)),
        );
        inner.executor = Box::new(Meddled { honest, steps: AtomicU64::new(0), meddle });
        compiled.bind([]).unwrap().solve(&[])
    }

    /// The state buffers in the workspace: name, place, length.
    fn state<T: Real>(compiled: &Compiled<T>) -> Vec<(String, usize, usize)> {
        let layout = &compiled.inner.layout;
        let buffers = compiled.spec().program.program().buffers.iter().enumerate();
        buffers
            .filter(|(_, buffer)| buffer.role == Role::State)
            .map(|(i, buffer)| (buffer.name.clone(), layout.place(BufferId(i as u32)).1, buffer.rows * buffer.cols))
            .collect()
    }

    fn nan_in_the_loop<T: Real>(backend: Backend) {
        for text in [LASSO, ON_THE_SIMPLEX] {
            let every = compiled::<T>(text, backend).spec().settings.check_every;
            let mut noticed = 0;
            for (name, at, len) in state(&compiled::<T>(text, backend)) {
                let meddle: Meddle<T> = Box::new(move |block, steps, workspace| {
                    if block == BlockKind::Step && steps >= 7 {
                        workspace[at + len / 2] = T::from_f64(f64::NAN);
                    }
                });
                let tight = Options::new().backend(backend).tol(0.0);
                let unmeddled = Problem::parse(text).unwrap().compile::<T>(&tight).unwrap();
                let solution = solve_meddled(unmeddled, meddle).unwrap();
                // A buffer that the next block writes before it reads it is not hurt by what was in it.
                let y = solution.get("y").unwrap();
                let claims = matches!(solution.status, Status::Optimal | Status::Stationary | Status::Approximate);
                assert!(
                    !claims || (solution.gap <= 0.0 && y.iter().all(|v| v.is_finite())),
                    "{name}: {:?}",
                    solution.summary
                );
                // The iterate is not among those.
                if name == "y" || len == y.len() && solution.status == Status::NumericalError {
                    assert_eq!(solution.status, Status::NumericalError, "{backend:?} {name}: {:?}", solution.summary);
                    assert_eq!(solution.iterations, 7_u64.next_multiple_of(every), "{name}: the next check");
                    assert_eq!(solution.summary.exit_code(), 7);
                    noticed += 1;
                }
            }
            assert!(noticed > 0, "no state is the iterate: {text}");
        }
    }

    // Fault 82.
    #[test]
    fn nan_in_the_iterate_is_noticed_at_the_next_check() {
        for backend in [Backend::Auto, Backend::Interpreter] {
            nan_in_the_loop::<f64>(backend);
            nan_in_the_loop::<f32>(backend);
        }
    }

    /// What is wrong, and what becomes of an entry.
    type Wrong<T> = (&'static str, fn(T) -> T);

    fn wrong_answers<T: Real>(backend: Backend) {
        for text in [LASSO, ON_THE_SIMPLEX] {
            let honest = compiled::<T>(text, backend).bind([]).unwrap().solve(&[]).unwrap();
            assert_eq!(honest.status, Status::Optimal);
            let constrained = text == ON_THE_SIMPLEX;
            let wrongs: [Wrong<T>; 5] = [
                ("moved", |v| v + T::from_f64(0.01)),
                ("not a number", |_| T::from_f64(f64::NAN)),
                ("infinite", |_| T::from_f64(f64::INFINITY)),
                ("outside", |v| v - T::from_f64(5.0)),
                ("zero", |_| T::ZERO),
            ];
            for (what, wrong) in wrongs {
                let compiled = compiled::<T>(text, backend);
                let layout = &compiled.inner.layout;
                let signals = &compiled.spec().signals;
                let measure = layout.place_view(signals.measure).1;
                let output = compiled.spec().outputs[0].view;
                let (at, len) = (layout.place_view(output).1, output.len);
                let meddle: Meddle<T> = Box::new(move |block, _, workspace| match block {
                    // The loop is content at once, with anything.
                    BlockKind::Stop => workspace[measure] = T::ZERO,
                    BlockKind::Finish => workspace[at..at + len].iter_mut().for_each(|v| *v = wrong(*v)),
                    _ => {}
                });
                let shown = format!("{backend:?}, {what}, constrained: {constrained}");
                match solve_meddled(compiled, meddle) {
                    // The point is not the one of which the loop knows the objective.
                    Err(error) => {
                        assert_eq!(error.diagnostics[0].code.code, "E9901", "{shown}");
                        assert!(wrong(T::ONE).is_finite(), "{shown}");
                    }
                    Ok(solution) if !wrong(T::ONE).is_finite() => {
                        assert_eq!(solution.status, Status::NumericalError, "{shown}");
                    }
                    // It is the point of which the loop knows the objective.
                    Ok(solution) => {
                        assert_eq!(solution.status, Status::IterationLimit, "{shown}");
                        assert!(solution.gap > 1e-3 && !solution.warnings.is_empty(), "{shown}");
                    }
                }
            }
            // Content with where it started.
            let compiled = compiled::<T>(text, backend);
            let measure = compiled.inner.layout.place_view(compiled.spec().signals.measure).1;
            let content: Meddle<T> = Box::new(move |block, _, workspace| {
                if block == BlockKind::Stop {
                    workspace[measure] = T::ZERO;
                }
            });
            let solution = solve_meddled(compiled, content).unwrap();
            assert_eq!((solution.status, solution.iterations), (Status::IterationLimit, 0));
            assert!(solution.gap > 1e-3 && !solution.warnings.is_empty(), "{:?}", solution.summary);
        }
    }

    // Fault 83.
    #[test]
    fn a_wrong_answer_of_the_loop_is_never_called_optimal() {
        for backend in [Backend::Auto, Backend::Interpreter] {
            wrong_answers::<f64>(backend);
            wrong_answers::<f32>(backend);
        }
    }
}
