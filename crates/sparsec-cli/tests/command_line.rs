//! The binary, end to end: exit codes, documents, files, signals.

use serde_json::Value;
use sparsec::data::{Array, formats::npy};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const LASSO: &str = "problem lasso {
    dim m = 3, n = 4
    const D: matrix[m, n] = [[1, 0, 2, 1], [0, 1, 1, -1], [1, 1, 0, 3]]
    param x: vector[m] = [1, 2, 3]
    param λ: scalar >= 0 = 0.1
    var y: vector[n]
    minimize ‖x − D y‖² + λ ‖y‖₁
}
";

/// A folder of its own for a test; gone when the test ends well.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sparsec-cli-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        let folder = Self(path);
        folder.write("lasso.sparse", LASSO.as_bytes());
        folder
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn array(&self, name: &str, shape: &[usize], data: &[f64]) -> PathBuf {
        self.write(name, &npy::write(&Array::new(shape.to_vec(), data.to_vec()).unwrap()))
    }

    fn read(&self, name: &str) -> Array {
        npy::read(&std::fs::read(self.0.join(name)).unwrap()).unwrap()
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(&self.0).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sparsec"));
        command
            .args(args)
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .env_remove("NO_COLOR")
            .env_remove("SPARSEC_TEST_PANIC");
        command
    }

    fn run(&self, args: &[&str]) -> Done {
        Done::of(self.command(args).output().unwrap())
    }

    /// Runs with `--format json` and reads the one document.
    fn json(&self, args: &[&str]) -> (i32, Value) {
        let mut all = args.to_vec();
        all.extend(["--format", "json"]);
        let done = self.run(&all);
        (done.code, done.document())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

struct Done {
    code: i32,
    out: String,
    err: String,
}

impl Done {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn document(&self) -> Value {
        let value: Value =
            serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {:?} {:?}", self.out, self.err));
        assert!(value.is_object());
        assert_eq!(value["schema"], 1, "{value}");
        value
    }
}

fn code(document: &Value) -> &str {
    document["error"]["code"].as_str().unwrap_or_else(|| panic!("no error: {document}"))
}

/// Numbers that are the same everywhere.
fn numbers(count: usize, mut seed: u64) -> Vec<f64> {
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    (0..count).map(|_| (0..6).map(|_| next()).sum()).collect()
}

#[test]
fn an_answer_in_text_and_json() {
    let folder = Folder::new("answer");
    let done = folder.run(&["run", "lasso.sparse"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.starts_with("lasso: optimal\n"), "{}", done.out);
    let (exit, document) = folder.json(&["run", "lasso.sparse"]);
    assert_eq!(exit, 0);
    assert_eq!(document["status"], "optimal");
    assert_eq!(document["problem"], "lasso");
    assert_eq!(document["dims"]["m"], 3);
    assert!(document["gap"].as_f64().unwrap() <= 1e-8);
    assert_eq!(document["solution"]["y"].as_array().unwrap().len(), 4);
    assert!(document["time"]["solve_s"].as_f64().unwrap() >= 0.0);
}

// Fault 133.
#[test]
fn every_kind_of_outcome_has_its_exit_code() {
    let folder = Folder::new("133");
    let exit = |args: &[&str]| folder.run(args).code;
    assert_eq!(exit(&["run", "lasso.sparse"]), 0);
    assert_eq!(exit(&["run", "lasso.sparse", "--tol", "abc"]), 2);
    folder.write("wrong.sparse", b"var y: vector[3\nminimize ||y||^2\n");
    assert_eq!(exit(&["run", "wrong.sparse"]), 3);
    assert_eq!(exit(&["run", "lasso.sparse", "--set", "x=missing.npy"]), 4);
    assert_eq!(exit(&["run", "lasso.sparse", "--max-iter", "0"]), 5);
    folder.write("empty.sparse", b"var y: vector[3]\nminimize ||y||^2\nsubject to y in box(2, 1)\n");
    assert_eq!(exit(&["run", "empty.sparse"]), 6);
    let huge = ["run", "lasso.sparse", "--set", "x=[1e300, 1e300, -1e300]"];
    assert_eq!(exit(&huge), 7);
    assert_eq!(exit(&["run", "lasso.sparse", "--out", "y=nowhere/y.npy"]), 74);
    if cfg!(debug_assertions) {
        let done = Done::of(folder.command(&["run", "lasso.sparse"]).env("SPARSEC_TEST_PANIC", "1").output().unwrap());
        assert_eq!(done.code, 70);
    }
    // 130 is in `the_best_point_is_the_answer`.
}

// Fault 141.
#[test]
fn json_output_is_always_one_document() {
    let folder = Folder::new("141");
    folder.write("wrong.sparse", b"var y: vector[3\nminimize ||y||^2\n");
    folder.write("empty.sparse", b"var y: vector[3]\nminimize ||y||^2\nsubject to y in box(2, 1)\n");
    folder.write("down.sparse", b"var y: vector[3]\nminimize sum(y)\n");
    folder.write("bytes.sparse", b"var y\xff: vector[3]\n");
    for (args, exit) in [
        (&["run", "lasso.sparse"][..], 0),
        (&["run", "lasso.sparse", "--max-iter", "0"], 5),
        (&["run", "lasso.sparse", "--time-limit", "0"], 5),
        (&["run", "empty.sparse"], 6),
        (&["run", "down.sparse"], 6),
        (&["run", "lasso.sparse", "--set", "x=[1e300, 1e300, -1e300]"], 7),
        (&["check", "lasso.sparse"], 0),
        (&["eval", "lasso.sparse", "--at", "y=[0, 0, 0, 0]"], 0),
        (&["explain", "E0301"], 0),
    ] {
        let (code, document) = folder.json(args);
        assert_eq!(code, exit, "{args:?}: {document}");
        assert!(document.get("error").is_none(), "{args:?}: {document}");
    }
    for (args, exit, code_wanted) in [
        (&["run", "lasso.sparse", "--frmat"][..], 2, "E0901"),
        (&["run"], 2, "E0901"),
        (&["run", "lasso.sparse", "--tol", "-1"], 2, "E0901"),
        (&["run", "lasso.sparse", "--set", "zz=1"], 2, "E0901"),
        (&["run", "lasso.sparse", "--set", "x"], 2, "E0901"),
        (&["run", "lasso.sparse", "--set", "x=abc"], 2, "E0901"),
        (&["run", "lasso.sparse", "--algorithm", "fist"], 2, "E0901"),
        (&["run", "bytes.sparse"], 3, "E0102"),
        (&["run", "lasso.sparse", "--set", "x=[1, 2]"], 4, "E0502"),
        (&["run", "lasso.sparse", "--set", "x=[1, 2, nan]"], 4, "E0503"),
        (&["run", "lasso.sparse", "--set", "lambda=-1"], 4, "E0504"),
        (&["run", "lasso.sparse", "--set", "x=missing.npy"], 4, "E0505"),
        (&["run", "missing.sparse"], 4, "E0505"),
        (&["run", "lasso.sparse", "--out", "y=nowhere/y.npy"], 74, "E1001"),
        (&["explain", "nothing_like_it"], 2, "E0901"),
        (&["emit", "ast", "missing.sparse"], 2, "E0901"),
        (&["emit", "ast", "lasso.sparse"], 2, "E0901"),
        (&["fmt", "lasso.sparse"], 2, "E0901"),
        (&["fmt", "--check", "lasso.sparse"], 2, "E0901"),
        (&["new", "nothing"], 2, "E0901"),
        (&["completions", "bash"], 2, "E0901"),
        (&["rnu", "lasso.sparse"], 2, "E0901"),
        (&[], 2, "E0901"),
    ] {
        let (exit_found, document) = folder.json(args);
        assert_eq!(code(&document), code_wanted, "{args:?}: {document}");
        assert_eq!(exit_found, exit, "{args:?}: {document}");
        assert!(document["error"]["message"].as_str().is_some_and(|m| !m.is_empty()));
        assert!(document["error"]["labels"].is_array());
    }
    // What takes no format has done nothing.
    assert_eq!(std::fs::read_to_string(folder.0.join("lasso.sparse")).unwrap(), LASSO);
    assert!(!folder.0.join("nothing.sparse").exists());
    let (exit, document) = folder.json(&["run", "wrong.sparse"]);
    assert_eq!(exit, 3);
    let label = &document["error"]["labels"][0];
    assert!(label["line"].as_u64().unwrap() >= 1 && label["column"].as_u64().unwrap() >= 1, "{document}");
    // The flag may also be joined to its value, and a panic is no exception.
    let done = folder.run(&["run", "missing.sparse", "--format=json"]);
    assert_eq!(code(&done.document()), "E0505");
    if cfg!(debug_assertions) {
        let mut command = folder.command(&["run", "lasso.sparse", "--format", "json"]);
        let done = Done::of(command.env("SPARSEC_TEST_PANIC", "1").output().unwrap());
        assert_eq!((done.code, code(&done.document())), (70, "E9901"));
    }
}

// Fault 141.
#[test]
fn every_status() {
    let folder = Folder::new("141s");
    folder.write("empty.sparse", b"var y: vector[3]\nminimize ||y||^2\nsubject to sum(y) == 1, y <= 0\n");
    folder.write("down.sparse", b"var y: vector[3]\nminimize -sum(y)\nsubject to y >= 0\n");
    let shrink = LASSO.replace("\n}\n", "\n    solve with ista(shrink = sigshrink(0.5))\n}\n");
    folder.write("shrink.sparse", shrink.as_bytes());
    for (args, exit, status) in [
        (&["run", "lasso.sparse"][..], 0, "optimal"),
        (&["run", "shrink.sparse"], 0, "approximate"),
        (&["run", "lasso.sparse", "--max-iter", "0"], 5, "iteration_limit"),
        (&["run", "lasso.sparse", "--algorithm", "ista", "--time-limit", "0"], 5, "time_limit"),
        (&["run", "empty.sparse"], 6, "infeasible"),
        (&["run", "down.sparse"], 6, "unbounded"),
        (&["run", "lasso.sparse", "--set", "x=[1e300, 1e300, -1e300]"], 7, "numerical_error"),
    ] {
        let (code, document) = folder.json(args);
        assert_eq!((code, document["status"].as_str()), (exit, Some(status)), "{args:?}: {document}");
        for key in ["objective", "gap", "violation"] {
            assert!(document[key].is_number() || document[key].is_null(), "{args:?}: {document}");
        }
        assert!(document["solution"]["y"].is_array() && document["warnings"].is_array(), "{args:?}: {document}");
    }
    // `interrupted` is in `the_best_point_is_the_answer`; `stationary` waits for functions that are not convex.
}

// Fault 141.
#[test]
fn every_class_of_error() {
    let folder = Folder::new("141c");
    for (text, exit, code_wanted) in [
        ("var y: vector[3]\nminimize ((y", 3, "E01"),
        ("", 3, "E01"),
        ("var y: vector[3]\nminimize ||y||^2 + 1e999", 3, "E01"),
        ("var y: vector[3]\nminimize ||z||^2", 3, "E02"),
        ("var y: vector[3], y: vector[2]\nminimize ||y||^2", 3, "E02"),
        ("var y: vector[3]\nminimize ||y - [1, 2]||^2", 3, "E03"),
        ("dim n\nvar y: vector[n]\nminimize ||y||^2", 3, "E0302"),
        ("var y: vector[0]\nminimize ||y||^2", 3, "E0304"),
        ("var y: vector[3]\nminimize -||y||^2", 3, "E0401"),
        ("var y: vector[3]\nminimize ||y - [1, 2, 3]||_1 + norm2(y)", 3, "E0402"),
        ("param x: vector[3]\nvar y: vector[3]\nminimize ||y - x||^2", 4, "E0501"),
        ("param x: vector[3] = load(\"x.npy\")\nvar y: vector[3]\nminimize ||y - x||^2", 4, "E0505"),
        ("param x: vector[3] = load(\"bad.npy\")\nvar y: vector[3]\nminimize ||y - x||^2", 4, "E050"),
        ("param x: vector[3] = load(\"bad.safetensors\", \"x\")\nvar y: vector[3]\nminimize ||y - x||^2", 4, "E050"),
        ("const Q: matrix[2, 2] psd = [[1, 2], [2, 1]]\nvar y: vector[2]\nminimize quad_form(y, Q)", 3, "E0306"),
        ("param c: scalar >= 0 = -1\nvar y: vector[2]\nminimize c*||y||_1 + ||y||^2", 3, "E0"),
    ] {
        folder.write("wrong.sparse", text.as_bytes());
        folder.write("bad.npy", b"\x93NUMPY\x01\x00");
        folder.write("bad.safetensors", b"\xff\xff\xff\xff\xff\xff\xff\xff{}");
        for command in ["run", "check"] {
            let (found, document) = folder.json(&[command, "wrong.sparse"]);
            if command == "check" && (exit == 4 || code_wanted == "E0302") {
                // Data, and the sizes that come with it, are nothing that `check` asks for.
                continue;
            }
            assert!(code(&document).starts_with(code_wanted), "{command} {text}: {document}");
            assert_eq!(found, exit, "{command} {text}: {document}");
            for label in document["error"]["labels"].as_array().unwrap() {
                let (start, end) = (label["start"].as_u64().unwrap(), label["end"].as_u64().unwrap());
                assert!(start <= end && end <= text.len() as u64 + 1, "{document}");
            }
        }
    }
}

// Fault 141.
#[test]
fn odd_arguments() {
    let folder = Folder::new("141a");
    let one_document = |args: &[&str]| {
        let done = folder.run(args);
        (done.code, done.document())
    };
    for args in [
        &["--format", "json", "run", "lasso.sparse"][..],
        &["--format=json", "run", "lasso.sparse"],
        &["run", "--format", "json", "lasso.sparse", "--bogus"],
        &["run", "lasso.sparse", "--format", "json", "--format", "text"],
        &["--format", "json"],
    ] {
        let (exit, document) = one_document(args);
        assert_eq!((exit, code(&document)), (2, "E0901"), "{args:?}: {document}");
    }
    assert_eq!(one_document(&["run", "--format", "json", "lasso.sparse"]).0, 0);
    for args in [
        &["--help", "--format", "json"][..],
        &["run", "--help", "--format=json"],
        &["run", "--format", "json", "--help"],
        &["--version", "--format", "json"],
    ] {
        let (exit, document) = one_document(args);
        assert!(exit == 0 && document["help"].as_str().is_some_and(|h| h.contains("sparsec")), "{args:?}: {document}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let odd = std::ffi::OsStr::from_bytes(b"x=\xff\xfe");
        for before in [&["run", "lasso.sparse", "--set"][..], &["run"], &["explain"], &["emit"]] {
            let done = Done::of(folder.command(before).arg(odd).args(["--format", "json"]).output().unwrap());
            let exit = if before == ["run"] { 4 } else { 2 };
            assert_eq!(done.code, exit, "{before:?}: {}", done.out);
            assert!(!code(&done.document()).is_empty() && done.err.is_empty(), "{before:?}: {}", done.err);
        }
    }
}

// Fault 146.
#[test]
fn a_panic_is_reported_as_a_fault_of_ours() {
    let folder = Folder::new("146");
    if cfg!(debug_assertions) {
        let done = Done::of(folder.command(&["run", "lasso.sparse"]).env("SPARSEC_TEST_PANIC", "1").output().unwrap());
        assert_eq!(done.code, 70);
        assert!(done.out.is_empty());
        assert!(done.err.contains("fault of sparsec") && done.err.contains("report"), "{}", done.err);
        assert!(!done.err.contains("panicked"), "{}", done.err);
    }
}

// Fault 134.
#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let folder = Folder::new("134");
    folder.array("X.npy", &[2000, 3], &numbers(6000, 7));
    for args in [
        &["run", "lasso.sparse"][..],
        &["run", "lasso.sparse", "--format", "json"],
        &["run", "lasso.sparse", "--batch", "x=X.npy"],
        &["explain", "E0301"],
        &["emit", "ast", "lasso.sparse"],
    ] {
        let mut child = folder.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let code = child.wait().unwrap().code();
        assert!(matches!(code, Some(0 | 141)), "{args:?}: {code:?} {err}");
        assert!(!err.contains("panic") && !err.contains("pipe"), "{args:?}: {err}");
    }
}

/// A problem that takes many seconds.
#[cfg(unix)]
fn long_problem(folder: &Folder) {
    let (m, n) = (800, 2400);
    folder.array("D.npy", &[m, n], &numbers(m * n, 3));
    folder.array("x.npy", &[m], &numbers(m, 5));
    let text = format!(
        "const D: matrix[{m}, {n}] = load(\"D.npy\")\nparam x: vector[{m}] = load(\"x.npy\")\nvar y: vector[{n}]\n\
         minimize ||x - D*y||^2 + 0.0001*||y||_1\nsolve with ista(max_iter = 100000000, tol = 0)\n"
    );
    folder.write("long.sparse", text.as_bytes());
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
}

// Fault 135.
#[test]
#[cfg(unix)]
fn an_interrupted_solve_writes_the_point_that_it_has() {
    let folder = Folder::new("135");
    long_problem(&folder);
    let args = ["run", "long.sparse", "--format", "json", "--out", "y=y.npy"];
    // How long reading and compiling take is not known, so the wait is found by trying.
    let mut wait = Duration::from_millis(400);
    for _ in 0..7 {
        let child = folder.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(wait);
        interrupt(&child);
        let asked = Instant::now();
        let done = Done::of(child.wait_with_output().unwrap());
        assert!(asked.elapsed() < Duration::from_secs(20), "a watchdog: {:?}", asked.elapsed());
        assert_eq!(done.code, 130);
        let document = done.document();
        if document.get("error").is_some() {
            // It was still reading or compiling: nothing may have been written.
            assert_eq!(code(&document), "E0902");
            assert_eq!(folder.files(), ["D.npy", "lasso.sparse", "long.sparse", "x.npy"]);
            wait *= 2;
            continue;
        }
        assert_eq!(document["status"], "interrupted");
        assert!(document["objective"].as_f64().unwrap().is_finite() && document["gap"].as_f64().unwrap() > 0.0);
        assert_eq!(folder.read("y.npy").shape, [2400]);
        return;
    }
    panic!("no solve could be interrupted");
}

/// Waits for a child, and gives up after a time that only a hang takes.
#[cfg(unix)]
fn wait_for(child: &mut std::process::Child) -> Option<i32> {
    let asked = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if asked.elapsed() > Duration::from_secs(20) {
            let _ = child.kill();
            panic!("a watchdog: it does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A problem that takes many seconds and whose answer is longer than a pipe holds.
#[cfg(unix)]
fn wide_problem(folder: &Folder) {
    let (m, n) = (60, 12_000);
    folder.array("D.npy", &[m, n], &numbers(m * n, 3));
    folder.array("x.npy", &[m], &numbers(m, 5));
    let text = format!(
        "const D: matrix[{m}, {n}] = load(\"D.npy\")\nparam x: vector[{m}] = load(\"x.npy\")\nvar y: vector[{n}]\n\
         minimize ||x - D*y||^2 + 0.0000001*||y||^2\nsolve with ista(max_iter = 100000000, tol = 0)\n"
    );
    folder.write("wide.sparse", text.as_bytes());
}

// Fault 135.
#[test]
#[cfg(unix)]
fn a_second_ends_at_once() {
    let folder = Folder::new("135b");
    wide_problem(&folder);
    let args = ["run", "wide.sparse", "--format", "json", "--out", "y=y.npy"];
    let mut child = folder.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(600));
    interrupt(&child);
    // The answer does not fit into the pipe, which nobody reads: it hangs there.
    std::thread::sleep(Duration::from_millis(1500));
    let hung = child.try_wait().unwrap().is_none();
    if hung {
        interrupt(&child);
    }
    assert_eq!(wait_for(&mut child), Some(130));
    let left: Vec<String> = folder.files().into_iter().filter(|name| name.ends_with(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
    // Either it was still reading, or the file had been written before the answer was.
    if let Ok(bytes) = std::fs::read(folder.0.join("y.npy")) {
        assert_eq!(npy::read(&bytes).unwrap().shape, [12_000]);
    }
}

// Fault 135.
#[test]
#[cfg(unix)]
fn the_best_point_is_the_answer() {
    let folder = Folder::new("135c");
    long_problem(&folder);
    let text = std::fs::read_to_string(folder.0.join("long.sparse")).unwrap();
    folder.write("long.sparse", text.replace("ista(", "fista(restart = none, ").as_bytes());
    let mut wait = Duration::from_millis(600);
    for _ in 0..7 {
        let args = ["run", "long.sparse", "--format", "json", "--trace", "t.csv"];
        let child = folder.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(wait);
        interrupt(&child);
        let done = Done::of(child.wait_with_output().unwrap());
        assert_eq!(done.code, 130);
        let document = done.document();
        let trace = std::fs::read_to_string(folder.0.join("t.csv")).unwrap_or_default();
        if document.get("error").is_some() || trace.lines().count() < 5 {
            wait *= 2;
            continue;
        }
        let seen = trace.lines().skip(1).filter_map(|line| line.split(',').nth(1)?.parse::<f64>().ok());
        let least = seen.fold(f64::INFINITY, f64::min);
        let objective = document["objective"].as_f64().unwrap();
        assert!(objective <= least * (1.0 + 1e-9), "{objective} and {least}");
        return;
    }
    panic!("no solve could be interrupted");
}

// Fault 136.
#[test]
#[cfg(unix)]
fn an_interrupt_while_reading_ends_without_an_answer() {
    let folder = Folder::new("136");
    for format in ["text", "json"] {
        let mut command = folder.command(&["run", "-", "--format", format]);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Standard input stays open, so that it is still reading.
        let held = child.stdin.take();
        std::thread::sleep(Duration::from_millis(600));
        interrupt(&child);
        let asked = Instant::now();
        let done = Done::of(child.wait_with_output().unwrap());
        drop(held);
        assert!(asked.elapsed() < Duration::from_secs(20), "a watchdog: {:?}", asked.elapsed());
        assert_eq!(done.code, 130);
        if format == "json" {
            assert_eq!(code(&done.document()), "E0902");
        } else {
            assert!(done.out.is_empty() && done.err.contains("interrupted"), "{}", done.err);
        }
    }
}

// Fault 97.
#[test]
fn limits_of_zero_still_give_a_point_and_its_gap() {
    let folder = Folder::new("097");
    for (flag, value, status) in [("--max-iter", "0", "iteration_limit"), ("--time-limit", "0", "time_limit")] {
        let (exit, document) = folder.json(&["run", "lasso.sparse", flag, value, "--algorithm", "ista"]);
        assert_eq!((exit, document["status"].as_str()), (5, Some(status)), "{document}");
        assert!(document["gap"].as_f64().unwrap() > 0.0 && document["objective"].as_f64().unwrap().is_finite());
    }
    let (_, document) = folder.json(&["run", "lasso.sparse", "--max-iter", "1", "--algorithm", "ista"]);
    assert_eq!(document["iterations"], 1);
    // A formula has no iterations to limit: its answer is there, and proved.
    folder.write("formula.sparse", b"var y: vector[2]\nminimize ||y - [1, 2]||^2\n");
    for flag in ["--max-iter", "--time-limit"] {
        let (exit, document) = folder.json(&["run", "formula.sparse", flag, "0"]);
        assert_eq!(document["algorithm"], "closed_form");
        assert_eq!((exit, document["status"].as_str()), (0, Some("optimal")), "{document}");
        assert!(document["gap"].as_f64().unwrap() <= 1e-8, "{document}");
        assert_eq!(document["solution"]["y"], serde_json::json!([1.0, 2.0]));
    }
}

// Fault 98.
#[test]
fn only_a_tolerance_that_is_finite_and_not_negative_is_accepted() {
    let folder = Folder::new("098");
    for tol in ["-1", "nan", "inf", "-inf", "1e999"] {
        assert_eq!(folder.run(&["run", "lasso.sparse", "--tol", tol]).code, 2, "{tol}");
    }
    let (exit, document) = folder.json(&["run", "lasso.sparse", "--tol", "0"]);
    let status = document["status"].as_str().unwrap();
    assert!(
        exit == 0 && document["gap"].as_f64() == Some(0.0) || exit == 5 && status == "iteration_limit",
        "{document}"
    );
}

// Fault 50.
#[test]
fn missing_misspelled_and_disagreeing_data_is_named() {
    let folder = Folder::new("050");
    folder.write(
        "open.sparse",
        "dim m, n\nconst D: matrix[m, n]\nparam x: vector[m]\nparam λ: scalar >= 0\nvar y: vector[n]\nminimize ‖x − D y‖² + λ ‖y‖₁\n"
            .as_bytes(),
    );
    let (exit, document) = folder.json(&["run", "open.sparse", "--set", "lambda=1"]);
    let message = document["error"]["message"].as_str().unwrap();
    assert_eq!((exit, code(&document)), (4, "E0501"));
    assert!(message.contains("`D`") && message.contains("`x`") && !message.contains("λ"), "{message}");
    let help = document["error"]["help"].as_str().unwrap();
    assert!(help.contains("--set D=") && help.contains("--set x="), "{help}");
    assert_eq!(document["error"]["labels"].as_array().unwrap().len(), 2);
    let twice = ["run", "lasso.sparse", "--set", "λ=1", "--set", "lambda=2"];
    assert_eq!(folder.json(&twice).0, 2);
    let (exit, document) = folder.json(&["run", "lasso.sparse", "--set", "lambad=1"]);
    assert_eq!(exit, 2);
    assert!(document["error"]["help"].as_str().unwrap().contains("λ"), "{document}");
    // Two sources of one size that disagree are both named.
    folder.array("D.npy", &[3, 4], &numbers(12, 1));
    folder.array("x.npy", &[2], &numbers(2, 1));
    let (exit, document) =
        folder.json(&["run", "open.sparse", "--set", "lambda=1", "--set", "D=D.npy", "--set", "x=x.npy"]);
    let text = document.to_string();
    assert!(exit == 3 || exit == 4, "{text}");
    assert!(text.contains("D.npy") && text.contains("x.npy"), "{text}");
}

#[test]
fn data_comes_from_all_its_sources() {
    let folder = Folder::new("sources");
    let x = [1.0, 2.0, 3.0];
    folder.array("x.npy", &[3], &x);
    folder.write("x.csv", b"x\n1\n2\n3\n");
    let npz = sparsec::data::formats::npz::write(&[("k", &Array::vector(x.to_vec())), ("other", &Array::scalar(1.0))]);
    folder.write("x.npz", &npz.unwrap());
    std::fs::create_dir_all(folder.0.join("sub")).unwrap();
    let text = LASSO.replace("= [1, 2, 3]", "= load(\"../x.npz\", \"k\")");
    folder.write("sub/loaded.sparse", text.as_bytes());
    let (_, wanted) = folder.json(&["run", "lasso.sparse"]);
    for args in [
        &["run", "lasso.sparse", "--set", "x=[1, 2, 3]"][..],
        &["run", "lasso.sparse", "--set", "x=x.npy"],
        &["run", "lasso.sparse", "--set", "x=x.csv"],
        &["run", "lasso.sparse", "--set", "x=x.npz:k", "--set", "λ=0.1"],
        &["run", "sub/loaded.sparse"],
    ] {
        let (exit, document) = folder.json(args);
        assert_eq!((exit, &document["solution"]), (0, &wanted["solution"]), "{args:?}: {document}");
    }
    let mut command = folder.command(&["run", "-", "--format", "json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), LASSO.as_bytes()).unwrap();
    let done = Done::of(child.wait_with_output().unwrap());
    assert_eq!(done.document()["solution"], wanted["solution"]);
}

// Fault 30.
#[test]
fn a_transposed_file_is_refused_with_its_name_and_a_hint() {
    let folder = Folder::new("030");
    folder.array("D.npy", &[4, 3], &numbers(12, 1));
    folder.write(
        "shapes.sparse",
        b"dim m = 3, n = 4\nconst D: matrix[m, n] = load(\"D.npy\")\nvar y: vector[n]\nminimize ||D*y||^2 + ||y||_1\n",
    );
    let (exit, document) = folder.json(&["run", "shapes.sparse"]);
    assert_eq!(exit, 4, "{document}");
    let text = document.to_string();
    assert!(text.contains("D.npy") && text.contains("transpose"), "{text}");
    assert_eq!(document["error"]["labels"][0]["line"], 2, "{text}");
}

// Fault 15.
#[test]
fn a_size_from_outside() {
    let folder = Folder::new("015");
    folder.write("open.sparse", b"dim m, n\nconst D: matrix[m, n]\nvar y: vector[n]\nminimize ||D*y||^2 + ||y||_1\n");
    for command in ["run", "check"] {
        let (exit, document) = folder.json(&[command, "open.sparse", "--dim", "m=2", "--dim", "n=3000000000"]);
        assert_eq!((exit, code(&document)), (3, "E0304"), "{document}");
        assert!(document["error"]["message"].as_str().unwrap().contains("from 1 to 2147483647"), "{document}");
        assert!(document.get("errors").is_none() && !document.to_string().contains("E0302"), "{document}");
    }
}

// Fault 79.
#[test]
#[cfg(target_os = "linux")]
fn a_device_is_never_read_but_a_pipe_is() {
    let folder = Folder::new("079");
    folder.write("zero.sparse", b"const D: matrix[2, 2] = load(\"/dev/zero\")\nvar y: vector[2]\nminimize ||D*y||^2\n");
    for args in [&["run", "zero.sparse"][..], &["run", "lasso.sparse", "--set", "x=/dev/zero"], &["run", "/dev/zero"]] {
        let (exit, document) = folder.json(args);
        assert_eq!((exit, code(&document)), (4, "E0505"), "{args:?}: {document}");
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.contains("/dev/zero") && message.contains("device"), "{message}");
    }
    // A pipe is no device.
    let array = npy::write(&Array::vector(vec![1.0, 2.0, 3.0]));
    let mut command = folder.command(&["run", "lasso.sparse", "--set", "x=/dev/stdin", "--format", "json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), &array).unwrap();
    let done = Done::of(child.wait_with_output().unwrap());
    assert_eq!((done.code, done.document()["status"].as_str()), (0, Some("optimal")), "{}", done.out);
}

// Fault 78.
#[test]
fn paths_in_a_problem_file_lead_where_they_say() {
    // At the shell, whoever runs a problem file chose it: its paths lead where they say.
    let folder = Folder::new("078");
    std::fs::create_dir_all(folder.0.join("problems")).unwrap();
    let outside = folder.array("x.npy", &[2], &[3.0, 4.0]);
    let absolute = outside.display().to_string();
    let mut paths = vec!["../x.npy", absolute.as_str()];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&outside, folder.0.join("problems/link.npy")).unwrap();
        paths.push("link.npy");
    }
    for path in paths {
        let text = format!("param x: vector[2] = load({path:?})\nvar y: vector[2]\nminimize ||y - x||^2\n");
        folder.write("problems/p.sparse", text.as_bytes());
        let (exit, document) = folder.json(&["run", "problems/p.sparse"]);
        assert_eq!((exit, &document["solution"]["y"]), (0, &serde_json::json!([3.0, 4.0])), "{path}: {document}");
    }
    // Nothing is written that was not asked for, and a file that is no data is not shown.
    #[cfg(target_os = "linux")]
    {
        folder
            .write("p.sparse", b"param x: vector[2] = load(\"/etc/passwd\")\nvar y: vector[2]\nminimize ||y - x||^2\n");
        let (exit, document) = folder.json(&["run", "p.sparse"]);
        assert_eq!(exit, 4, "{document}");
        assert!(!document.to_string().contains("root:"), "{document}");
    }
}

// Fault 80.
#[test]
fn one_file_may_be_loaded_by_two_params() {
    let folder = Folder::new("080");
    folder.array("v.npy", &[3], &[1.0, 2.0, 3.0]);
    folder.write(
        "two.sparse",
        b"param a: vector[3] = load(\"v.npy\")\nparam b: vector[3] = load(\"v.npy\")\nvar y: vector[3]\nminimize ||y - a||^2 + ||y - b||^2\n",
    );
    let (exit, document) = folder.json(&["run", "two.sparse"]);
    assert_eq!(exit, 0, "{document}");
    let y: Vec<f64> = document["solution"]["y"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    assert!(y.iter().zip([1.0, 2.0, 3.0]).all(|(a, b)| (a - b).abs() < 1e-4), "{y:?}");
}

// Fault 138.
#[test]
fn output_that_cannot_be_written_is_an_error_and_changes_nothing() {
    let folder = Folder::new("138");
    folder.write("y.npy", b"old");
    std::fs::create_dir_all(folder.0.join("folder.npy")).unwrap();
    for out in ["y=nowhere/y.npy", "y=folder.npy"] {
        let done = folder.run(&["run", "lasso.sparse", "--out", out]);
        assert_eq!(done.code, 74, "{}", done.err);
        assert!(done.err.contains("E1001") && done.err.contains(".npy"), "{}", done.err);
    }
    #[cfg(target_os = "linux")]
    {
        for flag in [&["--out", "y=/dev/full"][..], &["--trace", "/dev/full"]] {
            let mut args = vec!["run", "lasso.sparse", "--format", "json"];
            args.extend(flag);
            let done = folder.run(&args);
            assert_eq!((done.code, code(&done.document())), (74, "E1001"));
        }
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let done = Done::of(folder.command(&["run", "lasso.sparse"]).stdout(full).output().unwrap());
        assert_eq!(done.code, 74);
        assert!(done.err.contains("standard output"), "{}", done.err);
    }
    assert_eq!(std::fs::read(folder.0.join("y.npy")).unwrap(), b"old");
    assert_eq!(folder.files(), ["folder.npy", "lasso.sparse", "y.npy"]);
    assert_eq!(folder.run(&["run", "lasso.sparse", "--out", "y=y.npy"]).code, 0);
    assert_eq!(folder.read("y.npy").shape, [4]);
}

// Fault 138.
#[test]
#[cfg(target_os = "linux")]
fn help_to_a_full_device() {
    let folder = Folder::new("138h");
    for args in [&["--help"][..], &["run", "--help"], &["--version"], &["completions", "bash"], &["explain", "E0301"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let done = Done::of(folder.command(args).stdout(full).output().unwrap());
        assert_eq!(done.code, 74, "{args:?}");
        assert!(done.err.contains("standard output"), "{args:?}: {}", done.err);
    }
}

/// Runs where no file may grow beyond so many blocks.
#[cfg(target_os = "linux")]
fn run_with_short_files(folder: &Folder, blocks: u32, args: &[&str]) -> Done {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -f {blocks} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_sparsec")]);
    command.args(args).current_dir(&folder.0).stdin(Stdio::null());
    Done::of(command.output().unwrap())
}

// Fault 138.
#[test]
#[cfg(target_os = "linux")]
fn a_write_that_fails_halfway() {
    let folder = Folder::new("138u");
    let rows = 4000;
    folder.array("X.npy", &[rows, 3], &numbers(3 * rows, 7));
    for name in ["y.npy", "y.csv", "y.npz", "t.csv"] {
        folder.write(name, b"old");
    }
    let long = format!("{LASSO}{}", "// a line that makes the file longer than the limit\n".repeat(2000));
    let ugly = long.replace("dim m = 3, n = 4", "dim m=3,n=4");
    folder.write("ugly.sparse", ugly.as_bytes());
    let before = folder.files();
    let trace = ["run", "lasso.sparse", "--algorithm", "ista", "--tol", "0", "--trace", "t.csv"];
    for (blocks, args, name) in [
        (16, &["run", "lasso.sparse", "--batch", "x=X.npy", "--out", "y=y.npy"][..], "y.npy"),
        (16, &["run", "lasso.sparse", "--batch", "x=X.npy", "--out", "y=y.csv"], "y.csv"),
        (16, &["run", "lasso.sparse", "--batch", "x=X.npy", "--out", "y=y.npz"], "y.npz"),
        (0, &["run", "lasso.sparse", "--out", "y=y.npy"], "y.npy"),
        (0, &trace, "t.csv"),
        (16, &["fmt", "ugly.sparse"], "ugly.sparse"),
        (0, &["new", "fresh"], "fresh.sparse"),
    ] {
        let done = run_with_short_files(&folder, blocks, args);
        assert_eq!(done.code, 74, "{args:?}: {}", done.err);
        assert!(done.err.contains("E1001") && done.err.contains(name), "{args:?}: {}", done.err);
        assert_eq!(folder.files(), before, "{args:?} left something");
    }
    for name in ["y.npy", "y.csv", "y.npz", "t.csv"] {
        assert_eq!(std::fs::read(folder.0.join(name)).unwrap(), b"old", "{name}");
    }
    assert_eq!(std::fs::read_to_string(folder.0.join("ugly.sparse")).unwrap(), ugly);
    let done = run_with_short_files(&folder, 0, &["run", "lasso.sparse", "--out", "y=y.npy", "--format", "json"]);
    assert_eq!((done.code, code(&done.document())), (74, "E1001"));
}

// Fault 138.
#[test]
#[cfg(unix)]
fn a_folder_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("138r");
    let closed = folder.0.join("closed");
    std::fs::create_dir_all(&closed).unwrap();
    std::fs::write(closed.join("y.npy"), b"old").unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o555)).unwrap();
    // Root may write everywhere, and then there is nothing to see.
    let may = std::fs::write(closed.join("probe"), b"").is_ok();
    if !may {
        for out in ["y=closed/y.npy", "y=closed/new.npy"] {
            let done = folder.run(&["run", "lasso.sparse", "--out", out]);
            assert_eq!(done.code, 74, "{}", done.err);
            assert!(done.err.contains("E1001") && done.err.contains("closed/"), "{}", done.err);
        }
        assert_eq!(std::fs::read(closed.join("y.npy")).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(&closed).unwrap().count(), 1);
    }
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
    // A file that may not be written is not replaced either.
    let file = folder.write("kept.npy", b"old");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    let done = folder.run(&["run", "lasso.sparse", "--out", "y=kept.npy"]);
    assert_eq!(done.code, 74, "{}", done.err);
    assert_eq!(std::fs::read(&file).unwrap(), b"old");
}

// Fault 139.
#[test]
fn a_killed_run_leaves_the_old_file_or_the_new() {
    let folder = Folder::new("139");
    let rows = 2000;
    folder.array("X.npy", &[rows, 3], &numbers(3 * rows, 7));
    let args = ["run", "lasso.sparse", "--batch", "x=X.npy", "--out", "y=y.npy"];
    let began = Instant::now();
    assert_eq!(folder.run(&args).code, 0);
    let whole = began.elapsed();
    let new = std::fs::read(folder.0.join("y.npy")).unwrap();
    let (mut kept, mut replaced) = (0, 0);
    for round in 0..40u32 {
        folder.write("y.npy", b"old");
        let mut child = folder.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // From at once to a little after its end.
        std::thread::sleep(whole * round / 32);
        child.kill().unwrap();
        child.wait().unwrap();
        let found = std::fs::read(folder.0.join("y.npy")).unwrap();
        assert!(found == b"old" || found == new, "round {round}: a mixture of {} bytes", found.len());
        *if found == new { &mut replaced } else { &mut kept } += 1;
    }
    assert!(kept > 0, "{kept} and {replaced}");
    // What killed runs left behind is in nobody's way.
    assert_eq!(folder.run(&args).code, 0);
    assert_eq!(std::fs::read(folder.0.join("y.npy")).unwrap(), new);
}

// Fault 140.
#[test]
fn runs_that_write_one_file_never_mix_their_answers() {
    let folder = Folder::new("140");
    let rows = 500;
    folder.array("X.npy", &[rows, 3], &numbers(3 * rows, 7));
    let lambdas = ["lambda=0.1", "lambda=0.5", "lambda=2"];
    let args = |lambda| ["run", "lasso.sparse", "--batch", "x=X.npy", "--out", "y=y.npy", "--set", lambda];
    let answers = lambdas.map(|lambda| {
        assert_eq!(folder.run(&args(lambda)).code, 0);
        std::fs::read(folder.0.join("y.npy")).unwrap()
    });
    let before = folder.files();
    for _ in 0..5 {
        let children = lambdas
            .map(|lambda| folder.command(&args(lambda)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        assert!(answers.contains(&std::fs::read(folder.0.join("y.npy")).unwrap()), "a mixture");
        assert_eq!(folder.files(), before);
    }
}

// Fault 112.
#[test]
fn a_problem_too_large_for_native_code_runs_interpreted() {
    // More than native code is made of.
    let folder = Folder::new("112");
    let terms: Vec<String> =
        (0..140).map(|i| format!("huber({}*y[0] - {i}, {})", i + 1, 1.0 + f64::from(i) / 7.0)).collect();
    folder.write("large.sparse", format!("var y: vector[4]\nminimize ||y||^2 + {}\n", terms.join(" + ")).as_bytes());
    let (exit, document) = folder.json(&["run", "large.sparse", "--backend", "jit"]);
    assert_eq!((exit, code(&document)), (3, "E0701"), "{document}");
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.contains("too large") && message.contains("at most"), "{message}");
    let (exit, auto) = folder.json(&["run", "large.sparse"]);
    assert_eq!((exit, auto["backend"].as_str()), (0, Some("interpreter")), "{auto}");
    let warning = auto["warnings"].as_array().unwrap().iter().find(|w| w["code"] == "W0301");
    assert!(warning.is_some_and(|w| w["message"].as_str().unwrap().contains("too large")), "{auto}");
    let (_, interpreter) = folder.json(&["run", "large.sparse", "--backend", "interpreter"]);
    assert_eq!((&auto["solution"], &auto["objective"]), (&interpreter["solution"], &interpreter["objective"]));
    assert!(!interpreter["warnings"].to_string().contains("W0301"), "{interpreter}");
}

#[test]
fn outputs_have_the_shape_of_their_unknown() {
    let folder = Folder::new("outputs");
    let (_, document) = folder.json(&[
        "run",
        "lasso.sparse",
        "--out",
        "y=y.npy",
        "--out",
        "y=y.csv",
        "--out",
        "y=y.npz",
        "--trace",
        "t.csv",
    ]);
    let wanted: Vec<f64> = document["solution"]["y"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    assert_eq!(folder.read("y.npy").data, wanted);
    for name in ["y.csv", "y.npz"] {
        let bytes = std::fs::read(folder.0.join(name)).unwrap();
        assert_eq!(sparsec::data::read(&bytes, Some(&name[2..]), None).unwrap().data, wanted, "{name}");
    }
    let trace = std::fs::read_to_string(folder.0.join("t.csv")).unwrap();
    assert!(trace.starts_with("iteration,objective,lowest,measure,seconds\n0,"), "{trace}");
    assert_eq!(folder.run(&["run", "lasso.sparse", "--out", "z=z.npy"]).code, 2);
    assert_eq!(folder.run(&["run", "lasso.sparse", "--out", "y=y.pdf"]).code, 2);
}

// Fault 152.
#[test]
fn a_bad_row_of_a_batch_fails_alone() {
    let folder = Folder::new("152");
    let mut rows = numbers(15, 9);
    rows[7] = f64::NAN;
    folder.array("X.npy", &[5, 3], &rows);
    let (exit, document) = folder.json(&["run", "lasso.sparse", "--batch", "x=X.npy", "--out", "y=y.npy"]);
    assert_eq!(exit, 4, "{document}");
    let results = document["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    for (row, result) in results.iter().enumerate() {
        if row == 2 {
            assert_eq!(result["error"]["code"], "E0503", "{result}");
        } else {
            assert_eq!(result["status"], "optimal", "{result}");
            let row_text = format!("x={:?}", &rows[3 * row..3 * row + 3]);
            let (_, alone) = folder.json(&["run", "lasso.sparse", "--set", &row_text]);
            assert_eq!(alone["solution"], result["solution"], "row {row}");
        }
    }
    let y = folder.read("y.npy");
    assert_eq!(y.shape, [5, 4]);
    assert!(y.data[8..12].iter().all(|v| v.is_nan()) && y.data[..8].iter().all(|v| v.is_finite()));
    let done = folder.run(&["run", "lasso.sparse", "--batch", "x=X.npy"]);
    assert_eq!(done.code, 4);
    assert!(done.out.contains("4 optimal, 1 failed"), "{}", done.out);
    // One row that is solved, one without a point, one without a number.
    folder.write(
        "box.sparse",
        b"param l: vector[2] = [0, 0]\nparam u: vector[2] = [1, 1]\nvar y: vector[2]\nminimize ||y - [3, 3]||^2\nsubject to y in box(l, u)\n",
    );
    let (exit, document) = folder.json(&["run", "box.sparse", "--batch", "l=[[0,0],[2,0],[nan,0.5]]"]);
    assert_eq!(exit, 6, "{document}");
    let results = document["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    assert_eq!(
        (&results[0]["status"], &results[0]["solution"]["y"]),
        (&"optimal".into(), &serde_json::json!([1.0, 1.0]))
    );
    assert_eq!((&results[1]["status"], &results[1]["certificate"]), (&"infeasible".into(), &"ray".into()));
    let error = &results[2]["error"];
    assert_eq!(error["code"], "E0503");
    assert!(error["message"].as_str().unwrap().contains("`l`: entry [0] is NaN"), "{error}");
    let done = folder.run(&["run", "box.sparse", "--batch", "l=[[0,0],[2,0],[nan,0.5]]"]);
    assert_eq!(done.code, 6);
    assert!(done.out.contains("1 optimal, 1 infeasible, 1 failed"), "{}", done.out);
}

// Fault 153.
#[test]
fn a_batch_may_have_any_number_of_rows_and_threads() {
    let folder = Folder::new("153");
    folder.array("none.npy", &[0, 3], &[]);
    let (exit, document) = folder.json(&["run", "lasso.sparse", "--batch", "x=none.npy", "--out", "y=y.npy"]);
    assert_eq!((exit, document["results"].as_array().map(Vec::len)), (0, Some(0)), "{document}");
    assert_eq!(folder.read("y.npy").shape, [0, 4]);
    folder.array("wide.npy", &[5, 4], &numbers(20, 1));
    let (exit, document) = folder.json(&["run", "lasso.sparse", "--batch", "x=wide.npy"]);
    assert_eq!((exit, code(&document)), (4, "E0502"), "{document}");
    folder.array("X.npy", &[150, 3], &numbers(450, 4));
    let results = |threads: &str| {
        let (exit, mut document) = folder.json(&["run", "lasso.sparse", "--batch", "x=X.npy", "--threads", threads]);
        assert_eq!(exit, 0);
        for result in document["results"].as_array_mut().unwrap() {
            result["time"] = Value::Null;
        }
        document["results"].clone()
    };
    assert_eq!(results("1"), results("8"));
    // A param that is a number takes a list of numbers.
    let (exit, document) = folder.json(&["run", "lasso.sparse", "--batch", "lambda=[0.1, 0.2]"]);
    assert_eq!((exit, document["results"].as_array().map(Vec::len)), (0, Some(2)), "{document}");
    let (exit, document) = folder.json(&["run", "lasso.sparse", "--batch", "D=X.npy"]);
    assert_eq!((exit, document["error"]["message"].as_str()), (2, Some("`D` is a const; --batch varies params")));
    let both = ["run", "lasso.sparse", "--batch", "x=X.npy", "--batch", "lambda=[0.1, 0.2]"];
    assert_eq!(folder.json(&both).0, 4);
}

// Fault 100.
#[test]
fn runs_and_stages_print_the_same_every_time() {
    let folder = Folder::new("100");
    let strip = |(_, mut document): (i32, Value)| {
        document["time"] = Value::Null;
        document.to_string()
    };
    let first = strip(folder.json(&["run", "lasso.sparse"]));
    for _ in 0..3 {
        assert_eq!(strip(folder.json(&["run", "lasso.sparse"])), first);
    }
    for stage in ["ast", "model", "composite", "derivation", "program", "rust", "clif", "asm"] {
        let print = || folder.run(&["emit", stage, "lasso.sparse"]);
        let (one, two) = (print(), print());
        assert_eq!(one.code, 0, "{stage}: {}", one.err);
        assert!(one.out.len() > 50 && one.out == two.out, "{stage}");
        assert!(!one.out.contains(&folder.0.display().to_string()), "{stage} shows a path");
    }
}

#[test]
fn both_backends_agree() {
    let folder = Folder::new("backends");
    let (_, jit) = folder.json(&["run", "lasso.sparse", "--backend", "jit"]);
    let (_, interpreter) = folder.json(&["run", "lasso.sparse", "--backend", "interpreter"]);
    assert_eq!((jit["backend"].as_str(), interpreter["backend"].as_str()), (Some("jit"), Some("interpreter")));
    assert_eq!(jit["solution"], interpreter["solution"]);
    assert_eq!(jit["objective"], interpreter["objective"]);
}

// Fault 88.
#[test]
fn and_089() {
    let folder = Folder::new("088");
    let (exit, document) = folder.json(&["run", "lasso.sparse", "--precision", "f32"]);
    assert_eq!(exit, 0, "{document}");
    assert!(document["gap"].as_f64().unwrap() <= 1e-5);
    let (_, document) = folder.json(&["run", "lasso.sparse", "--precision", "f32", "--tol", "1e-14"]);
    let warnings = document["warnings"].to_string();
    assert!(warnings.contains("W0303"), "{document}");
    if document["status"] == "optimal" {
        assert!(document["gap"].as_f64().unwrap() <= 1e-14);
    } else {
        assert_eq!(document["status"], "iteration_limit");
    }
}

// Fault 137.
#[test]
fn pipes_get_colours_only_on_request_and_json_never() {
    let folder = Folder::new("137");
    folder.write("wrong.sparse", b"var y: vector[3\nminimize ||y||^2\n");
    let done = folder.run(&["run", "wrong.sparse"]);
    assert!(!done.err.contains('\u{1b}') && done.err.contains("wrong.sparse:"), "{}", done.err);
    let done = folder.run(&["run", "wrong.sparse", "--color", "always"]);
    assert!(done.err.contains('\u{1b}'));
    let done = folder.run(&["run", "wrong.sparse", "--format", "json", "--color", "always"]);
    assert!(!done.out.contains('\u{1b}'));
}

// Fault 143.
#[test]
fn faulty_arguments_are_usage_errors_and_asking_for_help_succeeds() {
    let folder = Folder::new("143");
    let done = folder.run(&["run", "lasso.sparse", "--max-itr", "3"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("--max-iter"), "{}", done.err);
    for args in [
        &["run", "lasso.sparse", "--tol", "1e-3", "--tol", "1e-4"][..],
        &["run", "lasso.sparse", "--tol"],
        &["rnu"],
        &[],
    ] {
        assert_eq!(folder.run(args).code, 2, "{args:?}");
    }
    for args in [&["--help"][..], &["--version"], &["run", "--help"], &["help"], &["help", "emit"]] {
        let done = folder.run(args);
        assert_eq!(done.code, 0, "{args:?}");
        assert!(!done.out.is_empty());
    }
}

// Fault 145.
#[test]
fn explain_knows_codes_names_and_problem_files() {
    let folder = Folder::new("145");
    for what in ["E0301", "e0301", "301"] {
        let done = folder.run(&["explain", what]);
        assert_eq!(done.code, 0);
        assert!(done.out.starts_with("E0301: "), "{}", done.out);
    }
    let done = folder.run(&["explain", "E9999"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("E9901"), "{}", done.err);
    let done = folder.run(&["explain", "norm1"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.contains("norm"), "{}", done.out);
    let done = folder.run(&["explain", "simplx"]);
    assert!(done.code == 2 && done.err.contains("`simplex`"), "{}", done.err);
    for what in ["npz", "fista", "ball1", "huber"] {
        assert_eq!(folder.run(&["explain", what]).code, 0, "{what}");
    }
    let done = folder.run(&["explain", "lasso.sparse"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(!done.out.is_empty());
}

#[test]
fn check_is_silent_when_all_is_well() {
    let folder = Folder::new("check");
    let done = folder.run(&["check", "lasso.sparse"]);
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, "", ""));
    // Sizes that only data has are no mistake.
    folder.write(
        "open.sparse",
        b"dim m, n\nconst D: matrix[m, n]\nparam x: vector[m]\nvar y: vector[n]\nminimize ||x - D*y||^2 + ||y||_1\n",
    );
    let done = folder.run(&["check", "open.sparse"]);
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, "", ""));
    folder.write(
        "mixed.sparse",
        b"dim m, n\nconst D: matrix[m, n]\nparam x: vector[m]\nvar y: vector[n]\nminimize -||x - D*y||^2\n",
    );
    let done = folder.run(&["check", "mixed.sparse"]);
    assert_eq!(done.code, 3);
    assert!(done.err.contains("E0401") && done.err.contains("mixed.sparse:5"), "{}", done.err);
    // A mistake in the text comes before data that is missing.
    assert_eq!(folder.run(&["run", "mixed.sparse"]).code, 3);
}

#[test]
fn new_problems_run() {
    let folder = Folder::new("new");
    let done = folder.run(&["new", "start"]);
    assert_eq!((done.code, done.out.as_str()), (0, "start.sparse\n"));
    assert_eq!(folder.run(&["check", "start.sparse"]).code, 0);
    assert_eq!(folder.run(&["run", "start.sparse"]).code, 0);
    assert_eq!(folder.run(&["fmt", "--check", "start.sparse"]).code, 0);
    assert_eq!(folder.run(&["new", "start"]).code, 74);
    assert_eq!(folder.run(&["new", "../x"]).code, 2);
}

// Fault 28.
#[test]
fn formatting() {
    let folder = Folder::new("028");
    let file = folder.write("ugly.sparse", b"var y:vector[3]   // three\nminimize ||y||^2+2*||y||_1\n");
    assert_eq!(folder.run(&["fmt", "--check", "ugly.sparse"]).code, 1);
    let text = || std::fs::read_to_string(&file).unwrap();
    assert_eq!(folder.run(&["fmt", "ugly.sparse"]).code, 0);
    let once = text();
    assert!(once.contains("// three"), "{once}");
    assert_eq!(folder.run(&["fmt", "ugly.sparse"]).code, 0);
    assert_eq!(text(), once);
    assert_eq!(folder.run(&["fmt", "--check", "ugly.sparse"]).code, 0);
    assert_eq!(folder.run(&["fmt", "--unicode", "ugly.sparse"]).code, 0);
    assert!(text().contains('‖'));
    let tree = |name: &str| folder.run(&["emit", "ast", name]).out;
    let unicode = tree("ugly.sparse");
    assert_eq!(folder.run(&["fmt", "--ascii", "ugly.sparse"]).code, 0);
    assert_eq!(text(), once);
    assert_eq!(tree("ugly.sparse"), unicode);
    folder.write("wrong.sparse", b"var y: vector[3\nminimize ||y||^2\n");
    assert_eq!(folder.run(&["fmt", "wrong.sparse", "ugly.sparse"]).code, 3);
    assert_eq!(folder.run(&["fmt", "--ascii", "--unicode", "ugly.sparse"]).code, 2);
}

#[test]
fn a_start_at_the_optimum_is_noticed() {
    let folder = Folder::new("start");
    let (_, first) = folder.json(&["run", "lasso.sparse", "--algorithm", "ista", "--out", "y=y.npy"]);
    let (exit, again) = folder.json(&["run", "lasso.sparse", "--algorithm", "ista", "--start", "y=y.npy"]);
    assert_eq!((exit, again["status"].as_str()), (0, Some("optimal")), "{again}");
    assert!(again["iterations"].as_u64().unwrap() <= first["iterations"].as_u64().unwrap() / 2, "{again}");
    assert_eq!(folder.json(&["run", "lasso.sparse", "--start", "z=1"]).0, 2);
    assert_eq!(folder.json(&["run", "lasso.sparse", "--start", "y=[1, 2]"]).0, 4);
}

#[test]
fn a_point_is_evaluated() {
    let folder = Folder::new("eval");
    let (exit, document) = folder.json(&["eval", "lasso.sparse", "--at", "y=[0, 0, 0, 1]"]);
    assert_eq!(exit, 0, "{document}");
    assert!((document["objective"].as_f64().unwrap() - 9.1).abs() < 1e-12, "{document}");
    let terms = document["terms"].as_array().unwrap();
    assert_eq!(terms.len(), 2, "{document}");
    assert!(document["gap"].as_f64().unwrap() > 0.1);
    let (exit, solved) = folder.json(&["run", "lasso.sparse", "--out", "y=y.npy"]);
    assert_eq!(exit, 0);
    let (_, document) = folder.json(&["eval", "lasso.sparse", "--at", "y=y.npy"]);
    assert_eq!(document["objective"], solved["objective"]);
    assert_eq!(document["gap"], solved["gap"]);
    assert_eq!(folder.json(&["eval", "lasso.sparse", "--at", "z=1"]).0, 2);
}

#[test]
fn completions_are_scripts() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let done = folder.run(&["completions", shell]);
        assert_eq!(done.code, 0);
        assert!(done.out.contains("sparsec"), "{shell}");
    }
}

#[test]
fn names_are_as_declared() {
    let folder = Folder::new("names");
    folder.write("greek.sparse", "param ν: vector[2] = [1, 2]\nvar β₁: vector[2]\nminimize ‖β₁ − ν‖²\n".as_bytes());
    let (exit, document) = folder.json(&["run", "greek.sparse", "--set", "nu=[3, 4]", "--out", "beta1=b.npy"]);
    assert_eq!(exit, 0, "{document}");
    assert_eq!(document["problem"], "greek");
    assert!(document["solution"]["β₁"].is_array(), "{document}");
    assert!(Path::new(&folder.0.join("b.npy")).exists());
}

#[test]
fn data_that_cannot_be_read_is_the_only_error() {
    let folder = Folder::new("unread");
    folder.write(
        "open.sparse",
        b"dim m, n\nconst X: matrix[m, n]\nparam y: vector[m]\nvar b: vector[n]\nminimize ||X*b - y||^2\n",
    );
    folder.array("y.npy", &[5], &numbers(5, 1));
    folder.array("X.npy", &[5, 3], &numbers(15, 1));
    folder.array("T.npy", &[3, 5], &numbers(15, 1));
    let npz = sparsec::data::formats::npz::write(&[("k", &Array::vector(vec![1.0; 5])), ("l", &Array::scalar(1.0))]);
    folder.write("a.npz", &npz.unwrap());
    for (x, code_wanted) in [("missing.npy", "E0505"), (".", "E0505"), ("a.npz", "E0506"), ("a.npz:no", "E0506")] {
        let set = format!("X={x}");
        let out = format!("--set={set}");
        for command in [
            &["run", "open.sparse", "--set", "y=y.npy", &out, "--format", "json"][..],
            &["check", "open.sparse", "--set", "y=y.npy", &out, "--format", "json"],
            &["explain", "open.sparse", "--set", "y=y.npy", &out, "--format", "json"],
            &["eval", "open.sparse", "--set", "y=y.npy", &out, "--at", "b=[1]", "--format", "json"],
        ] {
            let document = folder.run(command).document();
            assert_eq!(code(&document), code_wanted, "{command:?}: {document}");
            assert!(document.get("errors").is_none(), "{command:?}: {document}");
        }
        let done = folder.run(&["emit", "model", "open.sparse", "--set", "y=y.npy", &out]);
        assert!(done.code == 4 && done.err.matches("error[").count() == 1, "{}", done.err);
    }
    // Data that is missing, where the rest gives some of the sizes.
    let (exit, document) = folder.json(&["run", "open.sparse", "--set", "X=X.npy"]);
    assert_eq!((exit, code(&document)), (4, "E0501"), "{document}");
    let (exit, document) = folder.json(&["check", "open.sparse", "--set", "y=y.npy"]);
    assert_eq!((exit, document.get("error")), (0, None), "{document}");
    let (_, document) = folder.json(&["run", "open.sparse", "--set", "X=T.npy", "--set", "y=y.npy"]);
    assert_eq!(document["error"]["help"], "is `X` transposed? The transpose of the file T.npy would fit", "{document}");
}

#[test]
fn sizes_that_are_not_known_have_names_in_messages() {
    let folder = Folder::new("stand-ins");
    folder.write(
        "a.sparse",
        b"dim m\nconst X: matrix[m, 3]\nvar b: vector[3]\nminimize ||X*b - [1, 2]||^2 + ||b - [1]||\n",
    );
    let (exit, document) = folder.json(&["check", "a.sparse"]);
    assert_eq!((exit, code(&document)), (3, "E0301"));
    assert_eq!(document["error"]["message"], "cannot subtract a vector of length 2 from a vector of length m");
    assert_eq!(document["errors"][0]["message"], "cannot subtract a vector of length 1 from a vector of length 3");
    // What is computed from sizes is not shown.
    folder.write("b.sparse", b"dim n\nparam y: vector[n]\nvar b: vector[n]\nminimize ||conv([1, 2], b) + y||^2\n");
    let done = folder.run(&["check", "b.sparse"]);
    assert_eq!(done.code, 3);
    assert!(done.err.contains("whatever size the dims have"), "{}", done.err);
    assert!(!done.err.contains("100") && !done.err.contains("101"), "{}", done.err);
}

#[test]
fn a_solve_that_is_not_finite_says_why() {
    let folder = Folder::new("overflow");
    let text = LASSO.trim_end().trim_end_matches('}').to_owned() + "    solve with ista(step = 100)\n}\n";
    folder.write("step.sparse", text.as_bytes());
    let (exit, document) = folder.json(&["run", "step.sparse"]);
    assert_eq!((exit, document["status"].as_str()), (7, Some("numerical_error")), "{document}");
    let warning = &document["warnings"][0];
    assert_eq!(warning["code"], "W0601", "{document}");
    assert!(warning["message"].as_str().unwrap().contains("the step 100 is too large"), "{document}");
    let help = warning["help"].as_str().unwrap();
    assert!(help.contains("L = 2") && help.contains("backtracking"), "{document}");
    assert_eq!(warning["labels"][0]["line"], 8, "{document}");
    let done = folder.run(&["run", "lasso.sparse", "--set", "x=[1e300, 1e300, -1e300]"]);
    assert_eq!(done.code, 7);
    assert!(done.err.contains("warning[W0601]") && done.err.contains("scale the data"), "{}", done.err);
}

#[test]
fn an_algorithm_takes_its_options_on_the_command_line() {
    let folder = Folder::new("algorithm");
    let with = |algorithm: &str| folder.json(&["run", "lasso.sparse", "--algorithm", algorithm]);
    let (exit, document) = with("homotopy(layers = 30)");
    assert_eq!((exit, document["algorithm"].as_str()), (0, Some("homotopy")), "{document}");
    let (exit, document) = with("unrolled(layers = 3, tol = 1e-3)");
    assert_eq!((exit, document["iterations"].as_u64()), (0, Some(3)), "{document}");
    let (exit, document) = with("homotopy");
    assert_eq!((exit, code(&document)), (3, "E0404"));
    assert!(document["error"]["help"].as_str().unwrap().contains("solve with homotopy(layers = 30)"), "{document}");
    for wrong in
        ["ista(step = -1)", "ista(stp = 1)", "ista(", "fist", "ista minimize 3", "", "ista(step = 1, step = 2)"]
    {
        let (exit, document) = with(wrong);
        assert_eq!((exit, code(&document)), (2, "E0901"), "{wrong}: {document}");
        assert_eq!(document["error"]["labels"].as_array().map(Vec::len), Some(0), "{document}");
    }
    let done = folder.run(&["explain", "lasso.sparse", "--algorithm", "homotopy(layers = 7)"]);
    assert!(done.code == 0 && done.out.contains("after layer 7"), "{}", done.out);
}

#[test]
fn names_that_are_no_unknowns_and_files_that_are_taken() {
    let folder = Folder::new("points");
    let (exit, document) = folder.json(&["eval", "lasso.sparse", "--at", "x=3"]);
    assert_eq!((exit, document["error"]["help"].as_str()), (2, Some("`x` is a param: give its value with --set")));
    assert_eq!(document["error"]["message"], "--at x=…: the problem has no unknown `x`");
    let (exit, document) = folder.json(&["run", "lasso.sparse", "--start", "y=3"]);
    assert_eq!(exit, 4);
    assert_eq!(document["error"]["message"], "the point for `y` is a scalar, but `y` is a vector[4]");
    let (exit, document) = folder.json(&["run", "lasso.sparse", "--out", "y=a.npz", "--out", "y=a.npz"]);
    assert_eq!(exit, 2);
    assert!(document["error"]["help"].as_str().unwrap().contains("a file of its own"), "{document}");
}

#[test]
fn a_problem_without_a_solution_has_no_point() {
    let folder = Folder::new("none");
    folder.write("none.sparse", b"var y: vector[3]\nminimize ||y||^2\nsubject to sum(y) == 5, y <= 1\n");
    folder.write(
        "empty.sparse",
        b"var y: vector[3], z: scalar\nminimize ||y||^2 + z^2\nsubject to y in box(2, 1), z >= 0\n",
    );
    folder.write("down.sparse", b"var y: vector[3]\nminimize sum(y)\n");
    for (file, status, because) in [
        ("none.sparse", "infeasible", "sum(y) = 5 and y ≤ 1 have no common point"),
        ("empty.sparse", "infeasible", "nothing satisfies `y in box(2, 1)`"),
        ("down.sparse", "unbounded", "a direction along which the objective falls without bound"),
    ] {
        let done = folder.run(&["run", file]);
        assert_eq!(done.code, 6);
        assert!(done.out.contains(status) && done.out.contains("ray") && done.out.contains(because), "{}", done.out);
        assert!(!done.out.contains("gap") && !done.out.contains("objective  ") && !done.out.contains("vector["));
        let (_, document) = folder.json(&["run", file]);
        assert!(document["objective"].is_null() && document["gap"].is_null(), "{document}");
        assert_eq!(document["certificate"], "ray");
    }
    let before = folder.files();
    assert_eq!(folder.run(&["run", "none.sparse", "--out", "y=y.npy"]).code, 6);
    assert_eq!(folder.files(), before);
}

/// A problem that is larger than the memory that the process may have.
#[test]
#[cfg(target_os = "linux")]
fn memory_that_is_not_to_be_had_is_an_error() {
    let folder = Folder::new("memory");
    for objective in [
        "||x||^2",
        "||x - 1||^2 + norm1(x)",
        "||x||^2 subject to 0 <= x <= 1, sum(x) == 1",
        "||x||^2 + sum(x) subject to x in simplex",
        "norm1(x) + ||diff(x)||^2",
        "sum(abs(x[0..1000000])) + ||[x; 1]||^2",
    ] {
        folder.write("big.sparse", format!("var x: vector[200000000]\nminimize {objective}\n").as_bytes());
        for command in ["run", "explain"] {
            let script = format!("ulimit -v 1000000 && exec '{}' {command} big.sparse", env!("CARGO_BIN_EXE_sparsec"));
            let mut shell = Command::new("sh");
            let done = Done::of(shell.args(["-c", &script]).current_dir(&folder.0).output().unwrap());
            assert_eq!(done.code, 3, "{objective}: {}", done.err);
            assert!(done.err.contains("E0304") && done.err.contains("200000000 entries"), "{objective}: {}", done.err);
        }
    }
}

#[test]
fn a_derivation_lists_what_is_declared_and_takes_other_letters() {
    let folder = Folder::new("letters");
    folder.write(
        "reg.sparse",
        "const A: matrix[5, 3]\nparam y: vector[5] = load(\"y.npy\")\nparam λ: scalar >= 0 = 0.1\n\
         param u: scalar in [0, 5] = 5, w: vector[3] = [1, 2, 3]\nvar b: vector[3], v: scalar\n\
         minimize 3 ‖A b + v − 2 y‖² + λ ‖w .* b‖₁ + 3 ‖b − 2 ones(3)‖²\nsubject to b <= u, v >= 0\n"
            .as_bytes(),
    );
    folder.array("y.npy", &[5], &numbers(5, 1));
    let done = folder.run(&["explain", "reg.sparse"]);
    assert_eq!(done.code, 0, "{}", done.err);
    for line in [
        "param y: vector[5] = load(\"y.npy\")",
        "param λ: scalar ≥ 0 = 0.1",
        "param u: scalar in [0, 5] = 5",
        "param w: vector[3] = [1, 2, 3]",
        "3 ‖b − 2‖²",
        "L = 6 · (‖A‖² + 5) + 6",
        "= A b + v − 2 y",
    ] {
        assert!(done.out.contains(line), "{line}\n{}", done.out);
    }
    for clash in ["A v", "A b + b", "y ← prox(", "G*(u)", "prox(w", "∞·", "2·1", "\u{E000}", "\u{E001}"] {
        assert!(!done.out.contains(clash), "{clash}\n{}", done.out);
    }
    // Of a single unknown y the iterate is y.
    let done = folder.run(&["explain", "lasso.sparse"]);
    assert!(done.out.contains("y ← prox(") && done.out.contains("t = A v + b = x − D y"), "{}", done.out);
}
