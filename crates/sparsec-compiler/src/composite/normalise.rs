//! Model to composite form.

use super::affine::{Affine, OpKind, Unsupported, affine};
use super::lift::lift;
use super::target::{self, Rows, Target};
use super::{Block, Centred, Composite, SmoothTerm, VarPart};
use crate::calculus::rules::{self, Linear, Sum};
use crate::calculus::{
    Argument, Atom, By, Facts, Form, Function, Indicator, Layout, Picked, Proxable, Quadratic, RowSum, Takes, Use, sets,
};
use crate::expr;
use crate::lower::certificate::positive;
use crate::model::{Arg, Constraint, Curvature, Depends, Expr, ExprKind, Model, QuantityId, QuantityKind, SetUse};
use crate::text::Names;
use sparsec_program::solver::Shape;
use sparsec_syntax::ast::Sense;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0402, E0403, W0402};
use std::sync::Arc;

/// Brings a problem to composite form, or says what stands in the way.
pub fn normalise(model: &Model) -> Result<Composite, Vec<Diagnostic>> {
    let mut n = Normaliser::new(model);
    let sign = match model.sense {
        Sense::Minimize => 1.0,
        Sense::Maximize => -1.0,
    };
    n.objective(&expr::number(sign), &model.objective);
    for c in &model.constraints {
        n.constraint(c);
    }
    n.finish()
}

/// An atom with the part of v that it acts on.
struct Placed {
    offset: usize,
    len: usize,
    atom: Atom,
}

struct Normaliser<'a> {
    model: &'a Model,
    names: Names,
    vars: Vec<VarPart>,
    len: usize,
    smooth: Vec<SmoothTerm>,
    linear: Vec<Affine>,
    constants: Vec<Expr>,
    placed: Vec<Placed>,
    errors: Vec<Diagnostic>,
}

impl<'a> Normaliser<'a> {
    fn new(model: &'a Model) -> Self {
        let (mut vars, mut len) = (Vec::new(), 0);
        for (i, q) in model.quantities.iter().enumerate() {
            if q.kind == QuantityKind::Var {
                vars.push(VarPart { quantity: QuantityId(i), offset: len, shape: q.shape });
                len += q.shape.len();
            }
        }
        Normaliser {
            model,
            names: Names::of(model),
            vars,
            len,
            smooth: Vec::new(),
            linear: Vec::new(),
            constants: Vec::new(),
            placed: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// The unknowns that a part of v meets, each with the first and the last entry of v (excluded) that they share.
    fn met(&self, offset: usize, len: usize) -> Vec<(VarPart, usize, usize)> {
        let shared = |var: &VarPart| {
            let (from, to) = (offset.max(var.offset), (offset + len).min(var.offset + var.shape.len()));
            (from < to).then_some((*var, from, to))
        };
        self.vars.iter().filter_map(shared).collect()
    }

    fn unsupported(&mut self, u: Unsupported) {
        let message = format!("no algorithm here handles {} in an affine expression", u.what);
        self.errors.push(Diagnostic::new(E0403, message).label(u.span, "here"));
    }

    /// Adds `c · e` to the objective, c a scalar without unknowns.
    fn objective(&mut self, c: &Expr, e: &Expr) {
        if e.depends != Depends::Var {
            self.constants.push(expr::scale(c.clone(), e.clone()));
            return;
        }
        match &e.kind {
            ExprKind::Negate(a) => self.objective(&expr::negate(c.clone()), a),
            ExprKind::Add(a, b) => {
                self.objective(c, a);
                self.objective(c, b);
            }
            ExprKind::Subtract(a, b) => {
                self.objective(c, a);
                self.objective(&expr::negate(c.clone()), b);
            }
            ExprKind::Scale(s, a) if s.depends != Depends::Var => {
                self.objective(&expr::scale(c.clone(), (**s).clone()), a);
            }
            ExprKind::ElementQuotient(a, s) if s.shape == Shape::Scalar && s.depends != Depends::Var => {
                let inverse = expr::reciprocal((**s).clone());
                self.objective(&expr::scale(c.clone(), inverse), a);
            }
            ExprKind::Call(f, args) => self.call(c, f, args, e),
            ExprKind::Sum(a) => match &a.kind {
                ExprKind::Call(f, args) => self.row_sum(c, f, args, None, e),
                _ => self.affine_objective(c, e),
            },
            ExprKind::Dot(w, a) => match (&w.kind, &a.kind) {
                (_, ExprKind::Call(f, args)) => self.row_sum(c, f, args, Some(w), e),
                (ExprKind::Call(f, args), _) => self.row_sum(c, f, args, Some(a), e),
                _ => self.affine_objective(c, e),
            },
            _ => self.affine_objective(c, e),
        }
    }

    fn affine_objective(&mut self, c: &Expr, e: &Expr) {
        match affine(e) {
            Ok(a) => self.linear_term(a.scaled(c)),
            Err(u) => self.unsupported(u),
        }
    }

    /// `c Σ wᵢ f(rowᵢ)`
    fn row_sum(&mut self, c: &Expr, f: &'static Function, args: &[Arg], weights: Option<&Expr>, e: &Expr) {
        let (f, c) = match f.form {
            Form::Negated(g) => (g, &expr::negate(c.clone())),
            _ => (f, c),
        };
        let inner = args.first().and_then(Arg::expr);
        let matrix = inner.and_then(|inner| match &inner.kind {
            ExprKind::Rows(a) | ExprKind::Cols(a) => Some(&**a),
            _ => None,
        });
        let (Some(inner), Some(matrix)) = (inner, matrix) else {
            return self.affine_objective(c, e);
        };
        let affine_inside = matches!(matrix.curvature, Curvature::Affine | Curvature::Constant);
        let weighted = weights.is_none()
            || matches!(f.form, Form::Proxable(rule) if rule(&args[1..]).row_weighted(inner).is_some());
        match f.over_rows {
            RowSum::Entries if affine_inside && weights.is_none() => self.named(c, f, matrix, &args[1..], None, e),
            RowSum::Rows if affine_inside && weighted => self.named(c, f, inner, &args[1..], weights, e),
            _ => {
                let what = if weights.is_some() { "a weighted sum" } else { "the sum" };
                let message = format!("no algorithm here handles {what} of {} over rows or columns", f.name);
                let help = "with rows(Y) or cols(Y) there are sums of norm1, norm2, norm_inf, log_sum_exp and of functions of the \
                            entries; weighted sums of norm2";
                self.errors.push(Diagnostic::new(E0403, message).label(e.span, "this sum").help(help));
            }
        }
    }

    fn linear_term(&mut self, mut a: Affine) {
        if let Some(offset) = a.offset.take() {
            self.constants.push(offset);
        }
        if !a.terms.is_empty() {
            self.linear.push(a);
        }
    }

    fn call(&mut self, c: &Expr, f: &'static Function, args: &[Arg], e: &Expr) {
        let Some(inner) = args.first().and_then(Arg::expr) else {
            return;
        };
        if !matches!(inner.curvature, Curvature::Affine | Curvature::Constant) {
            let message = format!("{} of an expression that is not affine cannot be solved yet", f.name);
            let help = "it is convex, but only compositions with affine expressions have an algorithm; introduce the inner \
                        expression as a variable of its own where that is possible";
            self.errors.push(Diagnostic::new(E0403, message).label(inner.span, "not affine").help(help));
            return;
        }
        match f.form {
            Form::Negated(g) => {
                let minus = expr::negate(c.clone());
                self.named(&minus, g, inner, &args[1..], None, e);
            }
            _ => self.named(c, f, inner, &args[1..], None, e),
        }
    }

    /// `c f(inner)`, or Σ wᵢ f over its rows or columns.
    fn named(&mut self, c: &Expr, f: &'static Function, inner: &Expr, rest: &[Arg], weights: Option<&Expr>, e: &Expr) {
        let mut layout = Layout::of(inner);
        let inner = match &inner.kind {
            ExprKind::Rows(a) | ExprKind::Cols(a) => &**a,
            _ => inner,
        };
        // A smooth term may act on any affine map, so its columns are the rows of the transpose.
        let smooth = matches!(f.form, Form::Smooth(_));
        let transposed;
        let inner = match layout.by == By::Columns && smooth {
            true => {
                transposed = expr::transpose(inner.clone());
                layout = layout.as_rows();
                &transposed
            }
            false => inner,
        };
        let a = match affine(inner) {
            Ok(a) => a,
            Err(u) => return self.unsupported(u),
        };
        let text = match &e.kind {
            ExprKind::Call(..) => self.call_text(f, inner, rest),
            _ => self.names.expr(e),
        };
        let text = self.names.weighted(c, &text);
        let at = Use::of(c.clone(), of_entries(layout, f.takes), e.span, text, &self.names);
        match f.form {
            Form::Smooth(rule) => self.smooth.push(SmoothTerm { rule: rule(rest), at, affine: a, centred: None }),
            Form::Proxable(rule) => {
                let rule = rule(rest);
                let rule = weights.map_or(Some(rule.clone()), |w| rule.row_weighted(w));
                let placed = rule.is_some_and(|rule| self.place(&rule, None, &at, &a));
                if !placed {
                    self.not_proxable(&at, inner);
                }
            }
            Form::Negated(_) => self.not_proxable(&at, inner),
        }
    }

    fn call_text(&self, f: &'static Function, inner: &Expr, rest: &[Arg]) -> String {
        let mut args = vec![Arg::Expr(inner.clone())];
        args.extend_from_slice(rest);
        self.names.expr(&Expr { kind: ExprKind::Call(f, args), ..expr::number(0.0) })
    }

    /// Places a penalty or set; false where it acts on more than entries of v. A sum over the entries of unknowns below each other may be placed
    /// on each of them.
    fn place(&mut self, rule: &Arc<dyn Proxable>, centre: Option<&Expr>, at: &Use, a: &Affine) -> bool {
        if let Some(parts) = target::parts(a).filter(|_| centre.is_none() && rule.facts(at.layout).separable) {
            let before = self.placed.len();
            let all = parts.iter().all(|(from, part)| {
                let len = part.shape.len();
                let same = || rule.data().is_empty().then(|| rule.clone());
                let at = Use { layout: Layout::vector(len), ..at.clone() };
                rule.part(*from, len).or_else(same).is_some_and(|rule| self.place(&rule, None, &at, part))
            });
            if all {
                return true;
            }
            self.placed.truncate(before);
        }
        let target = target::block(a, &self.vars);
        let placed = target.and_then(|t| put(rules::alone(self.used_on(rule, centre, at.clone(), &t)?), &t));
        placed.map(|p| self.placed.push(p)).is_some()
    }

    fn not_proxable(&mut self, at: &Use, inner: &Expr) {
        let message = format!(
            "no prox is known for {}: it is nonsmooth in {}, which is more than unknowns scaled and shifted",
            at.text,
            self.names.expr(inner)
        );
        let help = "a nonsmooth term must act on unknowns themselves (slices of them, a multiple, a shift, their dct; for norm1 also \
                    `w .* y`); terms such as norm1(D*y) need a splitting method";
        self.errors.push(Diagnostic::new(E0402, message).label(inner.span, "nonsmooth term of this").help(help));
    }

    fn constraint(&mut self, c: &Constraint) {
        let inner = match &c.value.kind {
            ExprKind::Rows(a) | ExprKind::Cols(a) => &**a,
            _ => &c.value,
        };
        let a = match affine(inner) {
            Ok(a) => a,
            Err(u) => return self.unsupported(u),
        };
        if a.terms.is_empty() {
            let message = "this constraint holds no unknown";
            self.errors.push(Diagnostic::new(E0403, message).label(c.span, "nothing to solve for here"));
            return;
        }
        let text = self.constraint_text(c);
        let Indicator { rule, centre } = sets::indicator(&c.set);
        let takes = match &c.set {
            SetUse::Named(set, _) => set.takes,
            _ => Takes::Entries,
        };
        let layout = of_entries(Layout::of(&c.value), takes);
        let layout = if rule.facts(layout).separable { layout.flat() } else { layout };
        let at = Use::of(expr::number(1.0), layout, c.span, text, &self.names);
        if self.place(&rule, centre.as_ref(), &at, &a) {
            return;
        }
        match self.set_on_rows(rule, at.clone(), &a).filter(|_| centre.is_none()) {
            Some(p) => self.placed.push(p),
            None => {
                let message = format!("no projection is known for {}", at.text);
                let help = "a set must hold unknowns themselves (slices of them, a multiple, a shift, their dct), or be an equality `A*y == b` or one \
                            inequality `dot(a, y) <= b`; constraints such as norm2(D*y) <= r or A*y <= b need a splitting method";
                self.errors.push(Diagnostic::new(E0402, message).label(c.span, "this constraint").help(help));
            }
        }
    }

    fn constraint_text(&self, c: &Constraint) -> String {
        let value = self.names.expr(&c.value);
        match &c.set {
            SetUse::Named(s, args) if args.is_empty() => format!("{value} ∈ {}", s.name),
            SetUse::Named(s, args) => {
                let args: Vec<String> = args.iter().filter_map(Arg::expr).map(|e| self.names.expr(e)).collect();
                format!("{value} ∈ {}({})", s.name, args.join(", "))
            }
            SetUse::Box(Some(l), None) => format!("{value} ≥ {}", self.names.expr(l)),
            SetUse::Box(None, Some(u)) => format!("{value} ≤ {}", self.names.expr(u)),
            SetUse::Box(Some(l), Some(u)) => {
                format!("{} ≤ {value} ≤ {}", self.names.expr(l), self.names.expr(u))
            }
            SetUse::Box(None, None) => value,
            SetUse::Equal(r) => format!("{value} = {}", self.names.expr(r)),
        }
    }

    /// g(s diag(w) Q y + b − m) of a rule g, m being the centre of a set: another rule of g's kind, its coefficient, and what it is taken of.
    fn used_on(&self, rule: &Arc<dyn Proxable>, centre: Option<&Expr>, at: Use, t: &Target) -> Option<Atom> {
        if t.permuted && !in_any_order(rule.facts(at.layout), t) {
            return None;
        }
        let offset = match (&t.shift, centre) {
            (Some(b), Some(m)) => Some(expr::add(b.clone(), expr::negate(m.clone()))),
            (None, Some(m)) => Some(expr::negate(m.clone())),
            (b, None) => b.clone(),
        };
        // g(w ⊙ (s Q y + o)) with o = b ./ w.
        let (rule, offset) = match &t.weights {
            None => (rule.clone(), offset),
            Some(w) => {
                let offset = match offset {
                    Some(b) => Some(self.less_weights(&b, w)?),
                    None => None,
                };
                (rule.weighted(w, positive(self.model, w))?, offset)
            }
        };
        // c h(α (Q y − m)) with the m at which s Q y + o is 0; a factor that is not known must have none.
        let scaled = rule.scaled(at.layout, &t.scale)?;
        let shift = match offset {
            Some(o) => Some(expr::scale(expr::number(-1.0 / expr::nonzero(&t.scale)?), o)),
            None => None,
        };
        let rule = scaled.rule.unwrap_or(rule);
        let unturned = t.turn.is_empty();
        let absorbed = shift.as_ref().filter(|_| scaled.factor == 1.0 && unturned).and_then(|m| rule.shifted(m));
        let shift = if absorbed.is_some() { None } else { shift };
        Some(Atom {
            rule: absorbed.unwrap_or(rule),
            at: Use { coefficient: expr::scale(scaled.coefficient, at.coefficient.clone()), ..at },
            argument: Argument { turn: t.turn.clone(), shift, factor: scaled.factor },
        })
    }

    /// b ./ w, where b is w .* o for an o or no entry of w can be 0.
    fn less_weights(&self, b: &Expr, w: &Expr) -> Option<Expr> {
        match &b.kind {
            ExprKind::ElementProduct(d, o) if expr::same(d, w) => Some((**o).clone()),
            ExprKind::ElementProduct(o, d) if expr::same(d, w) => Some((**o).clone()),
            ExprKind::Negate(inner) => self.less_weights(inner, w).map(expr::negate),
            ExprKind::Scale(c, inner) => Some(expr::scale((**c).clone(), self.less_weights(inner, w)?)),
            _ => {
                let nonzero = matches!(&w.kind, ExprKind::Literal(v) if v.iter().all(|x| *x != 0.0 && x.is_finite()));
                (nonzero || positive(self.model, w))
                    .then(|| expr::element_quotient(expr::fill(b.clone(), w.shape), w.clone()))
            }
        }
    }

    /// A set of rows of v: equalities, halfspaces and slabs.
    fn set_on_rows(&self, rule: Arc<dyn Proxable>, at: Use, a: &Affine) -> Option<Placed> {
        let Rows { offset, len, matrix } = target::rows(a, &self.vars)?;
        let atom = Atom { rule, at, argument: Argument::itself() };
        let rule = rules::preimage(&atom, &matrix, a.offset.as_ref())?;
        let at = Use { layout: Layout::vector(len), ..atom.at };
        Some(Placed { offset, len, atom: Atom { rule, at, argument: atom.argument } })
    }

    fn finish(mut self) -> Result<Composite, Vec<Diagnostic>> {
        let mut warnings = Vec::new();
        let mut blocks = self.blocks();
        for block in &mut blocks {
            for c in &block.sum.constants {
                self.constants.push(c.value.clone());
                warnings.push(
                    Diagnostic::new(W0402, format!("{} and is left out of the iteration", c.because))
                        .label(c.atom.at.span, "constant on the feasible set")
                        .help("the reported objective still has it"),
                );
            }
            for linear in std::mem::take(&mut block.sum.linear) {
                let term = self.tilt(block.offset, block.len, &linear);
                self.linear.push(term);
            }
        }
        for i in 0..self.smooth.len() {
            self.smooth[i].centred = self.centred(&self.smooth[i], &blocks);
        }
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        Ok(Composite {
            sense: self.model.sense,
            vars: self.vars,
            len: self.len,
            smooth: self.smooth,
            linear: self.linear,
            constants: self.constants,
            blocks,
            names: self.names,
            warnings,
        })
    }

    /// ⟨c w, v_b⟩, unknown by unknown.
    fn tilt(&self, offset: usize, len: usize, linear: &Linear) -> Affine {
        use super::affine::{Op, Term};
        let weights = linear.weights.clone().unwrap_or_else(|| expr::literal(vec![1.0; len], Shape::Vector(len)));
        let weights = expr::reshape(weights, Shape::Vector(len));
        let mut terms = Vec::new();
        for (var, from, to) in self.met(offset, len) {
            let (n, start) = (to - from, from - var.offset);
            let mut ops = Vec::new();
            if n != var.shape.len() {
                let width = var.shape.rows_cols().1;
                let rows = (start / width, (start + n).div_ceil(width));
                let kind = OpKind::Slice(rows, (0, width));
                ops.push(Op { kind, input: var.shape, output: Shape::Vector(n) });
            }
            let weights = match n == len {
                true => weights.clone(),
                false => expr::slice(&weights, from - offset, n),
            };
            ops.push(Op { kind: OpKind::Dot(weights), input: Shape::Vector(n), output: Shape::Scalar });
            terms.push(Term { var: var.quantity, scale: linear.coefficient.clone(), ops });
        }
        Affine { shape: Shape::Scalar, terms, offset: None }
    }

    /// Cuts v into blocks: parts that atoms share are one block, what no atom touches is free.
    fn blocks(&mut self) -> Vec<Block> {
        let mut placed = std::mem::take(&mut self.placed);
        placed.sort_by_key(|p| (p.offset, p.len));
        let mut blocks = Vec::new();
        let (mut at, mut i) = (0, 0);
        while i < placed.len() {
            let (start, mut stop) = (placed[i].offset, placed[i].offset + placed[i].len);
            let mut j = i + 1;
            while j < placed.len() && placed[j].offset < stop {
                stop = stop.max(placed[j].offset + placed[j].len);
                j += 1;
            }
            self.free(at, start, &mut blocks);
            let block = self.block(start, stop - start, &placed[i..j]);
            blocks.push(block);
            (at, i) = (stop, j);
        }
        self.free(at, self.len, &mut blocks);
        blocks
    }

    /// What lies between two blocks, unknown by unknown.
    fn free(&mut self, from: usize, to: usize, blocks: &mut Vec<Block>) {
        for (_, from, to) in self.met(from, to - from) {
            let block = self.block(from, to - from, &[]);
            blocks.push(block);
        }
    }

    /// The first unknown of a part of v, and the part as a person would write it.
    fn text_of(&self, offset: usize, len: usize) -> (QuantityId, String) {
        let met = self.met(offset, len);
        let text = |(var, from, to): &(VarPart, usize, usize)| {
            let name = &self.model.quantities[var.quantity.0].name;
            let (from, to) = (from - var.offset, to - var.offset);
            match (to - from == var.shape.len(), var.shape) {
                (true, _) => name.clone(),
                (false, Shape::Matrix(..)) => format!("{name} (entries {from}..{to})"),
                (false, _) if to - from == 1 => format!("{name}[{from}]"),
                (false, _) => format!("{name}[{from}..{to}]"),
            }
        };
        let texts: Vec<String> = met.iter().map(text).collect();
        (met.first().map_or(QuantityId(0), |(var, ..)| var.quantity), texts.join(", "))
    }

    fn block(&mut self, offset: usize, len: usize, placed: &[Placed]) -> Block {
        let (quantity, text) = self.text_of(offset, len);
        let block = |sum| Block { offset, len, quantity, text: text.clone(), sum };
        // What acts on parts of the block is made to act on all of it where it can leave entries alone.
        let beside: Vec<&Atom> = placed.iter().map(|p| &p.atom).collect();
        let lifted: Option<Vec<Atom>> =
            placed.iter().map(|p| lift(&p.atom, &Picked::range(p.offset - offset, p.len, len), &beside)).collect();
        if let (None, Some(p)) = (&lifted, placed.iter().find(|p| p.len != len || p.offset != offset)) {
            let other = placed.iter().find(|q| q.len != p.len || q.offset != p.offset).unwrap_or(p);
            let message =
                format!("{} and {} act on different parts of {text} that overlap", p.atom.at.text, other.atom.at.text);
            self.errors.push(
                Diagnostic::new(E0402, message)
                    .label(p.atom.at.span, "this part")
                    .label(other.atom.at.span, "overlaps this one")
                    .help("write penalties and sets on equal or disjoint parts; others need a splitting method"),
            );
            return block(Sum::default());
        }
        let atoms = lifted.unwrap_or_default();
        match rules::combine(atoms.clone()) {
            Some(sum) => block(sum),
            None => {
                self.no_rule(&text, &atoms);
                block(Sum::default())
            }
        }
    }

    fn no_rule(&mut self, name: &str, atoms: &[Atom]) {
        let texts: Vec<&str> = atoms.iter().map(|a| a.at.text.as_str()).collect();
        let message = format!("no prox is known for the sum of {} on {name}", join(&texts));
        let mut d = Diagnostic::new(E0402, message);
        for a in atoms {
            d = d.label(a.at.span, a.rule.name());
        }
        self.errors.push(d.help(
            "the prox of a sum is rarely the composition of the proxes, so it is not tried; sums with a known prox are listed by \
             `sparsec explain E0402`, others need a splitting method",
        ));
    }

    /// c‖s v_b + b‖² on exactly one block is c s² ‖v_b − (−b/s)‖².
    fn centred(&self, term: &SmoothTerm, blocks: &[Block]) -> Option<Centred> {
        if !matches!(term.rule.quadratic(), Some(Quadratic::Square)) {
            return None;
        }
        let t = target::block(&term.affine, &self.vars)?;
        if t.weights.is_some() || t.picked.is_some() {
            return None;
        }
        // A square that underflows or overflows would be another problem.
        let scale = expr::uniform(&t.scale).filter(|s| (*s * *s).is_normal() && (1.0 / (*s * *s)).is_normal())?;
        let block = blocks.iter().position(|b| b.offset == t.offset && b.len == t.len)?;
        let weight = expr::scale(expr::number(scale * scale), term.at.coefficient.clone());
        let centre = t.shift.map(|b| expr::scale(expr::number(-1.0 / scale), b));
        // ‖Q y − a‖ = ‖y − Qᵀ a‖, which is a centre where a is 0.
        if centre.is_some() && !t.turn.is_empty() {
            return None;
        }
        Some(Centred { block, weight, centre })
    }
}

/// The vectors of a function or set of this kind: without a matrix to look at, all entries are one vector, however they lie.
fn of_entries(layout: Layout, takes: Takes) -> Layout {
    if layout.by == By::Whole && takes != Takes::Matrix { layout.flat() } else { layout }
}

/// An atom at its place in v; entries that are not contiguous become all those around them.
fn put(atom: Atom, t: &Target) -> Option<Placed> {
    Some(match &t.picked {
        None => Placed { offset: t.offset, len: t.len, atom },
        Some(picked) => Placed { offset: t.offset, len: picked.within, atom: lift(&atom, picked, &[])? },
    })
}

/// True where the order of the entries says nothing.
fn in_any_order(facts: Facts, t: &Target) -> bool {
    facts.symmetric && t.shift.as_ref().is_none_or(|s| expr::uniform(s).is_some())
}

/// `a, b and c`
fn join(texts: &[&str]) -> String {
    match texts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}
