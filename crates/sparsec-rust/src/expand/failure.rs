//! What is wrong, as `compile_error!` under the tokens that are wrong.

use super::flatten::Text;
use super::input::Input;
use crate::Precision;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use sparsec_compiler::resolve::UNDECLARED_SIZE;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0302, E0801};
use sparsec_syntax::{render, span};

/// A message and the tokens that it is about.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    message: String,
    first: Span,
    last: Span,
}

impl Failure {
    /// A fault of the macro's own form.
    pub(super) fn at(place: Span, message: &str) -> Self {
        Self::between(place, place, message)
    }

    /// The same over several tokens.
    pub(super) fn between(first: Span, last: Span, message: &str) -> Self {
        Self { message: format!("{}: {message}", E0801.code), first, last }
    }

    /// `::core::compile_error! { "message" }`, which the compiler underlines from the first token to the last.
    pub(super) fn tokens(self) -> TokenStream {
        let punct = |c, spacing, span| {
            let mut punct = Punct::new(c, spacing);
            punct.set_span(span);
            TokenTree::Punct(punct)
        };
        let mut literal = Literal::string(&self.message);
        literal.set_span(self.last);
        let mut group = Group::new(Delimiter::Brace, TokenStream::from(TokenTree::Literal(literal)));
        group.set_span(self.last);
        [
            punct(':', Spacing::Joint, self.first),
            punct(':', Spacing::Alone, self.first),
            TokenTree::Ident(Ident::new("core", self.first)),
            punct(':', Spacing::Joint, self.first),
            punct(':', Spacing::Alone, self.first),
            TokenTree::Ident(Ident::new("compile_error", self.first)),
            punct('!', Spacing::Alone, self.first),
            TokenTree::Group(group),
        ]
        .into_iter()
        .collect()
    }
}

/// A diagnostic of a problem that was given as tokens.
pub(super) fn in_tokens(diagnostic: &Diagnostic, text: &Text, input: &Input) -> Failure {
    let mut message = format!("{}: {}", diagnostic.code.code, diagnostic.message);
    for (at, label) in diagnostic.labels.iter().enumerate() {
        let said = label.message.is_empty() || (at == 0 && diagnostic.message.contains(&label.message));
        if !said {
            let about = if at == 0 { String::new() } else { quoted(&text.text, label.span, &label.message) };
            message.push_str(&format!("\n= {about}{}", label.message));
        }
    }
    if let Some(help) = in_head(diagnostic, input).as_ref().or(diagnostic.help.as_ref()) {
        message.push_str(&format!("\n= help: {help}"));
    }
    let first = diagnostic.labels.first().filter(|label| label.span != span::Span::default());
    let place = first.and_then(|label| text.spans(label.span));
    let (first, last) = place.unwrap_or_else(|| {
        // Only a size from the head has no place in the problem's text.
        let dim = input.dims.iter().find(|dim| diagnostic.message.contains(&format!("`{}`", dim.name)));
        let span = dim.map_or_else(Span::call_site, |dim| dim.name.span());
        (span, span)
    });
    Failure { message, first, last }
}

/// The help for a size that is not known: in the macro it is given in the head.
fn in_head(diagnostic: &Diagnostic, input: &Input) -> Option<String> {
    let undeclared = diagnostic.help.as_ref().is_some_and(|help| help.starts_with(UNDECLARED_SIZE));
    if diagnostic.code != E0302 && !undeclared {
        return None;
    }
    let name = diagnostic.message.split('`').nth(1)?;
    let precision = match input.precision {
        Precision::F64 => "f64",
        Precision::F32 => "f32",
    };
    let known = input.dims.iter().map(|dim| format!("{} = {}, ", dim.name, dim.value)).collect::<String>();
    Some(format!("give it in the head: `<{precision}; {known}{name} = …>`"))
}

/// A few words of the text, in backticks, unless the message begins with them.
fn quoted(text: &str, range: span::Span, message: &str) -> String {
    let words = text.get(range.start..range.end).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    match words.chars().count() {
        0 => String::new(),
        _ if message.starts_with(&format!("`{words}`")) => String::new(),
        1..=40 => format!("`{words}`: "),
        _ => format!("`{}…`: ", words.chars().take(39).collect::<String>()),
    }
}

/// A diagnostic of a problem in a string or a file: its lines are shown, the literal is underlined.
pub(super) fn in_text(diagnostic: &Diagnostic, source: &str, file: &str, input: &Input, literal: Span) -> Failure {
    let mut diagnostic = diagnostic.clone();
    diagnostic.help = in_head(&diagnostic, input).or(diagnostic.help);
    let diagnostic = &diagnostic;
    let rendered = render::text(diagnostic, source, file, false);
    let lines = rendered.split_once('\n').map_or("", |(_, lines)| lines.trim_end());
    let message = format!("{}: {}\n{lines}", diagnostic.code.code, diagnostic.message);
    Failure { message: message.trim_end().to_owned(), first: literal, last: literal }
}
