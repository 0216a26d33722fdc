//! What compiled code needs from the host: functions, reached through pointers, and the kernel calls by index.
#![allow(unsafe_code, reason = "functions that compiled code calls with raw pointers")]

use crate::Error;
use sparsec_program::layout::{Layout, Region};
use sparsec_program::program::{KernelCall, View};
use sparsec_runtime::kernels::MOST_ARGUMENTS;
use sparsec_runtime::{Float, Kernel};
use std::mem::offset_of;

/// A block's function; the memories are those of the program's layout.
pub(super) type BlockFn<T> = unsafe extern "C" fn(storage: *mut T, workspace: *mut T, context: *const Context<T>);

type KernelFn<T> = unsafe extern "C" fn(context: *const Context<T>, index: usize, storage: *mut T, workspace: *mut T);

/// The last argument of every block's function. The code reads the functions at the offsets below.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Context<T> {
    kernel: KernelFn<T>,
    exp: extern "C" fn(T) -> T,
    log: extern "C" fn(T) -> T,
    log1p: extern "C" fn(T) -> T,
    sites: Box<[Site]>,
}

/// Offsets of the functions in a [`Context`], which are the same for all element types.
pub(super) const KERNEL: i32 = offset_of!(Context<f64>, kernel) as i32;
pub(super) const EXP: i32 = offset_of!(Context<f64>, exp) as i32;
pub(super) const LOG: i32 = offset_of!(Context<f64>, log) as i32;
pub(super) const LOG1P: i32 = offset_of!(Context<f64>, log1p) as i32;

/// One kernel call of the program.
#[derive(Debug)]
struct Site {
    kernel: Kernel,
    dims: Box<[usize]>,
    inputs: Box<[Span]>,
    outputs: Box<[Span]>,
}

/// A view in its memory.
#[derive(Clone, Copy, Debug)]
struct Span {
    region: Region,
    start: usize,
    len: usize,
}

impl<T: Float> Context<T> {
    /// The context of code that makes these calls.
    pub fn new(calls: &[&KernelCall], layout: &Layout) -> Result<Self, Error> {
        let sites = calls.iter().map(|call| Site::new(call, layout)).collect::<Result<_, _>>()?;
        Ok(Context { kernel: kernel_entry::<T>, exp: exp::<T>, log: log::<T>, log1p: log1p::<T>, sites })
    }
}

impl Site {
    fn new(call: &KernelCall, layout: &Layout) -> Result<Self, Error> {
        let spans = |views: &[View], lens: Option<sparsec_runtime::kernels::Lens>| -> Option<Box<[Span]>> {
            let fits = lens.is_some_and(|lens| lens.iter().copied().eq(views.iter().map(|v| v.len)));
            (fits && views.len() <= MOST_ARGUMENTS).then(|| views.iter().map(|&v| Span::new(v, layout)).collect())
        };
        let inputs = spans(&call.inputs, call.kernel.input_lens(&call.dims));
        let outputs = spans(&call.outputs, call.kernel.output_lens(&call.dims));
        match (inputs, outputs) {
            (Some(inputs), Some(outputs)) => {
                Ok(Site { kernel: call.kernel, dims: call.dims.as_slice().into(), inputs, outputs })
            }
            _ => Err(Error::Internal(format!("arguments of kernel {}", call.kernel))),
        }
    }
}

impl Span {
    fn new(view: View, layout: &Layout) -> Self {
        let (region, start) = layout.place_view(view);
        Span { region, start, len: view.len }
    }

    /// Its first element.
    ///
    /// # Safety
    /// The memories are those of the layout that the span was made with.
    unsafe fn pointer<T>(self, storage: *mut T, workspace: *mut T) -> *mut T {
        let base = match self.region {
            Region::Storage => storage,
            Region::Workspace => workspace,
        };
        // SAFETY: the span lies within its memory.
        unsafe { base.add(self.start) }
    }
}

/// Calls a kernel.
///
/// # Safety
/// `context` is that of the calling code, `index` one of its calls, and the memories are the ones that the code was called
/// with.
unsafe extern "C" fn kernel_entry<T: Float>(
    context: *const Context<T>,
    index: usize,
    storage: *mut T,
    workspace: *mut T,
) {
    // SAFETY: the context outlives every run of the code, and nobody changes it.
    let site = unsafe { &(*context).sites[index] };
    let mut inputs: [&[T]; MOST_ARGUMENTS] = [&[]; MOST_ARGUMENTS];
    let mut outputs: [&mut [T]; MOST_ARGUMENTS] = std::array::from_fn(|_| &mut [][..]);
    for (slice, span) in inputs.iter_mut().zip(&site.inputs) {
        // SAFETY: the layout keeps the span within its memory, whose elements are all initialised; no output of the call
        // overlaps it (a rule of the verifier), and nothing else touches the memories during the call.
        *slice = unsafe { std::slice::from_raw_parts(span.pointer(storage, workspace), span.len) };
    }
    for (slice, span) in outputs.iter_mut().zip(&site.outputs) {
        // SAFETY: as above; no two outputs overlap, and only `setup`, which may write the storage, has outputs there.
        *slice = unsafe { std::slice::from_raw_parts_mut(span.pointer(storage, workspace), span.len) };
    }
    let (inputs, outputs) = (&inputs[..site.inputs.len()], &mut outputs[..site.outputs.len()]);
    site.kernel.call(&site.dims, inputs, outputs);
}

extern "C" fn exp<T: Float>(x: T) -> T {
    x.exp()
}

extern "C" fn log<T: Float>(x: T) -> T {
    x.ln()
}

extern "C" fn log1p<T: Float>(x: T) -> T {
    x.ln_1p()
}
