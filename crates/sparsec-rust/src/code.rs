//! Pieces of Rust expressions with their precedence, so that no parenthesis is missing and none is idle.

use crate::Precision;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// How tightly an expression's outermost operator binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Binds {
    /// `if a { b } else { c }`
    Branch,
    /// `a + b`
    Sum,
    /// `a * b`
    Product,
    /// `-a`, `*a`
    Prefix,
    /// `a`, `a[i]`, `f(a)`
    Atom,
}

/// An expression.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) tokens: TokenStream,
    binds: Binds,
}

impl Code {
    pub(crate) fn atom(tokens: TokenStream) -> Self {
        Self { tokens, binds: Binds::Atom }
    }

    pub(crate) fn prefix(tokens: TokenStream) -> Self {
        Self { tokens, binds: Binds::Prefix }
    }

    pub(crate) fn branch(tokens: TokenStream) -> Self {
        Self { tokens, binds: Binds::Branch }
    }

    /// The tokens, in parentheses unless they bind at least as tightly as `least`.
    pub(crate) fn at_least(&self, least: Binds) -> TokenStream {
        let tokens = &self.tokens;
        if self.binds >= least { tokens.clone() } else { quote!((#tokens)) }
    }

    /// `left operator right`, which groups from the left.
    pub(crate) fn binary(left: &Code, operator: TokenStream, right: &Code, binds: Binds) -> Self {
        let tighter = if binds == Binds::Sum { Binds::Product } else { Binds::Prefix };
        let (left, right) = (left.at_least(binds), right.at_least(tighter));
        Self { tokens: quote!(#left #operator #right), binds }
    }

    pub(crate) fn negate(of: &Code) -> Self {
        let of = of.at_least(Binds::Atom);
        Self::prefix(quote!(-#of))
    }
}

/// A number as a literal of the element type: the shortest text that reads back to the same bits.
pub(crate) fn number(value: f64, precision: Precision) -> Code {
    let real = precision.tokens();
    let (infinite, text) = match precision {
        Precision::F64 => (value.is_infinite(), format!("{:?}", value.abs())),
        Precision::F32 => ((value as f32).is_infinite(), format!("{:?}f32", (value as f32).abs())),
    };
    let magnitude = match text.parse::<Literal>() {
        Ok(literal) if !infinite => quote!(#literal),
        _ if value.is_nan() => quote!(#real::NAN),
        _ => quote!(#real::INFINITY),
    };
    if value.is_sign_negative() && !value.is_nan() { Code::prefix(quote!(-#magnitude)) } else { Code::atom(magnitude) }
}

/// An array literal; one number that repeats is written once.
pub(crate) fn numbers(values: &[f64], precision: Precision) -> TokenStream {
    let same = |v: &f64| v.to_bits() == values[0].to_bits();
    if values.len() > 1 && values.iter().all(same) {
        let (value, len) = (number(values[0], precision).tokens, Literal::usize_unsuffixed(values.len()));
        return quote!([#value; #len]);
    }
    let values = values.iter().map(|&v| number(v, precision).tokens);
    quote!([#(#values),*])
}

/// A size or an index.
pub(crate) fn size(value: usize) -> Literal {
    Literal::usize_unsuffixed(value)
}

/// `///` lines.
pub(crate) fn docs(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}
