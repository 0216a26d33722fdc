//! `sparsec check`: names, shapes, convexity.

use crate::args::{CheckArgs, Format};
use crate::json::{self, Checked, SCHEMA};
use crate::session::Session;
use crate::{Outcome, Stdout, show};

/// Runs the command. Data is read where the text or the arguments name it, and not demanded.
pub fn run(args: &CheckArgs, stdout: &mut Stdout) -> Outcome {
    let mut session = Session::open(&args.file)?;
    session.take_data(&args.data, &[])?;
    let warnings = session.resolved().map_err(|e| session.fail(e))?;
    // Where all sizes are known, the rest of the way is checked as well: a form that no algorithm solves is an error.
    let warnings = match session.stages() {
        Some(stages) => stages.map_err(|e| session.fail(e))?.warnings,
        None => warnings,
    };
    match args.format {
        Format::Json => {
            let problem = session.problem.name();
            let warnings = json::warnings(&warnings, &session.source.text);
            stdout.write(&json::text(&Checked { schema: SCHEMA, problem, warnings }))?;
        }
        Format::Text | Format::Short => {
            stdout.note(&show::diagnostics(&warnings, &session.source, stdout.stderr_colors()))
        }
    }
    Ok(0)
}
