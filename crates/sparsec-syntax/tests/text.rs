//! Faults of the text of a problem that must be survived, by their number.

use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::parse;

/// Runs on a stack of 512 KiB.
fn on_small_stack(body: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(512 * 1024).spawn(body).expect("a thread").join().expect("no overflow");
}

fn errors(text: &str) -> Vec<Diagnostic> {
    parse(text).expect_err("the text is wrong")
}

fn codes(text: &str) -> Vec<&'static str> {
    errors(text).iter().map(|error| error.code.code).collect()
}

fn objective(inner: &str) -> String {
    format!("var y: vector[3]\nminimize {inner}")
}

/// Every way to nest, as an opening and a closing text around an operand.
const FORMS: [(&str, &str); 9] = [
    ("(", ")"),
    ("norm1(", ")"),
    ("[", "]"),
    ("||(", ")||"),
    ("‖[1, ", "]‖₁"),
    ("y[", "]"),
    ("⟨y, ", "⟩"),
    ("-(2 y^2 + ", ")"),
    ("max(1, -x*", ")'"),
];

fn nested(form: (&str, &str), depth: usize) -> String {
    objective(&format!("{}y{}", form.0.repeat(depth), form.1.repeat(depth)))
}

#[test]
fn fault_001_ten_thousand_parentheses() {
    for depth in [10_000, 100_000] {
        let text = nested(("(", ")"), depth);
        let found = errors(&text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code.code, "E0104");
        assert!(found[0].message.contains("128"));
        assert_eq!(found[0].labels[0].span.start, text.find('(').unwrap() + 128);
        on_small_stack(move || assert_eq!(codes(&text), ["E0104"]));
    }
}

#[test]
fn fault_002_other_brackets_ten_thousand_deep() {
    for form in FORMS {
        let text = nested(form, 10_000);
        on_small_stack(move || assert_eq!(codes(&text), ["E0104"]));
    }
    let mixed = objective(&format!("{}y{}", "norm1([||(".repeat(3000), ")||])".repeat(3000)));
    assert_eq!(codes(&mixed), ["E0104"]);
    assert_eq!(codes(&objective(&"((((".repeat(10_000))), ["E0104"]);
}

#[test]
fn fault_003_depth_127_128_129() {
    for form in FORMS {
        let brackets = form.0.matches(['(', '[', '⟨', '‖']).count() + form.0.matches("||").count();
        for depth in [127, 128, 129] {
            let text = if brackets == 1 {
                nested(form, depth)
            } else {
                let inner = format!("{}y{}", form.0.repeat(depth / 2), form.1.repeat(depth / 2));
                objective(&if depth % 2 == 1 { format!("({inner})") } else { inner })
            };
            on_small_stack(move || {
                let result = parse(&text);
                assert_eq!(result.is_ok(), depth <= 128, "{} at {depth}: {:?}", form.0, result.err());
                if let Ok(problem) = result {
                    assert!(problem.same(&problem.clone()));
                }
            });
        }
    }
    for (open, close) in [("vector[", "]"), ("scalar = [", "]")] {
        let text = format!("param x: {open}{}1{}{close}\nvar y: scalar minimize y", "[".repeat(127), "]".repeat(127));
        on_small_stack(move || drop(parse(&text)));
    }
}
