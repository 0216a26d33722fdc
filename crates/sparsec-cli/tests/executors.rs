//! JIT and interpreter give the same bits on every example and on every public case that has an answer, in f64 and f32.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a solve reports, without its times.
fn solve(folder: &Path, args: &[&str]) -> serde_json::Value {
    let out = Command::new(env!("CARGO_BIN_EXE_sparsec"))
        .current_dir(folder)
        .args(["run", "--format", "json"])
        .args(args)
        .output()
        .expect("the binary runs");
    let mut document: serde_json::Value = serde_json::from_slice(&out.stdout).expect("one JSON document");
    let mut forget = |document: &mut serde_json::Value| {
        for key in ["time", "backend"] {
            document.as_object_mut().and_then(|o| o.remove(key));
        }
    };
    if let Some(rows) = document.get_mut("results").and_then(|r| r.as_array_mut()) {
        rows.iter_mut().for_each(&mut forget);
    }
    forget(&mut document);
    document
}

fn agree(folder: &Path, args: &[&str]) -> serde_json::Value {
    let run = |backend| solve(folder, &[args, &["--backend", backend]].concat());
    let (jit, interpreter) = (run("jit"), run("interpreter"));
    assert_eq!(jit, interpreter, "{} {args:?}", folder.display());
    jit
}

#[test]
fn every_example_runs_as_it_is_and_the_executors_agree() {
    let folder = root().join("examples");
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("examples").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|e| e != "sparse") {
            continue;
        }
        let name = path.file_name().and_then(|n| n.to_str()).expect("a name").to_owned();
        let answer = agree(&folder, &[&name, "--max-iter", "3000"]);
        let status = answer["status"].as_str().unwrap_or_else(|| panic!("{name}: {answer}")).to_owned();
        // 3000 steps keep the interpreter quick; the layered examples need a few more for their tolerance.
        assert!(["optimal", "approximate", "iteration_limit"].contains(&status.as_str()), "{name}: {status}");
        agree(&folder, &[&name, "--max-iter", "300", "--precision", "f32"]);
        count += 1;
    }
    assert!(count >= 12, "{count} examples");
}

/// The cases lie beside the project where they are there at all.
#[test]
fn the_executors_agree_on_the_public_cases() {
    let cases = root().join("../shared/cases/problems");
    let Ok(entries) = std::fs::read_dir(&cases) else { return };
    for folder in entries.flatten().map(|e| e.path()) {
        let text = std::fs::read_to_string(folder.join("case.json")).expect("case.json");
        let case: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let mut args = vec!["problem.sparse".to_owned()];
        for (name, value) in case["set"].as_object().into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            args.extend(["--set".to_owned(), format!("{name}={value}")]);
        }
        args.extend(case["args"].as_array().into_iter().flatten().filter_map(|a| a.as_str()).map(str::to_owned));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        agree(&folder, &args);
    }
}
