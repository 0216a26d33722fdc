//! `sparsec explain`: a derivation, a function, set, rule, algorithm or data format, or an error code.

use crate::args::{ExplainArgs, ExplainFormat};
use crate::json::{self, Explained, SCHEMA};
use crate::session::{Failure, Session};
use crate::{Outcome, Stdout};
use sparsec::syntax::diagnostic::{Code, Diagnostic};
use sparsec::syntax::diagnostics::{self, E0901};
use sparsec::syntax::names;
use sparsec_compiler::algorithms::ALGORITHMS;
use sparsec_compiler::calculus::{functions::FUNCTIONS, rules::RULES, sets::SETS};
use sparsec_compiler::language;
use std::path::Path;

/// Runs the command.
pub fn run(args: &ExplainArgs, stdout: &mut Stdout) -> Outcome {
    let what = args.what.trim();
    let path = Path::new(what);
    let file = what == "-" || path.is_file() || path.extension().is_some_and(|e| e == "sparse");
    let text = if file {
        let derivation = derivation(args)?;
        match args.format {
            ExplainFormat::Text | ExplainFormat::Json => derivation.to_string(),
            ExplainFormat::Markdown => derivation.to_markdown(),
            ExplainFormat::Latex => derivation.to_latex(),
            ExplainFormat::Html => derivation.to_html(),
        }
    } else if matches!(args.format, ExplainFormat::Latex | ExplainFormat::Html) {
        let message = "only a problem's derivation is printed as LaTeX or HTML; names and codes are Markdown";
        return Err(Diagnostic::new(E0901, message).help("leave --format out, or use --format markdown").into());
    } else {
        topic(what).ok_or_else(|| unknown(what))?
    };
    let text = match args.format {
        ExplainFormat::Json => json::text(&Explained { schema: SCHEMA, explanation: text.trim_end() }),
        _ => format!("{}\n", text.trim_end()),
    };
    stdout.write(&text)?;
    Ok(0)
}

/// How a problem was solved: the rules applied.
fn derivation(args: &ExplainArgs) -> Result<sparsec_compiler::derive::Derivation, Failure> {
    let mut session = Session::open(Path::new(&args.what))?;
    session.options.algorithm.clone_from(&args.algorithm);
    session.take_data(&args.data, &[])?;
    match session.stages() {
        Some(stages) => Ok(stages.map_err(|e| session.fail(e))?.derivation),
        None => Err(crate::emit::unknown_sizes(&session)),
    }
}

/// The explanation of a name or code, or a list of names.
fn topic(what: &str) -> Option<String> {
    if let Some(code) = diagnostics::find(what) {
        return Some(explain_code(code));
    }
    match what {
        "list" => return Some(language::listing(sparsec::data::FORMATS.iter().map(|f| f.name))),
        "language" => return Some(language::page()),
        "formats" => {
            return Some(sparsec::data::FORMATS.iter().map(|f| format!("- `{}`: {}\n", f.name, f.doc)).collect());
        }
        kind => {
            if let Some(list) = language::list(kind) {
                return Some(list);
            }
        }
    }
    let function = FUNCTIONS.iter().find(|f| f.name == what || f.aliases.contains(&what));
    let set = SETS.iter().find(|s| s.name == what || s.aliases.contains(&what));
    let algorithm = ALGORITHMS.iter().find(|a| a.name() == what);
    let rule = RULES.iter().find(|r| r.name() == what);
    let format = sparsec::data::by_name(what);
    let texts = [
        language::explain(what),
        function.map(|f| f.doc()),
        set.map(|s| s.doc()),
        algorithm.map(|a| a.doc()),
        rule.map(|r| {
            format!("{}: a rule for sums of penalties and sets\n\n{}- Source: {}", r.name(), r.doc(), r.source())
        }),
        format.map(|f| format!("{}: {}", f.name, f.doc)),
    ];
    let texts: Vec<String> = texts.into_iter().flatten().collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

fn explain_code(code: &Code) -> String {
    format!("{}\n\n{}", code.heading(), code.explanation)
}

/// Nothing has this name: the nearest that do.
fn unknown(what: &str) -> Failure {
    let diagnostic = Diagnostic::new(E0901, format!("there is nothing to explain by the name `{what}`"));
    let digits = what.strip_prefix(['E', 'e', 'W', 'w']).unwrap_or(what);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        let near: Vec<String> =
            diagnostics::nearest(what).iter().map(|c| format!("{} ({})", c.code, c.title)).collect();
        return diagnostic.help(format!("the nearest codes are {}", near.join(", "))).into();
    }
    let kinds = language::kinds();
    let names = kinds.iter().flat_map(|(kind, names)| names.iter().copied().chain([*kind]));
    let names = names.chain(sparsec::data::FORMATS.iter().map(|f| f.name)).chain(["language", "list", "formats"]);
    match names::nearest(what, names) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).into(),
        None => diagnostic
            .help("`sparsec explain list` names all that can be explained; a problem file and an error code (E0301) can be as well")
            .into(),
    }
}
