//! The arguments of the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;
use std::time::Duration;

/// Turns optimisation problems, as one writes them, into solvers, and solves them.
#[derive(Debug, Parser)]
#[command(name = "sparsec", version, about, max_term_width = 110, disable_help_subcommand = false)]
#[command(after_help = "Exit codes: 0 solved, 2 usage, 3 problem text, 4 data, 5 a limit came first, 6 infeasible or \
    unbounded, 7 not finite, 70 internal error, 74 result not written, 130 interrupted.")]
pub struct Cli {
    /// When to use colours.
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, global = true, value_name = "WHEN")]
    pub color: ColorChoice,

    #[command(subcommand)]
    pub command: Command,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Solve a problem.
    Run(Box<RunArgs>),
    /// Objective, its terms, violation and gap at a point.
    Eval(EvalArgs),
    /// Check names, shapes and convexity; prints nothing when all is well.
    Check(CheckArgs),
    /// Explain a problem's derivation, a function, set, rule or algorithm, a data format or an error code.
    Explain(ExplainArgs),
    /// Print what a stage of the compiler makes of a problem.
    Emit(EmitArgs),
    /// Format problem files in place.
    Fmt(FmtArgs),
    /// Write a small problem to start from.
    New {
        /// Name of the problem; the file is NAME.sparse.
        name: String,
    },
    /// Print a completion script for a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

/// What is given to a problem from outside: its data and sizes.
#[derive(Args, Debug, Default)]
pub struct DataArgs {
    /// Value of a const or param: a number, […], [[…]], or a file (.npy, .npz:key, .csv).
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,

    /// Size of a dim.
    #[arg(long, value_name = "NAME=INT", value_parser = dim)]
    pub dim: Vec<(String, usize)>,
}

/// How a solver is made.
#[derive(Args, Debug, Default)]
pub struct CompileArgs {
    /// How the solver is run.
    #[arg(long, value_enum, default_value_t, value_name = "BACKEND")]
    pub backend: BackendArg,

    /// The numbers that the solver works in. What is reported is always computed in f64.
    #[arg(long, value_enum, default_value_t, value_name = "TYPE")]
    pub precision: Precision,

    /// The algorithm, in place of the problem's own: fista, or with options 'homotopy(layers = 30)'.
    #[arg(long, value_name = "NAME[(OPTIONS)]")]
    pub algorithm: Option<String>,

    /// The tolerance, in place of the problem's own (1e-8 in f64 and 1e-5 in f32 unless given).
    #[arg(long, value_name = "T", value_parser = tolerance, allow_negative_numbers = true)]
    pub tol: Option<f64>,

    /// The limit on iterations.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub max_iter: Option<u64>,
}

/// Arguments of `run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// The problem file, or - for standard input.
    pub file: PathBuf,

    #[command(flatten)]
    pub data: DataArgs,

    #[command(flatten)]
    pub compile: CompileArgs,

    /// Solve once per row of a file for this param; several batches go row by row together.
    #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
    pub batch: Vec<(String, String)>,

    /// End after this many seconds with the best point so far (each solve of a batch by itself).
    #[arg(long, value_name = "S", value_parser = seconds, allow_negative_numbers = true)]
    pub time_limit: Option<Duration>,

    /// Threads for a batch; all processors unless given. The results are the same for any number.
    #[arg(long, value_name = "N", value_parser = threads, allow_negative_numbers = true)]
    pub threads: Option<usize>,

    /// Where to start: a value for an unknown.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub start: Vec<(String, String)>,

    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,

    /// Write an unknown to a file (.npy, .npz, .csv); for a batch, one row per solve.
    #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
    pub out: Vec<(String, String)>,

    /// Write a CSV file with a line per measurement: iteration, objective (at that iterate, as it is minimised), lowest (the
    /// lowest objective so far), gap (relative, of the best point so far) and seconds (since the start of the solve).
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// Arguments of `eval`.
#[derive(Args, Debug)]
pub struct EvalArgs {
    /// The problem file, or - for standard input.
    pub file: PathBuf,

    #[command(flatten)]
    pub data: DataArgs,

    #[command(flatten)]
    pub compile: CompileArgs,

    /// The point: a value for an unknown.
    #[arg(long, value_name = "VAR=VALUE", value_parser = pair, required = true)]
    pub at: Vec<(String, String)>,

    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,
}

/// Arguments of `check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The problem file, or - for standard input.
    pub file: PathBuf,

    #[command(flatten)]
    pub data: DataArgs,

    /// How errors are printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,
}

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// A problem file, a word of the language (a function, set, rule, algorithm, option, …), a data format, an error code (E0301, e0301
    /// or 301), `language` for all of the language, a kind such as `functions`, or `list` for every name.
    #[arg(default_value = "list", hide_default_value = true)]
    pub what: String,

    #[command(flatten)]
    pub data: DataArgs,

    /// The algorithm, in place of the problem's own: fista, or with options 'homotopy(layers = 30)'.
    #[arg(long, value_name = "NAME[(OPTIONS)]")]
    pub algorithm: Option<String>,

    /// How the explanation is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: ExplainFormat,
}

/// Arguments of `emit`.
#[derive(Args, Debug)]
pub struct EmitArgs {
    /// Which stage.
    #[arg(value_enum)]
    pub stage: Stage,

    /// The problem file, or - for standard input.
    pub file: PathBuf,

    #[command(flatten)]
    pub data: DataArgs,

    #[command(flatten)]
    pub compile: CompileArgs,
}

/// Arguments of `fmt`.
#[derive(Args, Debug)]
pub struct FmtArgs {
    /// Change nothing; exit 1 and name the files that are not formatted.
    #[arg(long)]
    pub check: bool,

    /// Write every construct in ASCII.
    #[arg(long, conflicts_with = "unicode")]
    pub ascii: bool,

    /// Write mathematics in Unicode where it has signs.
    #[arg(long)]
    pub unicode: bool,

    /// Problem files, or - for standard input to standard output.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

/// How the solver is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BackendArg {
    /// Native code where it can be had, else the interpreter.
    #[default]
    Auto,
    /// Native code.
    Jit,
    /// The interpreter.
    Interpreter,
}

/// The numbers that a solver works in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Precision {
    /// 64 bits.
    #[default]
    F64,
    /// 32 bits.
    F32,
}

/// How an answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For people, errors and warnings on one line each.
    Short,
    /// One JSON document.
    Json,
}

/// How an explanation is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people.
    #[default]
    Text,
    /// Markdown.
    Markdown,
    /// LaTeX, of a derivation.
    Latex,
    /// HTML, of a derivation.
    Html,
    /// One JSON document.
    Json,
}

/// What the compiler makes, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The syntax tree.
    Ast,
    /// Names, shapes, signs and curvature.
    Model,
    /// The problem as a sum of smooth and proxable terms.
    Composite,
    /// The rules applied.
    Derivation,
    /// The array program.
    Program,
    /// The solver in Rust.
    Rust,
    /// The solver in Cranelift's intermediate form.
    Clif,
    /// The solver in this machine's assembly language.
    Asm,
}

/// `NAME=VALUE`
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("NAME=VALUE was expected".to_owned()),
    }
}

fn dim(text: &str) -> Result<(String, usize), String> {
    let (name, value) = pair(text).map_err(|_| "NAME=INT was expected".to_owned())?;
    match value.parse::<usize>() {
        Ok(size) if size > 0 => Ok((name, size)),
        _ => Err(format!("a dim is a whole number of 1 or more, not {value}")),
    }
}

fn number(text: &str) -> Result<f64, String> {
    sparsec::data::literal::number(text).map_err(|e| e.to_string())
}

fn tolerance(text: &str) -> Result<f64, String> {
    match number(text)? {
        tol if tol >= 0.0 && tol.is_finite() => Ok(tol),
        _ => Err("a tolerance is a finite number of 0 or more".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = number(text)?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "a time is a finite number of seconds, 0 or more".to_owned())
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(n) if (1..=1024).contains(&n) => Ok(n),
        _ => Err("a number of threads is a whole number from 1 to 1024".to_owned()),
    }
}
