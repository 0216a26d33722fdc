//! Formatting: the same problem in good-looking text.
//!
//! It works on tokens, not on the tree, so that no comment can be lost and every spelling that is not asked to change
//! stays. One statement a line; long ones are broken after commas and before signs. The tree of the result is the tree
//! of the source.

use crate::ast::{Problem, StatementKind};
use crate::diagnostic::Diagnostic;
use crate::names;
use crate::parse::parse_scanned;
use crate::scan::{self, Scan, Token, TokenKind};
use crate::span::Span;

/// Which spelling the result has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As written.
    Keep,
    /// ASCII throughout: `||x||_1`, `lambda`, `<=`, `D.T`.
    Ascii,
    /// Unicode where there is one: `‖x‖₁`, `λ`, `≤`, `Dᵀ`.
    Unicode,
}

/// Longest line before a statement is broken.
const WIDTH: usize = 100;

/// Blanks before a comment behind a statement.
const BEFORE_COMMENT: usize = 3;

/// How far comments behind neighbouring statements are moved to stand below one another.
const MAX_ALIGNMENT: usize = 40;

/// Formats a text.
///
/// # Errors
/// The errors of a text that does not parse.
///
/// ```
/// use sparsec_syntax::format::{Style, format};
/// let ascii = format("var y:vector[3];minimize ‖y‖²", Style::Ascii).unwrap();
/// assert_eq!(ascii, "var y: vector[3]\nminimize ||y||^2\n");
/// ```
pub fn format(text: &str, style: Style) -> Result<String, Vec<Diagnostic>> {
    if text.len() > crate::limits::MAX_TEXT_BYTES {
        return crate::parse(text).map(|_| String::new());
    }
    let scan = scan::scan(text);
    let problem = parse_scanned(&scan)?;
    let lines = Lines::new(&scan, &problem, style).collect();
    Ok(print(lines))
}

/// A line of the result, or a statement that was broken into several.
struct Line {
    indent: usize,
    /// The code; empty where there are comments only. May hold newlines.
    code: String,
    /// What stands behind the code, or alone.
    comment: String,
    /// An empty line comes before.
    gap: bool,
}

/// Joins the lines and aligns the comments behind neighbouring ones.
fn print(lines: Vec<Line>) -> String {
    let last_width = |line: &Line| line.indent + width(line.code.rsplit('\n').next().unwrap_or_default());
    let aligned = |line: &Line| !line.code.is_empty() && !line.code.contains('\n');
    let mut out = String::new();
    let mut at = 0;
    while at < lines.len() {
        // A run of single lines with code and without a gap between them.
        let mut end = at + 1;
        if aligned(&lines[at]) {
            while end < lines.len() && aligned(&lines[end]) && !lines[end].gap && lines[end].indent == lines[at].indent
            {
                end += 1;
            }
        }
        let run = &lines[at..end];
        let commented = || run.iter().filter(|line| !line.comment.is_empty()).map(last_width);
        let widest = commented().max().unwrap_or(0);
        let narrowest = commented().min().unwrap_or(0);
        let together = widest - narrowest <= MAX_ALIGNMENT;
        for line in run {
            if line.gap && !out.is_empty() {
                out.push('\n');
            }
            let mut text = " ".repeat(line.indent);
            text.push_str(&line.code);
            if !line.comment.is_empty() {
                if !line.code.is_empty() {
                    let column = if together { widest } else { last_width(line) };
                    text.push_str(&" ".repeat(column - last_width(line) + BEFORE_COMMENT));
                }
                text.push_str(&line.comment);
            }
            out.push_str(text.trim_end());
            out.push('\n');
        }
        at = end;
    }
    out
}

/// Columns of a text.
fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { unicode_width::UnicodeWidthStr::width(text) }
}

/// The lines of a problem.
struct Lines<'s, 't> {
    scan: &'s Scan<'t>,
    style: Style,
    /// `dot` is declared, so that `dot(a, b)` stays a call by name.
    dot_is_declared: bool,
    /// Where statements start and end, as byte offsets.
    statements: Vec<Span>,
    lines: Vec<Line>,
}

impl<'s, 't> Lines<'s, 't> {
    fn new(scan: &'s Scan<'t>, problem: &Problem, style: Style) -> Self {
        let declared = |kind: &StatementKind| match kind {
            StatementKind::Const(decls) | StatementKind::Param(decls) | StatementKind::Var(decls) => {
                decls.iter().any(|decl| decl.name.canonical == "dot")
            }
            StatementKind::Dim(decls) => decls.iter().any(|decl| decl.name.canonical == "dot"),
            StatementKind::Let(decls) => decls.iter().any(|decl| decl.name.canonical == "dot"),
            _ => false,
        };
        Self {
            scan,
            style,
            dot_is_declared: problem.statements.iter().any(|statement| declared(&statement.kind)),
            statements: problem.statements.iter().map(|statement| statement.span).collect(),
            lines: Vec::new(),
        }
    }

    fn text(&self, span: Span) -> &'t str {
        self.scan.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Line breaks between two places.
    fn breaks(&self, from: usize, to: usize) -> usize {
        let between = self.text(Span::new(from, to)).replace("\r\n", "\n");
        between.chars().filter(|c| matches!(c, '\n' | '\r')).count()
    }

    fn collect(mut self) -> Vec<Line> {
        let tokens = &self.scan.tokens;
        let mut statements = self.statements.clone().into_iter().peekable();
        let mut indent = 0;
        let mut at = 0;
        let mut end_of_last: Option<usize> = None;
        while at < tokens.len() {
            let token = tokens[at];
            let text = self.text(token.span);
            let gap = end_of_last.is_some_and(|end| self.breaks(end, token.span.start) > 1);
            if token.is_comment() {
                let same_line = end_of_last.is_some_and(|end| self.breaks(end, token.span.start) == 0);
                self.comment(text, indent, gap, same_line);
                end_of_last = Some(token.span.end);
                at += 1;
                continue;
            }
            if text == ";" {
                // A line break after it counts from here.
                if end_of_last.is_some_and(|end| self.breaks(end, token.span.start) == 0) {
                    end_of_last = Some(token.span.end);
                }
                at += 1;
                continue;
            }
            if token.kind == TokenKind::Close {
                indent = 0;
                self.lines.push(Line { indent, code: "}".to_owned(), comment: String::new(), gap: false });
                end_of_last = Some(token.span.end);
                at += 1;
                continue;
            }
            let (until, header) = match statements.peek() {
                Some(span) if span.start <= token.span.start => (statements.next().map_or(0, |span| span.end), false),
                // The head of the wrapper, up to its brace.
                _ => {
                    let brace = tokens[at..].iter().find(|token| token.kind == TokenKind::Open);
                    (brace.map_or(self.scan.text.len(), |brace| brace.span.end), true)
                }
            };
            let mut end = at;
            while end < tokens.len() && tokens[end].span.end <= until {
                end += 1;
            }
            let gap =
                gap && self.lines.last().is_none_or(|line| !line.code.ends_with('{') || line.comment.contains('\n'));
            let code = self.code(&tokens[at..end.max(at + 1)], indent);
            self.lines.push(Line { indent, code, comment: String::new(), gap });
            end_of_last = Some(until);
            if header {
                indent = 4;
            }
            at = end.max(at + 1);
        }
        self.keep_columns();
        self.lines
    }

    /// A comment between statements: behind the last one where it stands on its line, else on a line of its own.
    fn comment(&mut self, text: &str, indent: usize, gap: bool, same_line: bool) {
        let text = clean(text);
        match self.lines.last_mut() {
            Some(line) if same_line => {
                if !line.comment.is_empty() {
                    line.comment.push(' ');
                }
                line.comment.push_str(&text);
            }
            last => {
                let gap = gap && last.is_none_or(|line| !line.code.ends_with('{'));
                self.lines.push(Line { indent, code: String::new(), comment: text, gap });
            }
        }
    }

    /// Keywords of neighbouring declarations are padded to one width where the source has them so.
    fn keep_columns(&mut self) {
        let source = self.declaration_columns();
        let mut at = 0;
        let mut first = 0;
        let declares = |line: &Line| DECLARING.iter().any(|word| starts_with_word(&line.code, word));
        while at < self.lines.len() {
            let mut end = at;
            while end < self.lines.len() && declares(&self.lines[end]) && (end == at || !self.lines[end].gap) {
                end += 1;
            }
            let run: Vec<usize> = (at..end).collect();
            let columns = source.get(first..first + run.len()).unwrap_or_default();
            first += run.len();
            let widest = run.iter().map(|line| self.lines[*line].code.find(' ').unwrap_or(0)).max().unwrap_or(0);
            let same = columns.len() > 1 && columns.windows(2).all(|pair| pair[0] == pair[1]);
            let padded = columns.first().is_some_and(|column| *column == Some(widest + 1));
            if same && padded {
                for line in &mut self.lines[at..end] {
                    let word = line.code.find(' ').unwrap_or(0);
                    line.code.insert_str(word, &" ".repeat(widest - word));
                }
            }
            at = end.max(at + 1);
        }
    }

    /// For each declaring statement the column of its first name relative to its keyword, if both are on one line with
    /// the keyword first.
    fn declaration_columns(&self) -> Vec<Option<usize>> {
        let mut columns = Vec::new();
        for span in &self.statements {
            let index = self.scan.tokens.partition_point(|token| token.span.start < span.start);
            let (Some(word), Some(name)) = (self.scan.tokens.get(index), self.scan.tokens.get(index + 1)) else {
                continue;
            };
            if !DECLARING.contains(&self.text(word.span)) {
                continue;
            }
            let line = self.scan.text[..word.span.start].rsplit(['\n', '\r']).next().unwrap_or_default();
            let between = self.text(Span::new(word.span.end, name.span.start));
            let named = name.kind == TokenKind::Word && !between.is_empty();
            let alone = named && line.chars().all(scan::is_blank) && between.chars().all(|c| c == ' ');
            columns.push(alone.then_some(name.span.start - word.span.start));
        }
        columns
    }

    /// The code of one statement, broken where it is too long.
    fn code(&self, tokens: &[Token], indent: usize) -> String {
        let pieces = self.pieces(tokens);
        let mut lines: Vec<String> = vec![String::new()];
        let mut width_now = indent;
        let continued = " ".repeat(indent + 4);
        // The pieces since the start of the line, for the choice of the place to break.
        let mut start = 0;
        let mut at = 0;
        while at < pieces.len() {
            let piece = &pieces[at];
            let blank = usize::from(piece.space && at > start);
            if piece.line_before && at > start {
                lines.push(continued.clone());
                width_now = continued.len();
                start = at;
                continue;
            }
            let wide = width(piece.text.split('\n').next().unwrap_or_default());
            if width_now + blank + wide > WIDTH && at > start {
                // The shallowest of the places on this line, the last of these.
                let place = (start + 1..=at)
                    .filter(|place| pieces[*place].breakable)
                    .min_by_key(|place| (pieces[*place].depth, core::cmp::Reverse(*place)));
                if let Some(place) = place {
                    let line = lines.last_mut();
                    if let Some(line) = line {
                        *line = head_of(line, start, place, &pieces);
                    }
                    lines.push(continued.clone());
                    width_now = continued.len();
                    start = place;
                    at = place;
                    continue;
                }
            }
            if let Some(line) = lines.last_mut() {
                if blank == 1 {
                    line.push(' ');
                }
                if piece.is_comment && at > start && !piece.text.starts_with("/*") {
                    line.push_str(&" ".repeat(BEFORE_COMMENT - 1));
                }
                line.push_str(&piece.text);
                width_now =
                    width(line.rsplit('\n').next().unwrap_or_default()) + if lines.len() == 1 { indent } else { 0 };
            }
            at += 1;
        }
        let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
        lines.join("\n")
    }

    /// The tokens of a statement as pieces with the blanks and breaks between them.
    fn pieces(&self, tokens: &[Token]) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut before = Before::Start;
        let mut depth = 0_usize;
        let mut line_comment = false;
        // Which of the open parentheses were those of `dot(…)`.
        let mut angles: Vec<bool> = Vec::new();
        let mut at = 0;
        let mut end_of_last = tokens.first().map_or(0, |token| token.span.start);
        let mut pending_dot = false;
        let mut in_constraint = false;
        while at < tokens.len() {
            let token = tokens[at];
            let source = self.text(token.span);
            let written_apart = token.span.start > end_of_last;
            let new_line = self.breaks(end_of_last, token.span.start) > 0;
            end_of_last = token.span.end;
            if token.is_comment() {
                pieces.push(Piece {
                    text: clean(source),
                    space: true,
                    breakable: false,
                    depth,
                    line_before: line_comment || new_line && at > 0,
                    is_comment: true,
                });
                line_comment = token.kind == TokenKind::LineComment;
                if !line_comment && new_line {
                    line_comment =
                        self.breaks(token.span.end, tokens.get(at + 1).map_or(token.span.end, |t| t.span.start)) > 0;
                }
                at += 1;
                continue;
            }
            let next = tokens[at + 1..].iter().find(|token| !token.is_comment());
            let after_next = tokens[at + 1..].iter().filter(|token| !token.is_comment()).nth(1);
            let next_text = next.map_or("", |next| self.text(next.span));
            if source == "to" {
                in_constraint = true;
            }
            let mut role = self.role(token, source, &before);
            let mut text = self.spell(token, source, role, in_constraint);
            let mut skip = 0;
            let adjacent = !tokens.get(at + 1).is_some_and(|token| token.is_comment());
            if role == Role::Call && self.style == Style::Unicode && self.is_inner(tokens, at) {
                pending_dot = true;
                text = "⟨".to_owned();
            }
            // `^2`, `^T`, `.T`: a mark and what belongs to it.
            match (source, self.style) {
                ("^", Style::Unicode) if adjacent && next.is_some_and(|next| next.kind == TokenKind::Number) => {
                    if let Some(digits) = raised(next_text) {
                        text = digits;
                        skip = 1;
                    }
                }
                ("^", Style::Unicode) if adjacent && matches!(next_text, "-" | "−") => {
                    let digits = after_next.filter(|number| number.kind == TokenKind::Number);
                    let digits = digits.and_then(|number| raised(self.text(number.span)));
                    let together = !tokens.get(at + 2).is_some_and(|token| token.is_comment());
                    if let (Some(digits), true) = (digits, together) {
                        text = format!("⁻{digits}");
                        skip = 2;
                    }
                }
                ("^" | ".", Style::Unicode) if adjacent && next_text == "T" => {
                    text = "ᵀ".to_owned();
                    skip = 1;
                }
                ("^", Style::Ascii) if adjacent && next_text == "T" => {
                    text = ".T".to_owned();
                    skip = 1;
                }
                (".", _) if adjacent && next_text == "T" => {
                    text = ".T".to_owned();
                    skip = 1;
                }
                _ => {}
            }
            if skip > 0 {
                role = Role::Postfix;
                end_of_last = tokens.get(at + skip).map_or(end_of_last, |token| token.span.end);
            }
            if role == Role::Open && pending_dot {
                pending_dot = false;
                angles.push(true);
                depth += 1;
                before = Before::Opened;
                at += 1;
                continue;
            }
            // A bracket counts as outside of itself.
            let mut inside = depth;
            match role {
                Role::Open | Role::OpenBar => {
                    angles.push(false);
                    inside += 1;
                }
                Role::Close | Role::CloseBar => {
                    depth = depth.saturating_sub(1);
                    inside = depth;
                    if angles.pop() == Some(true) {
                        text = "⟩".to_owned();
                    }
                }
                _ => {}
            }
            let spaced = self.spaced(&before, role, source, written_apart, tokens, at);
            let breakable = matches!(before, Before::Comma)
                || role == Role::Binary && matches!(source, "+" | "-" | "−")
                || role == Role::Relation && depth == 0;
            pieces.push(Piece {
                text,
                space: spaced,
                breakable: breakable && spaced,
                depth,
                line_before: core::mem::take(&mut line_comment),
                is_comment: false,
            });
            depth = inside;
            before = Before::after(role, spaced);
            at += 1 + skip;
        }
        pieces
    }

    /// Whether the call at `at` is `dot(a, b)`.
    fn is_inner(&self, tokens: &[Token], at: usize) -> bool {
        if self.dot_is_declared || names::canonical(self.text(tokens[at].span)) != "dot" {
            return false;
        }
        if tokens.get(at + 1).is_none_or(|open| self.text(open.span) != "(") {
            return false;
        }
        // The name of an algorithm or of a set.
        let before = tokens[..at].iter().rev().find(|token| !token.is_comment());
        if before.is_some_and(|before| ["with", "in", "∈"].contains(&self.text(before.span))) {
            return false;
        }
        let (mut depth, mut commas) = (0, 0);
        for token in &tokens[at + 1..] {
            match token.kind {
                TokenKind::Open | TokenKind::OpenBar => depth += 1,
                TokenKind::Close | TokenKind::CloseBar => {
                    depth -= 1;
                    if depth == 0 {
                        return commas == 1;
                    }
                }
                TokenKind::Symbol if depth == 1 && self.text(token.span) == "," => commas += 1,
                _ => {}
            }
        }
        false
    }

    /// What a token does at its place.
    fn role(&self, token: Token, text: &str, before: &Before) -> Role {
        match token.kind {
            TokenKind::Word => match text {
                "in" => Role::Relation,
                "load" => Role::Call,
                "inf" => Role::Operand,
                _ if names::RESERVED.contains(&text) => Role::Keyword,
                _ => Role::Call,
            },
            TokenKind::Number | TokenKind::Text => Role::Operand,
            TokenKind::Open => Role::Open,
            TokenKind::Close => Role::Close,
            TokenKind::OpenBar => Role::OpenBar,
            TokenKind::CloseBar => Role::CloseBar,
            TokenKind::NormKind => Role::Postfix,
            TokenKind::Symbol => match text {
                "," | ";" | ":" => Role::Comma,
                "-" | "−" if !before.is_operand() => Role::Sign,
                "+" | "-" | "−" | "*" | "/" | ".*" | "./" | "⊙" | "⊘" => Role::Binary,
                "=" | "==" | "<=" | ">=" | "<" | ">" | "≤" | "≥" | "∈" => Role::Relation,
                ".." => Role::Range,
                "^" => Role::Caret,
                _ => Role::Postfix,
            },
            TokenKind::LineComment | TokenKind::BlockComment => Role::Comma,
        }
    }

    /// Whether a blank comes before a token.
    fn spaced(&self, before: &Before, role: Role, text: &str, apart: bool, tokens: &[Token], at: usize) -> bool {
        match (before, role) {
            (Before::Start | Before::Opened | Before::Sign | Before::Caret, _) => false,
            (_, Role::Comma | Role::Close | Role::CloseBar | Role::Postfix | Role::Caret) => false,
            (Before::Comma | Before::Relation | Before::Keyword, _) => true,
            (Before::Range, _) | (_, Role::Range) => matches!(before, Before::Comma),
            (_, Role::Relation) => true,
            (_, Role::Binary) => match text {
                "*" | "/" => apart || self.blank_after(tokens, at),
                _ => true,
            },
            (Before::Binary(space), _) => *space,
            // An operand behind an operand: a product, an index or a call.
            (Before::Operand | Before::Name, Role::Open) => match text {
                "[" => false,
                "(" => apart && !self.only_a_call(tokens, at),
                _ => true,
            },
            (Before::Operand | Before::Name, _) => true,
        }
    }

    /// Whether the parenthesis at `at` belongs to `load` or an algorithm, so that it cannot start a product.
    fn only_a_call(&self, tokens: &[Token], at: usize) -> bool {
        let mut before =
            tokens[..at].iter().rev().filter(|token| !token.is_comment()).map(|token| self.text(token.span));
        before.next() == Some("load") || before.next() == Some("with")
    }

    /// Whether the source has a blank behind the token.
    fn blank_after(&self, tokens: &[Token], at: usize) -> bool {
        tokens.get(at + 1).is_some_and(|next| next.span.start > tokens[at].span.end)
    }

    /// A token in the style that is asked for.
    fn spell(&self, token: Token, text: &str, role: Role, in_constraint: bool) -> String {
        let same = || text.to_owned();
        let digits = |text: &str| text.chars().filter_map(names::superscript_digit).collect::<String>();
        match self.style {
            Style::Keep => same(),
            Style::Ascii => match (token.kind, text) {
                (TokenKind::Word, _) => names::canonical(text),
                (TokenKind::OpenBar | TokenKind::CloseBar, _) => "||".to_owned(),
                (TokenKind::NormKind, "₁") => "_1".to_owned(),
                (TokenKind::NormKind, "₂") => "_2".to_owned(),
                (TokenKind::NormKind, "∞" | "_∞") => "_inf".to_owned(),
                (TokenKind::NormKind, "_*") => "_nuc".to_owned(),
                (TokenKind::NormKind, _) => names::canonical(text),
                (TokenKind::Number, "∞") => "inf".to_owned(),
                (TokenKind::Open, "⟨") => "dot(".to_owned(),
                (TokenKind::Close, "⟩") => ")".to_owned(),
                (_, "−") => "-".to_owned(),
                (_, "≤") => "<=".to_owned(),
                (_, "≥") => ">=".to_owned(),
                (_, "∈") => "in".to_owned(),
                (_, "⊙") => ".*".to_owned(),
                (_, "⊘") => "./".to_owned(),
                (_, "ᵀ" | "'" | "′") => ".T".to_owned(),
                (TokenKind::Symbol, _) if role == Role::Postfix && !digits(text).is_empty() => {
                    format!("^{}", digits(text))
                }
                _ => same(),
            },
            Style::Unicode => match (token.kind, text) {
                (TokenKind::Word, "in") if in_constraint => "∈".to_owned(),
                (TokenKind::Word, _) if role == Role::Call => names::unicode(text),
                (TokenKind::OpenBar | TokenKind::CloseBar, _) => "‖".to_owned(),
                (TokenKind::NormKind, _) => match names::canonical(text).as_str() {
                    "_1" | "1" => "₁".to_owned(),
                    "_2" | "2" => "₂".to_owned(),
                    "_inf" | "_∞" | "∞" => "∞".to_owned(),
                    "_nuc" => "_*".to_owned(),
                    _ => same(),
                },
                (_, "-") => "−".to_owned(),
                (_, "<=") if in_constraint => "≤".to_owned(),
                (_, ">=") if in_constraint => "≥".to_owned(),
                (_, ".*") => "⊙".to_owned(),
                (_, "./") => "⊘".to_owned(),
                (_, "'" | "′") => "ᵀ".to_owned(),
                _ => same(),
            },
        }
    }
}

/// Statements whose keywords may stand in a column.
const DECLARING: [&str; 5] = ["dim", "const", "param", "var", "let"];

fn starts_with_word(code: &str, word: &str) -> bool {
    code.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '))
}

/// The superscript of a whole number in digits.
fn raised(number: &str) -> Option<String> {
    (number.len() <= 4).then(|| number.chars().map(names::superscript).collect())?
}

/// A comment without blanks at the ends of its lines, its line ends LF.
fn clean(comment: &str) -> String {
    let comment = comment.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = comment.split('\n').map(str::trim_end).collect();
    lines.join("\n")
}

/// The start of a line up to the piece where it is broken.
fn head_of(line: &str, start: usize, place: usize, pieces: &[Piece]) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let mut head = " ".repeat(indent);
    for (number, piece) in pieces.iter().enumerate().take(place).skip(start) {
        if piece.space && number > start {
            head.push(' ');
        }
        if piece.is_comment && number > start && !piece.text.starts_with("/*") {
            head.push_str(&" ".repeat(BEFORE_COMMENT - 1));
        }
        head.push_str(&piece.text);
    }
    head
}

/// A token as it is printed.
struct Piece {
    text: String,
    /// A blank comes before, unless it starts a line.
    space: bool,
    /// A long statement may be broken before it.
    breakable: bool,
    /// Brackets around it.
    depth: usize,
    /// It starts a line in any case.
    line_before: bool,
    is_comment: bool,
}

/// What a token does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Keyword,
    /// A name, which may be called.
    Call,
    Operand,
    Open,
    Close,
    OpenBar,
    CloseBar,
    Postfix,
    Comma,
    Sign,
    Binary,
    Relation,
    Range,
    Caret,
}

/// What came before a token.
enum Before {
    Start,
    Keyword,
    Opened,
    Name,
    Operand,
    Comma,
    Sign,
    /// With or without a blank around the operator.
    Binary(bool),
    Relation,
    Range,
    Caret,
}

impl Before {
    fn is_operand(&self) -> bool {
        matches!(self, Before::Name | Before::Operand)
    }

    fn after(role: Role, spaced: bool) -> Before {
        match role {
            Role::Keyword => Before::Keyword,
            Role::Call => Before::Name,
            Role::Operand | Role::Close | Role::CloseBar | Role::Postfix => Before::Operand,
            Role::Open | Role::OpenBar => Before::Opened,
            Role::Comma => Before::Comma,
            Role::Sign => Before::Sign,
            Role::Binary => Before::Binary(spaced),
            Role::Relation => Before::Relation,
            Role::Range => Before::Range,
            Role::Caret => Before::Caret,
        }
    }
}
