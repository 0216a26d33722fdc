//! `sparsec new`: a small problem to start from.

use crate::{Outcome, Stdout, write};
use sparsec::syntax::diagnostic::Diagnostic;
use sparsec::syntax::diagnostics::{E0901, E1001};
use sparsec::syntax::names;
use std::path::PathBuf;

/// Runs the command.
pub fn run(name: &str, stdout: &mut Stdout) -> Outcome {
    let letters = name.chars().next().is_some_and(names::is_letter) && name.chars().all(names::is_name_char);
    if !letters {
        let message = format!("`{name}` is no name of a problem");
        let help = "a name is a letter, and then letters, digits and _";
        return Err(Diagnostic::new(E0901, message).help(help).into());
    }
    let path = PathBuf::from(format!("{name}.sparse"));
    if path.exists() {
        let message = format!("cannot write `{}`: there is a file of this name", path.display());
        return Err(Diagnostic::new(E1001, message).help("choose another name").into());
    }
    write::whole(&path, template(name).as_bytes())?;
    stdout.write(&format!("{0}\n", path.display()))?;
    Ok(0)
}

/// A problem that runs as it is.
fn template(name: &str) -> String {
    format!(
        "// Sparse regression: the fewest columns of D that explain x.\n\
         //\n\
         //     sparsec run {name}.sparse\n\
         //     sparsec run {name}.sparse --set lambda=0.5\n\
         //     sparsec explain {name}.sparse\n\
         problem {name} {{\n    \
             dim m = 3, n = 4\n    \
             // Data of your own: load(\"D.npy\"), or --set D=D.npy.\n    \
             const D: matrix[m, n] = [[1, 0, 2, 1], [0, 1, 1, -1], [1, 1, 0, 3]]\n    \
             param x: vector[m] = [1, 2, 3]\n    \
             param lambda: scalar >= 0 = 0.1\n    \
             var y: vector[n]\n\n    \
             minimize ||x - D*y||^2 + lambda*||y||_1\n\
         }}\n"
    )
}
