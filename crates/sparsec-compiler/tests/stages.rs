//! All stages, from odd texts: deep ones, broken ones, and forms that are not solvable yet.

use sparsec_compiler::{Options, Stages, compile};
use sparsec_syntax::diagnostic::{Class, Diagnostic};
use sparsec_syntax::format::{Style, format};
use std::fmt::Write;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

fn stages(text: &str) -> Result<Stages, Vec<Diagnostic>> {
    compile(&sparsec_syntax::parse(text)?, "p", &Options::default())
}

/// All that is printed of a problem.
fn printed(stages: &Stages) -> String {
    let mut text = String::new();
    let (solver, check) = (stages.spec.program.program(), stages.spec.check.program());
    let parts: [&dyn std::fmt::Display; 6] =
        [&stages.model, &stages.composite, &stages.derivation, &stages.spec.derivation, solver, check];
    parts.iter().for_each(|part| writeln!(text, "{part}").expect("a string"));
    stages.spec.report.terms.iter().for_each(|(term, _)| text.push_str(term));
    text
}

/// Runs on a stack of 512 KiB.
fn on_small_stack<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(512 << 10).spawn(f).expect("a thread").join().expect("no panic")
}

// Fault 3.
#[test]
fn depth_128_passes_all_stages() {
    // The brackets around y, and those that are there without it.
    for (open, close, outside) in [
        ("(", ")", 1),
        ("-(", ")", 1),
        ("2*(", ")", 1),
        ("(y + ", ")", 1),
        ("sum_squares(", ")", 0),
        ("norm1(", ")", 0),
    ] {
        for depth in [64, 127, 128] {
            // Nested norms soon have no rule; what matters is that nothing overflows.
            let nested = format!("{}y{}", open.repeat(depth - outside), close.repeat(depth - outside));
            let objective = if outside == 1 { format!("sum_squares({nested})") } else { nested };
            let text = format!("var y: vector[3]\nminimize {objective}");
            on_small_stack(move || {
                for style in [Style::Keep, Style::Ascii, Style::Unicode] {
                    let formatted = format(&text, style).expect("formatted");
                    assert_eq!(format(&formatted, style).expect("formatted"), formatted);
                }
                match stages(&text) {
                    Ok(stages) => assert!(printed(&stages).len() > 100 && format!("{stages:?}").len() > 100),
                    Err(errors) => {
                        assert!(errors.iter().all(|e| e.code.class != Class::Bug), "{errors:#?}");
                        assert!(outside == 0, "{open} {depth}: {errors:#?}");
                        errors.iter().for_each(|e| {
                            assert!(!sparsec_syntax::render::text(e, &text, "p.sparse", true).is_empty());
                        });
                    }
                }
            });
        }
    }
}

/// Definitions that nest as deep as is allowed, which their text alone does not show.
fn chain(length: usize) -> String {
    let mut text = String::from("var y: vector[3]\nlet r0 = y\n");
    for i in 1..length {
        writeln!(text, "let r{i} = 2*r{} - y", i - 1).expect("a string");
    }
    writeln!(text, "minimize ||r{}||^2", length - 1).expect("a string");
    text
}

// Fault 3.
#[test]
fn depth_of_definitions() {
    // The stack that Rust gives a thread is enough for the deepest that is allowed, and for what is deeper still.
    for (length, fits) in [(300, true), (319, true), (321, false), (5000, false)] {
        let thread = std::thread::Builder::new().stack_size(2 << 20);
        let run = move || match stages(&chain(length)) {
            Ok(stages) => assert!(fits && printed(&stages).len() > 100, "{length}"),
            Err(errors) => assert!(!fits && errors.iter().all(|e| e.code.code == "E0309"), "{length}: {errors:#?}"),
        };
        thread.spawn(run).expect("a thread").join().expect("no panic");
    }
    on_small_stack(|| assert!(stages(&chain(50)).is_ok()));
}

/// The texts of all examples.
fn examples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut texts: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("examples")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "sparse"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("text")))
        .collect();
    texts.sort();
    assert!(texts.len() >= 12);
    texts
}

// Fault 26.
#[test]
fn prefixes_and_deletions_of_the_examples() {
    // A hang is noticed by whoever waits, not by the thread that hangs.
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for (name, text) in examples() {
            let bounds: Vec<usize> = (0..=text.len()).filter(|i| text.is_char_boundary(*i)).collect();
            for pair in bounds.windows(2) {
                let prefix = &text[..pair[0]];
                let deleted = format!("{prefix}{}", &text[pair[1]..]);
                for (what, text) in [("prefix", prefix), ("deletion", &deleted)] {
                    let fine = match stages(text) {
                        Ok(_) => true,
                        Err(errors) => !errors.is_empty() && errors.iter().all(|e| e.code.class != Class::Bug),
                    };
                    if send.send((fine, format!("{name}: {what} at {}", pair[0]))).is_err() {
                        return;
                    }
                }
            }
            // Bytes, which may cut a character.
            for at in 0..text.len() {
                let mut bytes = text.clone().into_bytes();
                bytes.remove(at);
                let fine = match sparsec_syntax::parse_bytes(&bytes) {
                    Ok(_) => true,
                    Err(errors) => !errors.is_empty() && errors.iter().all(|e| e.code.class != Class::Bug),
                };
                if send.send((fine, format!("{name}: byte {at}"))).is_err() {
                    return;
                }
            }
        }
    });
    let mut last = String::from("nothing");
    let mut count = 0;
    loop {
        match receive.recv_timeout(Duration::from_secs(20)) {
            Ok((fine, what)) => {
                assert!(fine, "{what}");
                count += 1;
                last = what;
            }
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("a watchdog: stuck after {last}"),
        }
    }
    let chars: usize = examples().iter().map(|(_, text)| 2 * text.chars().count() + text.len()).sum();
    assert_eq!(count, chars, "a panic after {last}");
}

// Fault 36.
#[test]
fn convex_but_not_solvable_yet() {
    let only = |text: &str| {
        let errors = stages(text).err().unwrap_or_else(|| panic!("solvable: {text}"));
        assert_eq!(errors.len(), 1, "{text}: {errors:#?}");
        let error = errors.into_iter().next().expect("one");
        let shown = error.labels.iter().map(|l| text[l.span.start..l.span.end].to_owned()).collect::<Vec<_>>();
        (error.code.code, error.message, error.help.unwrap_or_default(), shown)
    };
    let (code, message, help, shown) = only("var y: vector[3]\nminimize ||y - [1, 2, 3]||_1 + norm2(y)");
    assert_eq!((code, shown[0].as_str()), ("E0402", "||y - [1, 2, 3]||_1"));
    assert!(message.contains("‖y − [1, 2, 3]‖₁") && message.contains("‖y‖"), "{message}");
    assert!(help.contains("explain E0402"), "{help}");
    let (code, message, help, shown) = only("const A: matrix[2, 3]\nvar y: vector[3]\nminimize ||A*y||_1 + ||y||^2");
    assert_eq!(code, "E0402");
    assert!(message.contains("A y") && !shown.is_empty(), "{message}");
    assert!(help.contains("unknowns themselves") && help.contains("w .* y"), "{help}");
    let (code, message, _, _) = only("var y: vector[3]\nminimize ||y - [1, 2, 3]||_1\nsubject to sum(y) == 1, y <= 0");
    assert_eq!(code, "E0402");
    assert!(message.contains("sum(y) = 1") && message.contains("y ≤ 0"), "{message}");
    // An algorithm that does not fit says which property is missing.
    for (method, missing) in [("projected_gradient", "only smooth terms and sets"), ("closed_form", "")] {
        let text = format!(
            "const D: matrix[2, 3]\nparam x: vector[2]\nvar y: vector[3]\nminimize ||x - D*y||^2 + ||y||_1\nsolve with {method}"
        );
        let (code, message, help, shown) = only(&text);
        assert_eq!(code, "E0404", "{message}");
        assert!(message.contains(method) && message.contains(missing) && !help.is_empty(), "{message} {help}");
        assert!(shown[0].contains(method), "{shown:?}");
    }
}
