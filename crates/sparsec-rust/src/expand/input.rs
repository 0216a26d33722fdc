//! The macro's own form: `<f64; n = 3>`, documentation, visibility, and the problem.

use super::failure::Failure;
use super::flatten;
use super::string;
use crate::Precision;
use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// What the macro was given.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) precision: Precision,
    pub(super) dims: Vec<Dim>,
    /// `///` lines before the visibility, where the problem is a string or a file.
    pub(super) docs: String,
    /// From `#[runtime(…)]`.
    pub(super) runtime: Option<TokenStream>,
    pub(super) visibility: TokenStream,
    pub(super) body: Body,
}

/// A size from the head.
#[derive(Clone, Debug)]
pub(super) struct Dim {
    pub(super) name: Ident,
    pub(super) value: usize,
}

/// The problem.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// `problem NAME { … }`, with the documentation before it.
    Tokens(TokenStream),
    /// `"problem NAME { … }"`
    Text(Literal),
    /// `file = "problem.sparse"`
    File(Literal),
}

impl Body {
    /// Where to point when the whole is meant.
    pub(super) fn span(&self) -> Span {
        match self {
            Body::Tokens(tokens) => {
                let word = tokens.clone().into_iter().find(|token| matches!(token, TokenTree::Ident(_)));
                word.map_or_else(Span::call_site, |word| word.span())
            }
            Body::Text(literal) | Body::File(literal) => literal.span(),
        }
    }
}

const FORMS: &str = "the forms are `<f64; n = 3> pub problem NAME { … }`, `<f64> pub \"problem NAME { … }\"` and \
                     `<f64> pub file = \"path.sparse\"`";
const SIZES: &str = "a size in the head is an integer literal, as in `<f64; n = 256>`: constants and generic parameters have no \
                     value yet when a macro is expanded";
/// A problem without a name.
pub(super) const UNNAMED: &str = "the problem needs a name for the type: `problem NAME { … }`";

/// The tokens one after the other; invisible groups are looked into.
struct Cursor {
    tokens: Vec<TokenTree>,
    /// Where the last token was, for what is missing at the end.
    last: Span,
}

impl Cursor {
    fn new(tokens: TokenStream) -> Self {
        let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
        tokens.reverse();
        Self { tokens, last: Span::call_site() }
    }

    fn peek(&mut self) -> Option<&TokenTree> {
        while let Some(TokenTree::Group(group)) = self.tokens.last()
            && group.delimiter() == Delimiter::None
        {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            self.tokens.pop();
            self.tokens.extend(inner.into_iter().rev());
        }
        self.tokens.last()
    }

    fn next(&mut self) -> Option<TokenTree> {
        self.peek()?;
        let token = self.tokens.pop()?;
        self.last = token.span();
        Some(token)
    }

    fn at_punct(&mut self, c: char) -> bool {
        matches!(self.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == c)
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.at_punct(c);
        if found {
            self.next();
        }
        found
    }

    /// Where the next token is, or the last one.
    fn here(&mut self) -> Span {
        let last = self.last;
        self.peek().map_or(last, TokenTree::span)
    }

    fn rest(mut self) -> TokenStream {
        self.tokens.reverse();
        self.tokens.into_iter().collect()
    }
}

impl Input {
    pub(super) fn parse(tokens: TokenStream) -> Result<Self, Failure> {
        let mut cursor = Cursor::new(tokens);
        let (precision, dims) = head(&mut cursor)?;
        let (mut docs, mut doc_tokens, mut runtime) = (String::new(), TokenStream::new(), None);
        while cursor.at_punct('#') {
            let hash = cursor.next();
            let place = cursor.here();
            let Some(TokenTree::Group(group)) = cursor.next() else {
                return Err(Failure::at(place, FORMS));
            };
            let attribute: Vec<TokenTree> = group.stream().into_iter().collect();
            match (flatten::doc(&group), &attribute[..]) {
                (Some((text, _)), _) => {
                    doc_tokens.extend(hash);
                    doc_tokens.extend([TokenTree::Group(group)]);
                    for line in text.lines() {
                        docs.push_str(line.strip_prefix(' ').unwrap_or(line));
                        docs.push('\n');
                    }
                }
                (None, [TokenTree::Ident(name), TokenTree::Group(path)]) if name == "runtime" => {
                    runtime = Some(path.stream());
                }
                _ => {
                    let message = "only documentation (`///`) may stand before the visibility";
                    return Err(Failure::at(group.span(), message));
                }
            }
        }
        let visibility = visibility(&mut cursor);
        let body = match cursor.peek() {
            None => return Err(Failure::at(cursor.last, FORMS)),
            Some(TokenTree::Literal(_)) => Body::Text(last_literal(&mut cursor)?),
            Some(TokenTree::Ident(name)) if name == "file" => {
                cursor.next();
                if !cursor.eat('=') {
                    return Err(Failure::at(cursor.here(), FORMS));
                }
                Body::File(last_literal(&mut cursor)?)
            }
            Some(TokenTree::Ident(name)) if name == "problem" => {
                let mut tokens = doc_tokens;
                docs.clear();
                tokens.extend(cursor.rest());
                Body::Tokens(tokens)
            }
            Some(_) => {
                let message = format!("a problem is expected here; {FORMS}");
                return Err(Failure::at(cursor.here(), &message));
            }
        };
        Ok(Self { precision, dims, docs, runtime, visibility, body })
    }
}

/// `<f64; m = 64, n = 256>`
fn head(cursor: &mut Cursor) -> Result<(Precision, Vec<Dim>), Failure> {
    if !cursor.eat('<') {
        let message = format!("the head is missing: `<f64>`, or `<f64; n = 256>` with sizes; {FORMS}");
        return Err(Failure::at(cursor.here(), &message));
    }
    let place = cursor.here();
    let precision = match cursor.next() {
        Some(TokenTree::Ident(name)) if name == "f64" => Precision::F64,
        Some(TokenTree::Ident(name)) if name == "f32" => Precision::F32,
        _ => return Err(Failure::at(place, "the head begins with the element type, `f64` or `f32`")),
    };
    let mut dims: Vec<Dim> = Vec::new();
    if cursor.eat(';') {
        while !cursor.at_punct('>') {
            let place = cursor.here();
            let Some(TokenTree::Ident(name)) = cursor.next() else {
                return Err(Failure::at(place, SIZES));
            };
            if !cursor.eat('=') {
                return Err(Failure::at(cursor.here(), SIZES));
            }
            let value = dim_value(cursor)?;
            if dims.iter().any(|dim| dim.name == name) {
                return Err(Failure::at(name.span(), &format!("the size `{name}` is given twice")));
            }
            dims.push(Dim { name, value });
            if !cursor.eat(',') {
                break;
            }
        }
    }
    if !cursor.eat('>') {
        let message = "the head ends with `>`: `<f64>`, or `<f64; m = 64, n = 256>`";
        return Err(Failure::at(cursor.here(), message));
    }
    Ok((precision, dims))
}

/// An integer literal, perhaps with `_` and `usize`.
fn dim_value(cursor: &mut Cursor) -> Result<usize, Failure> {
    let place = cursor.here();
    let value = match cursor.next() {
        Some(TokenTree::Literal(literal)) => {
            let text = literal.to_string();
            text.strip_suffix("usize").unwrap_or(&text).replace('_', "").parse::<usize>().ok()
        }
        _ => None,
    };
    match value {
        Some(0) => Err(Failure::at(place, "a size is at least 1")),
        Some(value) => Ok(value),
        None => Err(Failure::at(place, SIZES)),
    }
}

/// `pub`, `pub(crate)`, `pub(in path)`, or nothing. The generated module lies one level deeper, which changes nothing: the
/// visibility is that of the `use`.
fn visibility(cursor: &mut Cursor) -> TokenStream {
    let mut visibility = TokenStream::new();
    if matches!(cursor.peek(), Some(TokenTree::Ident(name)) if name == "pub") {
        visibility.extend(cursor.next());
        if matches!(cursor.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis) {
            visibility.extend(cursor.next());
        }
    }
    quote!(#visibility).to_token_stream()
}

/// A literal, and nothing behind it.
fn last_literal(cursor: &mut Cursor) -> Result<Literal, Failure> {
    let place = cursor.here();
    let Some(TokenTree::Literal(literal)) = cursor.next() else {
        return Err(Failure::at(place, string::NOT_TEXT));
    };
    let more = cursor.here();
    match cursor.next() {
        None => Ok(literal),
        Some(_) => Err(Failure::at(more, "nothing may stand behind the problem")),
    }
}

/// Only files of the crate's own folder can be named.
pub(super) fn check_path(path: &str) -> Result<(), String> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    let inside = !path.is_empty()
        && !path.starts_with('/')
        && !drive
        && !path.contains(['\\', '\0'])
        && path.split('/').all(|part| part != "..");
    if inside {
        return Ok(());
    }
    Err(format!(
        "`{path}` is not a path into the crate's own folder: it is relative to the manifest, with `/`, without `..`"
    ))
}

/// True where a path that stands in a file of the crate (or in its source, `""`) leads to a place within the crate's folder.
pub(super) fn stays_inside(file: &str, path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.is_empty() || path.starts_with('/') || drive || path.contains(['\\', '\0']) {
        return false;
    }
    let mut depth = file.split('/').filter(|part| !part.is_empty() && *part != ".").count().saturating_sub(1);
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(up) => depth = up,
                None => return false,
            },
            _ => depth += 1,
        }
    }
    true
}

/// `problems/patch.sparse` is `patch`.
pub(super) fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Fault 78.
    #[test]
    fn paths_stay_within_the_crate() {
        for (file, path) in [("", "x.npy"), ("", "data/./x.npy"), ("", "data/../x.npy"), ("p/q.sparse", "../x.npy")] {
            assert!(stays_inside(file, path), "{file}: {path}");
        }
        for (file, path) in [
            ("", ""),
            ("", "/etc/passwd"),
            ("", "//etc/passwd"),
            ("", "../x.npy"),
            ("", "data/../../x.npy"),
            ("q.sparse", "../x.npy"),
            ("./q.sparse", "../x.npy"),
            ("p/q.sparse", "../../x.npy"),
            ("", "C:/x.npy"),
            ("", "c:x.npy"),
            ("", "..\\x.npy"),
            ("", "a\0/x.npy"),
        ] {
            assert!(!stays_inside(file, path), "{file}: {path}");
        }
    }
}
