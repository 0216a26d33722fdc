//! The interface of this crate on machines for which it has no compiler.

use crate::{Error, Precision};
use sparsec_program::executor::Executor;
use sparsec_program::program::BlockKind;
use sparsec_program::verify::Verified;
use sparsec_runtime::Float;
use std::convert::Infallible;
use std::marker::PhantomData;

/// Native code of a program; there is none on this machine.
#[derive(Clone, Debug)]
pub struct Native<T> {
    never: Infallible,
    element: PhantomData<T>,
}

impl<T: Float> Executor<T> for Native<T> {
    fn setup(&self, _storage: &mut [T], _workspace: &mut [T]) {
        match self.never {}
    }

    fn run(&self, _block: BlockKind, _storage: &[T], _workspace: &mut [T]) {
        match self.never {}
    }

    fn backend(&self) -> &'static str {
        match self.never {}
    }
}

/// Compiles a program. On this machine: why not.
pub fn compile<T: Float>(program: &Verified) -> Result<Native<T>, Error> {
    compile_while(program, &mut || true)
}

/// Compiles a program. On this machine: why not.
pub fn compile_while<T: Float>(_program: &Verified, _keep_going: &mut dyn FnMut() -> bool) -> Result<Native<T>, Error> {
    supported().map_err(Error::Unsupported)?;
    Err(Error::Unsupported(reason()))
}

/// Whether programs can be compiled on this machine, or why not.
pub fn supported() -> Result<(), String> {
    Err(reason())
}

/// The program's Cranelift functions as text. On this machine: why not.
pub fn clif(_program: &Verified, _precision: Precision) -> Result<String, Error> {
    Err(Error::Unsupported(reason()))
}

/// The program's machine code as text. On this machine: why not.
pub fn asm(_program: &Verified, _precision: Precision) -> Result<String, Error> {
    Err(Error::Unsupported(reason()))
}

fn reason() -> String {
    format!(
        "it is built for x86-64 and 64-bit Arm on Unix and Windows, not for {} on {}",
        std::env::consts::ARCH,
        std::env::consts::OS
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sparsec_program::program::Program;
    use sparsec_program::verify::verify;

    // Fault 112.
    #[test]
    fn a_machine_without_compiler_says_why() {
        let program = verify(Program { name: "empty".to_owned(), ..Program::default() }).unwrap();
        let why = supported().unwrap_err();
        assert!(why.contains(std::env::consts::ARCH));
        let error = compile::<f64>(&program).unwrap_err();
        assert_eq!(error, Error::Unsupported(why.clone()));
        assert!(error.to_string().contains(&why));
        assert!(clif(&program, Precision::F64).is_err() && asm(&program, Precision::F32).is_err());
    }
}
