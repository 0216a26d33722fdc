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
    fn native(program: &Verified) -> Result<Box<dyn Executor<Self>>, String>;
}

macro_rules! real {
    ($t:ident, $default:literal, $least:literal) => {
        impl Real for $t {
            const DEFAULT_TOL: f64 = $default;
            const LEAST_TOL: f64 = $least;
            const NAME: &'static str = stringify!($t);

            #[cfg(feature = "jit")]
            fn native(program: &Verified) -> Result<Box<dyn Executor<Self>>, String> {
                match sparsec_cranelift::compile::<$t>(program) {
                    Ok(native) => Ok(Box::new(native)),
                    Err(error) => Err(error.to_string()),
                }
            }

            #[cfg(not(feature = "jit"))]
            fn native(_: &Verified) -> Result<Box<dyn Executor<Self>>, String> {
                Err("this build has no native code generator (feature `jit`)".to_owned())
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
    let interpreter = || Box::new(Interpreter::new(program));
    if backend == Backend::Interpreter {
        return Ok((interpreter(), None));
    }
    match (T::native(program), backend) {
        (Ok(native), _) => Ok((native, None)),
        (Err(why), Backend::Jit) => {
            let message = format!("the backend `jit` cannot be had: {why}");
            Err(Diagnostic::new(diagnostics::E0701, message)
                .help("use `interpreter`, or leave the choice to `auto`")
                .into())
        }
        (Err(why), _) => {
            let message = format!("the interpreter runs the solver, because native code cannot be had: {why}");
            Ok((interpreter(), Some(Diagnostic::new(diagnostics::W0301, message))))
        }
    }
}
