//! How programs are run.

use crate::error::Error;
use sparsec_program::executor::Executor;
use sparsec_program::interpreter::Interpreter;
use sparsec_program::verify::Verified;
use sparsec_runtime::Float;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics;

/// How the solver's program is run. The meaning is the same, bit for bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Backend {
    /// Native code where it can be had, else the interpreter with a warning.
    #[default]
    Auto,
    /// Native code, else an error.
    Jit,
    /// The interpreter.
    Interpreter,
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for f32 {}
}

/// A number type that solvers work in: `f64` or `f32`.
pub trait Real: Float + sealed::Sealed {
    /// The tolerance where neither the text nor the caller gives one.
    const DEFAULT_TOL: f64;
    /// A tolerance below this is beyond what the type can give.
    const LEAST_TOL: f64;
    /// `f64` or `f32`.
    const NAME: &'static str;

    /// Native code for a program, or why there is none.
    #[doc(hidden)]
    fn native(program: &Verified) -> Result<Box<dyn Executor<Self>>, NoCode>;
}

/// Why there is no native code.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCode {
    /// This build, machine or system gives none, or not for this program; the interpreter can do it.
    Unavailable(String),
    /// The code generator failed on a valid program: a fault of sparsec.
    Fault(String),
}

macro_rules! real {
    ($t:ident, $default:literal, $least:literal) => {
        impl Real for $t {
            const DEFAULT_TOL: f64 = $default;
            const LEAST_TOL: f64 = $least;
            const NAME: &'static str = stringify!($t);

            #[cfg(feature = "jit")]
            fn native(program: &Verified) -> Result<Box<dyn Executor<Self>>, NoCode> {
                match sparsec_cranelift::compile::<$t>(program) {
                    Ok(native) => Ok(Box::new(native)),
                    Err(error @ sparsec_cranelift::Error::Internal(_)) => Err(NoCode::Fault(error.to_string())),
                    Err(error) => Err(NoCode::Unavailable(error.to_string())),
                }
            }

            #[cfg(not(feature = "jit"))]
            fn native(_: &Verified) -> Result<Box<dyn Executor<Self>>, NoCode> {
                Err(NoCode::Unavailable("this build has no native code generator (feature `jit`)".to_owned()))
            }
        }
    };
}

real!(f64, 1e-8, 1e-15);
real!(f32, 1e-5, 1e-7);

/// An executor, and a warning where it stands in for another one.
pub(crate) type Chosen<T> = (Box<dyn Executor<T>>, Option<Diagnostic>);

/// The executor that was asked for.
pub(crate) fn executor<T: Real>(backend: Backend, program: &Verified) -> Result<Chosen<T>, Error> {
    choose(backend, program, T::native)
}

/// The same, with native code from `native`.
fn choose<T: Real>(
    backend: Backend,
    program: &Verified,
    native: impl FnOnce(&Verified) -> Result<Box<dyn Executor<T>>, NoCode>,
) -> Result<Chosen<T>, Error> {
    let interpreter = || Box::new(Interpreter::new(program));
    if backend == Backend::Interpreter {
        return Ok((interpreter(), None));
    }
    match (native(program), backend) {
        (Ok(native), _) => Ok((native, None)),
        // Not hidden behind the interpreter: where one program is compiled wrongly, another may be without a sign of it.
        (Err(NoCode::Fault(what)), _) => Err(Error::internal(what)),
        (Err(NoCode::Unavailable(why)), Backend::Jit) => {
            let message = format!("the backend `jit` cannot be had: {why}");
            Err(Diagnostic::new(diagnostics::E0701, message)
                .help("use `interpreter`, or leave the choice to `auto`")
                .into())
        }
        (Err(NoCode::Unavailable(why)), _) => {
            let message = format!("the interpreter runs the solver, because native code cannot be had: {why}");
            Ok((interpreter(), Some(Diagnostic::new(diagnostics::W0301, message))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sparsec_program::layout::Layout;
    use sparsec_program::program::BlockKind;
    use sparsec_syntax::diagnostic::Class;

    fn program() -> Verified {
        let text = "program p { state y [3] step { map 3 { %0 = y[i] %1 = 1.0 %2 = %0 + %1 y[i] = %2 } } }";
        sparsec_program::verify::verify(sparsec_program::parse::parse(text).unwrap()).unwrap()
    }

    fn fails<T: Real>(why: NoCode) -> impl FnOnce(&Verified) -> Result<Box<dyn Executor<T>>, NoCode> {
        move |_| Err(why)
    }

    fn without_native_code<T: Real>() {
        let program = program();
        let why = || NoCode::Unavailable("code may not be executed here".to_owned());
        let (executor, warning) = choose::<T>(Backend::Auto, &program, fails(why())).unwrap();
        let warning = warning.unwrap();
        assert_eq!((executor.backend(), warning.code.code), ("interpreter", "W0301"));
        assert!(warning.message.contains("code may not be executed here"), "{warning}");
        let mut answer = vec![T::ZERO; Layout::of(&program).workspace_len()];
        let mut native = answer.clone();
        executor.run(BlockKind::Step, &[], &mut answer);
        super::executor::<T>(Backend::Auto, &program).unwrap().0.run(BlockKind::Step, &[], &mut native);
        assert!(answer == native && answer[0] == T::ONE);
        let error = choose::<T>(Backend::Jit, &program, fails(why())).err().unwrap();
        assert_eq!((error.diagnostics[0].code.code, error.class().exit_code()), ("E0701", 3));
        assert!(error.to_string().contains("code may not be executed here"), "{error}");
        // Who asks for the interpreter never meets the code generator.
        assert!(choose::<T>(Backend::Interpreter, &program, |_| unreachable!()).unwrap().1.is_none());
    }

    // Fault 111.
    #[test]
    fn where_code_may_not_be_executed_the_interpreter_gives_the_same() {
        without_native_code::<f64>();
        without_native_code::<f32>();
    }

    // Fault 105.
    #[test]
    fn a_failure_of_the_code_generator_is_a_fault_of_ours() {
        for backend in [Backend::Auto, Backend::Jit] {
            let why = NoCode::Fault("compiling to native code failed (a bug): v3 has no type".to_owned());
            let error = choose::<f64>(backend, &program(), fails(why)).err().unwrap();
            assert_eq!((error.diagnostics[0].code.code, error.class()), ("E9901", Class::Bug));
            assert_eq!(error.class().exit_code(), 70);
            let help = error.diagnostics[0].help.as_deref().unwrap_or_default();
            assert!(error.to_string().contains("v3 has no type") && help.contains("report"), "{error}");
        }
    }
}
