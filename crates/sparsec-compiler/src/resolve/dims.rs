//! Sizes of dims: from the text, from outside it, or from the shapes of data.

use super::limits::MAX_SIZE;
use super::names::Meaning;
use super::{Resolver, kind_of, values};
use crate::model::QuantityKind;
use sparsec_syntax::ast::{DimDecl, Expr, ExprKind, Ident, TypeKind, Value};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0302, E0303, E0304, E0901};
use sparsec_syntax::span::Span;

/// A declared dim.
#[derive(Debug)]
pub struct Dim<'a> {
    /// Its name.
    pub name: &'a Ident,
    /// What the text says.
    written: Option<&'a Expr>,
    /// Its size, once known.
    pub value: Option<usize>,
    /// Where that is from.
    pub source: Source,
}

/// Where a size is from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Nowhere yet.
    Nothing,
    /// The `dim` statement.
    Text(Span),
    /// `--dim`, or the macro's head.
    Outside,
    /// Data bound to a quantity.
    Data {
        /// The quantity.
        name: String,
        /// The place of its declaration.
        span: Span,
        /// The data: `file D.npy`.
        from: String,
    },
    /// A literal value of a quantity.
    Literal {
        /// The quantity.
        name: String,
        /// The place of the literal.
        span: Span,
    },
}

impl<'a> Dim<'a> {
    /// A dim as declared.
    pub fn new(decl: &'a DimDecl) -> Self {
        Dim { name: &decl.name, written: decl.value.as_ref(), value: None, source: Source::Nothing }
    }
}

impl Dim<'_> {
    /// `n = 256 (from the file D.npy of D)`
    pub fn origin(&self) -> String {
        let Some(value) = self.value else {
            return self.name.text.clone();
        };
        let name = &self.name.text;
        match &self.source {
            Source::Nothing | Source::Text(_) => format!("{name} = {value}"),
            Source::Outside => format!("{name} = {value} from --dim or the macro's head"),
            Source::Data { name: quantity, from, .. } => format!("{name} = {value} from `{quantity}` ({from})"),
            Source::Literal { name: quantity, .. } => {
                format!("{name} = {value} from the value of `{quantity}`")
            }
        }
    }
}

/// The sizes in a type.
pub fn type_sizes(kind: &TypeKind) -> Vec<&Expr> {
    match kind {
        TypeKind::Scalar => Vec::new(),
        TypeKind::Vector(n) => vec![n],
        TypeKind::Matrix(m, n) | TypeKind::SparseMatrix(m, n) => vec![m, n],
    }
}

impl Resolver<'_> {
    /// Finds the size of every dim and reports those that have none or two.
    pub fn solve_dims(&mut self) {
        let mut failed = vec![false; self.dims.len()];
        for (index, failed) in failed.iter_mut().enumerate() {
            let Some(written) = self.dims[index].written else {
                continue;
            };
            match values::size(written, &|_| None) {
                Ok(size) => {
                    self.dims[index].value = Some(size);
                    self.dims[index].source = Source::Text(written.span);
                }
                Err(()) => {
                    *failed = true;
                    let (name, text) = (self.dims[index].name.text.clone(), self.quote(written));
                    self.error(
                        Diagnostic::new(
                            E0304,
                            format!("dim `{name}` must be a whole number from 1 to {MAX_SIZE}, not {text}"),
                        )
                        .label(written.span, "not a size"),
                    );
                }
            }
        }
        self.take_outside_dims(&mut failed);
        self.take_data_dims();
        for (index, failed) in failed.into_iter().enumerate() {
            let dim = &self.dims[index];
            if dim.value.is_some() || failed {
                continue;
            }
            let name = dim.name.text.clone();
            let span = dim.name.span;
            let used_by = self.problem.statements.iter().filter_map(|s| kind_of(&s.kind)).find_map(|(kind, decls)| {
                decls.iter().find(|d| {
                    kind != QuantityKind::Var
                        && type_sizes(&d.ty.kind)
                            .iter()
                            .any(|e| matches!(&e.kind, ExprKind::Name(n) if n.canonical == dim.name.canonical))
                })
            });
            let mut help = format!("write `dim {name} = …`, or give --dim {name}=…");
            if let Some(decl) = used_by {
                help.push_str(&format!(", or bind data to `{}`", decl.name.text));
            }
            self.error(
                Diagnostic::new(E0302, format!("the size of dim `{name}` is not known"))
                    .label(span, "no size")
                    .help(help),
            );
        }
    }

    /// Takes sizes from outside the text; a dim whose size is none is noted as failed.
    fn take_outside_dims(&mut self, failed: &mut [bool]) {
        let options = self.options;
        for (name, size) in &options.dims {
            let index = self.dims.iter().position(|d| d.name.text == *name || d.name.canonical == *name);
            let Some(index) = index else {
                let dims: Vec<_> = self.dims.iter().map(|d| d.name.text.as_str()).collect();
                let candidates = self.dims.iter().map(|d| (d.name.canonical.as_str(), d.name.text.as_str()));
                let help = match super::names::nearest(name, candidates) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if dims.is_empty() => "the problem declares no dim".to_owned(),
                    None => format!("the problem's dims are {}", dims.join(", ")),
                };
                self.error(Diagnostic::new(E0901, format!("the problem has no dim `{name}`")).help(help));
                continue;
            };
            if !(1..=MAX_SIZE).contains(size) {
                self.error(
                    Diagnostic::new(
                        E0304,
                        format!("dim `{name}` must be a whole number from 1 to {MAX_SIZE}, not {size}"),
                    )
                    .label(self.dims[index].name.span, "declared here"),
                );
                failed[index] = true;
                continue;
            }
            let dim = &mut self.dims[index];
            match dim.value {
                Some(other) if other != *size => {
                    let span = match dim.source {
                        Source::Text(span) => span,
                        _ => dim.name.span,
                    };
                    let text = dim.name.text.clone();
                    self.error(
                        Diagnostic::new(
                            E0303,
                            format!("dim `{text}` is {other} in the text, but {size} from --dim or the macro's head"),
                        )
                        .label(span, format!("{other} here"))
                        .help("leave the value out of one of the two"),
                    );
                }
                Some(_) => {}
                None => {
                    dim.value = Some(*size);
                    dim.source = Source::Outside;
                }
            }
        }
    }

    /// Dims that have no size yet take it from data and literal values, in the order of the declarations.
    fn take_data_dims(&mut self) {
        let problem = self.problem;
        for (kind, decls) in problem.statements.iter().filter_map(|s| kind_of(&s.kind)) {
            for decl in decls {
                if kind == QuantityKind::Var {
                    continue;
                }
                let sizes = type_sizes(&decl.ty.kind);
                let known = self.options.shapes.iter().find(|s| s.name == decl.name.canonical);
                let (shape, source) = match (known, &decl.value) {
                    (Some(known), _) => (
                        known.shape.clone(),
                        Source::Data { name: decl.name.text.clone(), span: decl.name.span, from: known.from.clone() },
                    ),
                    (None, Some(Value::Literal(e))) => match values::literal(e, &|name| self.dim_size(name)) {
                        Ok(literal) => (literal.sizes, Source::Literal { name: decl.name.text.clone(), span: e.span }),
                        Err(_) => continue,
                    },
                    _ => continue,
                };
                if shape.len() != sizes.len() {
                    continue;
                }
                for (size, found) in sizes.into_iter().zip(shape) {
                    let ExprKind::Name(name) = &size.kind else {
                        continue;
                    };
                    let meaning = self.scope.get(&name.canonical).map(|named| named.meaning);
                    let Some(Meaning::Dim(index)) = meaning else { continue };
                    let Some(dim) = self.dims.get_mut(index) else { continue };
                    if dim.value.is_none() && dim.written.is_none() && (1..=MAX_SIZE).contains(&found) {
                        dim.value = Some(found);
                        dim.source = source.clone();
                    }
                }
            }
        }
    }
}
