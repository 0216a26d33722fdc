//! All stages in a row.

use crate::composite::{Composite, normalise};
use crate::derive::{Derivation, derive};
use crate::lower::check::check;
use crate::lower::{joined, lower};
use crate::model::{Model, Quantity, QuantityKind};
use crate::plan::{Overrides, Plan, plan};
use crate::resolve::{self, KnownShape, resolve};
use sparsec_program::program::Program;
use sparsec_program::solver::SolverSpec;
use sparsec_program::verify::{Verified, verify};
use sparsec_syntax::ast;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0304, E9901};

/// What a caller adds to the text.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Sizes by name.
    pub dims: Vec<(String, usize)>,
    /// Shapes of the data that will be bound.
    pub shapes: Vec<KnownShape>,
    /// Algorithm, instead of the text's, as it stands behind `solve with`.
    pub algorithm: Option<String>,
    /// Tolerance, instead of the text's.
    pub tol: Option<f64>,
    /// Iteration limit, instead of the text's.
    pub max_iter: Option<u64>,
    /// Leave the program as lowered, without the passes.
    pub plain: bool,
    /// The point will be found in f32, whose epsilon counts in the size that gaps are relative to.
    pub single: bool,
}

/// A problem at every stage.
#[derive(Clone, Debug)]
pub struct Stages {
    /// Names, shapes, signs, curvature.
    pub model: Model,
    /// Smooth terms and sums with a prox.
    pub composite: Composite,
    /// The derivation, for reading.
    pub derivation: Derivation,
    /// The algorithm.
    pub plan: Plan,
    /// Verified programs and how to run them.
    pub spec: SolverSpec<Verified>,
    /// Warnings of all stages.
    pub warnings: Vec<Diagnostic>,
}

/// Compiles a problem.
///
/// # Errors
/// Every diagnostic of the first stage that fails.
pub fn compile(problem: &ast::Problem, default_name: &str, options: &Options) -> Result<Stages, Vec<Diagnostic>> {
    compile_with(problem, default_name, options, |_| (), |_| ()).map(|(stages, (), ())| stages)
}

/// The same, and what `make` makes of the solver's program, while the checker is built and the derivation written beside it, and what
/// `make_check` makes of the checker's.
///
/// # Errors
/// Every diagnostic of the first stage that fails.
pub fn compile_with<R, C: Send>(
    problem: &ast::Problem,
    default_name: &str,
    options: &Options,
    make: impl FnOnce(&Verified) -> R,
    make_check: impl Fn(&Verified) -> C + Sync,
) -> Result<(Stages, R, C), Vec<Diagnostic>> {
    let algorithm = options.algorithm.as_deref().map(resolve::algorithm).transpose()?;
    let sizes = resolve::Options { dims: options.dims.clone(), shapes: options.shapes.clone() };
    let model = resolve(problem, default_name, &sizes)?;
    check_memory(&model)?;
    let composite = normalise(&model)?;
    let overrides = Overrides { algorithm, tol: options.tol, max_iter: options.max_iter };
    let plan = plan(&model, &composite, &overrides)?;
    let beside = || {
        let derivation = derive(&model, &composite, &plan);
        let text = derivation.to_string();
        // The passes keep results bit for bit; the checker goes without them, as it is written.
        let checker = check(&model, &composite, options.single);
        let checker = checker.try_map(|program| verified("checker", program));
        (derivation, text, checker.map(|checker| (make_check(&checker.program), checker)))
    };
    let (solver, other) = std::thread::scope(|scope| {
        // Where there are no threads it is done afterwards.
        let other = std::thread::Builder::new().spawn_scoped(scope, beside);
        let passes = |program| if options.plain { program } else { sparsec_program::passes::run(program) };
        let solver = lower(&model, &composite, &plan, options.single)
            .try_map(|program| verified("solver", passes(program)))
            .map(|solver| (make(&solver.program), solver));
        let other = other.map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        (solver, other.ok())
    });
    let (derivation, text, checker) = other.unwrap_or_else(beside);
    let ((made, solver), (made_check, checker)) = (solver?, checker?);
    let spec = joined(&model, &composite, &plan, solver, checker, text);
    let mut warnings = model.warnings.clone();
    warnings.extend(composite.warnings.iter().cloned());
    Ok((Stages { model, composite, derivation, plan, spec, warnings }, made, made_check))
}

/// A program as the executors take it; one that breaks the rules of programs is a fault of ours.
fn verified(which: &str, program: Program) -> Result<Verified, Vec<Diagnostic>> {
    verify(program).map_err(|e| {
        vec![
            Diagnostic::new(E9901, format!("the {which} that was made for this problem is not a valid program: {e}"))
                .help("this is a fault of sparsec, not of the problem; please report it with the problem's text"),
        ]
    })
}

/// Numbers that the stages and a solver hold for each entry of an unknown, and for each of data: copies, literals, iterates.
const COPIES: [usize; 2] = [8, 2];

/// Refuses a problem whose numbers have no place in memory, before any stage makes room for them.
fn check_memory(model: &Model) -> Result<(), Vec<Diagnostic>> {
    let copies = |q: &Quantity| COPIES[usize::from(q.kind != QuantityKind::Var)];
    let mut sizes = model.quantities.iter().map(|q| q.shape.len().checked_mul(copies(q)));
    let numbers = sizes.try_fold(0_usize, |sum, size| sum.checked_add(size?));
    let fits = |numbers: usize| Vec::<f64>::new().try_reserve_exact(numbers).is_ok();
    if numbers.is_some_and(fits) {
        return Ok(());
    }
    let numbers = numbers.map_or_else(|| "more".to_owned(), |n| format!("about {n}"));
    let message = format!("this problem needs memory for {numbers} numbers, which is not to be had");
    let largest = model.quantities.iter().max_by_key(|q| q.shape.len().saturating_mul(copies(q)));
    let diagnostic = Diagnostic::new(E0304, message).help("make the problem smaller, or allow it more memory");
    Err(vec![match largest {
        Some(q) => diagnostic.label(q.span, format!("`{}` has {} entries", q.name, q.shape.len())),
        None => diagnostic,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use sparsec_program::program::Role;

    fn spec() -> SolverSpec<Verified> {
        let text = "param x: vector[3] = [1, 2, 3]\nvar y: vector[3]\nminimize ||y - x||^2 + ||y||_1 + logistic(y)";
        compile(&sparsec_syntax::parse(text).unwrap(), "p", &Options::default()).unwrap().spec
    }

    type Breaks = fn(&mut Program);

    /// One of the programs with a mistake in it.
    fn broken(which: &str, breaks: Breaks) -> Program {
        let spec = spec();
        let mut program = if which == "solver" { spec.program } else { spec.check }.into_program();
        breaks(&mut program);
        program
    }

    // Fault 104.
    #[test]
    fn a_program_that_breaks_a_rule_is_a_fault_of_ours() {
        let breaks: [(&str, Breaks); 3] = [
            ("name", |p| p.buffers[0].name = "two words".to_owned()),
            ("size", |p| p.buffers[0].rows = 0),
            ("role-write", |p| {
                p.buffers.iter_mut().for_each(|b| {
                    if matches!(b.role, Role::State | Role::Output | Role::Scratch) {
                        b.role = Role::Const;
                    }
                });
            }),
        ];
        for (rule, breaks) in breaks {
            for which in ["solver", "checker"] {
                let errors = verified(which, broken(which, breaks)).unwrap_err();
                assert_eq!((errors[0].code.code, errors[0].code.class.exit_code()), ("E9901", 70));
                let message = &errors[0].message;
                assert!(message.contains(which) && message.contains(&format!("(rule `{rule}`)")), "{message}");
                assert!(errors[0].help.as_ref().is_some_and(|help| help.contains("report")));
            }
        }
        assert!(verified("solver", broken("solver", |_| {})).is_ok());
    }
}
