//! From a file name and the arguments to a problem with its data.

use crate::args::{BackendArg, CompileArgs, DataArgs, Precision};
use sparsec::syntax::ast::{Ident, StatementKind};
use sparsec::syntax::diagnostic::Diagnostic;
use sparsec::syntax::span::Span;
use sparsec::syntax::{diagnostics, names};
use sparsec::{Backend, Compiled, Error, Given, InputKind, Options, Problem, Real, View, files};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A problem's text and what to call it in messages.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// An error, and the text that it points into.
#[derive(Debug)]
pub struct Failure {
    pub error: Error,
    pub source: Source,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, source: Source::default() }
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Error::from(diagnostic).into()
    }
}

/// A problem whose text has been read and parsed.
pub struct Session {
    pub problem: Problem,
    pub source: Source,
    /// Where the problem's own paths start from.
    base: PathBuf,
    /// Data of `--set` and of `load(…)`.
    pub given: Vec<Given>,
    /// Data of `--batch`: one entry per row.
    pub batch: Vec<Given>,
    pub options: Options,
    /// The stages are those of a solver in f32.
    single: bool,
}

/// Reads a problem file; `-` is standard input.
pub fn read(file: &Path) -> Result<(Vec<u8>, String), Error> {
    if file.as_os_str() != "-" {
        return Ok((files::bytes(file, files::MAX_PROBLEM_BYTES)?, file.display().to_string()));
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(files::MAX_PROBLEM_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Error::new(diagnostics::E0505, format!("cannot read standard input: {}", files::reason(&e))))?;
    Ok((bytes, "standard input".to_owned()))
}

impl Session {
    /// Reads and parses a problem file.
    pub fn open(file: &Path) -> Result<Self, Failure> {
        let (bytes, name) = read(file)?;
        let source = Source { name, text: String::from_utf8_lossy(&bytes).into_owned() };
        let stem = file.file_stem().and_then(|s| s.to_str()).filter(|s| *s != "-").unwrap_or("problem");
        match Problem::from_bytes(&bytes) {
            Ok(problem) => Ok(Self {
                problem: problem.named(stem),
                source,
                base: file.parent().unwrap_or(Path::new("")).to_path_buf(),
                given: Vec::new(),
                batch: Vec::new(),
                options: Options::default(),
                single: false,
            }),
            Err(error) => Err(Failure { error, source }),
        }
    }

    /// An error with this problem's text.
    pub fn fail(&self, error: impl Into<Error>) -> Failure {
        Failure { error: error.into(), source: self.source.clone() }
    }

    /// Takes options of the compiler.
    pub fn configure(&mut self, args: &CompileArgs) {
        self.options.algorithm.clone_from(&args.algorithm);
        self.options.tol = args.tol;
        self.options.max_iter = args.max_iter;
        self.single = args.precision == Precision::F32;
        self.options.backend = match args.backend {
            BackendArg::Auto => Backend::Auto,
            BackendArg::Jit => Backend::Jit,
            BackendArg::Interpreter => Backend::Interpreter,
        };
    }

    /// Reads `--set`, `--dim`, `--batch` and the files of the text, and settles their shapes.
    pub fn take_data(&mut self, args: &DataArgs, batch: &[(String, String)]) -> Result<(), Failure> {
        self.take_dims(args)?;
        self.read_data(args, batch)
    }

    fn take_dims(&mut self, args: &DataArgs) -> Result<(), Failure> {
        for (i, (name, size)) in args.dim.iter().enumerate() {
            let canonical = names::canonical(name);
            if args.dim[..i].iter().any(|(other, _)| names::canonical(other) == canonical) {
                return Err(self.fail(Error::new(diagnostics::E0901, format!("--dim gives `{name}` twice"))));
            }
            self.options.dims.push((canonical, *size));
        }
        Ok(())
    }

    fn read_data(&mut self, args: &DataArgs, batch: &[(String, String)]) -> Result<(), Failure> {
        let cwd = Path::new("");
        let mut wrong = Vec::new();
        let both = args.set.iter().map(|p| (p, "--set")).chain(batch.iter().map(|p| (p, "--batch")));
        let mut seen: Vec<String> = Vec::new();
        for ((name, value), flag) in both {
            let Some(input) = self.problem.input(name) else {
                return Err(self.fail(self.problem.no_such_input(name)));
            };
            if flag == "--batch" && input.kind == InputKind::Const {
                let message = format!("`{}` is a const; --batch varies params", input.name);
                let help = format!("declare it `param {}`, or give one value with --set", input.name);
                return Err(
                    self.fail(Diagnostic::new(diagnostics::E0901, message).label(input.span, "a const").help(help))
                );
            }
            if seen.contains(&input.canonical) {
                let message = format!("`{}` is given twice", input.name);
                return Err(self.fail(Error::new(diagnostics::E0901, message)));
            }
            seen.push(input.canonical.clone());
            let source = files::source(value).map_err(|e| {
                let help = "a value is a number, [1, 2], [[1, 2], [3, 4]], or a file: .npy, .npz:key or .csv";
                self.fail(
                    Diagnostic::new(diagnostics::E0901, format!("{flag} {name}={}: {e}", short(value))).help(help),
                )
            })?;
            match source.load(cwd) {
                Ok(array) => {
                    let from = match source {
                        files::Source::Literal(_) => format!("{flag} {name}"),
                        files::Source::File(..) => format!("the file {value}"),
                    };
                    let given = Given { name: input.canonical, array, from };
                    if flag == "--batch" { self.batch.push(given) } else { self.given.push(given) }
                }
                Err(e) => wrong.extend(e.at(Some(input.span), "declared here").diagnostics),
            }
        }
        match self.problem.load(&self.base, |name| seen.iter().any(|s| s == name)) {
            Ok(loaded) => self.given.extend(loaded),
            Err(e) => wrong.extend(e.diagnostics),
        }
        for given in &mut self.given {
            match self.problem.conform(given) {
                Ok(()) => self.options.shapes.push((given.name.clone(), given.array.shape.clone(), given.from.clone())),
                Err(e) => wrong.extend(e.diagnostics),
            }
        }
        for rows in &self.batch {
            match self.row_of(rows) {
                Ok(row) => self.options.shapes.push((row.name, row.array.shape, row.from)),
                Err(e) => wrong.extend(e.diagnostics),
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(self.fail(wrong)) }
    }

    /// The shape that one row of a batch has, conformed to the declaration; its numbers are left out.
    fn row_of(&self, rows: &Given) -> Result<Given, Error> {
        let dimensions = self.problem.input(&rows.name).map_or(0, |i| i.dimensions);
        let shape = match (rows.array.shape.as_slice(), dimensions) {
            ([], _) => {
                let message = format!("{} is a number, but a batch has one row per solve", rows.from);
                return Err(Error::new(diagnostics::E0502, message));
            }
            // Rows of a table are the values of a vector; a list of numbers is one number per solve.
            ([_, rest @ ..], _) => rest.to_vec(),
        };
        let mut row = Given {
            name: rows.name.clone(),
            array: sparsec::data::Array { shape, data: Vec::new() },
            from: format!("each row of {}", rows.from),
        };
        self.problem.conform(&mut row)?;
        Ok(row)
    }

    /// One error that names every const and param without a value, with the flag that gives it.
    pub fn require_data(&self) -> Result<(), Failure> {
        let has = |name: &str| self.given.iter().chain(&self.batch).any(|g| g.name == name);
        let missing: Vec<_> =
            self.problem.inputs().into_iter().filter(|i| !i.has_value && !has(&i.canonical)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        if let Some(error) = self.text_error() {
            return Err(self.fail(error));
        }
        let list: Vec<String> = missing.iter().map(|i| format!("`{}`", i.name)).collect();
        let flags: Vec<String> = missing.iter().map(|i| format!("--set {0}={0}.npy", i.name)).collect();
        let noun = if missing.len() == 1 { "no value is given for" } else { "no values are given for" };
        let mut diagnostic = Diagnostic::new(diagnostics::E0501, format!("{noun} {}", list.join(", ")));
        for input in &missing {
            diagnostic = diagnostic.label(input.span, format!("`{}` has no value", input.name));
        }
        Err(self.fail(diagnostic.help(format!("give {}, or a value in the text", flags.join(" ")))))
    }

    /// A mistake in the text that shows without data.
    pub fn text_error(&self) -> Option<Error> {
        self.resolved().err()
    }

    /// The warnings of a problem whose text is right, its data aside.
    ///
    /// Sizes that are not known are tried with stand-ins, all different and all equal, and a mistake counts where both show
    /// one at the same place.
    pub fn resolved(&self) -> Result<Vec<Diagnostic>, Error> {
        let attempt = |dims: Vec<(String, usize)>| {
            let options = sparsec_compiler::resolve::Options { dims, shapes: self.known_shapes() };
            sparsec_compiler::resolve::resolve(self.problem.ast(), self.problem.name(), &options)
        };
        let errors = match attempt(self.options.dims.clone()) {
            Ok(model) => return Ok(model.warnings),
            Err(errors) => errors,
        };
        let open = self.open_dims(&errors);
        if open.is_empty() {
            return Err(errors.into());
        }
        let with = |size: &dyn Fn(usize) -> usize| {
            let mut dims = self.options.dims.clone();
            dims.extend(open.iter().enumerate().map(|(i, dim)| (dim.canonical.clone(), size(i))));
            attempt(dims)
        };
        let (first, second) = match (with(&|i| stand_in(i, 0)), with(&|i| stand_in(i, 1)), with(&|_| stand_in(0, 2))) {
            (Err(first), Err(second), Err(equal)) => {
                let kept = |errors: Vec<Diagnostic>| -> Vec<Diagnostic> {
                    errors.into_iter().filter(|e| equal.iter().any(|other| same_place(e, other))).collect()
                };
                (kept(first), kept(second))
            }
            (Ok(model), ..) | (_, Ok(model), _) | (.., Ok(model)) => return Ok(model.warnings),
        };
        let errors: Vec<Diagnostic> = first
            .iter()
            .filter_map(|error| {
                let named = |d: &Diagnostic, set| renamed(d, &|i| stand_in(i, set), &open);
                let (here, there) = (named(error, 0), named(second.iter().find(|other| same_place(error, other))?, 1));
                // What still differs was computed from the stand-ins.
                Some(if here == there { here } else { without_sizes(error) })
            })
            .collect();
        // Mistakes that show in one of the attempts only wait for the sizes.
        if errors.is_empty() { Ok(Vec::new()) } else { Err(errors.into()) }
    }

    /// The dims whose size these errors miss.
    fn open_dims(&self, errors: &[Diagnostic]) -> Vec<Ident> {
        let missing: Vec<Span> = errors
            .iter()
            .filter(|d| d.code == diagnostics::E0302)
            .filter_map(|d| d.labels.first())
            .map(|label| label.span)
            .collect();
        let mut open = Vec::new();
        for statement in &self.problem.ast().statements {
            if let StatementKind::Dim(decls) = &statement.kind {
                open.extend(decls.iter().map(|d| &d.name).filter(|name| missing.contains(&name.span)).cloned());
            }
        }
        open
    }

    fn known_shapes(&self) -> Vec<sparsec_compiler::resolve::KnownShape> {
        let known = |(name, shape, from): &(String, Vec<usize>, String)| sparsec_compiler::resolve::KnownShape {
            name: name.clone(),
            shape: shape.clone(),
            from: from.clone(),
        };
        self.options.shapes.iter().map(known).collect()
    }

    /// Dims that have no value in the text, from the command line or by the data.
    pub fn unknown_dims(&self) -> Vec<String> {
        match self.problem.stages::<f64>(&self.options) {
            Ok(_) => Vec::new(),
            Err(e) => self.open_dims(&e.diagnostics).into_iter().map(|dim| dim.text).collect(),
        }
    }

    /// All stages of the compiler; `None` where a size is not known.
    pub fn stages(&self) -> Option<Result<sparsec_compiler::Stages, Error>> {
        let stages = match self.single {
            false => self.problem.stages::<f64>(&self.options),
            true => self.problem.stages::<f32>(&self.options),
        };
        match stages {
            Err(e) if !self.open_dims(&e.diagnostics).is_empty() => None,
            stages => Some(stages),
        }
    }

    /// Compiles for a number type.
    pub fn compile<T: Real>(&self) -> Result<Compiled<T>, Failure> {
        self.problem.compile::<T>(&self.options).map_err(|e| self.fail(e))
    }

    /// The data of consts and params by name, to be bound.
    pub fn views(&self) -> Result<Vec<(&str, View<'_>)>, Failure> {
        self.given
            .iter()
            .map(|g| {
                let view = View::of_array(&g.array).ok_or_else(|| {
                    self.fail(Error::new(diagnostics::E0502, format!("{} has more than two dimensions", g.from)))
                })?;
                Ok((g.name.as_str(), view))
            })
            .collect()
    }

    /// Values for unknowns (`--start`, `--at`), each with its shape.
    pub fn points(&self, args: &[(String, String)], flag: &str) -> Result<Vec<Given>, Failure> {
        let mut points: Vec<Given> = Vec::new();
        for (name, value) in args {
            let canonical = names::canonical(name);
            let unknowns = self.problem.unknowns();
            if !unknowns.iter().any(|unknown| names::canonical(unknown) == canonical) {
                let list: Vec<String> = unknowns.iter().map(|name| format!("`{name}`")).collect();
                let help = match self.problem.input(name) {
                    Some(input) => {
                        let kind = if input.kind == InputKind::Const { "const" } else { "param" };
                        format!("`{}` is a {kind}: give its value with --set", input.name)
                    }
                    None if list.is_empty() => "the problem has no unknown".to_owned(),
                    None => format!("the unknowns are {}", list.join(", ")),
                };
                let message = format!("{flag} {name}=…: the problem has no unknown `{name}`");
                return Err(self.fail(Diagnostic::new(diagnostics::E0901, message).help(help)));
            }
            if points.iter().any(|p| p.name == canonical) {
                return Err(self.fail(Error::new(diagnostics::E0901, format!("{flag} gives `{name}` twice"))));
            }
            let source = files::source(value).map_err(|e| {
                self.fail(Error::new(diagnostics::E0901, format!("{flag} {name}={}: {e}", short(value))))
            })?;
            let array = source.load(Path::new("")).map_err(|e| self.fail(e))?;
            points.push(Given { name: canonical, array, from: format!("{flag} {name}") });
        }
        Ok(points)
    }
}

/// A size to stand for that of the i-th dim which has none, different in each set. No text is likely to name it.
fn stand_in(i: usize, set: usize) -> usize {
    const STEP: [usize; 3] = [13, 17, 1];
    1009 + 1000 * set + STEP[set % STEP.len()] * i
}

/// Two errors of one kind at one place.
fn same_place(a: &Diagnostic, b: &Diagnostic) -> bool {
    let place = |d: &Diagnostic| d.labels.first().map(|label| label.span);
    a.code == b.code && place(a) == place(b)
}

/// An error with the names of dims where their stand-ins were.
fn renamed(diagnostic: &Diagnostic, size: &dyn Fn(usize) -> usize, dims: &[Ident]) -> Diagnostic {
    let rename = |text: &str| {
        let mut text = text.to_owned();
        for (i, dim) in dims.iter().enumerate() {
            text = text.replace(&size(i).to_string(), &dim.text);
        }
        text
    };
    let mut named = diagnostic.clone();
    named.message = rename(&named.message);
    named.help = named.help.map(|help| rename(&help));
    for label in &mut named.labels {
        label.message = rename(&label.message);
    }
    named
}

/// An error whose words depend on stand-ins, without them.
fn without_sizes(diagnostic: &Diagnostic) -> Diagnostic {
    let message = format!("{}, whatever size the dims have", diagnostic.code.title);
    let mut plain = Diagnostic::new(diagnostic.code, message);
    for label in &diagnostic.labels {
        plain = plain.label(label.span, "");
    }
    plain.help("give the sizes with --dim, or the data, to see more")
}

/// The start of a value, for messages.
fn short(value: &str) -> String {
    const SHOWN: usize = 40;
    let mut text: String = value.chars().take(SHOWN).collect();
    if text.len() < value.len() {
        text.push('…');
    }
    text
}
