//! Tokens to text, with a table from byte ranges to spans.
//!
//! Spaces are kept as they stand in the source where that can be told, so that `.T`, `.*`, `0..10` and `||` come through.
//! What `macro_rules` passes on as one fragment (`$e:expr`) arrives in an invisible group and gets parentheses.

use super::string;
use proc_macro2::{Delimiter, Group, Literal, Spacing, Span, TokenStream, TokenTree};
use sparsec_syntax::span::Span as Range;

/// A text and where each of its parts comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub(super) text: String,
    /// In ascending order.
    places: Vec<(Range, Span)>,
    /// End of the last token, and whether it sticks to the next.
    last: Option<Last>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    span: Span,
    glued: Glue,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Glue {
    /// Part of one operator with the next token, or a number's point.
    Yes,
    /// A word or number: never runs into another one.
    Word,
    /// As the places say.
    No,
}

/// The text of a problem's tokens.
pub(super) fn flatten(tokens: &TokenStream) -> Text {
    let mut text = Text::default();
    text.stream(tokens.clone());
    text
}

impl Text {
    /// Spans of the first and the last token of a range; the token before it where it is empty.
    pub(super) fn spans(&self, range: Range) -> Option<(Span, Span)> {
        let touched = |place: &&(Range, Span)| place.0.end > range.start && place.0.start < range.end;
        let first = self.places.iter().find(touched);
        let last = self.places.iter().rev().find(touched);
        if let (Some(first), Some(last)) = (first, last) {
            return Some((first.1, last.1));
        }
        let before = self.places.iter().rev().find(|place| place.0.start < range.start.max(1));
        before.or(self.places.first()).map(|place| (place.1, place.1))
    }

    fn stream(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if let Some(TokenTree::Group(group)) = tokens.peek()
                        && let Some((docs, span)) = doc(group)
                    {
                        tokens.next();
                        self.docs(&docs, span);
                        continue;
                    }
                    self.token("#", punct.span(), Glue::No);
                }
                TokenTree::Punct(punct) => {
                    let glue = if punct.spacing() == Spacing::Joint { Glue::Yes } else { Glue::No };
                    self.token(punct.as_char().encode_utf8(&mut [0; 4]), punct.span(), glue);
                }
                TokenTree::Ident(ident) => {
                    let name = ident.to_string();
                    self.token(name.strip_prefix("r#").unwrap_or(&name), ident.span(), Glue::Word);
                }
                TokenTree::Literal(literal) => self.literal(&literal),
                TokenTree::Group(group) => self.group(&group),
            }
        }
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None if self.stands_alone(group.stream()) => return self.stream(group.stream()),
            Delimiter::None => ("(", ")"),
        };
        self.token(open, group.span_open(), Glue::No);
        self.stream(group.stream());
        self.token(close, group.span_close(), Glue::No);
    }

    /// True for a fragment that means the same without parentheses: one token, or a signed number where none can be
    /// meant as a difference.
    fn stands_alone(&self, fragment: TokenStream) -> bool {
        let tokens: Vec<TokenTree> = fragment.into_iter().collect();
        match &tokens[..] {
            [_] | [] => true,
            [TokenTree::Punct(sign), TokenTree::Literal(_)] if sign.as_char() == '-' => {
                self.text.is_empty() || self.text.trim_end().ends_with(['=', ',', '(', '[', '<', '>'])
            }
            _ => false,
        }
    }

    fn literal(&mut self, literal: &Literal) {
        let text = literal.to_string();
        let quoted = text.starts_with(['"', 'r']) && text.ends_with(['"', '#']);
        if quoted && let Some(value) = string::value(literal) {
            // The language has no escapes in strings.
            if !value.contains(['"', '\n', '\r']) {
                return self.token(&format!("\"{value}\""), literal.span(), Glue::Word);
            }
        }
        // `2.*y` is a number with a point and a star to Rust.
        let glue = if text.ends_with('.') { Glue::Yes } else { Glue::Word };
        self.token(&text, literal.span(), glue);
    }

    /// `///` lines.
    fn docs(&mut self, docs: &str, span: Span) {
        for line in docs.lines().chain(docs.is_empty().then_some("")) {
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push('\n');
            }
            let start = self.text.len();
            self.text.push_str("///");
            self.text.push_str(line.trim_end());
            self.places.push((Range::new(start, self.text.len()), span));
            self.text.push('\n');
        }
        self.last = None;
    }

    fn token(&mut self, text: &str, span: Span, glued: Glue) {
        if let Some(last) = self.last {
            self.text.push_str(gap(last, span, glued));
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.places.push((Range::new(start, self.text.len()), span));
        self.last = Some(Last { span, glued });
    }
}

/// What stands between two tokens.
fn gap(last: Last, next: Span, word: Glue) -> &'static str {
    if last.glued == Glue::Yes {
        return "";
    }
    let (end, start) = (last.span.end(), next.start());
    let known = end.line > 0 && start.line > 0;
    let both_words = last.glued == Glue::Word && word == Glue::Word;
    if known && (end.line, end.column) == (start.line, start.column) && !both_words {
        ""
    } else if known && start.line > end.line {
        "\n"
    } else {
        " "
    }
}

/// The text of `[doc = "…"]` and the literal's place.
pub(super) fn doc(group: &Group) -> Option<(String, Span)> {
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    match &tokens[..] {
        [TokenTree::Ident(name), TokenTree::Punct(equals), TokenTree::Literal(text)]
            if name == "doc" && equals.as_char() == '=' =>
        {
            Some((string::value(text)?, text.span()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn text(source: &str) -> Text {
        flatten(&source.parse().expect("tokens"))
    }

    #[test]
    fn spaces_stay_where_they_stand() {
        for source in [
            "minimize ||x - D*y||^2 + lambda*||y||_1",
            "y[0..10] + D.T x .* w",
            "Y[0..4, ..]",
            "1/2 ||x||^2",
            "-2 * -y",
            "a <= b, c == d, e >= f",
            "load(\"file.npy\", \"key\")",
        ] {
            assert_eq!(text(source).text, source);
        }
        assert_eq!(text("2.*y").text, "2.*y");
        assert_eq!(text("dim n = 3\nvar y: vector[n]").text, "dim n = 3\nvar y: vector[n]");
        assert_eq!(text("a /* comment */ b").text, "a b");
    }

    #[test]
    fn documentation_becomes_comments_again() {
        assert_eq!(text("/// The signal.\nparam x: scalar").text, "/// The signal.\nparam x: scalar");
        assert_eq!(text("///\nvar y").text, "///\nvar y");
        assert_eq!(text("/** two\n lines */ var y").text, "/// two\n/// lines\nvar y");
    }

    // Fault 129.
    #[test]
    fn fragments_keep_their_precedence() {
        let fragment = |tokens: TokenStream| TokenTree::Group(Group::new(Delimiter::None, tokens));
        let (sum, one, negative) = (fragment(quote!(1 + 1)), fragment(quote!(lambda)), fragment(quote!(-5)));
        let flat = |tokens: TokenStream| flatten(&tokens).text.split_whitespace().collect::<String>();
        assert_eq!(flat(quote!(2 * #sum)), "2*(1+1)");
        assert_eq!(flat(quote!(2 * #one)), "2*lambda");
        assert_eq!(flat(quote!(= #negative)), "=-5");
        assert_eq!(flat(quote!(2 #negative)), "2(-5)");
        let nested = fragment(quote!(#sum));
        assert_eq!(flat(quote!(2 * #nested)), "2*(1+1)");
    }

    #[test]
    fn ranges_lead_back_to_tokens() {
        let source = "minimize ||x||^2 + qqq";
        let text = text(source);
        let at = source.find("qqq").expect("there");
        let (first, last) = text.spans(Range::new(at, at + 3)).expect("a place");
        assert_eq!((first.start().column, last.end().column), (at, at + 3));
        let (first, last) = text.spans(Range::new(9, 16)).expect("a place");
        assert_eq!((first.start().column, last.end().column), (9, 16));
        let (end, _) = text.spans(Range::new(source.len(), source.len())).expect("a place");
        assert_eq!(end.start().column, at);
        assert!(text.spans(Range::new(0, 0)).is_some());
        assert!(Text::default().spans(Range::new(0, 0)).is_none());
    }
}
