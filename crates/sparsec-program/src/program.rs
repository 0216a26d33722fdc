//! The array language: fixed shapes, a static arena, five blocks.
//!
//! # Semantics (the interpreter, the Rust backend and the JIT all follow this, bit for bit)
//!
//! * A program does not say its element type; it runs in f64 or f32. Literals are rounded to it once.
//! * Nothing is contracted: `a*b + c` is two roundings, never a fused multiply-add.
//! * `Min` and `Max` return NaN if either side is NaN; of two zeros the result may be either. A comparison with NaN is false.
//! * Elements of a [`Map`] are independent; a store of element `i` may not be read through another element of the same
//!   map (a view that is stored may be loaded only as the same view).
//! * A reduction keeps [`sparsec_runtime::LANES`] = 8 partial results; element `i` goes to partial `i % 8`, in ascending `i`; a sum
//!   starts each partial at 0 (`Max` at −∞, `Min` at +∞), and they are combined as
//!   `((p0+p4)+(p2+p6)) + ((p1+p5)+(p3+p7))`. `dot`, `gemv` and the norms of the kernels use the same order.
//! * `Exp`, `Log` and the like are the runtime's own functions, never the platform's.
//!
//! # Storage
//!
//! [`Role::Const`], [`Role::Table`] and [`Role::Derived`] buffers live in the *storage*, written by the host (const, table) and the
//! `setup` block (derived) and read-only afterwards; all others live in the *workspace*, one per thread.
//! [`Layout`](crate::layout::Layout) places them.

/// Index of a buffer in [`Program::buffers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub u32);

/// What a buffer is for, and so who may write it.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// Problem data fixed when the solver is built; written by the host before `setup`.
    Const,
    /// Numbers the compiler knows (group tables, literals); written by the host before `setup`. One per element.
    Table(Vec<f64>),
    /// Computed from consts and tables by `setup`.
    Derived,
    /// Problem data of one solve; written by the host before `prepare`.
    Param,
    /// Iterates and scalars that live across blocks. Zeroed by the host before `prepare`.
    State,
    /// Values that live within one block only.
    Scratch,
    /// The answer: what `finish` (or `stop`, for the best iterate) leaves for the host. Zeroed before `prepare`.
    Output,
}

/// A buffer of fixed length.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffer {
    /// Unique within the program; an identifier of letters, digits and `_` that starts with a letter.
    pub name: String,
    /// Row-major; `(len, 1)` for a vector, `(1, 1)` for a scalar.
    pub rows: usize,
    /// See `rows`.
    pub cols: usize,
    /// What it is for.
    pub role: Role,
    /// One line for the printed program and the generated code; may be empty.
    pub doc: String,
}

impl Buffer {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.rows * self.cols
    }

    /// True for a buffer without elements (never valid in a verified program).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A contiguous part of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// Of which buffer.
    pub buffer: BufferId,
    /// First element.
    pub offset: usize,
    /// Number of elements, at least 1.
    pub len: usize,
}

impl View {
    /// The part `offset..offset + len` of this view.
    pub fn slice(self, offset: usize, len: usize) -> View {
        debug_assert!(offset + len <= self.len);
        View { buffer: self.buffer, offset: self.offset + offset, len }
    }

    /// True where the two share an element.
    pub fn overlaps(self, other: View) -> bool {
        self.buffer == other.buffer && self.offset < other.offset + other.len && other.offset < self.offset + self.len
    }
}

/// A whole problem's solver.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Program {
    /// The problem's name.
    pub name: String,
    /// All buffers.
    pub buffers: Vec<Buffer>,
    /// One list of instructions per [`BlockKind`], in its order.
    pub blocks: [Vec<Instr>; 5],
}

/// When a block runs. The host drives them; see `sparsec_runtime::drive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlockKind {
    /// Once per set of consts: Gram matrices, factorisations, Lipschitz constants. The only block that may write Derived.
    Setup,
    /// Once per solve: what depends on params, and the starting point.
    Prepare,
    /// One iteration.
    Step,
    /// Every few iterations and after the last: measures the current iterate, keeps the best one in the outputs.
    Stop,
    /// Once, after the last `stop`.
    Finish,
}

impl BlockKind {
    /// All, in the order of [`Program::blocks`].
    pub const ALL: [BlockKind; 5] =
        [BlockKind::Setup, BlockKind::Prepare, BlockKind::Step, BlockKind::Stop, BlockKind::Finish];

    /// Lower-case name, as printed.
    pub const fn name(self) -> &'static str {
        match self {
            BlockKind::Setup => "setup",
            BlockKind::Prepare => "prepare",
            BlockKind::Step => "step",
            BlockKind::Stop => "stop",
            BlockKind::Finish => "finish",
        }
    }
}

/// One instruction.
#[derive(Clone, Debug, PartialEq)]
pub enum Instr {
    /// A fused elementwise loop; with `len == 1` it is scalar arithmetic.
    Map(Map),
    /// A kernel of the runtime.
    Kernel(KernelCall),
    /// A branch on two scalars.
    If {
        /// When to take `then`.
        condition: Condition,
        /// Taken when the condition holds.
        then: Vec<Instr>,
        /// Taken otherwise (also when a side is NaN).
        otherwise: Vec<Instr>,
    },
    /// Runs `body` at least once and at most `times` times; leaves early once `until` holds after a round.
    Loop {
        /// Bound on the number of rounds, at least 1.
        times: usize,
        /// Early exit.
        until: Option<Condition>,
        /// What is repeated.
        body: Vec<Instr>,
    },
}

/// `left compare right`; false where a side is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// Relation.
    pub compare: Compare,
    /// Left side.
    pub left: Scalar,
    /// Right side.
    pub right: Scalar,
}

/// A scalar operand of a condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// A view of length 1.
    View(View),
    /// A literal.
    Literal(f64),
}

/// `out_i = f(inputs_i)` for `i` in `0..len`, with any number of stores and reductions in one pass.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Map {
    /// Number of elements.
    pub len: usize,
    /// Expression nodes; an operand's index is smaller than its user's.
    pub nodes: Vec<Node>,
    /// Element stores.
    pub stores: Vec<Store>,
    /// Reductions to scalars.
    pub reductions: Vec<Reduction>,
}

/// Index of a node in [`Map::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A node of a map's expression graph.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    /// Element `i` of a view of the map's length.
    Element(View),
    /// The one element of a view of length 1, for every `i`.
    Scalar(View),
    /// A literal.
    Literal(f64),
    /// `op a`
    Unary(Unary, NodeId),
    /// `a op b`
    Binary(Binary, NodeId, NodeId),
    /// `if a compare b then x else y`
    Select {
        /// Relation.
        compare: Compare,
        /// Left side.
        a: NodeId,
        /// Right side.
        b: NodeId,
        /// Value where it holds.
        then: NodeId,
        /// Value where it does not (also where a side is NaN).
        otherwise: NodeId,
    },
}

/// Unary operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// −a
    Neg,
    /// |a|
    Abs,
    /// √a; NaN below 0
    Sqrt,
    /// eᵃ
    Exp,
    /// ln a; −∞ at 0, NaN below
    Log,
    /// ln(1 + a)
    Log1p,
}

/// Binary operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// a + b
    Add,
    /// a − b
    Sub,
    /// a · b
    Mul,
    /// a / b
    Div,
    /// The smaller; NaN if either is.
    Min,
    /// The larger; NaN if either is.
    Max,
}

/// Relations; each is false where a side is NaN, `Ne` included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare {
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `==`
    Eq,
    /// `a < b or a > b`
    Ne,
}

/// Stores element `i` of a node to element `i` of a view of the map's length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Store {
    /// Where to.
    pub to: View,
    /// What.
    pub value: NodeId,
}

/// Reduces a node over all elements into a view of length 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reduction {
    /// How.
    pub op: ReduceOp,
    /// What.
    pub value: NodeId,
    /// Where to; written after the loop.
    pub to: View,
}

/// Reductions; see the module's text for their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReduceOp {
    /// Σ
    Sum,
    /// Largest; NaN if any is.
    Max,
    /// Smallest; NaN if any is.
    Min,
}

/// A call of a runtime kernel. Inputs may overlap each other, never an output; outputs may not overlap.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelCall {
    /// Which.
    pub kernel: sparsec_runtime::Kernel,
    /// Its sizes, in the order of its signature.
    pub dims: Vec<usize>,
    /// Input slices, in the order of its signature.
    pub inputs: Vec<View>,
    /// Output slices (scratch included), in the order of its signature.
    pub outputs: Vec<View>,
}
