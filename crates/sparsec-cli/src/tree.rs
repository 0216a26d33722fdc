//! The syntax tree as text: one node a line, children further in, without places, the same for the same tree.

use sparsec::syntax::ast::{
    BinaryOp, Constraint, ConstraintKind, Decl, Domain, DomainKind, Expr, ExprKind, Ident, IndexItem, Method, NormKind,
    OptionValue, Problem, Relation, Sense, SetExpr, SetKind, StatementKind, Type, TypeKind, Value,
};

/// Prints a tree.
pub fn print(problem: &Problem) -> String {
    let mut tree = Tree { text: String::new(), depth: 0 };
    tree.problem(problem);
    tree.text
}

struct Tree {
    text: String,
    depth: usize,
}

impl Tree {
    fn line(&mut self, text: impl AsRef<str>) {
        self.text.extend(std::iter::repeat_n("  ", self.depth));
        self.text.push_str(text.as_ref());
        self.text.push('\n');
    }

    /// A line with children.
    fn node(&mut self, text: impl AsRef<str>, children: impl FnOnce(&mut Self)) {
        self.line(text);
        self.depth += 1;
        children(self);
        self.depth -= 1;
    }

    fn docs(&mut self, docs: &str) {
        for line in docs.lines() {
            self.line(format!("docs {line:?}"));
        }
    }

    fn problem(&mut self, problem: &Problem) {
        let name = problem.name.as_ref().map_or_else(|| "problem".to_owned(), |n| format!("problem {}", name(n)));
        self.docs(&problem.docs);
        self.node(name, |t| {
            for statement in &problem.statements {
                t.docs(&statement.docs);
                t.statement(&statement.kind);
            }
        });
    }

    fn statement(&mut self, statement: &StatementKind) {
        match statement {
            StatementKind::Dim(decls) => self.node("dim", |t| {
                for decl in decls {
                    match &decl.value {
                        Some(value) => t.node(name(&decl.name), |t| t.expr(value)),
                        None => t.line(name(&decl.name)),
                    }
                }
            }),
            StatementKind::Const(decls) => self.decls("const", decls),
            StatementKind::Param(decls) => self.decls("param", decls),
            StatementKind::Var(decls) => self.decls("var", decls),
            StatementKind::Let(decls) => self.node("let", |t| {
                for decl in decls {
                    t.node(name(&decl.name), |t| t.expr(&decl.value));
                }
            }),
            StatementKind::Objective { sense, value } => {
                let sense = match sense {
                    Sense::Minimize => "minimize",
                    Sense::Maximize => "maximize",
                };
                self.node(sense, |t| t.expr(value));
            }
            StatementKind::Subject(constraints) => {
                self.node("subject to", |t| constraints.iter().for_each(|c| t.constraint(c)));
            }
            StatementKind::Solve(method) => self.node("solve with", |t| t.method(method)),
        }
    }

    fn decls(&mut self, kind: &str, decls: &[Decl]) {
        self.node(kind, |t| {
            for decl in decls {
                t.node(name(&decl.name), |t| {
                    t.ty(&decl.ty);
                    decl.domains.iter().for_each(|d| t.domain(d));
                    match &decl.value {
                        None => {}
                        Some(Value::Literal(value)) => t.node("value", |t| t.expr(value)),
                        Some(Value::Load { path, key, .. }) => t.line(load(path, key.as_deref())),
                    }
                });
            }
        });
    }

    fn ty(&mut self, ty: &Type) {
        match &ty.kind {
            TypeKind::Scalar => self.line("scalar"),
            TypeKind::Vector(n) => self.node("vector", |t| t.expr(n)),
            TypeKind::Matrix(m, n) => self.pair("matrix", m, n),
            TypeKind::SparseMatrix(m, n) => self.pair("sparse matrix", m, n),
        }
    }

    fn domain(&mut self, domain: &Domain) {
        self.line(match domain.kind {
            DomainKind::AtLeast(c) => format!("domain >= {c:?}"),
            DomainKind::Above(c) => format!("domain > {c:?}"),
            DomainKind::AtMost(c) => format!("domain <= {c:?}"),
            DomainKind::Below(c) => format!("domain < {c:?}"),
            DomainKind::Between(a, b) => format!("domain in [{a:?}, {b:?}]"),
            DomainKind::Symmetric => "domain symmetric".to_owned(),
            DomainKind::Psd => "domain psd".to_owned(),
        });
    }

    fn constraint(&mut self, constraint: &Constraint) {
        match &constraint.kind {
            ConstraintKind::In { value, set } => self.node("in", |t| {
                t.expr(value);
                t.set(set);
            }),
            ConstraintKind::Compare { left, relation, right } => {
                let relation = match relation {
                    Relation::LessEqual => "<=",
                    Relation::GreaterEqual => ">=",
                    Relation::Equal => "==",
                };
                self.pair(relation, left, right);
            }
            ConstraintKind::Between { lower, value, upper } => self.node("between", |t| {
                t.expr(lower);
                t.expr(value);
                t.expr(upper);
            }),
        }
    }

    fn set(&mut self, set: &SetExpr) {
        match &set.kind {
            SetKind::Named { name: set, args } => {
                self.node(format!("set {}", name(set)), |t| args.iter().for_each(|a| t.expr(a)));
            }
            SetKind::Interval(lower, upper) => self.pair("interval", lower, upper),
        }
    }

    fn method(&mut self, method: &Method) {
        self.node(name(&method.name), |t| {
            for option in &method.options {
                let name = option.name.as_ref().map_or_else(|| "option".to_owned(), |n| format!("option {}", name(n)));
                t.node(name, |t| match &option.value {
                    OptionValue::Expr(e) => t.expr(e),
                    OptionValue::Load { path, key, .. } => t.line(load(path, key.as_deref())),
                });
            }
        });
    }

    fn pair(&mut self, text: &str, left: &Expr, right: &Expr) {
        self.node(text, |t| {
            t.expr(left);
            t.expr(right);
        });
    }

    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Number(value) => self.line(format!("number {value:?}")),
            ExprKind::Name(ident) => self.line(format!("name {}", name(ident))),
            ExprKind::Negate(a) => self.node("negate", |t| t.expr(a)),
            ExprKind::Binary(op, a, b) => {
                let op = match op {
                    BinaryOp::Add => "add",
                    BinaryOp::Subtract => "subtract",
                    BinaryOp::Multiply => "multiply",
                    BinaryOp::Juxtapose => "side by side",
                    BinaryOp::Divide => "divide",
                    BinaryOp::ElementMultiply => "multiply elementwise",
                    BinaryOp::ElementDivide => "divide elementwise",
                };
                self.pair(op, a, b);
            }
            ExprKind::Power(a, b) => self.pair("power", a, b),
            ExprKind::Transpose(a) => self.node("transpose", |t| t.expr(a)),
            ExprKind::Norm(kind, a) => {
                let kind = match kind {
                    NormKind::Plain => "norm",
                    NormKind::One => "norm 1",
                    NormKind::Two => "norm 2",
                    NormKind::Infinity => "norm inf",
                    NormKind::Frobenius => "norm F",
                    NormKind::Nuclear => "norm nuclear",
                };
                self.node(kind, |t| t.expr(a));
            }
            ExprKind::Apply(f, args) => {
                self.node(format!("apply {}", name(f)), |t| args.iter().for_each(|a| t.expr(a)));
            }
            ExprKind::Index(a, items) => self.node("index", |t| {
                t.expr(a);
                items.iter().for_each(|i| t.item(i));
            }),
            ExprKind::Array(items) => self.node("array", |t| items.iter().for_each(|i| t.expr(i))),
            ExprKind::Stack(items) => self.node("stack", |t| items.iter().for_each(|i| t.expr(i))),
            ExprKind::Inner(a, b) => self.pair("inner", a, b),
        }
    }

    fn item(&mut self, item: &IndexItem) {
        match item {
            IndexItem::At(e) => self.node("at", |t| t.expr(e)),
            IndexItem::Range(from, to) => self.node("range", |t| {
                match from {
                    Some(from) => t.node("from", |t| t.expr(from)),
                    None => t.line("from the start"),
                }
                match to {
                    Some(to) => t.node("to", |t| t.expr(to)),
                    None => t.line("to the end"),
                }
            }),
        }
    }
}

/// The canonical name: the tree is the same in Unicode and ASCII.
fn name(ident: &Ident) -> String {
    ident.canonical.clone()
}

fn load(path: &str, key: Option<&str>) -> String {
    match key {
        Some(key) => format!("load {path:?} {key:?}"),
        None => format!("load {path:?}"),
    }
}
