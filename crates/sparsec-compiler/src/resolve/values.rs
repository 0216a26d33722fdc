//! Numbers in the text: literal values, sizes and indices.

use super::Resolver;
use super::limits::MAX_SIZE;
use super::names::Meaning;
use sparsec_program::solver::{Domain, Shape};
use sparsec_syntax::ast::{BinaryOp, Expr, ExprKind};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0304, E0305, E0306};
use sparsec_syntax::span::Span;

/// A literal value: its shape by nesting, its entries in row-major order, and where each stands.
#[derive(Clone, Debug)]
pub struct Literal {
    /// No size, one, or two.
    pub sizes: Vec<usize>,
    /// The entries.
    pub values: Vec<f64>,
    /// Their places.
    pub spans: Vec<Span>,
}

impl Literal {
    /// The shape that it has.
    pub fn shape(&self) -> Shape {
        match self.sizes[..] {
            [n] => Shape::Vector(n),
            [m, n] => Shape::Matrix(m, n),
            _ => Shape::Scalar,
        }
    }
}

/// The value of a number that is written with literals and dims alone.
pub fn number(e: &Expr, dim: &dyn Fn(&str) -> Option<usize>) -> Option<f64> {
    match &e.kind {
        ExprKind::Number(value) => Some(*value),
        ExprKind::Name(name) => dim(&name.canonical).map(|size| size as f64),
        ExprKind::Negate(a) => number(a, dim).map(|a| -a),
        ExprKind::Binary(op, a, b) => {
            let (a, b) = (number(a, dim)?, number(b, dim)?);
            match op {
                BinaryOp::Add => Some(a + b),
                BinaryOp::Subtract => Some(a - b),
                BinaryOp::Multiply | BinaryOp::Juxtapose | BinaryOp::ElementMultiply => Some(a * b),
                BinaryOp::Divide | BinaryOp::ElementDivide => (b != 0.0).then(|| a / b),
            }
        }
        ExprKind::Power(a, k) => match k.kind {
            ExprKind::Number(k) if (0.0..=64.0).contains(&k) && k.fract() == 0.0 => {
                number(a, dim).map(|a| a.powi(k as i32))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Reads a literal: a number, `[1, 2, 3]` or `[[1, 2], [3, 4]]`.
pub fn literal(e: &Expr, dim: &dyn Fn(&str) -> Option<usize>) -> Result<Literal, Diagnostic> {
    let not_a_number = |e: &Expr| {
        Diagnostic::new(E0305, "a literal holds numbers only")
            .label(e.span, "this is not a number")
            .help("put expressions below each other with [a; b]")
    };
    let ExprKind::Array(items) = &e.kind else {
        let value = number(e, dim).ok_or_else(|| not_a_number(e))?;
        return Ok(Literal { sizes: Vec::new(), values: vec![value], spans: vec![e.span] });
    };
    if items.is_empty() {
        return Err(Diagnostic::new(E0305, "an array needs at least one entry").label(e.span, "this one is empty"));
    }
    let mut out = Literal { sizes: vec![items.len()], values: Vec::new(), spans: Vec::new() };
    let mut row_length: Option<(usize, Span)> = None;
    for item in items {
        if let ExprKind::Array(row) = &item.kind {
            match row_length {
                None if out.values.is_empty() => row_length = Some((row.len(), item.span)),
                Some((length, _)) if length == row.len() => {}
                Some((length, first)) => {
                    return Err(Diagnostic::new(
                        E0305,
                        format!("a row of {} below one of {length}", super::text::count(row.len(), "entry")),
                    )
                    .label(item.span, super::text::count(row.len(), "entry"))
                    .label(first, super::text::count(length, "entry"))
                    .help("all rows of a matrix have the same length"));
                }
                None => return Err(mixed(item.span, e.span)),
            }
            if row.is_empty() {
                return Err(
                    Diagnostic::new(E0305, "a row needs at least one entry").label(item.span, "this one is empty")
                );
            }
            for entry in row {
                out.values.push(number(entry, dim).ok_or_else(|| not_a_number(entry))?);
                out.spans.push(entry.span);
            }
        } else {
            if row_length.is_some() {
                return Err(mixed(item.span, e.span));
            }
            out.values.push(number(item, dim).ok_or_else(|| not_a_number(item))?);
            out.spans.push(item.span);
        }
    }
    if let Some((length, _)) = row_length {
        out.sizes.push(length);
    }
    Ok(out)
}

fn mixed(item: Span, array: Span) -> Diagnostic {
    Diagnostic::new(E0305, "numbers and rows are mixed in one array")
        .label(item, "unlike the entries before it")
        .label(array, "in this array")
        .help("a vector is [1, 2, 3], a matrix is [[1, 2], [3, 4]]")
}

/// `>= 0`, as declared.
pub fn domain_text(domain: Domain) -> String {
    match domain {
        Domain::AtLeast(c) => format!(">= {c}"),
        Domain::Above(c) => format!("> {c}"),
        Domain::AtMost(c) => format!("<= {c}"),
        Domain::Below(c) => format!("< {c}"),
        Domain::Symmetric => "symmetric".to_owned(),
        Domain::Psd => "psd".to_owned(),
        Domain::Nonzero => "nonzero".to_owned(),
    }
}

/// Checks the entries of a literal against a domain; `who` names what holds the value, `wants` what asks for the domain.
pub fn check_domain(literal: &Literal, domain: Domain, who: &str, wants: (Span, &str)) -> Result<(), Diagnostic> {
    let inside = |v: f64| match domain {
        Domain::AtLeast(c) => v >= c,
        Domain::Above(c) => v > c,
        Domain::AtMost(c) => v <= c,
        Domain::Below(c) => v < c,
        Domain::Nonzero => v != 0.0,
        Domain::Symmetric | Domain::Psd => true,
    };
    for (value, span) in literal.values.iter().zip(&literal.spans) {
        if !inside(*value) {
            return Err(Diagnostic::new(E0306, format!("{who} must be {}, not {value}", domain_text(domain)))
                .label(*span, format!("{value} is outside"))
                .label(wants.0, wants.1)
                .help("change the value, or the declared domain"));
        }
    }
    if matches!(domain, Domain::Symmetric | Domain::Psd) {
        let (n, m) = match literal.sizes[..] {
            [n, m] => (n, m),
            _ => (1, 1),
        };
        if n != m {
            return Err(Diagnostic::new(E0306, format!("{who} must be {}, but it is not square", domain_text(domain)))
                .label(wants.0, wants.1));
        }
        for i in 0..n {
            for j in 0..i {
                let (a, b) = (literal.values[i * n + j], literal.values[j * n + i]);
                if a != b {
                    return Err(Diagnostic::new(
                        E0306,
                        format!("{who} must be {}, but entries [{i}, {j}] and [{j}, {i}] differ", domain_text(domain)),
                    )
                    .label(literal.spans[i * n + j], format!("{a}"))
                    .label(literal.spans[j * n + i], format!("{b}"))
                    .label(wants.0, wants.1));
                }
            }
        }
        if domain == Domain::Psd && !is_psd(n, &literal.values) {
            return Err(Diagnostic::new(E0306, format!("{who} must be psd, but it has a negative eigenvalue"))
                .label(wants.0, wants.1)
                .help("a matrix of the form B.T*B is positive semidefinite"));
        }
    }
    Ok(())
}

/// Whether a symmetric matrix is positive semidefinite to rounding: elimination with the largest diagonal entry first.
pub fn is_psd(n: usize, values: &[f64]) -> bool {
    let mut a = values.to_vec();
    let scale = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    if !scale.is_finite() {
        return false;
    }
    let tolerance = 64.0 * n as f64 * f64::EPSILON * scale;
    let mut left: Vec<usize> = (0..n).collect();
    while let Some(at) = (0..left.len()).max_by(|&i, &j| a[left[i] * n + left[i]].total_cmp(&a[left[j] * n + left[j]]))
    {
        let pivot = left.swap_remove(at);
        let p = a[pivot * n + pivot];
        if p <= tolerance {
            // What is left must vanish, up to rounding.
            return p >= -tolerance
                && left.iter().all(|&i| {
                    a[i * n + pivot].abs() <= tolerance.max(f64::EPSILON.sqrt() * scale) && a[i * n + i] >= -tolerance
                })
                && left
                    .iter()
                    .all(|&i| left.iter().all(|&j| a[i * n + j].abs() <= tolerance.max(f64::EPSILON.sqrt() * scale)));
        }
        for &i in &left {
            let factor = a[i * n + pivot] / p;
            for &j in &left {
                a[i * n + j] -= factor * a[pivot * n + j];
            }
        }
    }
    true
}

impl Resolver<'_> {
    /// The size of a dim, if the name is one and its size is known.
    pub fn dim_size(&self, canonical: &str) -> Option<usize> {
        match self.scope.get(canonical)?.meaning {
            Meaning::Dim(index) => self.dims.get(index)?.value,
            _ => None,
        }
    }

    /// A whole number written with literals and dims: an index, a count, a size.
    pub fn integer(&mut self, e: &Expr, what: &str) -> Option<i128> {
        self.touch_names(e);
        if self.mentions_poisoned(e) {
            return None;
        }
        let value = whole(e, &|name| self.dim_size(name));
        if value.is_none() {
            let text = self.quote(e);
            self.error(
                Diagnostic::new(E0304, format!("{what} must be a whole number, not `{text}`"))
                    .label(e.span, "not a whole number")
                    .help("whole numbers are literals and dims, such as 3, n or n - 1"),
            );
        }
        value
    }

    /// A size: a whole number from 1 to the largest.
    pub fn size(&mut self, e: &Expr, what: &str) -> Option<usize> {
        self.touch_names(e);
        if self.mentions_no_dim(e) || self.mentions_poisoned(e) {
            return None;
        }
        match size(e, &|name| self.dim_size(name)) {
            Ok(size) => Some(size),
            Err(()) => {
                let text = self.quote(e);
                self.error(
                    Diagnostic::new(E0304, format!("{what} must be a whole number from 1 to {MAX_SIZE}, not {text}"))
                        .label(e.span, "not a size"),
                );
                None
            }
        }
    }

    /// Reports a name in a size that is declared as something else than a dim; true if there is one.
    fn mentions_no_dim(&mut self, e: &Expr) -> bool {
        let mut rest = vec![e];
        while let Some(e) = rest.pop() {
            if let ExprKind::Name(name) = &e.kind {
                let Some(named) = self.scope.get(&name.canonical) else {
                    self.unknown_size(name);
                    return true;
                };
                if named.what == "dim" {
                    continue;
                }
                let (text, what, declared) = (named.text.clone(), named.what, named.span);
                let dims: Vec<&str> = self.dims.iter().map(|d| d.name.text.as_str()).collect();
                let help = if dims.is_empty() {
                    format!("a size is a number or a dim: declare one with `dim n`, and use it in place of `{text}`")
                } else {
                    format!("a size is a number or a dim; the problem's dims are {}", dims.join(", "))
                };
                self.error(
                    Diagnostic::new(E0304, format!("`{text}` is a {what}, not a dim"))
                        .label(e.span, "not a size")
                        .label(declared, format!("declared as a {what} here"))
                        .help(help),
                );
                return true;
            }
            rest.extend(super::text::children(e));
        }
        false
    }

    /// Marks every declared name in an expression as used.
    pub fn touch_names(&mut self, e: &Expr) {
        let mut rest = vec![e];
        while let Some(e) = rest.pop() {
            if let ExprKind::Name(name) = &e.kind {
                self.scope.touch(&name.canonical);
            }
            rest.extend(super::text::children(e));
        }
    }

    /// True if an error has been reported for a name in it, or is reported now because it is unknown.
    fn mentions_poisoned(&mut self, e: &Expr) -> bool {
        let mut rest = vec![e];
        let mut poisoned = false;
        while let Some(e) = rest.pop() {
            if let ExprKind::Name(name) = &e.kind {
                match self.scope.get(&name.canonical).map(|named| named.meaning) {
                    None => {
                        self.unknown_name(name);
                        poisoned = true;
                    }
                    Some(Meaning::Poisoned) => poisoned = true,
                    Some(Meaning::Dim(index)) if self.dims.get(index).is_none_or(|d| d.value.is_none()) => {
                        poisoned = true
                    }
                    _ => {}
                }
            }
            rest.extend(super::text::children(e));
        }
        poisoned
    }
}

fn whole(e: &Expr, dim: &dyn Fn(&str) -> Option<usize>) -> Option<i128> {
    match &e.kind {
        ExprKind::Number(value) => (value.fract() == 0.0 && value.abs() <= 9.0e15).then_some(*value as i128),
        ExprKind::Name(name) => dim(&name.canonical).and_then(|size| i128::try_from(size).ok()),
        ExprKind::Negate(a) => whole(a, dim)?.checked_neg(),
        ExprKind::Binary(op, a, b) => {
            let (a, b) = (whole(a, dim)?, whole(b, dim)?);
            match op {
                BinaryOp::Add => a.checked_add(b),
                BinaryOp::Subtract => a.checked_sub(b),
                BinaryOp::Multiply | BinaryOp::Juxtapose => a.checked_mul(b),
                BinaryOp::Divide if b != 0 && a % b == 0 => Some(a / b),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A size from literals and dims.
pub fn size(e: &Expr, dim: &dyn Fn(&str) -> Option<usize>) -> Result<usize, ()> {
    let value = whole(e, dim).ok_or(())?;
    usize::try_from(value).ok().filter(|size| (1..=MAX_SIZE).contains(size)).ok_or(())
}
