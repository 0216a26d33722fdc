//! Model to composite form.

use super::affine::{Affine, OpKind, Unsupported, affine};
use super::lift::lift;
use super::target::{self, Picked, Rows, Target};
use super::{Block, Centred, Composite, SmoothTerm, VarPart};
use crate::calculus::functions::group_norm::GroupNorm;
use crate::calculus::functions::sum_squares::SumSquares;
use crate::calculus::rules::{self, Sum};
use crate::calculus::sets::affine::Affine as AffineSet;
use crate::calculus::sets::ball1::Ball1;
use crate::calculus::sets::ball2::Ball2;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::sets::slab::Slab;
use crate::calculus::{Atom, Facts, Form, Function, Indicator, Layout, Proxable, RowSum, Use};
use crate::expr;
use crate::lower::certificate::positive;
use crate::model::{Arg, Constraint, Curvature, Depends, Expr, ExprKind, Model, QuantityId, QuantityKind, SetUse};
use crate::text::Names;
use sparsec_program::solver::Shape;
use sparsec_syntax::ast::Sense;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0402, E0403, W0402};

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
            ExprKind::Call(f, args) => self.call(c, *f, args, e),
            ExprKind::Sum(a) => match &a.kind {
                ExprKind::Call(f, args) => self.row_sum(c, *f, args, None, e),
                _ => self.affine_objective(c, e),
            },
            ExprKind::Dot(w, a) => match (&w.kind, &a.kind) {
                (_, ExprKind::Call(f, args)) => self.row_sum(c, *f, args, Some(w), e),
                (ExprKind::Call(f, args), _) => self.row_sum(c, *f, args, Some(a), e),
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
    fn row_sum(&mut self, c: &Expr, f: &'static dyn Function, args: &[Arg], weights: Option<&Expr>, e: &Expr) {
        let (f, c) = match f.form() {
            Form::Negated(g) => (g, &expr::negate(c.clone())),
            _ => (f, c),
        };
        let inner = args.first().and_then(Arg::expr);
        let matrix = inner.and_then(|inner| match &inner.kind {
            ExprKind::Rows(a) => Some((&**a, false)),
            ExprKind::Cols(a) => Some((&**a, true)),
            _ => None,
        });
        let (Some(inner), Some((matrix, by_columns))) = (inner, matrix) else {
            return self.affine_objective(c, e);
        };
        let affine_inside = matches!(matrix.curvature, Curvature::Affine | Curvature::Constant);
        match f.row_sum() {
            RowSum::Groups if affine_inside => {
                let (m, n) = matrix.shape.rows_cols();
                let groups = match by_columns {
                    false => (0..m).map(|i| (i * n..(i + 1) * n).collect()).collect(),
                    true => (0..n).map(|j| (0..m).map(|i| i * n + j).collect()).collect(),
                };
                let mut rest = vec![Arg::Groups(groups)];
                rest.extend(weights.map(|w| Arg::Expr(w.clone())));
                self.named(c, &GroupNorm, matrix, &rest, e);
            }
            RowSum::Entries if affine_inside && weights.is_none() => self.named(c, f, matrix, &args[1..], e),
            RowSum::Rows if affine_inside && weights.is_none() => self.named(c, f, inner, &args[1..], e),
            _ => {
                let what = if weights.is_some() { "a weighted sum" } else { "the sum" };
                let message = format!("no algorithm here handles {what} of {} over rows or columns", f.name());
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

    fn call(&mut self, c: &Expr, f: &'static dyn Function, args: &[Arg], e: &Expr) {
        let Some(inner) = args.first().and_then(Arg::expr) else {
            return;
        };
        if !matches!(inner.curvature, Curvature::Affine | Curvature::Constant) {
            let message = format!("{} of an expression that is not affine cannot be solved yet", f.name());
            let help = "it is convex, but only compositions with affine expressions have an algorithm; introduce the inner \
                        expression as a variable of its own where that is possible";
            self.errors.push(Diagnostic::new(E0403, message).label(inner.span, "not affine").help(help));
            return;
        }
        match f.form() {
            Form::Negated(g) => {
                let minus = expr::negate(c.clone());
                self.named(&minus, g, inner, &args[1..], e);
            }
            _ => self.named(c, f, inner, &args[1..], e),
        }
    }

    fn named(&mut self, c: &Expr, f: &'static dyn Function, inner: &Expr, rest: &[Arg], e: &Expr) {
        let mut layout = Layout::of(inner);
        let inner = match &inner.kind {
            ExprKind::Rows(a) | ExprKind::Cols(a) => &**a,
            _ => inner,
        };
        // A smooth term may act on any affine map, so its columns are the rows of the transpose.
        let smooth = matches!(f.form(), Form::Smooth(_));
        let transposed;
        let inner = match layout.by_columns && smooth {
            true => {
                transposed = expr::transpose(inner.clone());
                layout.by_columns = false;
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
        let plain = Use::plain(rest.to_vec(), layout, e.span, text, &self.names);
        let at = Use { coefficient: c.clone(), ..plain };
        match f.form() {
            Form::Smooth(rule) => {
                self.smooth.push(SmoothTerm { name: f.name(), rule, at, affine: a, centred: None });
            }
            Form::Proxable(rule) if self.penalty(rule, &at, &a) => {}
            _ => self.not_proxable(&at, inner),
        }
    }

    fn call_text(&self, f: &'static dyn Function, inner: &Expr, rest: &[Arg]) -> String {
        let mut args = vec![Arg::Expr(inner.clone())];
        args.extend_from_slice(rest);
        self.names.expr(&Expr { kind: ExprKind::Call(f, args), ..expr::number(0.0) })
    }

    /// Places a penalty; false where it acts on more than entries of v. A separable one of unknowns below each other may be placed on
    /// each of them.
    fn penalty(&mut self, rule: &'static dyn Proxable, at: &Use, a: &Affine) -> bool {
        let apart = at.rows == 1 && at.args.is_empty() && rule.facts(at).separable;
        if let Some(parts) = target::parts(a).filter(|_| apart) {
            let before = self.placed.len();
            if parts.iter().all(|(_, p)| self.penalty(rule, &Use { len: p.shape.len(), ..at.clone() }, p)) {
                return true;
            }
            self.placed.truncate(before);
        }
        let target = target::block(a, &self.vars);
        let placed = target.and_then(|t| place(Atom { rule, at: self.used_on(rule, at.clone(), &t)? }, &t));
        placed.map(|p| self.placed.push(p)).is_some()
    }

    /// Places bounds on unknowns below each other on each of them; false where they are not that.
    fn bounds_apart(&mut self, set: &SetUse, at: &Use, a: &Affine) -> bool {
        let (Some(parts), Some((l, u))) = (target::parts(a), sides(set)) else {
            return false;
        };
        let before = self.placed.len();
        let all = parts.iter().all(|(from, part)| {
            let len = part.shape.len();
            let side = |e: &Expr| match expr::uniform(e) {
                Some(x) => expr::number(x),
                None if e.shape == Shape::Scalar => e.clone(),
                None => expr::slice(e, *from, len),
            };
            let set = SetUse::Box(Some(side(&l)), Some(side(&u)));
            let target = target::block(part, &self.vars);
            let placed = target.and_then(|t| self.set_on_block(&set, Use { len, ..at.clone() }, t));
            placed.map(|p| self.placed.push(p)).is_some()
        });
        if !all {
            self.placed.truncate(before);
        }
        all
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
        let at = Use::plain(Vec::new(), Layout::of(&c.value), c.span, text, &self.names);
        if self.bounds_apart(&c.set, &at, &a) {
            return;
        }
        let placed = target::block(&a, &self.vars)
            .and_then(|t| self.set_on_block(&c.set, at.clone(), t))
            .or_else(|| self.set_on_rows(&c.set, at.clone(), &a));
        match placed {
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
            SetUse::Named(s, args) if args.is_empty() => format!("{value} ∈ {}", s.name()),
            SetUse::Named(s, args) => {
                let args: Vec<String> = args.iter().filter_map(Arg::expr).map(|e| self.names.expr(e)).collect();
                format!("{value} ∈ {}({})", s.name(), args.join(", "))
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

    /// g(s diag(w) Q y + b) as a use of g, where it is one: |s| g(|w| .* (Q y − c)) with c = −b/(s w) for an even homogeneous g,
    /// |s| g(±(Q y − c)) for another homogeneous one, g(s (Q y − c)) for the rest.
    fn used_on(&self, rule: &dyn Proxable, at: Use, t: &Target) -> Option<Use> {
        let facts = rule.facts(&at);
        if t.permuted && !in_any_order(facts, t) {
            return None;
        }
        let even = facts.homogeneous && facts.absolute;
        // A factor that may be 0 or of either sign is known to change an even function's coefficient only.
        let literal = expr::uniform(&t.scale).filter(|s| *s != 0.0 && s.is_finite());
        if t.weights.is_some() && !(facts.separable && even) || literal.is_none() && !(even && t.shift.is_none()) {
            return None;
        }
        let shift = match (&t.shift, &t.weights) {
            (None, _) => None,
            (Some(b), None) => Some(b.clone()),
            (Some(b), Some(w)) => Some(self.less_weights(b, w)?),
        };
        let outside = expr::scale(expr::abs(t.scale.clone()), at.coefficient.clone());
        let (coefficient, scale) = match (even, literal) {
            (true, _) | (_, None) => (outside, 1.0),
            (false, Some(s)) if facts.homogeneous => (outside, s.signum()),
            (false, Some(s)) => (at.coefficient.clone(), s),
        };
        Some(Use {
            coefficient,
            weights: t.weights.clone().map(expr::abs),
            turn: t.turn.clone(),
            shift: shift.map(|b| expr::scale(expr::number(-1.0 / literal.unwrap_or(1.0)), b)),
            scale,
            ..at
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

    /// A set on `scale · diag(weights) · turn(v_b) + shift`.
    fn set_on_block(&self, set: &SetUse, at: Use, t: Target) -> Option<Placed> {
        let at = Use { turn: t.turn.clone(), ..at };
        let scale = expr::uniform(&t.scale).filter(|s| *s != 0.0 && s.is_finite())?;
        let shift = t.shift.clone();
        let boxed = |l: Expr, u: Expr| match &t.weights {
            None => Some(bounds(at.clone(), l, u, scale, shift.clone())),
            Some(w) if positive(self.model, w) => {
                let mut atom = bounds(at.clone(), l, u, scale, shift.clone());
                for arg in &mut atom.at.args {
                    if let Some(e) = arg.expr().filter(|e| !expr::uniform(e).is_some_and(f64::is_infinite)) {
                        *arg = Arg::Expr(expr::element_quotient(expr::fill(e.clone(), w.shape), w.clone()));
                    }
                }
                Some(atom)
            }
            Some(_) => None,
        };
        let atom = match (sides(set), set) {
            (Some((l, u)), _) => boxed(l, u)?,
            (None, SetUse::Named(s, args)) if t.weights.is_none() => {
                // scale·y + shift − centre ∈ C(r)  ⟺  ±(y − (centre − shift)/scale) ∈ C(r)/|scale|.
                let Indicator { atom: rule, args, shift: centre } = s.indicator(args);
                let even = rule.facts(&at).absolute || centre.is_some();
                let centre = match (centre, shift) {
                    (c, None) => c,
                    (None, Some(s)) => Some(expr::negate(s)),
                    (Some(c), Some(s)) => Some(expr::add(c, expr::negate(s))),
                };
                let shift = centre.map(|c| expr::scale(expr::number(1.0 / scale), c));
                let radius = |a: Arg| match a {
                    Arg::Expr(e) => Arg::Expr(expr::scale(expr::number(1.0 / scale.abs()), e)),
                    a => a,
                };
                let args: Vec<Arg> = args.into_iter().map(radius).collect();
                if let (1, true, Some(r)) = (t.len, is_ball(rule), args.first().and_then(Arg::expr).cloned()) {
                    // Of a single entry every ball is an interval, which goes with more than a ball does.
                    let interval = bounds(at, expr::negate(r.clone()), r, 1.0, shift.map(expr::negate));
                    return place(interval, &t);
                }
                Atom { rule, at: Use { args, shift, scale: if even { 1.0 } else { scale.signum() }, ..at } }
            }
            _ => return None,
        };
        if t.permuted && !in_any_order(atom.rule.facts(&atom.at), &t) {
            return None;
        }
        place(atom, &t)
    }

    /// A set on one or a few rows: equalities, halfspaces and slabs.
    fn set_on_rows(&self, set: &SetUse, at: Use, a: &Affine) -> Option<Placed> {
        let Rows { offset, len, matrix } = target::rows(a, &self.vars)?;
        let k = a.shape.len();
        let less_offset = |e: Expr| match &a.offset {
            Some(o) => expr::add(expr::fill(e, o.shape), expr::negate(o.clone())),
            None => e,
        };
        let (rule, args): (&'static dyn Proxable, Vec<Expr>) = match set {
            SetUse::Equal(rhs) => {
                let rhs = expr::reshape(expr::fill(less_offset(rhs.clone()), a.shape), Shape::Vector(k));
                (&AffineSet, vec![matrix, rhs])
            }
            SetUse::Box(lower, upper) if k == 1 => {
                let row = expr::reshape(matrix, Shape::Vector(len));
                let open = |e: &Option<Expr>, inf: f64| match e {
                    Some(e) => expr::reshape(less_offset(e.clone()), Shape::Scalar),
                    None => expr::number(inf),
                };
                (&Slab, vec![row, open(lower, f64::NEG_INFINITY), open(upper, f64::INFINITY)])
            }
            _ => return None,
        };
        let args = args.into_iter().map(Arg::Expr).collect();
        Some(Placed { offset, len, atom: Atom { rule, at: Use { args, rows: 1, len, ..at } } })
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
            for atom in std::mem::take(&mut block.sum.linear) {
                let term = self.tilt(block.offset, block.len, &atom);
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

    /// ⟨c w, v_b⟩ for a weighted l1 norm on y ≥ 0, unknown by unknown.
    fn tilt(&self, offset: usize, len: usize, atom: &Atom) -> Affine {
        use super::affine::{Op, Term};
        let weights = atom.at.weights.clone().unwrap_or_else(|| expr::literal(vec![1.0; len], Shape::Vector(len)));
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
            terms.push(Term { var: var.quantity, scale: atom.at.coefficient.clone(), ops });
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
        let as_rows = placed.iter().any(|p| p.atom.facts().affine);
        let lifted: Option<Vec<Atom>> =
            placed.iter().map(|p| lift(&p.atom, &Picked::range(p.offset - offset, p.len, len), as_rows)).collect();
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
        if term.name != Function::name(&SumSquares) {
            return None;
        }
        let t = target::block(&term.affine, &self.vars)?;
        if t.weights.is_some() || t.picked.is_some() {
            return None;
        }
        let scale = expr::uniform(&t.scale).filter(|s| *s != 0.0 && s.is_finite())?;
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

/// An atom at its place in v; entries that are not contiguous become all those around them.
fn place(atom: Atom, t: &Target) -> Option<Placed> {
    Some(match &t.picked {
        None => Placed { offset: t.offset, len: t.len, atom },
        Some(picked) => Placed { offset: t.offset, len: picked.within, atom: lift(&atom, picked, false)? },
    })
}

/// True for the balls of the norms, whose first argument is the radius.
fn is_ball(rule: &dyn Proxable) -> bool {
    [Proxable::name(&Ball1), Proxable::name(&Ball2)].contains(&rule.name())
}

/// The bounds of a set of bounds.
fn sides(set: &SetUse) -> Option<(Expr, Expr)> {
    let open = |e: &Option<Expr>, inf: f64| e.clone().unwrap_or_else(|| expr::number(inf));
    match set {
        SetUse::Box(l, u) => Some((open(l, f64::NEG_INFINITY), open(u, f64::INFINITY))),
        SetUse::Equal(r) => Some((r.clone(), r.clone())),
        SetUse::Named(s, args) => {
            let indicator = s.indicator(args);
            let side = |i: usize| indicator.args.get(i).and_then(Arg::expr).cloned();
            (indicator.atom.name() == Bounds.name()).then(|| Some((side(0)?, side(1)?)))?
        }
    }
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

/// lower ≤ scale·y + shift ≤ upper as bounds on y.
fn bounds(at: Use, lower: Expr, upper: Expr, scale: f64, shift: Option<Expr>) -> Atom {
    let solved = |e: Expr| {
        let infinite = expr::uniform(&e).is_some_and(f64::is_infinite);
        let moved = match &shift {
            Some(s) if !infinite => expr::add(expr::fill(e, s.shape), expr::negate(s.clone())),
            _ => e,
        };
        expr::scale(expr::number(1.0 / scale), moved)
    };
    let (mut lower, mut upper) = (solved(lower), solved(upper));
    if scale < 0.0 {
        std::mem::swap(&mut lower, &mut upper);
    }
    Atom { rule: &Bounds, at: Use { args: vec![Arg::Expr(lower), Arg::Expr(upper)], ..at } }
}
