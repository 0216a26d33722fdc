//! The scan that comes before the grammar: tokens, brackets, and where statements start.
//!
//! It takes one pass without recursion. It refuses characters that cannot be seen, bounds the depth of brackets, pairs
//! them, and so protects the recursive parser; its tokens also serve the formatter, the documentation comments and the
//! wording of errors. It reads tokens exactly as the grammar does.

use crate::diagnostic::Diagnostic;
use crate::diagnostics as codes;
use crate::limits::{MAX_DEPTH, MAX_REPORTED};
use crate::names::{self, STATEMENT_WORDS, is_letter, is_name_char};
use crate::span::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name or a keyword.
    Word,
    /// A number without sign; `∞` is one.
    Number,
    /// `"path"` with its quotes.
    Text,
    /// `( [ { ⟨`
    Open,
    /// `) ] } ⟩`
    Close,
    /// A bar that opens a norm.
    OpenBar,
    /// The bar that closes it.
    CloseBar,
    /// What follows a closing bar: `₁`, `_F`, `∞`.
    NormKind,
    /// An operator or other punctuation.
    Symbol,
    /// `// …` up to the end of the line.
    LineComment,
    /// `/* … */`
    BlockComment,
}

/// One token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

impl Token {
    pub(crate) fn is_comment(self) -> bool {
        matches!(self.kind, TokenKind::LineComment | TokenKind::BlockComment)
    }
}

/// A stretch of text that holds one statement, as far as the scan can tell.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    /// Indices of its tokens, comments between them included.
    pub tokens: core::ops::Range<usize>,
    /// It starts with the keyword of a statement.
    pub keyword: bool,
    /// The scan has reported an error in it.
    pub faulty: bool,
}

/// The result of the scan.
#[derive(Debug)]
pub(crate) struct Scan<'t> {
    pub text: &'t str,
    pub tokens: Vec<Token>,
    pub segments: Vec<Segment>,
    /// Sorted by place.
    pub errors: Vec<Diagnostic>,
    /// What to put in the place of faulty words and characters so that the rest of their statement can be checked.
    pub patches: Vec<(Span, &'static str)>,
}

/// An opener that waits for its closing bracket.
struct Open {
    bracket: char,
    span: Span,
}

/// The state of the scan.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    segments: Vec<Segment>,
    errors: Vec<Diagnostic>,
    patches: Vec<(Span, &'static str)>,
    open: Vec<Open>,
    /// The opening brace of the wrapper.
    wrapper: Option<Span>,
    /// The closing brace of the wrapper was met.
    ended: bool,
    /// A bracket of this statement is in error: the others are not looked at, or one error would hide in many.
    confused: bool,
}

/// Length of the byte-order mark at the start, if there is one.
pub(crate) fn byte_order_mark(text: &str) -> usize {
    if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 }
}

/// Characters that count as blanks.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\n' | '\t' | '\r' | '\u{C}' | '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// Name of a character that cannot be seen or that reorders what is seen; such are refused in comments as well,
/// apart from the joiners that some scripts need.
fn invisible(c: char, in_comment: bool) -> Option<&'static str> {
    match c {
        '\0' => Some("NUL"),
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => Some("a bidirectional control"),
        '\u{FEFF}' => Some("a byte-order mark within the text"),
        '\u{200E}' | '\u{200F}' | '\u{61C}' => Some("a bidirectional mark"),
        '\u{200D}' if !in_comment => Some("a zero-width joiner"),
        '\u{200B}' | '\u{200C}' | '\u{2060}' | '\u{AD}' | '\u{180E}' if !in_comment => {
            Some("a character without width")
        }
        c if c.is_control() && !is_blank(c) => Some("a control character"),
        _ => None,
    }
}

/// What to write for a character that is not part of the language but looks as if it could be.
fn replacement(c: char) -> Option<&'static str> {
    Some(match c {
        '–' | '—' | '‒' | '﹣' | '－' | '‐' | '‑' => "-",
        '＋' => "+",
        '×' | '·' | '⋅' | '∙' | '∗' | '∘' | '•' | '＊' => "*",
        '÷' | '∕' | '／' => "/",
        '“' | '”' | '„' | '«' | '»' | '＂' => "\"",
        '‘' | '’' | '`' | '´' => "'",
        '⩽' | '≦' | '⪯' | '≼' => "<=",
        '⩾' | '≧' | '⪰' | '≽' => ">=",
        '＝' | '≡' => "==",
        '（' => "(",
        '）' => ")",
        '［' => "[",
        '］' => "]",
        '｛' => "{",
        '｝' => "}",
        '，' | '、' => ",",
        '：' => ":",
        '；' => ";",
        '\u{2329}' | '\u{3008}' => "⟨",
        '\u{232A}' | '\u{3009}' => "⟩",
        '∑' => "sum(…)",
        '√' => "sqrt(…)",
        '⊤' | '⊺' => ".T",
        '…' | '‥' => "..",
        '０'..='９' => "the ASCII digit",
        '½' => "1/2",
        '¼' => "1/4",
        '¾' => "3/4",
        _ => return None,
    })
}

/// Scans a text.
pub(crate) fn scan(text: &str) -> Scan<'_> {
    let mut scanner = Scanner {
        text,
        at: byte_order_mark(text),
        tokens: Vec::with_capacity(text.len() / 4),
        segments: Vec::new(),
        errors: Vec::new(),
        patches: Vec::new(),
        open: Vec::new(),
        wrapper: None,
        ended: false,
        confused: false,
    };
    scanner.run();
    scanner.errors.sort_by_key(|error| error.labels.first().map(|label| label.span));
    Scan { text, tokens: scanner.tokens, segments: scanner.segments, errors: scanner.errors, patches: scanner.patches }
}

impl<'t> Scanner<'t> {
    fn run(&mut self) {
        while let Some(c) = self.text[self.at..].chars().next() {
            if is_blank(c) {
                self.at += c.len_utf8();
            } else {
                self.token(c);
            }
        }
        let end = Span::new(self.text.len(), self.text.len());
        self.unclosed(end, "the text ends here");
        if let (Some(brace), false) = (self.wrapper, self.ended) {
            self.error(
                Diagnostic::new(codes::E0107, "the brace of the problem is never closed")
                    .label(brace, "opened here")
                    .label(end, "the text ends here")
                    .help("add `}` at the end"),
            );
        }
        self.close_segment();
    }

    /// Reports an error after which the statement cannot be parsed.
    fn error(&mut self, error: Diagnostic) {
        if let Some(segment) = self.segments.last_mut() {
            segment.faulty = true;
        }
        self.report(error);
    }

    /// Reports an error at `span` that leaves the rest of the statement to be parsed, with `patch` in its place.
    fn patched(&mut self, error: Diagnostic, span: Span, patch: &'static str) {
        self.patches.push((span, patch));
        self.report(error);
    }

    fn report(&mut self, error: Diagnostic) {
        if self.errors.len() < MAX_REPORTED {
            self.errors.push(error);
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn slice(&self, span: Span) -> &'t str {
        &self.text[span.start..span.end]
    }

    /// Adds the token that ends `length` bytes further on.
    fn push(&mut self, kind: TokenKind, length: usize) -> Span {
        let span = Span::new(self.at, self.at + length);
        self.at = span.end;
        self.tokens.push(Token { kind, span });
        span
    }

    /// The last token that is no comment.
    fn previous(&self) -> Option<&'t str> {
        let token = self.tokens.iter().rev().find(|token| !token.is_comment())?;
        Some(&self.text[token.span.start..token.span.end])
    }

    fn close_segment(&mut self) {
        if let Some(segment) = self.segments.last_mut() {
            segment.tokens.end = self.tokens.len();
        }
    }

    /// Makes sure that the next token belongs to a segment.
    fn segment(&mut self, keyword: bool) {
        self.close_segment();
        let next = self.tokens.len();
        self.segments.push(Segment { tokens: next..next, keyword, faulty: false });
        self.confused = false;
    }

    fn token(&mut self, c: char) {
        let rest = self.rest();
        if rest.starts_with("//") {
            let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
            self.comment_characters(length);
            self.push(TokenKind::LineComment, length);
            return;
        }
        if rest.starts_with("/*") {
            self.block_comment();
            return;
        }
        if self.ended {
            self.after_the_end();
            return;
        }
        if c == ';' && self.open.is_empty() {
            self.push(TokenKind::Symbol, 1);
            // What follows should be a keyword; if it is none, it is a segment of its own.
            self.segment(false);
            return;
        }
        if self.segments.is_empty() {
            self.segment(false);
        }
        match c {
            _ if c.is_ascii_digit() => self.number(),
            _ if is_letter(c) => self.word(),
            '"' => self.text_token(),
            '(' | '[' | '{' | '⟨' => self.opener(c),
            ')' | ']' | '}' | '⟩' => self.closer(c),
            '‖' | '∥' => self.bar(c.len_utf8()),
            '|' if rest.starts_with("||") => self.bar(2),
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => self.point_without_digit(),
            _ => self.symbol(c),
        }
    }

    /// Looks for refused characters in a comment of the given length.
    fn comment_characters(&mut self, length: usize) {
        let comment = &self.rest()[..length];
        if comment.is_ascii() && !comment.bytes().any(|byte| byte < b' ' && !is_blank(char::from(byte))) {
            return;
        }
        for (offset, c) in comment.char_indices() {
            if let Some(what) = invisible(c, true) {
                self.refuse(self.at + offset, c, what);
            }
        }
    }

    fn refuse(&mut self, at: usize, c: char, what: &str) {
        self.error(
            Diagnostic::new(codes::E0105, format!("U+{:04X} is {what} and not allowed in a problem", u32::from(c)))
                .label(Span::new(at, at + c.len_utf8()), format!("U+{:04X}", u32::from(c)))
                .help("remove the character; it shows up in no editor, which is why it is refused"),
        );
    }

    fn block_comment(&mut self) {
        let rest = self.rest();
        match rest[2..].find("*/") {
            Some(inner) => {
                self.comment_characters(inner + 4);
                self.push(TokenKind::BlockComment, inner + 4);
            }
            None => {
                let opener = Span::new(self.at, self.at + 2);
                let end = Span::new(self.text.len(), self.text.len());
                self.comment_characters(rest.len());
                self.error(
                    Diagnostic::new(codes::E0108, "the comment is never closed")
                        .label(opener, "opened here")
                        .label(end, "the text ends here")
                        .help("end it with `*/`"),
                );
                // What the comment has swallowed may be the brackets' other halves.
                self.confused = true;
                self.open.clear();
                self.ended = true;
                self.push(TokenKind::BlockComment, rest.len());
            }
        }
    }

    /// Reports text behind the wrapper once and skips it.
    fn after_the_end(&mut self) {
        let start = self.at;
        let line = self.rest().find(['\n', '\r']).map_or(self.text.len(), |length| start + length);
        let brace = self.tokens.iter().rev().find(|token| !token.is_comment()).map(|token| token.span);
        let extra = self.text[start..line].trim_end();
        let extra = extra.find("//").map_or(extra, |comment| extra[..comment].trim_end());
        let again = extra.starts_with("problem");
        let mut error = Diagnostic::new(codes::E0109, "text after the end of the problem")
            .label(Span::new(start, start + extra.len()), "not part of the problem");
        if let Some(brace) = brace {
            error = error.label(brace, "the problem ends here");
        }
        self.segment(false);
        self.error(error.help(if again {
            "a file holds one problem: move the second into a file of its own"
        } else {
            "move it inside the braces"
        }));
        self.at = self.text.len();
    }

    fn number(&mut self) {
        let rest = self.rest().as_bytes();
        let digits = |from: usize| rest[from.min(rest.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut length = digits(0);
        if rest.get(length) == Some(&b'.') && digits(length + 1) > 0 {
            length += 1 + digits(length + 1);
        }
        if matches!(rest.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(rest.get(length + 1), Some(b'+' | b'-')));
            let exponent = digits(length + 1 + sign);
            if exponent > 0 {
                length += 1 + sign + exponent;
            }
        }
        let span = self.push(TokenKind::Number, length);
        let written = &self.text[span.start..span.end];
        if written.parse::<f64>().is_ok_and(f64::is_infinite) {
            self.patched(
                Diagnostic::new(codes::E0110, format!("the number {} is too large for f64", shorten(written)))
                    .label(span, "larger than 1.797e308")
                    .help("write a smaller number, or `inf` where no bound is meant"),
                span,
                "1",
            );
        }
        let rest = self.rest();
        let trailing = rest.strip_prefix('.').is_some_and(|after| {
            let after_blanks = after.trim_start_matches(is_blank);
            let transpose = after_blanks.strip_prefix('T').is_some_and(|tail| !tail.starts_with(is_name_char));
            !after.starts_with(['.', '*', '/']) && !transpose
        });
        if trailing {
            let point = self.push(TokenKind::Symbol, 1);
            self.patched(
                Diagnostic::new(codes::E0110, "a number has no trailing point")
                    .label(span.to(point), "digits must follow the point")
                    .help(format!("write `{written}` or `{written}.0`")),
                span.to(point),
                "1",
            );
        }
    }

    fn point_without_digit(&mut self) {
        let digits = self.rest()[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest().len() - 1);
        let span = self.push(TokenKind::Number, 1 + digits);
        let written = &self.text[span.start..span.end];
        self.patched(
            Diagnostic::new(codes::E0110, "a number starts with a digit")
                .label(span, "the digit before the point is missing")
                .help(format!("write `0{}`", shorten(written))),
            span,
            "1",
        );
    }

    fn word(&mut self) {
        let rest = self.rest();
        let mut length = 0;
        let mut foreign = false;
        for c in rest.chars() {
            if !is_name_char(c) && (c == 'ᵀ' || !c.is_alphanumeric() || names::superscript_digit(c).is_some()) {
                break;
            }
            foreign |= !is_name_char(c);
            length += c.len_utf8();
        }
        let word = &rest[..length];
        // A keyword can be no name, so that it starts a statement even within brackets that were never closed.
        if !foreign && STATEMENT_WORDS.contains(&word) && !self.stands_as_name(length) {
            let here = Span::new(self.at, self.at + length);
            self.unclosed(here, "a statement starts here");
            self.segment(true);
            self.push(TokenKind::Word, length);
            return;
        }
        // A misspelled keyword at the start of a line, so that what it states is not taken for part of the statement
        // before. Only texts with errors are ever split here.
        let head = self.segments.last().and_then(|segment| self.tokens.get(segment.tokens.start));
        let within = head.is_some_and(|head| self.slice(head.span) != "problem");
        if within && self.open.is_empty() && self.starts_line() && is_misspelled(word) {
            self.segment(false);
        }
        let span = self.push(TokenKind::Word, length);
        if foreign {
            self.foreign(span);
        }
    }

    /// Whether the current place is the first of its line, blanks apart.
    fn starts_line(&self) -> bool {
        let before = self.text[..self.at].trim_end_matches([' ', '\t']);
        before.ends_with(['\n', '\r'])
    }

    /// Whether the keyword at the current place is used as a name: `var let: vector[n]`, `dim to = 3`.
    fn stands_as_name(&mut self, length: usize) -> bool {
        let declares = matches!(self.previous(), Some("dim" | "const" | "param" | "var" | "let" | ","));
        let after = self.rest()[length..].trim_start_matches(is_blank);
        let named = after.starts_with(':') || (after.starts_with('=') && !after.starts_with("=="));
        if !(declares && named) {
            return false;
        }
        let word = &self.rest()[..length];
        let span = Span::new(self.at, self.at + length);
        self.patched(reserved(word, span), span, "x");
        true
    }

    /// Reports letters of other scripts in the word at `span`, once a word.
    fn foreign(&mut self, span: Span) {
        let word = &self.text[span.start..span.end];
        let Some((offset, c)) = word.char_indices().find(|(_, c)| !is_name_char(*c)) else { return };
        let place = Span::new(span.start + offset, span.start + offset + c.len_utf8());
        let code = u32::from(c);
        let error = if c.is_numeric() {
            Diagnostic::new(codes::E0106, format!("`{c}` (U+{code:04X}) is no digit of a name"))
                .label(place, "not an ASCII digit")
                .help("use the digits 0 to 9")
        } else if let Some(latin) = names::look_alike(c) {
            Diagnostic::new(
                codes::E0205,
                format!("`{c}` (U+{code:04X}) looks like `{latin}` (U+{:04X}) but is another letter", u32::from(latin)),
            )
            .label(place, format!("not the letter `{latin}`"))
            .help(format!("type `{latin}`; names have Latin and Greek letters"))
        } else {
            Diagnostic::new(codes::E0205, format!("`{c}` (U+{code:04X}) is not a letter that a name may have"))
                .label(place, "neither Latin nor Greek")
                .help("names have Latin and Greek letters, digits and `_`")
        };
        self.patched(error, span, "x");
    }

    fn text_token(&mut self) {
        let rest = self.rest();
        let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
        match rest[1..line].find('"') {
            Some(inner) => {
                for (offset, c) in rest[..inner + 2].char_indices() {
                    if let Some(what) = invisible(c, false) {
                        self.refuse(self.at + offset, c, what);
                    }
                }
                self.push(TokenKind::Text, inner + 2);
            }
            None => {
                let span = self.push(TokenKind::Text, line);
                self.error(
                    Diagnostic::new(codes::E0108, "the string is not closed on its line")
                        .label(Span::new(span.start, span.start + 1), "opened here")
                        .help("end it with `\"`"),
                );
                self.confused = true;
                self.open.clear();
            }
        }
    }

    fn opener(&mut self, c: char) {
        let first = self.segments.len() == 1 && self.wrapper.is_none() && !self.segments[0].keyword;
        let span = self.push(TokenKind::Open, c.len_utf8());
        if c == '{' && first && self.open.is_empty() {
            self.wrapper = Some(span);
            self.segment(false);
        } else {
            self.open_bracket(c, span);
        }
    }

    fn open_bracket(&mut self, bracket: char, span: Span) {
        if self.confused {
            return;
        }
        if self.open.len() == MAX_DEPTH {
            self.error(
                Diagnostic::new(codes::E0104, format!("nested deeper than {MAX_DEPTH}"))
                    .label(span, format!("bracket number {} within one another", MAX_DEPTH + 1))
                    .help("name a part with `let` and use the name"),
            );
            self.confused = true;
            self.open.clear();
            return;
        }
        self.open.push(Open { bracket, span });
    }

    fn closer(&mut self, c: char) {
        let partner = match c {
            ')' => '(',
            ']' => '[',
            '⟩' => '⟨',
            _ => '{',
        };
        let matches = self.open.last().is_some_and(|open| open.bracket == partner);
        let here = Span::new(self.at, self.at + c.len_utf8());
        if c == '}' && self.wrapper.is_some() && !self.open.iter().any(|open| open.bracket == '{') {
            self.unclosed(here, "the problem ends here");
            self.segment(false);
            self.push(TokenKind::Close, 1);
            self.ended = true;
            return;
        }
        self.push(TokenKind::Close, c.len_utf8());
        if matches {
            self.open.pop();
            return;
        }
        if self.confused {
            return;
        }
        let error = match self.blamed() {
            Some(open) => {
                let opener = self.slice(open.span);
                let closing = closing(opener);
                Diagnostic::new(codes::E0107, format!("`{c}` does not close `{opener}`"))
                    .label(here, format!("expected `{closing}` before this"))
                    .label(open.span, "opened here")
                    .help(format!("add `{closing}`, or remove `{c}`"))
            }
            None => Diagnostic::new(codes::E0107, format!("`{c}` closes nothing"))
                .label(here, "no bracket is open here")
                .help(format!("remove it, or add `{partner}` before")),
        };
        self.error(error);
        self.confused = true;
        self.open.clear();
    }

    /// The unclosed opener to name: the innermost, but not a bar that could have closed an outer one if the bracket
    /// between the two had been closed.
    fn blamed(&self) -> Option<&Open> {
        let last = self.open.len().checked_sub(1)?;
        if self.open[last].bracket == '‖' && last > 0 && self.open[..last].iter().any(|open| open.bracket == '‖') {
            return self.open.get(last - 1);
        }
        self.open.get(last)
    }

    /// Reports the bracket that is still open at `place`, and forgets it.
    fn unclosed(&mut self, place: Span, what: &str) {
        if let (Some(open), false) = (self.blamed(), self.confused) {
            let span = open.span;
            let opener = self.slice(span);
            self.error(
                Diagnostic::new(codes::E0107, format!("`{opener}` is never closed"))
                    .label(span, "opened here")
                    .label(place, what)
                    .help(format!("add `{}`", closing(opener))),
            );
        }
        self.open.clear();
    }

    fn bar(&mut self, length: usize) {
        if self.open.last().is_some_and(|open| open.bracket == '‖') {
            self.open.pop();
            self.push(TokenKind::CloseBar, length);
        } else {
            let span = self.push(TokenKind::OpenBar, length);
            self.open_bracket('‖', span);
        }
    }

    /// Whether a bar came last that closes a norm, or may close one where brackets are in error.
    fn behind_a_norm(&self) -> bool {
        let last = self.tokens.iter().rev().find(|token| !token.is_comment());
        last.is_some_and(|last| last.kind == TokenKind::CloseBar || self.confused && last.kind == TokenKind::OpenBar)
    }

    /// The word after a closing bar, read as the grammar reads it; nothing where there is none.
    fn norm_kind(&mut self) -> bool {
        let rest = self.rest();
        let run = |text: &str, accept: fn(char) -> bool| text.find(|c| !accept(c)).unwrap_or(text.len());
        let length = if let Some(after) = rest.strip_prefix('_') {
            let word = run(after, is_name_char);
            let minus = after.strip_prefix('-').map_or(0, |digits| run(digits, |c| c.is_ascii_digit()));
            1 + match after.chars().next() {
                Some(c @ ('*' | '∞')) => c.len_utf8(),
                Some('-') if minus > 0 => 1 + minus,
                _ => word,
            }
        } else if rest.starts_with('∞') {
            '∞'.len_utf8()
        } else {
            run(rest, |c| names::subscript_digit(c).is_some())
        };
        if length > 0 {
            self.push(TokenKind::NormKind, length);
        }
        length > 0
    }

    fn symbol(&mut self, c: char) {
        const LONG: [&str; 10] = ["..", ".*", "./", "<=", ">=", "==", "!=", "=<", "=>", "**"];
        let rest = self.rest();
        if (c == '_' || c == '∞' || names::subscript_digit(c).is_some()) && self.behind_a_norm() && self.norm_kind() {
            return;
        }
        if c == '∞' {
            self.push(TokenKind::Number, c.len_utf8());
            return;
        }
        if let Some(symbol) = LONG.iter().find(|symbol| rest.starts_with(**symbol)) {
            self.push(TokenKind::Symbol, symbol.len());
            return;
        }
        if names::superscript_digit(c).is_some() {
            let length = rest.find(|c| names::superscript_digit(c).is_none()).unwrap_or(rest.len());
            self.push(TokenKind::Symbol, length);
            return;
        }
        let known = "+-−*/⊙⊘^'′ᵀ.,:;=<>≤≥≠∈_|";
        let at = self.at;
        if known.contains(c) {
            self.push(TokenKind::Symbol, c.len_utf8());
        } else if let Some(what) = invisible(c, false) {
            self.push(TokenKind::Symbol, c.len_utf8());
            self.refuse(at, c, what);
        } else if c.is_alphabetic() {
            // A word that starts with a letter of another script; what follows is read as part of it.
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let span = self.push(TokenKind::Word, length.max(c.len_utf8()));
            self.foreign(span);
        } else {
            let span = self.push(TokenKind::Symbol, c.len_utf8());
            self.unknown(c, span);
        }
    }

    fn unknown(&mut self, c: char, span: Span) {
        let code = u32::from(c);
        let what = if c.is_ascii() {
            format!("`{c}` has no meaning in a problem")
        } else {
            format!("`{c}` (U+{code:04X}) has no meaning in a problem")
        };
        let mut error = Diagnostic::new(codes::E0106, what).label(span, "not part of the language");
        let digit = ('０'..='９').contains(&c).then(|| char::from_u32(code - 0xFEE0)).flatten();
        error = match (digit, replacement(c), c) {
            (Some(digit), _, _) => error.help(format!("write `{digit}`")),
            (_, Some(ascii), _) => error.help(format!("write `{ascii}`")),
            (_, _, '@') => error.help("a product is written `*`, or side by side"),
            (_, _, '#') => error.help("a comment starts with `//`"),
            (_, _, '\\') => error.help("write a name in Unicode (`λ`) or as its word (`lambda`), without a backslash"),
            (_, _, '&' | '!') => error.help("separate constraints with a comma"),
            (_, _, '∇' | '∂') => error.help("gradients are derived by the compiler and not written"),
            _ => error,
        };
        match (replacement(c), c) {
            (Some(symbol @ ("-" | "*" | "/" | "," | ":" | ";" | "'" | "<=" | ">=" | "==" | "..")), _) => {
                self.patched(error, span, symbol);
            }
            (Some("the ASCII digit" | "1/2" | "1/4" | "3/4"), _) => self.patched(error, span, "1"),
            (_, '@') => self.patched(error, span, "*"),
            _ => self.error(error),
        }
    }
}

/// Whether a word is a slip of one of the longer keywords.
fn is_misspelled(word: &str) -> bool {
    let long = ["const", "param", "minimize", "maximize", "subject", "solve"];
    word.len() > 3 && !long.contains(&word) && names::nearest(word, long).is_some()
}

/// A reserved word that stands where a name is expected.
pub(crate) fn reserved(word: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0204, format!("`{word}` is reserved and cannot be a name"))
        .label(span, "a keyword")
        .help(format!("choose another name, `{word}_` or `{word}1` for example"))
}

/// The bracket that closes another.
fn closing(opener: &str) -> &str {
    match opener {
        "(" => ")",
        "[" => "]",
        "⟨" => "⟩",
        "{" => "}",
        bar => bar,
    }
}

/// At most the first twenty characters of a text.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(20) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
