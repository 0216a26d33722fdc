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

// Fault 130.
#[test]
fn large_problems_are_loops() {
    let spec = spec(
        "problem large {
            const D: matrix[500, 1000]
            param x: vector[500], w: vector[1000] >= 0
            var y: vector[1000] >= 0
            minimize ‖x − D y‖² + norm1(w .* y)
        }",
    );
    let tokens = formatted(tokens(&spec, &Options::default()));
    // Most of it is the check, which proves the answer by repair.
    assert!(tokens.len() < 200_000, "{} bytes", tokens.len());
    let folder = folder("large");
    std::fs::write(folder.join("large.rs"), source(&spec, Precision::F64)).expect("written");
    let start = std::time::Instant::now();
    rustc(&folder, "large.rs", &["--crate-type", "lib", "-O"]);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

// Fault 132.
#[test]
fn the_file_holds_what_the_macro_expands_to() {
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

// Fault 45.
#[test]
fn one_row_and_one_column() {
    for (m, n) in [(1, 1), (1, 40), (40, 1)] {
        let spec = spec(&format!(
            "problem thin {{
                const D: matrix[{m}, {n}]
                param x: vector[{m}]
                var y: vector[{n}]
                minimize ‖x − D y‖² + 0.05 ‖y‖₁
            }}"
        ));
        let (d, x) = (common::numbers(m * n, 7), common::numbers(m, 8));
        let folder = folder(&format!("thin_{m}_{n}"));
        for (precision, near) in [(Precision::F64, 1e-3), (Precision::F32, 5e-2)] {
            std::fs::write(folder.join("thin.rs"), source(&spec, precision)).expect("written");
            let main = format!(
                "//! Main.\nmod thin;\nfn main() {{\n    let sol = thin::Thin::new(&{d:?}).unwrap().solve(&{x:?}).unwrap();\n    \
                 println!(\"{{}}\", sol.status);\n    for y in sol.y {{\n        println!(\"{{y:?}}\");\n    }}\n}}\n"
            );
            std::fs::write(folder.join("main.rs"), main).expect("written");
            rustc(&folder, "main.rs", &["-O", "-o", "main"]);
            let output = std::process::Command::new(folder.join("main")).output().expect("run");
            let text = String::from_utf8(output.stdout).expect("text");
            let mut lines = text.lines();
            assert_eq!(lines.next(), Some("optimal"), "{m}×{n} {}", precision.name());
            let y: Vec<f64> = lines.map(|line| line.parse().expect("a number")).collect();
            assert_eq!(y.len(), n);
            // The condition at the optimum: 2 dᵀr = λ sign(y) on the support, and at most λ elsewhere.
            let residual: Vec<f64> = (0..m).map(|i| x[i] - (0..n).map(|j| d[n * i + j] * y[j]).sum::<f64>()).collect();
            for (j, y) in y.iter().enumerate() {
                let correlation = 2.0 * (0..m).map(|i| d[n * i + j] * residual[i]).sum::<f64>();
                let wanted = if *y == 0.0 { correlation.clamp(-0.05, 0.05) } else { 0.05 * y.signum() };
                assert!((correlation - wanted).abs() < near, "{m}×{n}, {j}: {correlation} and {wanted}");
            }
        }
    }
}

// Fault 27.
#[test]
fn both_spellings_are_the_same_code() {
    use sparsec_syntax::format::{Style, format};
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut count = 0;
    for entry in std::fs::read_dir(examples).expect("examples").flatten() {
        if entry.path().extension().is_none_or(|e| e != "sparse") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).expect("text");
        let code = |style: Style| {
            let text = format(&text, style).expect("formatted");
            let problem = sparsec_syntax::parse(&text).expect("parsed");
            let options = sparsec_compiler::Options::default();
            let spec = sparsec_compiler::compile(&problem, "example", &options).ok()?.spec;
            // Names are shown as they are written, and how long they are decides where lines break; the code is the same.
            let code = |precision| {
                let text = source(&spec, precision);
                let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
                let mut code: String = lines.flat_map(str::split_whitespace).collect();
                let names = spec.inputs.iter().map(|i| (&i.name, &i.canonical));
                for (name, canonical) in names.chain(spec.outputs.iter().map(|o| (&o.name, &o.canonical))) {
                    code = code.replace(&format!("\"{name}\""), &format!("\"{canonical}\""));
                }
                code.replace(",)", ")")
            };
            let programs = format!("{}{}", spec.program.program(), spec.check.program());
            Some((programs, code(Precision::F64), code(Precision::F32)))
        };
        let (ascii, unicode) = (code(Style::Ascii), code(Style::Unicode));
        assert_eq!(ascii.is_some(), unicode.is_some());
        let (Some(ascii), Some(unicode)) = (ascii, unicode) else { continue };
        let name = entry.file_name();
        assert_eq!(ascii.0, unicode.0, "{name:?}");
        assert!(ascii.1 == unicode.1 && ascii.2 == unicode.2, "{name:?}");
        count += 1;
    }
    assert!(count >= 8, "{count} examples have all their sizes");
}
