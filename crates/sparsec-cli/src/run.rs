//! `sparsec run`.

use crate::args::{Format, Precision, RunArgs};
use crate::json::{self, Answer, Map, SCHEMA, Time, Values};
use crate::out::{self, OutFile};
use crate::session::{Failure, Session};
use crate::{Outcome, Stdout, show, signals, write};
use sparsec::compiler::model::{Constraint, Expr, ExprKind, SetUse};
use sparsec::runtime::Progress;
use sparsec::syntax::diagnostic::Diagnostic;
use sparsec::syntax::diagnostics::{E0502, E0901, E0902};
use sparsec::{BatchRows, Certificate, Error, Given, Real, Request, Solution, Solver, Status, View};
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Runs the command.
pub fn run(args: &RunArgs, stdout: &mut Stdout) -> Outcome {
    let mut session = Session::open(&args.file)?;
    session.configure(&args.compile);
    if args.trace.is_some() && !args.batch.is_empty() {
        return Err(session.fail(Error::new(E0901, "--trace follows one solve, not a batch")));
    }
    let plans = out::plan(&args.out).map_err(|e| session.fail(e))?;
    session.take_data(&args.data, &args.batch)?;
    session.require_data()?;
    match args.compile.precision {
        Precision::F64 => solve::<f64>(args, &session, plans, stdout),
        Precision::F32 => solve::<f32>(args, &session, plans, stdout),
    }
}

fn solve<T: Real>(args: &RunArgs, session: &Session, plans: Vec<out::Plan>, stdout: &mut Stdout) -> Outcome {
    let began = Instant::now();
    let compiled = session.compile::<T>()?;
    let solver = compiled.bind(session.views()?).map_err(|e| session.fail(e))?;
    let start = session.points(&args.start, "--start")?;
    let start: Vec<(&str, View<'_>)> = start
        .iter()
        .map(|g| View::of_array(&g.array).map(|v| (g.name.as_str(), v)).ok_or_else(|| too_many_dimensions(session, g)))
        .collect::<Result<_, _>>()?;
    let run = Run { args, session, solver: &solver, compile_time: began.elapsed() };
    if session.batch.is_empty() { run.one(&start, plans, stdout) } else { run.batch(&start, plans, stdout) }
}

fn too_many_dimensions(session: &Session, given: &Given) -> Failure {
    session.fail(Error::new(E0502, format!("{} has more than two dimensions", given.from)))
}

/// A solver and what the user wants of it.
struct Run<'a, T> {
    args: &'a RunArgs,
    session: &'a Session,
    solver: &'a Solver<T>,
    compile_time: Duration,
}

impl<T: Real> Run<'_, T> {
    fn fail(&self, error: impl Into<Error>) -> Failure {
        self.session.fail(error)
    }

    fn request<'r, 'v>(&self, start: &'r [(&'r str, View<'v>)]) -> Request<'r, 'v> {
        let interrupt = Some(&signals::INTERRUPTED);
        Request { start, time_limit: self.args.time_limit, interrupt, ..Request::default() }
    }

    fn one(&self, start: &[(&str, View<'_>)], plans: Vec<out::Plan>, stdout: &mut Stdout) -> Outcome {
        let outputs = &self.solver.compiled().spec().outputs;
        let files = out::open(plans, outputs, None).map_err(|e| self.fail(e))?;
        let mut trace = match &self.args.trace {
            Some(path) => Some(write::Pending::create(path).map_err(|e| self.fail(e))?),
            None => None,
        };
        let mut lines = String::from("iteration,objective,lowest,measure,seconds\n");
        let mut lowest = f64::INFINITY;
        let began = Instant::now();
        let mut observe = |progress: &Progress| {
            let (at, now) = (progress.iteration, began.elapsed().as_secs_f64());
            let (objective, measure) = (progress.measure.objective, progress.measure.measure);
            if objective < lowest {
                lowest = objective;
            }
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{at},{objective:?},{lowest:?},{measure:?},{now:?}");
        };
        let request = self.request(start);
        let mut workspace = self.solver.workspace().map_err(|e| self.fail(e))?;
        signals::solving();
        let solution = if trace.is_some() {
            self.solver.solve_observed(&request, &mut workspace, &mut observe)
        } else {
            self.solver.solve_with(&request, &mut workspace)
        };
        let solution = solution.map_err(|e| self.fail(e))?;
        if let Some(mut trace) = trace.take() {
            trace.write(lines.as_bytes()).and_then(|()| trace.finish()).map_err(|e| self.fail(e))?;
        }
        // An infeasible problem has no point to write.
        let kept = if solution.status == Status::Infeasible { Vec::new() } else { files };
        let written = out::write_all(kept, &solution);
        written.map_err(|e| self.fail(e))?;
        let text = match self.args.format {
            Format::Json => json::text(&self.answer(&solution)),
            Format::Text | Format::Short => {
                stdout.note(&show::diagnostics(
                    &self.warnings(&solution),
                    &self.session.source,
                    stdout.stderr_colors(),
                ));
                self.report(&solution, !stdout.is_terminal())
            }
        };
        stdout.write(&text)?;
        Ok(solution.exit_code())
    }

    fn warnings(&self, solution: &Solution<T>) -> Vec<Diagnostic> {
        self.solver.compiled().warnings().iter().chain(&solution.warnings).cloned().collect()
    }

    fn answer<'s>(&'s self, solution: &'s Solution<T>) -> Answer<'s> {
        let compiled = self.solver.compiled();
        let value = |v: &'s sparsec::Variable<T>| {
            let values = v.values.iter().map(|x| x.to_f64()).collect();
            (v.name.as_str(), Values { shape: v.shape, values })
        };
        let dims = compiled.stages().model.dims.iter().map(|(name, size)| (name.as_str(), *size)).collect();
        let warnings = compiled.warnings().iter().chain(&solution.warnings);
        Answer {
            schema: SCHEMA,
            problem: self.session.problem.name(),
            status: solution.status.as_str(),
            objective: if has_point(solution.status) { solution.objective } else { f64::NAN },
            gap: if has_point(solution.status) { solution.gap } else { f64::NAN },
            certificate: certificate(solution.certificate),
            bound: if has_point(solution.status) { solution.bound } else { f64::NAN },
            violation: solution.violation,
            residual: solution.residual,
            iterations: solution.iterations,
            algorithm: compiled.spec().settings.algorithm,
            backend: compiled.backend(),
            dims: Map(dims),
            time: Time { compile_s: self.compile_time.as_secs_f64(), solve_s: solution.time.as_secs_f64() },
            solution: Map(solution.variables.iter().map(value).collect()),
            dual: Map(Vec::new()),
            warnings: json::warnings(warnings, &self.session.source.text),
        }
    }

    /// The answer for people; all entries, or the first of each unknown.
    fn report(&self, solution: &Solution<T>, all: bool) -> String {
        let compiled = self.solver.compiled();
        let mut text = format!("{}: {}\n", self.session.problem.name(), solution.status);
        let mut line = |key: &str, value: String| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {key:<11} {value}");
        };
        let point = has_point(solution.status);
        if point {
            line("objective", show::number(solution.objective));
            shown(solution.certificate, solution.gap, solution.bound, solution.residual)
                .into_iter()
                .for_each(|(key, value)| line(key, value));
            if solution.violation != 0.0 {
                line("violation", format!("{:.3e}", solution.violation));
            }
        } else {
            line("certificate", self.certificate_text(solution));
            for contradiction in self.contradictions(solution.status) {
                line("because", contradiction);
            }
            if solution.status == Status::Infeasible && !self.args.out.is_empty() {
                line("written", "nothing: there is no point that satisfies the constraints".to_owned());
            }
        }
        let settings = &compiled.spec().settings;
        line(
            "iterations",
            format!("{}   {}, {}, {}", solution.iterations, settings.algorithm, compiled.backend(), T::NAME),
        );
        line(
            "time",
            format!("{} to compile, {} to solve", show::seconds(self.compile_time), show::seconds(solution.time)),
        );
        let mut abridged = false;
        for variable in solution.variables.iter().filter(|_| point) {
            let values: Vec<f64> = variable.values.iter().map(|v| v.to_f64()).collect();
            let shown = show::values(variable.shape, &values, all);
            abridged |= shown.contains('…');
            line(&variable.name, shown);
        }
        if abridged {
            text.push_str("  (abridged; --out NAME=FILE.npy or --format json gives all entries)\n");
        }
        text
    }

    /// What shows that there is no solution.
    fn certificate_text(&self, solution: &Solution<T>) -> String {
        let what = match solution.status {
            Status::Infeasible => "the constraints contradict each other",
            _ => "a direction along which the objective falls without bound",
        };
        format!("{}: {what}", solution.certificate)
    }

    /// The constraints that contradict each other, where the derivation found them.
    fn contradictions(&self, status: Status) -> Vec<String> {
        if status != Status::Infeasible {
            return Vec::new();
        }
        let stages = self.solver.compiled().stages();
        let applied = stages.composite.blocks.iter().flat_map(|block| &block.sum.applied);
        let known: Vec<String> =
            applied.filter(|(rule, _)| *rule == "contradiction").map(|(_, what)| what.clone()).collect();
        if !known.is_empty() {
            return known;
        }
        let text = |constraint: &Constraint| {
            let span = constraint.span;
            let text = self.session.source.text.get(span.start..span.end).unwrap_or_default();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        match &stages.model.constraints[..] {
            [one] => vec![format!("nothing satisfies `{}`", text(one))],
            more => {
                more.iter().filter(|c| is_empty_box(c)).map(|c| format!("nothing satisfies `{}`", text(c))).collect()
            }
        }
    }

    fn batch(&self, start: &[(&str, View<'_>)], plans: Vec<out::Plan>, stdout: &mut Stdout) -> Outcome {
        let rows: Vec<BatchRows<'_>> =
            self.session.batch.iter().map(|g| BatchRows { name: &g.name, rows: &g.array.data }).collect();
        let count = self.solver.batch_len(&rows).map_err(|e| self.fail(e))?;
        let outputs = &self.solver.compiled().spec().outputs;
        let mut files = out::open(plans, outputs, Some(count)).map_err(|e| self.fail(e))?;
        let threads = self.args.threads.unwrap_or(0);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|e| self.fail(Error::new(E0901, format!("the threads cannot be started: {e}"))))?;
        let request = self.request(start);
        let bar = progress_bar(count);
        let began = Instant::now();
        let mut tally = Tally::default();
        let json = self.args.format == Format::Json;
        if json {
            let name = serde_json::to_string(self.session.problem.name()).unwrap_or_default();
            stdout.write(&format!(r#"{{"schema":{SCHEMA},"problem":{name},"results":["#))?;
        } else {
            let warnings = self.solver.compiled().warnings();
            stdout.note(&show::diagnostics(warnings, &self.session.source, stdout.stderr_colors()));
        }
        signals::solving();
        // Enough rows at a time to keep all threads busy, few enough to keep the answers in memory.
        let chunk = 32 * pool.current_num_threads();
        let mut failed: Option<Failure> = None;
        let mut at = 0;
        while at < count {
            let end = (at + chunk).min(count);
            let answers = if signals::interrupted() {
                (at..end).map(|_| Err(Error::new(E0902, "interrupted before this row was solved"))).collect()
            } else {
                pool.install(|| self.solver.solve_rows(&rows, at..end, &request))
            };
            let mut text = String::new();
            for (row, answer) in (at..end).zip(&answers) {
                tally.add(answer);
                self.show_row(row, answer, &mut text);
                if failed.is_none() {
                    failed = write_row(&mut files, answer).err().map(|e| self.fail(e));
                }
            }
            stdout.write(&text)?;
            bar.inc((end - at) as u64);
            at = end;
        }
        bar.finish_and_clear();
        if failed.is_none() && !signals::interrupted() {
            failed = out::finish(files).err().map(|e| self.fail(e));
        }
        let (compile_s, solve_s) = (self.compile_time.as_secs_f64(), began.elapsed().as_secs_f64());
        if json {
            let time = serde_json::to_string(&Time { compile_s, solve_s }).unwrap_or_default();
            let error = failed.as_ref().map(|f| {
                let document = json::failed(&f.error, &f.source.text);
                format!(r#","error":{}"#, serde_json::to_string(&document.error).unwrap_or_default())
            });
            stdout.write(&format!("],\"time\":{time}{}}}\n", error.unwrap_or_default()))?;
            if let Some(failure) = failed {
                stdout.note(&show::diagnostics(&failure.error.diagnostics, &failure.source, stdout.stderr_colors()));
                return Ok(failure.error.class().exit_code());
            }
        } else {
            let solved = show::seconds(began.elapsed());
            stdout.write(&format!("{count} solves in {solved}: {}\n", tally.text()))?;
            if let Some(failure) = failed {
                return Err(failure);
            }
        }
        Ok(if signals::interrupted() { signals::EXIT } else { tally.exit_code() })
    }

    fn show_row(&self, row: usize, answer: &Result<Solution<T>, Error>, text: &mut String) {
        if self.args.format == Format::Json {
            if row > 0 {
                text.push(',');
            }
            let document = match answer {
                Ok(solution) => serde_json::to_string(&self.answer(solution)),
                Err(error) => serde_json::to_string(&json::failed(error, &self.session.source.text)),
            };
            text.push_str(&document.unwrap_or_default());
            return;
        }
        // Writing to a string cannot fail.
        let _ = match answer {
            Ok(s) if !has_point(s.status) => writeln!(text, "{row:>7}  {:<16} {}", s.status.as_str(), s.certificate),
            Ok(s) => {
                let shown = match s.certificate {
                    Certificate::FixedPointResidual => format!("residual {:<10.2e}", s.residual),
                    Certificate::DualityGap | Certificate::DualityGapTo(_) => format!("gap {:<10.2e}", s.gap),
                    Certificate::Ray | Certificate::None => format!("gap {:<10}", "unknown"),
                };
                let objective = show::number(s.objective);
                let status = s.status.as_str();
                writeln!(text, "{row:>7}  {status:<16} objective {objective:<24} {shown} iterations {}", s.iterations)
            }
            Err(error) => writeln!(text, "{row:>7}  error            {error}"),
        };
    }
}

/// One row of each file; of a row that failed or has no solution it is NaN.
fn write_row<T: Real>(files: &mut [OutFile], answer: &Result<Solution<T>, Error>) -> Result<(), Error> {
    let solution = answer.as_ref().ok().filter(|solution| solution.status != Status::Infeasible);
    files.iter_mut().try_for_each(|file| file.write(solution))
}

/// A box whose lower bound is above the upper one, in the text.
fn is_empty_box(constraint: &Constraint) -> bool {
    let number = |e: &Expr| match &e.kind {
        ExprKind::Literal(values) if values.len() == 1 => Some(values[0]),
        _ => None,
    };
    match &constraint.set {
        SetUse::Box(Some(low), Some(high)) => number(low).zip(number(high)).is_some_and(|(low, high)| low > high),
        _ => false,
    }
}

/// True where objective and gap are those of a point; a problem without a solution has none.
fn has_point(status: Status) -> bool {
    !matches!(status, Status::Infeasible | Status::Unbounded)
}

/// What is shown of a point, line by line, for people.
pub fn shown(certificate: Certificate, gap: f64, bound: f64, residual: f64) -> Vec<(&'static str, String)> {
    match certificate {
        Certificate::DualityGap | Certificate::DualityGapTo(_) => {
            vec![("gap", format!("{gap:.3e}   {certificate}")), ("bound", show::number(bound))]
        }
        Certificate::FixedPointResidual => vec![("residual", format!("{residual:.3e}   {certificate}"))],
        Certificate::Ray | Certificate::None => vec![("gap", "unknown".to_owned())],
    }
}

/// What a certificate is called; nothing where nothing was shown.
pub fn certificate(certificate: Certificate) -> Option<String> {
    (certificate != Certificate::None).then(|| certificate.to_string())
}

/// A bar on a terminal, nothing elsewhere.
fn progress_bar(count: usize) -> indicatif::ProgressBar {
    if std::io::stderr().is_terminal() && std::io::stdout().is_terminal() && count > 100 {
        indicatif::ProgressBar::new(count as u64)
    } else {
        indicatif::ProgressBar::hidden()
    }
}

/// How the rows of a batch ended.
#[derive(Default)]
struct Tally {
    statuses: [usize; Status::ALL.len()],
    errors: usize,
    /// The worst exit code of an error.
    worst: u8,
}

impl Tally {
    fn add<T>(&mut self, answer: &Result<Solution<T>, Error>) {
        match answer {
            Ok(solution) => {
                if let Some(at) = Status::ALL.iter().position(|s| *s == solution.status) {
                    self.statuses[at] += 1;
                }
            }
            Err(error) => {
                self.errors += 1;
                self.worst = worse(self.worst, error.class().exit_code());
            }
        }
    }

    fn text(&self) -> String {
        let counted = Status::ALL.iter().zip(self.statuses).filter(|(_, n)| *n > 0);
        let mut parts: Vec<String> = counted.map(|(status, n)| format!("{n} {status}")).collect();
        if self.errors > 0 {
            parts.push(format!("{} failed", self.errors));
        }
        if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
    }

    /// The exit of the worst row.
    fn exit_code(&self) -> u8 {
        let counted = Status::ALL.iter().zip(self.statuses).filter(|(_, n)| *n > 0);
        counted.map(|(status, _)| status.exit_code()).fold(self.worst, worse)
    }
}

/// The worse of two exits of a batch: a fault of sparsec, then 7, 6, 5, 4, 0.
fn worse(a: u8, b: u8) -> u8 {
    a.max(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_row_decides() {
        let mut tally = Tally::default();
        assert_eq!((tally.exit_code(), tally.text().as_str()), (0, "none"));
        tally.statuses[0] = 3;
        assert_eq!((tally.exit_code(), tally.text().as_str()), (0, "3 optimal"));
        tally.errors = 1;
        tally.worst = 4;
        assert_eq!((tally.exit_code(), tally.text().as_str()), (4, "3 optimal, 1 failed"));
        for (status, code) in [(Status::IterationLimit, 5), (Status::Infeasible, 6), (Status::NumericalError, 7)] {
            let at = Status::ALL.iter().position(|s| *s == status).unwrap();
            tally.statuses[at] = 1;
            assert_eq!(tally.exit_code(), code);
        }
    }
}
