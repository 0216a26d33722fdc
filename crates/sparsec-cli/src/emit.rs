//! `sparsec emit`: what each stage of the compiler makes.

use crate::args::{EmitArgs, Precision, Stage};
use crate::session::{Failure, Session};
use crate::{Outcome, Stdout, tree};
use sparsec::Error;
use sparsec::syntax::diagnostics::E0302;

/// Runs the command.
pub fn run(args: &EmitArgs, stdout: &mut Stdout) -> Outcome {
    let mut session = Session::open(&args.file)?;
    if args.stage == Stage::Ast {
        stdout.write(&tree::print(session.problem.ast()))?;
        return Ok(0);
    }
    session.configure(&args.compile);
    session.take_data(&args.data, &[])?;
    let stages = match session.stages() {
        Some(stages) => stages.map_err(|e| session.fail(e))?,
        None => return Err(session.resolved().err().map_or_else(|| unknown_sizes(&session), |e| session.fail(e))),
    };
    let mut text = match args.stage {
        Stage::Ast => tree::print(session.problem.ast()),
        Stage::Model => stages.model.to_string(),
        Stage::Composite => stages.composite.to_string(),
        Stage::Derivation => stages.derivation.to_string(),
        Stage::Program => stages.spec.program.program().to_string(),
        Stage::Rust => sparsec_rust::source(&stages.spec, precision(args.compile.precision)),
        Stage::Clif => native(&session, &stages, args, false)?,
        Stage::Asm => native(&session, &stages, args, true)?,
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    stdout.write(&text)?;
    Ok(0)
}

/// The error for sizes that neither text nor data give.
pub fn unknown_sizes(session: &Session) -> Failure {
    let dims = session.unknown_dims();
    let flags: Vec<String> = dims.iter().map(|d| format!("--dim {d}=…")).collect();
    let message = format!("the size of {} is not known", dims.join(", "));
    session.fail(Error::new(E0302, message).help(&format!("give {}, or the data that has it", flags.join(" "))))
}

fn precision(precision: Precision) -> sparsec_rust::Precision {
    match precision {
        Precision::F64 => sparsec_rust::Precision::F64,
        Precision::F32 => sparsec_rust::Precision::F32,
    }
}

#[cfg(feature = "jit")]
fn native(session: &Session, stages: &sparsec_compiler::Stages, args: &EmitArgs, asm: bool) -> Result<String, Failure> {
    let program = &stages.spec.program;
    let precision = match args.compile.precision {
        Precision::F64 => sparsec_cranelift::Precision::F64,
        Precision::F32 => sparsec_cranelift::Precision::F32,
    };
    let text =
        if asm { sparsec_cranelift::asm(program, precision) } else { sparsec_cranelift::clif(program, precision) };
    text.map_err(|e| {
        session.fail(Error::new(sparsec::syntax::diagnostics::E0701, format!("native code cannot be had: {e}")))
    })
}

#[cfg(not(feature = "jit"))]
fn native(session: &Session, _: &sparsec_compiler::Stages, _: &EmitArgs, _: bool) -> Result<String, Failure> {
    Err(session.fail(Error::new(sparsec::syntax::diagnostics::E0701, "this build has no native code generator")))
}
