//! Stand-alone files: compiled by plain rustc, with and without a standard library, and run.
#![cfg(feature = "source")]

mod common;

use common::{folder, rustc};
use sparsec_rust::{Gate, Options, Precision, formatted, source, tokens};

#[test]
fn compiles_alone() {
    for precision in [Precision::F64, Precision::F32] {
        let folder = folder(&format!("alone_{}", precision.name()));
        let text = source(&common::lasso("lasso", 6, 20), precision);
        std::fs::write(folder.join("lasso.rs"), &text).expect("written");
        rustc(&folder, "lasso.rs", &["--crate-type", "lib"]);
        rustc(&folder, "lasso.rs", &["--crate-type", "lib", "--cfg", "no_std"]);
        rustc(&folder, "lasso.rs", &["--crate-type", "lib", "--cfg", "no_std", "--cfg", "no_alloc"]);
    }
}

/// A problem as text, compiled.
fn spec(text: &str) -> sparsec_program::solver::SolverSpec<sparsec_program::verify::Verified> {
    let problem = sparsec_syntax::parse(text).expect("parsed");
    sparsec_compiler::compile(&problem, "", &sparsec_compiler::Options::default()).expect("compiled").spec
}

#[test]
fn fault_130_large_problems_are_loops() {
    let spec = spec(
        "problem large {
            const D: matrix[500, 1000]
            param x: vector[500], w: vector[1000] >= 0
            var y: vector[1000] >= 0
            minimize ‖x − D y‖² + norm1(w .* y)
        }",
    );
    let tokens = formatted(tokens(&spec, &Options::default()));
    assert!(tokens.len() < 100_000, "{} bytes", tokens.len());
    let folder = folder("large");
    std::fs::write(folder.join("large.rs"), source(&spec, Precision::F64)).expect("written");
    let start = std::time::Instant::now();
    rustc(&folder, "large.rs", &["--crate-type", "lib", "-O"]);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn fault_132_the_file_holds_what_the_macro_expands_to() {
    let spec = common::lasso("lasso", 6, 20);
    let gate = Gate::Cfg;
    let runtime_path = "super::runtime".parse().expect("a path");
    let expansion = formatted(tokens(&spec, &Options { gate, runtime_path, ..Options::default() }));
    let file = source(&spec, Precision::F64);
    let code = |text: &str| {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("// ") && !line.trim().is_empty());
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    assert!(code(&file).contains(&code(&expansion)));
}

/// The `main` of the head, in the oldest edition that the head names.
#[test]
fn the_use_in_the_head_compiles_and_runs() {
    let lasso = common::lasso("lasso", 6, 20);
    let all = spec(
        "problem all {
            const A: matrix[4, 2], c: scalar >= 0
            param b: vector[4], rho: scalar > 0
            var w: vector[2]
            minimize c*logistic(A*w) + rho*‖w − ones(2)‖² + ‖b‖²
        }",
    );
    let none = spec("problem none { var w: vector[2]  minimize ‖w‖² }");
    for (spec, name) in [(lasso, "lasso"), (all, "all"), (none, "none")] {
        let folder = folder(&format!("use_{name}"));
        let text = source(&spec, Precision::F64);
        let used = text.split("//! ```text\n").nth(1).and_then(|rest| rest.split("//! ```").next()).expect("a use");
        let main: String = used.lines().map(|line| format!("{}\n", line.trim_start_matches("//! "))).collect();
        assert!(main.lines().count() <= 7 && text.contains("edition 2021"), "{main}");
        std::fs::write(folder.join("solver.rs"), &text).expect("written");
        std::fs::write(folder.join("main.rs"), format!("//! Main.\n{main}")).expect("written");
        rustc(&folder, "main.rs", &["--edition", "2021", "-o", "main"]);
        let output = std::process::Command::new(folder.join("main")).output().expect("run");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(printed.starts_with("optimal: "), "{name}: {printed}");
    }
}

#[test]
fn a_file_runs() {
    let spec = spec(
        "problem fit {
            const A: matrix[4, 2] = [[1, 0], [0, 1], [1, 1], [2, 1]]
            param b: vector[4]
            param rho: scalar > 0 = 0.5
            var w: vector[2]
            minimize logistic(A*w) + rho*‖w − ones(2)‖² + ‖b‖²
        }",
    );
    for precision in [Precision::F64, Precision::F32] {
        let folder = folder(&format!("runs_{}", precision.name()));
        std::fs::write(folder.join("fit.rs"), source(&spec, precision)).expect("written");
        let main = "//! Main.\nmod fit;\nfn main() {\n    let sol = fit::Fit::new().unwrap().solve(&[0.0; 4]).unwrap();\n    \
                    println!(\"{} {:?} {}\", sol.status, sol.w, sol.objective);\n}\n";
        std::fs::write(folder.join("main.rs"), main).expect("written");
        rustc(&folder, "main.rs", &["-O", "-o", "main"]);
        let output = std::process::Command::new(folder.join("main")).output().expect("run");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.starts_with("optimal"), "{text}");
    }
}
