//! Programs as text; [`parse`](crate::parse::parse) reads it back.
//!
//! ```text
//! program patch_coder {
//!     const D [64, 256] // the dictionary
//!     param x [64]
//!     table ids [3] = [0.0, 1.0, -1.0]
//!     state y [256]
//!     scratch Dy [64]
//!     state objective
//!
//!     step {
//!         Dy = gemv(rows = 64, cols = 256; D, y)
//!         map 64 {
//!             %0 = Dy[i]
//!             %1 = x[i]
//!             %2 = %0 - %1
//!             %3 = %2 * %2
//!             Dy[i] = %2
//!             objective = sum(%3)
//!         }
//!         if objective < 0.5 {
//!             …
//!         } else {
//!             …
//!         }
//!         loop 10 until objective <= 1e-8 {
//!             …
//!         }
//!     }
//! }
//! ```
//!
//! A buffer's shape is `[rows, cols]`, `[len]` for a vector, nothing for a scalar. `y` is a whole buffer, `y[3..7]` and `y[3]` are parts of
//! one. In a map, `view[i]` is element i and a view alone is a scalar. Floats are in shortest round-trip form; infinities
//! are `+inf` and `-inf`.

use crate::program::{
    Binary, BlockKind, Buffer, Compare, Condition, Instr, KernelCall, Map, Node, Program, ReduceOp, Role, Scalar,
    Unary, View,
};
use crate::verify::is_identifier;
use std::fmt::{self, Display, Formatter, Write};

impl Display for Program {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_identifier(&self.name) {
            writeln!(f, "program {} {{", self.name)?;
        } else {
            writeln!(f, "program {:?} {{", self.name)?;
        }
        for buffer in &self.buffers {
            self.buffer(f, buffer)?;
        }
        for (i, block) in BlockKind::ALL.into_iter().enumerate() {
            if i > 0 || !self.buffers.is_empty() {
                writeln!(f)?;
            }
            write!(f, "    {} ", block.name())?;
            self.body(f, &self.blocks[block as usize], 1)?;
            writeln!(f)?;
        }
        writeln!(f, "}}")
    }
}

/// The word for a role.
pub(crate) fn role_name(role: &Role) -> &'static str {
    match role {
        Role::Const => "const",
        Role::Table(_) => "table",
        Role::Derived => "derived",
        Role::Param => "param",
        Role::State => "state",
        Role::Scratch => "scratch",
        Role::Output => "output",
    }
}

/// The function's name of a unary operation.
pub(crate) fn unary_name(op: Unary) -> &'static str {
    match op {
        Unary::Neg => "neg",
        Unary::Abs => "abs",
        Unary::Sqrt => "sqrt",
        Unary::Exp => "exp",
        Unary::Log => "log",
        Unary::Log1p => "log1p",
    }
}

/// The function's name of a reduction.
pub(crate) fn reduce_name(op: ReduceOp) -> &'static str {
    match op {
        ReduceOp::Sum => "sum",
        ReduceOp::Max => "max",
        ReduceOp::Min => "min",
    }
}

/// The sign of a relation.
pub(crate) fn compare_sign(compare: Compare) -> &'static str {
    match compare {
        Compare::Lt => "<",
        Compare::Le => "<=",
        Compare::Eq => "==",
        Compare::Ne => "!=",
    }
}

/// A float in shortest form that reads back to the same bits.
struct Number(f64);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_infinite() {
            f.write_str(if self.0 > 0.0 { "+inf" } else { "-inf" })
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

/// Items with a comma between.
fn list<T>(
    f: &mut Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (i, value) in items.into_iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        item(f, value)?;
    }
    Ok(())
}

impl Program {
    fn buffer(&self, f: &mut Formatter<'_>, buffer: &Buffer) -> fmt::Result {
        write!(f, "    {} {}", role_name(&buffer.role), buffer.name)?;
        match (buffer.rows, buffer.cols) {
            (1, 1) => {}
            (rows, 1) => write!(f, " [{rows}]")?,
            (rows, cols) => write!(f, " [{rows}, {cols}]")?,
        }
        if let Role::Table(values) = &buffer.role {
            f.write_str(" = [")?;
            list(f, values, |f, &value| write!(f, "{}", Number(value)))?;
            f.write_char(']')?;
        }
        if !buffer.doc.is_empty() {
            write!(f, " // {}", buffer.doc.replace(['\n', '\r'], " "))?;
        }
        writeln!(f)
    }

    fn body(&self, f: &mut Formatter<'_>, body: &[Instr], depth: usize) -> fmt::Result {
        if body.is_empty() {
            return f.write_str("{}");
        }
        f.write_str("{\n")?;
        for instr in body {
            self.instr(f, instr, depth + 1)?;
        }
        write!(f, "{:1$}}}", "", 4 * depth)
    }

    fn instr(&self, f: &mut Formatter<'_>, instr: &Instr, depth: usize) -> fmt::Result {
        write!(f, "{:1$}", "", 4 * depth)?;
        match instr {
            Instr::Map(map) => self.map(f, map, depth)?,
            Instr::Kernel(call) => self.kernel(f, call)?,
            Instr::If { condition, then, otherwise } => {
                f.write_str("if ")?;
                self.condition(f, condition)?;
                f.write_char(' ')?;
                self.body(f, then, depth)?;
                if !otherwise.is_empty() {
                    f.write_str(" else ")?;
                    self.body(f, otherwise, depth)?;
                }
            }
            Instr::Loop { times, until, body } => {
                write!(f, "loop {times} ")?;
                if let Some(until) = until {
                    f.write_str("until ")?;
                    self.condition(f, until)?;
                    f.write_char(' ')?;
                }
                self.body(f, body, depth)?;
            }
        }
        writeln!(f)
    }

    fn view(&self, f: &mut Formatter<'_>, view: View) -> fmt::Result {
        let Some(buffer) = self.buffers.get(view.buffer.0 as usize) else {
            return write!(f, "?{}", view.buffer.0);
        };
        f.write_str(&buffer.name)?;
        if view.offset == 0 && Some(view.len) == buffer.rows.checked_mul(buffer.cols) {
            return Ok(());
        }
        match view.len {
            1 => write!(f, "[{}]", view.offset),
            len => write!(f, "[{}..{}]", view.offset, view.offset.saturating_add(len)),
        }
    }

    fn scalar(&self, f: &mut Formatter<'_>, scalar: Scalar) -> fmt::Result {
        match scalar {
            Scalar::View(view) => self.view(f, view),
            Scalar::Literal(value) => write!(f, "{}", Number(value)),
        }
    }

    fn condition(&self, f: &mut Formatter<'_>, condition: &Condition) -> fmt::Result {
        self.scalar(f, condition.left)?;
        write!(f, " {} ", compare_sign(condition.compare))?;
        self.scalar(f, condition.right)
    }

    fn kernel(&self, f: &mut Formatter<'_>, call: &KernelCall) -> fmt::Result {
        list(f, &call.outputs, |f, &view| self.view(f, view))?;
        write!(f, " = {}(", call.kernel)?;
        let names = call.kernel.dims().iter().chain(std::iter::repeat(&"_"));
        list(f, call.dims.iter().zip(names), |f, (dim, name)| write!(f, "{name} = {dim}"))?;
        f.write_str("; ")?;
        list(f, &call.inputs, |f, &view| self.view(f, view))?;
        f.write_char(')')
    }

    fn map(&self, f: &mut Formatter<'_>, map: &Map, depth: usize) -> fmt::Result {
        writeln!(f, "map {} {{", map.len)?;
        let indent = 4 * (depth + 1);
        for (i, node) in map.nodes.iter().enumerate() {
            write!(f, "{:indent$}%{i} = ", "")?;
            self.node(f, node)?;
            writeln!(f)?;
        }
        for store in &map.stores {
            write!(f, "{:indent$}", "")?;
            self.view(f, store.to)?;
            writeln!(f, "[i] = %{}", store.value.0)?;
        }
        for reduction in &map.reductions {
            write!(f, "{:indent$}", "")?;
            self.view(f, reduction.to)?;
            writeln!(f, " = {}(%{})", reduce_name(reduction.op), reduction.value.0)?;
        }
        write!(f, "{:1$}}}", "", 4 * depth)
    }

    fn node(&self, f: &mut Formatter<'_>, node: &Node) -> fmt::Result {
        match *node {
            Node::Element(view) => {
                self.view(f, view)?;
                f.write_str("[i]")
            }
            Node::Scalar(view) => self.view(f, view),
            Node::Literal(value) => write!(f, "{}", Number(value)),
            Node::Unary(op, a) => write!(f, "{}(%{})", unary_name(op), a.0),
            Node::Binary(op, a, b) => {
                let (a, b) = (a.0, b.0);
                match op {
                    Binary::Add => write!(f, "%{a} + %{b}"),
                    Binary::Sub => write!(f, "%{a} - %{b}"),
                    Binary::Mul => write!(f, "%{a} * %{b}"),
                    Binary::Div => write!(f, "%{a} / %{b}"),
                    Binary::Min => write!(f, "min(%{a}, %{b})"),
                    Binary::Max => write!(f, "max(%{a}, %{b})"),
                }
            }
            Node::Select { compare, a, b, then, otherwise } => {
                let sign = compare_sign(compare);
                write!(f, "select(%{} {sign} %{}, %{}, %{})", a.0, b.0, then.0, otherwise.0)
            }
        }
    }
}
