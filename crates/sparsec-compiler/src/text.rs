//! Expressions as a person would write them, for `explain`, `emit` and messages.

use crate::model::{Arg, Elementwise, Expr, ExprKind, LinearMap, Model};
use std::sync::Arc;

/// Names of a model's quantities, as declared: expressions refer to quantities by number.
#[derive(Clone, Debug)]
pub struct Names(Arc<[String]>);

impl Names {
    /// The names of a model.
    pub fn of(model: &Model) -> Self {
        Names(model.quantities.iter().map(|q| q.name.clone()).collect())
    }

    /// The same names between marks: see `symbols`.
    pub fn marked(&self) -> Self {
        Names(self.0.iter().map(|name| crate::symbols::marked(name)).collect())
    }

    /// An expression in the language's Unicode spelling.
    pub fn expr(&self, e: &Expr) -> String {
        expr_text(&self.0, e)
    }

    /// An expression as a factor of a product.
    pub fn factor(&self, e: &Expr) -> String {
        wrapped(&self.0, e, 3)
    }

    /// `c f`, without a coefficient of 1.
    pub fn weighted(&self, coefficient: &Expr, f: &str) -> String {
        match crate::expr::uniform(coefficient) {
            Some(1.0) => f.to_owned(),
            Some(-1.0) => format!("−{f}"),
            _ => format!("{} {f}", wrapped(&self.0, coefficient, 2)),
        }
    }
}

/// Binding strength: sums 1, products 2, prefix 3, atoms 4.
fn strength(e: &Expr) -> u8 {
    match &e.kind {
        ExprKind::Add(..) | ExprKind::Subtract(..) => 1,
        ExprKind::Scale(..) | ExprKind::Product(..) | ExprKind::ElementProduct(..) | ExprKind::ElementQuotient(..) => 2,
        ExprKind::Negate(_) => 1,
        ExprKind::Literal(v) if v.len() == 1 && v[0] < 0.0 => 1,
        ExprKind::Fill(inner) => strength(inner),
        _ => 4,
    }
}

fn wrapped(names: &[String], e: &Expr, at_least: u8) -> String {
    let text = expr_text(names, e);
    if strength(e) < at_least { format!("({text})") } else { text }
}

/// A number in shortest form.
pub fn number_text(v: f64) -> String {
    let text = if v == f64::INFINITY {
        "∞".to_owned()
    } else if v == f64::NEG_INFINITY {
        "−∞".to_owned()
    } else if v != 0.0 && (v.abs() < 1e-4 || v.abs() >= 1e15) {
        format!("{v:e}")
    } else {
        format!("{v}")
    };
    text.replace('-', "−")
}

fn expr_text(names: &[String], e: &Expr) -> String {
    let list = |es: &[Expr]| es.iter().map(|e| expr_text(names, e)).collect::<Vec<_>>().join(", ");
    match &e.kind {
        ExprKind::Literal(v) if v.len() == 1 => number_text(v[0]),
        ExprKind::Literal(v) => match v.iter().all(|x| *x == v[0]) {
            // A scalar is spread.
            true => number_text(v[0]),
            false if v.len() <= 4 => format!("[{}]", v.iter().map(|x| number_text(*x)).collect::<Vec<_>>().join(", ")),
            false => format!("[{}, {}, …]", number_text(v[0]), number_text(v[1])),
        },
        ExprKind::Quantity(id) => names.get(id.0).cloned().unwrap_or_else(|| format!("q{}", id.0)),
        ExprKind::Negate(a) => format!("−{}", wrapped(names, a, 2)),
        ExprKind::Add(a, b) => match &b.kind {
            ExprKind::Negate(b) => format!("{} − {}", expr_text(names, a), wrapped(names, b, 2)),
            _ => format!("{} + {}", expr_text(names, a), expr_text(names, b)),
        },
        ExprKind::Subtract(a, b) => format!("{} − {}", expr_text(names, a), wrapped(names, b, 2)),
        ExprKind::Scale(a, b) => match strength(b) {
            1 => format!("{} ({})", wrapped(names, a, 2), expr_text(names, b)),
            _ => format!("{} {}", wrapped(names, a, 2), expr_text(names, b)),
        },
        ExprKind::Product(a, b) => format!("{} {}", wrapped(names, a, 2), wrapped(names, b, 2)),
        ExprKind::ElementProduct(a, b) => {
            format!("{} ⊙ {}", wrapped(names, a, 2), wrapped(names, b, 2))
        }
        ExprKind::ElementQuotient(a, b) => {
            format!("{}/{}", wrapped(names, a, 2), wrapped(names, b, 3))
        }
        ExprKind::Power(a, k) => format!("{}^{k}", wrapped(names, a, 4)),
        ExprKind::Transpose(a) => format!("{}ᵀ", wrapped(names, a, 4)),
        ExprKind::Dot(a, b) => format!("⟨{}, {}⟩", expr_text(names, a), expr_text(names, b)),
        ExprKind::Sum(a) => format!("sum({})", expr_text(names, a)),
        ExprKind::Trace(a) => format!("trace({})", expr_text(names, a)),
        ExprKind::Slice { of, rows, cols } => {
            let part = |(a, b): (usize, usize)| {
                if b == a + 1 { format!("{a}") } else { format!("{a}..{b}") }
            };
            match of.shape {
                sparsec_program::solver::Shape::Matrix(..) => {
                    format!("{}[{}, {}]", wrapped(names, of, 4), part(*rows), part(*cols))
                }
                _ => format!("{}[{}]", wrapped(names, of, 4), part(*rows)),
            }
        }
        ExprKind::Stack(parts) if parts.len() == 1 => expr_text(names, &parts[0]),
        ExprKind::Stack(parts) => {
            format!("[{}]", parts.iter().map(|e| expr_text(names, e)).collect::<Vec<_>>().join("; "))
        }
        ExprKind::Diag(a) => format!("diag({})", expr_text(names, a)),
        ExprKind::Fill(a) => expr_text(names, a),
        ExprKind::Linear(map, a) => match map {
            LinearMap::Diff(1) => format!("diff({})", expr_text(names, a)),
            LinearMap::Diff(k) => format!("diff({}, {k})", expr_text(names, a)),
            LinearMap::Cumsum => format!("cumsum({})", expr_text(names, a)),
            LinearMap::Dct => format!("dct({})", expr_text(names, a)),
            LinearMap::Grad2 => format!("grad2({})", expr_text(names, a)),
        },
        ExprKind::Convolve(k, a) => {
            format!("conv({}, {})", expr_text(names, k), expr_text(names, a))
        }
        ExprKind::Rows(a) => format!("rows({})", expr_text(names, a)),
        ExprKind::Cols(a) => format!("cols({})", expr_text(names, a)),
        ExprKind::Elementwise(f, args) => match f {
            Elementwise::Abs => format!("|{}|", list(args)),
            Elementwise::Exp => format!("exp({})", list(args)),
            Elementwise::Log => format!("log({})", list(args)),
            Elementwise::Sqrt => format!("sqrt({})", list(args)),
            Elementwise::Square => format!("({})²", list(args)),
            Elementwise::Pos => format!("pos({})", list(args)),
            Elementwise::Max => format!("max({})", list(args)),
            Elementwise::Min => format!("min({})", list(args)),
        },
        ExprKind::Call(f, args) => call_text(names, f.name, args),
    }
}

/// A call, with bars for the norms that have them.
fn call_text(names: &[String], name: &str, args: &[Arg]) -> String {
    let texts: Vec<String> = args.iter().map(|a| argument_text(names, a)).collect();
    let first = texts.first().cloned().unwrap_or_default();
    match name {
        "sum_squares" => format!("‖{first}‖²"),
        "norm1" => format!("‖{first}‖₁"),
        "norm2" => format!("‖{first}‖"),
        "norm_inf" => format!("‖{first}‖∞"),
        _ => format!("{name}({})", texts.join(", ")),
    }
}

fn argument_text(names: &[String], arg: &Arg) -> String {
    match arg {
        Arg::Expr(e) => expr_text(names, e),
        Arg::Integer(k) => k.to_string(),
        Arg::Groups(groups) => {
            let size = groups.first().map_or(0, Vec::len);
            let consecutive = groups.iter().flatten().copied().eq(0..groups.iter().map(Vec::len).sum());
            if consecutive && groups.iter().all(|g| g.len() == size) {
                size.to_string()
            } else {
                format!("{} groups", groups.len())
            }
        }
    }
}
