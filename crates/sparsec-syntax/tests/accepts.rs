//! Texts that are problems, and what they mean.

use sparsec_syntax::ast::*;
use sparsec_syntax::parse;

/// A compact, fully bracketed form of an expression.
fn show(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Number(value) => format!("{value}"),
        ExprKind::Name(name) => name.canonical.clone(),
        ExprKind::Negate(inner) => format!("-{}", show(inner)),
        ExprKind::Binary(op, a, b) => {
            let op = match op {
                BinaryOp::Add => "+",
                BinaryOp::Subtract => "-",
                BinaryOp::Multiply => "*",
                BinaryOp::Juxtapose => "_",
                BinaryOp::Divide => "/",
                BinaryOp::ElementMultiply => ".*",
                BinaryOp::ElementDivide => "./",
            };
            format!("({}{op}{})", show(a), show(b))
        }
        ExprKind::Power(a, b) => format!("{}^{}", show(a), show(b)),
        ExprKind::Transpose(a) => format!("{}.T", show(a)),
        ExprKind::Norm(kind, a) => format!("norm{kind:?}({})", show(a)),
        ExprKind::Apply(name, args) => {
            format!("{}({})", name.canonical, args.iter().map(show).collect::<Vec<_>>().join(","))
        }
        ExprKind::Index(a, items) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| match item {
                    IndexItem::At(at) => show(at),
                    IndexItem::Range(a, b) => format!(
                        "{}..{}",
                        a.as_ref().map(show).unwrap_or_default(),
                        b.as_ref().map(show).unwrap_or_default()
                    ),
                })
                .collect();
            format!("{}[{}]", show(a), items.join(","))
        }
        ExprKind::Array(entries) => format!("[{}]", entries.iter().map(show).collect::<Vec<_>>().join(",")),
        ExprKind::Stack(entries) => format!("[{}]", entries.iter().map(show).collect::<Vec<_>>().join(";")),
        ExprKind::Inner(a, b) => format!("<{},{}>", show(a), show(b)),
    }
}

fn expression(text: &str) -> String {
    let problem = parse(&format!("let e = {text}")).unwrap_or_else(|errors| panic!("{text}: {errors:#?}"));
    match &problem.statements[0].kind {
        StatementKind::Let(decls) => show(&decls[0].value),
        _ => panic!("a let statement"),
    }
}

#[test]
fn expressions_have_the_precedence_of_the_language() {
    for (text, tree) in [
        ("a + b * c", "(a+(b*c))"),
        ("a - b - c", "((a-b)-c)"),
        ("-a*b", "-(a*b)"),
        ("-y^2", "-y^2"),
        ("2 * -y", "(2*-y)"),
        ("2 * -y * z", "((2*-y)*z)"),
        ("2 - -y", "(2--y)"),
        ("a*b c", "(a*(b_c))"),
        ("2 D y", "((2_D)_y)"),
        ("2D y", "((2_D)_y)"),
        ("2e y", "((2_e)_y)"),
        ("λ ‖y‖₁", "(lambda_normOne(y))"),
        ("lambda*||y||_1", "(lambda*normOne(y))"),
        ("W H", "(W_H)"),
        ("D.T x", "(D.T_x)"),
        ("Dᵀ x", "(D.T_x)"),
        ("D' x", "(D.T_x)"),
        ("D′ x", "(D.T_x)"),
        ("D^T x", "(D.T_x)"),
        ("D ^ T(x)", "(D.T_x)"),
        ("D^T2", "D^T2"),
        ("D.T.T", "D.T.T"),
        ("Dᵀ(D y − x)", "(D.T_((D_y)-x))"),
        ("1/2 ‖x‖²", "((1/2)_normPlain(x)^2)"),
        ("1/2 x y", "(((1/2)_x)_y)"),
        ("1/2*x", "((1/2)*x)"),
        ("-1/2 x", "-((1/2)_x)"),
        ("a * 1/2 x", "(a*((1/2)_x))"),
        ("a + 1/2 (x)", "(a+((1/2)_x))"),
        ("a*(1 − ρ)/2 * ‖y‖²", "(((a*(1-rho))/2)*normPlain(y)^2)"),
        ("1.*y", "(1.*y)"),
        ("1./y", "(1./y)"),
        ("1.5.*y", "(1.5.*y)"),
        ("a ./ b c", "(a./(b_c))"),
        ("a ⊙ b ⊘ c", "((a.*b)./c)"),
        ("e²³", "e^23"),
        ("e⁻¹", "e^-1"),
        ("e^-1", "e^-1"),
        ("e^(1/2)", "e^(1/2)"),
        ("e^p", "e^p"),
        ("e^2 y", "(e^2_y)"),
        ("f(e)", "f(e)"),
        ("f (a, b)^2", "f(a,b)^2"),
        ("f(e).T[0]", "f(e).T[0]"),
        ("ones()", "ones()"),
        ("y[0..10]", "y[0..10]"),
        ("y[..]", "y[..]"),
        ("y[3..]", "y[3..]"),
        ("y[..n-1]", "y[..(n-1)]"),
        ("Y[0..4, ..]", "Y[0..4,..]"),
        ("Y [ 1 , 2 ]", "Y[1,2]"),
        ("(a + b)[1]", "(a+b)[1]"),
        ("[a; b; c]", "[a;b;c]"),
        ("[1, -2, 3]", "[1,-2,3]"),
        ("[[1, 2], [3, 4]]", "[[1,2],[3,4]]"),
        ("⟨a, b⟩", "<a,b>"),
        ("⟨Dᵀ x, μ⟩", "<(D.T_x),mu>"),
        ("‖e‖", "normPlain(e)"),
        ("∥e∥₂", "normTwo(e)"),
        ("‖e‖∞", "normInfinity(e)"),
        ("‖e‖_∞", "normInfinity(e)"),
        ("‖e‖_1", "normOne(e)"),
        ("‖A‖_F", "normFrobenius(A)"),
        ("‖A‖_*", "normNuclear(A)"),
        ("||A||_nuc", "normNuclear(A)"),
        ("||e||_inf", "normInfinity(e)"),
        ("|| e || _2 ^ 2", "normTwo(e)^2"),
        ("‖X − W*H‖_F²", "normFrobenius((X-(W*H)))^2"),
        ("||a|| ||b||", "(normPlain(a)_normPlain(b))"),
        ("||a||||b||", "(normPlain(a)_normPlain(b))"),
        ("||(||a||)||", "normPlain(normPlain(a))"),
        ("||f(||a||_1)||", "normPlain(f(normOne(a)))"),
        ("||[||a||; ||b||]||", "normPlain([normPlain(a);normPlain(b)])"),
        ("||x - D*y||^2 + lambda*||y||_1", "(normPlain((x-(D*y)))^2+(lambda*normOne(y)))"),
        ("(a)(b)", "(a_b)"),
        ("2(x)", "(2_x)"),
        ("y 2", "(y_2)"),
        ("µ + ϵ + ϕ + ς", "(((mu+epsilon)+phi)+sigma)"),
        ("λ₁ x₁", "(lambda1_x1)"),
        ("Σ", "Sigma"),
        ("inf", "inf"),
        ("infty", "infty"),
        ("dot(a, /* the other */ b)", "dot(a,b)"),
        ("a // one\n + b", "(a+b)"),
        ("a\u{A0}+\u{2009}b", "(a+b)"),
        ("1e-3 x", "(0.001_x)"),
        ("x / (1+exp(-10*(abs(x)-t)))", "(x/(1+exp(-(10*(abs(x)-t)))))"),
    ] {
        assert_eq!(expression(text), tree, "{text}");
    }
}

#[test]
fn the_problems_of_the_cases_parse() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/problems");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path().join("problem.sparse");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let wrong = path.to_string_lossy().contains("error_syntax");
        assert_eq!(parse(&text).is_err(), wrong, "{path:?}: {:#?}", parse(&text).err());
    }
}
