//! The program's text: what it looks like, and that it reads back.

use sparsec_program::parse::parse;
use sparsec_program::testing::arbitrary_program;
use sparsec_program::verify::verify;

const TEXT: &str = r#"program patch_coder {
    const D [64, 256] // the dictionary
    param x [64]
    param lambda // weight λ of the norm
    table ids [3] = [0.0, 1.0, -1.0]
    derived lipschitz
    state y [256]
    state objective
    scratch Dy [64]
    scratch work [4608]
    scratch if
    output answer [256]

    setup {
        lipschitz, work[0..4608] = spectral_norm_squared(rows = 64, cols = 256; D)
    }

    prepare {}

    step {
        Dy = gemv(rows = 64, cols = 256; D, y)
        map 64 {
            %0 = Dy[i]
            %1 = x[i]
            %2 = %0 - %1
            %3 = %2 * %2
            %4 = lambda
            %5 = ids[2]
            %6 = max(%4, %5)
            %7 = select(%6 <= %0, %3, %2)
            %8 = log1p(%7)
            %9 = -inf
            %10 = -0.0
            %11 = 1e-300
            Dy[i] = %2
            y[64..128][i] = %8
            objective = sum(%3)
            if = max(%3)
        }
        if objective < 0.5 {
            map 1 {
                %0 = y[3][i]
                y[3][i] = %0
            }
        } else {
            loop 10 until objective <= y[7] {
                if if != +inf {
                    if = cumsum(n = 1; lambda)
                }
            }
        }
    }

    stop {}

    finish {
        loop 2 {
            answer[0..255] = cumsum(n = 255; y[1..256])
        }
    }
}
"#;

#[test]
fn print_parse_print_is_the_identity() {
    let program = parse(TEXT).unwrap();
    // `work[0..4608]` is the whole buffer and prints as such.
    let expected = TEXT.replace("work[0..4608]", "work");
    assert_eq!(program.to_string(), expected);
    assert_eq!(parse(&expected).unwrap(), program);
    verify(program).unwrap();
}

#[test]
fn random_programs_read_back() {
    for seed in 0..400 {
        let program = arbitrary_program(seed).into_program();
        let text = program.to_string();
        let back = parse(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
        assert_eq!(back, program, "seed {seed}\n{text}");
    }
}

#[test]
fn mistakes_have_a_place() {
    let message = |text: &str| parse(text).unwrap_err().to_string();
    assert_eq!(message(""), "1:1: expected `program`, found the end");
    assert_eq!(message("program p {\n  step {\n    y = gemv(rows = 1"), "3:5: there is no buffer `y`");
    assert_eq!(message("program p { state y [2] step { y = gem(;) } }"), "1:36: there is no kernel `gem`");
    assert_eq!(message("program p { state y [2] step { map 2 { %1 = 2.0 } } }"), "1:43: node 1 in the place of node 0");
    assert_eq!(message("program p { state y [-2] }"), "1:22: expected a size, found `-2`");
    assert_eq!(message("program \"p"), "1:9: a quoted name without an end");
    assert_eq!(message("program p {} x"), "1:14: expected the end, found `x`");
    let deep = format!("program p {{ step {{ {}", "loop 2 { ".repeat(100_000));
    assert!(message(&deep).contains("nested deeper than 64"), "{}", message(&deep));
}

/// Every prefix and every text with one byte left out is an error or a program, never a panic.
#[test]
fn broken_text_is_survived() {
    for i in 0..TEXT.len() {
        if TEXT.is_char_boundary(i) {
            let _ = parse(&TEXT[..i]);
            if TEXT.is_char_boundary(i + 1) {
                let _ = parse(&format!("{}{}", &TEXT[..i], &TEXT[i + 1..])).map(verify);
            }
        }
    }
}

#[test]
fn names_that_are_no_words_are_quoted() {
    let mut program = parse("program p {}").unwrap();
    for name in ["", "two words", "a\"b\\c", "\u{7f}x"] {
        program.name = name.to_owned();
        assert_eq!(parse(&program.to_string()).unwrap(), program, "{name:?}");
    }
}
