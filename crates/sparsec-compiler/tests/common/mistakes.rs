//! Rules with one mistake each.

use sparsec_compiler::calculus::{
    Facts, Kept, Layout, Metric, ProxPoint, Proxable, Separable, Smooth, Symmetric, Tangent, Words,
};
use sparsec_compiler::lower::Emit;
use sparsec_program::formula::{Formula, Value};
use sparsec_program::program::View;
use std::sync::Arc;

/// What a proxable rule gets wrong.
#[derive(Clone, Copy, Debug)]
pub enum Mistake {
    /// Half the conjugate; half its domain where it is the indicator of that.
    Conjugate,
    /// Half of what is outside of its domain.
    Outside,
    /// Half the slope that is common at a point.
    Slope,
    /// Everything is smooth.
    Smooth,
    /// Nothing is smooth.
    Rough,
    /// Half the gauge.
    Gauge,
    /// Half the value.
    Value,
    /// The prox at half the step.
    Prox,
    /// Half the Jacobian.
    Jacobian,
    /// No recession directions but 0.
    Recession,
    /// Half the growth along them.
    Growth,
    /// Everything is in the domain.
    Violation,
    /// Half the extent.
    Extent,
    /// Half the maximiser.
    Maximiser,
    /// Another fact is claimed.
    Fact(Fact),
}

/// One of the facts.
pub type Fact = fn(&mut Facts) -> &mut bool;

/// The facts by name.
pub const FACTS: &[(&str, Fact)] = &[
    ("separable", |f| &mut f.separable),
    ("homogeneous", |f| &mut f.homogeneous),
    ("radial", |f| &mut f.radial),
    ("absolute", |f| &mut f.absolute),
    ("symmetric", |f| &mut f.symmetric),
    ("nonnegative_domain", |f| &mut f.nonnegative_domain),
    ("nonnegative", |f| &mut f.nonnegative),
    ("set", |f| &mut f.set),
    ("sparse", |f| &mut f.sparse),
    ("maximiser", |f| &mut f.maximiser),
];

/// A proxable rule with a mistake.
#[derive(Debug)]
pub struct Wrong {
    pub rule: Arc<dyn Proxable>,
    pub mistake: Mistake,
}

fn halved(cx: &mut Emit, out: View) {
    cx.b.set(out, 0.5 * out);
}

impl Proxable for Wrong {
    fn name(&self) -> &'static str {
        self.rule.name()
    }
    fn facts(&self, on: Layout) -> Facts {
        let mut facts = self.rule.facts(on);
        if let Mistake::Fact(fact) = self.mistake {
            *fact(&mut facts) = true;
        }
        facts
    }
    fn value(&self, cx: &mut Emit, on: Layout, x: View, out: View) {
        self.rule.value(cx, on, x, out);
        if matches!(self.mistake, Mistake::Value) {
            halved(cx, out);
        }
    }
    fn prox(&self, cx: &mut Emit, on: Layout, v: View, t: Value, out: View) -> Kept {
        match self.mistake {
            Mistake::Prox if self.facts(on).set => {
                // A set's has no step: it is short of the projection.
                let kept = self.rule.prox(cx, on, v, t, out);
                cx.b.set(out, 0.999 * out + 0.001 * v);
                kept
            }
            Mistake::Prox => {
                let half = cx.entries("half", 1, 0.5 * t);
                self.rule.prox(cx, on, v, Value::View(half), out)
            }
            _ => self.rule.prox(cx, on, v, t, out),
        }
    }
    fn jacobian(&self, cx: &mut Emit, on: Layout, point: &ProxPoint) -> Symmetric {
        let right = self.rule.jacobian(cx, on, point);
        match (self.mistake, right) {
            (Mistake::Jacobian, Symmetric::Diagonal(d)) => {
                Symmetric::Diagonal(Value::View(cx.entries("half", on.entries(), 0.5 * d)))
            }
            (Mistake::Jacobian, Symmetric::Blocks { diagonal, direction, factor, parts }) => {
                let factor = Value::View(cx.entries("half", parts.count(), 0.5 * factor));
                let diagonal = Value::View(cx.entries("half", on.entries(), 0.5 * diagonal));
                Symmetric::Blocks { diagonal, direction, factor, parts }
            }
            (Mistake::Jacobian, Symmetric::LowRank { diagonal, rows, count, factor }) => {
                let factor = Value::View(cx.entries("half", 1, 0.5 * factor));
                Symmetric::LowRank { diagonal, rows, count, factor }
            }
            (_, right) => right,
        }
    }
    fn tangent(&self, cx: &mut Emit, on: Layout, c: Value, x: View) -> Tangent {
        let right = self.rule.tangent(cx, on, c, x);
        match self.mistake {
            Mistake::Slope => Tangent { slope: cx.entries("half", x.len, 0.5 * right.slope), ..right },
            // A kink counts as smooth.
            Mistake::Smooth => Tangent { within: Symmetric::Diagonal(Value::Literal(1.0)), ..right },
            // Nothing is smooth.
            Mistake::Rough => Tangent::new(cx.zeros(x.len), Symmetric::Diagonal(Value::Literal(0.0))),
            _ => right,
        }
    }
    fn conjugate(&self, cx: &mut Emit, on: Layout, c: Value, u: View, value: View, outside: View) {
        match self.mistake {
            Mistake::Conjugate if self.facts(on).homogeneous && self.facts(on).set => {
                // Half a cone is the cone: one entry is not looked at.
                let seen = cx.entries("seen", u.len, u);
                cx.b.fill(seen.slice(0, 1), 0.0);
                self.rule.conjugate(cx, on, c, seen, value, outside);
            }
            Mistake::Conjugate if self.facts(on).homogeneous => {
                let twice = cx.entries("twice", u.len, 2.0 * u);
                self.rule.conjugate(cx, on, c, twice, value, outside);
            }
            Mistake::Conjugate => {
                self.rule.conjugate(cx, on, c, u, value, outside);
                halved(cx, value);
            }
            Mistake::Outside => {
                self.rule.conjugate(cx, on, c, u, value, outside);
                halved(cx, outside);
            }
            _ => self.rule.conjugate(cx, on, c, u, value, outside),
        }
    }
    fn gauge(&self, cx: &mut Emit, on: Layout, c: Value, u: View, out: View) -> bool {
        let stated = self.rule.gauge(cx, on, c, u, out);
        if stated && matches!(self.mistake, Mistake::Gauge) {
            // That of a cone is 0 or infinite.
            match self.facts(on).set {
                true => cx.b.fill(out, 0.0),
                false => halved(cx, out),
            }
        }
        stated
    }
    fn maximiser(&self, cx: &mut Emit, on: Layout, c: Value, u: View, out: View) {
        self.rule.maximiser(cx, on, c, u, out);
        if matches!(self.mistake, Mistake::Maximiser) {
            halved(cx, out);
        }
    }
    fn recession(&self, cx: &mut Emit, on: Layout, d: View, out: View) {
        self.rule.recession(cx, on, d, out);
        if matches!(self.mistake, Mistake::Recession) {
            cx.b.fill(out, 0.0);
        }
    }
    fn recession_value(&self, cx: &mut Emit, on: Layout, d: View, out: View) {
        self.rule.recession_value(cx, on, d, out);
        if matches!(self.mistake, Mistake::Growth) {
            halved(cx, out);
        }
    }
    fn violation(&self, cx: &mut Emit, on: Layout, x: View, sizes: View, out: View) {
        self.rule.violation(cx, on, x, sizes, out);
        if matches!(self.mistake, Mistake::Violation) {
            cx.b.fill(out, 0.0);
        }
    }
    fn extent(&self, cx: &mut Emit) -> Option<Formula> {
        let right = self.rule.extent(cx);
        if matches!(self.mistake, Mistake::Extent) { right.map(|extent| 0.5 * extent) } else { right }
    }
    fn prox_text(&self, words: &Words) -> String {
        self.rule.prox_text(words)
    }
    fn conjugate_text(&self, words: &Words) -> String {
        self.rule.conjugate_text(words)
    }
}

/// What a smooth rule gets wrong.
#[derive(Clone, Copy, Debug)]
pub enum SmoothMistake {
    /// Half the excess.
    Excess,
    /// Nothing is clipped.
    Clip,
    /// Half the lag.
    Lag,
    /// Half the metric.
    Metric,
    /// Half the second derivative.
    Second,
    /// The Lipschitz constant times 0.4.
    Lipschitz,
    /// The Lipschitz constant times 2.
    Loose,
    /// Half the slope at infinity.
    Recession,
    /// Half the value.
    Value,
    /// Half the gradient.
    Gradient,
}

/// A smooth rule with a mistake.
#[derive(Debug)]
pub struct WrongSmooth {
    pub rule: Arc<dyn Smooth>,
    pub mistake: SmoothMistake,
}

impl Smooth for WrongSmooth {
    fn name(&self) -> &'static str {
        self.rule.name()
    }
    fn value(&self, cx: &mut Emit, on: Layout, t: View, out: View) {
        self.rule.value(cx, on, t, out);
        if matches!(self.mistake, SmoothMistake::Value) {
            halved(cx, out);
        }
    }
    fn gradient(&self, cx: &mut Emit, on: Layout, c: Value, t: View, out: View) {
        self.rule.gradient(cx, on, c, t, out);
        if matches!(self.mistake, SmoothMistake::Gradient) {
            halved(cx, out);
        }
    }
    fn second(&self, cx: &mut Emit, on: Layout, c: Value, t: View) -> Symmetric {
        let c = match self.mistake {
            SmoothMistake::Second => Value::View(cx.entries("half", 1, 0.5 * c)),
            _ => c,
        };
        self.rule.second(cx, on, c, t)
    }
    fn lipschitz(&self, cx: &mut Emit) -> Value {
        let l = self.rule.lipschitz(cx);
        match self.mistake {
            SmoothMistake::Lipschitz => cx.product(&[Value::Literal(0.4), l]),
            SmoothMistake::Loose => cx.product(&[Value::Literal(2.0), l]),
            _ => l,
        }
    }
    fn recession(&self, cx: &mut Emit, on: Layout, d: View, out: View) -> bool {
        let grows = self.rule.recession(cx, on, d, out);
        if grows && matches!(self.mistake, SmoothMistake::Recession) {
            halved(cx, out);
        }
        grows
    }
    fn scalable(&self) -> bool {
        self.rule.scalable()
    }
    fn excess(&self, cx: &mut Emit, on: Layout, c: Value, t: View, z: View, out: View) {
        self.rule.excess(cx, on, c, t, z, out);
        if matches!(self.mistake, SmoothMistake::Excess) {
            halved(cx, out);
        }
    }
    fn clip(&self, cx: &mut Emit, on: Layout, c: Value, z: View) -> Option<Formula> {
        let inside = self.rule.clip(cx, on, c, z);
        inside.filter(|_| !matches!(self.mistake, SmoothMistake::Clip))
    }
    fn lag(&self, cx: &mut Emit, on: Layout, c: Value, t: View, z: View, out: View) {
        self.rule.lag(cx, on, c, t, z, out);
        if matches!(self.mistake, SmoothMistake::Lag) {
            halved(cx, out);
        }
    }
    fn metric(&self, cx: &mut Emit, on: Layout, c: Value, t: View, coarse: View) -> Metric<'_> {
        let right = self.rule.metric(cx, on, c, t, coarse);
        let half = |cx: &mut Emit, w: Value| Value::View(cx.entries("half", w.view().map_or(1, |w| w.len), 0.5 * w));
        match (self.mistake, right) {
            (SmoothMistake::Metric, Metric::Diagonal(w)) => Metric::Diagonal(half(cx, w)),
            (SmoothMistake::Metric, Metric::Form(w, q)) => Metric::Form(half(cx, w), q),
            (SmoothMistake::Metric, Metric::FixedSum(w)) => Metric::FixedSum(cx.entries("half", w.len, 0.5 * w)),
            (_, right) => right,
        }
    }
    fn gradient_text(&self, words: &Words) -> String {
        self.rule.gradient_text(words)
    }
    fn lipschitz_text(&self, words: &Words) -> String {
        self.rule.lipschitz_text(words)
    }
    fn conjugate_text(&self, words: &Words) -> String {
        self.rule.conjugate_text(words)
    }
}

/// What a rule that is written for one entry gets wrong.
#[derive(Clone, Copy, Debug)]
pub enum EntryMistake {
    /// Half the slopes, where they are finite.
    Slopes,
    /// Half the subdifferential, where it is finite.
    Subdifferential,
}

/// A rule written for one entry with a mistake.
#[derive(Debug)]
pub struct WrongEntry {
    pub rule: Arc<dyn Proxable>,
    pub mistake: EntryMistake,
}

impl WrongEntry {
    fn right(&self) -> &dyn Separable {
        self.rule.separable().expect("a sum over entries")
    }
}

impl Separable for WrongEntry {
    fn name(&self) -> &'static str {
        self.right().name()
    }
    fn facts(&self) -> Facts {
        self.right().facts()
    }
    fn value(&self, cx: &mut Emit, x: &Formula) -> Formula {
        self.right().value(cx, x)
    }
    fn prox(&self, cx: &mut Emit, v: View, t: Value) -> Formula {
        self.right().prox(cx, v, t)
    }
    fn slope(&self, cx: &mut Emit, point: &ProxPoint) -> Formula {
        self.right().slope(cx, point)
    }
    fn slopes(&self, cx: &mut Emit, c: Value) -> [Formula; 2] {
        let right = self.right().slopes(cx, c);
        if matches!(self.mistake, EntryMistake::Slopes) { right.map(|s| 0.5 * s) } else { right }
    }
    fn subdifferential(&self, cx: &mut Emit, c: Value, x: View) -> [Formula; 2] {
        let right = self.right().subdifferential(cx, c, x);
        if matches!(self.mistake, EntryMistake::Subdifferential) { right.map(|s| 0.5 * s) } else { right }
    }
    fn maximiser(&self, cx: &mut Emit, c: Value, u: &Formula) -> Formula {
        self.right().maximiser(cx, c, u)
    }
    fn conjugate(&self, cx: &mut Emit, c: Value, u: &Formula) -> Formula {
        self.right().conjugate(cx, c, u)
    }
    fn prox_text(&self, words: &Words) -> String {
        self.right().prox_text(words)
    }
    fn conjugate_text(&self, words: &Words) -> String {
        self.right().conjugate_text(words)
    }
}
