//! `sparsec eval`: a problem at a point.

use crate::args::{EvalArgs, Format, Precision};
use crate::json::{self, Evaluated, Map, SCHEMA, Term, Values};
use crate::run::{certificate, shown};
use crate::session::Session;
use crate::{Outcome, Stdout, show};
use sparsec::syntax::diagnostics::E0502;
use sparsec::{Error, Real, View};
use std::fmt::Write;

/// Runs the command.
pub fn run(args: &EvalArgs, stdout: &mut Stdout) -> Outcome {
    let mut session = Session::open(&args.file)?;
    session.configure(&args.compile);
    session.take_data(&args.data, &[])?;
    session.require_data()?;
    match args.compile.precision {
        Precision::F64 => evaluate::<f64>(args, &session, stdout),
        Precision::F32 => evaluate::<f32>(args, &session, stdout),
    }
}

fn evaluate<T: Real>(args: &EvalArgs, session: &Session, stdout: &mut Stdout) -> Outcome {
    let solver = session.compile::<T>()?.bind(session.views()?).map_err(|e| session.fail(e))?;
    let points = session.points(&args.at, "--at")?;
    let mut point: Vec<(&str, View<'_>)> = Vec::new();
    for given in &points {
        let view = View::of_array(&given.array)
            .ok_or_else(|| session.fail(Error::new(E0502, format!("{} has more than two dimensions", given.from))))?;
        point.push((&given.name, view));
    }
    let missing: Vec<String> = session
        .problem
        .unknowns()
        .into_iter()
        .filter(|name| !points.iter().any(|p| p.name == sparsec::syntax::names::canonical(name)))
        .map(|name| format!("`{name}`"))
        .collect();
    if !missing.is_empty() {
        let message = format!("--at gives no value for {}", missing.join(", "));
        return Err(session.fail(Error::new(sparsec::syntax::diagnostics::E0901, message)));
    }
    let found = solver.evaluate(&[], &point).map_err(|e| session.fail(e))?;
    let warnings = solver.compiled().warnings();
    let text = match args.format {
        Format::Json => json::text(&Evaluated {
            schema: SCHEMA,
            problem: session.problem.name(),
            objective: found.objective,
            terms: found.terms.iter().map(|(text, value)| Term { text, value: *value }).collect(),
            gradient: Map(found
                .gradient
                .iter()
                .map(|(name, shape, values)| (name.as_str(), Values { shape: *shape, values: values.clone() }))
                .collect()),
            violation: found.violation,
            gap: found.gap,
            certificate: certificate(found.certificate),
            bound: found.bound,
            residual: found.residual,
            warnings: json::warnings(warnings, &session.source.text),
        }),
        Format::Text | Format::Short => {
            stdout.note(&show::diagnostics(warnings, &session.source, stdout.stderr_colors()));
            // Writing to a string cannot fail.
            let mut text = format!("{}\n  objective   {}\n", session.problem.name(), show::number(found.objective));
            for (term, value) in &found.terms {
                let _ = writeln!(text, "    {:<24} {term}", show::number(*value));
            }
            for (name, shape, values) in &found.gradient {
                let _ =
                    writeln!(text, "  gradient of the smooth part in {name}: {}", show::values(*shape, values, false));
            }
            let _ = writeln!(text, "  violation   {}", show::number(found.violation));
            for (key, value) in shown(found.certificate, found.gap, found.bound, found.residual) {
                let _ = writeln!(text, "  {key:<11} {value}");
            }
            text
        }
    };
    stdout.write(&text)?;
    Ok(0)
}
