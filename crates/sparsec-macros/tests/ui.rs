//! Wrong programs and the exact errors under the user's own tokens.

// Fault 122.
#[test]
fn errors_lie_under_the_tokens_that_are_wrong() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
