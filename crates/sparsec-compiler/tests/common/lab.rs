//! The rules of a problem as programs of their own, run by the interpreter on points of the tests' choice.

use sparsec_compiler::Stages;
use sparsec_compiler::calculus::Metric;
use sparsec_compiler::calculus::oracle::{Example, N, Place, ROWS};
use sparsec_compiler::composite::{Block, SmoothTerm};
use sparsec_compiler::lower::{Emit, Mode};
use sparsec_program::executor::Executor;
use sparsec_program::formula::{Entries, Value};
use sparsec_program::interpreter::Interpreter;
use sparsec_program::layout::Layout;
use sparsec_program::program::{BlockKind, BufferId, Role, View};
use sparsec_program::verify::verify;

/// A program with some inputs and outputs.
pub struct Lab {
    run: Interpreter<f64>,
    run32: Interpreter<f32>,
    storage: Vec<f64>,
    workspace: Vec<f64>,
    inputs: Vec<(usize, usize)>,
    outputs: Vec<(usize, usize)>,
}

impl Lab {
    /// `build` is given views of these lengths, and tells which views are to be read.
    pub fn new(stages: &Stages, lens: &[usize], build: impl FnOnce(&mut Emit, &[View]) -> Vec<View>) -> Self {
        let mut cx = Emit::new(&stages.model, Mode::Check);
        let views: Vec<View> = lens.iter().map(|len| cx.b.buffer("input", *len, 1, Role::Param, "")).collect();
        let results: Vec<View> = build(&mut cx, &views);
        let kept: Vec<View> = results
            .iter()
            .map(|view| {
                let out = cx.b.buffer("output", view.len, 1, Role::Output, "");
                cx.b.copy(out, *view);
                out
            })
            .collect();
        let program = verify(cx.b.finish()).unwrap_or_else(|e| panic!("{e}"));
        for (i, b) in program.program().buffers.iter().enumerate() {
            let fed = views.iter().any(|view| view.buffer == BufferId(i as u32));
            assert!(fed || !matches!(b.role, Role::Const | Role::Param), "{} is not fed", b.name);
        }
        let layout = Layout::of(&program);
        let place = |view: &View| (layout.place_view(*view).1, view.len);
        let (mut storage, mut workspace) = super::memories(&program);
        let run = Interpreter::new(&program);
        run.setup(&mut storage, &mut workspace);
        Lab {
            run,
            run32: Interpreter::new(&program),
            storage,
            workspace,
            inputs: views.iter().map(place).collect(),
            outputs: kept.iter().map(place).collect(),
        }
    }

    /// The outputs for these inputs.
    pub fn run(&mut self, inputs: &[&[f64]]) -> Vec<Vec<f64>> {
        for ((at, len), values) in self.inputs.iter().zip(inputs) {
            self.workspace[*at..at + len].copy_from_slice(values);
        }
        self.run.run(BlockKind::Finish, &self.storage, &mut self.workspace);
        self.outputs.iter().map(|(at, len)| self.workspace[*at..at + len].to_vec()).collect()
    }

    /// The same in f32, from the same storage rounded.
    pub fn run32(&mut self, inputs: &[&[f64]]) -> Vec<Vec<f64>> {
        let storage: Vec<f32> = self.storage.iter().map(|&x| x as f32).collect();
        let mut workspace = vec![0.0_f32; self.workspace.len()];
        for ((at, len), values) in self.inputs.iter().zip(inputs) {
            workspace[*at..at + len].iter_mut().zip(*values).for_each(|(to, from)| *to = *from as f32);
        }
        self.run32.run(BlockKind::Finish, &storage, &mut workspace);
        let read = |(at, len): &(usize, usize)| workspace[*at..at + len].iter().map(|x| f64::from(*x)).collect();
        self.outputs.iter().map(read).collect()
    }
}

/// The problem ½‖y − v‖² + a penalty, under a constraint, or a smooth term alone.
pub fn text(example: &Example) -> String {
    let (y, shape) = match example.unknown() {
        "Y" => ("Y", format!("matrix[{ROWS}, {}]", N / ROWS)),
        y => (y, format!("vector[{N}]")),
    };
    let square = format!("0.5*||{y}||^2");
    let (objective, constraint) = match example.place {
        Place::Smooth => (example.text.to_owned(), ""),
        Place::Penalty => (format!("{square} + {}", example.text), example.constraint),
        Place::Constraint => (square, example.text),
    };
    let constraint = if constraint.is_empty() { String::new() } else { format!("subject to {constraint}\n") };
    format!("var {y}: {shape}\nminimize {objective}\n{constraint}")
}

/// Everything that a block's rules say at points, directions and slopes.
pub struct Proxable {
    value: Lab,
    prox: Lab,
    jacobian: Lab,
    conjugate: Lab,
    tangent: Lab,
    gauge: Option<Lab>,
    recession: Lab,
    violation: Lab,
    extent: Lab,
    maximiser: Option<Lab>,
    subdifferential: Option<Lab>,
}

/// One penalty and set, with each of the block's steps.
impl Proxable {
    pub fn new(stages: &Stages, block: &Block) -> Self {
        let n = block.len;
        let steps = &block.sum.steps;
        let single = (steps.len() == 1).then(|| steps[0].clone());
        let homogeneous = single.clone().filter(|a| a.facts().homogeneous);
        let separable = single.clone().filter(|a| a.rule.separable().is_some() && a.plain());
        let maximiser = single.filter(|a| a.facts().maximiser && a.plain());
        // Where the rule states none it is searched, from 1 on.
        let mut stated = false;
        if let Some(atom) = homogeneous {
            Lab::new(stages, &[n], |cx, v| {
                let out = cx.b.scratch("gauge", 1);
                let c = cx.value(&atom.at.coefficient);
                stated = atom.rule.gauge(cx, atom.at.layout.as_rows(), c, v[0], out);
                Vec::new()
            });
        }
        Proxable {
            value: Lab::new(stages, &[n], |cx, v| {
                vec![cx.penalty_value(block, v[0]).unwrap_or_else(|| cx.table("zero", vec![0.0]))]
            }),
            prox: Lab::new(stages, &[n, 1], |cx, v| {
                let x = cx.b.scratch("x", n);
                cx.prox_block(block, v[0], Value::View(v[1]), x);
                vec![x]
            }),
            jacobian: Lab::new(stages, &[n, 1, n], |cx, v| {
                let jd = cx.b.scratch("jd", n);
                cx.jacobian_block(block, v[0], Value::View(v[1]), v[2], jd);
                vec![jd]
            }),
            conjugate: Lab::new(stages, &[n], |cx, v| {
                let (value, outside) = (cx.b.scratch("value", 1), cx.b.scratch("outside", n));
                let rule = block.sum.composed.expect("a rule for the sum");
                rule.conjugate(cx, steps, v[0], value, outside);
                vec![value, outside]
            }),
            tangent: Lab::new(stages, &[n, n, n], |cx, v| {
                let (tangent, within) = (cx.block_tangent(block, v[0], v[2]), cx.b.scratch("within", n));
                cx.project(&tangent, v[1], within);
                vec![tangent.slope, within]
            }),
            gauge: stated.then(|| Lab::new(stages, &[n], |cx, v| vec![cx.gauge(block, v[0])])),
            recession: Lab::new(stages, &[n], |cx, v| {
                let mut at = v[0];
                for atom in steps {
                    let (to, on) = (cx.b.scratch("direction", n), atom.at.layout);
                    cx.shaped(&atom.argument.unshifted(), on, at, to, |cx, x, room| {
                        atom.rule.recession(cx, on.as_rows(), x, room);
                    });
                    at = to;
                }
                let slopes: Vec<View> = steps.iter().map(|atom| cx.recession_value(atom, at)).collect();
                let total = cx.b.scratch("total", 1);
                cx.b.set(total, sparsec_program::formula::Formula::sum(slopes));
                vec![at, total]
            }),
            violation: Lab::new(stages, &[n], |cx, v| {
                let worst = cx.b.scratch("worst", 1);
                cx.b.fill(worst, 0.0);
                for atom in steps {
                    let out = cx.b.scratch("violation", 1);
                    let sizes = cx.entries("sizes", n, v[0].abs());
                    cx.atom_violation(atom, v[0], sizes, out);
                    cx.b.set(worst, worst.max(out));
                }
                vec![worst]
            }),
            extent: Lab::new(stages, &[n], |cx, v| {
                let extents: Vec<_> = steps.iter().filter_map(|atom| cx.atom_extent(atom, n)).collect();
                let none = 0.0 * v[0] + f64::INFINITY;
                vec![cx.entries("extent", n, extents.into_iter().fold(none, |least, extent| least.min(extent)))]
            }),
            subdifferential: separable.map(|atom| {
                Lab::new(stages, &[n], |cx, v| {
                    let c = cx.value(&atom.at.coefficient);
                    let sides = atom.rule.separable().map(|rule| rule.subdifferential(cx, c, v[0]));
                    sides.into_iter().flatten().map(|side| cx.entries("side", n, side)).collect()
                })
            }),
            maximiser: maximiser.map(|atom| {
                Lab::new(stages, &[n], |cx, v| {
                    let (on, c) = (atom.at.layout, cx.value(&atom.at.coefficient));
                    let (inner, best) = (cx.dual_argument(&atom, v[0]), cx.b.scratch("best", n));
                    atom.rule.maximiser(cx, on.as_rows(), c, inner, best);
                    let out = cx.b.scratch("out", n);
                    cx.from_inner(&atom.argument, on, best, out);
                    vec![out]
                })
            }),
        }
    }

    pub fn value(&mut self, x: &[f64]) -> f64 {
        self.value.run(&[x])[0][0]
    }

    pub fn prox(&mut self, v: &[f64], gamma: f64) -> Vec<f64> {
        self.prox.run(&[v, &[gamma]]).remove(0)
    }

    pub fn prox32(&mut self, v: &[f64], gamma: f64) -> Vec<f64> {
        self.prox.run32(&[v, &[gamma]]).remove(0)
    }

    pub fn jacobian(&mut self, v: &[f64], gamma: f64, d: &[f64]) -> Vec<f64> {
        self.jacobian.run(&[v, &[gamma], d]).remove(0)
    }

    /// Value, and what u has beyond the domain.
    pub fn conjugate(&mut self, u: &[f64]) -> (f64, Vec<f64>) {
        let mut found = self.conjugate.run(&[u]);
        (found[0][0], found.remove(1))
    }

    /// The slope that is common at x, and the part of d along which it is; u is a slope that tells borders from what is near them.
    pub fn tangent(&mut self, x: &[f64], d: &[f64], u: &[f64]) -> [Vec<f64>; 2] {
        self.tangent.run(&[x, d, u]).try_into().expect("two outputs")
    }

    pub fn gauge(&mut self, u: &[f64]) -> Option<f64> {
        self.gauge.as_mut().map(|lab| lab.run(&[u])[0][0])
    }

    /// The nearest direction of at most linear growth, and the growth along it.
    pub fn recession(&mut self, d: &[f64]) -> (Vec<f64>, f64) {
        let mut found = self.recession.run(&[d]);
        (found.remove(0), found[0][0])
    }

    pub fn violation(&mut self, x: &[f64]) -> f64 {
        self.violation.run(&[x])[0][0]
    }

    /// An upper bound of every |xᵢ| in the domain.
    pub fn extent(&mut self) -> Vec<f64> {
        self.extent.run(&[&[0.0; N]]).remove(0)
    }

    /// The least and the largest slope of every entry.
    pub fn subdifferential(&mut self, x: &[f64]) -> Option<[Vec<f64>; 2]> {
        self.subdifferential.as_mut().and_then(|lab| lab.run(&[x]).try_into().ok())
    }

    pub fn maximiser(&mut self, u: &[f64]) -> Option<Vec<f64>> {
        self.maximiser.as_mut().map(|lab| lab.run(&[u]).remove(0))
    }
}

/// Everything that a smooth term's rule says.
pub struct Smooth {
    scalable: bool,
    value: Lab,
    gradient: Lab,
    second: Lab,
    lipschitz: f64,
    excess: Lab,
    clip: Lab,
    lag: Lab,
    metric: Lab,
    recession: Option<Lab>,
}

impl Smooth {
    pub fn new(stages: &Stages, term: &SmoothTerm) -> Self {
        let (n, on) = (N, term.at.layout);
        let straight = Lab::new(stages, &[n], |cx, v| {
            let out = cx.b.scratch("slope", 1);
            let grows = term.rule.recession(cx, on, v[0], out);
            let says = cx.table("says", vec![f64::from(u8::from(grows))]);
            if !grows {
                cx.b.fill(out, 0.0);
            }
            let c = cx.value(&term.at.coefficient);
            cx.b.set(out, c * out);
            vec![says, out]
        });
        let mut lipschitz = Lab::new(stages, &[1], |cx, _| {
            let (l, c) = (term.rule.lipschitz(cx), cx.value(&term.at.coefficient));
            let product = cx.product(&[l, c]);
            vec![cx.as_view(product)]
        });
        let mut straight = straight;
        let grows = straight.run(&[&vec![0.0; n]])[0][0] == 1.0;
        Smooth {
            scalable: term.rule.scalable(),
            value: Lab::new(stages, &[n], |cx, v| vec![cx.smooth_value(term, v[0])]),
            gradient: Lab::new(stages, &[n], |cx, v| vec![cx.slope_at(term, v[0]).z]),
            second: Lab::new(stages, &[n, n], |cx, v| {
                let (c, out) = (cx.value(&term.at.coefficient), cx.b.scratch("hd", n));
                term.rule.second(cx, on, c, v[0]).times(cx, v[1], out);
                vec![out]
            }),
            lipschitz: lipschitz.run(&[&[0.0]])[0][0],
            excess: Lab::new(stages, &[n, n], |cx, v| {
                let (c, out) = (cx.value(&term.at.coefficient), cx.b.scratch("excess", 1));
                term.rule.excess(cx, on, c, v[0], v[1], out);
                vec![out]
            }),
            clip: Lab::new(stages, &[n], |cx, v| {
                let c = cx.value(&term.at.coefficient);
                let inside = term.rule.clip(cx, on, c, v[0]).unwrap_or(v[0].into());
                vec![cx.entries("clipped", n, inside)]
            }),
            lag: Lab::new(stages, &[n, n], |cx, v| {
                let (c, out) = (cx.value(&term.at.coefficient), cx.b.scratch("lag", n));
                term.rule.lag(cx, on, c, v[0], v[1], out);
                vec![out]
            }),
            metric: Lab::new(stages, &[n, 1, n], |cx, v| {
                let (c, out) = (cx.value(&term.at.coefficient), cx.b.scratch("wd", n));
                let metric = term.rule.metric(cx, on, c, v[0], v[1]);
                let weights = match metric {
                    Metric::Diagonal(w) | Metric::Form(w, _) => cx.as_view(w),
                    Metric::FixedSum(w) => w,
                };
                cx.metric_times(&metric, on, v[2], out);
                vec![out, weights]
            }),
            recession: grows.then_some(straight),
        }
    }

    pub fn value(&mut self, t: &[f64]) -> f64 {
        self.value.run(&[t])[0][0]
    }

    pub fn gradient(&mut self, t: &[f64]) -> Vec<f64> {
        self.gradient.run(&[t]).remove(0)
    }

    pub fn second(&mut self, t: &[f64], d: &[f64]) -> Vec<f64> {
        self.second.run(&[t, d]).remove(0)
    }

    pub fn lipschitz(&self) -> f64 {
        self.lipschitz
    }

    pub fn scalable(&self) -> bool {
        self.scalable
    }

    pub fn excess(&mut self, t: &[f64], z: &[f64]) -> f64 {
        self.excess.run(&[t, z])[0][0]
    }

    pub fn clip(&mut self, z: &[f64]) -> Vec<f64> {
        self.clip.run(&[z]).remove(0)
    }

    pub fn lag(&mut self, t: &[f64], z: &[f64]) -> Vec<f64> {
        self.lag.run(&[t, z]).remove(0)
    }

    /// W d and the weights of W.
    pub fn metric(&mut self, t: &[f64], coarse: bool, d: &[f64]) -> [Vec<f64>; 2] {
        self.metric.run(&[t, &[f64::from(u8::from(coarse))], d]).try_into().expect("two outputs")
    }

    /// The slope at infinity, where it is finite in every direction.
    pub fn recession(&mut self, d: &[f64]) -> Option<f64> {
        self.recession.as_mut().map(|lab| lab.run(&[d])[1][0])
    }
}
