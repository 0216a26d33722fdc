//! Blocks as functions: the buffers are taken apart once, by name, then the instructions follow.

use crate::code::{Code, docs, number, size};
use crate::map::{comparison, map, position};
use crate::memory::{Area, Memory, Uses};
use crate::names::Scope;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use sparsec_program::program::{Condition, Instr, KernelCall, Scalar, View};
use std::collections::BTreeMap;

/// How a block's function holds a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// A number that the block only reads.
    Copy,
    /// `&mut` of a number.
    Number,
    /// A reference to an array.
    Array,
}

/// Writes one block.
pub(crate) struct Writer<'a> {
    pub(crate) memory: &'a Memory<'a>,
    /// Names that are taken.
    pub(crate) scope: Scope,
    uses: Uses,
}

/// A block's function.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) docs: &'static str,
    /// `&[f64; STORAGE]`, `&mut [f64; STORAGE]`, or none.
    pub(crate) storage: Option<(TokenStream, bool)>,
    /// `&mut [f64; WORKSPACE]`, or none.
    pub(crate) workspace: Option<TokenStream>,
    /// Descriptions of buffers as statements that become comments.
    pub(crate) comments: bool,
}

/// The function of a list of instructions.
pub(crate) fn function(memory: &Memory<'_>, body: &[Instr], function: &Function) -> TokenStream {
    let uses = Uses::of(body);
    let taken: Vec<String> = memory.slots.iter().map(|slot| slot.name.to_string()).collect();
    let mut names: Vec<&str> = taken.iter().map(String::as_str).collect();
    names.extend([
        "storage",
        "workspace",
        "rest",
        "i",
        "block",
        "lane",
        "part",
        "take",
        "total",
        "largest",
        "smallest",
    ]);
    let writer = Writer { memory, scope: Scope::new(&names), uses };
    let head = writer.head(function);
    let body = writer.body(body);
    let (name, docs) = (format_ident!("{}", function.name), docs(function.docs));
    let used = |area| writer.uses.all().any(|id| memory.slots[id].area == area);
    let parameter = |area, name: &str, ty: &TokenStream| {
        let name = if used(area) { format_ident!("{name}") } else { format_ident!("_{name}") };
        quote!(#name: #ty,)
    };
    let storage = function.storage.as_ref().map(|(ty, _)| parameter(Area::Storage, "storage", ty));
    let workspace = function.workspace.as_ref().map(|ty| parameter(Area::Workspace, "workspace", ty));
    quote! {
        #docs
        fn #name(#storage #workspace) { #head #body }
    }
}

impl Writer<'_> {
    /// How the block holds a view's buffer.
    pub(crate) fn held(&self, view: View) -> Held {
        self.held_buffer(view.buffer.0 as usize)
    }

    fn held_buffer(&self, id: usize) -> Held {
        match (self.memory.program.buffers[id].len(), self.uses.written.contains(&id)) {
            (1, false) => Held::Copy,
            (1, true) => Held::Number,
            _ => Held::Array,
        }
    }

    /// One element of a view: that of the loop, or the first.
    pub(crate) fn element(&self, view: View, index: Option<&TokenStream>) -> Code {
        let name = &self.memory.slot(view).name;
        match self.held(view) {
            Held::Copy => Code::atom(quote!(#name)),
            Held::Number => Code::prefix(quote!(*#name)),
            Held::Array => {
                let at = position(view, index);
                Code::atom(quote!(#name[#at]))
            }
        }
    }

    /// `view = value;`
    pub(crate) fn assign(&self, view: View, index: Option<&TokenStream>, value: &TokenStream) -> TokenStream {
        let place = self.element(view, index).tokens;
        quote!(#place = #value;)
    }

    /// Takes the arrays apart: numbers that are only read first, then the rest in the order of their places.
    fn head(&self, function: &Function) -> TokenStream {
        let mut copies = TokenStream::new();
        let mut borrows = TokenStream::new();
        let mut by_place: BTreeMap<(Area, usize), usize> = BTreeMap::new();
        for id in self.uses.all() {
            let slot = &self.memory.slots[id];
            by_place.insert((slot.area, slot.start), id);
        }
        let storage_is_mutable = function.storage.as_ref().is_some_and(|(_, mutable)| *mutable);
        for area in [Area::Storage, Area::Workspace] {
            let array = match area {
                Area::Storage => quote!(storage),
                Area::Workspace => quote!(workspace),
            };
            let shared = area == Area::Storage && !storage_is_mutable;
            let here: Vec<usize> = by_place.iter().filter(|((a, _), _)| *a == area).map(|(_, &id)| id).collect();
            let split: Vec<usize> =
                here.iter().copied().filter(|&id| !shared && self.held_buffer(id) != Held::Copy).collect();
            let mut end = 0;
            for id in here {
                let (slot, buffer) = (&self.memory.slots[id], &self.memory.program.buffers[id]);
                let (name, start, len) = (&slot.name, size(slot.start), size(buffer.len()));
                let comment = self.comment(id, function.comments);
                if self.held_buffer(id) == Held::Copy {
                    copies.extend(quote!(#comment let #name = #array[#start];));
                } else if shared {
                    borrows.extend(quote!(#comment let #name = part::<_, #len>(#array, #start);));
                } else {
                    let pattern = if buffer.len() == 1 { quote!([#name]) } else { quote!(#name) };
                    let from = if end == 0 && split.first() == Some(&id) { array.clone() } else { quote!(rest) };
                    let rest = if split.last() == Some(&id) { quote!(_) } else { quote!(rest) };
                    let skip = size(slot.start - end);
                    borrows.extend(quote!(#comment let (#pattern, #rest) = take::<_, #len>(#from, #skip);));
                    end = slot.start + buffer.len();
                }
            }
        }
        quote!(#copies #borrows)
    }

    /// A buffer's description, as a statement that the printer turns into a comment.
    fn comment(&self, id: usize, wanted: bool) -> Option<TokenStream> {
        let doc = self.memory.program.buffers[id].doc.as_str();
        (wanted && !doc.is_empty()).then(|| quote!(__sparsec_comment!(#doc);))
    }

    fn body(&self, body: &[Instr]) -> TokenStream {
        body.iter().map(|instr| self.instr(instr)).collect()
    }

    fn instr(&self, instr: &Instr) -> TokenStream {
        match instr {
            Instr::Map(m) => map(self, m),
            Instr::Kernel(call) => self.kernel(call),
            Instr::If { condition, then, otherwise } => {
                let (condition, then) = (self.condition(condition), self.body(then));
                let otherwise = (!otherwise.is_empty()).then(|| {
                    let otherwise = self.body(otherwise);
                    quote!(else { #otherwise })
                });
                quote!(if #condition { #then } #otherwise)
            }
            Instr::Loop { times, until, body } => {
                let (times, body) = (size(*times), self.body(body));
                let until = until.as_ref().map(|condition| {
                    let condition = self.condition(condition);
                    quote!(if #condition { break; })
                });
                quote!(for _ in 0..#times { #body #until })
            }
        }
    }

    fn condition(&self, condition: &Condition) -> TokenStream {
        let side = |scalar| match scalar {
            Scalar::View(view) => self.element(view, None),
            Scalar::Literal(value) => number(value, self.memory.precision),
        };
        comparison(condition.compare, &side(condition.left), &side(condition.right))
    }

    /// A call; a buffer that is an output and something else too is cut at the views first.
    fn kernel(&self, call: &KernelCall) -> TokenStream {
        let mut cuts: BTreeMap<usize, Vec<View>> = BTreeMap::new();
        for &output in &call.outputs {
            let others = call.inputs.iter().chain(&call.outputs).filter(|v| v.buffer == output.buffer && **v != output);
            let entry: Vec<View> = others.copied().chain([output]).collect();
            if entry.len() > 1 {
                cuts.insert(output.buffer.0 as usize, entry);
            }
        }
        let mut parts: Vec<(View, Ident)> = Vec::new();
        let mut cutting = TokenStream::new();
        for (id, views) in cuts {
            self.cut(id, views, &mut parts, &mut cutting);
        }
        let dims = call.dims.iter().map(|&dim| size(dim));
        let part_of = |view: View| {
            parts
                .iter()
                .find(|(part, _)| {
                    part.buffer == view.buffer
                        && part.offset <= view.offset
                        && view.offset + view.len <= part.offset + part.len
                })
                .map(|(part, name)| (view.offset - part.offset, part.len, name))
        };
        let inputs = call.inputs.iter().map(|&view| match part_of(view) {
            Some((0, len, name)) if len == view.len => quote!(#name),
            Some((at, _, name)) => {
                let (from, to) = (size(at), size(at + view.len));
                quote!(&#name[#from..#to])
            }
            None => self.input(view),
        });
        let outputs = call.outputs.iter().map(|&view| match part_of(view) {
            Some((_, _, name)) => quote!(#name),
            None => self.output(view),
        });
        let name = format_ident!("{}", call.kernel.name());
        let run = quote!(runtime::kernels::#name(#(#dims,)* #(#inputs,)* #(#outputs),*););
        if parts.is_empty() { run } else { quote!({ #cutting #run }) }
    }

    /// Cuts a buffer into the views' parts; views that overlap (inputs, which may) share one.
    fn cut(&self, id: usize, mut views: Vec<View>, parts: &mut Vec<(View, Ident)>, cutting: &mut TokenStream) {
        views.sort_by_key(|view| (view.offset, view.len));
        let mut merged: Vec<View> = Vec::new();
        for view in views {
            match merged.last_mut() {
                Some(last) if view.offset < last.offset + last.len => {
                    last.len = last.len.max(view.offset + view.len - last.offset);
                }
                _ => merged.push(view),
            }
        }
        let buffer = &self.memory.slots[id].name;
        let mut scope = self.scope.clone();
        let (mut end, mut from) = (0, quote!(#buffer));
        let last = merged.len() - 1;
        for (k, view) in merged.into_iter().enumerate() {
            let name = scope.name(&format!("{buffer}_part{k}"));
            if view.offset > end {
                let skip = size(view.offset - end);
                cutting.extend(quote!(let (_, rest) = #from.split_at_mut(#skip);));
                from = quote!(rest);
            }
            let (len, rest) = (size(view.len), if k == last { quote!(_) } else { quote!(rest) });
            cutting.extend(quote!(let (#name, #rest) = #from.split_at_mut(#len);));
            from = quote!(rest);
            end = view.offset + view.len;
            parts.push((view, name));
        }
    }

    fn input(&self, view: View) -> TokenStream {
        let name = &self.memory.slot(view).name;
        match self.held(view) {
            Held::Copy => quote!(&[#name]),
            Held::Number => quote!(::core::slice::from_ref(#name)),
            Held::Array if view.len == self.memory.buffer_len(view) => quote!(#name),
            Held::Array => {
                let (from, to) = (size(view.offset), size(view.offset + view.len));
                quote!(&#name[#from..#to])
            }
        }
    }

    fn output(&self, view: View) -> TokenStream {
        let name = &self.memory.slot(view).name;
        match self.held(view) {
            Held::Copy | Held::Number => quote!(::core::slice::from_mut(#name)),
            Held::Array if view.len == self.memory.buffer_len(view) => quote!(#name),
            Held::Array => {
                let (from, to) = (size(view.offset), size(view.offset + view.len));
                quote!(&mut #name[#from..#to])
            }
        }
    }
}
