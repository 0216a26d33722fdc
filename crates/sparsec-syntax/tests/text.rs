//! Faults of the text of a problem that must be survived, by their number.

use std::time::{Duration, Instant};

use sparsec_syntax::ast::*;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::format::{Style, format};
use sparsec_syntax::names::RESERVED;
use sparsec_syntax::{parse, parse_bytes, render};

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

// Fault 1.
#[test]
fn ten_thousand_parentheses() {
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

// Fault 2.
#[test]
fn other_brackets_ten_thousand_deep() {
    for form in FORMS {
        let text = nested(form, 10_000);
        on_small_stack(move || assert_eq!(codes(&text), ["E0104"]));
    }
    let mixed = objective(&format!("{}y{}", "norm1([||(".repeat(3000), ")||])".repeat(3000)));
    assert_eq!(codes(&mixed), ["E0104"]);
    assert_eq!(codes(&objective(&"((((".repeat(10_000))), ["E0104"]);
}

// Fault 3.
#[test]
fn depth_127_128_129() {
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

/// The tree in a form that can be compared, spans included.
fn tree(text: &str) -> String {
    format!("{:?}", parse(text).expect("a problem").statements)
}

/// A problem whose text has about the given number of bytes, in one of several wide forms.
fn wide(form: usize, bytes: usize) -> String {
    let repeat = |item: &str, separator: &str| {
        let count = bytes / (item.len() + separator.len());
        vec![item; count].join(separator)
    };
    match form {
        0 => objective(&repeat("y", " + ")),
        1 => objective(&repeat("2 D.T y", " - ")),
        2 => format!("param x: vector[3] = [{}]\n{}", repeat("1.25e-3", ", "), objective("||x - y||^2")),
        3 => repeat("let r = ‖x − D y‖² + λ ‖y‖₁", "\n"),
        4 => format!("{}\nsubject to {}", objective("y"), repeat("y in box(0, [1, 2])", ", ")),
        5 => format!("/* {} */ {}", "x ".repeat(bytes / 2), objective("y")),
        6 => format!("{}\n{}", repeat("/// (((( ", "\n"), objective("y")),
        7 => format!("const a: matrix[2, 2] = [{}]\n{}", repeat("[1, 2]", ","), objective("y")),
        8 => objective(&format!("f({})", repeat("||y||_1", ", "))),
        _ => format!("solve with ista({})", repeat("tol = 1e-8", ", ")),
    }
}

// Fault 4.
#[test]
fn one_mebibyte_in_linear_time() {
    for form in 0..10 {
        let text = wide(form, 1 << 20);
        let small = wide(form, 1 << 18);
        let time = |text: &str| {
            let start = Instant::now();
            assert!(parse(text).is_ok(), "form {form}: {:?}", parse(text).err());
            start.elapsed()
        };
        let (short, long) = (time(&small), time(&text));
        // A detector of hangs, not a claim about speed: other work may share the machine.
        assert!(long < Duration::from_secs(20), "form {form}: {long:?}");
        assert!(long < 40 * short.max(Duration::from_millis(5)), "form {form}: {short:?} then {long:?}");
        on_small_stack(move || drop(parse(&text)));
    }
    let found = errors(&" ".repeat(16 * 1024 * 1024 + 1));
    assert_eq!(found[0].code.code, "E0103");
    assert!(found[0].message.contains("16777216"));
}

#[test]
fn wide_text_with_errors_takes_linear_time_too() {
    for form in 0..10 {
        let text = format!("{}\nminimize )", wide(form, 1 << 19));
        let start = Instant::now();
        assert!(parse(&text).is_err());
        assert!(start.elapsed() < Duration::from_secs(20), "form {form}");
    }
    for broken in
        ["(", "||", "let a = (", "minimise ", "||x|| ", "y - ", "a / 2 b ", "‖", "х ", "1e999 ", "/", "[;", "var "]
    {
        let text = broken.repeat((1 << 19) / broken.len());
        let start = Instant::now();
        on_small_stack(move || assert!(parse(&text).is_err()));
        assert!(start.elapsed() < Duration::from_secs(20), "{broken}");
    }
}

#[test]
fn a_chain_of_operators_is_bounded_like_brackets() {
    for chain in ["-", "y * ", "y "] {
        let text = objective(&format!("{}y", chain.repeat(100_000)));
        on_small_stack(move || assert_eq!(codes(&text), ["E0104"]));
    }
    let text = objective(&format!("y{}", "'".repeat(100_000)));
    on_small_stack(move || assert_eq!(codes(&text), ["E0104"]));
    // A long sum keeps its terms and their signs.
    let sum = parse(&objective(&(0..1000).map(|n| format!("{n} y")).collect::<Vec<_>>().join(" - "))).expect("a sum");
    let StatementKind::Objective { value, .. } = &sum.statements[1].kind else { panic!("an objective") };
    let mut terms = Vec::new();
    signed_terms(value, 1.0, &mut terms);
    let expected: Vec<f64> = (0..1000).map(|n| if n == 0 { 0.0 } else { -f64::from(n) }).collect();
    assert_eq!(terms, expected);
}

fn signed_terms(expr: &Expr, sign: f64, terms: &mut Vec<f64>) {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::Add, a, b) => {
            signed_terms(a, sign, terms);
            signed_terms(b, sign, terms);
        }
        ExprKind::Binary(BinaryOp::Subtract, a, b) => {
            signed_terms(a, sign, terms);
            signed_terms(b, -sign, terms);
        }
        ExprKind::Binary(BinaryOp::Juxtapose, a, _) => match a.kind {
            ExprKind::Number(value) => terms.push(sign * value),
            _ => panic!("a number"),
        },
        _ => panic!("a sum"),
    }
}

// Fault 5.
#[test]
fn nothing_in_the_text() {
    for text in ["", "  \n\t ", "// only\n/* comments */", "/// docs\n", ";;", "\u{FEFF}"] {
        let found = errors(text);
        assert_eq!(found.len(), 1, "{text:?}");
        assert_eq!(found[0].code.code, "E0115", "{text:?}");
        assert_eq!(found[0].labels[0].span.end, text.len());
        assert!(found[0].message.contains("no objective"));
    }
    assert_eq!(codes("problem p { }"), ["E0115"]);
}

// Fault 6.
#[test]
fn bytes_that_are_not_utf8() {
    let mut bytes = b"var y: vector[3]\nminimize ||y||".to_vec();
    bytes.splice(10..10, [0xFF, 0xFE]);
    let found = parse_bytes(&bytes).expect_err("not UTF-8");
    assert_eq!((found[0].code.code, found[0].labels[0].span.start), ("E0102", 10));
    assert!(found[0].message.contains("0xFF") && found[0].message.contains("10"));
    let cut = &"minimize λ".as_bytes()[..10];
    let found = parse_bytes(cut).expect_err("cut");
    assert_eq!((found[0].code.code, found[0].labels[0].span.start), ("E0102", 9));
}

// Fault 7.
#[test]
fn byte_order_mark() {
    let plain = "var y: vector[3]\nminimize ||y||^2";
    let marked = format!("\u{FEFF}{plain}");
    assert!(parse(&marked).expect("a problem").same(&parse(plain).expect("a problem")));
    assert!(parse_bytes(marked.as_bytes()).is_ok());
    let wrong = "\u{FEFF}vra y: vector[3]";
    let found = errors(wrong);
    assert_eq!(render::json_labels(&found[0], wrong)[0].column, 1);
    assert!(render::short(&found[0], wrong, "p.sparse").starts_with("p.sparse:1:1: error[E0114]"));
    let inner = errors("var y: vector[3]\nminimize \u{FEFF}||y||^2");
    assert_eq!(inner[0].code.code, "E0105");
    assert!(inner[0].message.contains("U+FEFF"));
}

// Fault 8.
#[test]
fn line_ends() {
    let text = "/// The code.\nvar y: vector[3]\n\n/// Two\n/// lines.\nminimize ||y||^2 // end\nsubject to y >= 0\n";
    let plain = parse(text).expect("a problem");
    assert_eq!(plain.statements[0].docs, "The code.");
    assert_eq!(plain.statements[1].docs, "Two\nlines.");
    for end in ["\r\n", "\r"] {
        let other = text.replace('\n', end);
        assert!(parse(&other).expect("a problem").same(&plain), "{end:?}");
        let wrong = format!("{other}let r = +");
        let place = &render::json_labels(&errors(&wrong)[0], &wrong)[0];
        assert_eq!((place.line, place.column), (8, 9), "{end:?}");
    }
}

// Fault 9.
#[test]
fn bidirectional_controls() {
    for code in (0x202A..=0x202E).chain(0x2066..=0x2069) {
        let control = char::from_u32(code).expect("a character");
        for text in [
            format!("var y: vector[3]{control}\nminimize y"),
            format!("var y: vector[3] // {control}\nminimize y"),
            format!("var y: vector[3] /* {control} */\nminimize y"),
            format!("/// {control}\nvar y: vector[3]\nminimize y"),
            format!("const x: scalar = load(\"{control}\")\nminimize y"),
            format!("var y{control}: scalar minimize y"),
        ] {
            let found = errors(&text);
            let error = found.iter().find(|error| error.code.code == "E0105").expect("refused");
            assert!(error.message.contains(&format!("U+{code:04X}")), "{text:?}");
            assert!(!render::text(error, &text, "p", false).contains(control));
        }
    }
}

// Fault 10.
#[test]
fn letters_that_look_alike() {
    for text in ["param xх: vector[3]\nvar y: scalar\nminimize y", "param х: scalar\nvar y: scalar\nminimize y"] {
        let found = errors(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code.code, "E0205");
        assert!(found[0].message.contains("U+0445") && found[0].message.contains("U+0078"));
    }
    let greek = parse("param λ₁: scalar\nvar y: scalar\nminimize λ₁ y").expect("a problem");
    let ascii = parse("param lambda1: scalar\nvar y: scalar\nminimize lambda1 y").expect("a problem");
    assert!(greek.same(&ascii));
    assert_eq!(codes("var 变量: scalar\nminimize y"), ["E0205"]);
}

// Fault 11.
#[test]
fn joiners_and_nul() {
    let found = errors("var a\u{200D}b: scalar\nminimize y");
    assert!(found.iter().any(|error| error.code.code == "E0105" && error.message.contains("U+200D")));
    assert!(codes("var y: scalar\0\nminimize y").contains(&"E0105"));
    assert!(codes("var y: scalar // \0\nminimize y").contains(&"E0105"));
    assert!(parse("var y: scalar // 👩\u{200D}🔬\nminimize y").is_ok());
}

// Fault 12.
#[test]
fn text_from_a_pdf() {
    assert!(parse("var y: vector[3]\nminimize ‖y\u{A0}−\u{202F}1‖²").is_ok());
    for (text, way_out) in [
        ("minimize y – 1", "`-`"),
        ("const x: scalar = load(“x.npy”)", "`\"`"),
        ("minimize y × ２", "`*`"),
        ("minimize ２ + y", "`2`"),
        ("minimize y ⩽ 3", "`<=`"),
        ("minimize √y", "sqrt"),
        ("minimize y @ y", "`*`"),
        ("minimize \\lambda", "lambda"),
        ("minimize ½ y", "1/2"),
    ] {
        let found = errors(text);
        assert_eq!(found[0].code.code, "E0106", "{text}");
        assert!(found[0].help.as_deref().unwrap_or_default().contains(way_out), "{text}: {:?}", found[0].help);
    }
}

// Fault 13.
#[test]
fn numbers_that_are_too_large() {
    for text in ["minimize 1e999 y", "dim n = 1e400", "param x: scalar >= -1e309 minimize y", "minimize y^1e999"] {
        assert_eq!(codes(text), ["E0110"], "{text}");
    }
    let long = objective(&format!("{} y", "9".repeat(400)));
    assert_eq!(codes(&long), ["E0110"]);
    assert!(parse(&objective("y^²")).is_err());
    assert!(codes(&objective(&format!("y{}", "²".repeat(400)))).contains(&"E0110"));
    assert!(parse(&objective("1e308 y + 1e-999 y")).is_ok());
    assert_eq!(codes(&objective("1. + y")), ["E0110"]);
    assert_eq!(codes(&objective(".5 y")), ["E0110"]);
}

// Fault 14.
#[test]
fn sizes_out_of_range_reach_the_check_of_shapes() {
    for size in ["0", "-1", "2.5", "99999999999999999999"] {
        assert!(parse(&format!("dim n = {size}\nvar y: vector[n]\nminimize y")).is_ok(), "{size}");
        assert!(parse(&format!("var y: vector[{size}]\nminimize y")).is_ok(), "{size}");
    }
    assert_eq!(codes("var y: vector[n + 1]"), ["E0101"]);
}

// Fault 17.
#[test]
fn reserved_words() {
    for word in RESERVED {
        for text in
            [format!("var {word}: vector[3]\nminimize y"), format!("param a: scalar, {word}: scalar minimize y")]
        {
            let found = errors(&text);
            assert_eq!(found[0].code.code, "E0204", "{text}: {found:?}");
            assert_eq!(&text[found[0].labels[0].span.start..found[0].labels[0].span.end], *word);
            assert_eq!(found.len(), 1, "{text}");
        }
    }
    assert_eq!(codes("minimize load(\"x\") + y"), ["E0204"]);
}

// Fault 20.
#[test]
fn statements_without_content() {
    for text in ["var y: scalar\nminimize y\nsubject to", "subject to\nminimize y", "subject to\n\n"] {
        let found = errors(text);
        assert_eq!(found[0].code.code, "E0101", "{text}");
        assert!(found[0].message.contains("a constraint"), "{}", found[0].message);
    }
    for text in ["minimize", "var", "let", "dim", "solve with", "solve", "subject", "let a =", "var y:", "minimize y +"]
    {
        assert_eq!(codes(text), ["E0101"], "{text}");
    }
}

// Fault 21.
#[test]
fn relations_where_there_are_none() {
    for text in [
        "minimize y = 3",
        "minimize y == 3",
        "minimize y <= 3",
        "minimize y\nsubject to 0 <= y >= 1",
        "minimize y\nsubject to a < y",
        "minimize y\nsubject to a <= y < 3",
        "minimize y\nsubject to a == y == b",
        "minimize y\nsubject to a <= b <= c <= d",
        "minimize y\nsubject to y",
        "minimize y\nsubject to y != 3",
        "minimize y\nsubject to y =< 3",
        "let r = y == 3",
        "minimize f(y <= 3)",
        "minimize y in simplex",
    ] {
        let found = errors(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].code.code, "E0113", "{text}");
        assert!(found[0].help.is_some(), "{text}");
    }
}

// Fault 22.
#[test]
fn norms_that_do_not_exist() {
    for norm in ["||y||_3", "||y||_", "||y||_-1", "‖y‖₃", "‖y‖_p", "‖y‖₂₁", "|| ||y|| ||", "‖‖y‖‖", "||||", "‖y‖_1x"]
    {
        let found = errors(&objective(norm));
        assert_eq!(found[0].code.code, "E0111", "{norm}");
        assert!(found[0].help.is_some());
    }
    assert!(errors(&objective("|| ||y|| ||"))[0].help.as_deref().unwrap_or_default().contains("norm2"));
    assert!(errors(&objective("||y||_7"))[0].help.as_deref().unwrap_or_default().contains("||e||_inf"));
}

// Fault 23.
#[test]
fn unclosed_brackets() {
    for (text, opener) in [
        ("var y: vector[3", "["),
        ("minimize (y + 1", "("),
        ("minimize f(y\nsubject to y >= 0", "("),
        ("minimize ||y + 1", "||"),
        ("minimize ‖x − (y‖²", "("),
        ("problem p { minimize y", "{"),
        ("problem p { minimize [y }", "["),
        ("minimize ⟨a, b", "⟨"),
        ("minimize (a]", "("),
    ] {
        let found = errors(text);
        assert_eq!(found[0].code.code, "E0107", "{text}");
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let at = text.find(opener).expect("the opener");
        assert!(found[0].labels.iter().any(|label| label.span.start == at), "{text}");
        assert!(found[0].labels.len() > 1, "{text}");
    }
    for text in ["minimize y)", "minimize y ]", "minimize y }", "minimize y⟩"] {
        assert_eq!(codes(text), ["E0107"], "{text}");
    }
}

// Fault 24.
#[test]
fn open_comments_and_text_after_the_end() {
    for text in ["minimize y /* never", "/* never\nminimize y", "problem p { minimize y /* never }"] {
        let found = errors(text);
        let error = found.iter().find(|error| error.code.code == "E0108").expect("reported");
        assert_eq!(error.labels[0].span.start, text.find("/*").expect("the opener"));
    }
    for text in [
        "problem p { minimize y } minimize z",
        "problem p { minimize y }\n\nproblem q { minimize y }",
        "problem p { minimize y } }",
    ] {
        assert_eq!(codes(text), ["E0109"], "{text}");
    }
    assert!(parse("problem p { minimize y } // end\n/* end */\n").is_ok());
}

// Fault 25.
#[test]
fn independent_errors_are_reported_together() {
    let text = "dim n = 1e999
const х: vector[n]
param a: vektor[n]
var y: vector[n
let r = y +
let in: scalar
minimise ||y||_3
minimize ||y||_3
subject to 0 <= y >= 1
subject to y < 1
solve fista
";
    let found = errors(text);
    let codes: Vec<_> = found.iter().map(|error| error.code.code).collect();
    assert_eq!(
        codes,
        ["E0110", "E0205", "E0101", "E0107", "E0101", "E0204", "E0114", "E0111", "E0113", "E0113", "E0101"]
    );
    let places: Vec<_> = found.iter().map(|error| error.labels[0].span.start).collect();
    assert!(places.is_sorted());
}

/// Texts that cover the grammar.
const EXAMPLES: [&str; 4] = [
    "// Patches.\nproblem patch {\n  dim m = 64, n\n  const D: matrix[m, n] = load(\"D.npy\") // fixed\n  param λ: scalar >= 0 = 0.1\n\
     var y: vector[n] in [-1, inf]\n\n  minimize ‖x − D y‖² + λ ‖y‖₁\n  subject to y ∈ simplex, 0 ≤ y[0..3] ≤ 1\n\
     solve with fista(tol = 1e-8, weights = load(\"w.npz\", \"k\"))\n}\n",
    "/* a */ var y: vector[3] >= 0 symmetric; /// doc\nlet r = [a; b] .* 1./y, s = [[1, 2], [3, -4]]\nmaximize 1/2 ||r||_nuc^2 - dot(a, D.T b)",
    "param Q: sparse matrix[2, n] psd = [[1, 2], [3, 4]]\nminimize ⟨Dᵀ x, μ⟩ ⊙ f(Y[0..4, ..])² ⊘ (a)' subject to A*y == b",
    "minimize max(abs(x), t - 1e-3) + ||f(||a||)||_inf 2 x^T\nsolve with unrolled(layers = 3, shrink = x / (1+exp(-10*(abs(x)-t))))",
];

// Fault 26.
#[test]
fn prefixes_deletions_and_random_bytes() {
    for text in EXAMPLES {
        assert!(parse(text).is_ok(), "{text}: {:?}", parse(text).err());
        let survives = |bytes: &[u8]| {
            let Err(found) = parse_bytes(bytes) else { return };
            assert!(!found.is_empty());
            let text = String::from_utf8_lossy(bytes);
            for error in &found {
                assert_ne!(error.code.code, "E9901", "{text}");
                assert!(
                    error
                        .labels
                        .iter()
                        .all(|label| label.span.start <= label.span.end && label.span.end <= bytes.len())
                );
                let _ = render::text(error, &text, "p.sparse", true);
                let _ = render::short(error, &text, "p.sparse");
            }
        };
        let bytes = text.as_bytes();
        for at in 0..bytes.len() {
            survives(&bytes[..at]);
            let mut without = bytes.to_vec();
            without.remove(at);
            survives(&without);
            for byte in *b"(|[\"/'.2;" {
                let mut with = bytes.to_vec();
                with[at] = byte;
                survives(&with);
                with[at] = bytes[at];
                with.insert(at, byte);
                survives(&with);
            }
        }
    }
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let pieces: Vec<&str> = EXAMPLES.iter().flat_map(|text| text.split_inclusive([' ', '\n', ']', '(', '‖'])).collect();
    for _ in 0..3000 {
        let bytes: Vec<u8> = (0..random() % 60).map(|_| random() as u8).collect();
        let _ = parse_bytes(&bytes);
        let mixed: String = (0..random() % 40).map(|_| pieces[random() as usize % pieces.len()]).collect();
        if let Err(found) = parse(&mixed) {
            assert!(found.iter().all(|error| error.code.code != "E9901"), "{mixed}");
        }
    }
}

// Fault 27.
#[test]
fn unicode_and_ascii_are_one_problem() {
    let unicode = "param λ: scalar >= 0\nconst D: matrix[m, n]\nvar y: vector[n]\n\
                   minimize ‖x − D y‖₂² + λ ‖y‖₁ − ⟨Dᵀ x, y⟩ + ‖y‖∞ + ‖D‖_* ⊙ a ⊘ b\nsubject to y ∈ simplex, −1 ≤ y ≤ 1";
    let ascii = "param lambda: scalar >= 0\nconst D: matrix[m, n]\nvar y: vector[n]\n\
                 minimize ||x - D y||_2^2 + lambda ||y||_1 - dot(D.T x, y) + ||y||_inf + ||D||_nuc .* a ./ b\nsubject to y in simplex, -1 <= y <= 1";
    assert!(parse(unicode).expect("a problem").same(&parse(ascii).expect("a problem")));
    assert_eq!(format(unicode, Style::Ascii).expect("a problem").trim_end(), ascii);
    assert_eq!(format(ascii, Style::Unicode).expect("a problem").trim_end(), unicode);
    assert_ne!(tree(unicode), tree(ascii));
}

// Fault 28.
#[test]
fn formatting_twice_changes_nothing() {
    for text in EXAMPLES {
        for style in [Style::Keep, Style::Ascii, Style::Unicode] {
            let once = format(text, style).expect("a problem");
            assert_eq!(format(&once, style).expect("a problem"), once);
            assert!(parse(&once).expect("a problem").same(&parse(text).expect("a problem")));
        }
    }
    let page = "// Sparse coding of 8×8 image patches.
problem patch_coder {
    dim   m = 64, n = 256
    const D: matrix[m, n] = load(\"dictionary.npy\")   // fixed: the compiler may precompute from it
    param x: vector[m]                               // changes from solve to solve
    param λ: scalar >= 0 = 0.1                       // with a domain and a default
    var   y: vector[n]

    minimize ‖x − D y‖² + λ ‖y‖₁
    subject to y ∈ simplex

    solve with fista(tol = 1e-8)
}
";
    assert_eq!(format(page, Style::Keep).expect("a problem"), page);
    assert_eq!(format(page, Style::Unicode).expect("a problem"), page);
    assert_eq!(format(&format(page, Style::Ascii).expect("a problem"), Style::Unicode).expect("a problem"), page);
}

#[test]
fn documentation_belongs_to_the_statement_that_follows() {
    let problem = parse(
        "/// The problem.\n// no doc\nproblem p {\n/// A\n\n/// B\ndim n = 3 /// not for y\nvar y: vector[n]\n//// no doc\nminimize y }",
    )
    .expect("a problem");
    assert_eq!(problem.docs, "The problem.");
    let docs: Vec<&str> = problem.statements.iter().map(|statement| statement.docs.as_str()).collect();
    assert_eq!(docs, ["A\nB", "", ""]);
}

#[test]
fn spans_cover_their_tokens_and_nothing_else() {
    let text = "\u{FEFF}problem p {\n  var y : vector[ n ]  // c\n  minimize ( ‖x‖ ) ² + f( y ) /* d */\n  subject to y >= 0 , y in box( 0, 1 )\n}\n";
    let problem = parse(text).expect("a problem");
    let of = |span: sparsec_syntax::span::Span| &text[span.start..span.end];
    assert!(of(problem.span).starts_with("problem p {") && of(problem.span).ends_with('}'));
    assert_eq!(of(problem.statements[0].span), "var y : vector[ n ]");
    let StatementKind::Var(decls) = &problem.statements[0].kind else { panic!("a var") };
    assert_eq!(of(decls[0].span), "y : vector[ n ]");
    assert_eq!(of(decls[0].ty.span), "vector[ n ]");
    let StatementKind::Objective { value, .. } = &problem.statements[1].kind else { panic!("an objective") };
    assert_eq!(of(value.span), "( ‖x‖ ) ² + f( y )");
    let ExprKind::Binary(BinaryOp::Add, power, call) = &value.kind else { panic!("a sum") };
    assert_eq!((of(power.span), of(call.span)), ("( ‖x‖ ) ²", "f( y )"));
    let ExprKind::Power(base, _) = &power.kind else { panic!("a power") };
    assert_eq!(of(base.span), "( ‖x‖ )");
    let StatementKind::Subject(constraints) = &problem.statements[2].kind else { panic!("constraints") };
    assert_eq!((of(constraints[0].span), of(constraints[1].span)), ("y >= 0", "y in box( 0, 1 )"));
}
