//! The macro's expansion as a library function: what it does with odd texts, and where its errors lie.

use proc_macro2::{TokenStream, TokenTree};
use sparsec_rust::expand;

/// The message of the first `compile_error!` of an expansion, and the columns that it lies under.
fn error(tokens: TokenStream) -> Option<(String, usize, usize)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let at = tokens.iter().position(|t| matches!(t, TokenTree::Ident(name) if name == "compile_error"))?;
    let TokenTree::Group(group) = tokens.get(at + 2)? else { return None };
    let TokenTree::Literal(message) = group.stream().into_iter().next()? else { return None };
    let text = message.to_string();
    Some((text, tokens[at].span().start().column, message.span().end().column))
}

fn on_small_stack(f: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(512 << 10).spawn(f).expect("a thread").join().expect("no panic");
}

// Fault 122.
#[test]
fn an_error_in_a_file_lies_under_its_name() {
    let source = "<f64> pub file = \"problems/wrong.sparse\"";
    let expansion = expand(source.parse().expect("tokens"), &|path| {
        assert_eq!(path, "problems/wrong.sparse");
        Ok("// A mistake.\nvar y: vector[3]\nminimize ‖y‖² + λ ‖y‖₁\n".as_bytes().to_vec())
    });
    let (message, start, end) = error(expansion).expect("an error");
    assert!(message.contains("E0201") && message.contains("problems/wrong.sparse:3:"), "{message}");
    assert_eq!((start, end), (source.find('"').expect("there"), source.len()));
    // Bytes that are no text, and no file at all.
    for (file, wanted) in [(Ok(b"var y\xff: vector[3]".to_vec()), "E0102"), (Err("gone".to_owned()), "gone")] {
        let expansion = expand(source.parse().expect("tokens"), &|_| file.clone());
        let (message, start, end) = error(expansion).expect("an error");
        assert!(message.contains(wanted), "{message}");
        assert_eq!((start, end), (source.find('"').expect("there"), source.len()));
    }
}

// Fault 78.
#[test]
fn data_from_outside_the_crate_is_an_error() {
    let file = "<f64> file = \"problems/p.sparse\"";
    for (path, inside) in [("../x.npy", true), ("x.npy", true), ("../../x.npy", false), ("/etc/passwd", false)] {
        let text = format!(
            "const D: matrix[2, 2] = load({path:?})\nparam x: vector[2] = load({path:?})\nvar y: vector[2]\nminimize ||x - D*y||^2"
        );
        let found = error(expand(file.parse().expect("tokens"), &|_| Ok(text.clone().into_bytes())));
        assert_eq!(found.is_none(), inside, "{path}: {found:?}");
        if let Some((message, ..)) = found {
            assert!(message.contains("E0801") && message.contains(path), "{message}");
        }
        let tokens = format!("<f64> problem p {{ {text} }}").replace('\n', " ");
        let found = error(expand(tokens.parse().expect("tokens"), &|_| Err("none".to_owned())));
        assert_eq!(found.is_none(), path == "x.npy", "{path}: {found:?}");
        if let Some((message, start, end)) = found {
            assert!(message.contains("E0801"), "{message}");
            assert_eq!(&tokens[start..end], &format!("load({path:?})"));
        }
    }
}

// Fault 3.
#[test]
fn deep_text_needs_little_stack() {
    for (open, close) in [("(", ")"), ("norm1(", ")"), ("-(", ")"), ("2*(", ")"), ("y + (", ")")] {
        let nested = format!("{}y{}", open.repeat(100), close.repeat(100));
        for text in [
            format!("<f64> problem p {{ var y: vector[3] minimize norm1({nested}) }}"),
            format!("<f64> \"problem p {{ var y: vector[3] minimize norm1({nested}) }}\""),
        ] {
            on_small_stack(move || {
                let expansion = expand(text.parse().expect("tokens"), &|_| Err("no file".to_owned()));
                assert!(!expansion.is_empty());
            });
        }
    }
    // One bracket more is that of the objective.
    for depth in [126, 127, 128, 129, 200, 1000] {
        let nested = format!("{}y{}", "(".repeat(depth), ")".repeat(depth));
        let text = format!("<f64> \"problem p {{ var y: vector[3] minimize norm1({nested}) }}\"");
        on_small_stack(move || {
            let found = error(expand(text.parse().expect("tokens"), &|_| Err("no file".to_owned())));
            assert_eq!(found.is_none(), depth <= 127, "{depth}: {found:?}");
            assert!(found.is_none_or(|(message, ..)| message.contains("128")));
        });
    }
}
