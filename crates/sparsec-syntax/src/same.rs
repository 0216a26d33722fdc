//! Equality of trees apart from places and spelling.

use crate::ast::*;

/// Equality apart from spans and spelling.
trait Same {
    fn same(&self, other: &Self) -> bool;
}

impl Problem {
    /// Whether the two say the same: equal apart from spans, the spelling of names (`λ` and `lambda`), and `⟨a, b⟩`
    /// for `dot(a, b)`. Documentation counts; comments are not part of the tree.
    pub fn same(&self, other: &Problem) -> bool {
        self.name.same(&other.name) && self.docs == other.docs && self.statements.same(&other.statements)
    }
}

impl Expr {
    /// Whether two expressions are equal apart from spans and spelling; see [`Problem::same`].
    pub fn same(&self, other: &Expr) -> bool {
        Same::same(self, other)
    }
}

impl<T: Same> Same for Option<T> {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(a), Some(b)) => a.same(b),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<T: Same> Same for Vec<T> {
    fn same(&self, other: &Self) -> bool {
        self.as_slice().same(other.as_slice())
    }
}

impl<T: Same> Same for [T] {
    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.same(b))
    }
}

impl Same for Ident {
    fn same(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Same for Statement {
    fn same(&self, other: &Self) -> bool {
        self.docs == other.docs && self.kind.same(&other.kind)
    }
}

impl Same for StatementKind {
    fn same(&self, other: &Self) -> bool {
        use StatementKind as K;
        match (self, other) {
            (K::Dim(a), K::Dim(b)) => a.same(b),
            (K::Const(a), K::Const(b)) | (K::Param(a), K::Param(b)) | (K::Var(a), K::Var(b)) => a.same(b),
            (K::Let(a), K::Let(b)) => a.same(b),
            (K::Objective { sense: a, value: x }, K::Objective { sense: b, value: y }) => a == b && x.same(y),
            (K::Subject(a), K::Subject(b)) => a.same(b),
            (K::Solve(a), K::Solve(b)) => a.name.same(&b.name) && a.options.same(&b.options),
            _ => false,
        }
    }
}

impl Same for DimDecl {
    fn same(&self, other: &Self) -> bool {
        self.name.same(&other.name) && self.value.same(&other.value)
    }
}

impl Same for LetDecl {
    fn same(&self, other: &Self) -> bool {
        self.name.same(&other.name) && self.value.same(&other.value)
    }
}

impl Same for Decl {
    fn same(&self, other: &Self) -> bool {
        self.name.same(&other.name)
            && self.ty.kind.same(&other.ty.kind)
            && self.domains.same(&other.domains)
            && self.value.same(&other.value)
    }
}

impl Same for TypeKind {
    fn same(&self, other: &Self) -> bool {
        use TypeKind as K;
        match (self, other) {
            (K::Scalar, K::Scalar) => true,
            (K::Vector(a), K::Vector(b)) => a.same(b),
            (K::Matrix(a, b), K::Matrix(x, y)) | (K::SparseMatrix(a, b), K::SparseMatrix(x, y)) => {
                a.same(x) && b.same(y)
            }
            _ => false,
        }
    }
}

impl Same for Domain {
    fn same(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl Same for Value {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Literal(a), Value::Literal(b)) => a.same(b),
            (Value::Load { path: a, key: x, .. }, Value::Load { path: b, key: y, .. }) => a == b && x == y,
            _ => false,
        }
    }
}

impl Same for Constraint {
    fn same(&self, other: &Self) -> bool {
        use ConstraintKind as K;
        match (&self.kind, &other.kind) {
            (K::In { value: a, set: s }, K::In { value: b, set: t }) => a.same(b) && s.same(t),
            (K::Compare { left: a, relation: r, right: b }, K::Compare { left: x, relation: s, right: y }) => {
                r == s && a.same(x) && b.same(y)
            }
            (K::Between { lower: a, value: b, upper: c }, K::Between { lower: x, value: y, upper: z }) => {
                a.same(x) && b.same(y) && c.same(z)
            }
            _ => false,
        }
    }
}

impl Same for SetExpr {
    fn same(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (SetKind::Named { name: a, args: x }, SetKind::Named { name: b, args: y }) => a.same(b) && x.same(y),
            (SetKind::Interval(a, b), SetKind::Interval(x, y)) => a.same(x) && b.same(y),
            _ => false,
        }
    }
}

impl Same for MethodOption {
    fn same(&self, other: &Self) -> bool {
        let values = match (&self.value, &other.value) {
            (OptionValue::Expr(a), OptionValue::Expr(b)) => a.same(b),
            (OptionValue::Load { path: a, key: x, .. }, OptionValue::Load { path: b, key: y, .. }) => a == b && x == y,
            _ => false,
        };
        values && self.name.same(&other.name)
    }
}

/// The two arguments of an inner product in either spelling.
fn inner(kind: &ExprKind) -> Option<(&Expr, &Expr)> {
    match kind {
        ExprKind::Inner(a, b) => Some((a, b)),
        ExprKind::Apply(name, args) if name.canonical == "dot" => match args.as_slice() {
            [a, b] => Some((a, b)),
            _ => None,
        },
        _ => None,
    }
}

impl Same for Expr {
    fn same(&self, other: &Self) -> bool {
        use ExprKind as K;
        match (&self.kind, &other.kind) {
            (K::Number(a), K::Number(b)) => a == b,
            (K::Name(a), K::Name(b)) => a.same(b),
            (K::Negate(a), K::Negate(b)) | (K::Transpose(a), K::Transpose(b)) => a.same(b),
            (K::Binary(op, a, b), K::Binary(other, x, y)) => op == other && a.same(x) && b.same(y),
            (K::Power(a, b), K::Power(x, y)) => a.same(x) && b.same(y),
            (K::Norm(kind, a), K::Norm(other, b)) => kind == other && a.same(b),
            (K::Index(a, items), K::Index(b, others)) => a.same(b) && items.same(others),
            (K::Array(a), K::Array(b)) | (K::Stack(a), K::Stack(b)) => a.same(b),
            (K::Apply(f, a), K::Apply(g, b)) if inner(&self.kind).is_none() => f.same(g) && a.same(b),
            (a, b) => match (inner(a), inner(b)) {
                (Some((a, b)), Some((x, y))) => a.same(x) && b.same(y),
                _ => false,
            },
        }
    }
}

impl Same for IndexItem {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (IndexItem::At(a), IndexItem::At(b)) => a.same(b),
            (IndexItem::Range(a, b), IndexItem::Range(x, y)) => a.same(x) && b.same(y),
            _ => false,
        }
    }
}
