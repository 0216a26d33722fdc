//! Maps as loops that read like hand-written ones and that LLVM vectorises.
//!
//! A map without reductions is one loop over arrays of fixed length. A map with reductions runs over blocks of 8 elements, each
//! lane with its own partial result, so that the order of the additions is the array language's and a vector register holds them.

use crate::block::{Held, Writer};
use crate::code::{Binds, Code, number, size};
use crate::memory::{node_uses, operands};
use crate::names::Scope;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote};
use sparsec_program::program::{Binary, Compare, Map, Node, NodeId, ReduceOp, Reduction, Unary, View};
use sparsec_runtime::LANES;

/// An expression deeper than this gets names for its parts.
const MAX_DEPTH: usize = 6;

/// Statements for one map.
pub(crate) fn map(writer: &Writer<'_>, map: &Map) -> TokenStream {
    MapWriter::new(writer, map).write()
}

struct MapWriter<'a, 'p> {
    writer: &'a Writer<'p>,
    map: &'a Map,
    scope: Scope,
    /// Uses of each node that counts, directly or not, for a store or a reduction.
    uses: Vec<usize>,
    /// What to write where a node is used.
    code: Vec<Code>,
}

impl<'a, 'p> MapWriter<'a, 'p> {
    fn new(writer: &'a Writer<'p>, map: &'a Map) -> Self {
        Self { writer, map, scope: writer.scope.clone(), uses: node_uses(map), code: Vec::new() }
    }

    fn write(mut self) -> TokenStream {
        let hoisted = self.hoist();
        let scalar = self.map.len == 1;
        let (index, body) =
            if scalar { (None, self.body(None)) } else { (Some(quote!(i)), self.body(Some(&quote!(i)))) };
        let stores = self.stores(index.as_ref());
        let element = quote!(#body #stores);
        if self.map.reductions.is_empty() {
            if scalar {
                return quote!(#hoisted #element);
            }
            let len = size(self.map.len);
            return quote!(#hoisted for i in 0..#len { #element });
        }
        if scalar {
            let ends = self.map.reductions.iter().map(|r| {
                let value = &self.code[r.value.0 as usize];
                let value = match r.op {
                    // The sum starts at 0: −0 becomes 0.
                    ReduceOp::Sum => {
                        Code::binary(&number(0.0, self.writer.memory.precision), quote!(+), value, Binds::Sum)
                    }
                    ReduceOp::Max | ReduceOp::Min => value.clone(),
                };
                self.writer.assign(r.to, None, &value.tokens)
            });
            return quote!(#hoisted #element #(#ends)*);
        }
        let reduced = self.reduced(&hoisted, &element);
        quote!(#reduced)
    }

    /// Scalars that are read in a loop are read once, before it.
    fn hoist(&mut self) -> TokenStream {
        self.code = vec![Code::atom(TokenStream::new()); self.map.nodes.len()];
        let mut hoisted = TokenStream::new();
        for (index, node) in self.map.nodes.iter().enumerate() {
            if self.uses[index] == 0 {
                continue;
            }
            match *node {
                Node::Literal(value) => self.code[index] = number(value, self.writer.memory.precision),
                Node::Scalar(view) => {
                    let read = self.writer.element(view, None);
                    if self.map.len == 1 || self.writer.held(view) == Held::Copy {
                        self.code[index] = read;
                    } else {
                        let name = self.scope.name(&format!("{}_now", self.writer.memory.slot(view).name));
                        let read = read.tokens;
                        hoisted.extend(quote!(let #name = #read;));
                        self.code[index] = Code::atom(name.into_token_stream());
                    }
                }
                _ => {}
            }
        }
        hoisted
    }

    /// Names for what is used more than once, and code for all nodes.
    fn body(&mut self, index: Option<&TokenStream>) -> TokenStream {
        let mut body = TokenStream::new();
        let mut depth = vec![0_usize; self.map.nodes.len()];
        let apart = self.compared_twice();
        for (at, node) in self.map.nodes.iter().enumerate() {
            if self.uses[at] == 0 || matches!(node, Node::Literal(_) | Node::Scalar(_)) && !self.must_be_named(node) {
                continue;
            }
            if !matches!(node, Node::Literal(_) | Node::Scalar(_)) {
                self.code[at] = self.node(node, index);
            }
            depth[at] = operands(node).map(|o| depth[o.0 as usize] + 1).max().unwrap_or(0);
            let named = self.uses[at] > 1 || apart[at] || depth[at] > MAX_DEPTH || self.must_be_named(node);
            if named {
                let name = self.temporary(NodeId(at as u32), node);
                let value = &self.code[at].tokens;
                body.extend(quote!(let #name = #value;));
                self.code[at] = Code::atom(name.into_token_stream());
                depth[at] = 0;
            }
        }
        body
    }

    /// What the map itself overwrites is read before.
    fn must_be_named(&self, node: &Node) -> bool {
        let mut written = self.map.stores.iter().map(|s| s.to).chain(self.map.reductions.iter().map(|r| r.to));
        match node {
            Node::Element(view) => written.any(|to| to.overlaps(*view)),
            // In a loop the scalar is read before it already.
            Node::Scalar(view) => self.map.len == 1 && written.any(|to| to.overlaps(*view)),
            _ => false,
        }
    }

    /// Operands of `a < b || a > b`, which mentions each twice.
    fn compared_twice(&self) -> Vec<bool> {
        let mut twice = vec![false; self.map.nodes.len()];
        for node in &self.map.nodes {
            if let Node::Select { compare: Compare::Ne, a, b, .. } = node {
                for id in [a, b] {
                    let leaf = matches!(self.map.nodes[id.0 as usize], Node::Literal(_) | Node::Scalar(_));
                    twice[id.0 as usize] |= !leaf;
                }
            }
        }
        twice
    }

    /// A name that says what the value is: an element of a buffer, or what becomes one.
    fn temporary(&mut self, id: NodeId, node: &Node) -> Ident {
        let memory = self.writer.memory;
        let stored = self.map.stores.iter().find(|s| s.value == id).map(|s| s.to);
        let about = match node {
            Node::Element(view) | Node::Scalar(view) => Some(*view),
            _ => stored,
        };
        match about {
            Some(view) if matches!(node, Node::Element(_) | Node::Scalar(_)) && self.map.len == 1 => {
                self.scope.name(&format!("{}_old", memory.slot(view).name))
            }
            Some(view) if self.map.len == 1 => self.scope.name(&format!("{}_new", memory.slot(view).name)),
            Some(view) => self.scope.name(&format!("{}_i", memory.slot(view).name)),
            None => self.scope.name(&format!("t{}", id.0)),
        }
    }

    fn node(&self, node: &Node, index: Option<&TokenStream>) -> Code {
        let code = |id: NodeId| &self.code[id.0 as usize];
        let call = |name: &str, arguments: &[NodeId]| {
            let name = crate::names::ident(name);
            let arguments = arguments.iter().map(|&id| &code(id).tokens);
            Code::atom(quote!(Float::#name(#(#arguments),*)))
        };
        match *node {
            Node::Element(view) => self.writer.element(view, index),
            Node::Scalar(_) | Node::Literal(_) => Code::atom(TokenStream::new()),
            Node::Unary(op, a) => match op {
                Unary::Neg => Code::negate(code(a)),
                Unary::Abs => call("abs", &[a]),
                Unary::Sqrt => call("sqrt", &[a]),
                Unary::Exp => call("exp", &[a]),
                Unary::Log => call("ln", &[a]),
                Unary::Log1p => call("ln_1p", &[a]),
            },
            Node::Binary(op, a, b) => match op {
                Binary::Add => Code::binary(code(a), quote!(+), code(b), Binds::Sum),
                Binary::Sub => Code::binary(code(a), quote!(-), code(b), Binds::Sum),
                Binary::Mul => Code::binary(code(a), quote!(*), code(b), Binds::Product),
                Binary::Div => Code::binary(code(a), quote!(/), code(b), Binds::Product),
                Binary::Min => call("min_nan", &[a, b]),
                Binary::Max => call("max_nan", &[a, b]),
            },
            Node::Select { compare, a, b, then, otherwise } => {
                let condition = comparison(compare, code(a), code(b));
                let (then, otherwise) = (&code(then).tokens, &code(otherwise).tokens);
                Code::branch(quote!(if #condition { #then } else { #otherwise }))
            }
        }
    }

    fn stores(&self, index: Option<&TokenStream>) -> TokenStream {
        let stores = self.map.stores.iter().map(|store| {
            let value = &self.code[store.value.0 as usize].tokens;
            self.writer.assign(store.to, index, value)
        });
        quote!(#(#stores)*)
    }

    /// The loops over blocks of 8 elements and over the elements left, then the results.
    fn reduced(&mut self, hoisted: &TokenStream, element: &TokenStream) -> TokenStream {
        let precision = self.writer.memory.precision;
        let real = precision.tokens();
        let lanes = size(LANES);
        let mut starts = TokenStream::new();
        let mut updates = TokenStream::new();
        let mut ends = TokenStream::new();
        let reductions: Vec<Reduction> = self.map.reductions.clone();
        for Reduction { op, value, to } in reductions {
            let target = &self.writer.memory.slot(to).name;
            let parts = self.scope.name(&format!("{target}_parts"));
            let value = &self.code[value.0 as usize];
            let zero = number(0.0, precision).tokens;
            let (start, update, end) = match op {
                ReduceOp::Sum => {
                    let value = &value.tokens;
                    (zero, quote!(#parts[lane] += #value;), quote!(total(#parts)))
                }
                ReduceOp::Max => {
                    let value = &value.tokens;
                    let update = quote!(#parts[lane] = Float::max_nan(#parts[lane], #value););
                    (quote!(-#real::INFINITY), update, quote!(largest(#parts)))
                }
                ReduceOp::Min => {
                    let value = &value.tokens;
                    let update = quote!(#parts[lane] = Float::min_nan(#parts[lane], #value););
                    (quote!(#real::INFINITY), update, quote!(smallest(#parts)))
                }
            };
            starts.extend(quote!(let mut #parts = [#start; #lanes];));
            updates.extend(update);
            ends.extend(self.writer.assign(to, None, &end));
        }
        let (blocks, left) = (self.map.len / LANES, self.map.len % LANES);
        let mut loops = TokenStream::new();
        let lane = indexed(element) || indexed(&updates);
        if blocks > 0 {
            let count = size(blocks);
            let index = lane.then(|| quote!(let i = #lanes * block + lane;));
            let block = if lane { quote!(block) } else { quote!(_) };
            loops.extend(quote!(for #block in 0..#count { for lane in 0..#lanes { #index #element #updates } }));
        }
        if left > 0 {
            let (count, first) = (size(left), blocks * LANES);
            let index: Option<TokenStream> = lane.then(|| {
                let first: Literal = size(first);
                if blocks == 0 { quote!(let i = lane;) } else { quote!(let i = #first + lane;) }
            });
            loops.extend(quote!(for lane in 0..#count { #index #element #updates }));
        }
        quote!(#hoisted #starts #loops #ends)
    }
}

/// True where the index `i` occurs.
fn indexed(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == "i",
        proc_macro2::TokenTree::Group(group) => indexed(&group.stream()),
        _ => false,
    })
}

/// A condition; false where a side is NaN.
pub(crate) fn comparison(compare: Compare, left: &Code, right: &Code) -> TokenStream {
    let (left, right) = (left.at_least(Binds::Sum), right.at_least(Binds::Sum));
    match compare {
        Compare::Lt => quote!(#left < #right),
        Compare::Le => quote!(#left <= #right),
        Compare::Eq => quote!(#left == #right),
        Compare::Ne => quote!(#left < #right || #left > #right),
    }
}

/// Where an element of a view lies: `i`, `i + 3`, or a number.
pub(crate) fn position(view: View, index: Option<&TokenStream>) -> TokenStream {
    let offset = size(view.offset);
    match index {
        None => quote!(#offset),
        Some(index) if view.offset == 0 => quote!(#index),
        Some(index) => quote!(#index + #offset),
    }
}
