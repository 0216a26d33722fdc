//! A crate without a standard library and without a heap that uses a generated solver.

mod common;

use common::folder;
use sparsec_rust::{Options, tokens};
use std::process::Command;

// Fault 124.
#[test]
fn a_crate_without_std_and_alloc() {
    let folder = folder("no_std");
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/../sparsec-runtime");
    let path = "::sparsec_runtime".parse().expect("a path");
    let code = tokens(&common::lasso("lasso", 6, 20), &Options { runtime_path: path, ..Options::default() });
    let manifest = format!(
        "[package]\nname = \"bare\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nsparsec-runtime = {{ path = {runtime:?}, default-features = false }}\n"
    );
    let code = format!(
        "//! Bare.\n#![no_std]\n#![deny(warnings, missing_docs)]\n#![forbid(unsafe_code)]\n\n{code}\n\n\
         /// Solves in memory of the caller's.\n\
         pub fn solve(d: &[f64], x: &[f64], y: &mut [f64], storage: &mut [f64], workspace: &mut [f64]) -> bool {{\n\
             match Lasso::new_in(storage, d).and_then(|lasso| lasso.with_lambda(0.2).solve_into(x, y, workspace)) {{\n\
                 Ok(report) => report.status == sparsec_runtime::Status::Optimal,\n\
                 Err(_) => false,\n\
             }}\n\
         }}\n"
    );
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("written");
    // The same through the macro's own expansion, with the settings that its text gives.
    let expansion = |text: &str| {
        let tokens = text.parse().expect("tokens");
        sparsec_rust::expand(tokens, &|_| Err("no file".to_owned())).to_string()
    };
    let macros = expansion(
        "<f64; m = 6, n = 20> #[runtime(::sparsec_runtime)]
         /// Sparse coding.
         pub problem coder {
            const D: matrix[m, n]
            param x: vector[m]
            param lambda: scalar >= 0 = 0.1
            var y: vector[n]
            minimize ||x - D*y||^2 + lambda*||y||_1
         }",
    ) + &expansion(
        "<f32> #[runtime(::sparsec_runtime)] pub \"problem nearest { param x: vector[3]  var y: vector[3]  minimize log_sum_exp(y) + ‖y − x‖² }\"",
    );
    std::fs::write(folder.join("src/expanded.rs"), format!("//! Expanded.\n\n{macros}\n")).expect("written");
    let code = format!("{code}\npub mod expanded;\n");
    std::fs::write(folder.join("src/lib.rs"), code).expect("written");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let build = |folder: &std::path::Path| {
        let output = Command::new(&cargo)
            .current_dir(folder)
            .args(["build", "--quiet", "--offline", "--target-dir"])
            .arg(common::folder("no_std").join("target"))
            .output()
            .expect("cargo");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    build(&folder);

    // A program with a standard library runs it.
    let user = common::folder("no_std_user");
    std::fs::create_dir_all(user.join("src")).expect("a folder");
    let manifest = format!(
        "[package]\nname = \"user\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nbare = {{ path = {folder:?} }}\nsparsec-runtime = {{ path = {runtime:?}, default-features = false }}\n"
    );
    std::fs::write(user.join("Cargo.toml"), manifest).expect("written");
    let (d, x) = (common::numbers(120, 3), common::numbers(6, 4));
    let main = format!(
        "use bare::expanded::{{Coder, Nearest}};
         use sparsec_runtime::Status;
         fn main() {{
             let (d, x) = ({d:?}, {x:?});
             let (mut a, mut b) = ([0.0; 20], [0.0; 20]);
             let (mut storage, mut workspace) = ([0.0; bare::Lasso::STORAGE], [0.0; bare::Lasso::WORKSPACE]);
             assert!(bare::solve(&d, &x, &mut a, &mut storage, &mut workspace));
             let (mut storage, mut workspace) = ([0.0; Coder::STORAGE], [0.0; Coder::WORKSPACE]);
             let coder = Coder::new_in(&mut storage, &d).unwrap().with_lambda(0.2);
             let report = coder.solve_into(&x, &mut b, &mut workspace).unwrap();
             assert_eq!(report.status, Status::Optimal);
             assert!(report.gap <= 1e-8);
             let mut storage = [0.0; Nearest::STORAGE];
             let (mut y, mut workspace, mut check) = ([0.0f32; 3], [0.0; Nearest::WORKSPACE], [0.0; Nearest::CHECK]);
             let nearest = Nearest::new_in(&mut storage).unwrap();
             let report = nearest.solve_into(&[1.0, 2.0, 3.0], &mut y, &mut workspace, &mut check).unwrap();
             assert_eq!(report.status, Status::Optimal);
             // The gradient vanishes: softmax(y) + 2 (y − x) = 0.
             let total: f32 = y.iter().map(|v| v.exp()).sum();
             for (y, x) in y.iter().zip([1.0, 2.0, 3.0]) {{
                 assert!((y.exp() / total + 2.0 * (y - x)).abs() < 1e-2);
             }}
             for y in a.iter().chain(&b) {{
                 println!(\"{{y:?}}\");
             }}
         }}\n"
    );
    std::fs::write(user.join("src/main.rs"), main).expect("written");
    build(&user);
    let output = Command::new(folder.join("target/debug/user")).output().expect("run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("text");
    let y: Vec<f64> = printed.lines().map(|line| line.parse().expect("a number")).collect();
    assert_eq!(y.len(), 40);
    for y in [&y[..20], &y[20..]] {
        // The condition at the optimum: 2 dᵀr = λ sign(y) on the support, and at most λ elsewhere.
        let residual = |i: usize| x[i] - (0..20).map(|j| d[20 * i + j] * y[j]).sum::<f64>();
        for (j, y) in y.iter().enumerate() {
            let correlation = 2.0 * (0..6).map(|i| d[20 * i + j] * residual(i)).sum::<f64>();
            let wanted = if *y == 0.0 { correlation.clamp(-0.2, 0.2) } else { 0.2 * y.signum() };
            assert!((correlation - wanted).abs() < 1e-3, "{j}: {correlation} and {wanted}");
        }
    }
}
