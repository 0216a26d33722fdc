//! The generated API around the blocks: types, arguments, storage, and what is documented of them.

use crate::block::{Function, function};
use crate::code::{docs, number, numbers, size};
use crate::memory::{Area, Memory};
use crate::names::{Scope, module_name, type_name};
use crate::{Gate, Options, Precision};
use proc_macro2::{Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use sparsec_program::layout::Layout;
use sparsec_program::program::{BlockKind, BufferId, Role, View};
use sparsec_program::solver::{Domain, Input, InputKind, Output, Settings, Shape, SolverSpec};
use sparsec_program::verify::Verified;
use sparsec_runtime::Claim;
use sparsec_runtime::domain::scratch_len;
use std::collections::BTreeSet;

/// Names that mean something in the functions that take the user's arguments.
const TAKEN: &[&str] = &[
    "self",
    "Self",
    "storage",
    "workspace",
    "check",
    "report",
    "STORAGE",
    "WORKSPACE",
    "CHECK",
    "Some",
    "None",
    "Ok",
    "Err",
    "accept",
    "room",
    "part",
    "take",
    "total",
    "output",
    "tolerance",
    "largest",
    "smallest",
    "setup",
    "prepare",
    "step",
    "stop",
    "finish",
    "run",
    "runtime",
    "alloc",
    "objective",
    "gap",
];

/// Fields of a solution besides the unknowns.
const FIELDS: &[&str] =
    &["status", "objective", "bound", "gap", "certificate", "residual", "violation", "iterations", "stalled"];

/// Names of the generated types.
pub(crate) struct Types {
    pub(crate) owner: Ident,
    pub(crate) handle: Ident,
    pub(crate) solution: Ident,
    pub(crate) report: Ident,
    pub(crate) certificate: Ident,
    pub(crate) error: Ident,
}

impl Types {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            owner: format_ident!("{name}"),
            handle: format_ident!("{name}Ref"),
            solution: format_ident!("{name}Solution"),
            report: format_ident!("{name}Report"),
            certificate: format_ident!("{name}Certificate"),
            error: format_ident!("{name}Error"),
        }
    }
}

/// An input or unknown with its names in Rust.
struct Named<'a, T> {
    of: &'a T,
    /// As an argument.
    argument: Ident,
    /// As a field of the handle (of an unknown: its start).
    field: Ident,
    /// The method that sets it.
    with: Ident,
}

/// Where everything lies.
struct Plan<'a> {
    spec: &'a SolverSpec<Verified>,
    solver: Memory<'a>,
    /// The same for the block `setup`.
    setup: Memory<'a>,
    check: Memory<'a>,
    /// The same for the check's `setup`.
    check_setup: Memory<'a>,
    storage: usize,
    workspace: usize,
    /// Numbers in f64 that the check of an f32 solver works in; 0 in f64.
    check_len: usize,
    /// Room at the end of the storage for checks of consts and for `setup`.
    scratch: usize,
    /// Where the constants lie in the storage, by input.
    homes: Vec<Option<usize>>,
}

/// The whole item: a private module, and its public names re-exported.
pub(crate) fn tokens(spec: &SolverSpec<Verified>, options: &Options) -> TokenStream {
    let types = Types::new(&type_name(&spec.name));
    let plan = Plan::new(spec, options.precision);
    Emitter { options, types, plan }.emit()
}

impl<'a> Plan<'a> {
    fn new(spec: &'a SolverSpec<Verified>, precision: Precision) -> Self {
        let mut solver = Memory::of(&spec.program, precision);
        let mut check = Memory::of(&spec.check, Precision::F64);
        let (layout, check_layout) = (Layout::of(&spec.program), Layout::of(&spec.check));
        let mut storage = layout.storage_len();
        let mut workspace = solver.compact(&BlockKind::ALL[1..]);
        // Of the check's blocks `setup` and `finish` are run.
        let check_blocks: &[BlockKind] = match precision {
            Precision::F64 => &[BlockKind::Finish],
            Precision::F32 => &[BlockKind::Setup, BlockKind::Finish],
        };
        let check_workspace = check.compact(check_blocks);

        // Every const has one home in the storage, whether the solver reads it or the check alone.
        let mut homes = Vec::new();
        for input in &spec.inputs {
            let home = (input.kind == InputKind::Const).then(|| match input.buffer {
                Some(id) if solver.slots[id.0 as usize].area == Area::Storage => solver.slots[id.0 as usize].start,
                _ => {
                    let start = storage;
                    storage += input.shape.len();
                    start
                }
            });
            if let (Some(start), Some(id)) = (home, input.buffer) {
                (solver.slots[id.0 as usize].area, solver.slots[id.0 as usize].start) = (Area::Storage, start);
            }
            homes.push(home);
        }

        let mut check_len = 0;
        match precision {
            Precision::F64 => {
                for (slot, buffer) in check.slots.iter_mut().zip(&spec.check.program().buffers) {
                    match slot.area {
                        Area::Workspace => slot.start += workspace,
                        Area::Storage => {
                            slot.start = storage;
                            if !matches!(buffer.role, Role::Const) {
                                storage += buffer.len();
                            }
                        }
                    }
                }
                for (input, home) in spec.inputs.iter().zip(&homes) {
                    if let (Some(start), Some(id)) = (home, input.check_buffer) {
                        let slot = &mut check.slots[id.0 as usize];
                        (slot.area, slot.start) = (Area::Storage, *start);
                    }
                }
                workspace += check_workspace;
            }
            Precision::F32 => {
                check_len = check_layout.storage_len() + check_workspace;
                for slot in &mut check.slots {
                    if slot.area == Area::Workspace {
                        slot.start += check_layout.storage_len();
                    }
                    slot.area = Area::Workspace;
                }
            }
        }

        let room = |kind| {
            let inputs = spec.inputs.iter().filter(|input| input.kind == kind);
            inputs
                .filter_map(|input| {
                    let (rows, cols) = input.shape.rows_cols();
                    scratch_len(rows, cols, &input.domains)
                })
                .max()
                .unwrap_or(0)
        };
        let scratch = storage;
        let (setup, behind_setup) = solver.for_setup(scratch);
        let (check_setup, behind_check) = match precision {
            Precision::F64 => check.for_setup(scratch),
            Precision::F32 => (check.clone(), scratch),
        };
        let storage = behind_setup.max(behind_check).max(scratch + room(InputKind::Const)).max(1);
        let workspace = workspace.max(room(InputKind::Param)).max(1);
        Self { spec, solver, setup, check, check_setup, storage, workspace, check_len, scratch, homes }
    }

    fn has_check_setup(&self) -> bool {
        !self.spec.check.program().blocks[BlockKind::Setup as usize].is_empty()
    }

    fn block(&self, kind: BlockKind) -> &'a [sparsec_program::program::Instr] {
        &self.spec.program.program().blocks[kind as usize]
    }
}

struct Emitter<'a> {
    options: &'a Options,
    types: Types,
    plan: Plan<'a>,
}

impl<'a> Emitter<'a> {
    fn emit(&self) -> TokenStream {
        let module = module_name(&self.plan.spec.name);
        let (visibility, runtime) = (&self.options.visibility, &self.options.runtime_path);
        let code = self.module();
        let runtime = match runtime.clone().into_iter().last() {
            Some(TokenTree::Ident(last)) if last == "runtime" => runtime.clone(),
            _ => quote!(#runtime as runtime),
        };
        let imports = imports(&quote!(runtime), &code);
        let unused = self.options.gate.is_macro().then(|| quote!(#[allow(unused_imports)]));
        quote! {
            #unused
            #visibility use #module::*;
            #[allow(dead_code, non_snake_case, clippy::all, clippy::pedantic)]
            mod #module {
                use #runtime;
                #imports
                #code
            }
        }
    }

    fn module(&self) -> TokenStream {
        let spec = self.plan.spec;
        let settings = &spec.settings;
        let Types { error, certificate, report, .. } = &self.types;
        let run = run(settings);
        let (storage, workspace) = (size(self.plan.storage), size(self.plan.workspace));
        let check_len = (self.plan.check_len > 0).then(|| {
            let len = size(self.plan.check_len);
            quote! {
                /// Numbers in f64 of the memory that a check works in.
                const CHECK: usize = #len;
            }
        });
        let owner = self.owner();
        let handle = self.handle();
        let solve = self.solve_state();
        let blocks = self.blocks();
        let defaults = self.default_arrays();
        quote! {
            /// Numbers of a solver's memory.
            const STORAGE: usize = #storage;
            /// Numbers of the memory that a solve works in.
            const WORKSPACE: usize = #workspace;
            #check_len
            #owner
            #handle

            pub use runtime::generated::ArgumentError as #error;
            pub use runtime::{Certificate as #certificate, Summary as #report};

            #solve
            #blocks
            #run
            #(#defaults)*
        }
    }

    fn consts(&self) -> Vec<Named<'a, Input>> {
        self.inputs(|input| input.kind == InputKind::Const && input.default.is_none())
    }

    fn params(&self) -> Vec<Named<'a, Input>> {
        self.inputs(|input| input.kind == InputKind::Param && input.default.is_none())
    }

    fn defaulted(&self) -> Vec<Named<'a, Input>> {
        self.inputs(|input| input.kind == InputKind::Param && input.default.is_some())
    }

    /// The inputs with names that differ among all inputs and unknowns.
    fn inputs(&self, wanted: impl Fn(&Input) -> bool) -> Vec<Named<'a, Input>> {
        let (inputs, _) = self.names();
        inputs.into_iter().filter(|named| wanted(named.of)).collect()
    }

    fn outputs(&self) -> Vec<Named<'a, Output>> {
        self.names().1
    }

    fn names(&self) -> (Vec<Named<'a, Input>>, Vec<Named<'a, Output>>) {
        let spec = self.plan.spec;
        let mut arguments = Scope::new(TAKEN);
        let mut fields = Scope::new(&["storage", "tol", "max_iter"]);
        let mut methods = Scope::new(&["with_tol", "with_max_iter"]);
        let outputs = spec
            .outputs
            .iter()
            .map(|of| Named {
                of,
                argument: arguments.name(&of.canonical),
                field: fields.name(&format!("start_{}", of.canonical)),
                with: methods.name(&format!("with_start_{}", of.canonical)),
            })
            .collect();
        let inputs = spec
            .inputs
            .iter()
            .map(|of| Named {
                of,
                argument: arguments.name(&of.canonical),
                field: fields.name(&of.canonical),
                with: methods.name(&format!("with_{}", of.canonical)),
            })
            .collect();
        (inputs, outputs)
    }

    /// `&[f64]`, or `f64` for a scalar.
    fn argument_type(&self, shape: Shape) -> TokenStream {
        let real = self.options.precision.tokens();
        if shape == Shape::Scalar { quote!(#real) } else { quote!(&[#real]) }
    }

    /// The problem's own text.
    fn summary(&self) -> String {
        match self.plan.spec.docs.trim() {
            "" => format!("The problem `{}`.", self.plan.spec.name),
            text => text.to_owned(),
        }
    }

    /// The problem's own text, then its inputs and how it is solved.
    fn problem_docs(&self) -> String {
        let spec = self.plan.spec;
        let mut docs = self.summary();
        if self.options.docs {
            docs.push_str("\n\n| name | what | shape |\n|---|---|---|\n");
            for input in &spec.inputs {
                let kind = match input.kind {
                    InputKind::Const => "const",
                    InputKind::Param => "param",
                };
                docs.push_str(&format!("| `{}` | {kind} | `{}` |\n", input.name, input.shape));
            }
            for output in &spec.outputs {
                docs.push_str(&format!("| `{}` | unknown | `{}` |\n", output.name, output.shape));
            }
            docs.push_str(&format!("\nSolved with `{}`.", spec.settings.algorithm));
            let derivation = spec.derivation.trim();
            if !derivation.is_empty() {
                docs.push_str(&format!("\n\n# Derivation\n\n````text\n{derivation}\n````"));
            }
        }
        docs
    }

    /// `x`: its own text, its shape.
    fn argument_list(&self, inputs: &[Named<'a, Input>], outputs: &[Named<'a, Output>]) -> String {
        let line = |argument: &Ident, docs: &str, shape: Shape, what: &str| {
            let layout = if matches!(shape, Shape::Matrix(..)) { ", row-major" } else { "" };
            let docs = docs.trim().replace('\n', " ");
            let docs = if docs.is_empty() { docs } else { format!(": {docs}") };
            format!("\n* `{argument}`{what}, `{shape}`{layout}{docs}")
        };
        let inputs = inputs.iter().map(|n| line(&n.argument, &n.of.docs, n.of.shape, ""));
        let outputs = outputs.iter().map(|n| line(&n.argument, &n.of.docs, n.of.shape, " (written)"));
        let lines: String = inputs.chain(outputs).collect();
        if lines.is_empty() { lines } else { format!("\n{lines}") }
    }

    /// Items that exist where there is a heap, and what stands in for them where there is none.
    fn with_heap(&self, items: TokenStream, otherwise: TokenStream) -> TokenStream {
        match self.options.gate {
            Gate::Macro => quote!(runtime::if_alloc! { { #items } else { #otherwise } }),
            Gate::Cfg => {
                let items = gate_items(items, &quote!(#[cfg(not(no_alloc))]));
                let otherwise = gate_items(otherwise, &quote!(#[cfg(no_alloc)]));
                quote!(#items #otherwise)
            }
        }
    }

    /// The type that owns its storage, and the solution.
    fn owner(&self) -> TokenStream {
        let Types { owner, handle, solution, certificate, error, .. } = &self.types;
        let real = self.options.precision.tokens();
        let problem_docs = docs(&self.problem_docs());
        let consts = self.consts();
        let (argument, ty): (Vec<_>, Vec<_>) =
            consts.iter().map(|n| (&n.argument, self.argument_type(n.of.shape))).unzip();
        let new_docs = docs(&format!(
            "Checks the constants and computes what depends on them alone.{}",
            self.argument_list(&consts, &[])
        ));
        let withs = self.settings().into_iter().map(|(text, name, argument, ty, lifetime, _)| {
            let docs = docs(&text);
            let (generics, this, result) = if lifetime {
                (quote!(<'a>), quote!(&'a self), quote!(#handle<'a>))
            } else {
                (quote!(), quote!(&self), quote!(#handle<'_>))
            };
            quote! {
                #docs
                pub fn #name #generics(#this, #argument: #ty) -> #result {
                    self.as_ref().#name(#argument)
                }
            }
        });
        let (params, outputs) = (self.params(), self.outputs());
        let (param, param_ty): (Vec<_>, Vec<_>) =
            params.iter().map(|n| (&n.argument, self.argument_type(n.of.shape))).unzip();
        let solve_docs = docs(&format!("Solves.{}", self.argument_list(&params, &[])));
        let into_docs = docs(&format!(
            "Solves without allocating. The memory to work in has [`Self::WORKSPACE`] numbers.{}",
            self.argument_list(&params, &outputs)
        ));
        let into = self.memory_arguments(&outputs);
        let into_names = into.iter().map(|(name, _)| name);
        let into_args = into.iter().map(|(name, ty)| quote!(#name: #ty));
        let report = &self.types.report;
        let heap = quote! {
            extern crate alloc;

            #problem_docs
            #[derive(Clone)]
            pub struct #owner {
                storage: alloc::boxed::Box<[#real]>,
            }

            impl #owner {
                #new_docs
                pub fn new(#(#argument: #ty),*) -> Result<Self, #error> {
                    let mut storage = alloc::vec![0.0; STORAGE].into_boxed_slice();
                    #handle::new_in(&mut storage #(, #argument)*)?;
                    Ok(Self { storage })
                }

                /// The solver with its default settings, to be passed around at no cost.
                pub fn as_ref(&self) -> #handle<'_> {
                    #handle::over(part(&self.storage, 0))
                }

                #(#withs)*

                #solve_docs
                pub fn solve(&self #(, #param: #param_ty)*) -> Result<#solution, #error> {
                    self.as_ref().solve(#(#param),*)
                }

                #into_docs
                pub fn solve_into(&self #(, #param: #param_ty)* #(, #into_args)*) -> Result<#report, #error> {
                    self.as_ref().solve_into(#(#param,)* #(#into_names),*)
                }
            }

            impl ::core::fmt::Debug for #owner {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.debug_struct(::core::stringify!(#owner)).finish_non_exhaustive()
                }
            }
        };
        let no_heap_docs = docs(&format!(
            "{}\n\nWithout a heap there is no value of this type: `new_in` makes a [`{handle}`] in memory of the caller's.",
            self.summary()
        ));
        let no_heap = quote! {
            #no_heap_docs
            #[derive(Clone, Copy, Debug)]
            pub enum #owner {}
        };
        let solution_items = self.solution(solution, certificate);
        let items = self.with_heap(quote!(#heap #solution_items), no_heap);
        let in_docs = docs(&format!(
            "The same in memory of the caller's, of at least [`Self::STORAGE`] numbers; nothing is allocated.{}",
            self.argument_list(&consts, &[])
        ));
        let (storage, workspace) = (
            docs("Numbers of the memory that holds the constants and what is computed from them."),
            docs("Numbers of the memory that a solve works in."),
        );
        let check = (self.plan.check_len > 0).then(|| {
            quote! {
                /// Numbers in f64 of the memory that judges an answer.
                pub const CHECK: usize = CHECK;
            }
        });
        quote! {
            #items

            impl #owner {
                #storage
                pub const STORAGE: usize = STORAGE;
                #workspace
                pub const WORKSPACE: usize = WORKSPACE;
                #check

                #in_docs
                pub fn new_in<'a>(storage: &'a mut [#real] #(, #argument: #ty)*) -> Result<#handle<'a>, #error> {
                    #handle::new_in(storage #(, #argument)*)
                }
            }
        }
    }

    /// Docs, method, argument, type, whether it borrows, and the field with its value, for everything that can be set.
    #[allow(clippy::type_complexity)]
    fn settings(&self) -> Vec<(String, Ident, Ident, TokenStream, bool, TokenStream)> {
        let real = self.options.precision.tokens();
        let mut settings = Vec::new();
        for named in self.defaulted() {
            let (field, shape) = (&named.field, named.of.shape);
            let own = named.of.docs.trim().replace('\n', " ");
            let own = if own.is_empty() { own } else { format!(" {own}") };
            let default = match named.of.default.as_deref() {
                Some([value]) => format!(", {value:?} by default"),
                _ => String::new(),
            };
            let docs = format!("Sets `{}`, `{shape}`{default}.{own}", named.of.name);
            let (ty, borrows) =
                if shape == Shape::Scalar { (quote!(#real), false) } else { (quote!(&'a [#real]), true) };
            let argument = named.argument;
            let value = quote!(#field: #argument);
            settings.push((docs, named.with, argument, ty, borrows, value));
        }
        let (default, digits) =
            (self.default_tol(), if self.options.precision == Precision::F64 { "f64" } else { "f32" });
        let docs = format!("Sets the tolerance, {default:e} by default ({digits}).");
        settings.push((docs, format_ident!("with_tol"), format_ident!("tol"), quote!(f64), false, quote!(tol)));
        if !self.plan.spec.settings.exact_steps {
            let docs = format!("Sets the limit of steps, {} by default.", self.plan.spec.settings.max_iter);
            let name = format_ident!("max_iter");
            settings.push((docs, format_ident!("with_max_iter"), name, quote!(u64), false, quote!(max_iter)));
        }
        for named in self.outputs() {
            if named.of.start.is_some() {
                let docs = format!("Sets a point to start from: `{}`, `{}`.", named.of.name, named.of.shape);
                let field = named.field;
                let (ty, borrows) =
                    if named.of.shape == Shape::Scalar { (quote!(#real), false) } else { (quote!(&'a [#real]), true) };
                let value = quote!(#field: Some(start));
                settings.push((docs, named.with, format_ident!("start"), ty, borrows, value));
            }
        }
        settings
    }

    fn default_tol(&self) -> f64 {
        self.plan.spec.settings.tol.unwrap_or(match self.options.precision {
            Precision::F64 => 1e-8,
            Precision::F32 => 1e-5,
        })
    }

    /// The arguments of `solve_into` behind the params: the unknowns, and memory.
    fn memory_arguments(&self, outputs: &[Named<'a, Output>]) -> Vec<(Ident, TokenStream)> {
        let real = self.options.precision.tokens();
        let mut arguments: Vec<(Ident, TokenStream)> = outputs
            .iter()
            .map(|n| {
                let ty = if n.of.shape == Shape::Scalar { quote!(&mut #real) } else { quote!(&mut [#real]) };
                (n.argument.clone(), ty)
            })
            .collect();
        arguments.push((format_ident!("workspace"), quote!(&mut [#real])));
        if self.plan.check_len > 0 {
            arguments.push((format_ident!("check"), quote!(&mut [f64])));
        }
        arguments
    }

    fn solution(&self, solution: &Ident, certificate: &Ident) -> TokenStream {
        let real = self.options.precision.tokens();
        let answer_docs = docs(&format!("An answer to `{}`.", self.plan.spec.name));
        let fields = self.solution_fields().into_iter().map(|(field, output)| {
            let layout = if matches!(output.shape, Shape::Matrix(..)) { ", row-major" } else { "" };
            let own = output.docs.trim();
            let own = if own.is_empty() { String::new() } else { format!("\n\n{own}") };
            let docs = docs(&format!("The unknown `{}`, `{}`{layout}.{own}", output.name, output.shape));
            let ty = if output.shape == Shape::Scalar { quote!(#real) } else { quote!(alloc::vec::Vec<#real>) };
            quote!(#docs pub #field: #ty)
        });
        quote! {
            #answer_docs
            #[derive(Clone, Debug, PartialEq)]
            pub struct #solution {
                #(#fields,)*
                /// What may be claimed.
                pub status: runtime::Status,
                /// The objective as the problem wrote it.
                pub objective: f64,
                /// A proven bound in the same units: the optimum is no less (no more, where the problem maximises). NaN where nothing is known.
                pub bound: f64,
                /// Objective less bound, relative to the size of the objective; +∞ where nothing is known.
                pub gap: f64,
                /// What is shown.
                pub certificate: #certificate,
                /// The fixed-point residual where that is what is shown, else +∞.
                pub residual: f64,
                /// The largest violation of a constraint, relative to its own terms.
                pub violation: f64,
                /// Steps done.
                pub iterations: u64,
                /// No further progress was made at this precision.
                pub stalled: bool,
            }
        }
    }

    /// Fields of the unknowns: their names, with `_` where a number of the report has that name.
    fn solution_fields(&self) -> Vec<(Ident, &'a Output)> {
        let mut scope = Scope::new(FIELDS);
        self.plan.spec.outputs.iter().map(|output| (scope.name(&output.canonical), output)).collect()
    }

    /// Statics for defaults that are arrays.
    fn default_arrays(&self) -> Vec<TokenStream> {
        let real = self.options.precision.tokens();
        let arrays = self.defaulted().into_iter().filter(|n| n.of.shape != Shape::Scalar).map(|named| {
            let (name, values) = (default_name(&named), named.of.default.as_deref().unwrap_or(&[]));
            let (len, values) = (size(values.len()), numbers(values, self.options.precision));
            let docs = docs(&format!("`{}` where none is given.", named.of.name));
            quote!(#docs static #name: [#real; #len] = #values;)
        });
        arrays.collect()
    }

    /// The borrowed solver with its settings.
    fn handle(&self) -> TokenStream {
        let Types { handle, error, solution, report, owner, .. } = &self.types;
        let spec = self.plan.spec;
        let real = self.options.precision.tokens();
        let (consts, params, outputs) = (self.consts(), self.params(), self.outputs());
        let mut fields = Vec::new();
        let mut values = Vec::new();
        for named in self.defaulted() {
            let field = &named.field;
            if named.of.shape == Shape::Scalar {
                let value = named.of.default.as_deref().and_then(<[f64]>::first).copied().unwrap_or(0.0);
                let value = number(value, self.options.precision).tokens;
                fields.push(quote!(#field: #real));
                values.push(quote!(#field: #value));
            } else {
                let name = default_name(&named);
                fields.push(quote!(#field: &'a [#real]));
                values.push(quote!(#field: &#name));
            }
        }
        for named in &outputs {
            let field = &named.field;
            if named.of.start.is_some() {
                let ty = if named.of.shape == Shape::Scalar { quote!(#real) } else { quote!(&'a [#real]) };
                fields.push(quote!(#field: Option<#ty>));
                values.push(quote!(#field: None));
            }
        }
        let tol = Literal::f64_unsuffixed(self.default_tol());
        let tol = format!("{:?}", self.default_tol()).parse::<Literal>().unwrap_or(tol);
        let max_iter = Literal::u64_unsuffixed(spec.settings.max_iter);
        let withs = self.settings().into_iter().map(|(text, name, argument, ty, _, value)| {
            let docs = docs(&text);
            quote! {
                #docs
                pub fn #name(self, #argument: #ty) -> Self {
                    Self { #value, ..self }
                }
            }
        });

        let (argument, ty): (Vec<_>, Vec<_>) =
            consts.iter().map(|n| (&n.argument, self.argument_type(n.of.shape))).unzip();
        let bind = self.bind_consts();
        let setup = (!self.plan.block(BlockKind::Setup).is_empty()).then(|| quote!(setup(storage);));
        let check_setup =
            (self.plan.check_len == 0 && self.plan.has_check_setup()).then(|| quote!(check_setup(storage);));
        let new_docs = docs(&format!(
            "Makes a solver in the caller's memory, of at least [`{owner}::STORAGE`] numbers.{}",
            self.argument_list(&consts, &[])
        ));

        let (param, param_ty): (Vec<_>, Vec<_>) =
            params.iter().map(|n| (&n.argument, self.argument_type(n.of.shape))).unzip();
        let solve_docs = docs(&format!("Solves.{}", self.argument_list(&params, &[])));
        let into_docs = docs(&format!(
            "Solves without allocating. The memory to work in has [`{owner}::WORKSPACE`] numbers.{}",
            self.argument_list(&params, &outputs)
        ));
        let into = self.memory_arguments(&outputs);
        let into_args = into.iter().map(|(name, ty)| quote!(#name: #ty));
        let into_body = self.solve_into_body(&params, &outputs);

        let new_outputs = outputs.iter().map(|n| {
            let (name, len) = (&n.argument, size(n.of.shape.len()));
            if n.of.shape == Shape::Scalar {
                quote!(let mut #name = 0.0;)
            } else {
                quote!(let mut #name = alloc::vec![0.0; #len];)
            }
        });
        let pass_outputs = outputs.iter().map(|n| &n.argument);
        let check_memory = (self.plan.check_len > 0).then(|| quote!(let mut check = alloc::vec![0.0; CHECK];));
        let pass_check = (self.plan.check_len > 0).then(|| quote!(, &mut check));
        let solution_fields = self.solution_fields().into_iter().zip(&outputs).map(|((field, _), n)| {
            let name = &n.argument;
            if field == *name { quote!(#field) } else { quote!(#field: #name) }
        });
        let solve = self.with_heap(
            quote! {
                impl #handle<'_> {
                    #solve_docs
                    pub fn solve(&self #(, #param: #param_ty)*) -> Result<#solution, #error> {
                        #(#new_outputs)*
                        let mut workspace = alloc::vec![0.0; WORKSPACE];
                        #check_memory
                        let report = self.solve_into(#(#param,)* #(&mut #pass_outputs,)* &mut workspace #pass_check)?;
                        Ok(#solution {
                            #(#solution_fields,)*
                            status: report.status,
                            objective: report.objective,
                            bound: report.bound,
                            gap: report.gap,
                            certificate: report.certificate,
                            residual: report.residual,
                            violation: report.violation,
                            iterations: report.iterations,
                            stalled: report.stalled,
                        })
                    }
                }
            },
            quote!(),
        );
        let docs =
            docs(&format!("A solver of `{}` with its settings, in memory that is borrowed. Cheap to copy.", spec.name));
        quote! {
            #docs
            #[derive(Clone, Copy)]
            pub struct #handle<'a> {
                storage: &'a [#real; STORAGE],
                #(#fields,)*
                tol: f64,
                max_iter: u64,
            }

            impl<'a> #handle<'a> {
                #new_docs
                pub fn new_in(storage: &'a mut [#real] #(, #argument: #ty)*) -> Result<Self, #error> {
                    let storage = room::<_, STORAGE>("storage", storage)?;
                    #bind
                    #setup
                    #check_setup
                    Ok(Self::over(storage))
                }

                /// The default settings over a solver's memory.
                fn over(storage: &'a [#real; STORAGE]) -> Self {
                    Self { storage, #(#values,)* tol: #tol, max_iter: #max_iter }
                }

                #(#withs)*

                #into_docs
                pub fn solve_into(&self #(, #param: #param_ty)* #(, #into_args)*) -> Result<#report, #error> {
                    #into_body
                }
            }

            #solve

            impl ::core::fmt::Debug for #handle<'_> {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.debug_struct(::core::stringify!(#handle))
                        .field("tol", &self.tol)
                        .field("max_iter", &self.max_iter)
                        .finish_non_exhaustive()
                }
            }
        }
    }

    /// `accept(…)?;` for an argument.
    fn accept(&self, input: &Input, data: &TokenStream, scratch: &TokenStream) -> TokenStream {
        let (name, shape) = (&input.name, input.shape.to_string());
        let (rows, cols) = input.shape.rows_cols();
        let (rows, cols) = (size(rows), size(cols));
        let domains = input.domains.iter().map(domain);
        let psd = input.domains.contains(&Domain::Psd);
        let scratch = if psd { scratch.clone() } else { quote!(&mut []) };
        let infinite = input.allow_infinite;
        quote!(accept((#name, #shape), (#rows, #cols), #data, &[#(#domains),*], #infinite, #scratch)?;)
    }

    /// Checks the consts and writes them and all tables to the storage.
    fn bind_consts(&self) -> TokenStream {
        let plan = &self.plan;
        let mut code = TokenStream::new();
        for named in self.consts() {
            let name = &named.argument;
            let data = if named.of.shape == Shape::Scalar { quote!(&[#name]) } else { quote!(#name) };
            let from = size(plan.scratch);
            code.extend(self.accept(named.of, &data, &quote!(&mut storage[#from..])));
        }
        for (named, home) in self.names().0.iter().zip(&plan.homes) {
            let Some(start) = *home else { continue };
            let (from, to) = (size(start), size(start + named.of.shape.len()));
            let name = &named.argument;
            match &named.of.default {
                Some(values) => code.extend(write_numbers(&quote!(storage), start, values, self.options.precision)),
                None if named.of.shape == Shape::Scalar => code.extend(quote!(storage[#from] = #name;)),
                None => code.extend(quote!(storage[#from..#to].copy_from_slice(#name);)),
            }
        }
        code.extend(self.tables(&plan.solver, &quote!(storage)));
        if self.options.precision == Precision::F64 {
            code.extend(self.tables(&plan.check, &quote!(storage)));
        }
        code
    }

    fn tables(&self, memory: &Memory<'_>, array: &TokenStream) -> TokenStream {
        let mut code = TokenStream::new();
        for (buffer, slot) in memory.program.buffers.iter().zip(&memory.slots) {
            if let Role::Table(values) = &buffer.role {
                code.extend(write_numbers(array, slot.start, values, memory.precision));
            }
        }
        code
    }

    fn solve_into_body(&self, params: &[Named<'a, Input>], outputs: &[Named<'a, Output>]) -> TokenStream {
        let plan = &self.plan;
        let spec = plan.spec;
        let single = plan.check_len == 0;
        let mut code = quote! {
            tolerance(self.tol)?;
            let workspace = room::<_, WORKSPACE>("workspace", workspace)?;
        };
        if !single {
            code.extend(quote!(let check = room::<_, CHECK>("check", check)?;));
        }
        let defaulted = self.defaulted();
        // The params in the order declared: what is given and what has a default.
        let mut data: Vec<(&Input, TokenStream)> = Vec::new();
        for named in params {
            let name = &named.argument;
            let value = if named.of.shape == Shape::Scalar { quote!(&[#name]) } else { quote!(#name) };
            data.push((named.of, value));
        }
        for named in &defaulted {
            let field = &named.field;
            let value = if named.of.shape == Shape::Scalar { quote!(&[self.#field]) } else { quote!(self.#field) };
            data.push((named.of, value));
        }
        for (input, value) in &data {
            code.extend(self.accept(input, value, &quote!(&mut workspace[..])));
        }
        for named in outputs {
            let (field, name, shape) = (&named.field, &named.of.name, named.of.shape.to_string());
            let (rows, cols) = named.of.shape.rows_cols();
            let (rows, cols) = (size(rows), size(cols));
            if named.of.start.is_some() {
                let start = if named.of.shape == Shape::Scalar { quote!(&[start]) } else { quote!(start) };
                code.extend(quote! {
                    if let Some(start) = self.#field {
                        accept((#name, #shape), (#rows, #cols), #start, &[], false, &mut [])?;
                    }
                });
            }
            if named.of.shape != Shape::Scalar {
                let (argument, len) = (&named.argument, size(named.of.shape.len()));
                code.extend(quote!(output((#name, #shape), #len, #argument)?;));
            }
        }
        code.extend(quote!(workspace.fill(0.0);));
        if !single {
            code.extend(quote!(check.fill(0.0);));
        }
        for (input, value) in &data {
            if let Some(id) = input.buffer {
                code.extend(self.copy_in(input.shape, &plan.solver, id, value, false));
            }
            if let Some(id) = input.check_buffer {
                code.extend(self.copy_in(input.shape, &plan.check, id, value, !single));
            }
        }
        if !single {
            // The check has its own constants, widened.
            for ((input, home), named) in spec.inputs.iter().zip(&plan.homes).zip(self.names().0) {
                if let (Some(start), Some(id)) = (home, named.of.check_buffer) {
                    let (from, to) = (size(*start), size(start + input.shape.len()));
                    code.extend(self.copy_in(
                        Shape::Vector(input.shape.len()),
                        &plan.check,
                        id,
                        &quote!(&self.storage[#from..#to]),
                        true,
                    ));
                }
            }
            code.extend(self.tables(&plan.check, &quote!(check)));
            code.extend(plan.has_check_setup().then(|| quote!(check_setup(check);)));
        }
        let tol = size(plan.check.start(spec.report.tol));
        code.extend(if single { quote!(workspace[#tol] = self.tol;) } else { quote!(check[#tol] = self.tol;) });
        let has_start = spec.signals.has_start.map(|view| {
            let at = size(plan.solver.start(view));
            quote!(workspace[#at] = 1.0;)
        });
        for named in outputs {
            let Some(start) = named.of.start else { continue };
            let field = &named.field;
            let (from, to) = (size(plan.solver.start(start)), size(plan.solver.start(start) + start.len));
            let write = if named.of.shape == Shape::Scalar {
                quote!(workspace[#from] = start;)
            } else {
                quote!(workspace[#from..#to].copy_from_slice(start);)
            };
            code.extend(quote!(if let Some(start) = self.#field { #write #has_start }));
        }
        let check = (!single).then(|| quote!(, check));
        code.extend(quote! {
            let mut solve = Solve { storage: self.storage, workspace #check, resumed: false };
            let report = run(&mut solve, self.tol, self.max_iter);
        });
        for named in outputs {
            let (argument, start) = (&named.argument, plan.solver.start(named.of.view));
            let (from, to) = (size(start), size(start + named.of.view.len));
            if named.of.shape == Shape::Scalar {
                code.extend(quote!(*#argument = solve.workspace[#from];));
            } else {
                code.extend(quote!(#argument.copy_from_slice(&solve.workspace[#from..#to]);));
            }
        }
        code.extend(quote!(Ok(report)));
        code
    }

    /// Copies an argument to its buffer; `widen` says from f32 to f64.
    fn copy_in(
        &self,
        shape: Shape,
        memory: &Memory<'_>,
        id: BufferId,
        value: &TokenStream,
        widen: bool,
    ) -> TokenStream {
        let slot = &memory.slots[id.0 as usize];
        let array = match (widen, slot.area) {
            (true, _) => quote!(check),
            (false, _) => quote!(workspace),
        };
        let (from, to) = (size(slot.start), size(slot.start + shape.len()));
        if widen {
            return quote! {
                for (to, &from) in check[#from..#to].iter_mut().zip(#value) {
                    *to = f64::from(from);
                }
            };
        }
        quote!(#array[#from..#to].copy_from_slice(#value);)
    }

    /// The state of one solve: it runs the blocks and the check.
    fn solve_state(&self) -> TokenStream {
        let plan = &self.plan;
        let spec = plan.spec;
        let real = self.options.precision.tokens();
        let single = plan.check_len == 0;
        let signal = |view: View| self.read(&plan.solver, view, &quote!(self.storage), &quote!(self.workspace), true);
        let [objective, measure, scale, kept] =
            [spec.signals.objective, spec.signals.measure, spec.signals.scale, spec.signals.kept].map(signal);
        let epsilon = match self.options.precision {
            Precision::F64 => quote!(f64::EPSILON),
            Precision::F32 => quote!(f64::from(f32::EPSILON)),
        };
        let memory = if single { quote!(self.workspace) } else { quote!(self.check) };
        let report = |view: View| self.read(&plan.check, view, &quote!(self.storage), &memory, false);
        let found = &spec.report;
        let numbers = [
            ("objective", found.objective),
            ("bound", found.bound),
            ("gap", found.gap),
            ("leftover", found.leftover),
            ("residual", found.residual),
            ("violation", found.violation),
            ("slackness", found.slackness),
            ("rounding", found.rounding),
            ("disagreement", found.disagreement),
        ];
        let flags =
            [("contradiction", found.contradiction), ("infeasible", found.infeasible), ("unbounded", found.unbounded)];
        let field = |(name, view): (&str, View)| {
            let (name, value) = (format_ident!("{name}"), report(view));
            quote!(#name: #value)
        };
        let (numbers, flags) = (numbers.map(field), flags.map(field));
        let point = spec.outputs.iter().map(|output| {
            let start = plan.solver.start(output.view);
            let (from, to) = (size(start), size(start + output.view.len));
            let at = plan.check.start(output.check_view);
            let (check_from, check_to) = (size(at), size(at + output.check_view.len));
            if single {
                let (from, to) = (size(start), size(start + output.view.len));
                quote!(self.workspace.copy_within(#from..#to, #check_from);)
            } else {
                quote! {
                    for (to, &from) in self.check[#check_from..#check_to].iter_mut().zip(&self.workspace[#from..#to]) {
                        *to = f64::from(from);
                    }
                }
            }
        });
        let finite = spec.outputs.iter().map(|output| {
            let start = plan.solver.start(output.view);
            let (from, to) = (size(start), size(start + output.view.len));
            quote!(self.workspace[#from..#to].iter().all(|value| value.is_finite()))
        });
        let run_check = if single { quote!(check(self.storage, self.workspace);) } else { quote!(check(self.check);) };
        let check_field = (!single).then(|| quote!(check: &'a mut [f64; CHECK],));
        let call = |kind: BlockKind| {
            let name = format_ident!("{}", kind.name());
            (!plan.block(kind).is_empty()).then(|| quote!(#name(self.storage, self.workspace);))
        };
        let prepare = call(BlockKind::Prepare).map(|call| quote!(if !self.resumed { #call }));
        let (step, stop, finish) = (call(BlockKind::Step), call(BlockKind::Stop), call(BlockKind::Finish));
        quote! {
            /// A solve under way.
            struct Solve<'a> {
                storage: &'a [#real; STORAGE],
                workspace: &'a mut [#real; WORKSPACE],
                #check_field
                /// The state of the run before is kept.
                resumed: bool,
            }

            impl runtime::Blocks for Solve<'_> {
                fn prepare(&mut self) { #prepare }
                fn step(&mut self) { #step }
                fn stop(&mut self) -> runtime::Measure {
                    #stop
                    runtime::Measure { objective: #objective, measure: #measure, scale: #scale }
                }
                fn finish(&mut self) { #finish }
            }

            impl runtime::Solve for Solve<'_> {
                fn resume(&mut self) {
                    self.resumed = true;
                }

                fn check(&mut self) -> runtime::Findings {
                    #(#point)*
                    #run_check
                    runtime::Findings { #(#numbers,)* #(#flags == 1.0,)* }
                }

                fn point_is_finite(&self) -> bool {
                    #(#finite)&&*
                }

                fn own_objective(&self) -> (f64, f64) {
                    (#kept, #epsilon)
                }
            }
        }
    }

    /// One number of a view, in f64.
    fn read(
        &self,
        memory: &Memory<'_>,
        view: View,
        storage: &TokenStream,
        workspace: &TokenStream,
        solver: bool,
    ) -> TokenStream {
        let at = size(memory.start(view));
        let array = match memory.slot(view).area {
            Area::Storage => storage,
            Area::Workspace => workspace,
        };
        if solver && self.options.precision == Precision::F32 {
            quote!(f64::from(#array[#at]))
        } else {
            quote!(#array[#at])
        }
    }

    fn blocks(&self) -> TokenStream {
        let plan = &self.plan;
        let comments = self.options.comments;
        let mut code = block_functions(&plan.solver, &plan.setup, comments);
        let single = plan.check_len == 0;
        let body = &plan.spec.check.program().blocks[BlockKind::Finish as usize];
        let docs = "The check: objective, bound, gap and violation from the problem as written, in f64.";
        let storage = single.then(|| (quote!(&[f64; STORAGE]), false));
        let workspace = if single { quote!(&mut [f64; WORKSPACE]) } else { quote!(&mut [f64; CHECK]) };
        code.extend(function(
            &plan.check,
            body,
            &Function { name: "check", docs, storage, workspace: Some(workspace), comments },
        ));
        if plan.has_check_setup() {
            let docs = "What the check needs that depends on the constants alone.";
            let storage = single.then(|| (quote!(&mut [f64; STORAGE]), true));
            let workspace = (!single).then(|| quote!(&mut [f64; CHECK]));
            let body = &plan.spec.check.program().blocks[BlockKind::Setup as usize];
            code.extend(function(
                &plan.check_setup,
                body,
                &Function { name: "check_setup", docs, storage, workspace, comments },
            ));
        }
        code
    }
}

/// The functions of the runtime that generated code calls by their name alone.
const HELPERS: [&str; 9] = ["accept", "output", "tolerance", "room", "part", "take", "total", "largest", "smallest"];

/// `use` lines for what `code` calls by its name alone.
pub(crate) fn imports(runtime: &TokenStream, code: &TokenStream) -> TokenStream {
    let mut mentioned = BTreeSet::new();
    collect(code, &mut mentioned);
    let helpers: Vec<Ident> =
        HELPERS.iter().filter(|name| mentioned.contains(**name)).map(|name| format_ident!("{name}")).collect();
    // Some are used only where there is a heap.
    let helpers = (!helpers.is_empty()).then(|| {
        quote! {
            #[allow(unused_imports)]
            use #runtime::generated::{#(#helpers),*};
        }
    });
    let float = mentioned.contains("Float").then(|| quote!(use #runtime::Float;));
    quote!(#float #helpers)
}

/// Every identifier of a piece of code.
pub(crate) fn collect(tokens: &TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) => {
                names.insert(ident.to_string());
            }
            TokenTree::Group(group) => collect(&group.stream(), names),
            _ => {}
        }
    }
}

/// The solve, with the problem's settings.
fn run(settings: &Settings) -> TokenStream {
    let claim = match settings.claim {
        Claim::Optimal => quote!(Optimal),
        Claim::Stationary => quote!(Stationary),
        Claim::Approximate => quote!(Approximate),
    };
    let check_every = Literal::u64_unsuffixed(settings.check_every);
    let (exact, early) = (settings.exact_steps, settings.early);
    quote! {
        /// Solves to the tolerance; what is claimed of the point is what the check allows.
        fn run(solve: &mut Solve<'_>, tol: f64, max_iter: u64) -> runtime::Summary {
            let limits =
                runtime::Limits { tol, max_iter, check_every: #check_every, exact_steps: #exact, early: #early };
            runtime::solve(solve, &limits, runtime::Claim::#claim, |_| runtime::Control::Continue)
        }
    }
}

/// A function for each block that has instructions.
fn block_functions(memory: &Memory<'_>, for_setup: &Memory<'_>, comments: bool) -> TokenStream {
    let real = memory.precision.tokens();
    let mut code = TokenStream::new();
    for (kind, docs) in [
        (BlockKind::Setup, "What depends on the constants alone."),
        (BlockKind::Prepare, "What depends on the parameters, and the starting point."),
        (BlockKind::Step, "One iteration."),
        (BlockKind::Stop, "Measures the iterate and keeps the best one."),
        (BlockKind::Finish, "What is left to do for the answer."),
    ] {
        let body = &memory.program.blocks[kind as usize];
        if body.is_empty() {
            continue;
        }
        let setup = kind == BlockKind::Setup;
        let storage = if setup { quote!(&mut [#real; STORAGE]) } else { quote!(&[#real; STORAGE]) };
        let workspace = (!setup).then(|| quote!(&mut [#real; WORKSPACE]));
        let form = Function { name: kind.name(), docs, storage: Some((storage, setup)), workspace, comments };
        code.extend(function(if setup { for_setup } else { memory }, body, &form));
    }
    code
}

/// The blocks of a program as public functions, one for each kind, and the lengths of storage and workspace.
#[cfg(feature = "source")]
pub(crate) fn program_blocks(program: &Verified, precision: Precision) -> (TokenStream, usize, usize) {
    let memory = Memory::of(program, precision);
    let layout = Layout::of(program);
    let (for_setup, storage) = memory.for_setup(layout.storage_len());
    let real = precision.tokens();
    let functions = block_functions(&memory, &for_setup, true);
    let blocks = &memory.program.blocks;
    let run = BlockKind::ALL.into_iter().map(|kind| {
        let (name, public) = (format_ident!("{}", kind.name()), format_ident!("run_{}", kind.name()));
        let docs = docs(&format!("Runs the block `{}`.", kind.name()));
        let (parameters, arguments) = if kind == BlockKind::Setup {
            (quote!(storage: &mut [#real; STORAGE]), quote!(storage))
        } else {
            (quote!(storage: &[#real; STORAGE], workspace: &mut [#real; WORKSPACE]), quote!(storage, workspace))
        };
        let call = if blocks[kind as usize].is_empty() { quote!() } else { quote!(#name(#arguments);) };
        quote!(#docs pub fn #public(#parameters) { #call })
    });
    let code = quote!(#(#run)* #functions);
    (code, storage.max(1), layout.workspace_len().max(1))
}

/// `DEFAULT_w`
fn default_name(named: &Named<'_, Input>) -> Ident {
    format_ident!("DEFAULT_{}", named.of.canonical.to_ascii_uppercase())
}

/// Writes numbers that are known now.
fn write_numbers(array: &TokenStream, start: usize, values: &[f64], precision: Precision) -> TokenStream {
    let (from, to) = (size(start), size(start + values.len()));
    match values {
        [] => TokenStream::new(),
        [value] => {
            let value = number(*value, precision).tokens;
            quote!(#array[#from] = #value;)
        }
        [first, rest @ ..] if rest.iter().all(|v| v.to_bits() == first.to_bits()) => {
            let value = number(*first, precision).tokens;
            quote!(#array[#from..#to].fill(#value);)
        }
        _ => {
            let values = numbers(values, precision);
            quote!(#array[#from..#to].copy_from_slice(&#values);)
        }
    }
}

fn domain(domain: &Domain) -> TokenStream {
    let bound = |name: &str, c: f64| {
        let (name, c) = (format_ident!("{name}"), number(c, Precision::F64).tokens);
        quote!(runtime::domain::Domain::#name(#c))
    };
    match *domain {
        Domain::AtLeast(c) => bound("AtLeast", c),
        Domain::Above(c) => bound("Above", c),
        Domain::AtMost(c) => bound("AtMost", c),
        Domain::Below(c) => bound("Below", c),
        Domain::Symmetric => quote!(runtime::domain::Domain::Symmetric),
        Domain::Psd => quote!(runtime::domain::Domain::Psd),
        Domain::Nonzero => quote!(runtime::domain::Domain::Nonzero),
    }
}

/// Puts an attribute before every item: items end at a `;` or a brace group at the top level.
fn gate_items(items: TokenStream, attribute: &TokenStream) -> TokenStream {
    let mut gated = TokenStream::new();
    let mut starts = true;
    for token in items {
        if starts {
            gated.extend(attribute.clone());
        }
        starts = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Brace,
            _ => false,
        };
        gated.extend(token.to_token_stream());
    }
    gated
}
