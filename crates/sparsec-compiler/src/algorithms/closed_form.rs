//! `closed_form`: the minimiser by a formula.
//!
//! - A quadratic without penalties or sets (ridge, least squares): the normal equations by Cholesky, or for c‖x − D y‖² + w‖y − a‖² with
//!   fewer rows than columns the m×m system (D Dᵀ + (w/c) I) α = x − D a, y = a + Dᵀ α (Woodbury)
//! - Σ w‖y − a‖² + ⟨l, y⟩ + G(y): the prox of G at step 1/(2W) of the point (Σ w a − l/2)/W, W = Σ w. Projections, soft threshold
//!   and sparsemax are of this kind
//! - ⟨l, y⟩ + c Σ y log y on the simplex: softmax(−l/c)
//!
//! - Options: `tol`
//! - Source: Golub & Van Loan, *Matrix Computations* (2013), section 2.1.4; Martins & Astudillo, *From Softmax to Sparsemax* (2016)

use super::{Algorithm, Ending, Problem};
use crate::calculus::Quadratic;
use crate::composite::SmoothTerm;
use crate::composite::affine::OpKind;
use crate::expr;
use crate::lower::emit::{Key, Whole};
use crate::lower::{Emit, Frame, positive};
use crate::model::{Depends, Expr, ExprKind};
use crate::plan::{Options, Plan};
use sparsec_program::formula::{Formula as Entrywise, Value};
use sparsec_program::program::{BlockKind, View};
use sparsec_program::solver::Shape;
use sparsec_runtime::Kernel;

/// See the file's head.
#[derive(Debug)]
pub struct ClosedForm;

/// Which formula.
enum Formula<'a> {
    /// Prox of each block, or softmax where there is no square.
    Prox,
    /// Normal equations.
    Quadratic(Vec<Square<'a>>),
    /// Woodbury: the term with a matrix, and the weight and centre of the other.
    Wide(Box<Square<'a>>, &'a SmoothTerm),
}

/// c‖M y − r‖² with M data (`None`: the identity), or c yᵀ Q y.
struct Square<'a> {
    coefficient: Expr,
    matrix: Option<Expr>,
    right: Option<Expr>,
    form: Option<&'a Expr>,
}

impl ClosedForm {
    /// Whether `auto` takes it: always but for plain least squares of many unknowns without a ridge, where forming DᵀD squares the condition.
    pub fn chosen_by_auto(&self, problem: Problem<'_>) -> bool {
        const LARGEST: usize = 2000;
        match formula(problem) {
            Ok(Formula::Prox) => true,
            Ok(Formula::Quadratic(_)) => problem.form.len <= LARGEST,
            Ok(Formula::Wide(square, _)) => square.matrix.is_some_and(|m| m.shape.rows_cols().0 <= LARGEST),
            Err(_) => false,
        }
    }
}

fn formula(problem: Problem<'_>) -> Result<Formula<'_>, String> {
    let form = problem.form;
    if let Some(why) = not_prox(problem) {
        if !form.unconstrained() {
            return Err(why);
        }
    } else {
        return Ok(Formula::Prox);
    }
    if form.vars.len() != 1 {
        return Err("its quadratic holds more than one unknown".to_owned());
    }
    let mut squares = Vec::new();
    for term in &form.smooth {
        let square =
            square(term).ok_or_else(|| format!("{} is not a quadratic of the unknown itself", term.at.text))?;
        squares.push((term, square));
    }
    let wide = |m: &Expr| m.shape.rows_cols().0 < m.shape.rows_cols().1;
    if let [(a, x), (b, y)] = squares.as_slice() {
        for ((term, square), (other, _)) in [((a, x), (b, y)), ((b, y), (a, x))] {
            let ridge = other.centred.as_ref().is_some_and(|c| positive(problem.model, &c.weight));
            let literal = expr::uniform(&square.coefficient).is_some_and(|c| c > 0.0);
            if term.centred.is_none() && square.matrix.as_ref().is_some_and(wide) && ridge && literal {
                let square = Square {
                    coefficient: square.coefficient.clone(),
                    matrix: square.matrix.clone(),
                    right: square.right.clone(),
                    form: None,
                };
                return Ok(Formula::Wide(Box::new(square), other));
            }
        }
    }
    Ok(Formula::Quadratic(squares.into_iter().map(|(_, s)| s).collect()))
}

/// Why the problem is not a prox, if it is not.
fn not_prox(problem: Problem<'_>) -> Option<String> {
    let form = problem.form;
    if let Some(t) = form.losses().next() {
        return Some(format!("{} is more than a multiple of ‖y − a‖²", t.at.text));
    }
    for (i, block) in form.blocks.iter().enumerate() {
        let weights: Vec<&Expr> = form.squares(i).map(|c| &c.weight).collect();
        if weights.iter().any(|w| positive(problem.model, w)) {
            continue;
        }
        let maximiser = matches!(block.sum.steps.as_slice(), [a] if a.facts().maximiser
            && positive(problem.model, &a.at.coefficient));
        if !(weights.is_empty() && maximiser) {
            let what = if weights.is_empty() { "no square" } else { "no square whose weight is known to be positive" };
            return Some(format!("there is {what} on {}", block.text));
        }
    }
    None
}

fn square(term: &SmoothTerm) -> Option<Square<'_>> {
    let t = term.affine.single()?;
    if let Quadratic::Form(q) = term.rule.quadratic()? {
        let plain = t.ops.is_empty() && term.affine.offset.is_none();
        let s = expr::scale(t.scale.clone(), t.scale.clone());
        let coefficient = expr::scale(s, term.at.coefficient.clone());
        return plain.then_some(Square { coefficient, matrix: None, right: None, form: Some(q) });
    }
    let scale = expr::uniform(&t.scale).filter(|s| *s != 0.0 && s.is_finite())?;
    let matrix = match t.ops.as_slice() {
        [] => None,
        [op] => match (&op.kind, op.input) {
            (OpKind::Left(m), Shape::Vector(_) | Shape::Scalar) => Some(m.clone()),
            _ => return None,
        },
        _ => return None,
    };
    let coefficient = expr::scale(expr::number(scale * scale), term.at.coefficient.clone());
    let right = term.affine.offset.clone().map(|b| expr::scale(expr::number(-1.0 / scale), b));
    Some(Square { coefficient, matrix, right, form: None })
}

impl Algorithm for ClosedForm {
    fn name(&self) -> &'static str {
        "closed_form"
    }
    fn doc(&self) -> String {
        crate::calculus::head(include_str!("closed_form.rs"))
    }
    fn fits(&self, problem: Problem<'_>, _options: &Options) -> Result<(), String> {
        formula(problem).map(|_| ())
    }
    fn ending(&self, _options: &Options) -> Ending {
        Ending { exact_steps: Some(1), ..Ending::default() }
    }
    fn iteration(&self, problem: Problem<'_>, _options: &Options) -> String {
        match formula(problem) {
            Ok(Formula::Prox) if problem.form.smooth.is_empty() => {
                "the maximiser of a linear function less the penalty, by the gradient of the penalty's conjugate"
                    .to_owned()
            }
            Ok(Formula::Prox) => "the problem is itself a prox (or projection) of a known point".to_owned(),
            Ok(Formula::Quadratic(_)) => "a quadratic: the normal equations by Cholesky".to_owned(),
            Ok(Formula::Wide(square, _)) => {
                let m = square.matrix.map_or(0, |m| m.shape.rows_cols().0);
                format!("a ridge with fewer rows than columns: the {m}×{m} system of Woodbury's identity")
            }
            Err(why) => why,
        }
    }
    fn lower(&self, cx: &mut Emit<'_>, problem: Problem<'_>, _plan: &Plan, frame: &Frame) {
        let form = problem.form;
        cx.b.at(BlockKind::Prepare);
        let v = cx.b.state("v", form.len, "the answer, all unknowns below each other");
        cx.b.fill(v, 0.0);
        cx.b.at(BlockKind::Step);
        match formula(problem) {
            Ok(Formula::Prox) => prox(cx, problem, v),
            Ok(Formula::Quadratic(squares)) => quadratic(cx, problem, &squares, v),
            Ok(Formula::Wide(square, ridge)) => wide(cx, problem, &square, ridge, v),
            // `fits` was asked before.
            Err(_) => {}
        }
        cx.b.at(BlockKind::Stop);
        let measured = cx.measure(form, v);
        frame.keep_measured(cx, v, &measured, true);
    }
}

fn linear(cx: &mut Emit<'_>, problem: Problem<'_>) -> Option<View> {
    if problem.form.linear.is_empty() {
        return None;
    }
    let l = cx.b.scratch("linear", problem.form.len);
    cx.adjoint_sum(problem.form, &[], 1.0, l);
    Some(l)
}

fn prox(cx: &mut Emit<'_>, problem: Problem<'_>, v: View) {
    let form = problem.form;
    let l = linear(cx, problem);
    for (i, block) in form.blocks.iter().enumerate() {
        let out = v.slice(block.offset, block.len);
        let l = l.map(|l| l.slice(block.offset, block.len));
        let squares: Vec<_> = form.squares(i).collect();
        if squares.is_empty() {
            let Some(atom) = block.sum.steps.first() else {
                continue;
            };
            let u = cx.b.scratch("scores", block.len);
            cx.b.set(u, l.map_or_else(|| 0.0.into(), |l| -l));
            let (inner, on) = (cx.dual_argument(atom, u), atom.at.layout);
            let (c, best) = (cx.value(&atom.at.coefficient), cx.b.scratch("best", u.len));
            atom.rule.maximiser(cx, on.as_rows(), c, inner, best);
            cx.from_inner(&atom.argument, on, best, out);
            continue;
        }
        let parts: Vec<(Value, Value)> = squares
            .iter()
            .map(|c| {
                let centre =
                    c.centre.clone().unwrap_or_else(|| expr::literal(vec![0.0; block.len], Shape::Vector(block.len)));
                (cx.value(&c.weight), Value::View(cx.data(&centre)))
            })
            .collect();
        let (target, gamma) = cx.centred_target(&parts, l.map(|l| (l, -0.5)));
        cx.prox_block(block, target, gamma, out);
    }
}

/// H y = q with H = Σ 2 c MᵀM + Σ 2 c Q, q = Σ 2 c Mᵀr − l, and two rounds of refinement.
fn quadratic(cx: &mut Emit<'_>, problem: Problem<'_>, squares: &[Square<'_>], v: View) {
    let form = problem.form;
    let n = form.len;
    let level = squares
        .iter()
        .map(|s| {
            let data = [s.matrix.as_ref(), s.form].into_iter().flatten().map(|m| m.depends);
            data.fold(s.coefficient.depends, Depends::max)
        })
        .max()
        .unwrap_or(Depends::Literal);
    let parts: Vec<(Value, Option<View>)> = squares
        .iter()
        .map(|s| {
            let c = cx.value(&s.coefficient);
            let gram = match (&s.matrix, s.form) {
                (Some(m), _) => Some(gram(cx, m)),
                (None, Some(q)) => Some(cx.data(q)),
                (None, None) => None,
            };
            (c, gram)
        })
        .collect();
    let rooms = [("factor", n, n), ("order", n, 1), ("scale", n, 1)];
    let factor = cx.once(Key::Whole(Whole::NormalEquations), level, &rooms, |cx, out| {
        let (sum, h) = (cx.b.scratch("sum", n * n), cx.b.scratch("hessian", n * n));
        let from_zero = |parts: Vec<Entrywise>| Entrywise::sum(std::iter::once(0.0.into()).chain(parts));
        let dense = parts.iter().filter_map(|(c, g)| Some(2.0 * (*c * (*g)?))).collect();
        cx.b.set(sum, from_zero(dense));
        let diagonal = cx.b.scratch("diagonal", 1);
        let of_identity = parts.iter().filter(|(_, g)| g.is_none()).map(|(c, _)| 2.0 * *c).collect();
        cx.b.set(diagonal, from_zero(of_identity));
        cx.b.kernel(Kernel::AddDiagonal, &[n], &[sum, diagonal], &[h]);
        // Scaled to a unit diagonal, so that the units of the unknowns do not decide the rank.
        let scaled = cx.b.scratch("scaled", n * n);
        cx.b.kernel(Kernel::Equilibrate, &[n], &[h], &[out[2], scaled]);
        cx.b.kernel(Kernel::PsdFactor, &[n], &[scaled], &[out[0], out[1]]);
    });
    let s = factor[2];
    let (g, d, work) = (cx.b.scratch("grad", n), cx.b.scratch("correction", n), cx.b.scratch("work", n));
    // From 0, y ← y − H⁻¹ ∇: the first round solves, the next two refine.
    for _ in 0..3 {
        cx.gradient(form, v, g);
        let sg = cx.b.scratch("scaled_gradient", n);
        cx.b.set(sg, s * g);
        cx.b.kernel(Kernel::PsdSolve, &[n], &[factor[0], factor[1], sg], &[d, work]);
        cx.b.set(v, v - s * d);
    }
}

/// MᵀM
fn gram(cx: &mut Emit<'_>, m: &Expr) -> View {
    let (rows, cols) = m.shape.rows_cols();
    let (of, transposed) = match &m.kind {
        ExprKind::Transpose(of) => (cx.data(of), true),
        _ => (cx.data(m), false),
    };
    let kernel = if transposed { Kernel::GemmNt } else { Kernel::GemmTn };
    cx.kernel_once(&["gram"], kernel, &[cols, rows, cols], &[of, of])[0]
}

/// (M Mᵀ + (w/c) I) α = r − M a', y = a' + Mᵀ α, a' = a − l/(2w).
fn wide(cx: &mut Emit<'_>, problem: Problem<'_>, square: &Square<'_>, ridge: &SmoothTerm, v: View) {
    let (Some(matrix), Some(centred)) = (&square.matrix, &ridge.centred) else {
        return;
    };
    let (m_rows, n) = matrix.shape.rows_cols();
    let weight = cx.value(&centred.weight);
    let c = cx.value(&square.coefficient);
    let a_view = cx.data(matrix);
    let outer = cx.kernel_once(&["outer"], Kernel::GemmNt, &[m_rows, n, m_rows], &[a_view, a_view])[0];
    let level = centred.weight.depends.max(matrix.depends);
    let factor =
        cx.once(Key::Whole(Whole::Woodbury), level, &[("factor", m_rows, m_rows), ("order", m_rows, 1)], |cx, out| {
            let k = cx.b.scratch("kernel", m_rows * m_rows);
            let ratio = cx.b.scratch("ratio", 1);
            cx.b.set(ratio, weight / c);
            cx.b.kernel(Kernel::AddDiagonal, &[m_rows], &[outer, ratio], &[k]);
            cx.b.kernel(Kernel::PsdFactor, &[m_rows], &[k], &[out[0], out[1]]);
        });
    let l = linear(cx, problem);
    let base = cx.b.scratch("base", n);
    let centre = centred.centre.as_ref().map_or(Value::Literal(0.0), |a| cx.value(a));
    cx.b.set(base, l.map_or_else(|| centre.into(), |l| centre - 0.5 * l / weight));
    let image = cx.b.scratch("image", m_rows);
    cx.b.kernel(Kernel::Gemv, &[m_rows, n], &[a_view, base], &[image]);
    let rhs = cx.b.scratch("rhs", m_rows);
    let right = square.right.as_ref().map_or(Value::Literal(0.0), |r| cx.value(r));
    cx.b.set(rhs, right - image);
    let (alpha, work) = (cx.b.scratch("alpha", m_rows), cx.b.scratch("work", m_rows));
    cx.b.kernel(Kernel::PsdSolve, &[m_rows], &[factor[0], factor[1], rhs], &[alpha, work]);
    let back = cx.b.scratch("back", n);
    cx.b.kernel(Kernel::GemvT, &[m_rows, n], &[a_view, alpha], &[back]);
    cx.b.set(v, base + back);
}
