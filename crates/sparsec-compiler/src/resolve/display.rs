//! The model as text: what `sparsec emit model` prints.

use super::curvature::elementwise_name;
use super::values::domain_text;
use crate::model::{
    Arg, Curvature, Elementwise, Expr, ExprKind, LinearMap, Model, OptionValue, Quantity, QuantityKind, QuantityValue,
    SetUse, Sign,
};
use sparsec_program::solver::Shape;
use sparsec_syntax::ast::Sense;
use std::fmt::{self, Display, Formatter};

/// Most entries of a literal that are printed.
const MAX_SHOWN: usize = 8;

/// An expression of a model, to be printed with the names of its quantities.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    quantities: &'a [Quantity],
    expr: &'a Expr,
    least: u8,
}

impl Model {
    /// An expression of this model as text, in ASCII spelling with the names as declared.
    pub fn show<'a>(&'a self, expr: &'a Expr) -> Shown<'a> {
        Shown { quantities: &self.quantities, expr, least: 0 }
    }
}

fn curvature_text(curvature: Curvature) -> &'static str {
    match curvature {
        Curvature::Constant => "constant",
        Curvature::Affine => "affine",
        Curvature::Convex => "convex",
        Curvature::Concave => "concave",
        Curvature::Unknown => "unknown curvature",
    }
}

fn sign_text(sign: Sign) -> &'static str {
    match sign {
        Sign::Zero => "= 0",
        Sign::Nonnegative => ">= 0",
        Sign::Nonpositive => "<= 0",
        Sign::Unknown => "any sign",
    }
}

/// A number in the shortest form that reads back the same.
pub fn number_text(value: f64) -> String {
    let (plain, scientific) = (format!("{value}"), format!("{value:e}"));
    if plain.len() <= scientific.len() + 4 { plain } else { scientific }
}

fn numbers(f: &mut Formatter<'_>, values: &[f64], shape: Shape) -> fmt::Result {
    let row = |f: &mut Formatter<'_>, row: &[f64]| {
        write!(f, "[")?;
        for (i, value) in row.iter().take(MAX_SHOWN).enumerate() {
            write!(f, "{}{}", if i > 0 { ", " } else { "" }, number_text(*value))?;
        }
        write!(f, "{}]", if row.len() > MAX_SHOWN { ", ..." } else { "" })
    };
    match (shape, values) {
        (Shape::Scalar, [value, ..]) => write!(f, "{}", number_text(*value)),
        (Shape::Matrix(_, n), values) if n > 0 => {
            write!(f, "[")?;
            for (i, part) in values.chunks(n).take(MAX_SHOWN).enumerate() {
                if i > 0 {
                    write!(f, ", ")?;
                }
                row(f, part)?;
            }
            write!(f, "{}]", if values.len() / n > MAX_SHOWN { ", ..." } else { "" })
        }
        (_, values) => row(f, values),
    }
}

/// A text that takes no more than some characters.
struct Cut {
    text: String,
    left: usize,
}

impl fmt::Write for Cut {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for c in s.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(c);
        }
        Ok(())
    }
}

/// An expression as text of at most so many characters.
pub fn short_text(expr: &Expr, quantities: &[Quantity], most: usize) -> String {
    let mut cut = Cut { text: String::new(), left: most.saturating_sub(1) };
    if fmt::write(&mut cut, format_args!("{}", Shown { quantities, expr, least: 0 })).is_err() {
        cut.text.push('…');
    }
    cut.text
}

impl<'a> Shown<'a> {
    fn of(&self, expr: &'a Expr, least: u8) -> Shown<'a> {
        Shown { quantities: self.quantities, expr, least }
    }

    /// Sum 1, sign 2, product 3, postfix 5.
    fn strength(&self) -> u8 {
        match &self.expr.kind {
            ExprKind::Add(..) | ExprKind::Subtract(..) => 1,
            ExprKind::Negate(_) => 2,
            ExprKind::Literal(values)
                if matches!(self.expr.shape, Shape::Scalar) && values.first().is_some_and(|v| *v < 0.0) =>
            {
                2
            }
            ExprKind::Scale(..)
            | ExprKind::Product(..)
            | ExprKind::ElementProduct(..)
            | ExprKind::ElementQuotient(..) => 3,
            _ => 5,
        }
    }

    fn list(&self, f: &mut Formatter<'_>, parts: &'a [Expr], separator: &str) -> fmt::Result {
        for (i, part) in parts.iter().enumerate() {
            write!(f, "{}{}", if i > 0 { separator } else { "" }, self.of(part, 0))?;
        }
        Ok(())
    }
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parenthesised = self.strength() < self.least;
        if parenthesised {
            write!(f, "(")?;
        }
        let one = |e| self.of(e, 0);
        let size = |shape: Shape| match shape {
            Shape::Matrix(m, n) => format!("{m}, {n}"),
            other => other.len().to_string(),
        };
        match &self.expr.kind {
            ExprKind::Literal(values) => numbers(f, values, self.expr.shape)?,
            ExprKind::Quantity(id) => match self.quantities.get(id.0) {
                Some(quantity) => write!(f, "{}", quantity.name)?,
                None => write!(f, "?{}", id.0)?,
            },
            ExprKind::Negate(a) => write!(f, "-{}", self.of(a, 3))?,
            ExprKind::Add(a, b) => write!(f, "{} + {}", self.of(a, 1), self.of(b, 2))?,
            ExprKind::Subtract(a, b) => write!(f, "{} - {}", self.of(a, 1), self.of(b, 2))?,
            ExprKind::Scale(a, b) | ExprKind::Product(a, b) => write!(f, "{}*{}", self.of(a, 3), self.of(b, 4))?,
            ExprKind::ElementProduct(a, b) => write!(f, "{} .* {}", self.of(a, 3), self.of(b, 4))?,
            ExprKind::ElementQuotient(a, b) => {
                // A scalar divisor of a vector is written as a scalar.
                match (&b.kind, b.shape) {
                    (ExprKind::Fill(scalar), _) => write!(f, "{}/{}", self.of(a, 3), self.of(scalar, 4))?,
                    (_, Shape::Scalar) => write!(f, "{}/{}", self.of(a, 3), self.of(b, 4))?,
                    _ => write!(f, "{} ./ {}", self.of(a, 3), self.of(b, 4))?,
                }
            }
            // `^` does not chain.
            ExprKind::Power(a, k) if matches!(a.kind, ExprKind::Power(..)) => write!(f, "({})^{k}", one(a))?,
            ExprKind::Power(a, k) => write!(f, "{}^{k}", self.of(a, 5))?,
            ExprKind::Transpose(a) => write!(f, "{}.T", self.of(a, 5))?,
            ExprKind::Dot(a, b) => write!(f, "dot({}, {})", one(a), one(b))?,
            ExprKind::Sum(a) => write!(f, "sum({})", one(a))?,
            ExprKind::Trace(a) => write!(f, "trace({})", one(a))?,
            ExprKind::Slice { of, rows, cols } => {
                write!(f, "{}[", self.of(of, 5))?;
                let range = |f: &mut Formatter<'_>, (from, to): (usize, usize), all: usize| match (from, to) {
                    (0, to) if to == all => write!(f, ".."),
                    (from, to) if to == from + 1 => write!(f, "{from}"),
                    (from, to) => write!(f, "{from}..{to}"),
                };
                let (m, n) = of.shape.rows_cols();
                range(f, *rows, m)?;
                if matches!(of.shape, Shape::Matrix(..)) {
                    write!(f, ", ")?;
                    range(f, *cols, n)?;
                }
                write!(f, "]")?;
            }
            ExprKind::Stack(parts) => {
                write!(f, "[")?;
                self.list(f, parts, "; ")?;
                write!(f, "]")?;
            }
            ExprKind::Diag(a) => match &a.kind {
                ExprKind::Fill(one) if matches!(&one.kind, ExprKind::Literal(v) if v[..] == [1.0]) => {
                    write!(f, "eye({})", a.shape.len())?;
                }
                _ => write!(f, "diag({})", one(a))?,
            },
            ExprKind::Fill(a) => match &a.kind {
                ExprKind::Literal(v) if v[..] == [0.0] => write!(f, "zeros({})", size(self.expr.shape))?,
                ExprKind::Literal(v) if v[..] == [1.0] => write!(f, "ones({})", size(self.expr.shape))?,
                _ => write!(f, "fill({}; {})", one(a), size(self.expr.shape))?,
            },
            ExprKind::Linear(map, a) => match map {
                LinearMap::Diff(1) => write!(f, "diff({})", one(a))?,
                LinearMap::Diff(k) => write!(f, "diff({}, {k})", one(a))?,
                LinearMap::Cumsum => write!(f, "cumsum({})", one(a))?,
                LinearMap::Dct => write!(f, "dct({})", one(a))?,
                LinearMap::Grad2 => write!(f, "grad2({})", one(a))?,
            },
            ExprKind::Convolve(k, a) => write!(f, "conv({}, {})", one(k), one(a))?,
            ExprKind::Rows(a) => write!(f, "rows({})", one(a))?,
            ExprKind::Cols(a) => write!(f, "cols({})", one(a))?,
            ExprKind::Elementwise(function, args) => {
                let name: &str = elementwise_name(*function);
                debug_assert!(matches!(function, Elementwise::Max | Elementwise::Min) == (args.len() == 2));
                write!(f, "{name}(")?;
                self.list(f, args, ", ")?;
                write!(f, ")")?;
            }
            ExprKind::Call(function, args) => {
                write!(f, "{}(", function.name)?;
                arguments(f, self.quantities, args)?;
                write!(f, ")")?;
            }
        }
        if parenthesised {
            write!(f, ")")?;
        }
        Ok(())
    }
}

fn arguments(f: &mut Formatter<'_>, quantities: &[Quantity], args: &[Arg]) -> fmt::Result {
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            write!(f, ", ")?;
        }
        match arg {
            Arg::Expr(expr) => write!(f, "{}", Shown { quantities, expr, least: 0 })?,
            Arg::Integer(n) => write!(f, "{n}")?,
            Arg::Groups(groups) => {
                write!(f, "[")?;
                for (i, group) in groups.iter().take(MAX_SHOWN).enumerate() {
                    write!(f, "{}[", if i > 0 { ", " } else { "" })?;
                    let shown: Vec<String> = group.iter().take(MAX_SHOWN).map(usize::to_string).collect();
                    write!(f, "{}{}]", shown.join(", "), if group.len() > MAX_SHOWN { ", ..." } else { "" })?;
                }
                write!(f, "{}]", if groups.len() > MAX_SHOWN { ", ..." } else { "" })?;
            }
        }
    }
    Ok(())
}

impl Display for Model {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "problem {}", self.name)?;
        for (name, size) in &self.dims {
            writeln!(f, "dim {name} = {size}")?;
        }
        for quantity in &self.quantities {
            let kind = match quantity.kind {
                QuantityKind::Const => "const",
                QuantityKind::Param => "param",
                QuantityKind::Var => "var",
            };
            write!(f, "{kind} {}: {}", quantity.name, quantity.shape)?;
            for domain in &quantity.domains {
                write!(f, " {}", domain_text(*domain))?;
            }
            match &quantity.value {
                None => {}
                Some(QuantityValue::Literal(values)) => {
                    write!(f, " = ")?;
                    numbers(f, values, quantity.shape)?;
                }
                Some(QuantityValue::Load { path, key: None, .. }) => write!(f, " = load({path:?})")?,
                Some(QuantityValue::Load { path, key: Some(key), .. }) => write!(f, " = load({path:?}, {key:?})")?,
            }
            for (domain, _) in &quantity.demands {
                write!(f, "  // must be {}", domain_text(*domain))?;
            }
            if quantity.allow_infinite {
                write!(f, "  // may be infinite")?;
            }
            writeln!(f)?;
        }
        let verb = match self.sense {
            Sense::Minimize => "minimize",
            Sense::Maximize => "maximize",
        };
        writeln!(f, "{verb}  // {}, {}", curvature_text(self.objective.curvature), sign_text(self.objective.sign))?;
        let mut terms = Vec::new();
        collect_terms(&self.objective, false, &mut terms);
        for (i, (negative, term)) in terms.iter().enumerate() {
            let sign = match (*negative, i) {
                (true, _) => "- ",
                (false, 0) => "  ",
                (false, _) => "+ ",
            };
            let shown = Shown { quantities: &self.quantities, expr: term, least: if *negative { 2 } else { 0 } };
            writeln!(f, "    {sign}{shown}  // {}, {}", curvature_text(term.curvature), sign_text(term.sign))?;
        }
        if !self.constraints.is_empty() {
            writeln!(f, "subject to")?;
        }
        for constraint in &self.constraints {
            let value = self.show(&constraint.value);
            write!(f, "    ")?;
            match &constraint.set {
                SetUse::Named(set, args) if args.is_empty() => writeln!(f, "{value} in {}", set.name)?,
                SetUse::Named(set, args) => {
                    write!(f, "{value} in {}(", set.name)?;
                    arguments(f, &self.quantities, args)?;
                    writeln!(f, ")")?;
                }
                SetUse::Box(Some(low), None) => writeln!(f, "{value} >= {}", self.show(low))?,
                SetUse::Box(None, Some(high)) => writeln!(f, "{value} <= {}", self.show(high))?,
                SetUse::Box(Some(low), Some(high)) => {
                    writeln!(f, "{} <= {value} <= {}", self.show(low), self.show(high))?
                }
                SetUse::Box(None, None) => writeln!(f, "{value} free")?,
                SetUse::Equal(rhs) => writeln!(f, "{value} == {}", self.show(rhs))?,
            }
        }
        if let Some(method) = &self.method {
            let options: Vec<String> = method
                .options
                .iter()
                .map(|option| {
                    let value = match &option.value {
                        OptionValue::Number(value) => number_text(*value),
                        OptionValue::Word(word) => word.clone(),
                        OptionValue::Call(word, numbers) => {
                            format!(
                                "{word}({})",
                                numbers.iter().map(|v| number_text(*v)).collect::<Vec<_>>().join(", ")
                            )
                        }
                        OptionValue::Load(path, None) => format!("load({path:?})"),
                        OptionValue::Load(path, Some(key)) => format!("load({path:?}, {key:?})"),
                    };
                    format!("{} = {value}", option.name)
                })
                .collect();
            if options.is_empty() {
                writeln!(f, "solve with {}", method.name)?;
            } else {
                writeln!(f, "solve with {}({})", method.name, options.join(", "))?;
            }
        }
        Ok(())
    }
}

/// The terms of a sum with their signs, in order.
fn collect_terms<'a>(e: &'a Expr, negative: bool, terms: &mut Vec<(bool, &'a Expr)>) {
    match &e.kind {
        ExprKind::Add(a, b) => {
            collect_terms(a, negative, terms);
            collect_terms(b, negative, terms);
        }
        ExprKind::Subtract(a, b) => {
            collect_terms(a, negative, terms);
            collect_terms(b, !negative, terms);
        }
        ExprKind::Negate(a) => collect_terms(a, !negative, terms),
        _ => terms.push((negative, e)),
    }
}
