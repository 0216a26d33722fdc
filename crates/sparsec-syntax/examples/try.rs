//! Tries texts.
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    for text in text.split("%%\n") {
        match sparsec_syntax::parse(text) {
            Ok(_) => println!("OK: {text}"),
            Err(errors) => {
                for e in errors {
                    println!(
                        "{}",
                        sparsec_syntax::render::text(&e, text, "a.sparse", std::env::args().nth(2).is_some())
                    );
                }
            }
        }
    }
}
