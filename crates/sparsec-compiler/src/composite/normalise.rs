//! Model to composite form.

use super::affine::{Affine, OpKind, Unsupported, affine};
use super::target::{self, Target};
use super::{Block, Centred, Composite, SmoothTerm, VarPart};
use crate::calculus::functions::group_norm::GroupNorm;
use crate::calculus::functions::sum_squares::SumSquares;
use crate::calculus::rules::{self, Sum};
use crate::calculus::sets::affine::Affine as AffineSet;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::sets::slab::Slab;
use crate::calculus::{Atom, Form, Function, Proxable, RowSum, Use};
use crate::expr;
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

    fn shape_of(&self, id: QuantityId) -> Shape {
        self.model.quantities[id.0].shape
    }

    fn offset_of(&self, id: QuantityId) -> usize {
        self.vars.iter().find(|v| v.quantity == id).map_or(0, |v| v.offset)
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
        let (inner, by_columns, by_rows) = match &inner.kind {
            ExprKind::Rows(a) => (&**a, false, true),
            ExprKind::Cols(a) => (&**a, true, true),
            _ => (inner, false, false),
        };
        // A smooth term may act on any affine map, so its columns are the rows of the transpose.
        let smooth = matches!(f.form(), Form::Smooth(_));
        let transposed;
        let (inner, by_columns) = match by_columns && smooth {
            true => {
                transposed = expr::transpose(inner.clone());
                (&transposed, false)
            }
            false => (inner, by_columns),
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
        let (m, n) = inner.shape.rows_cols();
        let (rows, len) = match (by_rows, by_columns) {
            (false, _) => (1, a.shape.len()),
            (true, false) => (m, n),
            (true, true) => (n, m),
        };
        let mut at = Use {
            coefficient: c.clone(),
            args: rest.to_vec(),
            weights: None,
            shift: None,
            rows,
            len,
            by_columns,
            span: e.span,
            text,
            names: self.names.clone(),
        };
        match f.form() {
            Form::Smooth(rule) => {
                self.smooth.push(SmoothTerm { name: f.name(), rule, at, affine: a, centred: None });
            }
            Form::Proxable(rule) => {
                let whole = |id: QuantityId| self.model.quantities[id.0].shape;
                match target::block(&a, whole).filter(|t| fits(rule, &at, t)) {
                    Some(t) => {
                        scale_penalty(&mut at, &t);
                        let offset = self.offset_of(t.var) + t.offset;
                        self.placed.push(Placed { offset, len: t.len, atom: Atom { rule, at } });
                    }
                    None => self.not_proxable(&at, inner),
                }
            }
            _ => self.not_proxable(&at, inner),
        }
    }

    fn call_text(&self, f: &'static dyn Function, inner: &Expr, rest: &[Arg]) -> String {
        let mut args = vec![Arg::Expr(inner.clone())];
        args.extend_from_slice(rest);
        self.names.expr(&Expr { kind: ExprKind::Call(f, args), ..expr::number(0.0) })
    }

    fn not_proxable(&mut self, at: &Use, inner: &Expr) {
        let message = format!(
            "no prox is known for {}: it is nonsmooth in {}, which is more than a scaled and shifted unknown",
            at.text,
            self.names.expr(inner)
        );
        let help = "a nonsmooth term must act on an unknown itself (a slice of it, a multiple, a shift; for norm1 also `w .* y`); \
                    terms such as norm1(D*y) need a splitting method";
        self.errors.push(Diagnostic::new(E0402, message).label(inner.span, "nonsmooth term of this").help(help));
    }

    fn constraint(&mut self, c: &Constraint) {
        let (inner, by_rows, by_columns) = match &c.value.kind {
            ExprKind::Rows(a) => (&**a, true, false),
            ExprKind::Cols(a) => (&**a, true, true),
            _ => (&c.value, false, false),
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
        let (m, n) = inner.shape.rows_cols();
        let (rows, len) = match (by_rows, by_columns) {
            (false, _) => (1, m * n),
            (true, false) => (m, n),
            (true, true) => (n, m),
        };
        let at = Use {
            coefficient: expr::number(1.0),
            args: Vec::new(),
            weights: None,
            shift: None,
            rows,
            len,
            by_columns,
            span: c.span,
            text,
            names: self.names.clone(),
        };
        let whole = |id: QuantityId| self.model.quantities[id.0].shape;
        let placed = target::block(&a, whole)
            .and_then(|t| self.set_on_block(&c.set, at.clone(), t))
            .or_else(|| self.set_on_rows(&c.set, at.clone(), &a));
        match placed {
            Some(p) => self.placed.push(p),
            None => {
                let message = format!("no projection is known for {}", at.text);
                let help = "a set must hold an unknown itself (a slice of it, a multiple, a shift), or be an equality `A*y == b` or one \
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

    /// A set on `scale · v_b + shift`.
    fn set_on_block(&self, set: &SetUse, at: Use, t: Target) -> Option<Placed> {
        if t.weights.is_some() {
            return None;
        }
        let scale = expr::uniform(&t.scale).filter(|s| *s != 0.0 && s.is_finite())?;
        let offset = self.offset_of(t.var) + t.offset;
        let atom = match set {
            SetUse::Box(lower, upper) => {
                let open = |e: &Option<Expr>, inf: f64| e.clone().unwrap_or_else(|| expr::number(inf));
                bounds(at, open(lower, f64::NEG_INFINITY), open(upper, f64::INFINITY), scale, t.shift)
            }
            SetUse::Equal(rhs) => bounds(at, rhs.clone(), rhs.clone(), scale, t.shift),
            SetUse::Named(s, args) => {
                let mut indicator = s.indicator(args);
                if indicator.atom.name() == Bounds.name() {
                    let side = |i: usize| indicator.args.get(i).and_then(Arg::expr).cloned();
                    let (l, u) = (side(0)?, side(1)?);
                    bounds(at, l, u, scale, t.shift)
                } else {
                    // scale·y + shift − centre ∈ C(r)  ⟺  y − (centre − shift)/scale ∈ C(r)/scale.
                    let facts = indicator.atom.facts(&at);
                    if scale < 0.0 && !(facts.absolute || indicator.shift.is_some()) {
                        return None;
                    }
                    let inverse = expr::number(1.0 / scale);
                    let centre = match (indicator.shift.take(), t.shift) {
                        (c, None) => c,
                        (None, Some(s)) => Some(expr::negate(s)),
                        (Some(c), Some(s)) => Some(expr::add(c, expr::negate(s))),
                    };
                    let shift = centre.map(|c| expr::scale(inverse, c));
                    let radius = |a: Arg| match a {
                        Arg::Expr(e) => Arg::Expr(expr::scale(expr::number(1.0 / scale.abs()), e)),
                        a => a,
                    };
                    let args = indicator.args.into_iter().map(radius).collect();
                    Atom { rule: indicator.atom, at: Use { args, shift, ..at } }
                }
            }
        };
        Some(Placed { offset, len: t.len, atom })
    }

    /// A set on one or a few rows of a block: equalities, halfspaces and slabs.
    fn set_on_rows(&self, set: &SetUse, at: Use, a: &Affine) -> Option<Placed> {
        let whole = |id: QuantityId| self.model.quantities[id.0].shape;
        let (var, offset, len, matrix) = target::rows(a, whole)?;
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
        let offset = self.offset_of(var) + offset;
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

    /// ⟨c w, v_b⟩ for a weighted l1 norm on the simplex.
    fn tilt(&self, offset: usize, len: usize, atom: &Atom) -> Affine {
        use super::affine::{Op, Term};
        let var = self.vars.iter().rfind(|v| v.offset <= offset).copied();
        let (quantity, start, shape) =
            var.map_or((QuantityId(0), 0, Shape::Vector(len)), |v| (v.quantity, v.offset, v.shape));
        let weights = atom.at.weights.clone().unwrap_or_else(|| expr::literal(vec![1.0; len], Shape::Vector(len)));
        let weights = expr::reshape(weights, Shape::Vector(len));
        let mut ops = Vec::new();
        if len != shape.len() {
            let from = offset - start;
            let width = shape.rows_cols().1;
            let rows = (from / width, (from + len).div_ceil(width));
            ops.push(Op { kind: OpKind::Slice(rows, (0, width)), input: shape, output: Shape::Vector(len) });
        }
        ops.push(Op { kind: OpKind::Dot(weights), input: Shape::Vector(len), output: Shape::Scalar });
        let term = Term { var: quantity, scale: atom.at.coefficient.clone(), ops };
        Affine { shape: Shape::Scalar, terms: vec![term], offset: None }
    }

    /// Cuts v into blocks: parts that atoms share are one block, what no atom touches is free.
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let placed = std::mem::take(&mut self.placed);
        for var in self.vars.clone() {
            let end = var.offset + var.shape.len();
            let mut here: Vec<&Placed> = placed.iter().filter(|p| (var.offset..end).contains(&p.offset)).collect();
            here.sort_by_key(|p| (p.offset, p.len));
            let mut at = var.offset;
            let mut i = 0;
            while i < here.len() {
                let (start, mut stop) = (here[i].offset, here[i].offset + here[i].len);
                let mut j = i + 1;
                while j < here.len() && here[j].offset < stop {
                    stop = stop.max(here[j].offset + here[j].len);
                    j += 1;
                }
                if start > at {
                    blocks.push(self.block(&var, at, start - at, &[]));
                }
                blocks.push(self.block(&var, start, stop - start, &here[i..j]));
                at = stop;
                i = j;
            }
            if at < end {
                blocks.push(self.block(&var, at, end - at, &[]));
            }
        }
        blocks
    }

    fn block(&mut self, var: &VarPart, offset: usize, len: usize, placed: &[&Placed]) -> Block {
        let name = &self.model.quantities[var.quantity.0].name;
        let from = offset - var.offset;
        let text = match (len == var.shape.len(), var.shape) {
            (true, _) => name.clone(),
            (false, Shape::Matrix(..)) => format!("{name} (entries {from}..{})", from + len),
            (false, _) if len == 1 => format!("{name}[{from}]"),
            (false, _) => format!("{name}[{from}..{}]", from + len),
        };
        let block = |sum| Block { offset, len, quantity: var.quantity, text: text.clone(), sum };
        // What acts on parts of the block is made to act on all of it where it can leave entries alone.
        let lifted: Option<Vec<Atom>> =
            placed.iter().map(|p| super::lift::lift(&p.atom, p.offset - offset, len)).collect();
        if let (None, Some(p)) = (&lifted, placed.iter().find(|p| p.len != len || p.offset != offset)) {
            let other = placed.iter().find(|q| q.len != p.len || q.offset != p.offset).unwrap_or(p);
            let message =
                format!("{} and {} act on different parts of {name} that overlap", p.atom.at.text, other.atom.at.text);
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
                self.no_rule(name, &atoms);
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
        let t = target::block(&term.affine, |id| self.shape_of(id)).filter(|t| t.weights.is_none())?;
        let scale = expr::uniform(&t.scale).filter(|s| *s != 0.0 && s.is_finite())?;
        let offset = self.offset_of(t.var) + t.offset;
        let block = blocks.iter().position(|b| b.offset == offset && b.len == t.len)?;
        let weight = expr::scale(expr::number(scale * scale), term.at.coefficient.clone());
        let centre = t.shift.map(|b| expr::scale(expr::number(-1.0 / scale), b));
        Some(Centred { block, weight, centre })
    }
}

/// `a, b and c`
fn join(texts: &[&str]) -> String {
    match texts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// Whether g(scale · diag(w) · y + shift) is the same penalty with other weights and a shift.
fn fits(rule: &dyn Proxable, at: &Use, t: &Target) -> bool {
    let facts = rule.facts(at);
    let literal = expr::uniform(&t.scale).filter(|s| *s != 0.0 && s.is_finite());
    // g(w .* y) = Σ |wᵢ| gᵢ(yᵢ) needs an even g: weights may be negative.
    if t.weights.is_some() && !(facts.separable && facts.homogeneous && facts.absolute && t.shift.is_none()) {
        return false;
    }
    if facts.homogeneous && facts.absolute {
        return t.shift.is_none() || literal.is_some();
    }
    literal == Some(1.0)
}

/// g(s diag(w) y + b) = |s| g(|w| .* y + b/s) for an even homogeneous g.
fn scale_penalty(at: &mut Use, t: &Target) {
    at.coefficient = expr::scale(expr::abs(t.scale.clone()), at.coefficient.clone());
    at.weights = t.weights.clone().map(expr::abs);
    at.shift = t.shift.clone().map(|b| match expr::uniform(&t.scale) {
        Some(s) => expr::scale(expr::number(-1.0 / s), b),
        None => expr::negate(b),
    });
    at.len = t.len;
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
