//! Tests of resolution: tables of problems, each shown with what becomes of it, and the faults that concern this stage.

use super::{DeclaredValue, KnownShape, Options, declared, display, limits, resolve};
use crate::model::{Curvature, ExprKind, Model, QuantityKind, QuantityValue, SetUse, Sign};
use sparsec_program::solver::{Domain, Shape};
use sparsec_syntax::diagnostic::{Class, Diagnostic};
use sparsec_syntax::diagnostics::CODES;
use sparsec_syntax::limits::MAX_REPORTED;
use sparsec_syntax::{parse, render};
use std::fmt::Write;

fn try_resolve(source: &str, options: &Options) -> Result<Model, Vec<Diagnostic>> {
    resolve(&parse(source)?, "untitled", options)
}

fn model(source: &str) -> Model {
    try_resolve(source, &Options::default()).unwrap_or_else(|errors| panic!("{source}\n{errors:#?}"))
}

fn errors(source: &str) -> Vec<Diagnostic> {
    errors_with(source, &Options::default())
}

fn errors_with(source: &str, options: &Options) -> Vec<Diagnostic> {
    match try_resolve(source, options) {
        Ok(model) => panic!("resolves:\n{model}"),
        Err(errors) => errors,
    }
}

/// The only error, which must have this code; its message, labels and help as one text.
fn only(source: &str, code: &str) -> String {
    only_with(source, code, &Options::default())
}

fn only_with(source: &str, code: &str, options: &Options) -> String {
    let errors = errors_with(source, options);
    let [error] = &errors[..] else { panic!("{errors:#?}") };
    assert_eq!(error.code.code, code, "{error:#?}");
    render::text(error, source, "p", false)
}

/// The text that the primary label underlines.
fn underlined<'s>(source: &'s str, error: &Diagnostic) -> &'s str {
    let span = error.labels[0].span;
    &source[span.start..span.end]
}

fn shapes(all: &[(&str, &[usize])]) -> Options {
    let known = |(name, shape): &(&str, &[usize])| KnownShape {
        name: (*name).to_owned(),
        shape: shape.to_vec(),
        from: format!("file {name}.npy"),
    };
    Options { dims: Vec::new(), shapes: all.iter().map(known).collect() }
}

/// Source and outcome of every case, one after the other: the model, or the errors.
fn table(cases: &str) -> String {
    let mut out = String::new();
    for source in cases.split("====") {
        let source = dedent(source);
        let _ = writeln!(out, "{source}\n---");
        match try_resolve(&source, &Options::default()) {
            Ok(model) => {
                let _ = write!(out, "{model}");
                for warning in &model.warnings {
                    let _ = writeln!(out, "{}", render::short(warning, &source, "p"));
                }
            }
            Err(errors) => {
                for error in &errors {
                    let _ = writeln!(out, "{}", render::text(error, &source, "p", false).trim_end());
                }
            }
        }
        out.push_str("========\n");
    }
    out
}

/// Takes the indentation of a table away.
fn dedent(source: &str) -> String {
    let lines: Vec<&str> = source.lines().collect();
    let indented = |l: &&&str| !l.trim().is_empty();
    let common = lines.iter().filter(indented).map(|l| l.len() - l.trim_start().len()).min().unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|l| l.get(common..).unwrap_or("")).collect();
    lines.join("\n").trim().to_owned()
}

/// Compares with the file of that name in `snapshots`.
fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

// What resolves.

#[test]
fn sums_of_elementwise_functions_become_functions() {
    snapshot(
        "sums_of_elementwise_functions_become_functions",
        &table(
            "
        param w: vector[3] >= 0, v: vector[3], q: scalar > 0
        var y: vector[3], c: scalar
        minimize sum(abs(y)) + sum(w .* abs(y)) + sum(y^2) + sum(square(2*y - v)) + dot(w, y^2) + sum(4*abs(y)*2)
          + mean(y^2) + c^2 + abs(c) + sum(abs(y) ./ w) + sum(y^2/2)/(2*q) + sum(abs(y) + 3*y^2 - y) - sum(-w .* abs(y))
        ====
        var y: vector[3], Y: matrix[2, 3]
        minimize ||y||^2 + ||y||_2^2 + norm2(y)^2 + y.T*y + dot(y, y) + sum(y .* y) + norm_fro(Y)^2 + ||Y||^2 + norm1(Y)
          + tv(y) + norm1(diff(y, 2))
        ====
        const A: matrix[3, 3], B: matrix[2, 3], Q: matrix[3, 3] psd
        var y: vector[3]
        minimize y.T*A*y + dot(y, B.T*B*y) + quad_form(y, 2*B.T*B + eye(3)) + 0.5 yᵀ Q y
        ",
        ),
    );
}

#[test]
fn linear_algebra_is_normalised() {
    snapshot(
        "linear_algebra_is_normalised",
        &table(
            "
        dim n = 3
        param a: vector[n], s: scalar
        const D: matrix[n, 2]
        var y: vector[n], Y: matrix[n, 2]
        minimize a.T*y + sum(2 D.T y) + trace(D.T*Y) + trace(Y.T*D) + Y[2, 1] + sum(Y[0..2, ..]) + sum(Y[.., 0])
          + sum([y; Y[.., 1]; 1; y[0]]) + sum(conv([1, 2], y)) + sum(conv(y, a)) + sum(cumsum(y)) + sum(grad2(Y))
          + sum((y a.T)*a) + n*y[n - 1] + sum(y/s) + y[0]/4 + sum(-D*D.T*y) + sum(a .* y) + sum(y ./ a)
          + sum(s(a) y[0]) + sum(a*y[0]) + 2^3*sum(y) + abs(y)[1] + sum((y .* y - 2*y)[0..2]) + (2*y^2 - y)[0]
        ====
        const x: vector[3]
        var y: vector[3]
        minimize sum(x(y[0])) + x[0..2].T(y[1..3])
        ====
        const D: matrix[2, 2]
        var y: vector[2]
        minimize ||D(y)||^2 + sum((D(y))[0..1])
        ====
        var Y: matrix[3, 3]
        minimize sum(norm2(rows(Y))) + norm21(Y) + sum(group_norm(cols(Y), [[0, 2]])) + dot([1, 2, 3], ||rows(Y)||)
        subject to rows(Y) in simplex, cols(Y) in ball1(2), norm1(rows(Y)) <= 2, rows(Y) in [0, 1], norm_fro(Y) <= 3
        ",
        ),
    );
}

#[test]
fn constraints_become_sets_bounds_and_equalities() {
    snapshot(
        "constraints_become_sets_bounds_and_equalities",
        &table(
            "
        dim n = 4
        param l: vector[n], u: vector[n] = [1, 2, 3, inf], x: vector[n]
        const s: scalar >= 0, r: scalar
        var y: vector[n] >= 0, z: vector[n] in [0, 1], c: scalar > 0 < 4, Y: matrix[2, 2] symmetric
        minimize ||y||^2 + ||z||^2 + ||Y||^2
        subject to y in box(l, u), y in [0, inf], l <= y, y >= z, y == z, y == 0, sum(y) == 1, dot(x, y) <= s, c >= x,
          abs(y) <= 2, y - x >= 0, norm_inf(y - x) <= s, 2*norm1(y) <= 3, z <= y <= 1, c == sum(y), y in simplex(r),
          3 >= y, 0 <= y <= s, y in nonneg, y in nonpos, y in ball2(s, x), 1 == y, -norm2(y) >= -2, y in box(2, 1)
        ",
        ),
    );
}

#[test]
fn lets_expand_in_any_order() {
    let before = model(
        "minimize ||r||^2 + penalty let penalty = t*norm1(y) let r = x - D*y let t = 2*lambda
         param lambda: scalar >= 0 const D: matrix[2, 3] param x: vector[2] var y: vector[3]",
    );
    let after = model(
        "param lambda: scalar >= 0 const D: matrix[2, 3] param x: vector[2] var y: vector[3]
         let t = 2*lambda let r = x - D*y let penalty = t*norm1(y) minimize ||r||^2 + penalty",
    );
    assert_eq!(before.to_string(), after.to_string());
    assert!(after.to_string().contains("2*lambda*norm1(y)"), "{after}");
}

#[test]
fn signs_come_from_domains_and_literals() {
    let source = "param a: scalar, b: scalar <= 0, c: scalar in [0, 1], d: scalar > 1, w: vector[3] >= 0
        var y: vector[3]
        minimize -b*||y||_1 + (1 - c)*||y||_1 + (d - 1)*||y||_1 + c*(1 - c)/2*||y||_1 + ||y||_1/d + a^2*||y||_1
          + sqrt(d)*||y||_1 + exp(a)*||y||_1 + log(d)*||y||^2 - ||y||_1/b + norm2(w)*||y||_1 + sum(w)*||y||^2 + max(a, 1)*||y||^2";
    let model = model(source);
    assert_eq!(model.objective.curvature, Curvature::Convex);
    assert_eq!(model.objective.sign, Sign::Nonnegative);
    let e = only("param a: scalar, d: scalar > 1 var y: vector[3] minimize (a - d)*||y||_1", "E0401");
    assert!(e.contains("declare a: scalar >= 0"), "{e}");
}

#[test]
fn demands_are_recorded_where_no_declaration_promises() {
    let m = model(
        "const Q: matrix[2, 2], P: matrix[2, 2] psd, w: vector[2] param r: scalar, t: scalar > 0
         var y: vector[2] minimize quad_form(y, Q) + quad_form(y, P) + huber(y, r) + huber(y, t) + sum(y ./ w)",
    );
    let demands = |name: &str| {
        let quantity = m.quantities.iter().find(|q| q.name == name).expect("declared");
        quantity.demands.iter().map(|(domain, _)| *domain).collect::<Vec<_>>()
    };
    assert_eq!(demands("Q"), [Domain::Psd]);
    assert_eq!(demands("P"), []);
    assert_eq!(demands("w"), [Domain::Nonzero]);
    assert_eq!(demands("r"), [Domain::Above(0.0)]);
    assert_eq!(demands("t"), []);
}

#[test]
fn only_bounds_may_be_infinite() {
    let m = model(
        "param u: vector[2] = [1, inf], v: vector[2], x: vector[2] var y: vector[2]
         minimize dot(x, y) subject to y <= u, -v <= y, y <= x",
    );
    let allowed: Vec<_> = m.quantities.iter().filter(|q| q.allow_infinite).map(|q| q.name.as_str()).collect();
    assert_eq!(allowed, ["u", "v"]);
    let e = only("param u: vector[2] = [1, inf] var y: vector[2] minimize dot(u, y) subject to y <= u", "E0310");
    assert!(e.contains("`u` holds an infinite value"), "{e}");
}

#[test]
fn declared_data_is_listed_before_resolution() {
    let source = "const D: matrix[m, n] = load(\"D.npz\", \"D\") param λ: scalar = 1, x: vector[q] var y: vector[n]";
    let problem = parse(&format!("{source} minimize 1")).expect("it parses");
    let data = declared(&problem);
    let names: Vec<_> = data.iter().map(|d| (d.name.as_str(), d.canonical.as_str(), d.kind)).collect();
    assert_eq!(
        names,
        [("D", "D", QuantityKind::Const), ("λ", "lambda", QuantityKind::Param), ("x", "x", QuantityKind::Param)]
    );
    let DeclaredValue::Load { path, key, .. } = &data[0].value else { panic!("{data:?}") };
    assert_eq!((path.as_str(), key.as_deref()), ("D.npz", Some("D")));
    assert_eq!(data[1].value, DeclaredValue::Literal);
    assert_eq!(data[2].value, DeclaredValue::Absent);
}

#[test]
fn methods_keep_their_options() {
    let m = model(
        "dim k = 5 var y: vector[3] minimize ||y||^2
         solve with homotopy(layers = 2*k, from = lambda_max, shrink = sigshrink(10), weights = load(\"w\", \"k\"))",
    );
    assert!(m.to_string().ends_with(
        "solve with homotopy(layers = 10, from = lambda_max, shrink = sigshrink(10), weights = load(\"w\", \"k\"))\n"
    ));
    assert!(model("var y: vector[3] minimize ||y||^2 solve with auto").method.is_none());
    assert!(model("var y: vector[3] minimize ||y||^2 solve with auto(tol = 1e-3)").method.is_some());
    let e = only("var y: vector[3] minimize ||y||^2 solve with fist", "E0405");
    assert!(e.contains("did you mean `fista`?"), "{e}");
}

#[test]
fn dims_take_their_sizes_from_data() {
    let source =
        "dim m, n const D: matrix[m, n] param x: vector[m], s: scalar var y: vector[n] minimize s*sum(y) + ||x - D*y||";
    let m = try_resolve(source, &shapes(&[("D", &[3, 5]), ("x", &[3]), ("s", &[])])).expect("it resolves");
    assert_eq!(m.dims, [("m".to_owned(), 3), ("n".to_owned(), 5)]);
    // The same from outside, by either spelling of the name.
    let options = Options { dims: vec![("m".into(), 3), ("n".into(), 5)], shapes: Vec::new() };
    assert_eq!(try_resolve(source, &options).expect("it resolves").dims, m.dims);
    let greek = Options { dims: vec![("lambda".into(), 3)], shapes: Vec::new() };
    assert!(try_resolve("dim λ var y: vector[λ] minimize ||y||", &greek).is_ok());
    // Literals count as data.
    let m = model("dim n param x: vector[n] = [1, 2] var y: vector[n] minimize ||x - y||");
    assert_eq!(m.dims, [("n".to_owned(), 2)]);
    // Data from outside replaces a literal of another size.
    let literal = "dim n param x: vector[n] = [1, 2] var y: vector[n] minimize ||x - y||";
    let m = try_resolve(literal, &shapes(&[("x", &[3])])).expect("it resolves");
    assert_eq!((m.dims[0].1, &m.quantities[0].value), (3, &None));
}

#[test]
fn sizes_that_disagree_name_both_sources() {
    let source = "dim n = 3 var y: vector[n] minimize ||y||";
    let e = only_with(source, "E0303", &Options { dims: vec![("n".into(), 4)], shapes: Vec::new() });
    assert!(e.contains("3 in the text") && e.contains("4 from --dim"), "{e}");
    let e = only_with(source, "E0901", &Options { dims: vec![("k".into(), 4)], shapes: Vec::new() });
    assert!(e.contains("no dim `k`"), "{e}");
    let e = only_with(source, "E0304", &Options { dims: vec![("n".into(), 0)], shapes: Vec::new() });
    assert!(e.contains("not 0"), "{e}");
    let source = "dim n param a: vector[n], b: vector[n] var y: vector[n] minimize ||a - y|| + ||b - y||";
    let e = only_with(source, "E0502", &shapes(&[("a", &[3]), ("b", &[4])]));
    assert!(e.contains("file b.npy holds a vector of length 4") && e.contains("n = 3 from `a` (file a.npy)"), "{e}");
    let e = only_with(source, "E0901", &shapes(&[("a", &[3]), ("b", &[3]), ("c", &[4])]));
    assert!(e.contains("`c`"), "{e}");
}

#[test]
fn unicode_and_ascii_are_one_problem() {
    let unicode = model(
        "const D: matrix[2, 3] param λ: scalar >= 0 param x: vector[2] var y: vector[3]
         minimize ‖x − D y‖² + λ ‖y‖₁ + ⟨Dᵀ x, y⟩ subject to y ∈ simplex, ‖y‖∞ ≤ 1",
    );
    let ascii = model(
        "const D: matrix[2, 3] param lambda: scalar >= 0 param x: vector[2] var y: vector[3]
         minimize ||x - D*y||^2 + lambda*||y||_1 + dot(D.T*x, y) subject to y in simplex, ||y||_inf <= 1",
    );
    assert_eq!(unicode.to_string().replace('λ', "lambda"), ascii.to_string());
}

// What does not.

#[test]
fn shape_errors() {
    snapshot("shape_errors", &table(
        "
        dim n = 3
        param a: vector[n]
        const D: matrix[n, 2]
        var y: vector[n], Y: matrix[n, 2]
        minimize sum(a*y) + sum(y*D) + sum(D*Y) + sum(D.T*D*a) + sum(a/y) + sum(y/a) + trace(D) + sum(diag(D)) + sum(diff(Y))
          + ||diff(y, 3)|| + sum(grad2(y)) + sum(conv(D, y)) + sum(eye(0)) + sum([D; y]) + dot(a, D) + ||a||_nuc
        ====
        var y: vector[3], Y: matrix[2, 2]
        minimize norm2(Y) + group_norm(Y, 2) + sum(rows(Y)) + log_sum_exp(Y)
        subject to Y in simplex, y in box([1, 2], 3), y <= [1, 2], norm1(y) <= [1, 2, 3]
        ====
        var y: vector[6], Y: matrix[2, 2]
        minimize y[6] + sum(y[2..8]) + sum(y[3..3]) + y[0, 1] + y[-1] + Y[0] + (sum(y))[0] + sum(Y[2, ..]) + y[0.5]
        ====
        var y: vector[3]
        minimize y
        "
    ));
}

#[test]
fn argument_errors() {
    snapshot("argument_errors", &table(
        "
        param w: vector[2] = [1, -1]
        var y: vector[6]
        minimize group_norm(y, 4) + group_norm(y, [[0, 1], [1, 2]]) + group_norm(y, [[0, 6]]) + group_norm(y, [0, 1])
          + group_norm(y, [[0, 1], [2]], [1, 2, 3]) + group_norm(y) + group_norm(y, [[0, 0]]) + group_norm(y, [[0], [1]], [1, -1])
          + group_norm(y, [[0], [1]], w) + group_norm(y, 0)
        ====
        param s: scalar
        const A: matrix[2, 2], B: matrix[2, 3]
        var y: vector[2]
        minimize huber(y, 0) + huber(y, y[0]) + huber(y, [1, 2]) + huber(y, -s - 1) + quad_form(y, B) + quad_form(y, A - A.T)
          + quad_form(y, [[1, 2], [2, 1]]) + dot(y) + ones(1, 2, 3)[0] + abs(y, y)[0] + y(1, 2) + huber()
        subject to y in box(1), y in simplex(-1), y in ball2, y in nonneg(3), y in [y, 2], y in ball1(y[0])
        ====
        param u: vector[2] = 3, p: vector[2] = [[1, 2]], q: matrix[2, 2] = [[1, 2], [3]]
        param r: matrix[2, 3] = [[1, 2], [3, 4], [5, 6]], z: vector[2] = [1, inf], t: vector[3] symmetric, v: scalar in [2, 1]
        param o: matrix[2, 2] = [1, [2]], x: vector[2] >= 0 = [1, -2]
        var y: vector[3] = [1, 2, 3]
        minimize ||y||^2 + inf*sum(y) + sum([1, inf, 2] .* y)
        "
    ));
}

#[test]
fn name_errors() {
    snapshot("name_errors", &table(
        "
        param lambda: scalar >= 0
        var y: vector[3], z: vector[k]
        minimize ||y||^2 + lambad*||y||_1 + foo*sum(y) + lambad*||y||_2 + norm_1(y) + bar(y) + norm1 + simplex(y) + mcp(y, 1, 3)
        subject to y in simplx, y in foo, y in norm1, y in psd
        ====
        var y: vector[3]
        let r = y - s
        let s = 2*r
        let q = q
        minimize ||r||^2 + ||q||
        ====
        const huber: scalar >= 0 = 2
        var y: vector[3]
        minimize huber(||y||^2) + huber*huber(y, 2)
        ====
        var y: vector[3], unused: scalar
        /// Only documented.
        param p: scalar
        dim k = 3
        let q = y
        minimize ||y||^2
        ====
        minimize 3
        ====
        var y: vector[3]
        subject to y >= 0
        ====
        var y: vector[3]
        minimize sum(y)
        maximize sum(y)
        solve with fista
        solve with ista(0.5, tol = 1, tol = 2, x = y, z = y + 1)
        "
    ));
}

#[test]
fn curvature_errors() {
    snapshot(
        "curvature_errors",
        &table(
            "
        param a: scalar, v: vector[3]
        var y: vector[3], z: vector[3]
        minimize a*||y||_1 + dot(v, abs(y)) + dot(y, z) + (a - 1)/2*||y||^2
        ====
        var y: vector[3]
        minimize sum_squares(y[0..2]) - 2*(3*||y||^2) + (||y||_1 - 3)*-2
        ====
        var y: vector[3]
        minimize entropy(y) - neg_entropy(y)
        ====
        var y: vector[3]
        maximize neg_entropy(y) - entropy(y) + sum(y)
        ====
        var y: vector[3]
        minimize logistic(-norm1(y)*ones(3)) + sum_squares(log(y)) + norm1(diff(abs(y))) + logistic(norm1(y)*ones(3))
        ====
        var y: vector[3]
        minimize norm1(exp(y)) + norm2(abs(y))
        ====
        var y: vector[3]
        minimize sum(y^0.5) + sum(y^-1) + sum(y^3) + sum(y^4) + ||y||_1^2 + ||y||^3 + 1/y[0] + (y .* y)[1]
        ====
        param s: scalar
        var y: vector[3]
        minimize ||y||^2
        subject to norm1(y) >= 1, ||y||^2 <= 3, norm2(y) == 1, norm1(y) <= -1, s >= 0, ||y|| in nonneg, y == inf,
          norm1(y) <= sum(y), log_sum_exp(y) <= 1, entropy(y) <= 1
        ",
        ),
    );
}

// The faults by number.

// Fault 13.
#[test]
fn a_literal_too_large_is_never_infinity() {
    only("var y: vector[3] minimize 1e999*||y||", "E0110");
}

// Fault 14.
#[test]
fn sizes_are_whole_numbers_in_range() {
    for size in ["0", "-1", "2.5", "99999999999999999999", "1e10"] {
        let source = format!("dim n = {size} var y: vector[n] minimize ||y||");
        let errors = errors(&source);
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert_eq!(errors[0].code.code, "E0304");
        assert!(errors[0].message.contains("from 1 to 2147483647"), "{}", errors[0].message);
        assert_eq!(underlined(&source, &errors[0]), size);
    }
    only("var y: vector[0] minimize ||y||", "E0304");
}

// Fault 15.
#[test]
fn products_of_sizes_are_checked() {
    for (m, n) in [(2_147_483_647_usize, 2_147_483_647_usize), (65_536, 65_536), (2_147_483_647, 2)] {
        let source = format!("dim m = {m}, n = {n} const D: matrix[m, n] var y: vector[n] minimize ||D*y||");
        let e = only(&source, "E0304");
        assert!(e.contains(&limits::MAX_ENTRIES.to_string()), "{e}");
    }
    only("dim n = 2147483647 var y: vector[n] minimize ||eye(n)*y||", "E0304");
    only("dim n = 2147483647 var y: vector[n] minimize ||[y; y]||", "E0304");
    only("dim n = 20000000 var y: vector[n] minimize group_norm(y, 2)", "E0304");
}

// Fault 16.
#[test]
fn a_name_declared_twice() {
    let source = "param x: vector[3]\nvar x: vector[3]\nminimize ||x||";
    let errors = errors(source);
    assert_eq!(errors[0].code.code, "E0202");
    assert_eq!(errors[0].labels[0].span.start, source.rfind("x: vector").expect("twice"));
    assert_eq!(errors[0].labels[1].span.start, 6);
    let e = only("param λ: scalar, lambda: scalar var y: vector[3] minimize ||y||", "E0202");
    assert!(e.contains("`lambda` and `λ` are one name"), "{e}");
}

// Fault 17.
#[test]
fn reserved_and_shadowing_names() {
    for word in ["in", "load", "inf", "minimize"] {
        let errors = errors(&format!("param {word}: scalar var y: vector[3] minimize ||y||"));
        assert!(errors.iter().all(|e| e.code.code == "E0204"), "{errors:#?}");
        assert!(errors[0].help.is_some());
    }
    let m = model("const huber: scalar >= 0 = 2 var y: vector[3] minimize huber(||y||^2) + huber(y, 3)");
    assert_eq!(m.warnings.len(), 1);
    assert_eq!(m.warnings[0].code.code, "W0202");
    assert!(m.to_string().contains("huber*sum_squares(y)") && m.to_string().contains("huber(y, 3)"), "{m}");
}

// Fault 18.
#[test]
fn unknown_names_have_one_suggestion() {
    let e = only("param lambda: scalar >= 0 var y: vector[3] minimize lambad*||y|| + lambad*||y||_1", "E0201");
    assert!(e.contains("did you mean `lambda`?"), "{e}");
    let e = only("param lambda: scalar >= 0 var y: vector[3] minimize qqqqq*||y||", "E0201");
    assert!(e.contains("declared are lambda, y"), "{e}");
    let e = only("var y: vector[3] minimize norm_1(y)", "E0203");
    assert!(e.contains("did you mean `norm1`?"), "{e}");
}

// Fault 19.
#[test]
fn unused_and_early_names() {
    let m = model("param x: vector[3] var y: vector[3] minimize ||y||");
    assert_eq!(m.warnings[0].code.code, "W0201");
    assert_eq!(m.warnings.len(), 1);
    model("minimize ||x - y|| var y: vector[n] param x: vector[n] dim n = 3");
}

// Fault 20.
#[test]
fn what_is_missing_or_doubled() {
    only("var y: vector[3] subject to y >= 0", "E0206");
    only("var y: vector[3] minimize ||y|| minimize ||y||_1", "E0207");
    only("minimize 3", "E0208");
}

// Fault 25.
#[test]
fn independent_errors_come_together_sorted_and_once() {
    let source = "dim k = 0
        param x: vector[2], λ: scalar
        param z: scalar >= 0 = -1
        var y: vector[3]
        let r = x - y
        minimize ||r||^2 + λ*||y||_1 + oops*sum(y) + norm_1(y)
        subject to y in simplx, norm1(y) >= 1, y <= [1, 2]
        solve with fist";
    let errors = errors(source);
    let codes: Vec<_> = errors.iter().map(|e| e.code.code).collect();
    assert_eq!(codes, ["E0304", "E0306", "E0301", "E0201", "E0203", "E0203", "E0401", "E0301", "E0405"]);
    let mut places: Vec<_> = errors.iter().map(|e| e.labels[0].span.start).collect();
    places.dedup();
    assert!(places.is_sorted());
    assert_eq!(places.len(), errors.len());
}

// Fault 26.
#[test]
fn prefixes_and_deletions_never_panic() {
    let source = "dim m = 2, n\nconst D: matrix[m, n] = [[1, 2, 3], [4, 5, 6]], Q: matrix[n, n] psd\nparam x: vector[m] = [1, -2]\n\
        param λ: scalar >= 0 = .1\nvar y: vector[n] >= 0, c: scalar\nlet r = x − D y\n\
        minimize ‖r‖² + λ(‖y‖₁ + 2 tv(y)) + quad_form(y, Q) − ⟨D' x, y⟩/3 + group_norm(y, [[0, 1], [2]], [1, 2]) + sum(abs(y[0..2])^2)\n\
        subject to y ∈ box(-1, inf), 0 <= y <= 2, sum(y) == 1, norm2(y - 3*ones(n)) <= 3\nsolve with fista(tol = 1e-8, momentum = seed)";
    let boundaries: Vec<usize> = (0..=source.len()).filter(|i| source.is_char_boundary(*i)).collect();
    for pair in boundaries.windows(2) {
        let prefix = &source[..pair[0]];
        let mut deleted = prefix.to_owned();
        deleted.push_str(&source[pair[1]..]);
        for text in [prefix, &deleted] {
            if let Err(errors) = try_resolve(text, &Options::default()) {
                assert!(!errors.is_empty());
                assert!(errors.iter().all(|e| e.code.class != Class::Bug), "{text}\n{errors:#?}");
            }
        }
    }
}

// Fault 29.
#[test]
fn wrong_lengths_name_both_and_where_they_were_declared() {
    let source = "const D: matrix[30, 50]\nparam x: vector[20]\nvar y: vector[50]\nminimize ||x - D*y||^2";
    let errors = errors(source);
    assert_eq!(errors.len(), 1);
    assert_eq!(underlined(source, &errors[0]), "D*y");
    snapshot("wrong_lengths", &only(source, "E0301"));
}

// Fault 30.
#[test]
fn data_of_another_shape() {
    let source = "dim m = 3, n = 5\nconst D: matrix[m, n]\nvar y: vector[n]\nminimize ||D*y||^2";
    let e = only_with(source, "E0502", &shapes(&[("D", &[5, 3])]));
    assert!(e.contains("declared as a 3×5 matrix") && e.contains("file D.npy holds a 5×3 matrix"), "{e}");
    assert!(e.contains("transposed?"), "{e}");
    let e = only_with(source, "E0502", &shapes(&[("D", &[5])]));
    assert!(!e.contains("transposed?") && e.contains("a vector of length 5"), "{e}");
    only_with(source, "E0502", &shapes(&[("D", &[5, 3, 1])]));
}

#[test]
fn data_that_took_its_size_from_a_transposed_matrix() {
    let source = "dim m, n const X: matrix[m, n] param y: vector[m] var b: vector[n] minimize ||X*b - y||^2";
    let e = only_with(source, "E0502", &shapes(&[("X", &[3, 5]), ("y", &[5])]));
    assert!(e.contains("is `X` transposed? The transpose of file X.npy would fit"), "{e}");
    let e = only_with(source, "E0502", &shapes(&[("X", &[3, 5]), ("y", &[4])]));
    assert!(!e.contains("transpose"), "{e}");
}

#[test]
fn sums_without_a_rule_name_what_was_written() {
    for function in ["exp", "sqrt", "log"] {
        let e = only(&format!("var y: vector[3] minimize ||y|| + sum({function}(y))"), "E0403");
        assert!(e.contains(&format!("`sum({function}(y))`")) && !e.contains("sum_exp"), "{e}");
    }
}

#[test]
fn algorithms_of_a_caller() {
    let method = super::algorithm("homotopy(layers = 30, from = lambda_max)").expect("an algorithm");
    assert_eq!((method.name.as_str(), method.options.len()), ("homotopy", 2));
    assert_eq!(super::algorithm("auto").expect("an algorithm").name, "auto");
    for wrong in ["", "fist", "ista(", "ista(1)", "ista minimize y"] {
        let errors = super::algorithm(wrong).expect_err("no algorithm");
        assert!(errors.iter().all(|e| e.code.code == "E0901" && e.labels.is_empty()), "{wrong}: {errors:?}");
    }
}

// Fault 31.
#[test]
fn vectors_are_no_columns() {
    let source = "param x: vector[3] var y: vector[3] minimize ||x - y||";
    for shape in [&[3, 1][..], &[1, 3]] {
        let e = only_with(source, "E0502", &shapes(&[("x", shape)]));
        assert!(e.contains("a vector is not a matrix of one row or column"), "{e}");
    }
    let e = only("param a: matrix[3, 1] var y: vector[3] minimize ||y - a||", "E0301");
    assert!(e.contains("a vector is not a matrix of one column"), "{e}");
    only("param a: matrix[1, 3] var y: vector[3] minimize ||y - a||", "E0301");
}

// Fault 32.
#[test]
fn scalars_in_constraints_and_vectors_for_scalars() {
    let m = model("var y: vector[3] minimize ||y|| subject to y >= 0, y == 1");
    let SetUse::Box(Some(low), None) = &m.constraints[0].set else { panic!("{m}") };
    assert_eq!(low.shape, Shape::Scalar);
    let SetUse::Equal(rhs) = &m.constraints[1].set else { panic!("{m}") };
    assert_eq!(rhs.shape, Shape::Vector(3));
    let e = only("dim n = 3 var y: vector[n] minimize ||y|| + dot(y, 1)", "E0301");
    assert!(e.contains("write ones(n)"), "{e}");
    only("param r: vector[3] var y: vector[3] minimize ||y|| subject to ||y|| <= r", "E0301");
}

#[test]
fn scalars_are_spread_in_sums() {
    let same = |a: &str, b: &str| {
        let declared = "param s: scalar const D: matrix[2, 3] var y: vector[3], b: scalar, Y: matrix[2, 3] minimize ";
        let objective = |text: &str| display::short_text(&model(&format!("{declared}{text}")).objective, &[], 400);
        assert_eq!(objective(a), objective(b), "{a}");
    };
    same("||2*y - 1||^2", "||2*y - ones(3)||^2");
    same("||1 - y||^2", "||ones(3) - y||^2");
    same("||D*y + b - s||^2", "||D*y + b*ones(2) - s*ones(2)||^2");
    same("||b + D*y||^2", "||ones(2)*b + D*y||^2");
    same("norm1(Y - s + b)", "norm1(Y - s*ones(2, 3) + b*ones(2, 3))");
    same("||1 + s + y||", "||(1 + s)*ones(3) + y||");
    same("sum(y + ||y||)", "sum(y) + 3*||y||");
    same("dot([1, 2, 3], y + ||y||)", "dot([1, 2, 3], y) + 6*||y||");
    let long = |one: &str| format!("norm1(y{})", format!(" + y - {one}").repeat(60));
    same(&long("b"), &long("b*ones(3)"));
    let m = model("var y: vector[3] minimize ||y|| subject to 2 - 3*y >= 0, y - 1 == 0");
    assert!(m.constraints.iter().all(|c| c.value.shape == Shape::Vector(3)), "{m}");
    // Only scalars: a vector is never spread over a matrix.
    only("var Y: matrix[2, 3], y: vector[3] minimize norm1(Y + y)", "E0301");
    only("var Y: matrix[2, 3], y: vector[1] minimize norm1(Y + 1 + y)", "E0301");
    only("var y: vector[3], z: vector[2] minimize norm1(1 + y + 2 + z)", "E0301");
}

#[test]
fn a_size_names_no_quantity() {
    for (source, at) in [
        ("var b: vector[b] minimize ||b||", "`b` is a var, not a dim"),
        ("const X: matrix[X, 10] var y: vector[10] minimize ||y||", "`X` is a const, not a dim"),
        ("param y: vector[y] var z: vector[3] minimize ||z||", "`y` is a param, not a dim"),
        (
            "dim p = 2 const A: matrix[lambda, p] param lambda: scalar var y: vector[p] minimize ||y||",
            "`lambda` is a param",
        ),
        ("param n: scalar = 3 var y: vector[3] minimize ||y - ones(2*n + 1)||", "`n` is a param, not a dim"),
        ("var y: vector[r] let r = 3 minimize ||y||", "`r` is a let, not a dim"),
        ("param k: scalar var y: vector[3] minimize ||y - ones(k)||", "`k` is a param, not a dim"),
    ] {
        let e = only(source, "E0304");
        assert!(e.contains(at) && e.contains("a size is a number or a dim"), "{e}");
    }
    let e = only("dim m = 3 var y: vector[y] minimize ||y||", "E0304");
    assert!(e.contains("the problem's dims are m"), "{e}");
    only("var y: vector[k] minimize ||y||", "E0201");
}

/// Texts of the examples with words swapped, deleted, doubled and replaced: each resolves, or has an error of its own.
#[test]
fn mutated_texts_have_no_internal_error() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    let mut texts: Vec<String> = std::fs::read_dir(folder)
        .expect("the examples")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "sparse"))
        .map(|entry| std::fs::read_to_string(entry.path()).expect("an example"))
        .collect();
    texts.push(
        "dim m = 3, n = 4 const D: matrix[m, n], Q: matrix[n, n] psd param x: vector[m], s: scalar >= 0 = 1, w: vector[n] >= 0
         var y: vector[n], b: scalar, Y: matrix[m, n] let r = x - D*y - b
         minimize ||r||^2 + s*||w .* y||_1 + quad_form(y, Q) + norm1(diff(y, 2)) + sum(max(Y, 0)) + ||Y[0..2, 1]||^2
           + sum([y; b]) + dot(w, y^2) + mean(abs(Y)) + sum(norm2(rows(Y)))
         subject to y in [0, 1], sum(y) == 1, 0 <= b <= 2, rows(Y) in simplex(s), ||y|| <= 3, y[0] >= y[1]"
            .to_owned(),
    );
    texts.sort();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % below.max(1)
    };
    for text in &texts {
        let words = words_of(text);
        for _ in 0..400 {
            let mut mutant = words.clone();
            for _ in 0..=next(3) {
                let (i, j) = (next(mutant.len()), next(mutant.len()));
                match next(5) {
                    0 => mutant.swap(i, j),
                    1 if mutant.len() > 1 => drop(mutant.remove(i)),
                    2 => mutant.insert(i, mutant[j]),
                    _ => {
                        // A name or number by another.
                        let is_word = |w: &&str| w.starts_with(char::is_alphanumeric);
                        let at: Vec<usize> = (0..mutant.len()).filter(|k| is_word(&mutant[*k])).collect();
                        if let (Some(&to), Some(&from)) = (at.get(next(at.len())), at.get(next(at.len()))) {
                            mutant[to] = mutant[from];
                        }
                    }
                }
            }
            let mutant = mutant.concat();
            let stages = parse(&mutant).and_then(|ast| crate::compile(&ast, "mutant", &crate::Options::default()));
            if let Err(errors) = stages {
                assert!(errors.iter().all(|e| e.code.class != Class::Bug), "{mutant}\n{errors:#?}");
            }
        }
    }
}

/// Words, numbers, blanks and signs, one after the other.
fn words_of(text: &str) -> Vec<&str> {
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|b| b != class(c) || b == 2) {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(class(c));
    }
    words.push(&text[start..]);
    words
}

// Fault 33.
#[test]
fn nonconvex_by_composition() {
    let e = only("var y: vector[3] minimize -||y||^2", "E0401");
    assert!(e.contains("`||y||^2` is convex, so that its negative is concave"), "{e}");
    let source = "const D: matrix[2, 3] param x: vector[2], lambda: scalar >= 0 var y: vector[3]
        minimize ||x - D*y||^2 - lambda*||y||_1";
    let found = errors(source);
    assert_eq!(underlined(source, &found[0]), "||y||_1");
    only(source, "E0401");
    let e = only("var y: vector[3], z: vector[3] minimize dot(y, z)", "E0401");
    assert!(e.contains("a product of two expressions that both hold unknowns"), "{e}");
}

// Fault 34.
#[test]
fn maximize() {
    only("var y: vector[3] maximize ||y||^2", "E0401");
    let m = model("var y: vector[3] maximize sum(y) - ||y||^2");
    assert_eq!(m.objective.curvature, Curvature::Concave);
}

// Fault 35.
#[test]
fn norm_from_below() {
    let source = "var y: vector[3] minimize ||y|| subject to norm1(y) >= 1";
    let errors = errors(source);
    assert_eq!(errors[0].code.code, "E0401");
    assert_eq!(underlined(source, &errors[0]).trim(), ">=");
}

// Fault 38.
#[test]
fn empty_sets_keep_their_bounds() {
    let m = model("var y: vector[3] in [2, 1] minimize ||y|| subject to y in box(2, 1)");
    for constraint in &m.constraints {
        let SetUse::Box(Some(low), Some(high)) = &constraint.set else { panic!("{m}") };
        assert!(
            matches!((&low.kind, &high.kind), (ExprKind::Literal(l), ExprKind::Literal(h)) if l[..] == [2.0] && h[..] == [1.0])
        );
    }
}

// Fault 39.
#[test]
fn negative_radii() {
    only("var y: vector[3] minimize ||y|| subject to y in simplex(-1)", "E0306");
    only("var y: vector[3] minimize ||y|| subject to ||y|| <= -1", "E0306");
    let m = model("param r: scalar var y: vector[3] minimize ||y|| subject to y in simplex(r), y in ball2(0)");
    assert_eq!(m.quantities[0].demands[0].0, Domain::AtLeast(0.0));
}

// Fault 40.
#[test]
fn literals_outside_their_domain() {
    let e = only("param lambda: scalar >= 0 = -1 var y: vector[3] minimize ||y|| + lambda*||y||_1", "E0306");
    assert!(e.contains("`lambda` must be >= 0, not -1"), "{e}");
    assert_eq!(sparsec_syntax::diagnostics::E0306.class.exit_code(), 3);
    let m = model("param lambda: scalar >= 0 = 0 var y: vector[3] minimize ||y|| + lambda*||y||_1");
    assert_eq!(m.quantities[0].value, Some(QuantityValue::Literal(vec![0.0])));
    only("const Q: matrix[2, 2] psd = [[1, 2], [2, 1]] var y: vector[2] minimize quad_form(y, Q)", "E0306");
    only("const Q: matrix[2, 2] symmetric = [[1, 2], [3, 1]] var y: vector[2] minimize ||Q*y||", "E0306");
    model("const Q: matrix[2, 2] psd = [[1, 1], [1, 1]] var y: vector[2] minimize quad_form(y, Q)");
    model("const Q: matrix[2, 2] psd = [[0, 0], [0, 1]] var y: vector[2] minimize quad_form(y, Q)");
}

// Limits.

/// Runs on a thread with a small stack, so that deep recursion shows.
fn on_small_stack(run: fn()) {
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(run).expect("a thread");
    thread.join().expect("it ends well");
}

// Fault 3.
#[test]
fn deep_text_needs_little_stack() {
    on_small_stack(|| {
        model(&format!("var y: vector[3] minimize {}y{}", "norm1(".repeat(127), ")".repeat(127)));
        model(&format!("var y: vector[3] minimize norm1({}y{})", "(ones(3) + 2*-(".repeat(60), "))".repeat(60)));
        model(&format!("var y: vector[3] minimize norm1({}y)", "2*".repeat(600)));
        model(&format!("param s: scalar var y: vector[3] minimize norm1({}y)", "s ".repeat(600)));
        model(&format!("var y: vector[3] minimize norm1(y{})", ".T".repeat(600)));
        model(&format!("var y: vector[3] minimize norm1(y{})", "[0..3]".repeat(600)));
        model(&format!("var y: vector[3] minimize norm1({}y)", "y + ".repeat(3000)));
    });
}

#[test]
fn lets_cannot_make_a_problem_explode() {
    on_small_stack(|| {
        let doubling = |n: usize| (1..n).map(|i| format!("let a{i} = a{0} + a{0}\n", i - 1)).collect::<String>();
        let e = only(&format!("var y: vector[3]\nlet a0 = y\n{}minimize norm1(a39)", doubling(40)), "E0309");
        assert!(e.contains("copies of lets have more than 200000 operations"), "{e}");
        let chain = |last: &str| {
            let lets: String = (1..3000).rev().map(|i| format!("let a{i} = 2*a{}\n", i - 1)).collect();
            format!("var y: vector[3]\nminimize norm1(a2999)\n{lets}let a0 = {last}")
        };
        model(&chain("y"));
        let e = only(&chain("a2999"), "E0209");
        assert!(e.contains("and 2994 more"), "{e}");
        let deep: String = (1..700).map(|i| format!("let a{i} = norm1(a{}*ones(3))\n", i - 1)).collect();
        let e = only(&format!("var y: vector[3]\nlet a0 = norm1(y)\n{deep}minimize a699"), "E0309");
        assert!(e.contains("nest"), "{e}");
    });
}

#[test]
fn many_errors_are_cut_and_quick() {
    for term in [" + b*norm1(y)", " - norm1(y)", " + norm1(y + ones(2))", " + q(y)"] {
        let source = format!("param b: scalar var y: vector[3]\nminimize norm1(y){}", term.repeat(5000));
        let errors = errors(&source);
        assert!(errors.len() <= MAX_REPORTED, "{}", errors.len());
    }
    let names: String = (0..5000).map(|i| format!(" + b{i}*norm1(y)")).collect();
    assert_eq!(errors(&format!("var y: vector[3]\nminimize norm1(y){names}")).len(), MAX_REPORTED);
}

// Examples that others keep.

#[test]
fn examples_of_the_codes_raise_them() {
    // Raised where data is bound or an algorithm is chosen, or by functions that are not yet there.
    let elsewhere = ["E0402", "E0403", "E0404", "E0501", "W0401", "W0402"];
    let blocks = |text: &'static str, mark: &str| -> Vec<String> {
        let fence = format!("```{mark}\n");
        text.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned()).collect()
    };
    for code in CODES {
        let ours = matches!(code.class, Class::Name | Class::Shape | Class::Curvature | Class::Data);
        if !ours || elsewhere.contains(&code.code) {
            continue;
        }
        for example in blocks(code.explanation, "sparse") {
            let found = match try_resolve(&example, &Options::default()) {
                Ok(model) => model.warnings,
                Err(errors) => errors,
            };
            let codes: Vec<_> = found.iter().map(|d| d.code.code).collect();
            assert!(!codes.is_empty() && codes.iter().all(|c| *c == code.code), "{}: {codes:?}\n{example}", code.code);
        }
        for repair in blocks(code.explanation, "sparse,fixed") {
            if let Err(errors) = try_resolve(&repair, &Options::default()) {
                panic!("{}: {errors:#?}\n{repair}", code.code);
            }
        }
    }
}

/// Every problem file of the shared cases, where they are there: all resolve, but for sizes that their data gives and for
/// functions that are to come.
#[test]
fn shared_cases_resolve() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/problems");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(source) = std::fs::read_to_string(entry.path().join("problem.sparse")) else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Err(errors) = try_resolve(&source, &Options::default()) {
            let waits = |e: &Diagnostic| ["E0302", "E0203", "E0403"].contains(&e.code.code);
            assert!(name == "error_syntax" || errors.iter().all(waits), "{name}: {errors:#?}");
        }
    }
}
