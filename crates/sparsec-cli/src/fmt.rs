//! `sparsec fmt`: problem files in one style.

use crate::args::FmtArgs;
use crate::session::{Failure, Source, read};
use crate::{Outcome, Stdout, write};
use sparsec::Error;
use sparsec::syntax::format::{Style, format};

/// Exit code of `--check` where a file would change.
const NOT_FORMATTED: u8 = 1;

/// Runs the command. Every file is tried; the first error decides the exit.
pub fn run(args: &FmtArgs, stdout: &mut Stdout) -> Outcome {
    let style = match (args.ascii, args.unicode) {
        (true, _) => Style::Ascii,
        (_, true) => Style::Unicode,
        _ => Style::Keep,
    };
    let mut code = 0;
    let mut first: Option<Failure> = None;
    for file in &args.files {
        match one(args, style, file, stdout) {
            Ok(changed) if changed && args.check => code = NOT_FORMATTED,
            Ok(_) => {}
            Err(failure) => match &mut first {
                None => first = Some(failure),
                // Places point into one text, so the others are told by their messages.
                Some(first) => {
                    let name = &failure.source.name;
                    let told = failure.error.diagnostics.into_iter().map(|mut d| {
                        d.labels.clear();
                        d.message = format!("{name}: {}", d.message);
                        d
                    });
                    first.error.diagnostics.extend(told);
                }
            },
        }
    }
    first.map_or(Ok(code), Err)
}

/// Formats one file; true if that changes it.
fn one(args: &FmtArgs, style: Style, file: &std::path::Path, stdout: &mut Stdout) -> Result<bool, Failure> {
    let (bytes, name) = read(file)?;
    let source = Source { name, text: String::from_utf8_lossy(&bytes).into_owned() };
    let fail = |error: Error| Failure { error, source: source.clone() };
    let text = sparsec::syntax::decode(&bytes).map_err(|d| fail(d.into()))?;
    let formatted = format(text, style).map_err(|d| fail(d.into()))?;
    let changed = formatted != text;
    if args.check {
        if changed {
            stdout.write(&format!("{} is not formatted\n", source.name))?;
        }
    } else if file.as_os_str() == "-" {
        stdout.write(&formatted)?;
    } else if changed {
        write::whole(file, formatted.as_bytes())?;
    }
    Ok(changed)
}
