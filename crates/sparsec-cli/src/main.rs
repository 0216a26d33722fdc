//! The command line of sparsec.
//!
//! Every path ends in an exit code of the manual's table, and with `--format json` in exactly one JSON document on standard
//! output; all other text goes to standard error.

mod args;
mod check;
mod emit;
mod eval;
mod explain;
mod fmt;
mod json;
mod new;
mod out;
mod run;
mod session;
mod show;
mod signals;
mod tree;
mod write;

use args::{Cli, Command};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use session::{Failure, Source};
use sparsec::Error;
use sparsec::syntax::diagnostic::Diagnostic;
use sparsec::syntax::diagnostics::{E0901, E0902, E1001, E9901};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Mutex;

/// How a command ended: an exit code, or what went wrong.
pub type Outcome = Result<u8, Failure>;

/// The exit of a process whose reader has gone.
const CLOSED_PIPE: u8 = 141;

/// Stack of the thread that works: nested problems are walked recursively, and their depth is bounded.
const STACK: usize = 256 << 20;

/// Where a panic happened; its message may hold data, so it is not kept.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Standard output, written in whole pieces.
pub struct Stdout {
    color: args::ColorChoice,
    /// The reader has gone: whatever follows is dropped.
    closed: bool,
    /// Something has been written.
    used: bool,
}

impl Stdout {
    /// Writes text. A reader that has gone is no error.
    pub fn write(&mut self, text: &str) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        self.used = true;
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(e) => {
                let why = sparsec::files::reason(&e);
                Err(Error::new(E1001, format!("cannot write standard output: {why}")).into())
            }
        }
    }

    /// Writes text to standard error.
    pub fn note(&self, text: &str) {
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// True where people read standard output.
    pub fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether standard output gets colours.
    pub fn colors(&self) -> bool {
        show::colors(self.color, &io::stdout())
    }

    /// Whether standard error gets colours.
    pub fn stderr_colors(&self) -> bool {
        show::colors(self.color, &io::stderr())
    }
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        if let Ok(mut panic) = PANIC.lock() {
            panic.get_or_insert(place);
        }
    }));
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(start);
    let code = match worker {
        Ok(worker) => worker.join().unwrap_or_else(|_| crashed()),
        // No thread can be had: the main thread does it.
        Err(_) => std::panic::catch_unwind(start).unwrap_or_else(|_| crashed()),
    };
    ExitCode::from(code)
}

/// Whether the arguments ask for a format, as far as can be told before they are read.
fn wants(format: &str) -> bool {
    let args: Vec<_> = std::env::args_os().collect();
    let joined = format!("--format={format}");
    args.iter().any(|a| *a == *joined) || args.windows(2).any(|pair| pair[0] == "--format" && pair[1] == *format)
}

/// A panic: says that it is ours, and what to send.
fn crashed() -> u8 {
    let place = PANIC.lock().ok().and_then(|p| p.clone()).unwrap_or_else(|| "an unknown place".to_owned());
    let message = format!("internal error at {place}, sparsec {}", env!("CARGO_PKG_VERSION"));
    let help = "this is a fault of sparsec, not of the problem: please report it, with this line, the problem's text and the command line";
    let error = Error::from(Diagnostic::new(E9901, message).help(help));
    // The text may be lost with the thread, and the message has no places in it.
    fail(&Failure::from(error), &mut Stdout { color: args::ColorChoice::Never, closed: false, used: false })
}

fn start() -> u8 {
    signals::report_long_files();
    signals::watch(|| {
        let error = Failure::from(Error::new(E0902, "interrupted"));
        fail(&error, &mut Stdout { color: args::ColorChoice::Never, closed: false, used: false });
    });
    #[cfg(debug_assertions)]
    if std::env::var_os("SPARSEC_TEST_PANIC").is_some() {
        panic!("a test asked for this");
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let mut stdout = Stdout { color: cli.color, closed: false, used: false };
    let code = match dispatch(&cli.command, &mut stdout) {
        Ok(code) => code,
        Err(failure) => fail(&failure, &mut stdout),
    };
    if stdout.closed { CLOSED_PIPE } else { code }
}

fn dispatch(command: &Command, stdout: &mut Stdout) -> Outcome {
    match command {
        Command::Run(args) => run::run(args, stdout),
        Command::Eval(args) => eval::run(args, stdout),
        Command::Check(args) => check::run(args, stdout),
        Command::Explain(args) => explain::run(args, stdout),
        Command::Emit(args) => emit::run(args, stdout),
        Command::Fmt(args) => fmt::run(args, stdout),
        Command::New { name } => new::run(name, stdout),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "sparsec", &mut script);
            stdout.write(&String::from_utf8_lossy(&script))?;
            Ok(0)
        }
    }
}

/// Prints an error, as a document or for people, and gives the exit code.
fn fail(failure: &Failure, stdout: &mut Stdout) -> u8 {
    let code = if failure.error.diagnostics.first().is_some_and(|d| d.code == E0902) {
        signals::EXIT
    } else {
        failure.error.class().exit_code()
    };
    let json = wants("json") && !stdout.used;
    if json && stdout.write(&json::text(&json::failed(&failure.error, &failure.source.text))).is_ok() {
        return code;
    }
    stdout.note(&show::diagnostics(&failure.error.diagnostics, &failure.source, stdout.stderr_colors()));
    code
}

/// What clap found wrong, or its help.
fn usage(error: &clap::Error) -> u8 {
    let mut stdout = Stdout { color: args::ColorChoice::Auto, closed: false, used: false };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render().to_string();
            let text =
                if wants("json") { json::text(&json::Helped { schema: json::SCHEMA, help: &text }) } else { text };
            return stdout.write(&text).map_or_else(|failure| fail(&failure, &mut stdout), |()| 0);
        }
        _ => {}
    }
    let text = error.render().to_string();
    if !wants("json") {
        stdout.note(&text);
        return 2;
    }
    // The first line says what is wrong, a line that starts with "tip:" how to mend it.
    let message = text.lines().next().unwrap_or_default().trim_start_matches("error:").trim();
    let mut diagnostic = Diagnostic::new(E0901, message);
    if let Some(tip) = text.lines().find_map(|line| line.trim().strip_prefix("tip:")) {
        diagnostic = diagnostic.help(tip.trim());
    }
    fail(&Failure { error: diagnostic.into(), source: Source::default() }, &mut stdout)
}
