//! The derivation: what was done to the problem, rule by rule, as a person would write it.
//!
//! A plain tree of headed paragraphs, made from model, composite form and plan; `explain` prints it and generated code carries it.

use crate::algorithms::Problem;
use crate::calculus::Words;
use crate::calculus::rules::RULES;
use crate::composite::affine::{Affine, OpKind, Term};
use crate::composite::{Composite, SmoothTerm};
use crate::expr;
use crate::lower::{certificate, metric};
use crate::model::{Depends, Expr, ExprKind, LinearMap, Model, Quantity, QuantityValue};
use crate::plan::Plan;
use crate::{symbols, text};
use sparsec_program::solver::{Domain, Shape};
use sparsec_syntax::ast::Sense;
use std::fmt;

/// A derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// The problem's name.
    pub name: String,
    /// In reading order.
    pub sections: Vec<Section>,
}

/// A headed part of a derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// One step: a formula and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The formula, or a short statement.
    pub formula: String,
    /// Rule, reason or source; may be empty.
    pub note: String,
}

impl Derivation {
    fn section(&mut self, title: &'static str, steps: Vec<Step>) {
        if !steps.is_empty() {
            self.sections.push(Section { title, steps });
        }
    }

    /// As Markdown.
    pub fn to_markdown(&self) -> String {
        let mut out = format!("# Derivation of `{}`\n", self.name);
        for s in &self.sections {
            out += &format!("\n## {}\n\n", s.title);
            for step in &s.steps {
                let note = if step.note.is_empty() { String::new() } else { format!(" — {}", step.note) };
                out += &format!("- `{}`{note}\n", step.formula);
            }
        }
        out
    }

    /// As a fragment of HTML; every text is escaped.
    pub fn to_html(&self) -> String {
        let mut out = format!("<article>\n<h1>Derivation of <code>{}</code></h1>\n", escape_html(&self.name));
        for s in &self.sections {
            out += &format!("<section>\n<h2>{}</h2>\n<dl>\n", escape_html(s.title));
            for step in &s.steps {
                out += &format!(
                    "<dt><code>{}</code></dt><dd>{}</dd>\n",
                    escape_html(&step.formula),
                    escape_html(&step.note)
                );
            }
            out += "</dl>\n</section>\n";
        }
        out + "</article>\n"
    }

    /// As LaTeX, formulas in typewriter type (they are the language's own notation).
    pub fn to_latex(&self) -> String {
        let mut out = format!("\\section*{{Derivation of \\texttt{{{}}}}}\n", escape_latex(&self.name));
        for s in &self.sections {
            out += &format!("\\subsection*{{{}}}\n\\begin{{itemize}}\n", escape_latex(s.title));
            for step in &s.steps {
                out += &format!("  \\item \\texttt{{{}}}", escape_latex(&step.formula));
                if !step.note.is_empty() {
                    out += &format!(" --- {}", escape_latex(&step.note));
                }
                out.push('\n');
            }
            out += "\\end{itemize}\n";
        }
        out
    }
}

/// Text for HTML, attributes included.
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}

/// Text for LaTeX as any engine takes it: symbols and Greek letters become commands.
fn escape_latex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out += "\\textbackslash{}",
            '{' | '}' | '_' | '#' | '$' | '%' | '&' => {
                out.push('\\');
                out.push(c);
            }
            '^' => out += "\\^{}",
            '~' => out += "\\~{}",
            c if c.is_ascii() => out.push(c),
            c => out += &latex_symbol(c),
        }
    }
    out
}

/// The command for a symbol outside ASCII; one without a command stays as it is.
fn latex_symbol(c: char) -> String {
    // Upper-case letters that look like Latin ones have no command.
    const PLAIN: [&str; 14] = [
        "omicron", "Alpha", "Beta", "Epsilon", "Zeta", "Eta", "Iota", "Kappa", "Mu", "Nu", "Omicron", "Rho", "Tau",
        "Chi",
    ];
    let raised = |text: &str| format!("\\textsuperscript{{{text}}}");
    let lowered = |text: &str| format!("\\textsubscript{{{text}}}");
    let math = match c {
        '‖' => "\\Vert",
        '·' => "\\cdot",
        '∇' => "\\nabla",
        '∈' => "\\in",
        '−' => "-",
        '∘' => "\\circ",
        '∞' => "\\infty",
        '≤' => "\\le",
        '≥' => "\\ge",
        '←' => "\\leftarrow",
        '→' => "\\rightarrow",
        '⊙' => "\\odot",
        '⊘' => "\\oslash",
        '⟨' => "\\langle",
        '⟩' => "\\rangle",
        '√' => "\\surd",
        '×' => "\\times",
        '½' => "\\frac12",
        '…' => return "\\ldots{}".to_owned(),
        'ᵀ' => return raised("T"),
        '²' => return raised("2"),
        '³' => return raised("3"),
        'ᵢ' => return lowered("i"),
        'ⱼ' => return lowered("j"),
        _ => {
            let word = sparsec_syntax::names::canonical(&c.to_string());
            return match word.as_str() {
                digit if digit.len() == 1 && digit.is_ascii() => lowered(digit),
                plain if PLAIN.contains(&plain) => format!("\\ensuremath{{\\mathrm{{{plain}}}}}"),
                greek if greek.is_ascii() => format!("\\ensuremath{{\\{greek}}}"),
                _ => c.to_string(),
            };
        }
    };
    format!("\\ensuremath{{{math}}}")
}

impl fmt::Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        for s in &self.sections {
            writeln!(f, "\n{}", s.title)?;
            let width = s.steps.iter().map(|x| x.formula.chars().count()).filter(|n| *n <= 60).max().unwrap_or(0);
            for step in &s.steps {
                let pad = width.saturating_sub(step.formula.chars().count());
                match step.note.is_empty() {
                    true => writeln!(f, "  {}", step.formula)?,
                    false => writeln!(f, "  {}{}  {}", step.formula, " ".repeat(pad), step.note)?,
                }
            }
        }
        Ok(())
    }
}

fn step(formula: impl Into<String>, note: impl Into<String>) -> Step {
    Step { formula: formula.into(), note: note.into() }
}

/// Writes the derivation of a planned problem.
pub fn derive(model: &Model, form: &Composite, plan: &Plan) -> Derivation {
    let mut d = Derivation { name: model.name.clone(), sections: Vec::new() };
    let because = if plan.because == plan.algorithm.iteration(Problem { model, form }, &plan.options) {
        None
    } else {
        Some(symbols::marked(&plan.because))
    };
    let marked = symbols::marked_form(form);
    let form = &marked;
    d.section("Problem", problem(model, form));
    d.section("Composite form", composite(form));
    d.section("Rules", rules(form));
    d.section("Smooth part", smooth(form));
    d.section("Prox", prox(form));
    d.section("Dual and gap", dual(form));
    d.section("Algorithm", algorithm(model, form, plan, because));
    d.section("Precomputed", precomputed(form, plan));
    d.section("Cost of an iteration", cost(form));
    symbols::settle(&mut d, model);
    d
}

fn problem(model: &Model, form: &Composite) -> Vec<Step> {
    let verb = if model.sense == Sense::Minimize { "minimize" } else { "maximize" };
    let mut steps = vec![step(format!("{verb} {}", form.names.expr(&model.objective)), "")];
    for q in &model.quantities {
        let kind = match q.kind {
            crate::model::QuantityKind::Const => "const",
            crate::model::QuantityKind::Param => "param",
            crate::model::QuantityKind::Var => "var",
        };
        let mut text = format!("{kind} {}: {}", q.name, q.shape);
        match q.domains[..] {
            [Domain::AtLeast(low), Domain::AtMost(high)] => {
                text += &format!(" in [{}, {}]", text::number_text(low), text::number_text(high));
            }
            _ => q.domains.iter().for_each(|domain| text += &domain_text(*domain)),
        }
        text += &value_text(q);
        steps.push(step(symbols::marked(&text), symbols::marked(q.docs.lines().next().unwrap_or_default())));
    }
    if model.sense == Sense::Maximize {
        steps.push(step("minimize the negative", "signs are turned back in what is reported"));
    }
    steps
}

/// A declared domain, with a blank before it.
fn domain_text(domain: Domain) -> String {
    let bound = |relation: &str, c: f64| format!(" {relation} {}", text::number_text(c));
    match domain {
        Domain::AtLeast(c) => bound("≥", c),
        Domain::Above(c) => bound(">", c),
        Domain::AtMost(c) => bound("≤", c),
        Domain::Below(c) => bound("<", c),
        Domain::Nonzero => " ≠ 0".to_owned(),
        Domain::Symmetric => " symmetric".to_owned(),
        Domain::Psd => " psd".to_owned(),
    }
}

/// A declared value, as it follows the type; of a long list its beginning.
fn value_text(q: &Quantity) -> String {
    const SHOWN: usize = 4;
    match &q.value {
        None => String::new(),
        Some(QuantityValue::Load { path, key: None, .. }) => format!(" = load(\"{path}\")"),
        Some(QuantityValue::Load { path, key: Some(key), .. }) => format!(" = load(\"{path}\", \"{key}\")"),
        Some(QuantityValue::Literal(values)) => {
            let list = |values: &[f64]| {
                let mut shown: Vec<String> = values.iter().take(SHOWN).map(|v| text::number_text(*v)).collect();
                if values.len() > SHOWN {
                    shown.push("…".to_owned());
                }
                format!("[{}]", shown.join(", "))
            };
            match q.shape {
                Shape::Scalar => format!(" = {}", values.first().map_or_else(String::new, |v| text::number_text(*v))),
                Shape::Vector(_) => format!(" = {}", list(values)),
                Shape::Matrix(_, cols) => {
                    let mut rows: Vec<String> = values.chunks(cols.max(1)).take(SHOWN).map(list).collect();
                    if values.len() > SHOWN * cols {
                        rows.push("…".to_owned());
                    }
                    format!(" = [{}]", rows.join(", "))
                }
            }
        }
    }
}

fn composite(form: &Composite) -> Vec<Step> {
    let mut steps = Vec::new();
    for t in &form.smooth {
        let note = match &t.centred {
            Some(c) => format!("smooth: {}, a square centred on {}", t.rule.name(), form.blocks[c.block].text),
            None => format!("smooth: {} of an affine expression", t.rule.name()),
        };
        steps.push(step(t.at.text.clone(), note));
    }
    for a in &form.linear {
        steps.push(step(affine_text(form, a), "linear"));
    }
    for c in &form.constants {
        steps.push(step(form.names.expr(c), "constant: no part of the iteration, counted in the objective"));
    }
    for b in &form.blocks {
        for a in &b.sum.steps {
            let what = if a.facts().set { "set" } else { "penalty" };
            steps.push(step(a.at.text.clone(), format!("{what} on {}: {}", b.text, a.rule.name())));
        }
    }
    steps
}

fn rules(form: &Composite) -> Vec<Step> {
    let mut steps = Vec::new();
    for b in &form.blocks {
        for (name, what) in &b.sum.applied {
            let source = RULES.iter().find(|r| r.name() == *name).map_or("", |r| r.source());
            steps.push(step(what.clone(), format!("{name} ({source})")));
        }
        for a in &b.sum.steps {
            if a.rule.separable().is_some() && !a.rule.data().is_empty() && !a.facts().set {
                steps.push(step(
                    a.at.text.clone(),
                    "weights go into the prox: an entrywise scaling of a separable function",
                ));
            }
            if a.argument.shift.is_some() {
                steps.push(step(a.at.text.clone(), "translation: prox of g(· − c) at v is c + prox of g at v − c"));
            }
            if !a.argument.turn.is_empty() {
                let what = "orthogonal map: prox of g(Q ·) at v is Qᵀ times the prox of g at Q v (Beck, theorem 6.15)";
                steps.push(step(a.at.text.clone(), what));
            }
            if a.argument.factor != 1.0 {
                let what = "scaling: prox of g(α ·) with step γ at v is that of g with step α² γ at α v, over α (Beck, theorem 6.11)";
                steps.push(step(a.at.text.clone(), what));
            }
        }
    }
    steps
}

fn affine_text(form: &Composite, a: &Affine) -> String {
    let mut out = String::new();
    for t in &a.terms {
        let name = form.names.expr(&Expr { kind: ExprKind::Quantity(t.var), ..expr::number(0.0) });
        let text = t.ops.iter().fold(name, |x, op| match &op.kind {
            OpKind::Left(m) => format!("{} {x}", form.names.expr(m)),
            OpKind::Right(m) => format!("{x} {}", form.names.expr(m)),
            OpKind::Diagonal(d) | OpKind::Times(d) => format!("{} ⊙ {x}", form.names.expr(d)),
            OpKind::Dot(d) => format!("⟨{}, {x}⟩", form.names.expr(d)),
            OpKind::Sum => format!("sum({x})"),
            OpKind::Slice(r, c) => match op.input {
                Shape::Matrix(..) => {
                    format!("{x}[{}..{}, {}..{}]", r.0, r.1, c.0, c.1)
                }
                _ => format!("{x}[{}..{}]", r.0, r.1),
            },
            OpKind::Place(at) => format!("({x} at {at})"),
            OpKind::Transpose => format!("{x}ᵀ"),
            OpKind::Fill => x,
            OpKind::Linear(map) => format!("{map:?}({x})").to_lowercase(),
            OpKind::Convolve(k) => format!("conv({}, {x})", form.names.expr(k)),
        });
        let piece = form.names.weighted(&t.scale, &text);
        match (out.is_empty(), piece.strip_prefix('−')) {
            (true, _) => out = piece,
            (false, Some(rest)) => out += &format!(" − {rest}"),
            (false, None) => out += &format!(" + {piece}"),
        }
    }
    if let Some(o) = &a.offset {
        let text = form.names.expr(o);
        out = match (out.strip_prefix('−'), text.strip_prefix('−')) {
            (Some(rest), _) => format!("{text} − {rest}"),
            // A sum within would have to change all its signs.
            (None, Some(rest)) if !matches!(o.kind, ExprKind::Add(..) | ExprKind::Subtract(..)) => {
                format!("{out} − {rest}")
            }
            (None, _) => format!("{out} + {text}"),
        };
    }
    out
}

fn smooth(form: &Composite) -> Vec<Step> {
    let mut steps = Vec::new();
    for t in &form.smooth {
        let at = affine_text(form, &t.affine);
        let (rule, c) = (&t.rule, &t.at.coefficient);
        steps.push(step(
            format!("∇ = Aᵀ · {}", form.names.weighted(c, &format!("({})", rule.gradient_text(&Words::of(&t.at))))),
            format!("chain rule, t = A v + b = {at}"),
        ));
    }
    if !form.smooth.is_empty() {
        let parts: Vec<String> = form.smooth.iter().map(|t| lipschitz_text(form, t)).collect();
        steps.push(step(
            format!("L = {}", parts.join(" + ")),
            "Lipschitz constant of the whole gradient, an upper bound of ‖∇²‖",
        ));
    }
    steps
}

/// c L_f ‖A‖², with Σ k ‖A_t‖² for the k terms of each unknown in A: what [`crate::lower::Emit::lipschitz`] computes.
fn lipschitz_text(form: &Composite, t: &SmoothTerm) -> String {
    let terms = &t.affine.terms;
    let norms: Vec<(f64, Vec<String>)> = terms
        .iter()
        .map(|term| {
            let same = terms.iter().filter(|other| other.var == term.var).count();
            let (number, symbols) = norm_factors(form, term);
            (same as f64 * number, symbols)
        })
        .collect();
    let own = t.rule.lipschitz_text(&Words::of(&t.at));
    let coefficient = expr::uniform(&t.at.coefficient);
    let mut number = coefficient.unwrap_or(1.0);
    let mut symbols = Vec::new();
    if coefficient.is_none() {
        symbols.push(form.names.weighted(&t.at.coefficient, "").trim_end().to_owned());
    }
    match own.parse::<f64>() {
        Ok(known) => number *= known,
        Err(_) => symbols.push(own),
    }
    match norms.as_slice() {
        [(factor, one)] => {
            number *= factor;
            symbols.extend(one.iter().cloned());
        }
        several if several.iter().all(|(_, symbols)| symbols.is_empty()) => {
            number *= several.iter().map(|(factor, _)| factor).sum::<f64>();
        }
        several => {
            let parts: Vec<String> = several.iter().map(|(factor, symbols)| product_text(*factor, symbols)).collect();
            symbols.push(format!("({})", parts.join(" + ")));
        }
    }
    product_text(number, &symbols)
}

/// ‖A‖² of one term as a number times symbols.
fn norm_factors(form: &Composite, term: &Term) -> (f64, Vec<String>) {
    let mut number = 1.0;
    let mut symbols = Vec::new();
    match expr::uniform(&term.scale) {
        Some(scale) => number *= scale * scale,
        None => {
            let scale = form.names.expr(&term.scale);
            symbols.push(if scale.contains(' ') { format!("({scale})²") } else { format!("{scale}²") });
        }
    }
    for op in &term.ops {
        match &op.kind {
            OpKind::Left(m) | OpKind::Right(m) => symbols.push(format!("‖{}‖²", form.names.expr(m))),
            OpKind::Diagonal(d) => symbols.push(format!("‖{}‖∞²", form.names.expr(d))),
            OpKind::Dot(d) | OpKind::Times(d) => match expr::uniform(d) {
                Some(value) => number *= value * value * d.shape.len() as f64,
                None => symbols.push(format!("‖{}‖²", form.names.expr(d))),
            },
            OpKind::Sum => number *= op.input.len() as f64,
            OpKind::Fill => number *= op.output.len() as f64,
            OpKind::Slice(..) | OpKind::Place(_) | OpKind::Transpose => {}
            // No number that a reader would know.
            OpKind::Linear(LinearMap::Cumsum) => symbols.push("‖cumsum‖²".to_owned()),
            OpKind::Linear(map) => number *= map.norm_squared(op.input.len()),
            OpKind::Convolve(k) => symbols.push(format!("‖{}‖₁²", form.names.expr(k))),
        }
    }
    (number, symbols)
}

/// `2 · ‖D‖²`; a factor of 1 is left out.
fn product_text(number: f64, symbols: &[String]) -> String {
    let mut factors = Vec::new();
    if number != 1.0 || symbols.is_empty() {
        factors.push(text::number_text(number));
    }
    factors.extend(symbols.iter().cloned());
    factors.join(" · ")
}

fn prox(form: &Composite) -> Vec<Step> {
    let mut steps = Vec::new();
    for b in &form.blocks {
        match b.sum.steps.as_slice() {
            [] => steps.push(step(format!("{}: v", b.text), "free: the prox of 0 is the identity")),
            atoms => {
                for (i, a) in atoms.iter().enumerate() {
                    let order =
                        if atoms.len() > 1 { format!(", number {} of {}", i + 1, atoms.len()) } else { String::new() };
                    steps.push(step(
                        format!("{}: {}", b.text, a.rule.prox_text(&a.words())),
                        format!("prox of {} at step γ{order}", a.at.text),
                    ));
                }
            }
        }
    }
    steps
}

fn dual(form: &Composite) -> Vec<Step> {
    let mut steps = Vec::new();
    let smooth: Vec<&SmoothTerm> = form.losses().collect();
    steps.push(step(
        "maximize Σ (⟨b, z⟩ − F*(z)) − Σ G*(u), u = −Σ Aᵀ z − l",
        "Fenchel's dual; z = c f'(t) at the iterate",
    ));
    for t in &smooth {
        steps.push(step(
            format!("f*(z) = {}", t.rule.conjugate_text(&Words::of(&t.at))),
            format!("conjugate of {}", t.rule.name()),
        ));
    }
    for (i, b) in form.blocks.iter().enumerate() {
        if form.squares(i).next().is_some() {
            steps.push(step(
                format!("G*(u) on {}: finite everywhere, reached at prox((u/2 + Σ w a)/W) with γ = 1/(2W)", b.text),
                "a square is part of G, so its conjugate has full domain",
            ));
            continue;
        }
        match b.sum.steps.last() {
            None => steps.push(step(format!("G*(u) on {}: 0 where u = 0", b.text), "free: an equality in the dual")),
            Some(last) => {
                let steps_of = &b.sum.steps;
                let one = steps_of.len() == 1 || steps_of.iter().all(|a| a.facts().homogeneous);
                let text =
                    if one { last.rule.conjugate_text(&last.words()) } else { "max ⟨u, y⟩ − G(y)".to_owned() };
                let where_ = match (one, last.argument.turn.is_empty(), last.argument.factor == 1.0) {
                    (false, _, _) => "conjugate of the sum, in closed form",
                    (true, true, true) => "conjugate",
                    (true, false, _) => "conjugate of g(Q ·): that of g at Q u",
                    (true, true, false) => "conjugate of g(α ·): that of g at u/α",
                };
                steps.push(step(format!("G*(u) on {}: {text}", b.text), where_));
            }
        }
    }
    let scaled = certificate::dual::scalable(form);
    if scaled {
        steps.push(step(
            "z ← s z, s = min(1, 1/gauge(u))",
            "makes the dual point feasible where no entry asks for an exact slope",
        ));
    }
    steps.extend(repair(form));
    let excess = if scaled && smooth.iter().all(|t| t.rule.quadratic().is_some()) {
        "F(t) + F*(z) − ⟨z, t⟩ is (1 − s)² F for the scaled gradient of a quadratic"
    } else {
        "Fenchel's inequality: no bracket is negative"
    };
    steps.push(step("objective − bound = Σ [F(t) + F*(z) − ⟨z, t⟩] + Σ [G(y) + G*(u) − ⟨u, y⟩] + rounding", excess));
    steps.push(step(
        "gap = (objective − bound)/S, S = max(|P − c|, 1e-6 T, ε |P₀ − c|)",
        "P the objective, c its constant, T the magnitudes of its terms, P₀ the objective at 0 or next to it, ε the machine epsilon",
    ));
    steps
}

/// How a dual point is made feasible where scaling does not do it.
fn repair(form: &Composite) -> Vec<Step> {
    let cost = certificate::repair_cost(form);
    if cost.rows == 0 {
        return Vec::new();
    }
    let mut steps = Vec::new();
    for (i, b) in form.blocks.iter().enumerate() {
        let squares = form.squares(i).next().is_some();
        let slope = if squares { "∇Σ w‖y − a‖²" } else { "0" };
        let atoms = &b.sum.steps;
        let sets = atoms.iter().all(|a| a.facts().set);
        let by_entries = atoms.iter().all(|a| a.rule.separable().is_some() && a.argument.turn.is_empty());
        let (asked, because) = match (atoms.is_empty(), by_entries, sets) {
            (false, true, _) if squares => {
                ("u = G'(y) where G is smooth at y".to_owned(), "the columns of these entries bind")
            }
            (true, _, _) => (format!("u = {slope} in every entry"), "free: all columns bind"),
            (_, true, true) => (
                format!("u = {slope} where y is strictly inside, and where u leaves dom G*"),
                "the columns of these entries bind",
            ),
            (_, true, false) => (
                "u = G'(y) where G is smooth at y, and where u leaves dom G* and no scale helps".to_owned(),
                "the columns of the support bind",
            ),
            (_, false, _) => (
                "u = ∇G(y) along the directions in which G is smooth at y".to_owned(),
                "the columns along the tangent at y bind",
            ),
        };
        steps.push(step(format!("asked on {}: {asked}", b.text), because));
    }
    let number = |x: f64| if x < 1e6 { text::number_text(x.round()) } else { format!("{x:.1e}") };
    let size = format!("{}×{}", cost.rows, cost.columns);
    let (flops, most) = (number(cost.flops), number(cost.most_flops));
    let (bytes, most_bytes) = (number(cost.bytes), number(cost.most_bytes));
    steps.push(step(
        "(A_Jᵀ W A_J) e = −(asked − u), z ← z + W A e, until rounding is left",
        "repair: the least move in the metric W of a quadratic majoriser of F; J are the columns that bind",
    ));
    let how = match cost.factor {
        certificate::Factor::Once => {
            format!("an orthonormal basis of √W A_J, at most {size} and {flops} flops, once per set of consts")
        }
        certificate::Factor::PerCheck => {
            format!(
                "an orthonormal basis of √W A_J, at most {size} and {flops} flops, made where scaling does not prove the point"
            )
        }
        certificate::Factor::AfterIterations => format!(
            "conjugate gradients; where they fail an orthonormal basis of √W A_J, at most {size} and {flops} flops"
        ),
        certificate::Factor::Never => format!(
            "conjugate gradients alone: an orthonormal basis, {size}, would take {flops} flops and {bytes} bytes, more than {most} or {most_bytes}; where they fail the answer is `stationary` by its fixed-point residual"
        ),
    };
    steps.push(step("factor", how));
    steps
}

fn algorithm(model: &Model, form: &Composite, plan: &Plan, because: Option<String>) -> Vec<Step> {
    let iteration = plan.algorithm.iteration(Problem { model, form }, &plan.options);
    let mut steps =
        vec![step(plan.algorithm.name(), because.unwrap_or_else(|| iteration.clone())), step(iteration, "")];
    if plan.exact_steps {
        let n = plan.max_iter;
        steps.push(step(format!("exactly {n} {}", if n == 1 { "step" } else { "steps" }), ""));
    } else {
        let measure = if plan.options.shrink.is_some() { "fixed-point residual" } else { "relative gap" };
        steps.push(step(
            format!("stop: {measure} ≤ tol, looked at every {} steps; at most {}", plan.check_every, plan.max_iter),
            "objective and gap are recomputed from the answer by separate code",
        ));
    }
    steps
}

fn precomputed(form: &Composite, plan: &Plan) -> Vec<Step> {
    let by_columns = metric::text(form, plan.algorithm.metric(&plan.options)).is_some();
    let mut once = Vec::new();
    let mut each = Vec::new();
    let mut seen = Vec::new();
    for t in &form.smooth {
        for term in &t.affine.terms {
            for op in &term.ops {
                if let OpKind::Left(m) | OpKind::Right(m) = &op.kind {
                    let name = form.names.expr(m);
                    let text = match by_columns {
                        true => format!("‖{name} eⱼ‖² and ‖{name}‖₂² with columns of length 1"),
                        false => format!("‖{name}‖₂²"),
                    };
                    if !seen.contains(&text) {
                        let list = if m.depends <= Depends::Const { &mut once } else { &mut each };
                        list.push(text.clone());
                        seen.push(text);
                    }
                }
            }
        }
    }
    for a in form.blocks.iter().flat_map(|b| &b.sum.steps) {
        once.extend(a.rule.precomputed());
    }
    let mut steps = Vec::new();
    if !once.is_empty() {
        steps.push(step(once.join(", "), "once per set of consts"));
    }
    if !each.is_empty() {
        steps.push(step(each.join(", "), "once per solve"));
    }
    steps
}

/// Flops and bytes of the matrix products and the prox of one gradient step.
fn cost(form: &Composite) -> Vec<Step> {
    let (mut flops, mut numbers) = (0usize, 0usize);
    for t in &form.smooth {
        for term in &t.affine.terms {
            for op in &term.ops {
                match &op.kind {
                    OpKind::Left(m) => {
                        let other = op.input.rows_cols().1;
                        flops += 4 * m.shape.len() * other;
                        numbers += 2 * m.shape.len();
                    }
                    OpKind::Right(m) => {
                        let other = op.input.rows_cols().0;
                        flops += 4 * m.shape.len() * other;
                        numbers += 2 * m.shape.len();
                    }
                    _ => {
                        flops += 4 * op.input.len();
                        numbers += 4 * op.input.len();
                    }
                }
            }
        }
        flops += 2 * t.affine.shape.len();
    }
    for b in &form.blocks {
        for a in &b.sum.steps {
            flops += a.rule.flops(a.at.layout);
        }
    }
    flops += 6 * form.len;
    numbers += 8 * form.len;
    vec![step(
        format!("{flops} flops, {} bytes in f64 ({} in f32)", 8 * numbers, 4 * numbers),
        "gradient step and prox, matrices read twice (forward and transposed)",
    )]
}
