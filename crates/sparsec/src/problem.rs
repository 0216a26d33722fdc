//! A parsed problem, and the data that belongs to it.

use crate::backend::Real;
use crate::compiled::Compiled;
use crate::error::Error;
use crate::files;
use crate::options::Options;
use crate::view::View;
use sparsec_data::{Array, array::describe};
use sparsec_program::solver::{InputKind, Shape};
use sparsec_syntax::ast::{self, StatementKind, TypeKind, Value};
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::span::Span;
use sparsec_syntax::{diagnostics, names};
use std::path::Path;
use std::sync::Arc;

/// The text of a problem, parsed.
#[derive(Clone, Debug)]
pub struct Problem {
    text: Arc<str>,
    ast: ast::Problem,
    name: String,
}

/// A const or param as declared, before any size is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// As declared.
    pub name: String,
    /// Canonical ASCII name.
    pub canonical: String,
    /// const or param.
    pub kind: InputKind,
    /// Number of dimensions: 0, 1 or 2.
    pub dimensions: usize,
    /// Path and member of its `load(…)`.
    pub load: Option<(String, Option<String>)>,
    /// It has a value in the text, written out or loaded.
    pub has_value: bool,
    /// Place of the declaration's name.
    pub span: Span,
    /// Place of the value.
    pub value_span: Option<Span>,
}

/// Data given for one input.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// Canonical name of the input.
    pub name: String,
    /// The numbers.
    pub array: Array,
    /// Where they come from, as messages show it.
    pub from: String,
}

impl Problem {
    /// Parses a problem. All independent mistakes are reported together.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text: Arc<str> = text.into();
        let ast = sparsec_syntax::parse(&text).map_err(|e| Error::from(e).within(&text))?;
        let name = ast.name.as_ref().map_or_else(|| "problem".to_owned(), |n| n.text.clone());
        Ok(Self { text, ast, name })
    }

    /// Parses the bytes of a file, which have to be UTF-8.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::parse(sparsec_syntax::decode(bytes)?)
    }

    /// Names the problem, unless its text does.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        if self.ast.name.is_none() {
            name.clone_into(&mut self.name);
        }
        self
    }

    /// The problem's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, shared with errors.
    pub(crate) fn shared_text(&self) -> &Arc<str> {
        &self.text
    }

    /// The syntax tree.
    pub fn ast(&self) -> &ast::Problem {
        &self.ast
    }

    /// Consts and params in the order declared.
    pub fn inputs(&self) -> Vec<Input> {
        let mut inputs = Vec::new();
        for statement in &self.ast.statements {
            let (kind, decls) = match &statement.kind {
                StatementKind::Const(decls) => (InputKind::Const, decls),
                StatementKind::Param(decls) => (InputKind::Param, decls),
                _ => continue,
            };
            for decl in decls {
                let dimensions = match decl.ty.kind {
                    TypeKind::Scalar => 0,
                    TypeKind::Vector(_) => 1,
                    TypeKind::Matrix(..) | TypeKind::SparseMatrix(..) => 2,
                };
                let (load, value_span) = match &decl.value {
                    Some(Value::Load { path, key, span }) => (Some((path.clone(), key.clone())), Some(*span)),
                    Some(Value::Literal(e)) => (None, Some(e.span)),
                    None => (None, None),
                };
                inputs.push(Input {
                    name: decl.name.text.clone(),
                    canonical: decl.name.canonical.clone(),
                    kind,
                    dimensions,
                    load,
                    has_value: decl.value.is_some(),
                    span: decl.name.span,
                    value_span,
                });
            }
        }
        inputs
    }

    /// The input of a name, as declared or in another spelling.
    pub fn input(&self, name: &str) -> Option<Input> {
        let canonical = names::canonical(name);
        self.inputs().into_iter().find(|i| i.canonical == canonical)
    }

    /// Names of the unknowns as declared, in order.
    pub fn unknowns(&self) -> Vec<String> {
        let of = |statement: &ast::Statement| match &statement.kind {
            StatementKind::Var(decls) => decls.iter().map(|d| d.name.text.clone()).collect(),
            _ => Vec::new(),
        };
        self.ast.statements.iter().flat_map(of).collect()
    }

    /// Reads the files that `load(…)` names, except for inputs that `skip` says are given otherwise. Relative paths are taken
    /// from `base`, the problem's own folder; `..` and absolute paths are followed, for whoever runs a problem file chose it.
    pub fn load(&self, base: &Path, skip: impl Fn(&str) -> bool) -> Result<Vec<Given>, Error> {
        let mut given = Vec::new();
        let mut wrong = Vec::new();
        for input in self.inputs() {
            let Some((path, key)) = &input.load else { continue };
            if skip(&input.canonical) {
                continue;
            }
            match files::array(&base.join(path), key.as_deref()) {
                Ok(array) => {
                    let from = key.as_ref().map_or_else(|| path.clone(), |key| format!("{path}:{key}"));
                    given.push(Given { name: input.canonical, array, from });
                }
                Err(e) => wrong.extend(e.at(input.value_span, "loaded here").diagnostics),
            }
        }
        if wrong.is_empty() { Ok(given) } else { Err(Error::from(wrong).within(&self.text)) }
    }

    /// Checks that data has as many dimensions as its declaration, and gives it that many: a matrix of one row or column
    /// becomes a vector, a vector a matrix of one column where the text says `matrix[m, 1]`.
    pub fn conform(&self, given: &mut Given) -> Result<(), Error> {
        let Some(input) = self.input(&given.name) else {
            return Err(self.no_such_input(&given.name));
        };
        let wrong = |message: String| {
            let diagnostic = Diagnostic::new(diagnostics::E0502, message).label(input.span, "declared here");
            Err(Error::from(diagnostic).within(&self.text))
        };
        let shape = &mut given.array.shape;
        let found = describe(shape);
        let fits = match (input.dimensions, shape.as_slice()) {
            (0, sizes) if sizes.len() <= 2 && sizes.iter().all(|&s| s == 1) => {
                shape.clear();
                true
            }
            (1, &[n, 1] | &[1, n]) => {
                *shape = vec![n];
                true
            }
            (2, &[n]) => {
                *shape = vec![n, 1];
                true
            }
            (dimensions, sizes) => dimensions == sizes.len(),
        };
        if !fits {
            let kind = ["a number", "a vector", "a matrix"][input.dimensions.min(2)];
            let message = format!("`{}` is {kind}, but {} has shape {found}", input.name, given.from);
            return wrong(message);
        }
        if let Some(zero) = given.array.shape.iter().position(|&s| s == 0) {
            let message = format!("{} has shape {found}: dimension {} is empty", given.from, zero + 1);
            return wrong(message);
        }
        Ok(())
    }

    /// The error for data that no declaration asks for.
    pub fn no_such_input(&self, name: &str) -> Error {
        let inputs = self.inputs();
        let known = inputs.iter().map(|i| i.canonical.as_str());
        let near = names::nearest(&names::canonical(name), known).map(str::to_owned);
        let near = near.and_then(|near| inputs.iter().find(|i| i.canonical == near));
        let help = match near {
            Some(near) => format!("did you mean `{}`?", near.name),
            None if inputs.is_empty() => "the problem declares no const and no param".to_owned(),
            None => {
                let names: Vec<String> = inputs.iter().map(|i| format!("`{}`", i.name)).collect();
                format!("the problem's consts and params are {}", names.join(", "))
            }
        };
        let message = format!("the problem has no const or param `{name}`");
        Diagnostic::new(diagnostics::E0901, message).help(help).into()
    }

    /// What every stage of the compiler makes for a number type, without a backend: for whoever wants to look at it.
    pub fn stages<T: Real>(&self, options: &Options) -> Result<sparsec_compiler::Stages, Error> {
        crate::compiled::stages(self, options, T::NAME == f32::NAME)
    }

    /// Derives an algorithm and turns it into a program. Sizes come from the text and the options.
    pub fn compile<T: Real>(&self, options: &Options) -> Result<Compiled<T>, Error> {
        Compiled::new(self, options)
    }

    /// The same, where dims without a value may take theirs from data that will be bound.
    pub fn compile_for<'a, T: Real>(
        &self,
        options: &Options,
        data: impl IntoIterator<Item = (&'a str, View<'a>)>,
    ) -> Result<Compiled<T>, Error> {
        let mut options = options.clone();
        for (name, view) in data {
            let Some(input) = self.input(name) else { return Err(self.no_such_input(name)) };
            let sizes = match (view.shape(), input.dimensions) {
                (Shape::Matrix(n, 1) | Shape::Matrix(1, n), 1) => vec![n],
                (Shape::Vector(n), 2) => vec![n, 1],
                (Shape::Scalar, _) => vec![],
                (Shape::Vector(n), _) => vec![n],
                (Shape::Matrix(m, n), _) => vec![m, n],
            };
            options = options.shape(&input.canonical, &sizes);
        }
        self.compile(&options)
    }
}
