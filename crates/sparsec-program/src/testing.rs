//! Random programs and inputs, and the comparison of two executors on them.
//!
//! A program runs the same in every executor except for the sign of the zero that `Min` and `Max` choose and for the bits of
//! NaN. The generated programs add 0 to what `Min` and `Max` give, and reduce magnitudes only with them, so that the results that
//! [`compare`] looks at are the same bits.

use crate::builder::{Builder, when};
use crate::executor::Executor;
use crate::formula::{Formula, Test};
use crate::layout::{Layout, Region};
use crate::program::{Binary, BlockKind, Compare, Instr, Program, ReduceOp, Role, Scalar, Unary, View};
use crate::verify::{Verified, verify};
use sparsec_runtime::{Float, Kernel};

/// Numbers from a seed (splitmix64, Steele, Lea & Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator; equal seeds give equal numbers.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `0..n`; 0 for `n == 0`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n.max(1) as u64) as usize
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Uniform in −1..1.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// One of a list that is not empty.
    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// NaN, zeros, infinities, denormals, huge and tiny numbers, ties.
    pub fn nasty(&mut self) -> f64 {
        const NASTY: [f64; 14] = [
            f64::NAN,
            0.0,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            5e-324,
            -1e-310,
            1e-40,
            1e150,
            -1e150,
            1e-150,
            1.0,
            -1.0,
            3.5,
        ];
        self.pick(&NASTY)
    }
}

/// A random program that the verifier accepts.
///
/// # Panics
/// If the verifier rejects it, which is a mistake of the generator or of the verifier.
pub fn arbitrary_program(seed: u64) -> Verified {
    let program = Generator::new(seed).program();
    match verify(program) {
        Ok(verified) => verified,
        Err(error) => panic!("the program of seed {seed} is not valid: {error}"),
    }
}

/// Storage and workspace with random consts and params: about one seed in three has nasty numbers in them.
pub fn arbitrary_memory<T: Float>(program: &Verified, seed: u64) -> (Vec<T>, Vec<T>) {
    let mut random = Random::new(seed ^ 0x5eed);
    let nasty = seed.is_multiple_of(3);
    let layout = Layout::of(program);
    let mut storage = vec![T::ZERO; layout.storage_len()];
    let mut workspace = vec![T::ZERO; layout.workspace_len()];
    layout.write_tables(program, &mut storage);
    for (i, buffer) in program.program().buffers.iter().enumerate() {
        if !matches!(buffer.role, Role::Const | Role::Param) {
            continue;
        }
        let (region, start) = layout.place(crate::program::BufferId(i as u32));
        let memory = if region == Region::Storage { &mut storage } else { &mut workspace };
        for value in &mut memory[start..start + buffer.len()] {
            let number = if nasty && random.one_in(8) { random.nasty() } else { random.uniform() };
            *value = T::from_f64(number);
        }
    }
    (storage, workspace)
}

/// Runs `setup` and `prepare`, `steps` times `step` and `stop`, and `finish`.
pub fn run<T>(executor: &impl Executor<T>, steps: usize, storage: &mut [T], workspace: &mut [T]) {
    executor.setup(storage, workspace);
    executor.run(BlockKind::Prepare, storage, workspace);
    for _ in 0..steps {
        executor.run(BlockKind::Step, storage, workspace);
        executor.run(BlockKind::Stop, storage, workspace);
    }
    executor.run(BlockKind::Finish, storage, workspace);
}

/// The first difference in what outlives a block (derived buffers, state and outputs) between two runs; NaN equals NaN.
pub fn compare<T: Float>(program: &Verified, left: (&[T], &[T]), right: (&[T], &[T])) -> Result<(), String> {
    let layout = Layout::of(program);
    for (i, buffer) in program.program().buffers.iter().enumerate() {
        if !matches!(buffer.role, Role::Derived | Role::State | Role::Output) {
            continue;
        }
        let (region, start) = layout.place(crate::program::BufferId(i as u32));
        let of = |(storage, workspace): (&[T], &[T]), k: usize| match region {
            Region::Storage => storage[start + k],
            Region::Workspace => workspace[start + k],
        };
        for k in 0..buffer.len() {
            let (a, b) = (of(left, k), of(right, k));
            if !same(a, b) {
                return Err(format!("{}[{k}] is {a:e} on the left and {b:e} on the right", buffer.name));
            }
        }
    }
    Ok(())
}

/// The same bits, or both NaN.
pub fn same<T: Float>(a: T, b: T) -> bool {
    a.to_f64().to_bits() == b.to_f64().to_bits() || (a.is_nan() && b.is_nan())
}

const LENGTHS: [usize; 12] = [1, 2, 3, 5, 7, 8, 9, 16, 17, 33, 64, 70];
const BINARY: [Binary; 6] = [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div, Binary::Min, Binary::Max];
const UNARY: [Unary; 6] = [Unary::Neg, Unary::Abs, Unary::Sqrt, Unary::Exp, Unary::Log, Unary::Log1p];
const COMPARE: [Compare; 4] = [Compare::Lt, Compare::Le, Compare::Eq, Compare::Ne];

struct Generator {
    random: Random,
    builder: Builder,
    buffers: Vec<(View, Role)>,
    /// Whole scratch and derived buffers that are written by now.
    written: Vec<View>,
    lengths: Vec<usize>,
}

impl Generator {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut lengths = vec![1];
        for _ in 0..3 {
            lengths.push(random.pick(&LENGTHS));
        }
        Self {
            random,
            builder: Builder::new(&format!("random_{seed}")),
            buffers: Vec::new(),
            written: Vec::new(),
            lengths,
        }
    }

    fn program(mut self) -> Program {
        for role in [Role::Const, Role::Derived, Role::Param, Role::State, Role::Scratch, Role::Output] {
            let most = if role == Role::State { 5 } else { 3 };
            for _ in 0..1 + self.random.below(most) {
                let len = self.length();
                self.buffer(len, role.clone());
            }
            self.buffer(1, role);
        }
        let len = self.length();
        let values = (0..len).map(|_| self.random.uniform()).collect();
        self.buffer(len, Role::Table(values));
        let mut derived = Vec::new();
        for block in BlockKind::ALL {
            self.builder.at(block);
            self.written.clone_from(&derived);
            let count = self.random.below(7);
            self.body(block, count, 0);
            if block == BlockKind::Setup {
                let is_derived =
                    |v: &View| self.buffers.iter().any(|(w, role)| w.buffer == v.buffer && *role == Role::Derived);
                derived = self.written.iter().copied().filter(is_derived).collect();
            }
        }
        self.builder.finish()
    }

    fn length(&mut self) -> usize {
        let lengths = self.lengths.clone();
        self.random.pick(&lengths)
    }

    fn buffer(&mut self, len: usize, role: Role) -> View {
        let name = match role {
            Role::Const => "const_data",
            Role::Table(_) => "table_data",
            Role::Derived => "derived_data",
            Role::Param => "param_data",
            Role::State => "state_data",
            Role::Scratch => "t",
            Role::Output => "answer",
        };
        let view = self.builder.buffer(name, len, 1, role.clone(), "");
        self.buffers.push((view, role));
        view
    }

    fn body(&mut self, block: BlockKind, count: usize, depth: usize) {
        for _ in 0..count {
            match self.random.below(10) {
                0 if depth < 3 => self.branch(block, depth),
                1 if depth < 3 => self.repeat(block, depth),
                2..4 => self.kernel(block),
                _ => self.map(block),
            }
        }
    }

    fn readable(&self, block: BlockKind) -> Vec<View> {
        let setup = block == BlockKind::Setup;
        let is_readable = |(view, role): &&(View, Role)| match role {
            Role::Const | Role::Table(_) => true,
            Role::Param | Role::State | Role::Output => !setup,
            Role::Derived | Role::Scratch => self.written.contains(view),
        };
        self.buffers.iter().filter(is_readable).map(|(view, _)| *view).collect()
    }

    fn writable(&self, block: BlockKind) -> Vec<View> {
        let setup = block == BlockKind::Setup;
        let is_writable = |(_, role): &&(View, Role)| match role {
            Role::Const | Role::Table(_) | Role::Param => false,
            Role::Derived => setup,
            Role::State | Role::Output => !setup,
            Role::Scratch => true,
        };
        self.buffers.iter().filter(is_writable).map(|(view, _)| *view).collect()
    }

    /// A part of a readable buffer, of this length.
    fn input(&mut self, block: BlockKind, len: usize) -> Option<View> {
        let fit: Vec<View> = self.readable(block).into_iter().filter(|v| v.len >= len).collect();
        if fit.is_empty() {
            return None;
        }
        let whole = self.random.pick(&fit);
        let offset = if self.random.one_in(2) { 0 } else { self.random.below(whole.len - len + 1) };
        Some(whole.slice(offset, len))
    }

    fn map(&mut self, block: BlockKind) {
        let len = self.length();
        let mut loads = Vec::new();
        for _ in 0..1 + self.random.below(4) {
            loads.extend(self.input(block, len));
        }
        let mut scalars = Vec::new();
        for _ in 0..self.random.below(3) {
            scalars.extend(self.input(block, 1));
        }
        // Written buffers are not loaded, except where the same whole view is.
        let mut stores: Vec<View> = Vec::new();
        let mut reductions: Vec<View> = Vec::new();
        let mut targets = self.writable(block);
        targets
            .retain(|to| loads.iter().chain(&scalars).all(|load| !load.overlaps(*to) || (load == to && to.len == len)));
        for _ in 0..1 + self.random.below(3) {
            let fit: Vec<View> = targets.iter().copied().filter(|to| to.len == len || to.len == 1).collect();
            if fit.is_empty() {
                break;
            }
            let to = self.random.pick(&fit);
            targets.retain(|other| *other != to);
            let loaded = loads.iter().chain(&scalars).any(|load| load.overlaps(to));
            if to.len == len && (len > 1 || loaded || self.random.one_in(2)) {
                stores.push(to);
            } else if !loaded {
                reductions.push(to);
            }
        }
        if stores.is_empty() && reductions.is_empty() {
            return;
        }
        let random = &mut self.random;
        self.builder.map(len, |m| {
            let mut nodes: Vec<Formula> = loads.iter().chain(&scalars).map(|v| (*v).into()).collect();
            let literal = if random.one_in(4) {
                random.pick(&[0.0, -0.0, 1e300, f64::INFINITY, 1e-310])
            } else {
                random.uniform()
            };
            nodes.push(literal.into());
            for _ in 0..random.below(9) {
                let node = operation(random, &nodes);
                nodes.push(node);
            }
            let last = nodes[nodes.len() - 1].clone();
            for (i, &to) in stores.iter().enumerate() {
                let value = if i == 0 { last.clone() } else { random.pick(&nodes) };
                m.store(to, value);
            }
            for &to in &reductions {
                let value = random.pick(&nodes);
                let op = random.pick(&[ReduceOp::Sum, ReduceOp::Sum, ReduceOp::Max, ReduceOp::Min]);
                let value = if op == ReduceOp::Sum { value } else { value.abs() };
                m.reduce(op, to, value);
            }
        });
        self.written.extend(stores);
        self.written.extend(reductions);
    }

    fn kernel(&mut self, block: BlockKind) {
        let kernel = self.random.pick(Kernel::ALL);
        let dims: Vec<usize> = kernel.dims().iter().map(|_| self.random.pick(&[1, 2, 3, 4, 5, 8, 9, 17])).collect();
        let (Some(inputs), Some(outputs)) = (kernel.input_lens(&dims), kernel.output_lens(&dims)) else { return };
        let role = if block == BlockKind::Setup { Role::Const } else { Role::Param };
        let mut views = Vec::new();
        for &len in inputs.iter() {
            let view = self.input(block, len);
            views.push(view.unwrap_or_else(|| self.buffer(len, role.clone())));
        }
        let setup = block == BlockKind::Setup;
        let mut targets = Vec::new();
        for (i, &len) in outputs.iter().enumerate() {
            let kept = !kernel.is_work(i) && self.random.one_in(2);
            let role = match (kept, setup) {
                (false, _) => Role::Scratch,
                (true, true) => Role::Derived,
                (true, false) => Role::State,
            };
            let target = self.buffer(len, role);
            if kernel.is_kept(i) {
                self.builder.fill(target, 0.5);
            }
            targets.push(target);
        }
        self.builder.kernel(kernel, &dims, &views, &targets);
        for (i, view) in targets.into_iter().enumerate() {
            if !kernel.is_work(i) {
                self.written.push(view);
            }
        }
    }

    fn condition(&mut self, block: BlockKind) -> crate::program::Condition {
        let literal = self.random.uniform();
        let left = self.input(block, 1).map_or(Scalar::Literal(literal), Scalar::View);
        let right = if self.random.one_in(2) { None } else { self.input(block, 1) };
        let right = right.map_or(Scalar::Literal(0.0), Scalar::View);
        when(left, self.random.pick(&COMPARE), right)
    }

    fn branch(&mut self, block: BlockKind, depth: usize) {
        let condition = self.condition(block);
        let before = self.written.clone();
        let then = self.nested(block, depth);
        self.written.clone_from(&before);
        let otherwise = if self.random.one_in(3) { Vec::new() } else { self.nested(block, depth) };
        self.written = before;
        self.builder.push(Instr::If { condition, then, otherwise });
    }

    fn repeat(&mut self, block: BlockKind, depth: usize) {
        let times = 1 + self.random.below(4);
        let body = self.nested(block, depth);
        let until = if self.random.one_in(2) { None } else { Some(self.condition(block)) };
        self.builder.push(Instr::Loop { times, until, body });
    }

    /// The instructions of a nested body.
    fn nested(&mut self, block: BlockKind, depth: usize) -> Vec<Instr> {
        let count = 1 + self.random.below(3);
        self.builder.open();
        self.body(block, count, depth + 1);
        self.builder.close()
    }
}

fn operation(random: &mut Random, nodes: &[Formula]) -> Formula {
    let (a, b) = (random.pick(nodes), random.pick(nodes));
    match random.below(8) {
        0 | 1 => Formula::unary(random.pick(&UNARY), a),
        2 => Test::new(a, random.pick(&COMPARE), b).then(random.pick(nodes), random.pick(nodes)),
        _ => {
            let op = random.pick(&BINARY);
            let value = Formula::binary(op, a, b);
            if matches!(op, Binary::Min | Binary::Max) { value + 0.0 } else { value }
        }
    }
}
