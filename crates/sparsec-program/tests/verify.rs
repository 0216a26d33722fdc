//! One program for each rule of the verifier, which breaks that rule and no other.

use sparsec_program::parse::parse;
use sparsec_program::program::{
    Binary, BufferId, Compare, Condition, Instr, Map, Node, NodeId, Program, Role, Scalar, Store, View,
};
use sparsec_program::verify::verify;

/// Buffers for the blocks of the cases.
const BUFFERS: &str = "
    const A [2, 3]
    table ids [3] = [0.0, 1.0, 1.0]
    derived gram [2, 2]
    derived norm
    param x [3]
    param lambda
    state y [3]
    state z [6]
    state s
    scratch t [3]
    scratch work [20]
    scratch u
    output answer [3]
";

fn program(blocks: &str) -> Program {
    match parse(&format!("program p {{ {BUFFERS} {blocks} }}")) {
        Ok(program) => program,
        Err(error) => panic!("{error}\n{blocks}"),
    }
}

fn accepts(blocks: &str) {
    if let Err(error) = verify(program(blocks)) {
        panic!("{error}\n{blocks}");
    }
}

/// The program breaks the rule; the error's place is given too.
fn rejects(rule: &str, place: &str, blocks: &str) {
    match verify(program(blocks)) {
        Ok(_) => panic!("accepted, against `{rule}`: {blocks}"),
        Err(error) => assert_eq!((error.rule, error.place.as_str()), (rule, place), "{error}\n{blocks}"),
    }
}

fn rejects_program(rule: &str, change: impl FnOnce(&mut Program)) {
    let mut program = program("step { map 3 { %0 = x[i] y[i] = %0 } }");
    assert!(verify(program.clone()).is_ok());
    change(&mut program);
    assert_eq!(verify(program).unwrap_err().rule, rule);
}

// Fault 104.
#[test]
fn names() {
    rejects_program("name", |p| p.buffers[0].name = "two words".to_owned());
    rejects_program("name", |p| p.buffers[0].name = "1a".to_owned());
    rejects_program("name", |p| p.buffers[0].name = String::new());
    rejects_program("name", |p| p.buffers[0].name = "x".to_owned());
    rejects_program("name", |p| p.buffers[0].doc = "two\nlines".to_owned());
    rejects_program("name", |p| p.name = "two\nlines".to_owned());
    rejects_program("name", |p| p.name = "two\rlines".to_owned());
    rejects_program("name", |p| p.buffers[0].doc = "two\rlines".to_owned());
    rejects_program("name", |p| p.buffers[0].name = "a\r".to_owned());
}

// Fault 104.
#[test]
fn sizes() {
    rejects_program("size", |p| p.buffers[0].rows = 0);
    rejects_program("size", |p| p.buffers[0].cols = 0);
    rejects_program("size", |p| p.buffers[0].rows = usize::MAX);
    rejects_program("size", |p| p.buffers[0].cols = usize::MAX - 3);
    rejects_program("size", |p| p.buffers[0].rows = 1 << 41);
}

// Fault 104.
#[test]
fn tables() {
    rejects_program("table", |p| p.buffers[1].role = Role::Table(vec![0.0; 2]));
    rejects_program("table", |p| p.buffers[1].role = Role::Table(vec![0.0, f64::NAN, 1.0]));
    let mut good = program("");
    good.buffers[1].role = Role::Table(vec![f64::INFINITY; 3]);
    assert!(verify(good).is_ok());
}

fn copy(from: View, to: View) -> Instr {
    let store = Store { to, value: NodeId(0) };
    Instr::Map(Map { len: to.len, nodes: vec![Node::Element(from)], stores: vec![store], reductions: Vec::new() })
}

// Fault 104.
#[test]
fn views() {
    rejects("view", "step[0]", "step { map 3 { %0 = x[1..4][i] y[i] = %0 } }");
    rejects("view", "step[0]", "step { map 3 { %0 = x[i] y[2..5][i] = %0 } }");
    rejects("view", "step[0]", "step { map 3 { %0 = x y[i] = %0 } }");
    rejects("view", "step[0]", "step { map 3 { %0 = x[i] y[0..2] = sum(%0) } }");
    rejects("view", "step[0]", "step { if x < 1.0 {} }");
    rejects("view", "step[0]", "step { y[0..4] = cumsum(n = 3; x) }");
    let whole = View { buffer: BufferId(4), offset: 0, len: 3 };
    for broken in [
        View { buffer: BufferId(99), ..whole },
        View { len: 0, ..whole },
        View { offset: usize::MAX, ..whole },
        View { offset: 1, len: usize::MAX, ..whole },
    ] {
        rejects_program("view", |p| p.blocks[2] = vec![copy(broken, View { buffer: BufferId(6), ..whole })]);
    }
}

// Fault 104.
#[test]
fn literals() {
    rejects_program("literal", |p| {
        let Instr::Map(map) = &mut p.blocks[2][0] else { return };
        map.nodes[0] = Node::Literal(f64::NAN);
    });
    accepts("step { map 3 { %0 = +inf y[i] = %0 } if x[0] < -inf {} }");
    let nan = || Scalar::Literal(f64::NAN);
    let one = || Scalar::Literal(1.0);
    for (left, right) in [(nan(), one()), (one(), nan())] {
        let condition = Condition { compare: Compare::Lt, left, right };
        let branch = Instr::If { condition, then: Vec::new(), otherwise: Vec::new() };
        rejects_program("literal", |p| p.blocks[2] = vec![branch]);
        let until = Instr::Loop { times: 1, until: Some(condition), body: Vec::new() };
        rejects_program("literal", |p| p.blocks[2] = vec![until]);
    }
}

// Fault 104.
#[test]
fn maps() {
    rejects("map-length", "step[0]", "step { map 0 {} }");
    rejects("map-length", "step[0]", "step { map 2 { %0 = x[i] s = sum(%0) } }");
    rejects("map-length", "step[0]", "step { map 2 { %0 = 1.0 y[i] = %0 } }");
    rejects("node-order", "step[0]", "step { map 3 { %0 = neg(%0) y[i] = %0 } }");
    rejects("node-order", "step[0]", "step { map 3 { %0 = x[i] %1 = %0 + %2 %2 = 1.0 y[i] = %1 } }");
    rejects("node-order", "step[0]", "step { map 3 { %0 = x[i] %1 = select(%0 < %0, %0, %7) y[i] = %1 } }");
    // Each operand of a selection.
    for select in ["%7 < %0, %0, %0", "%0 < %7, %0, %0", "%0 < %0, %7, %0", "%0 < %0, %0, %7"] {
        let block = format!("step {{ map 3 {{ %0 = x[i] %1 = select({select}) y[i] = %1 }} }}");
        rejects("node-order", "step[0]", &block);
    }
    rejects("node-order", "step[0]", "step { map 3 { %0 = x[i] y[i] = %1 } }");
    rejects("node-order", "step[0]", "step { map 3 { %0 = x[i] s = sum(%1) } }");
    rejects_program("node-order", |p| {
        let Instr::Map(map) = &mut p.blocks[2][0] else { return };
        map.nodes.push(Node::Binary(Binary::Add, NodeId(0), NodeId(u32::MAX)));
    });
}

// Fault 104.
#[test]
fn aliases() {
    // The same view may be loaded and stored; a reduction's target may be read as a scalar.
    accepts("step { map 3 { %0 = y[i] %1 = s %2 = %0 * %1 y[i] = %2 s = sum(%2) } }");
    accepts("step { map 1 { %0 = y[1][i] %1 = y[1] %2 = %0 * %1 y[1][i] = %2 } }");
    accepts("step { map 3 { %0 = z[0..3][i] z[3..6][i] = %0 } }");
    rejects("map-alias", "step[0]", "step { map 3 { %0 = z[0..3][i] z[1..4][i] = %0 } }");
    rejects("map-alias", "step[0]", "step { map 3 { %0 = y[0] y[i] = %0 } }");
    rejects("map-alias", "step[0]", "step { map 3 { %0 = x[i] y[i] = %0 y[i] = %0 } }");
    rejects("map-alias", "step[0]", "step { map 3 { %0 = x[i] y[i] = %0 y[0] = sum(%0) } }");
    rejects("map-alias", "step[0]", "step { map 3 { %0 = x[i] s = sum(%0) s = max(%0) } }");
    rejects("map-alias", "step[0]", "step { map 3 { %0 = y[i] y[0] = sum(%0) } }");
}

// Fault 104.
#[test]
fn kernels() {
    accepts("setup { gram = gemm_nt(m = 2, k = 3, n = 2; A, A) }");
    accepts("setup { norm, work[0..15] = spectral_norm_squared(rows = 2, cols = 3; A) }");
    rejects("kernel-signature", "step[0]", "step { y = cumsum(n = 3, m = 3; x) }");
    rejects("kernel-signature", "step[0]", "step { y = cumsum(n = 0; x) }");
    rejects("kernel-signature", "step[0]", "step { y = cumsum(n = 3; x, x) }");
    rejects("kernel-signature", "step[0]", "step { y = cumsum(n = 3; x[0..2]) }");
    rejects("kernel-signature", "step[0]", "step { y[0..2] = cumsum(n = 3; x) }");
    rejects("kernel-signature", "step[0]", "step { y, s = cumsum(n = 3; x) }");
    rejects("kernel-signature", "step[0]", "step { y = gemv(rows = 18446744073709551615, cols = 2; x, x) }");
    rejects("kernel-alias", "step[0]", "step { y = cumsum(n = 3; y) }");
    rejects("kernel-alias", "step[0]", "step { z[1..4] = cumsum(n = 3; z[3..6]) }");
    rejects("kernel-alias", "step[0]", "step { z[0..3], z[2..5] = project_simplex(rows = 1, n = 3; x, lambda) }");
    accepts("step { z[0..3], z[3..6] = project_simplex(rows = 1, n = 3; x, x[0]) }");
}

// Fault 104.
#[test]
fn loops_and_depth() {
    rejects("loop-times", "step[0].then[0]", "step { if s < 1.0 { loop 0 { s = cumsum(n = 1; lambda) } } }");
    let nested = |depth: usize| {
        let mut body = Vec::new();
        for _ in 0..depth {
            body = vec![Instr::Loop { times: 1, until: None, body }];
        }
        body
    };
    rejects_program("depth", |p| p.blocks[4] = nested(65));
    // The other branch counts too.
    let otherwise = |depth: usize| {
        let mut body = Vec::new();
        for _ in 0..depth {
            let side = || Scalar::Literal(0.0);
            let condition = Condition { compare: Compare::Lt, left: side(), right: side() };
            body = vec![Instr::If { condition, then: Vec::new(), otherwise: body }];
        }
        body
    };
    rejects_program("depth", |p| p.blocks[4] = otherwise(65));
    let mut deep = program("");
    deep.blocks[4] = otherwise(64);
    assert!(verify(deep).is_ok());
    let mut deepest = program("");
    deepest.blocks[4] = nested(64);
    assert!(verify(deepest).is_ok());
}

// Fault 104.
#[test]
fn roles() {
    rejects("role-write", "setup[0]", "setup { map 3 { %0 = 1.0 A[0..3][i] = %0 } }");
    rejects("role-write", "setup[0]", "setup { map 3 { %0 = 1.0 ids[i] = %0 } }");
    rejects("role-write", "step[0]", "step { map 3 { %0 = 1.0 x[i] = %0 } }");
    rejects("role-write", "setup[0]", "setup { map 3 { %0 = 1.0 y[i] = %0 } }");
    rejects("role-write", "setup[0]", "setup { map 3 { %0 = 1.0 answer[i] = %0 } }");
    rejects("role-write", "prepare[0]", "prepare { map 1 { %0 = 1.0 norm[i] = %0 } }");
    rejects("role-write", "step[0]", "step { gram = gemm_nt(m = 2, k = 3, n = 2; A, A) }");
    rejects("role-read", "setup[0]", "setup { map 1 { %0 = lambda norm[i] = %0 } }");
    rejects("role-read", "setup[0]", "setup { map 1 { %0 = s norm[i] = %0 } }");
    rejects("role-read", "setup[0]", "setup { if answer[0] < 1.0 {} }");
    rejects("role-read", "setup[0]", "setup { map 3 { %0 = x[i] t[i] = %0 } }");
    rejects("role-read", "setup[0]", "setup { map 3 { %0 = y[i] t[i] = %0 } }");
    rejects("role-read", "setup[0]", "setup { t = cumsum(n = 3; x) }");
    rejects("role-read", "setup[0]", "setup { t = cumsum(n = 3; answer) }");
    rejects("role-read", "setup[0]", "setup { loop 2 until lambda < 1.0 {} }");
    // What a reduction writes is written.
    rejects("role-write", "step[0]", "step { map 3 { %0 = y[i] lambda = sum(%0) } }");
    rejects("role-write", "step[0]", "step { map 3 { %0 = y[i] norm = sum(%0) } }");
    rejects("role-write", "step[0]", "step { map 3 { %0 = y[i] ids[0] = sum(%0) } }");
    rejects("role-write", "setup[0]", "setup { map 3 { %0 = A[0..3][i] s = max(%0) } }");
    accepts("setup { map 3 { %0 = A[0..3][i] norm = max(%0) } }");
}

// Fault 104.
#[test]
fn initialisation() {
    let set = "map 3 { %0 = 1.0 t[i] = %0 }";
    let get = "map 3 { %0 = t[i] y[i] = %0 }";
    accepts(&format!("step {{ {set} {get} }}"));
    rejects("initialised", "step[0]", &format!("step {{ {get} {set} }}"));
    rejects("initialised", "step[0]", &format!("prepare {{ {set} }} step {{ {get} }}"));
    rejects("initialised", "step[1]", "step { map 2 { %0 = 1.0 t[0..2][i] = %0 } map 3 { %0 = t[i] y[i] = %0 } }");
    accepts(
        "step { map 2 { %0 = 1.0 t[0..2][i] = %0 } map 1 { %0 = 1.0 t[2][i] = %0 } map 3 { %0 = t[i] y[i] = %0 } }",
    );
    rejects("initialised", "step[1]", &format!("step {{ if s < 1.0 {{ {set} }} {get} }}"));
    accepts(&format!("step {{ if s < 1.0 {{ {set} }} else {{ {set} }} {get} }}"));
    accepts(&format!("step {{ loop 3 {{ {set} }} {get} }}"));
    rejects("initialised", "step[0].body[0]", &format!("step {{ loop 3 {{ {get} {set} }} }}"));
    rejects("initialised", "step[0]", "step { if u < 1.0 {} }");
    rejects("initialised", "step[0]", "step { loop 2 until u < 1.0 {} }");
    rejects("initialised", "step[0]", "step { loop 2 until u < 1.0 { map 3 { %0 = y[i] t[i] = %0 } } }");
    accepts("step { loop 2 until u < 1.0 { map 1 { %0 = 1.0 u[i] = %0 } } }");
    rejects("initialised", "step[0]", "step { y = cumsum(n = 3; t) }");
    // Derived buffers are written by setup, everywhere before they are read.
    accepts("setup { map 1 { %0 = 1.0 norm[i] = %0 } } finish { if norm < 1.0 {} }");
    rejects("initialised", "finish[0]", "finish { if norm < 1.0 {} }");
    rejects(
        "initialised",
        "step[0]",
        "setup { map 2 { %0 = 1.0 gram[1..3][i] = %0 } } step { map 1 { %0 = gram[3] s = sum(%0) } }",
    );
    // What a kernel worked in is no value.
    let simplex = "y, t = project_simplex(rows = 1, n = 3; x, lambda)";
    rejects("initialised", "step[1]", &format!("step {{ {simplex} {get} }}"));
    rejects("initialised", "step[2]", &format!("step {{ {set} {simplex} {get} }}"));
    rejects("initialised", "step[1].body[0]", &format!("step {{ {set} loop 2 {{ {get} {simplex} }} }}"));
}
