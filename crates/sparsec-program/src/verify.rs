//! The verifier: a program that it accepts can be run by every executor without a further check.
//!
//! # Rules
//!
//! | rule | what it asks |
//! |---|---|
//! | `name` | a buffer's name is letters, digits and `_`, starts with a letter, and is unique; names and docs are one line |
//! | `size` | every buffer has at least one element; storage and workspace together with their gaps stay below [`MAX_LEN`] |
//! | `table` | a table has as many numbers as elements, none of them NaN |
//! | `view` | a view is of a buffer that exists, is not empty and lies within it; scalar operands have length 1 |
//! | `literal` | literals may be infinite, never NaN |
//! | `map-length` | a map has at least one element; its element loads and its stores have its length |
//! | `node-order` | an operand's index is smaller than its user's; stored and reduced nodes exist |
//! | `map-alias` | what a map stores overlaps nothing else that it writes, and is loaded only as the same view; a reduction's target may be loaded as a scalar only (that gives the old value) |
//! | `kernel-signature` | sizes are positive, and slices have the number and the lengths of the kernel's table |
//! | `kernel-alias` | outputs overlap neither each other nor an input |
//! | `loop-times` | a loop runs at least once |
//! | `depth` | branches and loops nest at most [`MAX_DEPTH`] deep |
//! | `role-write` | consts, tables and params are written by no block; derived buffers only by `setup`; state and outputs by every block but `setup` |
//! | `role-read` | `setup` reads no param, state or output |
//! | `initialised` | scratch is written earlier in the same block, on every path, before it is read, and derived buffers likewise in `setup`; what a kernel leaves in `work` counts as not written, and its `into` as read |
//!
//! [`MAX_LEN`]: crate::layout::MAX_LEN

use crate::layout::{Layout, MAX_LEN};
use crate::program::{BlockKind, Condition, Instr, KernelCall, Map, Node, NodeId, Program, Role, Scalar, View};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// How deep branches and loops may nest.
pub const MAX_DEPTH: usize = 64;

/// A program that the verifier has accepted. Only [`verify`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified(Program);

impl Verified {
    /// The program.
    pub fn program(&self) -> &Program {
        &self.0
    }

    /// Gives the program back, to be changed and verified again.
    pub fn into_program(self) -> Program {
        self.0
    }
}

/// A rule that is broken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// The broken rule's name.
    pub rule: &'static str,
    /// Where: `step[3].then[0]`, or a buffer.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} (rule `{}`)", self.place, self.message, self.rule)
    }
}

impl std::error::Error for VerifyError {}

type Result<T> = std::result::Result<T, VerifyError>;

/// Checks a program; the first broken rule is the error.
pub fn verify(program: Program) -> Result<Verified> {
    check_buffers(&program)?;
    check_depth(&program)?;
    let mut derived = Written::nothing(program.buffers.len());
    for block in BlockKind::ALL {
        let mut checker = Checker { program: &program, block, path: Vec::new(), written: derived.clone() };
        checker.inner(block.name(), &program.blocks[block as usize])?;
        if block == BlockKind::Setup {
            let Checker { written, .. } = checker;
            derived = written;
            for (ranges, buffer) in derived.of.iter_mut().zip(&program.buffers) {
                if buffer.role != Role::Derived {
                    ranges.clear();
                }
            }
        }
    }
    Ok(Verified(program))
}

fn check_buffers(program: &Program) -> Result<()> {
    let fail = |rule, place: &str, message: String| Err(VerifyError { rule, place: place.to_owned(), message });
    if program.name.contains(['\n', '\r']) {
        return fail("name", "program", "the program's name is not one line".to_owned());
    }
    let mut names = HashSet::new();
    for buffer in &program.buffers {
        let name = buffer.name.as_str();
        if !is_identifier(name) {
            return fail("name", name, format!("`{name}` is not a name"));
        }
        if !names.insert(name) {
            return fail("name", name, format!("two buffers are named `{name}`"));
        }
        if buffer.doc.contains(['\n', '\r']) {
            return fail("name", name, "the description is not one line".to_owned());
        }
        if buffer.rows == 0 || buffer.cols == 0 {
            return fail("size", name, format!("the shape {}×{} has no element", buffer.rows, buffer.cols));
        }
    }
    if Layout::checked(program).is_none() {
        return fail("size", "program", format!("the buffers need more than {MAX_LEN} elements"));
    }
    for buffer in &program.buffers {
        if let Role::Table(values) = &buffer.role {
            if values.len() != buffer.len() {
                let message = format!("{} numbers for {} elements", values.len(), buffer.len());
                return fail("table", &buffer.name, message);
            }
            if let Some(i) = values.iter().position(|v| v.is_nan()) {
                return fail("table", &buffer.name, format!("number {i} is NaN"));
            }
        }
    }
    Ok(())
}

/// Depth first, with a list in place of recursion: the other checks may then recurse.
fn check_depth(program: &Program) -> Result<()> {
    for block in BlockKind::ALL {
        let mut open: Vec<(&[Instr], usize)> = vec![(&program.blocks[block as usize], 0)];
        while let Some((body, depth)) = open.pop() {
            if depth > MAX_DEPTH {
                let message = format!("branches or loops are nested deeper than {MAX_DEPTH}");
                return Err(VerifyError { rule: "depth", place: block.name().to_owned(), message });
            }
            for instr in body {
                match instr {
                    Instr::Map(_) | Instr::Kernel(_) => {}
                    Instr::If { then, otherwise, .. } => {
                        open.extend([(&then[..], depth + 1), (&otherwise[..], depth + 1)])
                    }
                    Instr::Loop { body, .. } => open.push((body, depth + 1)),
                }
            }
        }
    }
    Ok(())
}

/// Letters, digits and `_`, a letter first.
pub(crate) fn is_identifier(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_alphabetic) && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Parts of a buffer: sorted, disjoint, not adjacent ranges.
type Ranges = Vec<(usize, usize)>;

/// Parts of buffers that are known to be written.
#[derive(Clone, Debug)]
struct Written {
    of: Vec<Ranges>,
    /// What buffers had before they changed, in open branches.
    before: Vec<(usize, Ranges)>,
    branches: usize,
}

impl Written {
    fn nothing(buffers: usize) -> Self {
        Written { of: vec![Ranges::new(); buffers], before: Vec::new(), branches: 0 }
    }

    fn change(&mut self, buffer: usize, to: Ranges) {
        let before = std::mem::replace(&mut self.of[buffer], to);
        if self.branches > 0 {
            self.before.push((buffer, before));
        }
    }

    fn add(&mut self, view: View) {
        if self.contains(view) {
            return;
        }
        let (mut start, mut end) = (view.offset, view.offset + view.len);
        let mut ranges = self.of[view.buffer.0 as usize].clone();
        ranges.retain(|&(s, e)| {
            let apart = e < start || end < s;
            if !apart {
                start = start.min(s);
                end = end.max(e);
            }
            apart
        });
        let at = ranges.partition_point(|&(s, _)| s < start);
        ranges.insert(at, (start, end));
        self.change(view.buffer.0 as usize, ranges);
    }

    fn remove(&mut self, view: View) {
        let (start, end) = (view.offset, view.offset.saturating_add(view.len));
        let Some(ranges) = self.of.get(view.buffer.0 as usize) else { return };
        let cut = ranges.iter().flat_map(|&(s, e)| [(s, e.min(start)), (s.max(end), e)]);
        let left = cut.filter(|(s, e)| s < e).collect();
        self.change(view.buffer.0 as usize, left);
    }

    fn contains(&self, view: View) -> bool {
        let (start, end) = (view.offset, view.offset + view.len);
        self.of[view.buffer.0 as usize].iter().any(|&(s, e)| s <= start && end <= e)
    }

    /// A branch begins: what it changes can be taken back.
    fn open(&mut self) -> usize {
        self.branches += 1;
        self.before.len()
    }

    /// Takes back what changed since a branch began; what it came to, by buffers in ascending order.
    fn take_back(&mut self, since: usize) -> BTreeMap<usize, Ranges> {
        self.branches -= 1;
        let mut after = BTreeMap::new();
        for (buffer, before) in self.before.drain(since..).rev() {
            let now = std::mem::replace(&mut self.of[buffer], before);
            after.entry(buffer).or_insert(now);
        }
        after
    }

    /// Keeps what both branches wrote; a buffer that one did not change is there as it was.
    fn join(&mut self, mut then: BTreeMap<usize, Ranges>, mut otherwise: BTreeMap<usize, Ranges>) {
        let changed: BTreeSet<usize> = then.keys().chain(otherwise.keys()).copied().collect();
        for buffer in changed {
            let after =
                |of: &mut BTreeMap<usize, Ranges>| of.remove(&buffer).unwrap_or_else(|| self.of[buffer].clone());
            let both = intersection(&after(&mut then), &after(&mut otherwise));
            self.change(buffer, both);
        }
    }
}

/// What is in both.
fn intersection(a: &[(usize, usize)], b: &[(usize, usize)]) -> Ranges {
    let pairs = a.iter().flat_map(|x| b.iter().map(move |y| (x.0.max(y.0), x.1.min(y.1))));
    pairs.filter(|(start, end)| start < end).collect()
}

/// Visits the kernel calls of a body. Called below [`MAX_DEPTH`] only.
fn for_each_kernel(body: &[Instr], visit: &mut impl FnMut(&KernelCall)) {
    for instr in body {
        match instr {
            Instr::Map(_) => {}
            Instr::Kernel(call) => visit(call),
            Instr::If { then, otherwise, .. } => {
                for_each_kernel(then, visit);
                for_each_kernel(otherwise, visit);
            }
            Instr::Loop { body, .. } => for_each_kernel(body, visit),
        }
    }
}

/// Two views of a map that break the rule `map-alias`: what is written, and what overlaps it.
pub(crate) fn map_alias(map: &Map) -> Option<(View, View)> {
    let stored = map.stores.iter().map(|s| (s.to, true));
    let mut targets: Vec<(View, bool)> = stored.chain(map.reductions.iter().map(|r| (r.to, false))).collect();
    // In the order of their places, so that neighbours tell of overlaps and a search finds what a load meets.
    targets.sort_by_key(|(v, _)| (v.buffer.0, v.offset));
    if let Some(pair) = targets.windows(2).find(|pair| pair[0].0.overlaps(pair[1].0)) {
        return Some((pair[0].0, pair[1].0));
    }
    for node in &map.nodes {
        let (Node::Element(load) | Node::Scalar(load)) = *node else { continue };
        let scalar = matches!(node, Node::Scalar(_)) || map.len == 1;
        let ends_before = |to: &View| (to.buffer.0, to.offset + to.len) <= (load.buffer.0, load.offset);
        let first = targets.partition_point(|(to, _)| ends_before(to));
        let met = targets[first..].iter().take_while(|(to, _)| to.overlaps(load));
        // A place may be read and written element by element; a sum only where the old one is read as a scalar.
        let clash = met.into_iter().find(|(to, store)| !(*to == load && (*store || scalar)));
        if let Some((to, _)) = clash {
            return Some((*to, load));
        }
    }
    None
}

struct Checker<'a> {
    program: &'a Program,
    block: BlockKind,
    /// Instructions from a block down to this one: which body, and where in it.
    path: Vec<(&'static str, usize)>,
    written: Written,
}

impl Checker<'_> {
    fn fail<T>(&self, rule: &'static str, message: String) -> Result<T> {
        let place: Vec<String> = self.path.iter().map(|(name, i)| format!("{name}[{i}]")).collect();
        Err(VerifyError { rule, place: place.join("."), message })
    }

    fn inner(&mut self, name: &'static str, body: &[Instr]) -> Result<()> {
        for (i, instr) in body.iter().enumerate() {
            self.path.push((name, i));
            self.instr(instr)?;
            self.path.pop();
        }
        Ok(())
    }

    fn instr(&mut self, instr: &Instr) -> Result<()> {
        match instr {
            Instr::Map(map) => self.map(map),
            Instr::Kernel(call) => self.kernel(call),
            Instr::If { condition, then, otherwise } => {
                self.condition(condition)?;
                let since = self.written.open();
                self.inner("then", then)?;
                let after_then = self.written.take_back(since);
                let since = self.written.open();
                self.inner("else", otherwise)?;
                let after_else = self.written.take_back(since);
                self.written.join(after_then, after_else);
                Ok(())
            }
            Instr::Loop { times, until, body } => {
                if *times == 0 {
                    return self.fail("loop-times", "a loop that never runs".to_owned());
                }
                // A later round finds what was written before the loop, except where the body's kernels use it as `work`.
                for_each_kernel(body, &mut |call| {
                    for (i, &output) in call.outputs.iter().enumerate() {
                        if call.kernel.is_work(i) {
                            self.written.remove(output);
                        }
                    }
                });
                self.inner("body", body)?;
                match until {
                    Some(condition) => self.condition(condition),
                    None => Ok(()),
                }
            }
        }
    }

    fn describe(&self, view: View) -> String {
        match self.program.buffers.get(view.buffer.0 as usize) {
            Some(buffer) => format!("{}[{}..{}]", buffer.name, view.offset, view.offset.saturating_add(view.len)),
            None => format!("buffer {}", view.buffer.0),
        }
    }

    fn view(&self, view: View) -> Result<()> {
        let Some(buffer) = self.program.buffers.get(view.buffer.0 as usize) else {
            return self.fail("view", format!("there is no buffer {}", view.buffer.0));
        };
        let within = view.offset.checked_add(view.len).is_some_and(|end| end <= buffer.len());
        if view.len == 0 || !within {
            let message =
                format!("{} is empty or not within the buffer's {} elements", self.describe(view), buffer.len());
            return self.fail("view", message);
        }
        Ok(())
    }

    fn scalar_view(&self, view: View) -> Result<()> {
        self.view(view)?;
        if view.len != 1 {
            return self.fail("view", format!("{} is used as a scalar", self.describe(view)));
        }
        Ok(())
    }

    fn literal(&self, value: f64) -> Result<()> {
        if value.is_nan() { self.fail("literal", "a literal is NaN".to_owned()) } else { Ok(()) }
    }

    fn read(&self, view: View) -> Result<()> {
        let role = &self.program.buffers[view.buffer.0 as usize].role;
        match role {
            Role::Const | Role::Table(_) => Ok(()),
            Role::Param | Role::State | Role::Output if self.block == BlockKind::Setup => {
                self.fail("role-read", format!("`setup` reads {}", self.describe(view)))
            }
            Role::Param | Role::State | Role::Output => Ok(()),
            Role::Derived | Role::Scratch if self.written.contains(view) => Ok(()),
            Role::Derived | Role::Scratch => {
                self.fail("initialised", format!("{} is read before it is written", self.describe(view)))
            }
        }
    }

    /// Checks that the block may write here; the caller notes the view as written.
    fn write(&self, view: View) -> Result<()> {
        let role = &self.program.buffers[view.buffer.0 as usize].role;
        let allowed = match role {
            Role::Const | Role::Table(_) | Role::Param => false,
            Role::Derived => self.block == BlockKind::Setup,
            Role::State | Role::Output => self.block != BlockKind::Setup,
            Role::Scratch => true,
        };
        if allowed {
            return Ok(());
        }
        self.fail("role-write", format!("`{}` writes {}", self.block.name(), self.describe(view)))
    }

    fn note_written(&mut self, view: View) {
        if matches!(self.program.buffers[view.buffer.0 as usize].role, Role::Derived | Role::Scratch) {
            self.written.add(view);
        }
    }

    fn condition(&self, condition: &Condition) -> Result<()> {
        for side in [condition.left, condition.right] {
            match side {
                Scalar::Literal(value) => self.literal(value)?,
                Scalar::View(view) => {
                    self.scalar_view(view)?;
                    self.read(view)?;
                }
            }
        }
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<()> {
        if map.len == 0 {
            return self.fail("map-length", "a map over nothing".to_owned());
        }
        for (i, node) in map.nodes.iter().enumerate() {
            self.node(map, i, node)?;
        }
        for store in &map.stores {
            self.view(store.to)?;
            if store.to.len != map.len {
                return self
                    .fail("map-length", format!("{} is stored over {} elements", self.describe(store.to), map.len));
            }
            self.operand(map.nodes.len(), store.value)?;
            self.write(store.to)?;
        }
        for reduction in &map.reductions {
            self.scalar_view(reduction.to)?;
            self.operand(map.nodes.len(), reduction.value)?;
            self.write(reduction.to)?;
        }
        self.map_aliases(map)?;
        for store in &map.stores {
            self.note_written(store.to);
        }
        for reduction in &map.reductions {
            self.note_written(reduction.to);
        }
        Ok(())
    }

    /// An operand of the node at `user` (or of a store, where `user` is the number of nodes).
    fn operand(&self, user: usize, operand: NodeId) -> Result<()> {
        if (operand.0 as usize) < user {
            return Ok(());
        }
        self.fail("node-order", format!("node {} is used before it is there", operand.0))
    }

    fn node(&self, map: &Map, i: usize, node: &Node) -> Result<()> {
        match *node {
            Node::Element(view) => {
                self.view(view)?;
                if view.len != map.len {
                    let message = format!("{} is loaded over {} elements", self.describe(view), map.len);
                    return self.fail("map-length", message);
                }
                self.read(view)
            }
            Node::Scalar(view) => {
                self.scalar_view(view)?;
                self.read(view)
            }
            Node::Literal(value) => self.literal(value),
            Node::Unary(_, a) => self.operand(i, a),
            Node::Binary(_, a, b) => self.operand(i, a).and_then(|()| self.operand(i, b)),
            Node::Select { a, b, then, otherwise, .. } => {
                [a, b, then, otherwise].into_iter().try_for_each(|operand| self.operand(i, operand))
            }
        }
    }

    fn map_aliases(&self, map: &Map) -> Result<()> {
        match map_alias(map) {
            None => Ok(()),
            Some((a, b)) => {
                let message = format!("{} and {} overlap in one map", self.describe(a), self.describe(b));
                self.fail("map-alias", message)
            }
        }
    }

    fn kernel(&mut self, call: &KernelCall) -> Result<()> {
        let kernel = call.kernel;
        let (Some(inputs), Some(outputs)) = (kernel.input_lens(&call.dims), kernel.output_lens(&call.dims)) else {
            let message = format!("`{kernel}` does not take the sizes {:?} for {:?}", call.dims, kernel.dims());
            return self.fail("kernel-signature", message);
        };
        let arguments = [
            ("inputs", kernel.inputs(), &*inputs, &call.inputs),
            ("outputs", kernel.outputs(), &*outputs, &call.outputs),
        ];
        for (what, names, lens, views) in arguments {
            if lens.len() != views.len() {
                let message = format!("`{kernel}` has {} {what}, not {}", lens.len(), views.len());
                return self.fail("kernel-signature", message);
            }
            for ((name, &len), &view) in names.iter().zip(lens).zip(views) {
                self.view(view)?;
                if view.len != len {
                    let message = format!("`{kernel}`: {name} has length {len}, not that of {}", self.describe(view));
                    return self.fail("kernel-signature", message);
                }
            }
        }
        call.inputs.iter().try_for_each(|&view| self.read(view))?;
        call.outputs.iter().try_for_each(|&view| self.write(view))?;
        let kept = call.outputs.iter().enumerate().filter(|(i, _)| kernel.is_kept(*i));
        kept.into_iter().try_for_each(|(_, &view)| self.read(view))?;
        for (i, &output) in call.outputs.iter().enumerate() {
            let others = call.inputs.iter().chain(&call.outputs[..i]);
            if let Some(&other) = others.into_iter().find(|other| output.overlaps(**other)) {
                let message = format!("`{kernel}`: {} overlaps {}", self.describe(output), self.describe(other));
                return self.fail("kernel-alias", message);
            }
        }
        for (i, &output) in call.outputs.iter().enumerate() {
            if kernel.is_work(i) {
                self.written.remove(output);
            } else {
                self.note_written(output);
            }
        }
        Ok(())
    }
}
