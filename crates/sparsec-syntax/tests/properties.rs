//! Random problems in random spelling: print, parse, compare; format, parse, compare.

use proptest::prelude::*;
use proptest::test_runner::TestRng;
use sparsec_syntax::ast::*;
use sparsec_syntax::format::{Style, format};
use sparsec_syntax::names::canonical;
use sparsec_syntax::parse;
use sparsec_syntax::span::Span;

const NOWHERE: Span = Span::new(0, 0);

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: NOWHERE }
}

fn ident(text: &str) -> Ident {
    Ident { text: text.to_owned(), canonical: canonical(text), span: NOWHERE }
}

fn name() -> impl Strategy<Value = Ident> {
    prop::sample::select(vec![
        "x",
        "y",
        "D",
        "T",
        "e5",
        "λ",
        "lambda",
        "Σ",
        "x₁",
        "λ₂",
        "µ",
        "ϵ",
        "to_do",
        "inflow",
        "in_",
        "Tx",
        "huber",
        "ó",
        "a_b",
        "psd",
        "vector",
        "minimizer",
        "dot",
    ])
    .prop_map(ident)
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        (0..30_u32).prop_map(f64::from),
        prop::sample::select(vec![0.5, 1e-8, 1e300, 5e-324, 0.1, 12345.678, f64::INFINITY]),
        (0.0..1.0e3_f64),
    ]
}

fn expression() -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        number().prop_map(|value| expr(ExprKind::Number(value))),
        name().prop_map(|name| expr(ExprKind::Name(name))),
        name().prop_map(|name| expr(ExprKind::Name(name))),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let op = prop::sample::select(vec![
            BinaryOp::Add,
            BinaryOp::Subtract,
            BinaryOp::Multiply,
            BinaryOp::Juxtapose,
            BinaryOp::Juxtapose,
            BinaryOp::Divide,
            BinaryOp::ElementMultiply,
            BinaryOp::ElementDivide,
        ]);
        let norm = prop::sample::select(vec![
            NormKind::Plain,
            NormKind::One,
            NormKind::Two,
            NormKind::Infinity,
            NormKind::Frobenius,
            NormKind::Nuclear,
        ]);
        let one = || inner.clone();
        let boxed = || inner.clone().prop_map(Box::new);
        let half = (1..9_u32, 1..9_u32).prop_map(|(a, b)| {
            let number = |value: u32| Box::new(expr(ExprKind::Number(f64::from(value))));
            expr(ExprKind::Binary(BinaryOp::Divide, number(a), number(b)))
        });
        let item = prop_oneof![
            one().prop_map(IndexItem::At),
            (prop::option::of(one()), prop::option::of(one())).prop_map(|(a, b)| IndexItem::Range(a, b)),
        ];
        prop_oneof![
            4 => (op, boxed(), boxed()).prop_map(|(op, a, b)| expr(ExprKind::Binary(op, a, b))),
            1 => (half, boxed()).prop_map(|(a, b)| expr(ExprKind::Binary(BinaryOp::Juxtapose, Box::new(a), b))),
            1 => boxed().prop_map(|a| expr(ExprKind::Negate(a))),
            1 => (boxed(), prop_oneof![boxed(), (0..12_u32).prop_map(|n| Box::new(expr(ExprKind::Number(f64::from(n)))))])
                .prop_map(|(a, b)| expr(ExprKind::Power(a, b))),
            1 => boxed().prop_map(|a| expr(ExprKind::Transpose(a))),
            2 => (norm, boxed()).prop_map(|(kind, a)| expr(ExprKind::Norm(kind, a))),
            1 => (name(), prop::collection::vec(one(), 0..3)).prop_map(|(f, args)| expr(ExprKind::Apply(f, args))),
            1 => (boxed(), prop::collection::vec(item, 1..3)).prop_map(|(a, items)| expr(ExprKind::Index(a, items))),
            1 => prop::collection::vec(one(), 1..4).prop_map(|entries| expr(ExprKind::Array(entries))),
            1 => prop::collection::vec(one(), 2..4).prop_map(|entries| expr(ExprKind::Stack(entries))),
            1 => (boxed(), boxed()).prop_map(|(a, b)| expr(ExprKind::Inner(a, b))),
        ]
    })
    .boxed()
}

fn signed() -> impl Strategy<Value = f64> {
    (number(), any::<bool>()).prop_map(|(value, negative)| if negative { -value } else { value })
}

fn literal_number(value: f64) -> Expr {
    let number = expr(ExprKind::Number(value.abs()));
    if value.is_sign_negative() { expr(ExprKind::Negate(Box::new(number))) } else { number }
}

fn literal() -> impl Strategy<Value = Expr> {
    signed().prop_map(literal_number).prop_recursive(2, 12, 4, |inner| {
        prop::collection::vec(inner, 1..5).prop_map(|entries| expr(ExprKind::Array(entries)))
    })
}

fn declaration() -> impl Strategy<Value = Decl> {
    let size = || {
        prop_oneof![
            name().prop_map(|name| expr(ExprKind::Name(name))),
            (1..99_u32).prop_map(|n| expr(ExprKind::Number(f64::from(n))))
        ]
    };
    let ty = prop_oneof![
        Just(TypeKind::Scalar),
        size().prop_map(TypeKind::Vector),
        (size(), size()).prop_map(|(m, n)| TypeKind::Matrix(m, n)),
        (size(), size()).prop_map(|(m, n)| TypeKind::SparseMatrix(m, n)),
    ];
    let domain = prop_oneof![
        signed().prop_map(DomainKind::AtLeast),
        signed().prop_map(DomainKind::Above),
        signed().prop_map(DomainKind::AtMost),
        signed().prop_map(DomainKind::Below),
        (signed(), signed()).prop_map(|(a, b)| DomainKind::Between(a, b)),
        Just(DomainKind::Symmetric),
        Just(DomainKind::Psd),
    ]
    .prop_map(|kind| Domain { kind, span: NOWHERE });
    let value = prop_oneof![
        literal().prop_map(Value::Literal),
        load().prop_map(|(path, key)| Value::Load { path, key, span: NOWHERE })
    ];
    (name(), ty, prop::collection::vec(domain, 0..3), prop::option::of(value)).prop_map(
        |(name, kind, domains, value)| Decl { name, ty: Type { kind, span: NOWHERE }, domains, value, span: NOWHERE },
    )
}

fn load() -> impl Strategy<Value = (String, Option<String>)> {
    let path = prop::sample::select(vec!["D.npy", "a//b.npy", "x /* y */.csv", "é λ.npz", "C:\\data\\x.npy"]);
    (path, prop::option::of(Just("key".to_owned()))).prop_map(|(path, key)| (path.to_owned(), key))
}

fn statement() -> impl Strategy<Value = StatementKind> {
    let decls = || prop::collection::vec(declaration(), 1..3);
    let relation = prop::sample::select(vec![Relation::LessEqual, Relation::GreaterEqual, Relation::Equal]);
    let set = prop_oneof![
        (name(), prop::collection::vec(expression(), 0..3)).prop_map(|(name, args)| SetKind::Named { name, args }),
        (expression(), expression()).prop_map(|(a, b)| SetKind::Interval(a, b)),
    ]
    .prop_map(|kind| SetExpr { kind, span: NOWHERE });
    let constraint = prop_oneof![
        (expression(), set).prop_map(|(value, set)| ConstraintKind::In { value, set }),
        (expression(), relation, expression()).prop_map(|(left, relation, right)| ConstraintKind::Compare {
            left,
            relation,
            right
        }),
        (expression(), expression(), expression()).prop_map(|(lower, value, upper)| ConstraintKind::Between {
            lower,
            value,
            upper
        }),
    ]
    .prop_map(|kind| Constraint { kind, span: NOWHERE });
    let option = (
        prop::option::of(name()),
        prop_oneof![
            3 => expression().prop_map(OptionValue::Expr),
            1 => load().prop_map(|(path, key)| OptionValue::Load { path, key, span: NOWHERE }),
        ],
    )
        .prop_map(|(name, value)| MethodOption { name, value, span: NOWHERE });
    let dim = (name(), prop::option::of(signed()))
        .prop_map(|(name, value)| DimDecl { name, value: value.map(literal_number) });
    prop_oneof![
        prop::collection::vec(dim, 1..4).prop_map(StatementKind::Dim),
        decls().prop_map(StatementKind::Const),
        decls().prop_map(StatementKind::Param),
        decls().prop_map(StatementKind::Var),
        prop::collection::vec((name(), expression()).prop_map(|(name, value)| LetDecl { name, value }), 1..3)
            .prop_map(StatementKind::Let),
        (any::<bool>(), expression()).prop_map(|(down, value)| StatementKind::Objective {
            sense: if down { Sense::Minimize } else { Sense::Maximize },
            value
        }),
        prop::collection::vec(constraint, 1..4).prop_map(StatementKind::Subject),
        (name(), prop::collection::vec(option, 0..4)).prop_map(|(name, options)| StatementKind::Solve(Method {
            name,
            options,
            span: NOWHERE
        })),
    ]
}

fn problem() -> impl Strategy<Value = Problem> {
    let docs = || prop::sample::select(vec!["", "one line", "two\nlines", "a\n\nb"]);
    let statement =
        (docs(), statement()).prop_map(|(docs, kind)| Statement { docs: docs.to_owned(), kind, span: NOWHERE });
    (prop::option::of((name(), docs())), prop::collection::vec(statement, 1..6)).prop_map(|(head, statements)| {
        let (name, docs) = head.map_or((None, ""), |(name, docs)| (Some(name), docs));
        Problem { name, docs: docs.to_owned(), statements, span: NOWHERE }
    })
}

/// Prints tokens in random spelling.
struct Printer<'r> {
    rng: &'r mut TestRng,
    tokens: Vec<String>,
}

impl Printer<'_> {
    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[(self.rng.next_u32() as usize) % choices.len()]
    }

    fn coin(&mut self) -> bool {
        self.rng.next_u32().is_multiple_of(2)
    }

    fn put(&mut self, text: impl Into<String>) {
        self.tokens.push(text.into());
    }

    fn put_one_of(&mut self, choices: &[&str]) {
        let text = self.pick(choices);
        self.put(text);
    }

    fn name(&mut self, name: &Ident) {
        let text = if self.coin() && name.text != "ó" { name.canonical.clone() } else { name.text.clone() };
        self.put(text);
    }

    fn number(&mut self, value: f64) {
        let text = if value.is_infinite() {
            "inf".to_owned()
        } else if self.coin() {
            format!("{value:e}")
        } else {
            format!("{value}")
        };
        self.put(text);
    }

    fn signed(&mut self, value: f64) {
        if value.is_sign_negative() {
            self.put_one_of(&["-", "−"]);
        }
        self.number(value.abs());
    }

    /// What `body` prints, apart.
    fn apart(&mut self, body: impl FnOnce(&mut Self)) -> Vec<String> {
        let before = std::mem::take(&mut self.tokens);
        body(self);
        std::mem::replace(&mut self.tokens, before)
    }

    fn group(&mut self, expr: &Expr) {
        self.put("(");
        self.expr(expr, 0, false, true);
        self.put(")");
    }

    fn list(&mut self, entries: &[Expr], separator: &str) {
        for (number, entry) in entries.iter().enumerate() {
            if number > 0 {
                self.put(separator);
            }
            self.expr(entry, 0, false, true);
        }
    }

    /// Levels: 0 sum, 1 signed product, 2 product, 3 side by side, 4 operand.
    fn expr(&mut self, e: &Expr, level: u8, bars: bool, coefficient: bool) {
        let own = match &e.kind {
            ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract, ..) => 0,
            ExprKind::Negate(_) => 1,
            ExprKind::Binary(BinaryOp::Juxtapose, ..) => 3,
            ExprKind::Binary(..) => 2,
            ExprKind::Norm(..) if bars => {
                self.group(e);
                return;
            }
            _ => 4,
        };
        if own < level || self.rng.next_u32().is_multiple_of(12) {
            self.group(e);
            return;
        }
        match &e.kind {
            ExprKind::Number(value) => self.number(*value),
            ExprKind::Name(name) => self.name(name),
            ExprKind::Negate(inner) => {
                self.put_one_of(&["-", "−"]);
                self.expr(inner, 1, bars, true);
            }
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, bars, coefficient),
            ExprKind::Power(base, exponent) => {
                if matches!(base.kind, ExprKind::Power(..)) {
                    self.group(base)
                } else {
                    self.expr(base, 4, bars, true)
                }
                match &exponent.kind {
                    ExprKind::Number(value) if value.fract() == 0.0 && *value < 100.0 && self.coin() => {
                        let digits: String = format!("{value}")
                            .bytes()
                            .map(|digit| ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][usize::from(digit - b'0')])
                            .collect();
                        self.put(digits);
                    }
                    ExprKind::Number(value) => {
                        self.put("^");
                        self.number(*value);
                    }
                    ExprKind::Name(name) if name.text != "T" => {
                        self.put("^");
                        self.name(name);
                    }
                    ExprKind::Negate(inner) if matches!(inner.kind, ExprKind::Number(_)) => {
                        self.put("^");
                        self.put_one_of(&["-", "−"]);
                        self.expr(inner, 4, bars, true);
                    }
                    _ => {
                        self.put("^");
                        self.group(exponent);
                    }
                }
            }
            ExprKind::Transpose(inner) => {
                self.expr(inner, 4, bars, true);
                self.put_one_of(&[".T", "ᵀ", "'", "′", "^T"]);
            }
            ExprKind::Norm(kind, inner) => {
                self.put_one_of(&["||", "‖", "∥"]);
                self.expr(inner, 0, true, true);
                let close = self.pick(&["||", "‖"]);
                let kind = match kind {
                    NormKind::Plain => "",
                    NormKind::One => self.pick(&["_1", "₁"]),
                    NormKind::Two => self.pick(&["_2", "₂"]),
                    NormKind::Infinity => self.pick(&["_inf", "∞", "_∞"]),
                    NormKind::Frobenius => "_F",
                    NormKind::Nuclear => self.pick(&["_*", "_nuc"]),
                };
                self.put(format!("{close}{kind}"));
            }
            ExprKind::Apply(name, args) => {
                self.name(name);
                self.put("(");
                self.list(args, ",");
                self.put(")");
            }
            ExprKind::Index(base, items) => {
                self.expr(base, 4, bars, true);
                self.put("[");
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        self.put(",");
                    }
                    match item {
                        IndexItem::At(at) => self.expr(at, 0, false, true),
                        IndexItem::Range(a, b) => {
                            if let Some(a) = a {
                                self.expr(a, 0, false, true);
                            }
                            self.put("..");
                            if let Some(b) = b {
                                self.expr(b, 0, false, true);
                            }
                        }
                    }
                }
                self.put("]");
            }
            ExprKind::Array(entries) => {
                self.put("[");
                self.list(entries, ",");
                self.put("]");
            }
            ExprKind::Stack(entries) => {
                self.put("[");
                self.list(entries, ";");
                self.put("]");
            }
            ExprKind::Inner(a, b) => {
                let dot = self.coin();
                self.put(if dot { "dot" } else { "⟨" });
                if dot {
                    self.put("(");
                }
                self.expr(a, 0, false, true);
                self.put(",");
                self.expr(b, 0, false, true);
                self.put(if dot { ")" } else { "⟩" });
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, bars: bool, coefficient: bool) {
        let number = |e: &Expr| matches!(e.kind, ExprKind::Number(_));
        match op {
            BinaryOp::Add | BinaryOp::Subtract => {
                self.expr(a, 0, bars, true);
                if op == BinaryOp::Add {
                    self.put("+")
                } else {
                    self.put_one_of(&["-", "−"])
                }
                self.expr(b, 1, bars, true);
            }
            BinaryOp::Juxtapose => {
                let left = self.apart(|printer| match &a.kind {
                    ExprKind::Binary(BinaryOp::Divide, x, y)
                        if coefficient && number(x) && number(y) && printer.coin() =>
                    {
                        printer.expr(x, 4, bars, true);
                        // Parentheses that came by chance would make it another quotient.
                        if printer.tokens.len() > 1 {
                            printer.tokens.clear();
                            printer.group(a);
                        } else {
                            let right = printer.apart(|printer| printer.expr(y, 4, bars, true));
                            if right.len() > 1 {
                                printer.tokens.clear();
                                printer.group(a);
                            } else {
                                printer.put("/");
                                printer.tokens.extend(right);
                            }
                        }
                    }
                    _ => printer.expr(a, 3, bars, coefficient),
                });
                let mut right = self.apart(|printer| printer.expr(b, 4, bars, true));
                let after_name = left.last().is_some_and(|token| token.starts_with(char::is_alphabetic));
                let after_power = left.len() > 1 && left[left.len() - 2] == "^";
                let after_number =
                    left.last().is_some_and(|token| token.starts_with(|c: char| c.is_ascii_digit()) || token == "inf");
                if right[0] == "[" || after_number && !after_power && number(b) {
                    right = self.apart(|printer| printer.group(b));
                }
                if right[0] == "(" && after_name && !after_power {
                    self.put("(");
                    self.tokens.extend(left);
                    self.put(")");
                } else {
                    self.tokens.extend(left);
                }
                self.tokens.extend(right);
            }
            _ => {
                self.expr(a, 2, bars, coefficient);
                match op {
                    BinaryOp::Multiply => self.put("*"),
                    BinaryOp::Divide => self.put("/"),
                    BinaryOp::ElementMultiply => self.put_one_of(&[".*", "⊙"]),
                    _ => self.put_one_of(&["./", "⊘"]),
                }
                let times = matches!(op, BinaryOp::Multiply | BinaryOp::ElementMultiply);
                let mut right = b;
                while let ExprKind::Negate(inner) = &right.kind {
                    self.put_one_of(&["-", "−"]);
                    right = inner;
                }
                self.expr(right, if op == BinaryOp::Divide { 4 } else { 3 }, bars, times);
            }
        }
    }

    fn load(&mut self, path: &str, key: Option<&String>) {
        self.put("load");
        self.put("(");
        self.put(format!("\"{path}\""));
        if let Some(key) = key {
            self.put(",");
            self.put(format!("\"{key}\""));
        }
        self.put(")");
    }

    fn literal(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Array(entries) => {
                self.put("[");
                for (number, entry) in entries.iter().enumerate() {
                    if number > 0 {
                        self.put(",");
                    }
                    self.literal(entry);
                }
                self.put("]");
            }
            ExprKind::Negate(inner) => {
                self.put_one_of(&["-", "−"]);
                self.literal(inner);
            }
            ExprKind::Number(value) => self.number(*value),
            _ => unreachable!("literals are numbers and lists"),
        }
    }

    fn decl(&mut self, decl: &Decl) {
        self.name(&decl.name);
        self.put(":");
        let (words, sizes): (&[&str], Vec<&Expr>) = match &decl.ty.kind {
            TypeKind::Scalar => (&["scalar"], vec![]),
            TypeKind::Vector(n) => (&["vector"], vec![n]),
            TypeKind::Matrix(m, n) => (&["matrix"], vec![m, n]),
            TypeKind::SparseMatrix(m, n) => (&["sparse", "matrix"], vec![m, n]),
        };
        for word in words {
            self.put(*word);
        }
        if !sizes.is_empty() {
            self.put("[");
            for (number, size) in sizes.into_iter().enumerate() {
                if number > 0 {
                    self.put(",");
                }
                self.expr(size, 4, false, true);
            }
            self.put("]");
        }
        for domain in &decl.domains {
            match &domain.kind {
                DomainKind::AtLeast(c) => {
                    self.put_one_of(&[">=", "≥"]);
                    self.signed(*c);
                }
                DomainKind::Above(c) => {
                    self.put(">");
                    self.signed(*c);
                }
                DomainKind::AtMost(c) => {
                    self.put_one_of(&["<=", "≤"]);
                    self.signed(*c);
                }
                DomainKind::Below(c) => {
                    self.put("<");
                    self.signed(*c);
                }
                DomainKind::Between(a, b) => {
                    self.put_one_of(&["in", "∈"]);
                    self.put("[");
                    self.signed(*a);
                    self.put(",");
                    self.signed(*b);
                    self.put("]");
                }
                DomainKind::Symmetric => self.put("symmetric"),
                DomainKind::Psd => self.put("psd"),
            }
        }
        match &decl.value {
            Some(Value::Literal(literal)) => {
                self.put("=");
                self.literal(literal);
            }
            Some(Value::Load { path, key, .. }) => {
                self.put("=");
                self.load(path, key.as_ref());
            }
            None => {}
        }
    }

    fn each<T>(&mut self, items: &[T], mut print: impl FnMut(&mut Self, &T)) {
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                self.put(",");
            }
            print(self, item);
        }
    }

    fn statement(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Dim(decls) => {
                self.put("dim");
                self.each(decls, |printer, decl| {
                    printer.name(&decl.name);
                    if let Some(value) = &decl.value {
                        printer.put("=");
                        printer.literal(value);
                    }
                });
            }
            StatementKind::Const(decls) | StatementKind::Param(decls) | StatementKind::Var(decls) => {
                self.put(match kind {
                    StatementKind::Const(_) => "const",
                    StatementKind::Param(_) => "param",
                    _ => "var",
                });
                self.each(decls, Self::decl);
            }
            StatementKind::Let(decls) => {
                self.put("let");
                self.each(decls, |printer, decl| {
                    printer.name(&decl.name);
                    printer.put("=");
                    printer.expr(&decl.value, 0, false, true);
                });
            }
            StatementKind::Objective { sense, value } => {
                self.put(if *sense == Sense::Minimize { "minimize" } else { "maximize" });
                self.expr(value, 0, false, true);
            }
            StatementKind::Subject(constraints) => {
                self.put("subject");
                self.put("to");
                self.each(constraints, |printer, constraint| printer.constraint(&constraint.kind));
            }
            StatementKind::Solve(method) => {
                self.put("solve");
                self.put("with");
                self.name(&method.name);
                if !method.options.is_empty() || self.coin() {
                    self.put("(");
                    self.each(&method.options, |printer, option| {
                        if let Some(name) = &option.name {
                            printer.name(name);
                            printer.put("=");
                        }
                        match &option.value {
                            OptionValue::Expr(value) => printer.expr(value, 0, false, true),
                            OptionValue::Load { path, key, .. } => printer.load(path, key.as_ref()),
                        }
                    });
                    self.put(")");
                }
            }
        }
    }

    fn constraint(&mut self, kind: &ConstraintKind) {
        match kind {
            ConstraintKind::In { value, set } => {
                self.expr(value, 0, false, true);
                self.put_one_of(&["in", "∈"]);
                match &set.kind {
                    SetKind::Named { name, args } => {
                        self.name(name);
                        if !args.is_empty() {
                            self.put("(");
                            self.list(args, ",");
                            self.put(")");
                        }
                    }
                    SetKind::Interval(a, b) => {
                        self.put("[");
                        self.expr(a, 0, false, true);
                        self.put(",");
                        self.expr(b, 0, false, true);
                        self.put("]");
                    }
                }
            }
            ConstraintKind::Compare { left, relation, right } => {
                self.expr(left, 0, false, true);
                match relation {
                    Relation::LessEqual => self.put_one_of(&["<=", "≤"]),
                    Relation::GreaterEqual => self.put_one_of(&[">=", "≥"]),
                    Relation::Equal => self.put_one_of(&["==", "="]),
                }
                self.expr(right, 0, false, true);
            }
            ConstraintKind::Between { lower, value, upper } => {
                let up = self.coin();
                let (first, last) = if up { (lower, upper) } else { (upper, lower) };
                let relations: &[&str] = if up { &["<=", "≤"] } else { &[">=", "≥"] };
                self.expr(first, 0, false, true);
                self.put_one_of(relations);
                self.expr(value, 0, false, true);
                self.put_one_of(relations);
                self.expr(last, 0, false, true);
            }
        }
    }

    /// The tokens with random blanks and comments between them.
    fn spaced(&mut self, comments: &mut usize) -> String {
        let tokens = std::mem::take(&mut self.tokens);
        let mut text = String::new();
        for token in &tokens {
            let sticky = |c: char| c.is_alphanumeric() || "._/*=<>-^".contains(c);
            let close = text.ends_with(sticky) && token.starts_with(sticky);
            let blank = match self.rng.next_u32() % 40 {
                0 => {
                    *comments += 1;
                    format!(" /* c{comments}. */ ")
                }
                1 => {
                    *comments += 1;
                    format!(" // c{comments}.\n")
                }
                2 => "\n".to_owned(),
                3 => "\t\u{A0} ".to_owned(),
                4..=20 if !close => String::new(),
                _ => " ".to_owned(),
            };
            text.push_str(&blank);
            text.push_str(token);
        }
        text
    }
}

fn docs(docs: &str, out: &mut String) {
    if !docs.is_empty() {
        out.push('\n');
        for line in docs.split('\n') {
            out.push_str(&format!("  /// {line}\n"));
        }
    }
}

/// The problem in random spelling, and how many comments there are.
fn print(problem: &Problem, rng: &mut TestRng) -> (String, usize) {
    let mut printer = Printer { rng, tokens: Vec::new() };
    let mut out = String::new();
    let mut comments = 0;
    if let Some(name) = &problem.name {
        docs(&problem.docs, &mut out);
        printer.put("problem");
        printer.name(name);
        printer.put("{");
        out.push_str(&printer.spaced(&mut comments));
    }
    for statement in &problem.statements {
        let separator = printer.pick(&[" ", "\n", ";", " ; // c.\n", "\n\n\n", " /* c */ "]);
        out.push_str(separator);
        docs(&statement.docs, &mut out);
        printer.statement(&statement.kind);
        out.push_str(&printer.spaced(&mut comments));
    }
    if problem.name.is_some() {
        out.push_str("\n}");
    }
    (out, comments)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_parsed(problem in problem(), seed in any::<u64>()) {
        let mut rng = TestRng::from_seed(proptest::test_runner::RngAlgorithm::XorShift, &{
            let mut bytes = [1_u8; 16];
            bytes[..8].copy_from_slice(&seed.to_le_bytes());
            bytes
        });
        let (text, comments) = print(&problem, &mut rng);
        let parsed = parse(&text).map_err(|errors| TestCaseError::fail(format!("{text}\n{errors:#?}")))?;
        prop_assert!(parsed.same(&problem), "{text}\n{parsed:#?}");
        for style in [Style::Keep, Style::Ascii, Style::Unicode] {
            let formatted = format(&text, style).map_err(|errors| TestCaseError::fail(format!("{errors:#?}")))?;
            let again = parse(&formatted).map_err(|errors| TestCaseError::fail(format!("{style:?}\n{text}\n=>\n{formatted}\n{errors:#?}")))?;
            prop_assert!(again.same(&problem), "{style:?}\n{text}\n=>\n{formatted}");
            let twice = format(&formatted, style).map_err(|errors| TestCaseError::fail(format!("{errors:#?}")))?;
            prop_assert_eq!(&twice, &formatted, "{:?}\n{}", style, text);
            for comment in 1..=comments {
                prop_assert_eq!(formatted.matches(&format!(" c{comment}.")).count(), 1, "{}\n=>\n{}", text, formatted);
            }
            prop_assert_eq!(formatted.matches("c.\n").count(), text.matches("c.\n").count(), "{}\n=>\n{}", text, formatted);
            if style == Style::Ascii {
                let stripped = formatted.replace(['ó', 'é', 'λ'], "");
                prop_assert!(stripped.is_ascii(), "{}", formatted);
            }
            if style == Style::Unicode {
                prop_assert!(!formatted.replace("a//b", "").contains("||"), "{}", formatted);
            }
        }
        for (at, _) in text.char_indices() {
            if at % 7 == 0 {
                let _ = parse(&text[..at]);
            }
        }
    }
}
